"""Trace plots: where the chains have been, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import style
from mixtura.plots.kde import kde

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

VARIABLES = {"weight", "mean", "scale", "rate"}
BOUNDS = {"weight": (0.0, 1.0), "mean": (-np.inf, np.inf)}
POSITIVE = (0.0, np.inf)
TRUTH: dict[str, Any] = {"color": "black", "linestyle": "--", "linewidth": 1}
POINTS = 60_000  # in one panel; beyond, draws are thinned


def trace(
    fit: Fit,
    var_names: Sequence[str] | str | None = None,
    true_values: Mapping[str, Any] | None = None,
    ax: Any = None,
) -> np.ndarray:
    """Marginal posterior density (left) and draws (right), one row per variable.

    Components differ by colour, chains by line style on the left and by lightness on the right.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    var_names
        Which variables of `fit.posterior`; all by default.
    true_values
        Values to mark by dashed lines, by variable: a number or one per component. Those of fixed blocks,
        which have no row, are passed over.
    ax
        Where to draw, two axes per variable; a new figure by default.

    Returns
    -------
    ndarray of Axes, (variables, 2)

    Raises
    ------
    ValueError
        If a variable is not in the posterior, or the true values do not match it.

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> trace(fit, ["mean", "scale"]).shape
    (2, 2)
    """
    names = variables(fit, var_names)
    truth = truths(fit, names, true_values)
    panels = style.axes(ax, len(names), 2, (4.6, 2.0))
    for (left, right), name in zip(panels, names, strict=True):
        draws = series(fit, name)
        colors = [style.color(index) for index in range(len(draws))]
        if not per_component(fit, name):
            colors = [style.SHARED]
        _densities(left, draws, colors, BOUNDS.get(name, POSITIVE))
        _paths(right, draws, colors)
        for value in set(truth.get(name, ())):
            left.axvline(value, **TRUTH)
            right.axhline(value, **TRUTH)
        style.tidy(left, quantity(fit, name), "density")
        style.tidy(right, "draw", name)
        for panel in (left, right):
            panel.locator_params(nbins=5)
    style.legend(panels[0, 0], _key(fit, bool(truth)), outside=ax is None)
    return panels


def variables(fit: Fit, var_names: Sequence[str] | str | None) -> list[str]:
    """The variables of the posterior asked for; by default those that vary, unlike a weight of 1."""
    known = [str(name) for name in fit.posterior.data_vars]
    if var_names is None:
        names = [name for name in known if np.ptp(fit.posterior[name].values) > 0]
    else:
        names = [var_names] if isinstance(var_names, str) else list(var_names)
    if not known:
        raise ValueError("every block of this model is fixed: there are no draws to show")
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise ValueError(f"var_names is {var_names!r}; the posterior has {known}: name one or more of these")
    return names


def series(fit: Fit, name: str) -> np.ndarray:
    """One variable's draws, `(k, chains, draws)`; k is 1 for a variable without components."""
    values = fit.posterior[name].transpose(..., "chain", "draw").values
    return np.asarray(values.reshape(-1, *values.shape[-2:]))


def per_component(fit: Fit, name: str) -> bool:
    """Whether a variable has one value per component."""
    return "component" in fit.posterior[name].dims


def quantity(fit: Fit, name: str) -> str:
    """A variable's axis label: means and scales are in the units of the data."""
    data = style.name(fit)
    return f"{name} of {data}" if name in ("mean", "scale") and data != "x" else name


def truths(fit: Fit, names: Sequence[str], true_values: Mapping[str, Any] | None) -> dict[str, np.ndarray]:
    """True values of the variables shown, one per component; those of other variables are passed over."""
    given = {} if true_values is None else dict(true_values)
    if unknown := set(given) - VARIABLES:
        raise ValueError(f"true_values names {sorted(unknown)}; its keys may be {sorted(VARIABLES)}")
    return {name: _matching(name, given[name], len(series(fit, name))) for name in names if name in given}


def _matching(name: str, values: Any, k: int) -> np.ndarray:
    given = np.atleast_1d(np.asarray(values, float))
    if given.ndim == 1 and len(set(given)) == 1:
        given = np.repeat(given[:1], k)
    if given.shape != (k,):
        raise ValueError(f"true_values[{name!r}] has shape {given.shape}; give one number or {k}, one each")
    return given


def _key(fit: Fit, truth: bool) -> list[Any]:
    """What colours and line styles stand for."""
    from matplotlib.lines import Line2D

    parts, chains = range(fit.posterior.sizes.get("component", 0)), range(fit.posterior.sizes["chain"])
    key = [Line2D([], [], color=style.color(i), label=f"component {i}") for i in parts]
    key += [Line2D([], [], color="grey", linestyle=style.line(i), label=f"chain {i}") for i in chains]
    return [*key, Line2D([], [], label="true value", **TRUTH)] if truth else key


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
