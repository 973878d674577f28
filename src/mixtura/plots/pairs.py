"""Every feature against every other: the points, and the components that they are laid to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import planes, style, windows
from mixtura.plots.bands import band, means
from mixtura.plots.histograms import bars

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit


def pairs(
    fit: Fit,
    features: Sequence[str] | None = None,
    prob: float = 0.94,
    limits: Mapping[str, tuple[float, float]] | None = None,
    ax: Any = None,
) -> np.ndarray:
    """Scatter of each pair of features with the components' ellipses, and on the diagonal each feature's density.

    A point has the shape and colour of its most probable component and is the fainter the less sure that is; of more
    than 5,000 points, as many are drawn, chosen at random. An ellipse holds 90 % of its component: a thick one for the
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
    limits
        Mapping of features to what is shown of their axes; by default all data, and where a few points lie so far away
        that the others could not be seen, the others (a note says so).
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
    points, seen = planes.cloud(fit), planes.windows_of(fit, names, limits)
    for i, row in enumerate(grid):
        for j, panel in enumerate(row[: i + 1]):
            if i == j:
                _marginal(panel, fit, at[i], seen[i], prob)
            else:
                planes.scatter(panel, points, (at[j], at[i]))
                planes.ellipses(panel, fit, (at[j], at[i]))
                panel.set_ylim(seen[i].low, seen[i].high)
            panel.set_xlim(seen[j].low, seen[j].high)
            panel.tick_params(labelbottom=i == d - 1, labelleft=j == 0 < i)
            panel.locator_params(nbins=4)
            style.tidy(panel, names[j] if i == d - 1 else "", names[i] if j == 0 < i else "")
        for panel in row[i + 1 :]:
            panel.set_axis_off()
    grid[0, 0].set_ylabel("density")
    _say(grid[0, -1], [points.note, style.left_out(fit, names), *planes.notes(names, seen)])
    style.legend(grid[0, 0], _key(fit, grid[0, 0]), outside=ax is None)
    return grid


def _marginal(ax: Axes, fit: Fit, column: int, seen: windows.Window, prob: float) -> None:
    """A feature's histogram under the posterior of its density."""
    bars(ax, fit.x[:, column], fit.weights, seen)
    params: Any = fit.params()
    steps = windows.grid(seen, params.means[..., column], params.scales[..., column])
    curves = fit.marginal(style.features(fit)[column]).density(steps, prob)
    at = curves[curves.density.dims[0]].values
    band(ax, at, curves, prob)
    means(ax, at, curves)
    ax.set_ylim(bottom=0)
    ax.set_yticks([])


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
