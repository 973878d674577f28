"""How probable the prior holds each draw, for ArviZ's functions that scale the prior or the likelihood (psense)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.arrays import LEAST_WEIGHT
from mixtura.posterior.store import Record, with_coordinates
from mixtura.posterior.variables import DIMS

if TYPE_CHECKING:
    import xarray as xr


def log_prior_of(record: Record) -> xr.Dataset:
    """Log prior density (chain, draw) of all that is free together, as `logdensity` counts it."""
    values = np.array([_log_prior(record, at) for at in np.ndindex(record.shape)]).reshape(record.shape)
    return with_coordinates({"parameters": (DIMS[:2], values)}, record)


def _log_prior(record: Record, at: tuple[int, ...]) -> float:
    """That of one draw; where a weight is too small for a number, `lp`, which knows its logarithm, tells."""
    model, data = record.model, record.data
    draw: Any = type(record.params)(*(block[at] for block in record.params))
    prior = model.logprior(draw)
    if draw.weights.min() > LEAST_WEIGHT:
        return prior
    return float(record.stats["lp"][at]) - (model.logdensity(data.x, draw, data.weights) - prior)
