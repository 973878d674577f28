"""The posterior predictive check: would this model have made data like these?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.arguments import shown
from mixtura.digits import known
from mixtura.lattice import Lattice, lattice_of
from mixtura.line.records import Params
from mixtura.plots import style
from mixtura.plots.kde import CELLS, REACH, Kde, kde, smoothed
from mixtura.plots.windows import Window, by_feature, window
from mixtura.posterior import predict
from mixtura.posterior.thinning import evenly_spaced
from mixtura.posterior.unrounded import behind_column
from mixtura.posterior.variables import Draws
from mixtura.seeds import Seed, generator_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

LOOKED_AT = 2000  # points of each replicate that decide what is shown


def predictive_check(
    fit: Fit,
    draws: int = 50,
    seed: Seed = 0,
    features: Sequence[str] | None = None,
    limits: Any = None,
    ax: Any = None,
) -> Any:
    """Kernel density estimates of replicated data sets (light blue) under the data's (black), feature by feature.

    All have the data's bandwidth, so that what differs is the data. The dashed line is the replicates' mean. Replicates
    hold as many points as the data stand for, weights counted, and are rounded where the data are.

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
    params, rng = _some(fit._record.params, min(int(draws), most)), generator_of(seed)
    if fit.x.ndim == 1:
        panels = np.array([style.panel(ax)])
        _check(panels[0], fit, (params, 0), rng, limits)
    else:
        given = by_feature(style.features(fit), limits)
        panels = style.wrapped(ax, len(names), 3, (3.4, 2.6))
        for panel, name in zip(panels, names, strict=True):
            column = style.features(fit).index(name)
            _check(panel, fit, (params, column), rng, given.get(name))
    for panel, name in zip(panels, names, strict=True):
        style.tidy(panel, name, "density")
    style.legend(panels[0], outside=ax is None)
    return panels[0] if fit.x.ndim == 1 else panels


def _some(params: Draws, draws: int) -> Draws:
    """So many evenly spaced draws, in one chain."""
    flat = type(params)(*(block.reshape(-1, *block.shape[2:])[None] for block in params))
    chosen = evenly_spaced(flat.weights.shape[1], draws)
    return type(params)(*(block[:, chosen] for block in flat))


def _check(panel: Axes, fit: Fit, of: tuple[Draws, int], rng: np.random.Generator, limits: Any) -> None:
    """One column's data and replicates, one of each draw, which are counts in cells: as many points as the data."""
    from matplotlib.collections import LineCollection

    (draws, feature), weights = of, fit.weights
    x = fit.x if fit.x.ndim == 1 else np.ascontiguousarray(fit.x[:, feature])
    lattice = lattice_of(x, weights)
    params = behind_column(draws, fit._record, feature, lattice)
    some = predict.replicate(params, None, min(fit.n, LOOKED_AT), rng)
    seen = _window(x, weights, some, limits)
    inside = seen.holds(x)
    shown = some[seen.holds(some)]
    if not inside.any():
        raise ValueError(
            f"limits is {limits!r}, where there are no data: they lie from {known(x.min())} to {known(x.max())}"
        )
    own = kde(x[inside], weights[inside], over=(shown.min(), shown.max()) if shown.size else (np.inf, -np.inf))
    share = weights[inside].sum() / weights.sum()
    replicates = simulated(own, params, lattice, fit.n, rng)
    curves = np.stack(np.broadcast_arrays(own.grid, replicates.density), axis=-1)
    label = f"{len(curves)} replicated data sets"
    panel.add_collection(LineCollection(list(curves), colors=style.REPLICATES, linewidths=0.7, label=label))
    mean = replicates.density.mean(axis=0)
    panel.plot(own.grid, mean, color=style.PALETTE[0], linestyle="--", label="mean of the replicates")
    panel.plot(own.grid, share * own.density, color=style.DATA, linewidth=1.5, label="data")
    ends, reach = np.append(x[inside], shown), REACH * own.bandwidth  # where all curves are down
    panel.set_xlim(*((ends.min() - reach, ends.max() + reach) if limits is None else (seen.low, seen.high)))
    style.note(panel, seen.note)


def simulated(like: Kde, params: Params, lattice: Lattice | None, n: int, rng: np.random.Generator) -> Kde:
    """Estimates of data sets of n points, one of each draw (1, s, k), with the grid and bandwidth of the data's.

    What is simulated are the numbers of points in cells, for the cost of the cells: those of the grid, or those about
    the points of the lattice where data are rounded so much that these are fewer.
    """
    edges = like.edges
    ends = float(edges[0]), float(edges[-1])
    if lattice is not None and lattice.points(*ends) < CELLS:
        edges = lattice.edges(*ends)[1:-1]  # whose points all lie on the grid
    counts = rng.multinomial(n, predict.shares_between(edges, params))[:, 1:-1]
    cells = np.searchsorted(like.edges, (edges[1:] + edges[:-1]) / 2) - 1
    mass = np.zeros((len(counts), CELLS))
    mass[:, cells] = counts / n
    span = float(like.edges[-1] - like.edges[0])
    return like._replace(density=smoothed(mass, like.bandwidth / span) * CELLS / span)


def _window(x: np.ndarray, weights: np.ndarray, sets: np.ndarray, limits: Any) -> Window:
    """What is seen: the window of the data and that of the replicates, so that all curves end at 0."""
    if limits is not None:
        return window(x, limits)
    own, theirs = window(x, None, weights), window(sets.ravel())
    return window(x, (min(own.low, theirs.low), max(own.high, theirs.high)))
