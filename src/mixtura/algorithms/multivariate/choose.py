"""Which algorithm explores rows, why, and where its chains begin.

Where components are well apart a sweep of Gibbs sampling forgets most of where it was, and costs one look at the rows
however many features there are. Where they overlap, trajectories pay for themselves as long as their metric, which is
quadratic in the number of parameters, is no burden.
"""

from __future__ import annotations

from types import ModuleType
from typing import NamedTuple

import numpy as np

from mixtura.algorithms import hmc, nuts
from mixtura.algorithms.laplace import Peak, is_round, polish, same, starting_positions
from mixtura.algorithms.multivariate import gibbs
from mixtura.algorithms.multivariate.modes import Summit, density_of, has_top
from mixtura.algorithms.run import Options
from mixtura.data import Points
from mixtura.multivariate.target import SIZE, Target, work_for
from mixtura.params import Floats

METHODS: dict[str, ModuleType] = {method.NAME: method for method in (nuts, hmc, gibbs)}
FORGETS = 0.6  # a sweep of Gibbs may keep so much of where it was, and more where trajectories are dear
REMEMBERS = 0.9
DEAR = 300  # parameters from which the metric is a burden
DIFFERENCE = 1e-4  # over which slopes are differenced, in standardised units
NARROW = 0.1  # width of a start where there is no mode to touch

Starts = list[tuple[Floats, Floats]]  # a position (d,) for each chain, and a guess of the covariance there


class Choice(NamedTuple):
    """An algorithm, where its chains start, and why it was taken: empty where the user asked for it."""

    method: ModuleType
    starts: Starts
    why: str


def choose(target: Target, summits: list[Summit], options: Options, data: Points, rng: np.random.Generator) -> Choice:
    """The algorithm that was asked for, or the one that pays."""
    rate, size, asked = summits[0].rate, int(target.at[SIZE]), options.algorithm
    kept = f"a Gibbs sweep would keep {rate:.0%} of where it was in its slowest direction"
    if asked == gibbs.NAME:
        return Choice(gibbs, at_modes(summits, options.chains, rng), "")
    if asked == "auto" and whole_numbers(data.weights) and rate < (REMEMBERS if size > DEAR else FORGETS):
        why = f"components are apart: {kept}" if rate < FORGETS else f"{size} parameters make trajectories dear: {kept}"
        return Choice(gibbs, at_modes(summits, options.chains, rng), why)
    why = "" if asked != "auto" else f"components overlap: {kept}"
    if not has_top(target, len(data.x)):
        narrow = NARROW**2 * np.eye(size)
        starts = [(position, narrow) for position, _ in at_modes(summits, options.chains, rng)]
        return Choice(METHODS.get(asked, nuts), starts, why)
    density, peaks = density_of(target, work_for(target)), list[Peak]()
    for summit in summits:
        peak = polish(density, summit.q, DIFFERENCE)
        if not any(same(peak, other) for other in peaks):
            peaks.append(peak)
    peaks.sort(key=lambda peak: -peak.log_mass)
    method = METHODS[asked] if asked != "auto" else hmc if is_round(density, peaks, rng) else nuts
    starts = [(position, peak.covariance) for position, peak in starting_positions(density, peaks, options.chains, rng)]
    return Choice(method, starts, why)


def at_modes(summits: list[Summit], chains: int, rng: np.random.Generator) -> Starts:
    """A mode for each chain, in proportion to their heights: Gibbs finds its own way from there."""
    heights = np.exp(np.array([summit.logdensity for summit in summits]) - summits[0].logdensity)
    slots = (np.arange(chains) + rng.random()) / chains
    dealt = np.minimum(np.searchsorted(np.cumsum(heights / heights.sum()), slots), len(summits) - 1)
    return [(summits[index].q, np.empty((0, 0))) for index in dealt]


def whole_numbers(weights: Floats) -> bool:
    """Whether every point was seen a whole number of times."""
    return bool((weights == np.round(weights)).all())
