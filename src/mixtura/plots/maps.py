"""A map of the plane: where it is clear which component a point belongs to, and where it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import planes, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

CELLS, DRAWS = 160, 200


def two(fit: Fit, features: Sequence[str] | None) -> list[str]:
    """The features of a plane, or an error that asks for them."""
    names = style.features(fit) if features is None else style.chosen(fit, features, at_least=2)
    if len(names) != 2:
        raise ValueError(
            f"plots.uncertainty draws two features; name two of {', '.join(style.features(fit))}, "
            f"as in plots.uncertainty(fit, {style.features(fit)[:2]})"
        )
    return names


def draw(
    panel: Axes, fit: Fit, features: Sequence[str] | None, limits: Mapping[str, tuple[float, float]] | None
) -> list[Any]:
    """One minus the largest membership over the plane, under points and ellipses; what of it has a key."""
    from matplotlib.colors import LinearSegmentedColormap

    names = two(fit, features)
    pair = planes.places(fit, names)
    seen = planes.windows_of(fit, names, limits)
    x, y = (np.linspace(window.low, window.high, CELLS) for window in seen)
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
    style.note(panel, "\n".join(filter(None, [points.note, *planes.notes(names, seen)])))
    style.tidy(panel, *names)
    return planes.key(fit)
