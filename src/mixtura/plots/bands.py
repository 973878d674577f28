"""The posterior mean density with its credible band, over the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import style
from mixtura.plots.histograms import bars

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from mixtura.fit import Fit


def density(fit: Fit, grid: Any = None, prob: float = 0.94, ax: Axes | None = None) -> Axes:
    """Posterior mean density with a credible band and its weighted components, over the data's histogram.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    grid
        Where the density is computed, `(m,)`; by default over the data and a little beyond.
    prob
        Probability that the band holds at each point of the grid.
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
    curves = fit.density(grid, prob=prob)
    bars(panel, fit.x, fit.weights)
    band(panel, curves.x.values, curves, prob)
    means(panel, curves.x.values, curves)
    style.tidy(panel, style.name(fit), "density")
    style.legend(panel, outside=ax is None)
    return panel


def band(ax: Axes, at: np.ndarray, curves: xr.Dataset, prob: float) -> None:
    """The credible band of a density."""
    look: dict[str, Any] = {"color": style.BAND, "alpha": 0.5, "linewidth": 0, "label": f"{100 * prob:g} % band"}
    ax.fill_between(at, curves.lower.values, curves.upper.values, **look)


def means(ax: Axes, at: np.ndarray, curves: xr.Dataset) -> None:
    """The posterior mean density and over it, each in its own style, the components that add up to it."""
    total, parts = curves.density.values, curves.component_density.values
    ax.plot(at, total, color=style.DATA, linewidth=2.4, label="posterior mean")
    seen = np.where(parts > 2e-3 * total.max(), parts, np.nan)
    for index, part in enumerate(seen):
        ax.plot(at, part, linewidth=1.4, label=f"component {index}", **style.component(index))
