"""How sure membership is: along one column, or over the plane of two features, and for which points least."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import maps, names, planes, style, windows
from mixtura.plots.memberships import shade, shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

SURE = 0.995  # a probability, from where on a point is not in doubt
RING: dict[str, Any] = {"marker": "o", "markerfacecolor": "none", "markeredgecolor": "black", "linestyle": ""}


def uncertainty(
    fit: Fit,
    features: Sequence[str] | None = None,
    doubtful: int = 8,
    points: Sequence[object] | None = None,
    prob: float = 0.94,
    limits: Any = None,
    ax: Axes | None = None,
) -> Axes:
    """How sure membership is, and the points whose component is least sure, by name.

    Of one column: the probability of each component along it, with a band for what the posterior leaves open, over all
    points; each doubtful one stands at the probability of its component, on the interval of that.

    Of rows: one minus the largest membership probability over the plane of two features, an average over 200 draws,
    under points and ellipses. Where a fit has more features than two, it is what the two say by themselves, under the
    marginal mixture; points keep the shape and colour of the component that is most probable by all their features,
    and doubtful are those that all features leave in doubt. Of more than 5,000 points, as many are drawn, chosen at
    random.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    features
        Which two, the horizontal one first; not needed where there are no more.
    doubtful
        How many points are ringed and named, at most, of those below a probability of .995; `fit.doubtful` has them as
        a table.
    points
        What the points are called, `(n,)`; by default their row numbers.
    prob
        Probability of bands and intervals, of a column.
    limits
        Of a column, what of the horizontal axis is shown, as in `density`; of rows a mapping of features to such
        limits, as in `pairs`.
    ax
        Where to draw; a new figure by default. A colour bar takes its room from it.

    Raises
    ------
    ValueError
        If the fit has more than two features and `features` does not name two of them, or there are not as many names
        as points.

    Examples
    --------
    >>> import mixtura as mx
    >>> x = np.column_stack(mx.datasets.faithful())
    >>> fit = mx.GaussianMixture(n_components=2).sample(x, draws=50, warmup=50, seed=1)
    >>> uncertainty(fit).get_xlabel()
    'x0'
    """
    style.check_fit(fit)
    n, several = len(fit.x), fit.x.ndim > 1
    called = range(n) if points is None else list(points)
    if len(called) != n:
        raise ValueError(f"points holds {len(called)} names; give {n}, one for each point, or none")
    pair = planes.places(fit, maps.two(fit, features) if several else style.chosen(fit, features))
    panel = style.panel(ax, 4.6 if several else 3.9)
    table = fit.doubtful(doubtful, prob=prob)
    table = table[table.iloc[:, 1] < SURE]
    rows = table.index.to_numpy()
    if several:
        key = maps.draw(panel, fit, features, limits)
        x, y = fit.x[np.ix_(rows, pair)].T
    else:
        x, (y, low, high) = fit.x[rows], table.iloc[:, 1:4].to_numpy().T
        key = _along(panel, fit, prob, limits)
        panel.vlines(x, low, high, color="black", linewidth=1)
    seen = np.flatnonzero(_inside(panel, x, y))
    if seen.size:
        key += panel.plot(x[seen], y[seen], markersize=7, label=_label(seen.size), zorder=5, **RING)
        write = names.put if several else names.above
        write(panel, x[seen], y[seen], [called[row] for row in rows[seen]])
    style.legend(panel, key, outside=ax is None)
    return panel


def _along(panel: Axes, fit: Fit, prob: float, limits: Any) -> list[Any]:
    """Memberships along a column over its points; what of it has a key."""
    params: Any = fit.params()
    seen = windows.window(fit.x, limits, fit.weights)
    shares(panel, fit, windows.grid(seen, params.means, params.scales), prob)
    look: dict[str, Any] = {"color": "0.2", "marker": "|", "linestyle": "", "markersize": 6, "alpha": 0.5}
    rug = np.unique(fit.x[seen.holds(fit.x)])[:: max(1, len(fit.x) // planes.MOST_POINTS)]
    panel.plot(rug, np.full(rug.size, -0.06), label="data", **look)
    panel.set(xlim=(seen.low, seen.high), ylim=(-0.1, 1.06))
    style.tidy(panel, style.name(fit), "membership probability")
    style.note(panel, seen.note)
    return [*panel.get_legend_handles_labels()[0], shade(prob)]


def _inside(panel: Axes, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Which of some places (m,) are seen."""
    (left, right), (low, high) = panel.get_xlim(), panel.get_ylim()
    return np.asarray((x >= left) & (x <= right) & (y >= low) & (y <= high))


def _label(number: int) -> str:
    return f"the {number} most doubtful points" if number > 1 else "the most doubtful point"
