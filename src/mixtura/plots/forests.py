"""Intervals of all parameters, one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import style
from mixtura.plots.series import TRUTH, Series, all_series, left_out
from mixtura.posterior.convergence import hdi
from mixtura.posterior.diagnose import check_prob

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

INNER = 0.5  # probability of the thick interval


def forest(
    fit: Fit,
    var_names: Sequence[str] | str | None = None,
    true_values: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
    prob: float = 0.94,
    ax: Any = None,
) -> np.ndarray:
    """Posterior mean and highest-density intervals, a panel per variable and feature, a line per component.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    var_names, true_values, features
        As in `trace`.
    prob
        Probability of the thin interval, the one that `fit.summary()` gives; the thick one holds 50 %.
    ax
        Where to draw, one per variable and feature; a new figure by default.

    Returns
    -------
    ndarray of Axes
        One per variable and feature, in the order of `fit.posterior`.

    Raises
    ------
    ValueError
        If a variable or feature is not in the posterior, or the true values do not match it.

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> forest(fit, ["weight", "mean"]).shape
    (2,)
    """
    check_prob(prob)
    rows = all_series(fit, var_names, true_values, features)
    most = max(len(row.draws) for row in rows)
    panels = style.wrapped(ax, len(rows), 3, (3.4, 0.9 + 0.24 * most))
    for panel, row in zip(panels, rows, strict=True):
        _intervals(panel, row, prob)
    truth = any(row.truth is not None for row in rows)
    style.legend(panels[0], _key(prob, truth, left_out(fit, rows, features)), outside=ax is None)
    return panels


def _intervals(panel: Axes, row: Series, prob: float) -> None:
    """One variable's intervals, the first component's on top."""
    means = row.draws.mean((1, 2))
    for j, (draws, mean) in enumerate(zip(row.draws, means, strict=True)):
        look: dict[str, Any] = {"color": style.SHARED if row.shared else style.color(j), "solid_capstyle": "butt"}
        for inside, width in ((prob, 1.4), (min(INNER, prob), 4.5)):
            low, high = hdi(draws[None], inside)
            panel.plot([low[0], high[0]], [j, j], linewidth=width, **look)
        marker = "o" if row.shared else style.marker(j)
        panel.plot(mean, j, marker=marker, color=look["color"], markersize=6, markeredgecolor="white")
        if row.truth is not None:
            true = row.truth[min(j, len(row.truth) - 1)]
            panel.vlines(true, j - 0.4, j + 0.4, color=TRUTH["color"], linestyle="--", linewidth=1)
    panel.set_yticks(range(len(means)), ["all"] if row.shared else map(str, range(len(means))))
    panel.set_ylim(len(means) - 0.4, -0.6)
    panel.locator_params(axis="x", nbins=5)
    style.tidy(panel, row.label, "component")
    panel.set_axisbelow(True)
    panel.grid(axis="x", color="0.92")


def _key(prob: float, truth: bool, note: str) -> list[Any]:
    """What the marks stand for."""
    from matplotlib.lines import Line2D

    grey: dict[str, Any] = {"color": style.SHARED}
    key = [
        Line2D([], [], marker="o", linestyle="", label="posterior mean", **grey),
        Line2D([], [], linewidth=4.5, label=f"{100 * INNER:g} % interval", **grey),
        Line2D([], [], linewidth=1.4, label=f"{100 * prob:g} % interval", **grey),
    ]
    key += [Line2D([], [], label="true value", **TRUTH)] * truth
    return [*key, Line2D([], [], linestyle="", label=note)] if note else key
