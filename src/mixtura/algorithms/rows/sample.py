"""From rows of several features and a model to a fit: what happens before and after the loop."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np

from mixtura.algorithms import begin
from mixtura.algorithms.laplace import polish
from mixtura.algorithms.rows import gibbs, swap
from mixtura.algorithms.rows.choose import DEAR, DIFFERENCE, METHODS, choose, whole_numbers
from mixtura.algorithms.rows.modes import begun_at, density_of, has_top
from mixtura.algorithms.rows.record import Draws, room_for
from mixtura.algorithms.run import Options, Task, bent, run
from mixtura.algorithms.stepsize import be_careful
from mixtura.arrays import Floats
from mixtura.compiled.rng import streams
from mixtura.model import GaussianMixture
from mixtura.posterior.store import Record, record_of
from mixtura.reading.data import Points
from mixtura.rows.beliefs import logprior
from mixtura.rows.encode import can_trade, position_of, target_of
from mixtura.rows.gradient import placed
from mixtura.rows.propriety import check_sound
from mixtura.rows.records import Params
from mixtura.rows.target import SIZE, Target, work_for
from mixtura.rows.units import RowUnits
from mixtura.seeds import entropy_of


def sample(model: GaussianMixture, data: Points, name: str, features: Sequence[str], options: Options) -> Record:
    """Draw from the posterior; see `GaussianMixture.sample`."""
    _check_possible(options, data)
    began = time.perf_counter()
    full, units, target = encoded(model, data, features)
    if target.at[SIZE] == 0:
        raise ValueError("nothing to sample: every block of this model is Fixed")
    entropy = entropy_of(options.seed)
    rng = np.random.default_rng(entropy)
    start = begin.read(options.start, full, data, features, options.chains)
    begun = begun_at(full.in_units(*units), target, rng, [units.params_into(place) for place in start.places])
    swaps = not model.exchangeable and can_trade(target)
    choice = choose(target, begun if start.exact else begun._replace(places=[]), options, data, swaps, rng)
    started = time.perf_counter()
    again = deepcopy(choice.chains)
    tasks = tasks_of(target, choice.method, choice.chains, entropy, options)
    kept = run(tasks, choice.method, options)
    if bent(tasks, choice.method, kept):
        be_careful(again)
        tasks = tasks_of(target, choice.method, again, entropy, options)
        kept = run(tasks, choice.method, options)
    attributes = {
        "name": name,
        "features": list(features),
        "algorithm": choice.method.NAME,
        "reason": choice.why,
        "seed": str(entropy),
        "tuning_steps": options.warmup,
        "sampling_time": time.perf_counter() - started,
        "start_time": started - began,
        "interrupted": int(kept < options.draws),
        "set_aside": begun.modes[0].aside,
    } | start.attributes
    params, stats = collect([task.draws for task in tasks], kept, full, units, data, choice.method)
    return record_of(full, data, params, stats, attributes)


def tasks_of(target: Target, method: ModuleType, chains: list[Any], entropy: int, options: Options) -> list[Task]:
    """What each chain needs to run."""
    room = partial(room_for, options.draws, target.centres, len(method.INFO))
    return [
        Task(target, chain, work_for(target), stream, room())
        for chain, stream in zip(chains, streams(entropy, options.chains), strict=True)
    ]


def encoded(model: GaussianMixture, data: Points, features: Sequence[str]) -> tuple[GaussianMixture, RowUnits, Target]:
    """The model with every prior spelled out, the units of its target, and the target."""
    full = model.with_defaults(data.x, data.weights)
    check_sound(full, data, features)
    units = RowUnits.of(data.x, one_scale=model.structure.isotropic)
    return full, units, target_of(full.in_units(*units), units.rows(data.x, data.weights))


def highest(
    model: GaussianMixture, data: Points, features: Sequence[str], rng: np.random.Generator, start: Any
) -> tuple[GaussianMixture, Params, float]:
    """The model with every prior spelled out, its highest mode in the user's units, and the log mass about it.

    The mass is nan for more than DEAR parameters, where Laplace's approximation takes longer than the search.
    """
    full, units, target = encoded(model, data, features)
    work, log_mass = work_for(target), math.nan
    q = position_of(target, target.fixed)
    if target.at[SIZE] > 0:
        places = [units.params_into(place) for place in begin.read(start, full, data, features).places]
        q = begun_at(full.in_units(*units), target, rng, places).modes[0].q
        if target.at[SIZE] <= DEAR and has_top(target, len(data.x)):
            peak = polish(density_of(target, work), q, DIFFERENCE)
            q, log_mass = peak.q, peak.log_mass
    params = units.params_back(placed(target, q)[1])
    return full, params if full.rate is not None else params._replace(rate=np.full_like(params.rate, np.nan)), log_mass


def _check_possible(options: Options, data: Points) -> None:
    if options.algorithm not in ("auto", *METHODS):
        raise ValueError(
            f"algorithm={options.algorithm!r} is for one column; several features take auto, {', '.join(METHODS)}"
        )
    if options.compress:
        raise ValueError("compress=True is for one column; rows of several features are read as they are")
    if options.algorithm == gibbs.NAME and not whole_numbers(data.weights):
        raise ValueError(
            "algorithm='gibbs' allocates points one by one and needs whole-number weights; use algorithm='nuts', which "
            "takes any positive weights"
        )


def collect(
    chains: list[Draws], kept: int, model: GaussianMixture, units: RowUnits, data: Points, method: ModuleType
) -> tuple[Params, dict[str, Floats]]:
    """All chains' kept draws, (c, s, ...), in the user's units, and what there is to say of each."""
    stacked = Params(*(np.stack(blocks) for blocks in zip(*(c.params for c in chains), strict=True)))
    params = units.params_back(Params(*(block[:, :kept] for block in stacked)))
    if model.rate is None:
        params = params._replace(rate=np.full_like(params.rate, np.nan))
    loglik, occupied, info = (np.stack([getattr(c, n)[:kept] for c in chains]) for n in ("loglik", "occupied", "info"))
    loglik = loglik - data.weights.sum() * np.log(units.scale).sum()
    stats = {"lp": loglik + logprior(model, params), "occupied": occupied}
    return params, stats | {name: info[..., column] for column, name in enumerate(method.INFO)}


__all__ = ["METHODS", "sample", "swap"]
