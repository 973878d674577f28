"""What one run is judged by, the same for every peer."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

CHAINS, WARMUP, DRAWS = 4, 1000, 1000


class Run(NamedTuple):
    """Draws (chains, draws, k) of each block, and the seconds that warm-up and draws took."""

    weights: np.ndarray
    means: np.ndarray
    scales: np.ndarray
    seconds: float


def judged(run: Run) -> dict[str, float]:
    """Minimum bulk-ESS and maximum R-hat over every parameter, and minimum bulk-ESS per second of sampling."""
    from arviz_stats.base import array_stats

    order = np.argsort(run.means, axis=-1)
    blocks = [np.take_along_axis(block, order, -1) for block in (run.weights, run.means, run.scales)]
    draws = np.concatenate(blocks, axis=-1).astype(float)
    ess = [
        float(array_stats.ess(draws[..., j], chain_axis=0, draw_axis=1, method="bulk")) for j in range(draws.shape[-1])
    ]
    r_hat = [float(array_stats.rhat(draws[..., j], chain_axis=0, draw_axis=1)) for j in range(draws.shape[-1])]
    return {"seconds": run.seconds, "ess": min(ess), "r_hat": max(r_hat), "ess_per_second": min(ess) / run.seconds}
