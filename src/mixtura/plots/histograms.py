"""The data's histogram with a kernel density estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.lattice import lattice_of
from mixtura.plots import style
from mixtura.plots.kde import kde
from mixtura.plots.windows import Window, window
from mixtura.reading.data import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST, MOST = 5, 120  # bins


def histogram(x: Any, weights: Any = None, limits: tuple[float, float] | None = None, ax: Axes | None = None) -> Axes:
    """Histogram of weighted points, as a density, under their kernel density estimate.

    The bins are twice as wide as the estimate's bandwidth, so that both show the same features.

    Parameters
    ----------
    x
        The points, `(n,)`. A `name` (of a pandas column, say) becomes the label of the axis.
    weights
        One frequency per point, `(n,)`; all 1 by default.
    limits
        What of the horizontal axis is shown, as in `density`.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    ValueError
        If the points or weights are not fit to be modelled; see `mixtura.reading.data.points`.

    Examples
    --------
    >>> histogram([1.0, 2.0, 2.5, 4.0]).get_ylabel()
    'density'
    """
    data = points(x, weights)
    panel = style.panel(ax)
    seen = window(data.x, limits, data.weights)
    bars(panel, data.x, data.weights, seen)
    inside = seen.holds(data.x)
    if inside.any():
        estimate = kde(data.x[inside], data.weights[inside])
        share = data.weights[inside].sum() / data.weights.sum()
        look: dict[str, Any] = {"color": style.PALETTE[0], "label": "kernel density estimate"}
        drawn = estimate.density > 1e-3 * estimate.density.max()
        panel.plot(estimate.grid, np.where(drawn, share * estimate.density, np.nan), **look)
    if seen.note:
        panel.set_xlim(seen.low, seen.high)
    style.tidy(panel, style.name(x), "density")
    style.note(panel, seen.note)
    style.legend(panel, outside=ax is None)
    return panel


def bars(ax: Axes, x: np.ndarray, weights: np.ndarray, seen: Window | None = None) -> None:
    """The grey histogram that stands behind other pictures too, of what is seen of the data."""
    inside = np.full(len(x), True) if seen is None else seen.holds(x)
    if not inside.any():
        return
    heights, edges = bins(x[inside], weights[inside])
    heights = heights * (weights[inside].sum() / weights.sum())
    ax.stairs(heights, edges, fill=True, color=style.FILL, label="data")
    ax.vlines(edges[1:-1], 0, np.maximum(heights[1:], heights[:-1]), color="white", linewidth=0.6)


def bins(x: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Density of the data in each bin, and the bins' edges; no bin is narrower than numbers can tell apart.

    Of rounded data each bin holds as many points of their lattice as any other, and edges lie halfway between two.

    >>> bins(np.array([1e8, 1e8 + 1.5e-8]), np.ones(2))[0].size
    5
    >>> bins(np.array([1.0, 2.0, 2.0, 3.0]), np.ones(4))[1]
    array([0.5, 1.5, 2.5, 3.5])
    """
    low, high = float(np.min(x)), float(np.max(x))
    width = 2 * kde(x, weights).bandwidth
    number = int(np.clip(np.ceil((high - low) / width), FEWEST, MOST))
    if (lattice := lattice_of(x, weights)) is not None:
        each = max(round(lattice.points(low, high) / number), 1)
        return np.histogram(x, lattice.edges(low, high, each), weights=weights, density=True)
    least = 2 * number * float(np.spacing(max(abs(low), abs(high))))
    if 0 < high - low < least:
        low, high = low - least / 2, high + least / 2
    return np.histogram(x, number, (low, high), weights=weights, density=True)
