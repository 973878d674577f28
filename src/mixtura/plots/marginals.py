"""The density of draws: smooth where draws are few, and without modes that they do not have."""

from __future__ import annotations

from math import inf, isnan

import numpy as np

from mixtura.plots.kde import CELLS, Kde, kde, shares, smoothed
from mixtura.posterior import convergence

LEVELS, WIDEST = 8, 8.0  # widths of kernels, and how much wider the widest is than the narrowest
CROWDED = 0.6  # of the highest density; where it is less, kernels are wider
FACTORS = (1.25, 1.6, 2.0)  # of the bandwidth; a mode that the last does not show is taken for noise
VISIBLE = 1e-3  # of the highest density


def marginal(chains: np.ndarray, bounds: tuple[float, float] = (-inf, inf)) -> Kde:
    """Density of one parameter in each chain, `(chains, m)`, all with one bandwidth, learned from all together.

    It is what suits as many independent draws as a chain is worth, so that a short or a slow chain shows no bumps of
    chance; and kernels are the wider the thinner draws lie (Abramson 1982), so that none stands alone in a tail.
    Of a few factors of the bandwidth the first is taken that shows no more modes than the last.

    Parameters
    ----------
    chains
        Draws, `(chains, draws)`.
    bounds
        What values there can be.

    References
    ----------
    Abramson (1982), On bandwidth variation in kernel estimates, Annals of Statistics 10.

    Examples
    --------
    >>> estimate = marginal(np.random.default_rng(0).normal(size=(4, 200)))
    >>> estimate.density.shape, modes(estimate.density).tolist()
    ((4, 1024), [1, 1, 1, 1])
    """
    pooled = kde(chains.ravel(), bounds=bounds, size=effective_draws(chains))
    mass = shares(chains, None, pooled.edges)
    tried = [_adaptive(mass, factor * pooled.bandwidth, pooled) for factor in FACTORS]
    found = [int(modes(estimate.density).sum()) for estimate in tried]
    return tried[found.index(found[-1])]


def modes(densities: np.ndarray) -> np.ndarray:
    """How many modes curves (..., m) have that can be seen."""
    walled = np.pad(densities, [(0, 0)] * (densities.ndim - 1) + [(1, 1)])
    inner = walled[..., 1:-1]
    tops = (inner > walled[..., :-2]) & (inner >= walled[..., 2:])
    return np.asarray((tops & (inner > VISIBLE * inner.max(-1, keepdims=True))).sum(-1))


def effective_draws(chains: np.ndarray) -> float:
    """Effective number of draws of one chain on average.

    Each chain is centred on its own mean: that chains disagree must neither widen nor sharpen what shows it.
    """
    centred = chains - chains.mean(axis=1, keepdims=True)
    centred = centred / (np.abs(centred).max() or 1.0)
    whole = float(convergence.ess_mean(centred[None])[0]) if chains.shape[1] >= 4 else chains.size
    return (chains.size if isnan(whole) else min(whole, chains.size)) / len(chains)


def _adaptive(mass: np.ndarray, width: float, like: Kde) -> Kde:
    """Cells' shares (chains, CELLS) spread by kernels that widen as the density of all chains falls."""
    span = float(like.edges[-1] - like.edges[0])
    pilot = smoothed(mass.mean(0), width / span)
    factor = np.sqrt(CROWDED * pilot.max() / np.maximum(pilot, 1e-9 * pilot.max()))
    level = (LEVELS - 1) * np.log(np.clip(factor, 1, WIDEST)) / np.log(WIDEST)
    density = np.zeros_like(mass)
    for i in range(LEVELS):
        part = mass * np.clip(1 - np.abs(level - i), 0, 1)
        density += smoothed(part, width * WIDEST ** (i / (LEVELS - 1)) / span)
    return Kde(like.grid, density * CELLS / span, width)
