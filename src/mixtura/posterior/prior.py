"""Draws from a fit's prior in the form of its posterior, to set the two side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.posterior.store import Record, with_coordinates
from mixtura.posterior.variables import free_blocks
from mixtura.rows import beliefs as of_rows

if TYPE_CHECKING:
    import xarray as xr


def prior_of(record: Record, draws: int, seed: int | None) -> xr.Dataset:
    """One chain of draws of all that is free, by the names and axes of the posterior; see `Fit.prior`."""
    held = believed(record, draws, seed)
    return with_coordinates(free_blocks(record.model, held.params), held)


def believed(record: Record, draws: int, seed: int | None) -> Record:
    """The record with one chain of draws from the prior in place of the posterior's."""
    if not isinstance(draws, (int, np.integer)) or isinstance(draws, bool) or draws < 1:
        raise ValueError(f"draws is a whole number of at least 1; got {draws!r}")
    rng = np.random.default_rng(seed)
    if record.of_rows:
        levels = of_rows.draw_levels(record.model, draws, rng)
        single: list[Any] = [of_rows.draw_prior(record.model, rng, level) for level in levels]
    else:
        single = [record.model.draw_prior(rng) for _ in range(draws)]
    params = type(record.params)(*(np.stack(block)[None] for block in zip(*single, strict=True)))
    return record._replace(params=params)
