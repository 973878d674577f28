"""Neighbouring cells become one, as wide as log p is smooth at the parameters that matter."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mixtura.line.compress.lanczos import gauss
from mixtura.line.compress.rules import Rules, occupied, within
from mixtura.line.compress.smoothness import ellipse, zeros_of
from mixtura.line.records import Params

NODES = 8  # of each merged cell
TOLERANCE = 1e-5  # nats per merged cell


def coarsen(rules: Rules, params: Params, tolerance: float = TOLERANCE) -> Rules:
    """Merge cells from left to right while the log-likelihood of what is merged stays within a tolerance.

    Parameters
    ----------
    rules : Rules
        Fine ones.
    params : Params
        Where the log-likelihood is to be right: (s, k), such as modes with draws about them; standardised units.
    tolerance : float
        Bound on the error of each merged cell, in nats.

    Returns
    -------
    Rules
        Cells of at most NODES nodes keep them as they are.
    """
    rules = occupied(rules)
    starts = _groups(rules, params, tolerance)
    low, high = rules.low[starts], rules.high[np.append(starts[1:], rules.low.size) - 1]
    used = rules.weights > 0
    x, weights = rules.x[used], rules.weights[used]
    counts = np.add.reduceat(used.sum(1), starts)
    first = np.cumsum(counts) - counts
    merged = Rules(low, high, *gauss(x, weights, first, NODES))
    for place in range(NODES):
        kept = (counts <= NODES) & (place < counts)
        merged.x[kept, place], merged.weights[kept, place] = x[first[kept] + place], weights[first[kept] + place]
    return within(*merged)


def _groups(rules: Rules, params: Params, tolerance: float) -> NDArray[np.intp]:
    """Where each run of cells to be merged begins."""
    zeros = zeros_of(params)
    cells = rules.low.size
    weight = np.append(0.0, np.cumsum(rules.weights.sum(1)))
    used = np.append(0, np.cumsum((rules.weights > 0).sum(1)))

    def fits(i: int, j: int) -> bool:
        if used[j] - used[i] <= NODES:
            return True
        rho = ellipse(rules.low[i], rules.high[j - 1], zeros).min(initial=np.inf)
        return bool((weight[j] - weight[i]) * rho ** (-2.0 * NODES) <= tolerance)

    starts = [0]
    while True:
        i = starts[-1]
        j, step = i + 1, 1
        while j + step <= cells and fits(i, j + step):
            j, step = j + step, 2 * step
        while step > 1:
            step //= 2
            if j + step <= cells and fits(i, j + step):
                j += step
        if j == cells:
            return np.array(starts)
        starts.append(j)
