"""What every prior has in common: checked numbers, a support, a compiled kind, and its own change of units."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from mixtura.arguments import real, shown
from mixtura.arrays import Floats
from mixtura.digits import known

Number = float | Sequence[float] | Sequence[Sequence[float]] | Floats
Unit = float | Floats  # a shift or a scale: one for all features, or (d,)
REAL, POSITIVE = (-math.inf, math.inf), (0.0, math.inf)
LOG_2PI = math.log(2.0 * math.pi)
FLOOR = "floor"  # of the priors whose level is unknown: see `InverseGamma`

# Kinds of compiled log densities, told apart by small integers; `densities` holds their formulas.
FIXED, NORMAL, STUDENT_T, UNIFORM, GAMMA, INVERSE_GAMMA, LOG_NORMAL, VARIANCE_INVERSE_GAMMA = range(8)


@dataclass(frozen=True, repr=False)
class Prior:
    """What every prior has: checked numbers, a support, a compiled kind, and its own change of units."""

    kind: ClassVar[int]
    support: ClassVar[tuple[float, float]] = POSITIVE
    positive: ClassVar[tuple[str, ...]] = ()
    nested: ClassVar[tuple[str, ...]] = ()  # what may be a prior itself
    axes: ClassVar[int] = 2  # that a number may have at most: components and features

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Prior) and field.name in self.nested:
                continue
            value = numbers(self, field.name, value, self.axes)
            object.__setattr__(self, field.name, value)
            if field.name == FLOOR and np.min(value) < 0:
                raise ValueError(f"{type(self).__name__}(floor=...) must not be negative; got {_show(value)}")
            if field.name in self.positive and np.min(value) <= 0:
                raise ValueError(f"{type(self).__name__}({field.name}=...) must be positive; got {_show(value)}")
        try:
            _ = self.shape
        except ValueError:
            sizes = sorted({np.size(v) for v in self._values() if isinstance(v, tuple)})
            raise ValueError(f"{self!r} mixes vectors of lengths {sizes}; give one number per component") from None

    def _values(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]

    def __repr__(self) -> str:
        shown = [(f.name, getattr(self, f.name)) for f in fields(self)]
        numbers = ", ".join(f"{name}={_show(value)}" for name, value in shown if name != FLOOR or np.any(value))
        return f"{type(self).__name__}({numbers})"

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the numbers together: () if all are scalars, (k,) or (d,) of vectors, (k, d) of nested ones."""
        return np.broadcast_shapes(*(np.shape(v) for v in self._values() if not isinstance(v, Prior)))

    @property
    def length(self) -> int | None:
        """Number of components that the vectors speak of, None if all numbers are scalars."""
        return self.shape[0] if self.shape else None

    @property
    def exchangeable(self) -> bool:
        """Whether the prior says the same of every component."""
        return all(len(set(v)) == 1 for v in self._values() if isinstance(v, tuple))

    @property
    def vectors(self) -> dict[str, tuple[float, ...]]:
        """Plain vectors, not nested, whose numbers differ, by name."""
        named = {f.name: getattr(self, f.name) for f in fields(self) if f.name != FLOOR}
        return {name: v for name, v in named.items() if np.ndim(v) == 1 and len(set(v)) > 1}

    def table(self, shape: tuple[int, ...]) -> list[Floats]:
        """Each number broadcast to `shape`, in the order of declaration; an unknown rate is left out.

        Examples
        --------
        >>> import mixtura as mx
        >>> mx.Normal([0, 10], 2).table((3, 2))[0]
        array([[ 0., 10.],
               [ 0., 10.],
               [ 0., 10.]])
        """
        known = [v for v in self._values() if not isinstance(v, Prior)]
        return [np.broadcast_to(np.asarray(v, float), shape).copy() for v in known]

    def spread_over(self, shape: tuple[int, ...]) -> Self:
        """The same prior with vectors that hold one number for each entry of `shape`, row by row.

        Examples
        --------
        >>> import mixtura as mx
        >>> mx.Normal([0, 10], 2).spread_over((3, 2))
        Normal(mu=[0, 10, 0, 10, 0, 10], sigma=[2, 2, 2, 2, 2, 2])
        """
        names = [f.name for f in fields(self) if not isinstance(getattr(self, f.name), Prior)]
        flat = {name: block.ravel() for name, block in zip(names, self.table(shape), strict=True)}
        return replace(self, **flat)

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

    def in_units(self, shift: Unit, scale: Unit) -> Prior:
        """The same belief about (parameter - shift) / scale; both are numbers, or arrays (d,), one per feature."""
        raise NotImplementedError

    def draw(self, rng: np.random.Generator, k: int) -> Floats:
        """One draw per component, (k,)."""
        raise NotImplementedError

    def logpdf(self, x: float | Floats) -> Floats:
        """Log density of each value; x broadcasts against the prior's numbers, so it may be (..., k) or (..., k, d).

        Examples
        --------
        >>> import mixtura as mx, numpy as np
        >>> mx.Normal(0, 2).logpdf(np.array([0.0, 2.0])).round(4)
        array([-1.6121, -2.1121])
        """
        from mixtura.compiled.densities import log_densities

        x = np.atleast_1d(np.asarray(x, float))
        x = np.broadcast_to(x, np.broadcast_shapes(x.shape, self.shape))
        flat, size = self.spread_over(self.shape), math.prod(self.shape)
        rows, bounds = (
            np.broadcast_to(block.reshape(*self.shape, -1), (*x.shape, block.shape[1])).reshape(x.size, -1)
            for block in (flat.encode(size), flat.bounds(size))
        )
        values, out = x.ravel(), np.empty(x.size)
        inside = (values > bounds[:, 0]) & (values < bounds[:, 1])
        if self.kind == UNIFORM:  # a coordinate far out is rounded to an end
            inside = (values >= bounds[:, 0]) & (values <= bounds[:, 1])
        log_densities(self.kind, rows, values, out)
        return np.where(inside, out, -math.inf).reshape(x.shape)


def numbers(owner: object, name: str, value: Any, axes: int, each: str = "component") -> Any:
    """One finite number or a (nested) tuple of them, or an error that names the prior and its parameter."""
    where = f"{type(owner).__name__}({name}=...)"
    nested = f", one per {each}" + (" or feature, or nested as (components, features)" if axes > 1 else "")
    asked = f"is a number or a sequence of numbers{nested}" if axes else "is a number"
    if isinstance(value, (str, bytes, bool)) or value is None:
        raise TypeError(f"{where} {asked}; got {shown(value)}")
    try:
        array = real(value)
    except OverflowError:
        raise ValueError(f"{where} must be finite; got a number beyond {np.finfo(float).max:.3g}") from None
    except (TypeError, ValueError):
        raise TypeError(f"{where} {asked}; got {shown(value)}") from None
    if array.ndim > axes or array.size == 0:
        raise ValueError(f"{where} {asked}; got an array of shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{where} must be finite; got {shown(value)}")
    return frozen(array)


def frozen(value: ArrayLike) -> Any:
    """An array as a float or nested tuples of floats, which can be hashed."""

    def tuples(entry: Any) -> Any:
        return tuple(tuples(e) for e in entry) if isinstance(entry, list) else entry

    return tuples(np.asarray(value, float).tolist())


def _show(value: object) -> str:
    """A number as a person writes it."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_show(v) for v in value) + "]"
    return known(value) if isinstance(value, float) else repr(value)


def over(value: Any, shift: Unit, scale: Unit) -> Any:
    """(value - shift) / scale, for a number or nested tuples."""
    return frozen((np.asarray(value) - shift) / scale)


def rows(a: Floats, b: Floats, c: Floats, norm: Floats) -> Floats:
    """Rows (k, 4) for the compiled log density."""
    return np.stack(np.broadcast_arrays(a, b, c, norm), axis=1).astype(float)


def lgamma(x: Floats) -> Floats:
    """log(gamma(x)), entry by entry."""
    return np.array([math.lgamma(v) for v in x])


def student_t_rows(nu: Floats, mu: Floats, sigma: Floats, more: float = 0.0) -> Floats:
    """Rows of a Student t density, `more` added to its log normaliser."""
    norm = lgamma((nu + 1) / 2) - lgamma(nu / 2) - 0.5 * np.log(nu * math.pi) - np.log(sigma) + more
    return rows(nu, mu, sigma, norm)
