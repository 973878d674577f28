"""What one run is judged by, the same for every peer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from benchmarks.chains import mixing
from benchmarks.column.problems import Problem


class Run(NamedTuple):
    """Draws (chains, draws, k) of each block, or a point estimate (k,), and the seconds that they took."""

    weights: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    seconds: float
    notes: Mapping[str, Any] = MappingProxyType({})  # what a peer says of its own run


def judged(problem: Problem, run: Run) -> dict[str, float]:
    """Minimum bulk-ESS and maximum R-hat over every parameter, components sorted by mean in each draw."""
    if run.means.ndim < 3:  # a point estimate has neither
        return {}
    order = np.argsort(run.means, axis=-1)
    blocks = [np.take_along_axis(block, order, -1) for block in (run.weights, run.means, run.scales)]
    return mixing(np.moveaxis(np.concatenate(blocks, axis=-1).astype(float), -1, 0))
