"""How many draws an average is taken over where points are many: as many as the accuracy wanted needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats

FEWEST = 64  # draws that a mean is taken over at least, if there are as many
ACCURATE = 0.01  # how far an average over some draws may be from that over all: a membership, or a log density
LOOKED_AT = 256  # points at which that is found out


def evenly_spaced(s: int, m: int) -> NDArray[np.intp]:
    """Numbers of m of s draws, evenly spaced.

    >>> evenly_spaced(10, 4)
    array([0, 3, 6, 9])
    """
    return np.linspace(0, s - 1, m).round().astype(np.intp)


def enough(x: Floats, s: int, least: int, mean: Callable[[Floats, NDArray[np.intp]], Any]) -> int:
    """How many of s draws leave averages at points x within ACCURATE of those over all, from `least` up.

    `mean(points, draws)` is the average at points over the numbered draws. It is compared with that over all draws at
    LOOKED_AT of the points, evenly spaced among them; the number doubles until none is further off.
    """
    some = x[evenly_spaced(len(x), min(LOOKED_AT, len(x)))]
    m = max(least, FEWEST)
    if m >= s:
        return s
    exact = mean(some, np.arange(s))
    while m < s and np.abs(mean(some, evenly_spaced(s, m)) - exact).max() > ACCURATE:
        m *= 2
    return min(m, s)
