"""Priors of scales (standard deviations), variances, and a variance prior's rate."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from mixtura.arrays import Floats
from mixtura.priors.base import (
    GAMMA,
    INVERSE_GAMMA,
    LOG_2PI,
    LOG_NORMAL,
    NORMAL,
    STUDENT_T,
    Number,
    Prior,
    Unit,
    lgamma,
    over,
    rows,
    student_t_rows,
)


@dataclass(frozen=True, repr=False)
class HalfNormal(Prior):
    """HalfNormal(sigma): a normal about 0, its positive half.

    >>> HalfNormal(1.5)
    HalfNormal(sigma=1.5)
    """

    sigma: Number = 1.0
    kind: ClassVar[int] = NORMAL
    positive: ClassVar[tuple[str, ...]] = ("sigma",)

    def encode(self, k: int) -> Floats:
        (sigma,) = self.columns(k)
        return rows(0 * sigma, sigma, 0 * sigma, math.log(2) - np.log(sigma) - 0.5 * LOG_2PI)

    def in_units(self, shift: Unit, scale: Unit) -> HalfNormal:
        return HalfNormal(over(self.sigma, 0.0, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return np.abs(self.columns(k)[0] * rng.standard_normal(k))


@dataclass(frozen=True, repr=False)
class HalfStudentT(Prior):
    """HalfStudentT(nu, sigma): degrees of freedom and scale.

    >>> HalfStudentT(3, 2.5)
    HalfStudentT(nu=3, sigma=2.5)
    """

    nu: Number
    sigma: Number = 1.0
    kind: ClassVar[int] = STUDENT_T
    positive: ClassVar[tuple[str, ...]] = ("nu", "sigma")

    def encode(self, k: int) -> Floats:
        nu, sigma = self.columns(k)
        return student_t_rows(nu, 0 * nu, sigma, math.log(2))

    def in_units(self, shift: Unit, scale: Unit) -> HalfStudentT:
        return HalfStudentT(self.nu, over(self.sigma, 0.0, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        nu, sigma = self.columns(k)
        return np.asarray(np.abs(sigma * rng.standard_t(nu)), float)


@dataclass(frozen=True, repr=False)
class HalfCauchy(Prior):
    """HalfCauchy(beta): its scale, which is its median too.

    >>> HalfCauchy(5)
    HalfCauchy(beta=5)
    """

    beta: Number = 1.0
    kind: ClassVar[int] = STUDENT_T
    positive: ClassVar[tuple[str, ...]] = ("beta",)

    def encode(self, k: int) -> Floats:
        (beta,) = self.columns(k)
        return student_t_rows(np.ones(k), np.zeros(k), beta, math.log(2))

    def in_units(self, shift: Unit, scale: Unit) -> HalfCauchy:
        return HalfCauchy(over(self.beta, 0.0, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return np.asarray(np.abs(self.columns(k)[0] * rng.standard_cauchy(k)), float)


@dataclass(frozen=True, repr=False)
class Gamma(Prior):
    """Gamma(alpha, beta): shape and rate; the mean is alpha / beta.

    >>> Gamma(2, 1)
    Gamma(alpha=2, beta=1)
    """

    alpha: Number
    beta: Number
    kind: ClassVar[int] = GAMMA
    positive: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    @property
    def power_at_zero(self) -> float:
        return float(np.min(self.alpha))

    def encode(self, k: int) -> Floats:
        alpha, beta = self.columns(k)
        return rows(alpha, beta, 0 * alpha, alpha * np.log(beta) - lgamma(alpha))

    def in_units(self, shift: Unit, scale: Unit) -> Gamma:
        return Gamma(self.alpha, over(self.beta, 0.0, 1.0 / scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        alpha, beta = self.columns(k)
        return rng.standard_gamma(alpha) / beta


@dataclass(frozen=True, repr=False)
class Exponential(Prior):
    """Exponential(lam): its rate; the mean is 1 / lam.

    >>> Exponential(0.5)
    Exponential(lam=0.5)
    """

    lam: Number = 1.0
    kind: ClassVar[int] = GAMMA
    positive: ClassVar[tuple[str, ...]] = ("lam",)

    def encode(self, k: int) -> Floats:
        (lam,) = self.columns(k)
        return rows(np.ones(k), lam, np.zeros(k), np.log(lam))

    def in_units(self, shift: Unit, scale: Unit) -> Exponential:
        return Exponential(over(self.lam, 0.0, 1.0 / scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return rng.standard_exponential(k) / self.columns(k)[0]


@dataclass(frozen=True, repr=False)
class InverseGamma(Prior):
    """InverseGamma(alpha, beta): shape and rate of 1/parameter; the mean is beta / (alpha - 1).

    For variances, beta may itself be a Gamma, shared by all components and sampled along (Richardson & Green 1997);
    rows of several features have one such rate for each feature. The joint density of variances v and such a rate may
    be multiplied by exp(-floor / (2 v)) for each component, as if every component had been seen to scatter by `floor`
    in all: then no repeated values, however many, let a component shrink to nothing.

    >>> InverseGamma(2, Gamma(0.2, 0.016))
    InverseGamma(alpha=2, beta=Gamma(alpha=0.2, beta=0.016))
    >>> InverseGamma(2, Gamma(0.2, 0.016), floor=1e-4)
    InverseGamma(alpha=2, beta=Gamma(alpha=0.2, beta=0.016), floor=0.0001)
    """

    alpha: Number
    beta: Number | Gamma = 1.0
    floor: Number = field(default=0.0, kw_only=True)
    kind: ClassVar[int] = INVERSE_GAMMA
    nested: ClassVar[tuple[str, ...]] = ("beta",)
    positive: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    def __post_init__(self) -> None:
        if isinstance(self.beta, Prior) and not (isinstance(self.beta, Gamma) and len(self.beta.shape) < 2):
            raise TypeError(
                "InverseGamma(beta=...) is a number or Gamma(alpha, beta) with scalars, or one number per feature; "
                f"got {self.beta!r}"
            )
        super().__post_init__()
        if np.any(self.floor) and self.rate is None:
            raise ValueError(
                f"InverseGamma(floor=...) goes with a beta that is a Gamma; add floor / 2 to {self.beta!r}"
            )

    @property
    def rate(self) -> Gamma | None:
        """The prior of the rate where it is unknown."""
        return self.beta if isinstance(self.beta, Gamma) else None

    def given(self, rate: Number) -> InverseGamma:
        """The prior of variances where the rate is known to be this; without a floor."""
        return replace(self, beta=rate, floor=0.0)

    @property
    def power_at_zero(self) -> float:
        return math.inf

    def encode(self, k: int) -> Floats:
        alpha, floor = (np.broadcast_to(np.asarray(v, float), (k,)) for v in (self.alpha, self.floor))
        beta = np.ones(k) if isinstance(self.beta, Gamma) else np.broadcast_to(np.asarray(self.beta, float), (k,))
        return rows(alpha, beta, floor / 2, alpha * np.log(beta) - lgamma(alpha))

    def in_units(self, shift: Unit, scale: Unit) -> InverseGamma:
        beta = self.beta
        rescaled = beta.in_units(0.0, scale) if isinstance(beta, Gamma) else over(beta, 0.0, scale)
        return replace(self, beta=rescaled, floor=over(self.floor, 0.0, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        alpha, beta = self.columns(k)[:2]
        return beta / rng.standard_gamma(alpha)


@dataclass(frozen=True, repr=False)
class LogNormal(Prior):
    """LogNormal(mu, sigma): mean and standard deviation of the logarithm.

    >>> LogNormal(0, 0.5)
    LogNormal(mu=0, sigma=0.5)
    """

    mu: Number = 0.0
    sigma: Number = 1.0
    kind: ClassVar[int] = LOG_NORMAL
    positive: ClassVar[tuple[str, ...]] = ("sigma",)

    @property
    def power_at_zero(self) -> float:
        return math.inf

    def encode(self, k: int) -> Floats:
        mu, sigma = self.columns(k)
        return rows(mu, sigma, 0 * mu, -np.log(sigma) - 0.5 * LOG_2PI)

    def in_units(self, shift: Unit, scale: Unit) -> LogNormal:
        return replace(self, mu=over(self.mu, np.log(scale), 1.0))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        mu, sigma = self.columns(k)
        return np.exp(mu + sigma * rng.standard_normal(k))
