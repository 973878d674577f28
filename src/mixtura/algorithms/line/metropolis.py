"""Metropolis within Gibbs, the book's way: allocations Gibbs-sampled beside random walks on everything else.

Given the allocations, each coordinate of the unconstrained position walks on its conditional, a function of k
statistics. Such a walk costs no look at the data, so each sweep takes several. Step sizes adapt during warm-up by
Robbins-Monro towards 44 % acceptance (Roberts & Rosenthal 2009), and stand still after it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura.algorithms.line.conditionals import MEAN, SCALE, conditional, n_coordinates, offset, settle
from mixtura.algorithms.line.gibbs import occupied_by
from mixtura.algorithms.line.record import Draws, keep
from mixtura.algorithms.swap import swap_labels
from mixtura.arrays import Floats
from mixtura.compiled.jit import entry, kernel
from mixtura.compiled.rng import Stream, next_key, normal, uniform
from mixtura.line.helpers import allocate_all
from mixtura.line.target import RATE, WEIGHTS, Target, Work, place_all, place_weights, rate_conditional

NAME = "metropolis"
INFO = ("acceptance_rate",)
WALKS = 8  # walks over all coordinates per look at the data
WANTED = 0.44


class Chain(NamedTuple):
    """One chain: position (d,), log step sizes (d,), [accepted, proposed], whether labels may be exchanged."""

    q: Floats
    log_steps: Floats
    tally: Floats
    swaps: bool
    scratch: Stream


def start(target: Target, position: Floats, covariance: Floats, swaps: bool) -> Chain:
    """A chain at `position` whose first steps are the standard deviations of `covariance` (d, d)."""
    log_steps = 0.5 * np.log(np.diag(covariance))
    return Chain(position.copy(), log_steps, np.zeros(2), swaps, np.zeros(1, np.uint64))


@kernel
def accept(chain: Chain, i: int, gain: float, adapting: float, stream: Stream) -> bool:
    """Metropolis rule for coordinate i; moves its step size by `adapting`."""
    chance = math.exp(min(gain, 0.0)) if gain == gain else 0.0
    chain.log_steps[i] += adapting * (chance - WANTED)
    chain.tally[0] += chance
    chain.tally[1] += 1.0
    return uniform(stream) < chance


@kernel
def walk_block(target: Target, chain: Chain, work: Work, block: int, adapting: float, stream: Stream) -> None:
    """One random-walk step of each mean or scale."""
    for j in range(n_coordinates(target, block)):
        i = offset(target, block) + j
        proposal = chain.q[i] + math.exp(chain.log_steps[i]) * normal(stream)
        now = conditional(target, work, block, j, chain.q[i])[0]
        if accept(chain, i, conditional(target, work, block, j, proposal)[0] - now, adapting, stream):
            chain.q[i] = proposal
            settle(target, work, block, j, proposal)


@kernel
def weights_density(target: Target, q: Floats, work: Work) -> float:
    """Log density of the weights' coordinates given the counts; places the weights."""
    density = place_weights(target, q, work.params.weights)
    for j in range(work.params.weights.size):
        density += work.stats.counts[j] * math.log(work.params.weights[j]) if work.stats.counts[j] > 0.0 else 0.0
    return density


@kernel
def walk_weights(target: Target, chain: Chain, work: Work, adapting: float, stream: Stream) -> None:
    """One random-walk step along each coordinate of the weights."""
    now = weights_density(target, chain.q, work)
    for i in range(target.at[WEIGHTS], target.at[WEIGHTS] + target.basis.shape[1]):
        before = chain.q[i]
        chain.q[i] += math.exp(chain.log_steps[i]) * normal(stream)
        then = weights_density(target, chain.q, work)
        if accept(chain, i, then - now, adapting, stream):
            now = then
        else:
            chain.q[i] = before


@kernel
def walk_rate(target: Target, chain: Chain, work: Work, adapting: float, stream: Stream) -> None:
    """One random-walk step of the rate, on the logarithm of its Gamma conditional."""
    i = target.at[RATE]
    shape, rate = rate_conditional(target, work.params)
    proposal = chain.q[i] + math.exp(chain.log_steps[i]) * normal(stream)
    gain = shape * (proposal - chain.q[i]) - rate * (math.exp(proposal) - math.exp(chain.q[i]))
    if accept(chain, i, gain, adapting, stream):
        chain.q[i] = proposal
        work.params.rate[0] = math.exp(proposal)


@entry
def advance(
    target: Target, chain: Chain, work: Work, stream: Stream, first: int, last: int, warmup: int, draws: Draws
) -> None:
    """Run draws first .. last-1, of which those below `warmup` adapt and are dropped."""
    for draw in range(first, last):
        if chain.swaps:
            swap_labels(target, chain.q, work, stream)
        prior = place_all(target, chain.q, work.params)
        key = next_key(stream)
        allocate_all(target.points, work.params, key, work.tile, work.stats, work.crew, chain.scratch)
        if draw >= warmup:
            density = prior + work.stats.loglik[0]
            keep(target, chain.q, work, density, occupied_by(work.stats.counts), draws, draw - warmup)
        adapting = (draw + 1.0) ** -0.6 if draw < warmup else 0.0
        chain.tally[0] = 0.0
        chain.tally[1] = 0.0
        for _ in range(WALKS):
            walk_block(target, chain, work, MEAN, adapting, stream)
            walk_block(target, chain, work, SCALE, adapting, stream)
            if target.at[WEIGHTS] >= 0:
                walk_weights(target, chain, work, adapting, stream)
            if target.at[RATE] >= 0:
                walk_rate(target, chain, work, adapting, stream)
        if draw >= warmup:
            draws.info[draw - warmup, 0] = chain.tally[0] / chain.tally[1]
