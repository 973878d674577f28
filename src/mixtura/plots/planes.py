"""What pictures of two features share: points by membership, ellipses with their spread, the space they need."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mixtura.plots import style
from mixtura.plots.windows import Window, by_feature, window

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

MOST_POINTS = 5000  # in one panel
SPREAD = 40  # ellipses of single draws, per component
SMALL = 0.01  # a weight, below which an ellipse has no say in what is seen
INSIDE = 0.9  # a component's probability within its ellipse
RADIUS = math.sqrt(-2 * math.log(1 - INSIDE))
MEAN, DRAWS = f"{100 * INSIDE:g} % ellipse of posterior mean", f"{100 * INSIDE:g} % ellipses of {SPREAD} draws"


class Cloud(NamedTuple):
    """Points to be seen: rows x (m, d), areas (m,), colours (m, 4), labels (m,), and a note where they are not all."""

    x: np.ndarray
    areas: np.ndarray
    colors: np.ndarray
    labels: np.ndarray
    note: str


def cloud(fit: Fit, faded: bool = True) -> Cloud:
    """Points in the colour of their most probable component, faded by how uncertain that is; at most MOST_POINTS."""
    from matplotlib.colors import to_rgba_array

    n, k = len(fit.x), fit.n_components
    seen = np.arange(n)
    if n > MOST_POINTS:
        seen = np.sort(np.random.default_rng(0).choice(n, MOST_POINTS, replace=False))
    probability = fit.predict_proba(fit.x[seen])
    labels = probability.argmax(1)
    colors = to_rgba_array([style.color(index) for index in range(k)])[labels]
    sure = (probability.max(1) - 1 / k) / (1 - 1 / k) if k > 1 else np.ones(len(seen))
    colors[:, 3] = 0.12 + 0.63 * sure**2 if faded else 0.8
    weights = np.asarray(fit.weights)[seen]
    areas = np.clip(4000 / len(seen), 4, 16) * np.clip(weights / weights.mean(), 0.2, 9)
    note = f"{MOST_POINTS:,} of {n:,} points, chosen at random" if n > MOST_POINTS else ""
    return Cloud(fit.x[seen], areas, colors, labels, note)


def scatter(ax: Axes, points: Cloud, pair: tuple[int, int], **look: Any) -> None:
    """Two columns of the points, a shape per component; pixels, also where the rest of a figure is lines."""
    for j in np.unique(points.labels):
        own = points.labels == j
        x, y = points.x[np.ix_(own, pair)].T
        shape: dict[str, Any] = {"linewidths": 0, "rasterized": True, "marker": style.marker(j)}
        ax.scatter(x, y, s=points.areas[own], c=points.colors[own], **(shape | look))


def ellipses(ax: Axes, fit: Fit, pair: tuple[int, int]) -> None:
    """Each component's ellipse in the plane of two features: that of the posterior mean, and faintly of some draws."""
    from matplotlib.collections import LineCollection
    from matplotlib.patheffects import withStroke

    params: Any = fit.params()
    k, d = params.means.shape[-2:]
    means = params.means.reshape(-1, k, d)[..., pair]
    rows = params.factors.reshape(-1, k, d, d)[..., pair, :]
    covariances = rows @ rows.swapaxes(-1, -2)
    chosen = np.unique(np.linspace(0, len(means) - 1, SPREAD).astype(int))
    faint = _curves(means[chosen], covariances[chosen])
    center, middle = means.mean(0), _curves(means.mean(0), covariances.mean(0))
    for j in range(k):
        ax.add_collection(LineCollection(list(faint[:, j]), colors=style.color(j), linewidths=0.6, alpha=0.2))
        look: dict[str, Any] = {"path_effects": [withStroke(linewidth=2.4, foreground="white")], "zorder": 3}
        ax.plot(*middle[j].T, linewidth=1.6, **style.component(j), **look)
        look |= {"color": style.color(j), "fontweight": "bold", "ha": "center", "va": "center", "clip_on": True}
        ax.text(center[j, 0], center[j, 1], str(j), **look)


def _curves(means: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """Ellipses (..., m, 2) that hold INSIDE of a normal distribution in the plane."""
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = RADIUS * np.array([np.cos(angle), np.sin(angle)])
    curves: np.ndarray = means[..., None, :] + np.swapaxes(np.linalg.cholesky(covariances) @ circle, -1, -2)
    return curves


def windows_of(fit: Fit, names: Sequence[str], limits: Mapping[str, tuple[float, float]] | None = None) -> list[Window]:
    """What is seen of each feature: as the limits say, else what its points need, and a little more for ellipses."""
    given = by_feature(style.features(fit), limits)
    return [_widened(fit, column, given.get(name)) for column, name in zip(places(fit, names), names, strict=True)]


def _widened(fit: Fit, column: int, limits: Any) -> Window:
    """A feature's window, without limits made wider, by up to a quarter, for ellipses that reach out of it."""
    x = fit.x[:, column]
    seen = window(x, limits, fit.weights)
    if limits is not None:
        return seen
    params: Any = fit.params()
    means, scales, weights = params.means[..., column], params.scales[..., column], params.weights
    middle, reach = means.mean((0, 1)), RADIUS * np.sqrt((scales**2).mean((0, 1)))
    inside = x[seen.holds(x)]
    low, high = float(inside.min()), float(inside.max())
    shown = (weights.mean((0, 1)) > SMALL) & seen.holds(middle)
    span = high - low or 1.0
    ends = (np.append((middle - reach)[shown], low).min(), np.append((middle + reach)[shown], high).max())
    near, far = 0.06 * span, 0.25 * span
    low -= float(np.clip(low - ends[0] + 0.02 * span, near, far))
    high += float(np.clip(ends[1] - high + 0.02 * span, near, far))
    return Window(low, high, seen.note)


def notes(names: Sequence[str], seen: Sequence[Window]) -> list[str]:
    """What of each feature is not seen."""
    return [f"{name}: {one.note}" for name, one in zip(names, seen, strict=True) if one.note]


def key(fit: Fit) -> list[Any]:
    """What components and ellipses look like."""
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"markersize": 5, "linewidth": 1.6}
    parts = [
        Line2D([], [], label=f"component {j}", marker=style.marker(j), **look, **style.component(j))
        for j in range(fit.n_components)
    ]
    mean = Line2D([], [], color=style.SHARED, linewidth=1.6, label=MEAN)
    return [*parts, mean, Line2D([], [], color=style.SHARED, linewidth=0.6, alpha=0.4, label=DRAWS)]


def two_or_more(fit: Fit, picture: str) -> None:
    """An error where there is but one column."""
    if len(style.features(fit)) < 2:
        raise ValueError(f"plots.{picture} needs two features, and this fit has one column: draw plots.density(fit)")


def places(fit: Fit, names: Sequence[str]) -> list[int]:
    """Which columns the features are."""
    return [style.features(fit).index(name) for name in names]
