"""Priors: what is believed about a parameter before the data, under PyMC's names.

Each is a frozen record of its numbers. A scalar holds for every component; a sequence gives each component its own.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

import numpy as np

from mixtura.params import Floats

Number = float | Sequence[float]
REAL, POSITIVE = (-math.inf, math.inf), (0.0, math.inf)

# Kinds of compiled log densities; `densities` reads them (kept here too, because that module loads numba).
FIXED, NORMAL, STUDENT_T, UNIFORM, GAMMA, INVERSE_GAMMA, LOG_NORMAL, VARIANCE_INVERSE_GAMMA = range(8)


def _numbers(owner: object, name: str, value: Any) -> float | tuple[float, ...]:
    """One finite number or a tuple of them, or an error that names the prior and its parameter."""
    where = f"{type(owner).__name__}({name}=...)"
    if isinstance(value, (str, bytes, bool)) or value is None:
        raise TypeError(f"{where} is a number or a sequence of numbers, one per component; got {value!r}")
    try:
        array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        raise TypeError(f"{where} is a number or a sequence of numbers, one per component; got {value!r}") from None
    if array.ndim > 1 or array.size == 0:
        raise ValueError(f"{where} is a number or one number per component; got an array of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{where} must be finite; got {value!r}")
    return float(array) if array.ndim == 0 else tuple(float(v) for v in array)


def _show(value: object) -> str:
    """A number as a person writes it."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_show(v) for v in value) + "]"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


@dataclass(frozen=True, repr=False)
class Prior:
    """What every prior has: checked numbers, a support, a compiled kind, and its own change of units."""

    kind: ClassVar[int]
    support: ClassVar[tuple[float, float]] = POSITIVE
    positive: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Prior):
                continue
            value = _numbers(self, field.name, value)
            object.__setattr__(self, field.name, value)
            if field.name in self.positive and np.min(value) <= 0:
                raise ValueError(f"{type(self).__name__}({field.name}=...) must be positive; got {_show(value)}")
        sizes = {len(v) for v in self._values() if isinstance(v, tuple)}
        if len(sizes) > 1:
            raise ValueError(f"{self!r} mixes vectors of lengths {sorted(sizes)}; give one number per component")

    def _values(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]

    def __repr__(self) -> str:
        numbers = ", ".join(f"{f.name}={_show(getattr(self, f.name))}" for f in fields(self))
        return f"{type(self).__name__}({numbers})"

    @property
    def length(self) -> int | None:
        """Number of components that the vectors speak of, None if all numbers are scalars."""
        return next((len(v) for v in self._values() if isinstance(v, tuple)), None)

    @property
    def exchangeable(self) -> bool:
        """Whether the prior says the same of every component."""
        return all(len(set(v)) == 1 for v in self._values() if isinstance(v, tuple))

    @property
    def power_at_zero(self) -> float:
        """The a of a density that rises as x**(a-1) from 0; infinite where it vanishes faster than any power.

        With m equal values, a posterior of mixtures is proper only if a > m - 1.
        """
        return 1.0

    def columns(self, k: int) -> list[Floats]:
        """Each number as an array (k,), in the order of declaration."""
        return [np.broadcast_to(np.asarray(v, float), (k,)).copy() for v in self._values()]

    def bounds(self, k: int) -> Floats:
        """Support of each component's parameter, (k, 2)."""
        return np.tile(np.array(self.support), (k, 1))

    def encode(self, k: int) -> Floats:
        """Rows (k, 4) of (a, b, c, log normaliser) for the compiled log density of this kind."""
        raise NotImplementedError

    def in_units(self, shift: float, scale: float) -> Prior:
        """The same belief about (parameter - shift) / scale."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        """One draw per component, (k,)."""
        raise NotImplementedError

    def logpdf(self, x: float | Floats) -> Floats:
        """Log density of each component's value; x is a scalar or broadcasts against the prior's vectors.

        Examples
        --------
        >>> import numpy as np
        >>> Normal(0, 2).logpdf(np.array([0.0, 2.0])).round(4)
        array([-1.6121, -2.1121])
        """
        from mixtura.densities import log_densities

        x = np.atleast_1d(np.asarray(x, float))
        k = self.length or x.size
        x = np.broadcast_to(x, np.broadcast_shapes(x.shape, (k,)))
        rows, bounds = self.encode(k), self.bounds(k)
        inside = (x > bounds[:, 0]) & (x < bounds[:, 1])
        out = np.empty(x.size)
        log_densities(self.kind, rows, np.ascontiguousarray(x), out)
        return np.where(inside, out, -math.inf)


def _rows(a: Floats, b: Floats, c: Floats, norm: Floats) -> Floats:
    return np.stack(np.broadcast_arrays(a, b, c, norm), axis=1).astype(float)


def _lgamma(x: Floats) -> Floats:
    return np.array([math.lgamma(v) for v in x])


LOG_2PI = math.log(2.0 * math.pi)


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
        return _rows(mu, sigma, 0 * mu, -np.log(sigma) - 0.5 * LOG_2PI)

    def in_units(self, shift: float, scale: float) -> Normal:
        return Normal(_over(self.mu, shift, scale), _over(self.sigma, 0.0, scale))

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
        return _student_t(*self.columns(k))

    def in_units(self, shift: float, scale: float) -> StudentT:
        return StudentT(self.nu, _over(self.mu, shift, scale), _over(self.sigma, 0.0, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        nu, mu, sigma = self.columns(k)
        return mu + sigma * rng.standard_t(nu)


def _student_t(nu: Floats, mu: Floats, sigma: Floats, more: float = 0.0) -> Floats:
    norm = _lgamma((nu + 1) / 2) - _lgamma(nu / 2) - 0.5 * np.log(nu * math.pi) - np.log(sigma) + more
    return _rows(nu, mu, sigma, norm)


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
        return _rows(lower, upper, 0 * lower, -np.log(upper - lower))

    def in_units(self, shift: float, scale: float) -> Uniform:
        return Uniform(_over(self.lower, shift, scale), _over(self.upper, shift, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return rng.uniform(*self.columns(k))


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
        return _rows(0 * sigma, sigma, 0 * sigma, math.log(2) - np.log(sigma) - 0.5 * LOG_2PI)

    def in_units(self, shift: float, scale: float) -> HalfNormal:
        return HalfNormal(_over(self.sigma, 0.0, scale))

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
        return _student_t(nu, 0 * nu, sigma, math.log(2))

    def in_units(self, shift: float, scale: float) -> HalfStudentT:
        return HalfStudentT(self.nu, _over(self.sigma, 0.0, scale))

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
        return _student_t(np.ones(k), np.zeros(k), beta, math.log(2))

    def in_units(self, shift: float, scale: float) -> HalfCauchy:
        return HalfCauchy(_over(self.beta, 0.0, scale))

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
        return _rows(alpha, beta, 0 * alpha, alpha * np.log(beta) - _lgamma(alpha))

    def in_units(self, shift: float, scale: float) -> Gamma:
        return Gamma(self.alpha, _over(self.beta, 0.0, 1.0 / scale))

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
        return _rows(np.ones(k), lam, np.zeros(k), np.log(lam))

    def in_units(self, shift: float, scale: float) -> Exponential:
        return Exponential(_over(self.lam, 0.0, 1.0 / scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return rng.standard_exponential(k) / self.columns(k)[0]


@dataclass(frozen=True, repr=False)
class InverseGamma(Prior):
    """InverseGamma(alpha, beta): shape and rate of 1/parameter; the mean is beta / (alpha - 1).

    For variances, beta may itself be a Gamma, shared by all components and sampled along (Richardson & Green 1997).

    >>> InverseGamma(2, Gamma(0.2, 0.016))
    InverseGamma(alpha=2, beta=Gamma(alpha=0.2, beta=0.016))
    """

    alpha: Number
    beta: Number | Gamma = 1.0
    kind: ClassVar[int] = INVERSE_GAMMA
    positive: ClassVar[tuple[str, ...]] = ("alpha", "beta")

    def __post_init__(self) -> None:
        if isinstance(self.beta, Prior) and not (isinstance(self.beta, Gamma) and self.beta.length is None):
            raise TypeError(f"InverseGamma(beta=...) is a number or Gamma(alpha, beta) with scalars; got {self.beta!r}")
        super().__post_init__()

    @property
    def rate(self) -> Gamma | None:
        """The prior of the rate where it is unknown."""
        return self.beta if isinstance(self.beta, Gamma) else None

    @property
    def power_at_zero(self) -> float:
        return math.inf

    def encode(self, k: int) -> Floats:
        alpha, beta = self.columns(k)
        return _rows(alpha, beta, 0 * alpha, alpha * np.log(beta) - _lgamma(alpha))

    def in_units(self, shift: float, scale: float) -> InverseGamma:
        beta = self.beta
        rescaled = beta.in_units(0.0, scale) if isinstance(beta, Gamma) else _over(beta, 0.0, scale)
        return replace(self, beta=rescaled)

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        alpha, beta = self.columns(k)
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
        return _rows(mu, sigma, 0 * mu, -np.log(sigma) - 0.5 * LOG_2PI)

    def in_units(self, shift: float, scale: float) -> LogNormal:
        return replace(self, mu=_over(self.mu, math.log(scale), 1.0))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        mu, sigma = self.columns(k)
        return np.exp(mu + sigma * rng.standard_normal(k))


@dataclass(frozen=True, repr=False)
class Fixed(Prior):
    """Fixed(value): a block of parameters taken as known.

    >>> Fixed([10, 20, 35])
    Fixed(value=[10, 20, 35])
    """

    value: Number
    kind: ClassVar[int] = FIXED
    support: ClassVar[tuple[float, float]] = REAL

    @property
    def power_at_zero(self) -> float:
        return math.inf

    def encode(self, k: int) -> Floats:
        return np.zeros((k, 4))

    def in_units(self, shift: float, scale: float) -> Fixed:
        return Fixed(_over(self.value, shift, scale))

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return self.columns(k)[0]


@dataclass(frozen=True, repr=False)
class Dirichlet(Prior):
    """Dirichlet(a): concentration of the weights; 1 is uniform on the simplex.

    >>> Dirichlet([1, 2, 3])
    Dirichlet(a=[1, 2, 3])
    """

    a: Number = 1.0
    kind: ClassVar[int] = UNIFORM
    positive: ClassVar[tuple[str, ...]] = ("a",)

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        return rng.dirichlet(self.columns(k)[0])

    def logpdf(self, x: float | Floats) -> Floats:
        """Log density at weights (k,), as an array (1,)."""
        x = np.asarray(x, float)
        (a,) = self.columns(x.size)
        return np.array([math.lgamma(a.sum()) - _lgamma(a).sum() + ((a - 1) * np.log(x)).sum()])


def _over(value: Any, shift: float, scale: float) -> float | tuple[float, ...]:
    """(value - shift) / scale, for a number or a tuple."""
    if isinstance(value, tuple):
        return tuple((v - shift) / scale for v in value)
    return float((value - shift) / scale)
