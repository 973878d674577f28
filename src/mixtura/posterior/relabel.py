"""Labels: give every draw's components the names that they have in one reference draw."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mixtura.params import Floats, Params

Order = NDArray[np.intp]


def by_pivot(params: Params, lp: Floats, n: float) -> Order:
    """Orders (c, s, k) that match each draw to the one of highest density, itself sorted by means.

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
    from scipy.optimize import linear_sum_assignment

    k = params.means.shape[-1]
    weights, means, scales = (block.reshape(-1, k) for block in params[:3])
    flat = Params(weights, means, scales, params.rate.reshape(-1))
    with np.errstate(divide="ignore"):
        logs = np.log(flat.scales).sum(1) + np.log(np.maximum(flat.weights, 1e-300)).sum(1)
    best = int(np.argmax(lp.reshape(-1) + logs))
    pivot = Params(*(block[best] for block in flat)).permute(np.argsort(flat.means[best], kind="stable"))
    weight = np.maximum(pivot.weights, 1.0 / n)[:, None]
    apart = (flat.means[:, None, :] - pivot.means[:, None]) / pivot.scales[:, None]
    ratio = np.log(flat.scales[:, None, :] / pivot.scales[:, None])
    gained = flat.weights[:, None, :] - pivot.weights[:, None]
    cost = n * (weight * (apart**2 + 2 * ratio**2) + gained**2 / weight)
    orders = np.empty((len(cost), k), np.intp)
    nearest = np.argmin(cost, axis=2)
    settled = (np.sort(nearest, axis=1) == np.arange(k)).all(1)  # each label's nearest component is another one
    orders[settled] = nearest[settled]
    for s in np.flatnonzero(~settled):
        orders[s] = linear_sum_assignment(cost[s])[1]
    return orders.reshape(params.means.shape)


def by_value(values: Floats) -> Order:
    """Orders (c, s, k) that sort a parameter in every draw."""
    return np.argsort(values, axis=-1, kind="stable")
