"""Which algorithm explores rows, why, and where its chains begin.

Where components are well apart a sweep of Gibbs sampling forgets most of where it was, and costs one look at the rows
however many features there are. Where they overlap, trajectories pay for themselves as long as their metric, which is
quadratic in the number of parameters, is no burden, and as long as it fits everywhere: there is one mode, and every
component has rows enough to be nearly normal about it. Where a sweep keeps much of where it was and Gibbs is taken all
the same, a draw takes several sweeps.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from mixtura.algorithms import hmc, nuts
from mixtura.algorithms.begin import Beginning
from mixtura.algorithms.laplace import ROUND, Peak, polish, same, starting_positions, unevenness
from mixtura.algorithms.rows import gibbs
from mixtura.algorithms.rows.modes import Summit, density_of, has_top
from mixtura.algorithms.run import Options
from mixtura.arrays import Floats
from mixtura.reading.data import Points
from mixtura.rows.gradient import logdensity
from mixtura.rows.target import SIZE, Target, work_for

METHODS: dict[str, ModuleType] = {method.NAME: method for method in (nuts, hmc, gibbs)}
FORGETS = 0.6  # a sweep of Gibbs may keep so much of where it was, and more where trajectories are dear
REMEMBERS = 0.9
DEAR = 300  # parameters from which the metric is a burden
REACH = 6.0  # nats below the highest mode within which another competes
THIN = 1e-3  # width over width of a component from which trajectories, whose steps suit the one, are slow in the other
FEW = 3.0  # rows to a parameter of the least component below which its posterior is far from normal
ENOUGH = 0.5  # share of where it was that a draw by Gibbs may keep
SWEEPS, LOOKS = 25, 2e11  # at most so many sweeps a draw, and multiplications of kept draws
BRIEF = 7e9  # multiplications in all where even that many sweeps a draw forget too little: some 4 s on two cores
UNEVEN = 3.0  # sd of log weights from which trajectories are slow: 1.2 where groups overlap, 5 and more on one cloud
DIFFERENCE = 1e-4  # over which slopes are differenced, in standardised units
NARROW = 0.1  # width of a start where there is no mode to touch

Starts = list[tuple[Floats, Floats]]  # a position (d,) for each chain, and a guess of the covariance there


class Choice(NamedTuple):
    """An algorithm, its chains at their starts, and why it was taken: empty where the user asked for it."""

    method: ModuleType
    chains: list[Any]
    why: str


class Trajectories(NamedTuple):
    """An algorithm that follows the slope, its starts, and whether the posterior is so uneven that it would be slow."""

    method: ModuleType
    starts: Starts
    uneven: bool


def choose(
    target: Target, begun: Beginning, options: Options, data: Points, swaps: bool, rng: np.random.Generator
) -> Choice:
    """The algorithm that was asked for, or the one that pays; chains exchange labels if `swaps`."""
    summits: list[Summit] = begun.modes
    near = [summit for summit in summits if summit.logdensity >= summits[0].logdensity - REACH]
    rate = max(summit.rate for summit in near)
    auto, whole = options.algorithm == "auto", whole_numbers(data.weights)
    why = why_gibbs(target, near, rate) if auto and whole else ""
    byways = None
    if not why and options.algorithm != gibbs.NAME:
        byways = by_trajectories(target, begun, options, data, rng)
        if auto and whole and byways.uneven:
            why = f"the posterior is far from normal: {kept(rate)}"
    if byways is None or why:
        sweeps = sweeps_for(target, rate, options)
        places = [(q, np.empty((0, 0))) for q, _ in begun.places] or at_modes(summits, options.chains, rng)
        chains = [gibbs.start(target, *start, swaps, sweeps) for start in places]
        why += f", so that a draw takes {sweeps}" if sweeps > 1 else ""
        return Choice(gibbs, chains, why if auto else "")
    method, starts, _ = byways
    chains = [method.start(target, *start, swaps) for start in starts]
    why = f"components overlap: {kept(rate)}" if whole else "weights are not whole numbers, as Gibbs sampling needs"
    return Choice(method, chains, why if auto else "")


def kept(rate: float) -> str:
    """What EM's rate says of Gibbs sampling."""
    return f"a Gibbs sweep would keep {rate:.0%} of where it was in its slowest direction"


def why_gibbs(target: Target, near: list[Summit], rate: float) -> str:
    """Why Gibbs sampling pays about modes that compete; empty where it does not."""
    size = int(target.at[SIZE])
    if rate < FORGETS:
        return f"components are apart: {kept(rate)}"
    if size > DEAR and rate < REMEMBERS:
        return f"{size} parameters make trajectories dear: {kept(rate)}"
    if len(near) > 1:
        return f"modes compete: {kept(rate)}"
    work = work_for(target)
    logdensity(target, near[0].q, np.empty(size), work)
    if flattest(work.params.factors) < THIN:
        return f"a component is nearly flat, which would take trajectories of tiny steps: {kept(rate)}"
    if (least := work.stats.counts.min()) * len(work.stats.counts) < FEW * size:
        return f"a component has few rows, about {least:.0f}: {kept(rate)}"
    return ""


def flattest(factors: Floats) -> float:
    """The least width over the largest of any component, by Cholesky factors (k, d, d)."""
    widths = np.linalg.svd(factors, compute_uv=False)
    return float((widths[:, -1] / widths[:, 0]).min())


def sweeps_for(target: Target, rate: float, options: Options) -> int:
    """Sweeps to a draw that keeps no more than ENOUGH of where it was, if that can be had."""
    wanted = math.ceil(math.log(ENOUGH) / math.log(min(max(rate, 1e-9), 1.0 - 1e-9)))
    k, d = target.centres.shape
    sweep = target.rows.x.shape[1] * k * (d * d + 20) / 2
    most = LOOKS / (sweep * options.chains * options.draws)
    if wanted > SWEEPS:  # a component too many, as a rule, whose share goes where it likes
        most = min(most, BRIEF / (sweep * options.chains * (options.draws + options.warmup)))
    return max(1, min(wanted, SWEEPS, int(most)))


def by_trajectories(
    target: Target, begun: Beginning, options: Options, data: Points, rng: np.random.Generator
) -> Trajectories:
    """NUTS or HMC, whichever was asked for or suits the modes, and starts about those in proportion to their mass."""
    if not has_top(target, len(data.x)):
        narrow = NARROW**2 * np.eye(target.at[SIZE])
        starts = [(position, narrow) for position, _ in begun.places or at_modes(begun.modes, options.chains, rng)]
        return Trajectories(METHODS.get(options.algorithm, nuts), starts, uneven=False)
    density, peaks = density_of(target, work_for(target)), list[Peak]()
    polished = [polish(density, summit.q, DIFFERENCE) for summit in begun.modes]
    for peak in polished:
        if not any(same(peak, other) for other in peaks):
            peaks.append(peak)
    peaks.sort(key=lambda peak: -peak.log_mass)
    asked, spread = METHODS.get(options.algorithm), 0.0
    if asked is None:
        spread = unevenness(density, peaks, rng)
    method = asked or (hmc if spread < ROUND else nuts)
    starts = [(q, polished[mode].covariance) for q, mode in begun.places] or [
        (q, peak.covariance) for q, peak in starting_positions(density, peaks, options.chains, rng)
    ]
    return Trajectories(method, starts, uneven=UNEVEN < spread < math.inf)


def at_modes(summits: list[Summit], chains: int, rng: np.random.Generator) -> Starts:
    """A mode for each chain, in proportion to their heights: Gibbs finds its own way from there."""
    heights = np.exp(np.array([summit.logdensity for summit in summits]) - summits[0].logdensity)
    slots = (np.arange(chains) + rng.random()) / chains
    dealt = np.minimum(np.searchsorted(np.cumsum(heights / heights.sum()), slots), len(summits) - 1)
    return [(summits[index].q, np.empty((0, 0))) for index in dealt]


def whole_numbers(weights: Floats) -> bool:
    """Whether every point was seen a whole number of times."""
    return bool((weights == np.round(weights)).all())
