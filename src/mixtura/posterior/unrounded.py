"""The mixtures behind rounded data: draws without what rounding added to variances, for checks, which round themselves.

Where a column has few values the floor under the default prior stands for what rounding may have hidden, once more:
it goes, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mixtura.arrays import Floats
from mixtura.lattice import Lattice
from mixtura.line.records import Params
from mixtura.posterior.variables import Draws, along
from mixtura.rows.records import Params as RowParams

if TYPE_CHECKING:
    from mixtura.posterior.store import Record

LEAST = 1e-3  # of a variance: what is left at least


def behind_column(draws: Draws, record: Record, feature: int, lattice: Lattice | None) -> Params:
    """The mixture of one feature alone, without what rounding added to it."""
    alone = along(draws, feature)
    return alone if lattice is None else _of_column(alone, lattice.variance + _by_floor(draws, record)[..., feature])


def behind(draws: RowParams, record: Record, lattices: Sequence[Lattice | None]) -> RowParams:
    """Draws (..., k) of rows without what rounding to these lattices, one for each feature, added to them."""
    if not any(lattices):
        return draws
    added = np.array([lattice.variance if lattice else 0.0 for lattice in lattices])
    added = np.where(added > 0, added + _by_floor(draws, record), 0.0)
    return _of_rows(draws, added)


def _by_floor(draws: Draws, record: Record) -> Floats:
    """What the floor adds to variances (..., k, d): it counts as scatter, of each component's points or of all."""
    model, n, d = record.model, float(record.data.weights.sum()), len(record.features)
    floor = np.ravel(getattr(model.variances or model.covariances, "floor", 0.0))
    each = floor / d if model.structure.isotropic else floor
    owned = np.full(draws.weights.shape, n) if model.structure.shared else n * draws.weights
    return np.asarray(np.broadcast_to(each, (d,)) / np.maximum(owned, 1.0)[..., None])


def _of_column(draws: Params, added: Floats) -> Params:
    variances = draws.scales**2
    return draws._replace(scales=np.sqrt(np.maximum(variances - added, LEAST * variances)))


def _of_rows(draws: RowParams, added: Floats) -> RowParams:
    """Factors become roots that are not triangular: in units of what was added, 1 is taken off each eigenvalue."""
    unit = np.sqrt(np.maximum(added, 1e-12 * draws.scales**2))[..., None]
    factors = draws.factors / unit
    values, turned = np.linalg.eigh(factors @ factors.swapaxes(-1, -2))
    left = np.sqrt(np.maximum(values - 1.0, LEAST * np.maximum(values, 0.0)))
    return draws._replace(factors=unit * turned * left[..., None, :])
