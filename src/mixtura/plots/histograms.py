"""The data's histogram with a kernel density estimate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.data import points
from mixtura.plots import style
from mixtura.plots.kde import kde

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def histogram(x: Any, weights: Any = None, ax: Axes | None = None) -> Axes:
    """Histogram of weighted points, as a density, under their kernel density estimate.

    The bins are twice as wide as the estimate's bandwidth, so that both show the same features.

    Parameters
    ----------
    x
        The points, `(n,)`. A `name` (of a pandas column, say) becomes the label of the axis.
    weights
        One frequency per point, `(n,)`; all 1 by default.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    ValueError
        If the points or weights are not fit to be modelled; see `mixtura.data.points`.

    Examples
    --------
    >>> histogram([1.0, 2.0, 2.5, 4.0]).get_ylabel()
    'density'
    """
    data = points(x, weights)
    panel = style.panel(ax)
    bars(panel, data.x, data.weights)
    estimate = kde(data.x, data.weights)
    panel.plot(estimate.grid, estimate.density, color=style.PALETTE[0], label="kernel density estimate")
    style.tidy(panel, style.name(x), "density")
    style.legend(panel, outside=ax is None)
    return panel


def bars(ax: Axes, x: np.ndarray, weights: np.ndarray) -> None:
    """The grey histogram that stands behind other pictures too."""
    heights, edges = bins(x, weights)
    ax.stairs(heights, edges, fill=True, color=style.FILL, label="data")
    ax.vlines(edges[1:-1], 0, np.maximum(heights[1:], heights[:-1]), color="white", linewidth=0.6)


def bins(x: np.ndarray, weights: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Density of the data in each bin, and the bins' edges.

    Of data that differ in their last digits only, there are no more bins than numbers between the ends.
    """
    low, high = float(np.min(x)), float(np.max(x))
    wanted = (high - low) / (2 * kde(x, weights).bandwidth)
    most = (high - low) / np.spacing(max(abs(low), abs(high)))
    number = int(min(np.clip(np.ceil(wanted), 5, 120), most))
    return np.histogram(x, number, weights=weights, density=True)
