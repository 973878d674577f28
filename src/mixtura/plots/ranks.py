"""Rank plots: do the chains agree?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import style
from mixtura.plots.marginals import effective_draws
from mixtura.plots.series import TRUTH, all_series, left_out

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

FEWEST = 2  # draws of a chain, to have two halves


def rank(
    fit: Fit,
    var_names: Sequence[str] | str | None = None,
    true_values: Mapping[str, Any] | None = None,
    features: Sequence[str] | None = None,
    ax: Any = None,
) -> np.ndarray:
    """ECDF of each chain's ranks among all draws, less that of uniform ranks, one panel per parameter.

    Chains that agree stay within the grey band, which holds all of them with probability 0.95 (Kolmogorov's
    distribution, with the chains' own effective numbers of draws).

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    var_names
        Which variables of `fit.posterior`. By default all, and of matrices the diagonal; those that are named are
        shown whole.
    true_values
        By variable, an array of its shape, or one that broadcasts to it: a dashed line marks the rank among all draws.
    features
        Which features; the first six by default.
    ax
        Where to draw, one per parameter; a new figure by default.

    Returns
    -------
    ndarray of Axes
        One per parameter, in the order of `fit.posterior`.

    Raises
    ------
    ValueError
        If a variable or feature is not in the posterior, or the true values do not match it.

    References
    ----------
    Säilynoja, Bürkner & Vehtari (2022), Graphical test for discrete uniformity, Statistics and Computing 32.

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> rank(fit, "mean").shape
    (2,)
    """
    rows = all_series(fit, var_names, true_values, features)
    if (length := rows[0].draws.shape[-1]) < FEWEST:
        raise ValueError(f"ranks compare chains of at least {FEWEST} draws, or their halves; these have {length}")
    parameters = [
        (row.title(index), chains, row.truth, index) for row in rows for index, chains in enumerate(row.draws)
    ]
    if ax is None:
        panels = _panels(len(parameters), max(3, min(fit.n_components, 6)))
    else:
        panels = style.axes(ax, 1, len(parameters), (0, 0))[0]
        for panel in panels:
            style.tidy(panel, "fractional rank", "ECDF difference")
    for panel, (title, chains, truth, index) in zip(panels, parameters, strict=True):
        _differences(panel, chains)
        if truth is not None:
            panel.axvline(float((chains < truth[index]).mean()), label="true value", **TRUTH)
        panel.set_title(title, fontsize="small" if "\n" in title else "medium")
        panel.set(xlim=(-0.03, 1.03), xticks=[0, 0.5, 1])
        panel.locator_params("y", nbins=4)
    if note := left_out(fit, rows, features):
        panels[0].plot([], linestyle="", label=note)
    style.legend(panels[0], outside=ax is None)
    return panels


def _panels(number: int, columns: int) -> np.ndarray:
    """A new figure's panels, labelled at its outer sides only, also where the last row is short."""
    columns = min(number, columns)
    panels = style.wrapped(None, number, columns, (2.6, 1.9), sharex=True, sharey=True)
    for index, panel in enumerate(panels):
        bottom = index >= number - columns
        panel.tick_params(labelbottom=bottom)
        style.tidy(panel, "fractional rank" if bottom else "", "" if index % columns else "ECDF difference")
    return panels


def halves(chain: np.ndarray) -> np.ndarray:
    """A single chain has only itself to agree with: its first half and its second, `(2, draws // 2)`."""
    return chain[: len(chain) // 2 * 2].reshape(2, -1)


def _differences(ax: Axes, chains: np.ndarray) -> None:
    """One panel's lines and band."""
    if chains.size < 2:
        ax.text(0.5, 0.5, "a single draw\nhas no rank", transform=ax.transAxes, ha="center", va="center")
        return
    uniform, lines, band = differences(chains)
    ax.axhspan(-band, band, color=style.FILL, linewidth=0, label="95 % band")
    for chain, line in enumerate(lines):
        label = ("first half", "second half")[chain] if len(chains) == 1 else f"chain {chain}"
        ax.plot(uniform, line, linewidth=1, label=label, **style.component(chain))


def differences(chains: np.ndarray, points: int = 400) -> tuple[np.ndarray, np.ndarray, float]:
    """Fractional ranks (m,), and by how much the share of each chain's draws below them differs from them (c, m).

    Third comes how far all may differ with probability 0.95. A single chain's halves are compared.
    """
    from scipy.special import kolmogi

    if len(chains) == 1:
        chains = halves(chains[0])
    count, length = chains.shape
    owner = np.argsort(chains, axis=None, kind="stable") // length
    below = np.zeros((count * length + 1, count))
    below[1:] = np.cumsum(owner[:, None] == np.arange(count), axis=0) / length
    shown = np.linspace(0, count * length, min(points, count * length + 1)).astype(int)
    uniform = shown / (count * length)
    band = float(kolmogi(0.05 / count)) * np.sqrt((1 - 1 / count) / effective_draws(chains))
    return uniform, below[shown].T - uniform, band
