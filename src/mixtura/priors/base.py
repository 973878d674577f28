"""What every prior has in common: checked numbers, a support, a compiled kind, and its own change of units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar

import numpy as np

from mixtura.params import Floats

Number = float | Sequence[float]
REAL, POSITIVE = (-math.inf, math.inf), (0.0, math.inf)
LOG_2PI = math.log(2.0 * math.pi)

# Kinds of compiled log densities, told apart by small integers; `densities` holds their formulas.
FIXED, NORMAL, STUDENT_T, UNIFORM, GAMMA, INVERSE_GAMMA, LOG_NORMAL, VARIANCE_INVERSE_GAMMA = range(8)


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
        >>> import mixtura as mx, numpy as np
        >>> mx.Normal(0, 2).logpdf(np.array([0.0, 2.0])).round(4)
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


def over(value: Any, shift: float, scale: float) -> float | tuple[float, ...]:
    """(value - shift) / scale, for a number or a tuple."""
    if isinstance(value, tuple):
        return tuple((v - shift) / scale for v in value)
    return float((value - shift) / scale)


def rows(a: Floats, b: Floats, c: Floats, norm: Floats) -> Floats:
    """Rows (k, 4) for the compiled log density."""
    return np.stack(np.broadcast_arrays(a, b, c, norm), axis=1).astype(float)


def lgamma(x: Floats) -> Floats:
    """log(gamma(x)), entry by entry."""
    return np.array([math.lgamma(v) for v in x])


LOG_2PI = math.log(2.0 * math.pi)


def student_t_rows(nu: Floats, mu: Floats, sigma: Floats, more: float = 0.0) -> Floats:
    """Rows of a Student t density, `more` added to its log normaliser."""
    norm = lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * np.log(nu * math.pi) - np.log(sigma) + more
    return rows(nu, mu, sigma, norm)
