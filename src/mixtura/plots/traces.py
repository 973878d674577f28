"""Trace plots: where the chains have been, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import breaks, style
from mixtura.plots.marginals import VISIBLE, marginal
from mixtura.plots.series import TRUTH, all_series, left_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

POINTS = 60_000  # in one panel; beyond, draws are thinned
PIECES = 100  # of a chain's path, which components are on top of by turns


def trace(
    fit: Fit,
    var_names: Sequence[str] | str | None = None,
    true_values: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
    ax: Any = None,
) -> np.ndarray:
    """Marginal posterior density (left) and draws (right), one row per variable and feature.

    Components differ by colour, chains by line style on the left and by lightness on the right, where components that
    overlap take turns in being on top. Where components lie far apart, the empty stretches between them are taken out
    of the axis (hatched), so that the shape of each can be seen.

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
        seen = _densities(left, row.draws, colors, row.bounds)
        _paths(right, row.draws, colors)
        truths = set(() if row.truth is None else row.truth)
        for value in truths:
            left.axvline(value, **TRUTH)
            right.axhline(value, **TRUTH)
        style.tidy(left, row.label, "density")
        style.tidy(right, "draw", row.quantity)
        groups = breaks.stretches([*seen, *((value, value) for value in truths)])
        _ends(left, right, groups)
    truth = any(row.truth is not None for row in rows)
    style.legend(panels[0, 0], _key(fit, truth, left_out(fit, rows, features)), outside=ax is None)
    return panels


def _key(fit: Fit, truth: bool, note: str) -> list[Any]:
    """What colours and line styles stand for."""
    from matplotlib.lines import Line2D

    parts, chains = range(fit.posterior.sizes.get("component", 0)), range(fit.posterior.sizes["chain"])
    key = [Line2D([], [], color=style.color(i), label=f"component {i}") for i in parts]
    key += [Line2D([], [], color="grey", linestyle=style.line(i), label=f"chain {i}") for i in chains]
    key += [Line2D([], [], label="true value", **TRUTH)] * truth
    return [*key, Line2D([], [], linestyle="", label=note)] if note else key


def _ends(left: Axes, right: Axes, groups: list[breaks.Stretch]) -> None:
    """What the axes of a variable's values show, on the left the horizontal one and on the right the vertical."""
    for panel in (left, right):
        panel.locator_params(nbins=5)
    if len(groups) > 1:
        breaks.take_out(left, "x", groups)
        breaks.take_out(right, "y", groups)
    else:
        right.autoscale_view()


def _densities(ax: Axes, draws: np.ndarray, colors: list[str], bounds: tuple[float, float]) -> list[breaks.Stretch]:
    """A line per component and chain; the ranges of the components that hold all draws and what is seen of lines."""
    seen = []
    for color, chains in zip(colors, draws, strict=True):
        if not np.ptp(chains):  # no density, as of a single draw
            ax.axvline(chains[0, 0], color=color, linewidth=1.2)
            seen.append((chains[0, 0], chains[0, 0]))
            continue
        found = marginal(chains, bounds)
        heights = np.where(found.density > VISIBLE * found.density.max(), found.density, np.nan)
        for chain, height in enumerate(heights):
            ax.plot(found.grid, height, color=color, linestyle=style.line(chain), linewidth=1.2)
        drawn = found.grid[np.isfinite(heights).any(0)]
        seen.append((min(drawn[0], chains.min()), max(drawn[-1], chains.max())))
    return seen


def _paths(ax: Axes, draws: np.ndarray, colors: list[str]) -> None:
    """Draws in order, in pieces: where components overlap, each is on top in its turn, so that none hides another."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgba

    k, chains, length = draws.shape
    step = -(-draws.size // POINTS)
    at = np.arange(0, length, step)
    lines, looks = [], []
    for piece, first in enumerate(range(0, len(at), max(1, len(at) // PIECES))):
        part = slice(first, first + max(1, len(at) // PIECES) + 1)
        for chain in range(chains):
            for j in np.roll(np.arange(k), piece):
                lines.append(np.column_stack([at[part], draws[j, chain, ::step][part]]))
                looks.append(to_rgba(colors[j], 0.9 - 0.6 * chain / chains))
    ax.add_collection(LineCollection(lines, colors=looks, linewidths=0.5))
    if length == 1:
        ax.scatter(np.zeros(draws.size), draws.ravel(), s=16, c=np.repeat(colors, chains))
    ax.set_xlim(-0.01 * length, max(1.01 * length, 1))
