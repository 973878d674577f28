"""What the data taught: densities of single parameters before them and after, on the posterior's scale."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.plots.marginals import marginal
from mixtura.posterior.diagnose import rows_of
from mixtura.posterior.prior import believed

if TYPE_CHECKING:
    from mixtura.fit import Fit

DRAWS = 2000  # of the prior
MOST = 24  # parameters shown
BESIDE = 1.0  # of the posterior's width, at each side: what is seen of the prior
FEWEST = 20  # draws of the prior in sight, for a curve
PLACES = 100  # along a curve
BOUNDS = {"weight": (0.0, 1.0), "mean": (-math.inf, math.inf), "scale": (0.0, math.inf)}


class Beside(NamedTuple):
    """One parameter: densities of its posterior and its prior (g,) at x (g,); the prior's is NaN where none is seen."""

    name: str
    x: Floats
    posterior: Floats
    prior: Floats


def beside(fit: Fit, traces: dict[str, Floats]) -> list[Beside]:
    """Weights, means and scales that move, before the data and after, as many as there is room for.

    Priors that say the same of every component are those of any component, whatever its number.
    """
    prior, alike = rows_of(believed(fit._record, DRAWS, 0)), fit.model.exchangeable
    pooled: dict[str, list[Floats]] = {}
    for name, draws in prior.items():
        pooled.setdefault(_anyone(name) if alike else name, []).append(draws.ravel())
    shown = [name for name in traces if name.split("[")[0] in BOUNDS][:MOST]
    return [_one(name, traces[name], np.concatenate(pooled[_anyone(name) if alike else name])) for name in shown]


def _anyone(name: str) -> str:
    """A parameter's name without its component.

    >>> _anyone("mean[1,length]")
    'mean[,length]'
    """
    return re.sub(r"\[\d+", "[", name, count=1)


def _one(name: str, draws: Floats, prior: Floats) -> Beside:
    """Densities over the posterior and as much again on either side."""
    bounds = BOUNDS[name.split("[")[0]]
    low, high = (float(end) for end in np.quantile(draws, [0.005, 0.995]))
    more = BESIDE * (high - low)
    x = np.linspace(max(bounds[0], low - more), min(bounds[1], high + more), PLACES)
    after = marginal(draws.reshape(1, -1), bounds)
    height = np.interp(x, after.grid, after.density[0], left=0.0, right=0.0)
    inside = prior[(prior >= x[0]) & (prior <= x[-1])]
    before = np.full(PLACES, math.nan)
    if inside.size > FEWEST and np.ptp(inside) > 0:
        seen = marginal(inside.reshape(1, -1), (float(x[0]), float(x[-1])))
        before = np.interp(x, seen.grid, seen.density[0] * inside.size / prior.size)
    return Beside(name, x, height, before)
