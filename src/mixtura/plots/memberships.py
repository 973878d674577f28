"""The gallery's three panels: the data, their density, and who belongs where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import style
from mixtura.plots.bands import curves_of, means, numbers
from mixtura.plots.histograms import bars

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit


def panels(
    fit: Fit, grid: Any = None, prob: float = 0.94, limits: tuple[float, float] | None = None, ax: Any = None
) -> np.ndarray:
    """Data, posterior mean density and membership probabilities, one above the other over the same x.

    About each membership is a band: how far its probability is from being known.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    grid
        Where the curves are computed, `(m,)`; by default over the data and a little beyond.
    prob
        Probability that the bands hold at each point of the grid.
    limits
        What of the horizontal axis is shown, as in `density`.
    ax
        Where to draw, three axes; a new figure by default.

    Returns
    -------
    ndarray of Axes, (3,)

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> panels(fit).shape
    (3,)
    """
    style.check_one_column(fit, "panels")
    data, density, membership = three = style.axes(ax, 3, 1, (6.4, 2.2), sharex=True)[:, 0]
    curves, seen = curves_of(fit, grid, prob, limits)
    at = curves.x.values
    bars(data, fit.x, fit.weights, seen)
    means(density, at, curves)
    shares(membership, fit, at, prob)
    for panel in three:
        panel.set_xlim(seen.low, seen.high)
    style.tidy(data, "", "data (density)")
    style.tidy(density, "", "posterior density")
    style.tidy(membership, style.name(fit), "membership\nprobability")
    style.note(data, seen.note)
    style.legend(density, [*density.get_legend_handles_labels()[0], shade(prob)], outside=ax is None)
    numbers(density, at, curves)
    return three


def shares(ax: Axes, fit: Fit, at: np.ndarray, prob: float) -> None:
    """Membership of each component along x, with its band."""
    found, pale = fit.membership(at, prob), 0.2 if fit.n_components < 5 else 0.1
    for j, look in enumerate(map(style.component, range(fit.n_components))):
        one = found.sel(component=j)
        ax.fill_between(at, one.lower.values, one.upper.values, color=look["color"], alpha=pale, linewidth=0)
        ax.plot(at, one.probability.values, linewidth=1.6, label=f"component {j}", **look)
    ax.set_ylim(-0.03, 1.03)


def shade(prob: float) -> Any:
    """What a band about a membership looks like."""
    from matplotlib.patches import Patch

    return Patch(color=style.SHARED, alpha=0.2, linewidth=0, label=f"{100 * prob:g} % band of membership")
