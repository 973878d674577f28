"""Every feature against every other: the points, and the components that they are laid to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import planes, style
from mixtura.plots.bands import band, means
from mixtura.plots.histograms import bars

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit


def pairs(fit: Fit, features: Sequence[str] | None = None, prob: float = 0.94, ax: Any = None) -> np.ndarray:
    """Scatter of each pair of features with the components' ellipses, and on the diagonal each feature's density.

    A point has the colour of its most probable component and is the fainter the less sure that is; of more than
    5,000 points, as many are drawn, chosen at random. An ellipse holds 90 % of its component: a thick one for the
    posterior mean of mean and covariance, faint ones for 40 draws. On the diagonal are the feature's histogram and
    the posterior of its marginal density, with a pointwise band.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned for rows of two or more features.
    features
        Which, in which order; the first six by default.
    prob
        Probability that the band holds at each point of the grid.
    ax
        Where to draw, features times features axes; a new figure by default.

    Returns
    -------
    ndarray of Axes, (features, features)
        Those above the diagonal are empty and hidden.

    Raises
    ------
    ValueError
        If the fit has one column, or a feature is not there, or fewer than two are named.

    Examples
    --------
    >>> import mixtura as mx
    >>> x = np.column_stack(mx.datasets.faithful())
    >>> fit = mx.GaussianMixture(n_components=2).sample(x, draws=50, warmup=50, seed=1)
    >>> pairs(fit).shape
    (2, 2)
    """
    planes.two_or_more(fit, "pairs")
    names = style.chosen(fit, features, at_least=2)
    at, d = planes.places(fit, names), len(names)
    side = max(1.9, 6.8 / d)
    grid = style.axes(ax, d, d, (side, side))
    points, limits = planes.cloud(fit), [planes.limits(fit, column) for column in at]
    for i, row in enumerate(grid):
        for j, panel in enumerate(row[: i + 1]):
            if i == j:
                _marginal(panel, fit, at[i], limits[i], prob)
            else:
                planes.scatter(panel, points, (at[j], at[i]))
                planes.ellipses(panel, fit, (at[j], at[i]))
                panel.set_ylim(limits[i])
            panel.set_xlim(limits[j])
            panel.tick_params(labelbottom=i == d - 1, labelleft=j == 0 < i)
            panel.locator_params(nbins=4)
            style.tidy(panel, names[j] if i == d - 1 else "", names[i] if j == 0 < i else "")
        for panel in row[i + 1 :]:
            panel.set_axis_off()
    grid[0, 0].set_ylabel("density")
    _say(grid[0, -1], [points.note, style.left_out(fit, names)])
    style.legend(grid[0, 0], _key(fit, grid[0, 0]), outside=ax is None)
    return grid


def _marginal(ax: Axes, fit: Fit, column: int, limits: tuple[float, float], prob: float) -> None:
    """A feature's histogram under the posterior of its density."""
    x = fit.x[:, column]
    bars(ax, x, fit.weights)
    curves = fit.marginal(style.features(fit)[column]).density(_grid(fit, column, limits), prob)
    at = curves[curves.density.dims[0]].values
    band(ax, at, curves, prob)
    means(ax, at, curves)
    ax.set_ylim(bottom=0)
    ax.set_yticks([])


def _grid(fit: Fit, column: int, limits: tuple[float, float]) -> np.ndarray:
    """Even steps over the panel, and closer ones about each component, for narrow ones."""
    params: Any = fit.params()
    low, high = limits
    middle, scale = (np.median(block[..., column], axis=(0, 1)) for block in (params.means, params.scales))
    about = (middle[:, None] + scale[:, None] * np.linspace(-4, 4, 33)).ravel()
    return np.union1d(np.linspace(low, high, 150), about[(about > low) & (about < high)])


def _key(fit: Fit, diagonal: Axes) -> list[Any]:
    """What is to be seen on the diagonal and beside it."""
    handles, labels = diagonal.get_legend_handles_labels()
    shown = dict(zip(labels, handles, strict=True))
    return planes.key(fit) + [shown[label] for label in shown if not label.startswith("component")]


def _say(ax: Axes, notes: list[str]) -> None:
    """What to know of a picture, where it has room."""
    text = "\n".join(note for note in notes if note)
    look: dict[str, Any] = {"ha": "right", "va": "top", "fontsize": "small", "color": style.SHARED}
    ax.text(1, 1, text, transform=ax.transAxes, **look).set_in_layout(False)  # no panel need make room
