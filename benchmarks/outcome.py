"""What one run is judged by, the same for every peer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

CHAINS, WARMUP, DRAWS = 4, 1000, 1000


class Run(NamedTuple):
    """Draws (chains, draws, k) of each block, or a point estimate (k,), and the seconds that they took."""

    weights: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    seconds: float
    notes: Mapping[str, Any] = MappingProxyType({})  # what a peer says of its own run


def judged(weights: np.ndarray, means: np.ndarray, scales: np.ndarray) -> dict[str, float]:
    """Minimum bulk-ESS and maximum R-hat over every parameter, components sorted by mean in each draw."""
    if means.ndim < 3:  # a point estimate has neither
        return {}
    from arviz_stats.base import array_stats

    order = np.argsort(means, axis=-1)
    blocks = [np.take_along_axis(block, order, -1) for block in (weights, means, scales)]
    columns = np.moveaxis(np.concatenate(blocks, axis=-1).astype(float), -1, 0)
    where = {"chain_axis": 0, "draw_axis": 1}
    return {
        "ess": min(float(array_stats.ess(column, method="bulk", **where)) for column in columns),
        "r_hat": max(float(array_stats.rhat(column, **where)) for column in columns),
    }
