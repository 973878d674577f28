"""Standardised units of rows: feature by feature as in one dimension, or in one scale for all where that must be."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.line.units import Units
from mixtura.rows.kernels import room_for
from mixtura.rows.records import Params, Rows

UNLIKE = 1e100  # how many times as wide as another a feature of one scale for all may be


class RowUnits(NamedTuple):
    """Where standardised rows sit in the user's units: x = shift + scale * z, shift and scale (d,)."""

    shift: Floats
    scale: Floats

    @classmethod
    def of(cls, x: Floats, one_scale: bool = False) -> RowUnits:
        """Midrange of each feature, and the power of two next below a quarter of its range.

        >>> import numpy as np
        >>> RowUnits.of(np.array([[0.0, 10.0], [10.0, 12.0]]), one_scale=True)
        RowUnits(shift=array([ 5., 11.]), scale=array([2., 2.]))
        """
        each = [Units.of(x[:, f]) for f in range(x.shape[1])]
        scale = np.array([unit.scale for unit in each])
        if one_scale and scale.max() > UNLIKE * scale.min():
            raise ValueError(
                f"covariance='spherical' gives all features one scale, but their ranges differ by a factor of "
                f"{scale.max() / scale.min():.2g}: rescale them, or take covariance='diagonal'"
            )
        return cls(np.array([unit.shift for unit in each]), np.full_like(scale, scale.max()) if one_scale else scale)

    def rows(self, x: Floats, weights: Floats) -> Rows:
        """The user's points (n, d) as rows in standardised units, feature by feature: no second copy is made."""
        rows = room_for(*x.shape)
        for f, (shift, scale) in enumerate(zip(self.shift, self.scale, strict=True)):
            column = rows.x[f, : len(x)]
            column[:] = x[:, f]
            column -= shift
            column /= scale
        rows.weights[: len(x)] = weights
        return rows

    def params_back(self, params: Params) -> Params:
        """Standardised parameters in the user's units."""
        return Params(
            params.weights,
            self.shift + self.scale * params.means,
            self.scale[:, None] * params.factors,
            self.scale[:, None] * self.scale * params.rate,
        )

    def params_into(self, params: Params) -> Params:
        """The user's parameters in standardised units."""
        return Params(
            params.weights,
            (params.means - self.shift) / self.scale,
            params.factors / self.scale[:, None],
            params.rate / self.scale[:, None] / self.scale,
        )
