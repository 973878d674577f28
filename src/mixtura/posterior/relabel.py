"""Labels: give every draw's components the names that they have in one reference draw."""

from __future__ import annotations

from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from mixtura.params import Floats, Params

Order = NDArray[np.intp]
FEW = 5  # components whose every permutation is tried: sooner done than scipy.optimize is imported


def by_pivot(params: Params, lp: Floats, n: float) -> Order:
    """Orders (c, s, k) that match each draw to the one of highest density, and then sort components by mean.

    The match is the optimal assignment (Marin, Mengersen & Robert 2005, section 3.1, with another distance) under the
    complete-data Fisher information of n points at the pivot, the metric in which the pivot's posterior is round:
    n w (d mean**2 / scale**2 + 2 (d log scale)**2) + n (d w)**2 / w per component. The density is taken in the
    sampler's coordinates, where a component on a single point is no peak.

    Parameters
    ----------
    params : Params
        Draws (c, s, k).
    lp : array (c, s)
        Log density of each.
    n : float
        Number of points.
    """
    k = params.means.shape[-1]
    weights, means, scales = (block.reshape(-1, k).T for block in params[:3])  # (k, s): long rows are fast
    logs = np.log(scales)
    best = int(np.argmax(lp.reshape(-1) + logs.sum(0) + np.log(np.maximum(weights, 1e-300)).sum(0)))
    cost = np.empty((k, k, means.shape[1]))  # of giving a label to a component, in each draw
    for j in range(k):
        weight = max(weights[j, best], 1.0 / n)
        apart, ratio = (means - means[j, best]) / scales[j, best], logs - logs[j, best]
        cost[j] = n * (weight * (apart**2 + 2 * ratio**2) + (weights - weights[j, best]) ** 2 / weight)
    orders: Order = np.argmin(cost, axis=1).T.copy()
    unsettled = np.flatnonzero((np.sort(orders, axis=1) != np.arange(k)).any(1))  # two labels want one component
    orders[unsettled] = assignments(cost[:, :, unsettled])
    own = orders.T
    sequence = left_to_right(np.take_along_axis(means, own, 0), np.take_along_axis(logs, own, 0))
    return orders[:, sequence].reshape(params.means.shape)


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
