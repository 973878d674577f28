"""Labels: give every draw's components the names that they have in one reference draw."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from mixtura.covariance import axes
from mixtura.model import GaussianMixture
from mixtura.multivariate.records import Params as RowParams
from mixtura.params import Floats, Params
from mixtura.posterior.variables import Draws

Order = NDArray[np.intp]
BLOCK = 256  # draws of matrices that are looked at together
FEW = 5  # components whose every permutation is tried: sooner done than scipy.optimize is imported


def by_pivot(params: Draws, density: Floats, n: float) -> Order:
    """Orders (c, s, k) that match each draw to the one of highest density, and then sort components by mean.

    The match is the optimal assignment (Marin, Mengersen & Robert 2005, section 3.1, with another distance) under the
    complete-data Fisher information of n points at the pivot, the metric in which the pivot's posterior is round.
    Names follow the mean of the (first) feature.

    Parameters
    ----------
    params : Params
        Draws (c, s, k).
    density : array (c, s)
        Log density of each in coordinates where a component on a single point is no peak, as in `unconstrained`.
    n : float
        Number of points.
    """
    k = params.weights.shape[-1]
    best = int(np.argmax(density))
    cost, means, sizes = _of_rows(params, best) if isinstance(params, RowParams) else _of_line(params, best)
    weights = params.weights.reshape(-1, k).T  # (k, s): long rows are fast
    for j in range(k):
        weight = max(weights[j, best], 1.0 / n)
        cost[j] = n * (weight * cost[j] + (weights - weights[j, best]) ** 2 / weight)
    orders: Order = np.argmin(cost, axis=1).T.copy()
    unsettled = np.flatnonzero((np.sort(orders, axis=1) != np.arange(k)).any(1))  # two labels want one component
    orders[unsettled] = assignments(cost[:, :, unsettled])
    own = orders.T
    sequence = left_to_right(np.take_along_axis(means, own, 0), np.take_along_axis(sizes, own, 0))
    return orders[:, sequence].reshape(params.weights.shape)


def _of_line(params: Params, best: int) -> tuple[Floats, Floats, Floats]:
    """Squared distances (pivot's component, component, s), d mean**2 / scale**2 + 2 (d log scale)**2; means, sizes."""
    k = params.means.shape[-1]
    means, scales = (block.reshape(-1, k).T for block in params[1:3])
    logs = np.log(scales)
    distance = np.empty((k, k, means.shape[1]))
    for j in range(k):
        distance[j] = ((means - means[j, best]) / scales[j, best]) ** 2 + 2 * (logs - logs[j, best]) ** 2
    return distance, means, logs


def _of_rows(params: RowParams, best: int) -> tuple[Floats, Floats, Floats]:
    """Squared distances (pivot's component, component, s), means of the first feature, log determinants.

    |P d mean|**2 + 2 sum (log M_ii)**2 + sum M_ij**2 (j < i), P the inverse of the pivot's Cholesky factor and M = P L:
    log-Cholesky coordinates in which the pivot is 0. The squares of M sum to the trace of P'P times the covariance, so
    M itself is never made.
    """
    k, d = params.means.shape[-2:]
    means, factors = params.means.reshape(-1, k, d), params.factors.reshape(-1, k, d, d)
    logs = np.log(np.diagonal(factors, axis1=-2, axis2=-1))
    inverse = np.linalg.inv(factors[best])
    precisions = (inverse.swapaxes(-1, -2) @ inverse).reshape(k, d * d)
    distance = np.empty((k, k, len(means)))
    for first in range(0, len(means), BLOCK):
        part = slice(first, first + BLOCK)
        squares = (factors[part] @ factors[part].swapaxes(-1, -2)).reshape(-1, k, d * d) @ precisions.T
        for j in range(k):
            apart, ratio = (means[part] - means[best, j]) @ inverse[j].T, logs[part] - logs[best, j]
            below = np.maximum(squares[..., j] - np.exp(2 * ratio).sum(-1), 0.0)
            distance[j, :, part] = ((apart**2 + 2 * ratio**2).sum(-1) + below).T
    return distance, means[..., 0].T, logs.sum(-1).T


def unconstrained(model: GaussianMixture, params: Draws, lp: Floats) -> Floats:
    """Log density (c, s) in coordinates of one volume everywhere, from `lp`, that of the declared parameters.

    Weights count by their logarithms and scales by theirs. A covariance matrix counts by |covariance|**(-(d+1)/2), the
    volume that no linear map of the features changes; log-Cholesky coordinates have it up to their factor's diagonal,
    each entry with a power of its own, which would make the pivot depend on the order of the features. Scales declared
    beside correlations are densities over d scales and a correlation matrix: the same volume, in those terms. Without
    these terms a component on a single point would be the highest peak.
    """
    total = lp + np.log(np.maximum(params.weights, 1e-300)).sum(-1)
    if not isinstance(params, RowParams):
        return np.asarray(total + np.log(params.scales).sum(-1), float)
    d, names = params.means.shape[-1], axes(model.covariance)
    own = slice(None) if "component" in names else slice(1)
    halves = np.log(np.diagonal(params.factors[..., own, :, :], axis1=-2, axis2=-1)).sum(-1)  # of log determinants
    if "feature" not in names:
        halves = halves / d
    if model.scales is None:
        power = d + 1 if "feature_bis" in names else 2
        return np.asarray(total + power * halves.sum(-1), float)
    widths = np.log(params.scales[..., own, :]).sum(-1) if "feature" in names else halves
    return np.asarray(total + (widths + (d + 1) * (halves - widths)).sum(-1), float)


def left_to_right(means: Floats, logs: Floats) -> Order:
    """Labels (k,) by mean; neighbours whose means (k, s) the draws cannot tell apart (1 sd) by scale, narrowest first.

    Else the names of concentric components would be a matter of chance, and two runs could not be compared.
    """
    sequence = np.argsort(means.mean(1), kind="stable")
    steps = np.diff(means[sequence], axis=0)
    rank = np.empty(len(means), np.intp)
    rank[sequence] = np.append(0, np.cumsum(steps.mean(1) > steps.std(1)))
    return np.lexsort((logs.mean(1), rank))


def assignments(cost: Floats) -> Order:
    """The component of each label (s, k), all different, for which the summed cost (label, component, s) is least.

    >>> assignments(np.array([[[1.0], [2.0]], [[1.0], [9.0]]]))
    array([[1, 0]])
    """
    k, _, draws = cost.shape
    if k <= FEW:
        every = np.array(list(permutations(range(k))))
        least: Order = every[np.argmin(cost[np.arange(k), every].sum(1), axis=0)]
        return least
    if not draws:
        return np.empty((0, k), np.intp)
    from scipy.optimize import linear_sum_assignment

    return np.array([linear_sum_assignment(cost[:, :, s])[1] for s in range(draws)])


def by_value(values: Floats) -> Order:
    """Orders (c, s, k) that sort a parameter in every draw."""
    return np.argsort(values, axis=-1, kind="stable")
