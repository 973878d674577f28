"""A map of the plane: where it is clear which component a point belongs to, and where it is not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from mixtura.plots import planes, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

CELLS, DRAWS = 160, 200


def uncertainty(fit: Fit, features: Sequence[str] | None = None, ax: Axes | None = None) -> Axes:
    """One minus the largest membership probability over the plane of two features, under points and ellipses.

    The probabilities are averages over 200 draws. Where a fit has more features than two, they are those that the two
    give by themselves, under the marginal mixture; the points keep the colour of the component that is most
    probable by all their features. Of more than 5,000 points, as many are drawn, chosen at random.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned for rows of two or more features.
    features
        Which two, the horizontal one first; not needed where there are no more.
    ax
        Where to draw; a new figure by default. The colour bar takes its room from it.

    Raises
    ------
    ValueError
        If the fit has one column, or more than two and `features` does not name two of them.

    Examples
    --------
    >>> import mixtura as mx
    >>> x = np.column_stack(mx.datasets.faithful())
    >>> fit = mx.GaussianMixture(n_components=2).sample(x, draws=50, warmup=50, seed=1)
    >>> uncertainty(fit).get_xlabel()
    'x0'
    """
    planes.two_or_more(fit, "uncertainty")
    names = style.features(fit) if features is None else style.chosen(fit, features, at_least=2)
    if len(names) != 2:
        raise ValueError(
            f"plots.uncertainty draws two features; name two of {', '.join(style.features(fit))}, "
            f"as in plots.uncertainty(fit, {style.features(fit)[:2]})"
        )
    from matplotlib.colors import LinearSegmentedColormap

    panel = style.panel(ax, 4.6)
    pair = planes.places(fit, names)
    x, y = (np.linspace(*planes.limits(fit, column), CELLS) for column in pair)
    plane = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    unsure = 1 - fit.marginal(names).predict_proba(plane, DRAWS).max(1).reshape(CELLS, CELLS)
    most, greys = 1 - 1 / max(2, fit.n_components), LinearSegmentedColormap.from_list("greys", ["white", "0.3"])
    image = panel.pcolormesh(x, y, unsure, cmap=greys, vmin=0, vmax=most, shading="gouraud", rasterized=True)
    points = planes.cloud(fit, faded=False)
    planes.scatter(panel, points, (pair[0], pair[1]), edgecolors="white", linewidths=0.3)
    planes.ellipses(panel, fit, (pair[0], pair[1]))
    panel.set(xlim=x[[0, -1]], ylim=y[[0, -1]])
    by = "" if len(style.features(fit)) == 2 else ", by these two alone"
    figure = panel.get_figure(root=True)
    assert figure is not None
    figure.colorbar(image, ax=panel, label=f"1 − largest membership probability{by}")
    if points.note:
        panel.set_title(points.note, fontsize="small", color=style.SHARED, loc="right")
    style.tidy(panel, *names)
    style.legend(panel, planes.key(fit), outside=ax is None)
    return panel
