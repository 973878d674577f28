"""Priors of weights, and `Fixed`, for any block taken as known."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mixtura.arrays import LEAST_WEIGHT, Floats
from mixtura.priors.base import FIXED, REAL, UNIFORM, Number, Prior, Unit, lgamma, over


@dataclass(frozen=True, repr=False)
class Dirichlet(Prior):
    """Dirichlet(a): concentration of the weights; 1 is uniform on the simplex.

    >>> Dirichlet([1, 2, 3])
    Dirichlet(a=[1, 2, 3])
    """

    a: Number = 1.0
    kind: ClassVar[int] = UNIFORM
    positive: ClassVar[tuple[str, ...]] = ("a",)
    axes: ClassVar[int] = 1

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return np.maximum(rng.dirichlet(self.columns(k)[0]), LEAST_WEIGHT)

    def logpdf(self, x: float | Floats) -> Floats:
        """Log density at weights (..., k), as an array (...), or (1,) for one set of weights."""
        x = np.asarray(x, float)
        (a,) = self.columns(x.shape[-1])
        with np.errstate(divide="ignore"):
            logs = np.log(x)
        powers = np.multiply(a - 1, logs, where=a != 1, out=np.zeros_like(logs))
        powers[np.isneginf(powers).any(-1)] = -math.inf  # at a weight of 0, whatever the others say
        return np.atleast_1d(math.lgamma(a.sum()) - lgamma(a).sum() + powers.sum(-1))


@dataclass(frozen=True, repr=False)
class Fixed(Prior):
    """Fixed(value): a block of parameters taken as known.

    >>> Fixed([10, 20, 35])
    Fixed(value=[10, 20, 35])
    """

    value: Number
    kind: ClassVar[int] = FIXED
    support: ClassVar[tuple[float, float]] = REAL
    axes: ClassVar[int] = 3  # covariance matrices

    @property
    def power_at_zero(self) -> float:
        return math.inf

    def encode(self, k: int) -> Floats:
        return np.zeros((k, 4))

    def in_units(self, shift: Unit, scale: Unit) -> Fixed:
        return Fixed(over(self.value, shift, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return self.columns(k)[0]
