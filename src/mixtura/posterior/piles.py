"""Values that far more points have than any value near: limits of an instrument, zeros, what stands for missing."""

from __future__ import annotations

import numpy as np

from mixtura.arrays import Floats
from mixtura.floor import COARSE
from mixtura.line.propriety import distinct
from mixtura.posterior.store import Record
from mixtura.reading.data import Points

LOOKED = 20_000  # points that are looked through at most
SHARE, TIMES = 0.05, 5  # of all points, and of those that any value near has: from there on it is a pile
BESIDE = 10  # values on either side that are near


def piled(record: Record) -> str | None:
    """Which columns have a pile, and what to do."""
    data = record.data
    columns = data.x.reshape(len(data.x), -1).T
    found = [(name, pile(column, data.weights)) for name, column in zip(record.features, columns, strict=True)]
    said = [f"{100 * at[1]:.0f} % of the points have {name} = {at[0]:g}" for name, at in found if at]
    if not said:
        return None
    return (
        f"piles: {'; '.join(said)}, far more than any value near. Is that a limit, or does it stand for what is "
        "missing? A normal component stands on such a pile, or is bent by it. Leave those points or that column out."
    )


def pile(x: Floats, weights: Floats) -> tuple[float, float] | None:
    """The value of a column (n,) that far more points have than any near it, and its share of the points.

    A column of a few values has steps, not piles.

    >>> spread = np.linspace(-1, 1, 80)
    >>> pile(np.append(spread, np.zeros(20)), np.ones(100))
    (0.0, 0.2)
    >>> pile(np.round(spread, 1), np.ones(80)) is None
    True
    """
    every = -(-x.size // LOOKED)
    values, times = distinct(Points(x[::every], weights[::every]))
    at = int(times.argmax())
    near = np.append(times[max(at - BESIDE, 0) : at], times[at + 1 : at + 1 + BESIDE])
    if values.size <= COARSE or times[at] < max(SHARE * times.sum(), TIMES * near.max()):
        return None
    return float(values[at]), float(times[at] / times.sum())
