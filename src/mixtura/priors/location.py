"""Priors of means, and the uniform, which scales take too."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mixtura.arrays import Floats
from mixtura.priors.base import (
    LOG_2PI,
    NORMAL,
    REAL,
    STUDENT_T,
    UNIFORM,
    Number,
    Prior,
    Unit,
    over,
    rows,
    student_t_rows,
)


@dataclass(frozen=True, repr=False)
class Normal(Prior):
    """Normal(mu, sigma): mean and standard deviation.

    >>> Normal([10, 20, 35], 2)
    Normal(mu=[10, 20, 35], sigma=2)
    """

    mu: Number = 0.0
    sigma: Number = 1.0
    kind: ClassVar[int] = NORMAL
    support: ClassVar[tuple[float, float]] = REAL
    positive: ClassVar[tuple[str, ...]] = ("sigma",)

    def encode(self, k: int) -> Floats:
        mu, sigma = self.columns(k)
        return rows(mu, sigma, 0 * mu, -np.log(sigma) - 0.5 * LOG_2PI)

    def in_units(self, shift: Unit, scale: Unit) -> Normal:
        return Normal(over(self.mu, shift, scale), over(self.sigma, 0.0, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        mu, sigma = self.columns(k)
        return mu + sigma * rng.standard_normal(k)


@dataclass(frozen=True, repr=False)
class StudentT(Prior):
    """StudentT(nu, mu, sigma): degrees of freedom, location, scale; heavy tails forgive a wrong location.

    >>> StudentT(4, 0, 10)
    StudentT(nu=4, mu=0, sigma=10)
    """

    nu: Number
    mu: Number = 0.0
    sigma: Number = 1.0
    kind: ClassVar[int] = STUDENT_T
    support: ClassVar[tuple[float, float]] = REAL
    positive: ClassVar[tuple[str, ...]] = ("nu", "sigma")

    def encode(self, k: int) -> Floats:
        nu, mu, sigma = self.columns(k)
        return student_t_rows(nu, mu, sigma)

    def in_units(self, shift: Unit, scale: Unit) -> StudentT:
        return StudentT(self.nu, over(self.mu, shift, scale), over(self.sigma, 0.0, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        nu, mu, sigma = self.columns(k)
        return mu + sigma * rng.standard_t(nu)


@dataclass(frozen=True, repr=False)
class Uniform(Prior):
    """Uniform(lower, upper).

    >>> Uniform(0, 10)
    Uniform(lower=0, upper=10)
    """

    lower: Number = 0.0
    upper: Number = 1.0
    kind: ClassVar[int] = UNIFORM
    support: ClassVar[tuple[float, float]] = REAL

    def __post_init__(self) -> None:
        super().__post_init__()
        if np.min(np.asarray(self.upper) - np.asarray(self.lower)) <= 0:
            raise ValueError(f"Uniform needs lower < upper; got {self!r}")

    @property
    def power_at_zero(self) -> float:
        return 1.0 if np.min(self.lower) <= 0 else math.inf

    def bounds(self, k: int) -> Floats:
        return np.stack(self.columns(k), axis=1)

    def encode(self, k: int) -> Floats:
        lower, upper = self.columns(k)
        return rows(lower, upper, 0 * lower, -np.log(upper - lower))

    def in_units(self, shift: Unit, scale: Unit) -> Uniform:
        return Uniform(over(self.lower, shift, scale), over(self.upper, shift, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return rng.uniform(*self.columns(k))
