"""Axes without the empty stretches between groups of values, each group drawn as large as it needs."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mixtura.digits import places, written

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Stretch = tuple[float, float]
GAP = 0.12  # of a group's room, between groups
SPARSE = 0.5  # of the whole range: where groups fill less, the rest is taken out


def stretches(values: Sequence[Stretch]) -> list[Stretch]:
    """The ranges that hold the values of some groups, each given by its least and greatest; one where gaps are small.

    >>> stretches([(8.0, 9.0), (30.0, 31.0), (8.5, 10.0)])
    [(8.0, 10.0), (30.0, 31.0)]
    >>> stretches([(0.0, 1.0), (1.2, 2.0)])
    [(0.0, 2.0)]
    """
    groups: list[Stretch] = []
    for low, high in sorted(values):
        if groups and low - groups[-1][1] < 0.5 * max(high - low, groups[-1][1] - groups[-1][0]):
            groups[-1] = groups[-1][0], max(high, groups[-1][1])
        else:
            groups.append((low, high))
    whole = groups[0][0], max(high for _, high in groups)
    filled = sum(high - low for low, high in groups)
    return groups if len(groups) > 1 and filled < SPARSE * (whole[1] - whole[0]) else [whole]


def take_out(ax: Axes, which: Literal["x", "y"], groups: Sequence[Stretch]) -> None:
    """Give each group the same room on an axis, and hatch where something is left out between two."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    groups = [_room(low, high) for low, high in groups]
    ends = np.ravel(groups)
    rooms = np.ravel([(i * (1 + GAP), i * (1 + GAP) + 1) for i in range(len(groups))])
    far = 1e3 * np.diff(ends)[[0, -1]]  # beyond the ends the scale goes on as it is there
    inner = np.concatenate([[ends[0] - far[0]], ends, [ends[-1] + far[1]]])
    outer = np.concatenate([[-1e3], rooms, [rooms[-1] + 1e3]])
    there, back = (lambda v: np.interp(v, inner, outer)), (lambda v: np.interp(v, outer, inner))
    axis = ax.xaxis if which == "x" else ax.yaxis
    getattr(ax, f"set_{which}scale")("function", functions=(there, back))
    getattr(ax, f"set_{which}lim")(ends[0], ends[-1])
    ticks, labels = _ticks(groups, max(1, 6 // len(groups)))
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FixedFormatter(labels))
    look: dict[str, Any] = {"facecolor": "0.95", "edgecolor": "0.75", "hatch": "////", "linewidth": 0, "zorder": 0}
    for (_, low), (high, _) in pairwise(groups):
        (ax.axvspan if which == "x" else ax.axhspan)(low, high, **look)


def _room(low: float, high: float) -> Stretch:
    """A range with some room at its ends, also where it is but one value."""
    pad = 0.04 * (high - low) or 0.01 * abs(low) or 1.0
    return low - pad, high + pad


def _ticks(groups: Sequence[Stretch], each: int) -> tuple[list[float], list[str]]:
    """About so many round numbers in each range, with the decimals that their distance needs."""
    from matplotlib.ticker import MaxNLocator

    ticks, labels = [], []
    for low, high in groups:
        found: Any = MaxNLocator(each, steps=[1, 2, 5, 10], min_n_ticks=1).tick_values(low, high)
        edge = 0.08 * (high - low)  # where a label would meet that of the next range
        inside = [v for v in found if low + edge <= v <= high - edge] or [(low + high) / 2]
        step = found[1] - found[0] if len(found) > 1 else high - low
        ticks += inside
        labels += [written(v, places(step * (1 + 1e-9), 1)) for v in inside]
    return ticks, [label.replace("-", "\N{MINUS SIGN}") for label in labels]
