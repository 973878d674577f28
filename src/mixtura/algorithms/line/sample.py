"""From data and a model to a fit: what happens before and after the loop, for points on a line."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from mixtura.algorithms import begin, hmc, nuts
from mixtura.algorithms.laplace import Density, Peak, is_round, likely, starting_positions
from mixtura.algorithms.line.modes import begun_at, density_of
from mixtura.algorithms.line.record import Draws, room_for
from mixtura.algorithms.line.view import (
    CLOSE_ENOUGH,
    View,
    about,
    certificate,
    compressed,
    focused,
    sharpened,
    whole,
    witnesses,
)
from mixtura.algorithms.run import METHODS, Options, Task, bent, run
from mixtura.algorithms.stepsize import be_careful
from mixtura.arrays import Floats
from mixtura.compiled.rng import streams
from mixtura.line.compress import pays
from mixtura.line.helpers import assisted
from mixtura.line.propriety import fits_exactly, repeats
from mixtura.line.records import Params
from mixtura.line.target import MEANS, RATE, SCALES, SIZE, Target, can_trade, place_all, target_of, work_for
from mixtura.line.units import Units
from mixtura.model import GaussianMixture
from mixtura.posterior.store import Record, record_of
from mixtura.reading.chunks import cores
from mixtura.reading.data import Points
from mixtura.seeds import entropy_of


def sample(model: GaussianMixture, data: Points, name: str, _: Sequence[str], options: Options) -> Record:
    """Draw from the posterior; see `GaussianMixture.sample`."""
    if options.allocates:
        _check_whole(data, options.algorithm)
    began = time.perf_counter()
    units = Units.of(data.x)
    full = model.with_defaults(data.x, data.weights)
    standard = full.in_units(*units)
    _check_sound(full, data)
    view = compressed(data, units) if options.compresses(data.x.size) else whole(data, units)
    target = target_of(standard, view.points)
    if target.at[SIZE] == 0:
        raise ValueError("nothing to sample: every block of this model is Fixed")
    entropy = entropy_of(options.seed)
    rng = np.random.default_rng(entropy)
    start = begin.read(options.start, full, data, (name,), options.chains)
    peaks, places = begun_at(standard, target, rng, data, [units.params_into(place) for place in start.places])
    view = focused(view, about(target, peaks, rng))
    density = density_of(target, work_for(target))
    method, why = choose(density, peaks, options, rng)
    positions = (
        [(position, peaks[mode]) for position, mode in places]
        if start.exact
        else list(starting_positions(density, peaks, options.chains, rng))
    )
    swaps = not model.exchangeable and can_trade(target)
    started = time.perf_counter()
    on = partial(tasks_on, target, positions, swaps, entropy, options)
    tasks, kept, view, apart = certified(view, on, method, options)
    if method is hmc and options.algorithm == "auto" and bent(tasks, method, kept, least=0.0):
        method, why = nuts, "the posterior is far from normal in its tails, where hmc diverged"
        tasks, kept, view, apart = certified(view, on, method, options)
    if bent(tasks, method, kept):
        tasks, kept, view, apart = certified(view, partial(on, careful=True), method, options)
    attributes = {
        "name": name,
        "algorithm": method.NAME,
        "reason": why,
        "seed": str(entropy),
        "tuning_steps": options.warmup,
        "nodes": view.points.x.size,
        "certificate": apart,
        "sampling_time": time.perf_counter() - started,
        "start_time": started - began,
        "interrupted": int(kept < options.draws),
    } | start.attributes
    draws = collect([task.draws for task in tasks], kept, units, lp_offset(full, target, data, units))
    stats = {"lp": draws.lp, "occupied": draws.occupied}
    stats |= {name: draws.info[..., column] for column, name in enumerate(method.INFO)}
    return record_of(full, data, draws.params, stats, attributes)


def highest(
    model: GaussianMixture, data: Points, names: Sequence[str], rng: np.random.Generator, start: Any
) -> tuple[GaussianMixture, Params, float]:
    """The model with every prior spelled out, its highest mode in the user's units, and the log mass about it."""
    units = Units.of(data.x)
    full = model.with_defaults(data.x, data.weights)
    standard = full.in_units(*units)
    view = compressed(data, units) if pays(data.x.size) else whole(data, units)
    target = target_of(standard, view.points)
    places = [units.params_into(place) for place in begin.read(start, full, data, names).places]
    peak = max(begun_at(standard, target, rng, data, places).modes, key=lambda found: found.logdensity)
    work = work_for(target)
    place_all(target, peak.q, work.params)
    params = units.params_back(work.params)
    return full, Params(params.weights, params.means, params.scales, params.rate[0]), peak.log_mass


def tasks_on(
    target: Target,
    positions: list[tuple[Floats, Peak]],
    swaps: bool,
    entropy: int,
    options: Options,
    method: ModuleType,
    read: Points,
    careful: bool = False,
) -> list[Task]:
    """A chain from each position, of draws that read these points or nodes."""
    target = target._replace(points=read)
    chains = [method.start(target, position, peak.covariance, swaps) for position, peak in positions]
    if careful:
        be_careful(chains)
    return [
        Task(
            target,
            chain,
            work := work_for(target, max(cores() // options.chains - 1, 0)),
            stream,
            room_for(options.draws, work.params.weights.size, len(method.INFO)),
            partial(assisted, read, work.params, work.crew),
        )
        for chain, stream in zip(chains, streams(entropy, options.chains), strict=True)
    ]


def certified(
    view: View, tasks_on: Callable[[ModuleType, Points], list[Task]], method: ModuleType, options: Options
) -> tuple[list[Task], int, View, float]:
    """Chains that have run, how many draws each kept, what they read, and how far that is from all points, in nats.

    What turns out too far is read again with a closer look, but for what was interrupted."""
    looks = 0
    while True:
        tasks = tasks_on(method, view.points)
        kept = run(tasks, method, options)
        seen = witnesses([task.draws.params for task in tasks], kept)
        apart, looks = certificate(view, seen), looks + 1
        if apart <= CLOSE_ENOUGH or kept < options.draws:
            return tasks, kept, view, apart
        view = sharpened(view, seen, looks)


def choose(density: Density, peaks: list[Peak], options: Options, rng: np.random.Generator) -> tuple[ModuleType, str]:
    """The algorithm, and why where the user left it open."""
    if options.algorithm != "auto":
        return METHODS[options.algorithm], ""
    if is_round(density, peaks, rng):
        return hmc, "the posterior is nearly normal about its mode"
    modes = len(likely(peaks))
    return nuts, f"the posterior has {modes} modes" if modes > 1 else "the posterior is far from normal"


def _check_sound(model: GaussianMixture, data: Points) -> None:
    if fits_exactly(model, data):
        raise ValueError(
            f"x holds only {repeats(data).size} distinct values, repeated: {model.n_components} components would fit "
            "them exactly with scales of 0. Use fewer components, or variances=InverseGamma(alpha, beta), beta a number"
        )


def _check_whole(data: Points, algorithm: str) -> None:
    """Where allocations are sampled a weight is a number of equal points."""
    broken = np.flatnonzero(data.weights != np.round(data.weights))
    if broken.size:
        raise ValueError(
            f"algorithm={algorithm!r} allocates points one by one and needs whole-number weights; weights[{broken[0]}] "
            f"is {data.weights[broken[0]]:g}. Use algorithm='nuts', which takes any positive weights"
        )


def lp_offset(model: GaussianMixture, target: Target, data: Points, units: Units) -> float:
    """What the log density of the declared parameters gains by going back to the user's units."""
    k, g = model.n_components, model.n_scales
    powers = data.weights.sum()
    powers += k * (target.at[MEANS] >= 0) + 2 * (target.at[RATE] >= 0)
    powers += g * (target.at[SCALES] >= 0) * (2 if model.variances is not None else 1)
    return float(-powers * np.log(units.scale))


def collect(chains: list[Draws], kept: int, units: Units, offset: float) -> Draws:
    """All chains' kept draws, (c, s, ...), in the user's units."""
    stacked = Params(*(np.stack(blocks) for blocks in zip(*(c.params for c in chains), strict=True)))
    params = units.params_back(Params(*(block[:, :kept] for block in stacked)))
    lp, occupied, info = (np.stack([getattr(c, name)[:kept] for c in chains]) for name in ("lp", "occupied", "info"))
    return Draws(params, lp + offset, occupied, info)
