"""The lattice that rounded values lie on (ages, scores, centimetres, cents, halves, days), and what rounding does.

Rounding to steps of h adds h**2 / 12 to a variance (Sheppard 1898), and puts all that is nearest to a point of the
lattice on it: so edges of bins lie halfway between its points, and what is simulated to be set beside such values is
taken from normals that much narrower, and rounded likewise.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats

LOOKED_AT = 4096  # values from which a step is guessed; all are held to it
NEAR = 1e-3  # of a step: how far a value may lie from the lattice (prices in 32 bits do)
FINEST = 1e3  # distances between neighbouring floats: every number lies on a lattice as fine as those
FEW = 3  # values that lie on a lattice by chance (one in eighty triples)
CLOSE = 100.0  # steps: longer gaps do not help to measure one


class Lattice(NamedTuple):
    """Points `origin` + `step` times whole numbers."""

    origin: float
    step: float

    @property
    def variance(self) -> float:
        """What rounding adds to a variance."""
        return self.step**2 / 12

    def rounded(self, x: Floats) -> Floats:
        """The nearest point to each value.

        >>> Lattice(0.5, 1.0).rounded(np.array([0.9, 2.1]))
        array([0.5, 2.5])
        """
        return self.origin + self.step * np.round((x - self.origin) / self.step)

    def points(self, low: float, high: float) -> float:
        """How many points there are from the one nearest to `low` to the one nearest to `high`."""
        first, last = self.rounded(np.array([low, high]))
        return 1.0 + round(float(last - first) / self.step)

    def edges(self, low: float, high: float, each: int = 1) -> Floats:
        """Edges of bins of so `each` many points that hold all from the one nearest to `low` to that nearest to `high`.

        >>> Lattice(0.0, 1.0).edges(2.0, 5.0)
        array([1.5, 2.5, 3.5, 4.5, 5.5])
        >>> Lattice(0.0, 1.0).edges(2.0, 6.0, each=3)
        array([1.5, 4.5, 7.5])
        """
        held = self.points(low, high)
        number = math.ceil(held / each)
        spare = int(number * each - held) // 2
        first = float(self.rounded(np.array(low))) - (spare + 0.5) * self.step
        return first + self.step * each * np.arange(number + 1.0)


def lattice_of(x: Floats, weights: Floats | None = None) -> Lattice | None:
    """The coarsest lattice that all values (n,) lie on, seen by weight; None if there is none that floats can tell.

    A few different values alone say nothing, unless they come again.

    Examples
    --------
    >>> lattice_of(np.array([19.99, 5.0, 7.49, 5.0]))
    Lattice(origin=5.0, step=0.01)
    >>> lattice_of(np.random.default_rng(0).normal(size=100)) is None
    True
    """
    seen = x.size if weights is None else float(weights.sum())
    some = np.unique(x[:: max(1, x.size // LOOKED_AT)])
    ends = np.array([x.min(), x.max()])
    finest = FINEST * float(np.spacing(np.abs(ends).max()))
    for _ in range(40):  # what lies off a guess at least halves it
        some = np.union1d(some, ends)
        if some.size < 2 or seen <= some.size <= FEW:
            return None
        found = _through(some, finest)
        if found is None:
            return None
        off = np.abs(x - found.rounded(x)) > NEAR * found.step + finest
        if not off.any():
            return found
        some = np.union1d(some, x[off][:LOOKED_AT])
    return None


def _through(values: Floats, finest: float) -> Lattice | None:
    """The coarsest lattice through different values in order."""
    gaps = np.diff(values)
    step = _common(gaps, finest)
    if step is None:
        return None
    close = gaps[gaps <= CLOSE * step]
    step = float(close.sum() / np.round(close / step).sum()) if close.size else step
    whole = float(np.round((values[-1] - values[0]) / step))
    step = float(values[-1] - values[0]) / whole
    rough = float(f"{step:.9g}")  # 0.01, not 0.010000000000000231
    step = rough if abs(rough - step) * whole < finest else step
    places = (values - values[0]) / step
    return Lattice(float(values[0]), step) if (np.abs(places - np.round(places)) <= NEAR).all() else None


def _common(gaps: Floats, finest: float) -> float | None:
    """About the largest step that divides all gaps, by Euclid's algorithm; None where it is as fine as `finest`."""
    step = float(gaps.min())
    while step > finest:
        apart = np.abs(gaps - step * np.round(gaps / step))
        off = apart[apart > NEAR * np.clip(gaps, step, CLOSE * step)]
        if not off.size:
            return step
        step = float(off.min())
    return None
