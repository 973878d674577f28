"""Standardised units: everything inside runs on (x - shift) / scale, so data at 1e-8 or 1e12 behave as at 1.

The scale is a power of two, so that dividing by it rounds nothing and data times a power of two give the same bits.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from mixtura.arrays import Floats
from mixtura.line.records import Params


class Units(NamedTuple):
    """Where standardised data sit in the user's units: x = shift + scale * z."""

    shift: float
    scale: float

    @classmethod
    def of(cls, x: Floats) -> Units:
        """Midrange of the data, and the power of two next below a quarter of their range.

        >>> import numpy as np
        >>> Units.of(np.array([0.0, 10.0]))
        Units(shift=5.0, scale=2.0)
        """
        low, high = float(x.min()), float(x.max())
        return cls(low / 2 + high / 2, math.ldexp(1.0, math.frexp((high - low) / 4)[1] - 1))

    def into(self, x: Floats) -> Floats:
        """The user's values in standardised units."""
        return (x - self.shift) / self.scale

    def params_into(self, params: Params) -> Params:
        """The user's parameters in standardised units."""
        return Params(params.weights, self.into(params.means), params.scales / self.scale, params.rate / self.scale**2)

    def params_back(self, params: Params) -> Params:
        """Standardised parameters in the user's units."""
        means = self.shift + self.scale * params.means
        return Params(params.weights, means, params.scales * self.scale, params.rate * self.scale**2)
