"""Names of points: each beside its own where it covers the fewest others, or all above the axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE, WIDTH = 7.5, 0.62  # of letters, in points, and how wide one is of that
PLACES = [(1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1)]  # beside, above and below
STEPS = (7, 16, 26, 38)  # how far from its point a name may stand, in points


def put(ax: Axes, x: np.ndarray, y: np.ndarray, names: Sequence[object]) -> None:
    """Write each point's name near it, and a thin line between the two where it cannot be next to it."""
    from matplotlib.patheffects import withStroke

    figure = ax.get_figure(root=True)
    assert figure is not None
    points = ax.transData.transform(np.column_stack([x, y])) * 72 / figure.dpi
    window = ax.get_window_extent()
    inside = np.array([window.x0, window.y0, window.x1, window.y1]) * 72 / figure.dpi
    taken = [_box(point, (0, 0), 3, 3) for point in points]
    for at, place, name in zip(zip(x, y, strict=True), points, names, strict=True):
        text = str(name)
        half = np.array([WIDTH * SIZE * len(text), SIZE * 1.2]) / 2
        tries = [np.array(d) * (half + step - 4) for step in STEPS for d in PLACES]
        boxes = [_box(place, move, *half) for move in tries]
        cost = [_overlap(box, taken) + 100 * _outside(box, inside) + 0.01 * i for i, box in enumerate(boxes)]
        best = int(np.argmin(cost))
        taken.append(boxes[best])
        move = (float(tries[best][0]), float(tries[best][1]))
        line = {"arrowstyle": "-", "linewidth": 0.5, "color": "0.3"} if best >= len(PLACES) else None
        text_of = ax.annotate(text, at, move, textcoords="offset points", fontsize=SIZE, arrowprops=line, zorder=6)
        text_of.set(ha="center", va="center", path_effects=[withStroke(linewidth=2, foreground="white")])


def above(ax: Axes, x: np.ndarray, y: np.ndarray, names: Sequence[object]) -> None:
    """Write the names upright above the axes, in the points' order, and a thin line from each to its point."""
    figure = ax.get_figure(root=True)
    assert figure is not None
    order = np.argsort(x, kind="stable")
    at = ax.transData.transform(np.column_stack([x, y])[order])[:, 0] * 72 / figure.dpi
    window = ax.get_window_extent()
    places = _apart(at, 1.5 * SIZE, window.x0 * 72 / figure.dpi, window.x1 * 72 / figure.dpi)
    for i, place in zip(order, places, strict=True):
        share = (place * figure.dpi / 72 - window.x0) / window.width
        line = {"arrowstyle": "-", "linewidth": 0.5, "color": "0.4", "shrinkA": 0, "shrinkB": 3}
        where: dict[str, Any] = {"xycoords": "data", "textcoords": "axes fraction", "rotation": 90, "fontsize": SIZE}
        ax.annotate(str(names[i]), (x[i], y[i]), (share, 1.04), arrowprops=line, ha="center", va="bottom", **where)


def _apart(wanted: np.ndarray, least: float, low: float, high: float) -> np.ndarray:
    """Places as near as can be to those wanted, sorted, and apart by at least so much, or as there is room.

    >>> _apart(np.array([1.0, 1.0, 9.0]), 2.0, 0.0, 10.0)
    array([0., 2., 9.])
    """
    least = min(least, (high - low) / max(1, len(wanted) - 1))
    steps = least * np.arange(len(wanted))
    level, blocks = wanted - steps, []
    for value in level:  # the nearest that never falls: neighbours that would cross share their mean
        blocks.append([value, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, m), (b, n) = blocks[-2:]
            blocks[-2:] = [[(a * m + b * n) / (m + n), m + n]]
    found = np.repeat([value for value, _ in blocks], [int(size) for _, size in blocks])
    return np.asarray(np.clip(found, low, max(low, high - steps[-1])) + steps)


def _box(place: np.ndarray, move: Sequence[float] | np.ndarray, width: float, height: float) -> np.ndarray:
    """Left, lower, right and upper end of what lies about a place, moved."""
    x, y = place[0] + move[0], place[1] + move[1]
    return np.array([x - width, y - height, x + width, y + height])


def _overlap(box: np.ndarray, others: Sequence[np.ndarray]) -> float:
    """The area that a box shares with others."""
    each = np.array(others)
    wide = np.minimum(box[2], each[:, 2]) - np.maximum(box[0], each[:, 0])
    high = np.minimum(box[3], each[:, 3]) - np.maximum(box[1], each[:, 1])
    return float((np.maximum(wide, 0) * np.maximum(high, 0)).sum())


def _outside(box: np.ndarray, window: np.ndarray) -> float:
    """How far a box reaches out of a window."""
    return float(np.maximum(np.append(window[:2] - box[:2], box[2:] - window[2:]), 0).sum())
