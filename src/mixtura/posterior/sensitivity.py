"""How probable the prior holds each draw, for ArviZ's functions that scale the prior or the likelihood (psense)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mixtura.posterior.store import Record, with_coordinates
from mixtura.posterior.variables import DIMS

if TYPE_CHECKING:
    import xarray as xr


def log_prior_of(record: Record) -> xr.Dataset:
    """Log prior density (chain, draw) of all that is free together, as `logdensity` counts it."""
    shape = record.shape
    singles = (type(record.params)(*(block[at] for block in record.params)) for at in np.ndindex(shape))
    values = np.array([record.model.logprior(single) for single in singles]).reshape(shape)
    return with_coordinates({"parameters": (DIMS[:2], values)}, record)
