"""The posterior mean density with its credible band, over the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import style, windows
from mixtura.plots.histograms import bars

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

LETTER = 10  # points


def density(
    fit: Fit, grid: Any = None, prob: float = 0.94, limits: tuple[float, float] | None = None, ax: Axes | None = None
) -> Axes:
    """Posterior mean density with a credible band and its weighted components, over the data's histogram.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    grid
        Where the density is computed, `(m,)`; by default over the data and a little beyond.
    prob
        Probability that the band holds at each point of the grid.
    limits
        What of the horizontal axis is shown; by default all data, and where a few points lie so far away that the
        others could not be seen, the others (a note says so).
    ax
        Where to draw; a new figure by default.

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> density(fit).get_ylabel()
    'density'
    """
    style.check_one_column(fit, "density")
    panel = style.panel(ax)
    curves, seen = curves_of(fit, grid, prob, limits)
    bars(panel, fit.x, fit.weights, seen)
    band(panel, curves.x.values, curves, prob)
    means(panel, curves.x.values, curves)
    panel.set_xlim(seen.low, seen.high)
    style.tidy(panel, style.name(fit), "density")
    style.note(panel, seen.note)
    style.legend(panel, outside=ax is None)
    numbers(panel, curves.x.values, curves)
    return panel


def curves_of(fit: Fit, grid: Any, prob: float, limits: Any) -> tuple[xr.Dataset, windows.Window]:
    """The density of one column at a grid, by default that of its window, and the window."""
    if grid is not None and limits is None:
        curves = fit.density(grid, prob=prob)
        limits = float(curves.x.min()), float(curves.x.max())
        return curves, windows.window(fit.x, limits if limits[0] < limits[1] else None)
    seen = windows.window(fit.x, limits, fit.weights)
    if grid is None:
        params: Any = fit.params()
        grid = windows.grid(seen, params.means, params.scales)
    return fit.density(grid, prob=prob), seen


def band(ax: Axes, at: np.ndarray, curves: xr.Dataset, prob: float) -> None:
    """The credible band of a density."""
    look: dict[str, Any] = {"color": style.BAND, "alpha": 0.5, "linewidth": 0, "label": f"{100 * prob:g} % band"}
    ax.fill_between(at, curves.lower.values, curves.upper.values, **look)


def means(ax: Axes, at: np.ndarray, curves: xr.Dataset) -> None:
    """The posterior mean density, a thin line, in the middle of the broad ones of the components that add up to it."""
    total, parts = curves.density.values, curves.component_density.values
    ax.plot(at, total, color=style.DATA, linewidth=1.1, zorder=3, label="posterior mean")
    seen = np.where(parts > 2e-3 * total.max(), parts, np.nan)
    for index, part in enumerate(seen):
        ax.fill_between(at, part, color=style.color(index), alpha=0.15, linewidth=0)
        ax.plot(at, part, linewidth=2.8, label=f"component {index}", **style.component(index))


def numbers(ax: Axes, at: np.ndarray, curves: xr.Dataset) -> None:
    """Each component's number under its highest point, or above it where that is low, as far as there is room."""
    from matplotlib.patheffects import withStroke

    parts = curves.component_density.values
    tops, highest = at[parts.argmax(1)], parts.max(1)
    (x, high), (_, low) = (ax.transData.transform(np.column_stack([tops, y])).T for y in (highest, 0 * highest))
    letter = 1.5 * LETTER * ax.figure.dpi / 72
    taken: list[tuple[float, float]] = []
    inner = (tops > at[0]) & (tops < at[-1])
    for j in np.argsort(-highest):
        tall = high[j] - low[j] > 2 * letter
        places = low[j] + (high[j] - low[j]) * np.array([0.5, 0.75, 0.25]) if tall else [high[j] + 0.7 * letter]
        free = [y for y in places if all(abs(x[j] - a) > letter or abs(y - b) > letter for a, b in taken)]
        if not free or not inner[j] or highest[j] < 0.02 * highest.max():
            continue
        taken.append((float(x[j]), float(free[0])))
        where = ax.transData.inverted().transform(taken[-1])
        look: dict[str, Any] = {"color": style.color(j), "fontweight": "bold", "fontsize": LETTER, "zorder": 4}
        look |= {"path_effects": [withStroke(linewidth=2.4, foreground="white")], "clip_on": True}
        ax.text(float(where[0]), float(where[1]), str(j), ha="center", va="center", **look)
