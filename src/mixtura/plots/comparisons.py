"""Fits side by side: how well each predicts, and what each makes of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import planes, style, windows
from mixtura.plots.histograms import bars

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

LITTLE = 4.0  # Sivula et al. (2020): differences below it say little


def compare(
    fits: Mapping[str, Fit],
    table: pd.DataFrame | None = None,
    features: Sequence[str] | None = None,
    limits: Any = None,
    ax: Any = None,
) -> np.ndarray:
    """How far each fit is behind the best in predicting points left out, and the densities of all over the data.

    The first panel has elpd differences with their standard errors, best first, and is grey where they say little
    (below 4); the others, one per feature, have the posterior mean density of each fit over the data's histogram.

    Parameters
    ----------
    fits
        Fits of the same data by name, two or more.
    table
        What `mixtura.compare` said of them; worked out if none is given.
    features
        Which features of rows; the first six by default.
    limits
        Of a column, what of the horizontal axis is shown, as in `density`; of rows a mapping of features to such
        limits.
    ax
        Where to draw, one and one per feature; a new figure by default.

    Returns
    -------
    ndarray of Axes (1 + features,)

    Raises
    ------
    ValueError
        If there are fewer than two fits, they are not of the same data, the table is not of these fits, or a feature is
        not there.

    Examples
    --------
    >>> import mixtura as mx
    >>> data = mx.datasets.book()
    >>> fits = {f"k={k}": mx.GaussianMixture(n_components=k).sample(data, draws=100, seed=1) for k in (2, 3)}
    >>> compare(fits).shape
    (2,)
    """
    if table is None:
        from mixtura.posterior import comparison

        table = comparison.compare(fits)
    if set(table.index) != set(fits):
        raise ValueError(f"table compares {', '.join(map(str, table.index))}; these fits are {', '.join(fits)}")
    first = next(iter(fits.values()))
    names = style.chosen(first, features)
    panels = style.wrapped(ax, 1 + len(names), 3 if len(names) > 1 else 2, (4.4, max(2.9, 0.9 + 0.3 * len(fits))))
    looks = {name: style.component(i) for i, name in enumerate(table.index)}
    differences(panels[0], table, looks)
    given = {names[0]: limits} if first.x.ndim == 1 else windows.by_feature(names, limits)
    for panel, feature in zip(panels[1:], names, strict=True):
        _densities(panel, {name: fits[name] for name in table.index}, feature, given.get(feature), looks)
    style.legend(panels[1], outside=ax is None)
    return panels


def differences(panel: Axes, table: pd.DataFrame, looks: Mapping[str, dict[str, Any]]) -> None:
    """How far behind the best each fit is, with the standard error of that."""
    panel.axvspan(-LITTLE, LITTLE, color=style.FILL, linewidth=0, zorder=0)
    panel.axvline(0, color="0.5", linewidth=0.8, zorder=1)
    names, doubts = list(table.index), [bool(doubt) for doubt in table.diag_elpd]
    for row, (name, behind, error) in enumerate(zip(names, table.elpd_diff, table.dse, strict=True)):
        look: dict[str, Any] = {
            "color": looks[name]["color"],
            "marker": style.marker(row),
            "markersize": 6,
            "capsize": 3,
        }
        panel.errorbar(behind, row, xerr=error, **look)
    panel.set_yticks(
        range(len(names)), [f"{name} *" if doubt else name for name, doubt in zip(names, doubts, strict=True)]
    )
    panel.set_ylim(len(table) - 0.5, -0.5)
    low = float((table.elpd_diff - table.dse).min())
    panel.set_xlim(1.08 * min(low, -2 * LITTLE), max(LITTLE, -0.08 * low))
    marks = "elpd behind the best, ± standard error"
    if any(doubts):
        marks += "\n* less sure than it seems: high Pareto k"
    style.tidy(panel, marks, "fit")


def _densities(panel: Axes, fits: Mapping[str, Fit], feature: str, limits: Any, looks: Mapping[str, Any]) -> None:
    """Posterior mean densities of one feature over its histogram."""
    first = next(iter(fits.values()))
    x = first.x if first.x.ndim == 1 else first.x[:, planes.places(first, [feature])[0]]
    seen = windows.window(x, limits, first.weights)
    bars(panel, x, first.weights, seen)
    for name, fit in fits.items():
        at, height = _density(fit, feature, seen)
        panel.plot(at, height, label=name, linewidth=1.8, **looks[name])
    panel.set_xlim(seen.low, seen.high)
    style.tidy(panel, feature, "density")
    style.note(panel, seen.note)


def _density(fit: Fit, feature: str, seen: windows.Window) -> tuple[np.ndarray, np.ndarray]:
    """A feature's posterior mean density along what is seen of it."""
    params: Any = fit.params()
    if fit.x.ndim == 1:
        at = windows.grid(seen, params.means, params.scales)
        return at, fit.density(at).density.to_numpy()
    column = planes.places(fit, [feature])[0]
    at = windows.grid(seen, params.means[..., column], params.scales[..., column])
    return at, fit.marginal(feature).density(at).density.to_numpy()
