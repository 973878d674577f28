"""Trace plots: where the chains have been, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mixtura.arguments import reals, shown
from mixtura.plots import style
from mixtura.plots.kde import kde

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

VARIABLES = {"weight", "mean", "scale", "covariance", "rate"}
TRUTH: dict[str, Any] = {"color": "black", "linestyle": "--", "linewidth": 1}
POINTS = 60_000  # in one panel; beyond, draws are thinned


class Series(NamedTuple):
    """Draws of one number, or of one per component.

    Attributes
    ----------
    quantity, label : str
        What it is, and of what, in words.
    place : tuple of str
        The features that it is of, if any.
    draws : array (k, chains, draws)
        k is 1 for what is not per component.
    shared : bool
        Whether it is not.
    truth : array (k,) or None
        True values.
    """

    quantity: str
    label: str
    place: tuple[str, ...]
    draws: np.ndarray
    shared: bool
    truth: np.ndarray | None

    @property
    def bounds(self) -> tuple[float, float]:
        """What values there can be."""
        anywhere = self.quantity == "mean" or len(self.place) > 1
        return -np.inf if anywhere else 0.0, 1.0 if self.quantity == "weight" else np.inf


def trace(
    fit: Fit,
    var_names: Sequence[str] | str | None = None,
    true_values: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
    ax: Any = None,
) -> np.ndarray:
    """Marginal posterior density (left) and draws (right), one row per variable and feature.

    Components differ by colour, chains by line style on the left and by lightness on the right.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    var_names
        Which variables of `fit.posterior`. By default all, and of matrices the diagonal; those that are named are
        shown whole.
    true_values
        Values to mark by dashed lines, by variable: an array of its shape, or one that broadcasts to it. Those of
        fixed blocks, which have no row, are passed over.
    features
        Which features; the first six by default.
    ax
        Where to draw, two axes per row; a new figure by default.

    Returns
    -------
    ndarray of Axes, (rows, 2)

    Raises
    ------
    ValueError
        If a variable or feature is not in the posterior, or the true values do not match it.

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> trace(fit, ["mean", "scale"]).shape
    (2, 2)
    """
    rows = all_series(fit, var_names, true_values, features)
    panels = style.axes(ax, len(rows), 2, (4.6, 2.0))
    for (left, right), row in zip(panels, rows, strict=True):
        colors = [style.SHARED] if row.shared else [style.color(index) for index in range(len(row.draws))]
        _densities(left, row.draws, colors, row.bounds)
        _paths(right, row.draws, colors)
        for value in set(() if row.truth is None else row.truth):
            left.axvline(value, **TRUTH)
            right.axhline(value, **TRUTH)
        style.tidy(left, row.label, "density")
        style.tidy(right, "draw", row.quantity)
        for panel in (left, right):
            panel.locator_params(nbins=5)
    truth = any(row.truth is not None for row in rows)
    style.legend(panels[0, 0], _key(fit, truth, left_out(fit, rows, features)), outside=ax is None)
    return panels


def all_series(
    fit: Fit,
    var_names: Sequence[str] | str | None,
    true_values: Mapping[str, Any] | None,
    features: Sequence[str] | None,
) -> list[Series]:
    """What there is to see of the variables and features asked for, in the order of the posterior."""
    given = {} if true_values is None else dict(true_values)
    if unknown := set(given) - VARIABLES:
        raise ValueError(f"true_values names {sorted(unknown)}; its keys may be {sorted(VARIABLES)}")
    names = style.chosen(fit, features)
    found = []
    for variable in _variables(fit, var_names):
        values = fit.posterior[variable]
        truth = _matching(values, given[variable]) if variable in given else None
        for place in _places(values, names, whole=var_names is not None):
            at = dict(zip(("feature", "feature_bis"), place, strict=False))
            draws = values.sel(at).transpose(..., "chain", "draw").values
            draws = draws.reshape(-1, *draws.shape[-2:])
            true = None if truth is None else np.atleast_1d(truth.sel(at).values)
            quantity = "variance" if variable == "covariance" and len(set(place)) == 1 else variable
            of = tuple(dict.fromkeys(place))
            label = _label(fit, quantity, of)
            found.append(Series(quantity, label, of, draws, "component" not in values.dims, true))
    return found


def left_out(fit: Fit, rows: Sequence[Series], features: Sequence[str] | None) -> str:
    """A note where not all features are shown."""
    return style.left_out(fit, style.chosen(fit, features)) if any(row.place for row in rows) else ""


def _variables(fit: Fit, var_names: Sequence[str] | str | None) -> list[str]:
    """The variables of the posterior asked for; by default those that vary, unlike a weight of 1."""
    style.check_fit(fit)
    known = [str(name) for name in fit.posterior.data_vars]
    if var_names is None:
        names = [name for name in known if np.ptp(fit.posterior[name].values) > 0]
    else:
        names = list(var_names) if isinstance(var_names, Iterable) and not isinstance(var_names, str) else [var_names]
    if not known:
        raise ValueError("every block of this model is fixed: there are no draws to show")
    unknown = [name for name in names if not isinstance(name, str) or name not in known]
    if unknown or not names:
        raise ValueError(f"var_names is {shown(var_names)}; the posterior has {known}: name one or more of these")
    return names


def _places(values: xr.DataArray, names: list[str], whole: bool) -> list[tuple[str, ...]]:
    """The features, or pairs of them, that a variable is shown at."""
    if "feature_bis" in values.dims:
        return [(a, b) for i, a in enumerate(names) for b in names[: i + 1] if whole or a == b]
    return [(name,) for name in names] if "feature" in values.dims else [()]


def _label(fit: Fit, quantity: str, place: tuple[str, ...]) -> str:
    """What a quantity is of: its features, or the data if it is in their units."""
    data = style.name(fit)
    if not place and quantity in ("mean", "scale") and data != "x":
        place = (data,)
    return f"{quantity} of {', '.join(place)}" if place else quantity


def _matching(values: xr.DataArray, given: Any) -> xr.DataArray:
    """True values in the shape of a variable; of what components share, also one for each, all equal."""
    part = values.isel(chain=0, draw=0)
    true = reals(given, f"true_values[{values.name!r}]")
    if "component" not in part.dims and true.ndim > part.ndim and (true == true[:1]).all():
        true = true[0]
    try:
        return part.copy(data=np.broadcast_to(true, part.shape))
    except ValueError:
        shape = tuple(part.sizes.values())
        raise ValueError(
            f"true_values[{values.name!r}] has shape {np.shape(given)}; give one number or {shape}, one each"
        ) from None


def _key(fit: Fit, truth: bool, note: str) -> list[Any]:
    """What colours and line styles stand for."""
    from matplotlib.lines import Line2D

    parts, chains = range(fit.posterior.sizes.get("component", 0)), range(fit.posterior.sizes["chain"])
    key = [Line2D([], [], color=style.color(i), label=f"component {i}") for i in parts]
    key += [Line2D([], [], color="grey", linestyle=style.line(i), label=f"chain {i}") for i in chains]
    key += [Line2D([], [], label="true value", **TRUTH)] * truth
    return [*key, Line2D([], [], linestyle="", label=note)] if note else key


def _densities(ax: Axes, draws: np.ndarray, colors: list[str], bounds: tuple[float, float]) -> None:
    for color, chains in zip(colors, draws, strict=True):
        for chain, values in enumerate(chains):
            estimate = kde(values, bounds=bounds)
            seen = estimate.density > 1e-3 * estimate.density.max()
            look = {"color": color, "linestyle": style.line(chain), "linewidth": 1.2}
            ax.plot(estimate.grid[seen], estimate.density[seen], **look)


def _paths(ax: Axes, draws: np.ndarray, colors: list[str]) -> None:
    _, chains, length = draws.shape
    step = -(-draws.size // POINTS)
    at = np.arange(0, length, step)
    for chain in range(chains):
        for color, values in zip(colors, draws[:, chain, ::step], strict=True):
            ax.plot(at, values, color=color, linewidth=0.5, alpha=0.9 - 0.6 * chain / chains)
    ax.margins(x=0.01)
