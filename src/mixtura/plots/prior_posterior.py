"""What the data taught: the density of each parameter before them and after."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import style
from mixtura.plots.marginals import VISIBLE, marginal
from mixtura.plots.series import Series, all_series, draws_at, left_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

DRAWS = 2000  # of the prior
BESIDE = 1.0  # of the posterior's width, at each side: what is seen of the prior
HIGHEST = 1.5  # times as high as the posterior is what is seen of the prior
FEWEST = 20  # draws of the prior in sight, for a curve


def prior_posterior(
    fit: Fit,
    var_names: Sequence[str] | str | None = None,
    features: Sequence[str] | None = None,
    seed: int = 0,
    ax: Any = None,
) -> np.ndarray:
    """Density of each parameter's prior (grey) beside that of its posterior, a panel per parameter.

    A panel shows the posterior and as much again on either side; where the prior is wider or much higher, its curve
    goes on. Where the two look alike, the data taught nothing of this parameter, and where they lie apart, they
    contradict each other. All chains are taken together.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    var_names, features
        As in `trace`.
    seed
        Of the draws from the prior.
    ax
        Where to draw, one per parameter; a new figure by default.

    Returns
    -------
    ndarray of Axes
        One per parameter, in the order of `fit.posterior`.

    Raises
    ------
    ValueError
        If a variable or feature is not in the posterior.

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> prior_posterior(fit, "mean").shape
    (2,)
    """
    rows = all_series(fit, var_names, None, features)
    number = sum(len(row.draws) for row in rows)
    panels = style.wrapped(ax, number, max(3, min(fit.n_components, 6)), (2.6, 1.9))
    prior, alike, rest = fit.prior(DRAWS, seed), fit.model.exchangeable, iter(panels)
    for row in rows:
        believed = draws_at(prior[row.variable], row.place)
        for j in range(len(row.draws)):
            _beside(next(rest), row, j, believed if alike else believed[j])
    key = panels[0].get_legend_handles_labels()[0]
    if note := left_out(fit, rows, features):
        key += panels[0].plot([], linestyle="", label=note)
    style.legend(panels[0], key, outside=ax is None)
    return panels


def _beside(panel: Axes, row: Series, j: int, believed: np.ndarray) -> None:
    """One parameter's posterior over its prior."""
    values = row.draws[j].reshape(1, -1)
    color = style.SHARED if row.shared else style.color(j)
    if np.ptp(values):
        found = marginal(values, row.bounds)
        height = np.where(found.density[0] > VISIBLE * found.density.max(), found.density[0], np.nan)
        panel.fill_between(found.grid, height, color=color, alpha=0.25, linewidth=0)
        panel.plot(found.grid, height, color=color, linewidth=1.8, label="posterior")
        top = found.density.max()
    else:
        panel.axvline(values[0, 0], color=color, linewidth=1.8, label="posterior")
        top = 0.0
    low, high = np.quantile(values, [0.005, 0.995])
    more = BESIDE * (high - low) or float(np.ptp(np.quantile(believed, [0.05, 0.95]))) / 2
    low, high = max(row.bounds[0], low - more), min(row.bounds[1], high + more)
    inside = believed[(believed >= low) & (believed <= high)]
    if inside.size > FEWEST:
        estimate = marginal(inside[None], (low, high))
        curve = estimate.density[0] * inside.size / believed.size
        panel.plot(estimate.grid, curve, color="0.45", linestyle=style.line(1), linewidth=1.4, label="prior")
        top = max(top, min(curve.max(), HIGHEST * top or np.inf))
    panel.set(xlim=(low, high), ylim=(0, 1.06 * top or 1.0))
    style.tidy(panel, row.title(j), "density")
    panel.locator_params(nbins=4)
