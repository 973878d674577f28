"""Labels: give components the names under which draws agree most on which of them each point comes from."""

from __future__ import annotations

from itertools import permutations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.posterior.variables import Draws
from mixtura.rows.records import Params as RowParams

Order = NDArray[np.intp]
BLOCK = 256  # draws of matrices that are multiplied together
SOME = 128  # draws of each chain with which the best start is looked for
LONG = 50  # steps, each of which lowers the loss: a dozen are many
SHARE = 1e-3  # of draws whose labels may still change where steps end
FEW = 5  # components whose every permutation is tried: sooner done than scipy.optimize is imported
FLAT = 1e-12  # the least eigenvalue of a correlation matrix that counts


class Components(NamedTuple):
    """Components of s draws, features first, so that everything is done along the draws; in units of their own.

    Attributes
    ----------
    weights : array (k, s)
    means : array (d, k, s)
    covariances : array (d * d, k, s)
    """

    weights: Floats
    means: Floats
    covariances: Floats

    def draws(self, which: Order) -> Components:
        """Some of the draws."""
        return Components(*(np.ascontiguousarray(block[..., which]) for block in self))

    @property
    def keys(self) -> tuple[Floats, Floats, Floats]:
        """What components (k, s) can be sorted by: weight, size (the sum of log variances), (first) mean."""
        return self.weights, np.log(self.covariances[:: len(self.means) + 1]).sum(0), self.means[0]


class Reference(NamedTuple):
    """One mixture that stands for all draws: weights (k,), means (k, d) and covariances (k, d, d) of its labels."""

    weights: Floats
    means: Floats
    covariances: Floats


def by_divergence(params: Draws) -> Order:
    """Orders (c, s, k) that minimise a loss over the posterior, labels in order of their posterior means.

    The loss is how far draws diverge (Kullback & Leibler) on average from one reference mixture, in what they say of a
    point together with its component. Stephens (2000) asks so of the component alone, given the points; here no point
    is looked at. Matching and averaging take turns: each draw is matched to the reference, which then becomes the
    mixture with the posterior means of weights and of first and second moments. Neither can raise the loss. Of two
    starts that with the lower one counts; neither depends on how the sampler had numbered components.

    Names follow the posterior mean of the mean of the (first) feature. Where it is the very same, as of means that are
    Fixed to one value, they follow size and then weight.

    Parameters
    ----------
    params : Params
        Draws (c, s, k).
    """
    c, s, k = params.weights.shape
    components = components_of(params)
    some = components.draws(np.arange(c * s).reshape(c, s)[:, :: max(1, s // SOME)].ravel())
    starts = [np.argsort(np.lexsort(keys, axis=0), axis=0) for keys in (some.keys, some.keys[::-1])]
    best, _ = min((settled(some, labels) for labels in starts), key=lambda found: found[1])
    labels, _ = settled(components, nearest(divergences(components, reference(some, best))))
    names, orders = np.argsort(in_order(components, labels)), np.empty_like(labels)
    np.put_along_axis(orders, names[labels], np.arange(k)[:, None], 0)
    return np.ascontiguousarray(orders.T).reshape(params.weights.shape)


def components_of(params: Draws) -> Components:
    """Draws (c, s, k) of a column or of rows, side by side."""
    k = params.weights.shape[-1]
    weights = np.ascontiguousarray(params.weights.reshape(-1, k).T)
    if not isinstance(params, RowParams):
        means, scales = (np.ascontiguousarray(block.reshape(-1, k).T) for block in params[1:3])
        unit = scales.mean()
        return Components(weights, ((means - means.mean()) / unit)[None], ((scales / unit) ** 2)[None])
    d = params.means.shape[-1]
    rows: Floats = params.means.reshape(-1, k, d)
    factors: Floats = params.factors.reshape(-1, k, d, d)
    units = np.sqrt((factors**2).sum(-1)).mean((0, 1))
    covariances = np.empty((d * d, k, len(factors)))
    for first in range(0, len(factors), BLOCK):
        part = factors[first : first + BLOCK] / units[:, None]
        products = (part @ part.swapaxes(-1, -2)).reshape(-1, k, d * d)
        covariances[..., first : first + BLOCK] = products.transpose(2, 1, 0)
    apart = (rows - rows.mean((0, 1))) / units
    return Components(weights, np.ascontiguousarray(apart.transpose(2, 1, 0)), covariances)


def settled(components: Components, labels: Order) -> tuple[Order, float]:
    """Labels (k, s) of components that their own reference gives back, and the loss up to a constant."""
    for _ in range(LONG):
        cost = divergences(components, reference(components, labels))
        before, labels = labels, nearest(cost)
        if (before != labels).any(0).mean() < SHARE:
            break
    return labels, float(np.take_along_axis(cost, labels[None], 0).sum() / labels.shape[1])


def reference(components: Components, labels: Order) -> Reference:
    """The mixture from which draws diverge least whose components have these labels (k, s)."""
    d, k, s = components.means.shape
    means, covariances = components.means.reshape(d, k * s), components.covariances.reshape(d * d, k * s)
    found = Reference(np.empty(k), np.empty((k, d)), np.empty((k, d, d)))
    for j in range(k):
        own = np.where(labels == j, components.weights, 0.0).ravel()
        total = max(float(own.sum()), 1e-300)  # weights may have come to 0
        own /= total
        found.weights[j] = total / s
        found.means[j] = np.einsum("an,n->a", means, own)
        apart = means - found.means[j, :, None]
        spread = np.einsum("an,bn->ab", apart * own, apart)  # so few and long that BLAS would wake threads for them
        found.covariances[j] = np.einsum("an,n->a", covariances, own).reshape(d, d) + spread
    return found


def divergences(components: Components, towards: Reference) -> Floats:
    """What each label costs each component in each draw (label, component, s), up to a constant of the component.

    Its weight times log |V| + tr(V**-1 covariance) + |V**(-1/2) (mean - centre)|**2 - 2 log(weight) of the label.
    """
    d, k, s = components.means.shape
    roots, logs = inverse_roots(towards.covariances)
    inverses = (roots.swapaxes(1, 2) @ roots).reshape(k, d * d)
    cost = times(inverses, components.covariances.reshape(d * d, k * s))
    means = components.means.reshape(d, k * s)
    for j in range(k):
        apart = times(roots[j], means)
        apart -= (roots[j] @ towards.means[j])[:, None]
        apart *= apart
        cost[j] += apart.sum(0)
        cost[j] += logs[j] - 2 * np.log(towards.weights[j])
    cost = cost.reshape(k, k, s)
    cost *= components.weights
    return cost


def inverse_roots(covariances: Floats) -> tuple[Floats, Floats]:
    """Matrices R (k, d, d), R'R the inverses of covariances, and the log determinants (k,) of these."""
    widths = np.sqrt(np.maximum(np.diagonal(covariances, axis1=1, axis2=2), 1e-300))
    values, vectors = np.linalg.eigh(covariances / widths[:, :, None] / widths[:, None])
    values = np.maximum(values, FLAT)
    roots = (vectors / np.sqrt(values)[:, None]).swapaxes(1, 2) / widths[:, None]
    return roots, 2 * np.log(widths).sum(1) + np.log(values).sum(1)


def times(left: Floats, right: Floats) -> Floats:
    """The product of matrices; of a column and a row ten times as fast as numpy's."""
    return left * right if len(right) == 1 else left @ right


def nearest(cost: Floats) -> Order:
    """Labels (k, s) of components, all different, for which the summed cost (label, component, s) is least."""
    k = len(cost)
    if k == 2:
        return assignments(cost.swapaxes(0, 1)).T
    least, labels = cost[0].copy(), np.zeros(cost.shape[1:], np.intp)
    for j in range(1, k):
        np.copyto(labels, j, where=cost[j] < least)
        np.minimum(least, cost[j], out=least)
    unsettled = np.zeros(cost.shape[2], bool)  # draws in which two components want one label
    for j in range(k):
        unsettled |= ~(labels == j).any(0)
    if unsettled.any():
        labels[:, unsettled] = assignments(cost[:, :, unsettled].swapaxes(0, 1)).T
    return labels


def in_order(components: Components, labels: Order) -> Order:
    """Labels (k,) by the posterior mean of their (first) mean; where that is the very same, by size, then weight."""
    return np.lexsort([np.bincount(labels.ravel(), values.ravel()) for values in components.keys])


def assignments(cost: Floats) -> Order:
    """The column of each row (s, k), all different, for which the summed cost (row, column, s) is least.

    >>> assignments(np.array([[[1.0], [2.0]], [[1.0], [9.0]]]))
    array([[1, 0]])
    """
    k, _, draws = cost.shape
    if k > FEW:
        from scipy.optimize import linear_sum_assignment

        return np.array([linear_sum_assignment(cost[:, :, s])[1] for s in range(draws)])
    every = np.array(list(permutations(range(k))))
    least, found = np.full(draws, np.inf), np.zeros(draws, np.intp)
    for number, columns in enumerate(every):
        total = sum(cost[row, column] for row, column in enumerate(columns))
        np.copyto(found, number, where=total < least)
        np.minimum(least, total, out=least)
    best: Order = every[found]
    return best


def by_value(values: Floats) -> Order:
    """Orders (c, s, k) that sort a parameter in every draw."""
    return np.argsort(values, axis=-1, kind="stable")
