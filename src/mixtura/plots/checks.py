"""The posterior predictive check: would this model have made data like these?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.arguments import shown
from mixtura.digits import known
from mixtura.plots import style
from mixtura.plots.kde import REACH, kde, kde_like
from mixtura.plots.windows import Window, by_feature, window
from mixtura.seeds import Seed

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit


def predictive_check(
    fit: Fit,
    draws: int = 50,
    seed: Seed = 0,
    features: Sequence[str] | None = None,
    limits: Any = None,
    ax: Any = None,
) -> Any:
    """Kernel density estimates of replicated data sets (light blue) under the data's (black), feature by feature.

    All have the data's bandwidth, so that what differs is the data. The dashed line is the replicates' mean.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    draws
        Number of replicated data sets, each from its own draw of the posterior; at most as many as there are.
    seed
        Of the replicates.
    features
        Which features; the first six by default.
    limits
        Of a column, what of the horizontal axis is shown, as in `density`; of rows a mapping of features to such
        limits.
    ax
        Where to draw, one per feature; a new figure by default.

    Returns
    -------
    Axes, or ndarray of Axes (features,)
        One alone for a fit of one column.

    Raises
    ------
    ValueError
        If `draws` is not a positive whole number, or a feature is not there.

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> predictive_check(fit).get_ylabel()
    'density'
    """
    if isinstance(draws, bool | np.timedelta64) or not isinstance(draws, int | np.integer) or draws < 1:
        raise ValueError(f"draws is {shown(draws)}; how many data sets to replicate is a whole number, at least 1")
    names = style.chosen(fit, features)
    most = fit.posterior.sizes["chain"] * fit.posterior.sizes["draw"]
    replicates = fit.sample_predictive(min(int(draws), most), seed=seed)
    if fit.x.ndim == 1:
        panels = np.array([style.panel(ax)])
        _check(panels[0], fit.x, fit.weights, replicates, limits)
    else:
        given = by_feature(style.features(fit), limits)
        panels = style.wrapped(ax, len(names), 3, (3.4, 2.6))
        for panel, name in zip(panels, names, strict=True):
            column = style.features(fit).index(name)
            _check(panel, fit.x[:, column], fit.weights, replicates[..., column], given.get(name))
    for panel, name in zip(panels, names, strict=True):
        style.tidy(panel, name, "density")
    style.legend(panels[0], outside=ax is None)
    return panels[0] if fit.x.ndim == 1 else panels


def _check(panel: Axes, x: np.ndarray, weights: np.ndarray, sets: np.ndarray, limits: Any) -> None:
    """One column's data (n,) and replicates (draws, n)."""
    from matplotlib.collections import LineCollection

    seen = _window(x, weights, sets, limits)
    inside = seen.holds(x)
    shown = sets[seen.holds(sets)]
    if not inside.any():
        raise ValueError(
            f"limits is {limits!r}, where there are no data: they lie from {known(x.min())} to {known(x.max())}"
        )
    data = kde(x[inside], weights[inside], over=(shown.min(), shown.max()) if shown.size else (np.inf, -np.inf))
    share = weights[inside].sum() / weights.sum()
    replicates = kde_like(sets, data)
    curves = np.stack(np.broadcast_arrays(data.grid, replicates.density), axis=-1)
    label = f"{len(curves)} replicated data sets"
    panel.add_collection(LineCollection(list(curves), colors=style.REPLICATES, linewidths=0.7, label=label))
    mean = replicates.density.mean(axis=0)
    panel.plot(data.grid, mean, color=style.PALETTE[0], linestyle="--", label="mean of the replicates")
    panel.plot(data.grid, share * data.density, color=style.DATA, linewidth=1.5, label="data")
    ends, reach = np.append(x[inside], shown), REACH * data.bandwidth  # where all curves are down
    panel.set_xlim(*((ends.min() - reach, ends.max() + reach) if limits is None else (seen.low, seen.high)))
    style.note(panel, seen.note)


def _window(x: np.ndarray, weights: np.ndarray, sets: np.ndarray, limits: Any) -> Window:
    """What is seen: the window of the data and that of the replicates, so that all curves end at 0."""
    if limits is not None:
        return window(x, limits)
    own, theirs = window(x, None, weights), window(sets.ravel())
    return window(x, (min(own.low, theirs.low), max(own.high, theirs.high)))
