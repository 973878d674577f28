"""What pictures of two features share: points by membership, ellipses with their spread, the space they need."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mixtura.plots import style

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
    """Points to be seen: rows x (m, d), areas (m,), colours (m, 4), and a note where they are not all."""

    x: np.ndarray
    areas: np.ndarray
    colors: np.ndarray
    note: str


def cloud(fit: Fit, faded: bool = True) -> Cloud:
    """Points in the colour of their most probable component, faded by how uncertain that is; at most MOST_POINTS."""
    from matplotlib.colors import to_rgba_array

    n, k = len(fit.x), fit.n_components
    seen = np.arange(n)
    if n > MOST_POINTS:
        seen = np.sort(np.random.default_rng(0).choice(n, MOST_POINTS, replace=False))
    probability = fit.predict_proba(fit.x[seen])
    colors = to_rgba_array([style.color(index) for index in range(k)])[probability.argmax(1)]
    sure = (probability.max(1) - 1 / k) / (1 - 1 / k) if k > 1 else np.ones(len(seen))
    colors[:, 3] = 0.12 + 0.63 * sure**2 if faded else 0.8
    weights = np.asarray(fit.weights)[seen]
    areas = np.clip(4000 / len(seen), 2, 9) * np.clip(weights / weights.mean(), 0.2, 9)
    return Cloud(
        fit.x[seen], areas, colors, f"{MOST_POINTS:,} of {n:,} points, chosen at random" if n > MOST_POINTS else ""
    )


def scatter(ax: Axes, points: Cloud, pair: tuple[int, int], **look: Any) -> None:
    """Two columns of the points; pixels, also where the rest of a figure is lines."""
    x, y = points.x[:, pair].T
    ax.scatter(x, y, s=points.areas, c=points.colors, rasterized=True, **{"linewidths": 0, **look})


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


def limits(fit: Fit, column: int) -> tuple[float, float]:
    """The space that a feature needs: its range and a little beyond, and up to a quarter beyond for ellipses."""
    params: Any = fit.params()
    means, scales, weights = params.means[..., column], params.scales[..., column], params.weights
    middle, reach = means.mean((0, 1)), RADIUS * np.sqrt((scales**2).mean((0, 1)))
    seen = weights.mean((0, 1)) > SMALL
    low, high = float(fit.x[:, column].min()), float(fit.x[:, column].max())
    span = high - low or 1.0
    ends = (middle - reach)[seen].min() - 0.02 * span, (middle + reach)[seen].max() + 0.02 * span
    near, far = 0.06 * span, 0.25 * span
    return low - float(np.clip(low - ends[0], near, far)), high + float(np.clip(ends[1] - high, near, far))


def key(fit: Fit) -> list[Any]:
    """What components and ellipses look like."""
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"marker": "o", "markersize": 4, "linewidth": 1.6}
    parts = [Line2D([], [], label=f"component {j}", **look, **style.component(j)) for j in range(fit.n_components)]
    mean = Line2D([], [], color=style.SHARED, linewidth=1.6, label=MEAN)
    return [*parts, mean, Line2D([], [], color=style.SHARED, linewidth=0.6, alpha=0.4, label=DRAWS)]


def two_or_more(fit: Fit, picture: str) -> None:
    """An error where there is but one column."""
    if len(style.features(fit)) < 2:
        raise ValueError(f"plots.{picture} needs two features, and this fit has one column: draw plots.density(fit)")


def places(fit: Fit, names: Sequence[str]) -> list[int]:
    """Which columns the features are."""
    return [style.features(fit).index(name) for name in names]
