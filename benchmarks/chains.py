"""What every sampler is asked for, and how well its chains mixed: the same for every peer."""

from __future__ import annotations

import numpy as np

CHAINS, WARMUP, DRAWS = 4, 1000, 1000


def mixing(columns: np.ndarray) -> dict[str, float]:
    """Minimum bulk-ESS and maximum R-hat over parameters, draws in (parameters, chains, draws)."""
    from arviz_stats.base import array_stats

    where = {"chain_axis": 0, "draw_axis": 1}
    return {
        "ess": min(float(array_stats.ess(column, method="bulk", **where)) for column in columns),
        "r_hat": max(float(array_stats.rhat(column, **where)) for column in columns),
    }
