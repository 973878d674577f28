"""Where a picture of one feature looks: at all of the data, or where they are if a few lie far away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mixtura.digits import places, trimmed
from mixtura.lattice import lattice_of

FEW = 0.01  # of the points, or one of ten: what may lie outside
HEAVY = 0.1  # of the weights: what never does
FAR = 8.0  # times as wide as without them: how wide all would be
ROOM = 0.1  # of its width, at each end


class Window(NamedTuple):
    """What is seen of some values: between `low` and `high`; `note` says what is not, if anything is not."""

    low: float
    high: float
    note: str

    def holds(self, x: np.ndarray) -> np.ndarray:
        """Which values are seen."""
        return np.asarray((x >= self.low) & (x <= self.high))


def window(x: np.ndarray, limits: Any = None, weights: np.ndarray | None = None) -> Window:
    """The window on values (n,): as far as the limits say; else all of them, unless a few make it very wide.

    What counts more than a tenth of the weights is never left out.

    Examples
    --------
    >>> window(np.array([0.0, 1.0]))
    Window(low=-0.1, high=1.1, note='')
    >>> window(np.append(np.linspace(60, 70, 300), 25_000.0))
    Window(low=59.0, high=71.0, note='1 of 301 points is outside (25000)')
    >>> window(np.array([0.0, 1.0]), (0.5, 2.0)).note
    '1 of 2 points is outside (0)'

    Raises
    ------
    ValueError
        If the limits are not two numbers, the smaller one first.
    """
    if limits is not None:
        low, high = checked(limits)
    else:
        low, high = _core(np.sort(x))
        outside = (x < low) | (x > high)
        if weights is not None and weights[outside].sum() > HEAVY * weights.sum():
            low, high = float(x.min()), float(x.max())
        room = ROOM * (high - low) or 0.5 * abs(low) or 1.0
        if (lattice := lattice_of(x, weights)) is not None:
            room = max(room, 0.6 * lattice.step)  # a bar is a step wide
        low, high = low - room, high + room
    away = np.sort(x[(x < low) | (x > high)])
    if not away.size:
        return Window(low, high, "")
    first, last = (trimmed(float(end), places((high - low) / 100)) for end in away[[0, -1]])
    which = first if away[0] == away[-1] else f"from {first} to {last}"
    return Window(low, high, f"{away.size:,} of {x.size:,} points {'are' if away.size > 1 else 'is'} outside ({which})")


def by_feature(features: Sequence[str], limits: Mapping[str, Any] | None) -> dict[str, Any]:
    """Limits of some features, checked for their names."""
    given = {} if limits is None else dict(limits)
    if unknown := [name for name in given if name not in features]:
        raise ValueError(f"limits names {unknown}; its keys are features: {', '.join(features)}")
    return given


def checked(limits: Any) -> tuple[float, float]:
    """Two numbers, the smaller one first, or an error."""
    try:
        low, high = (float(end) for end in limits)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ValueError(f"limits is {limits!r}; give two numbers, the smaller one first, such as (0, 10)")
    return low, high


def grid(seen: Window, means: np.ndarray, scales: np.ndarray) -> np.ndarray:
    """Even steps over the window, and closer ones about each component (..., k), for narrow ones."""
    k = means.shape[-1]
    middle, scale = (np.median(block.reshape(-1, k), axis=0) for block in (means, scales))
    about = (middle[:, None] + scale[:, None] * np.linspace(-4, 4, 33)).ravel()
    steps = np.linspace(seen.low, seen.high, 200)
    return np.union1d(steps, about[(about > seen.low) & (about < seen.high)])


def _core(x: np.ndarray) -> tuple[float, float]:
    """The ends of sorted values, or of the shortest stretch without a few of them if that is much shorter."""
    few = max(int(FEW * len(x)), int(len(x) >= 10))
    kept = len(x) - few
    first = int(np.argmin(x[kept - 1 :] - x[: few + 1]))
    low, high = float(x[first]), float(x[first + kept - 1])
    inside = few and 0 < FAR * (high - low) < x[-1] - x[0]
    if not inside:
        return float(x[0]), float(x[-1])
    seen = x[(x >= low - (high - low)) & (x <= high + (high - low))]  # what is near is no outlier
    return float(seen[0]), float(seen[-1])
