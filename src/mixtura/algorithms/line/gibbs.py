"""Gibbs sampling: allocations, then every block from its conditional (Diebolt & Robert 1994).

Conjugate blocks are drawn exactly: weights under a Dirichlet, means under a Normal, variances under an InverseGamma,
its rate under a Gamma. Every other prior takes a one-dimensional slice step. All of it works on k statistics; the data
are read once per sweep.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura import priors as p
from mixtura.algorithms.line.conditionals import (
    MEAN,
    SCALE,
    log_weights_into,
    n_coordinates,
    offset,
    pooled,
    settle,
    slice_step,
)
from mixtura.algorithms.line.record import Draws, keep
from mixtura.algorithms.swap import swap_labels
from mixtura.arrays import Floats
from mixtura.compiled.jit import entry, kernel
from mixtura.compiled.rng import Stream, log_gamma, next_key, normal
from mixtura.line.helpers import allocate_all
from mixtura.line.target import KIND, RATE, SCALES, WEIGHTS, A, B, C, Target, Work, place_all, rate_conditional

NAME = "gibbs"
INFO: tuple[str, ...] = ()


class Chain(NamedTuple):
    """One chain: its position (d,), and whether labels may be exchanged by a Metropolis step."""

    q: Floats
    swaps: bool
    scratch: Stream


def start(target: Target, position: Floats, covariance: Floats, swaps: bool) -> Chain:
    """A chain at `position`; nothing adapts, so the covariance is not used."""
    return Chain(position.copy(), swaps, np.zeros(1, np.uint64))


@kernel
def draw_weights(target: Target, q: Floats, work: Work, stream: Stream) -> None:
    """Weights from Dirichlet(concentration + counts), in logarithms, into q."""
    log_weights = work.tile[0]
    for j in range(target.scale_of.size):
        log_weights[j] = log_gamma(stream, target.concentration[j] + work.stats.counts[j])
    log_weights_into(target.basis, log_weights, q, target.at[WEIGHTS])


@kernel
def draw_mean(target: Target, work: Work, j: int, q: float, stream: Stream) -> float:
    """Mean j from its conditional: normal under a Normal prior, else a slice step."""
    prior = target.priors[j]
    if int(prior[KIND]) != p.NORMAL:
        return slice_step(target, work, MEAN, j, q, stream)
    prior_precision = prior[B] ** -2
    precision = work.params.scales[j] ** -2
    total = prior_precision + work.stats.counts[j] * precision
    pull = work.stats.sums[j] * precision + (prior[A] - work.params.means[j]) * prior_precision
    return float(work.params.means[j] + pull / total + normal(stream) / math.sqrt(total))


@kernel
def draw_scale(target: Target, work: Work, g: int, q: float, stream: Stream) -> float:
    """Log of scale g from its conditional: inverse gamma for a variance under that prior, else a slice step."""
    prior = target.priors[target.scale_of.size + g]
    if int(prior[KIND]) != p.VARIANCE_INVERSE_GAMMA:
        return slice_step(target, work, SCALE, g, q, stream)
    count, scatter = pooled(target, work, g)
    rate = work.params.rate[0] if target.at[RATE] >= 0 else prior[B]
    shape = prior[A] + 0.5 * count
    return 0.5 * (math.log(rate + prior[C] + 0.5 * scatter) - log_gamma(stream, shape))


@kernel
def sweep(target: Target, q: Floats, work: Work, stream: Stream) -> None:
    """Draw every block given the statistics in `work`, into q."""
    if target.at[WEIGHTS] >= 0:
        draw_weights(target, q, work, stream)
    for j in range(n_coordinates(target, MEAN)):
        i = offset(target, MEAN) + j
        q[i] = draw_mean(target, work, j, q[i], stream)
        settle(target, work, MEAN, j, q[i])
    for g in range(n_coordinates(target, SCALE)):
        i = target.at[SCALES] + g
        q[i] = draw_scale(target, work, g, q[i], stream)
        settle(target, work, SCALE, g, q[i])
    if target.at[RATE] >= 0:
        shape, rate = rate_conditional(target, work.params)
        q[target.at[RATE]] = log_gamma(stream, shape) - math.log(rate)


@kernel
def occupied_by(counts: Floats) -> float:
    """Components that hold a point."""
    occupied = 0.0
    for j in range(counts.size):
        occupied += counts[j] > 0.0
    return occupied


@entry
def advance(
    target: Target, chain: Chain, work: Work, stream: Stream, first: int, last: int, warmup: int, draws: Draws
) -> None:
    """Run draws first .. last-1, of which those below `warmup` are dropped.

    A draw is kept between the allocation, which sees the log-likelihood at its parameters, and the sweep after it.
    """
    for draw in range(first, last):
        if chain.swaps:
            swap_labels(target, chain.q, work, stream)
        prior = place_all(target, chain.q, work.params)
        key = next_key(stream)
        allocate_all(target.points, work.params, key, work.tile, work.stats, work.crew, chain.scratch)
        if draw >= warmup:
            density = prior + work.stats.loglik[0]
            keep(target, chain.q, work, density, occupied_by(work.stats.counts), draws, draw - warmup)
        sweep(target, chain.q, work, stream)
