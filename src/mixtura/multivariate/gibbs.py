"""Gibbs sampling of rows: allocations, weights, means, covariances and their unknown scale, each block drawn exactly.

S. Fruehwirth-Schnatter and G. Malsiner-Walli (2019), "From here to infinity", appendix A; the blocks are conjugate
each given the others, so no step is ever refused.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura.jit import copy, entry, kernel
from mixtura.matrices import add_precision, backward, cholesky, draw_wishart, forward
from mixtura.multivariate.kernels import Look, allocate, look_for
from mixtura.multivariate.records import Params, Rows, Stats, empty_stats
from mixtura.params import Floats
from mixtura.rng import Stream, log_gamma, next_key, normal


class Beliefs(NamedTuple):
    """The conjugate priors, in standardised units.

    Attributes
    ----------
    concentration : array (k,)
        Of the weights.
    centres, precisions : array (k, d) and (k, d, d)
        Of the means: normal.
    df : array (1,)
        Of the covariances' inverse Wishart.
    scale : array (d, d)
        Its scale, where that is known; else of the scale's Wishart, the inverse.
    scale_df : array (1,)
        Degrees of freedom of the scale's Wishart; 0 where the scale is known.
    owner : array (k,)
        Which component's factor each component uses: its own, or the first's where covariances are tied.
    """

    concentration: Floats
    centres: Floats
    precisions: Floats
    df: Floats
    scale: Floats
    scale_df: Floats
    owner: np.ndarray


class Chain(NamedTuple):
    """Where a chain is, what it saw there, and scratch: matrices (3, d, d), a vector (d,), one number of a stream."""

    params: Params
    stats: Stats
    look: Look
    matrices: Floats
    vector: Floats
    scratch: Stream


def chain_for(params: Params) -> Chain:
    """A chain at some parameters."""
    k, d = params.means.shape
    params = Params(*(np.array(block, float) for block in params))
    scratch = np.zeros(1, np.uint64)
    return Chain(params, empty_stats(k, d), look_for(k, d), np.zeros((3, d, d)), np.zeros(d), scratch)


@kernel
def draw_weights(beliefs: Beliefs, chain: Chain, stream: Stream) -> None:
    """Weights from Dirichlet(concentration + counts)."""
    weights, top, total = chain.params.weights, -math.inf, 0.0
    for j in range(weights.size):
        weights[j] = log_gamma(stream, beliefs.concentration[j] + chain.stats.counts[j])
        top = max(top, weights[j])
    for j in range(weights.size):
        weights[j] = max(math.exp(weights[j] - top), 1e-300)
        total += weights[j]
    for j in range(weights.size):
        weights[j] /= total


@kernel
def draw_factors(beliefs: Beliefs, chain: Chain, stream: Stream) -> None:
    """Covariances from their inverse Wishart given the means, at which the scatter was taken."""
    k, d = chain.params.means.shape
    known = beliefs.scale_df[0] == 0.0
    total, factor, scratch = chain.matrices[0], chain.matrices[1], chain.matrices[2]
    for j in range(k):
        if beliefs.owner[j] != j:
            for a in range(d):
                copy(chain.params.factors[j, a], chain.params.factors[beliefs.owner[j], a])
            continue
        df = beliefs.df[0]
        for a in range(d):
            copy(total[a], beliefs.scale[a] if known else chain.params.rate[a])
        for other in range(j, k):
            if beliefs.owner[other] == j:
                df += chain.stats.counts[other]
                for a in range(d):
                    for b in range(a + 1):
                        total[a, b] += chain.stats.scatter[other, a, b]
        cholesky(total, factor)
        draw_wishart(stream, df, factor, scratch, chain.params.factors[j])


@kernel
def draw_means(beliefs: Beliefs, chain: Chain, stream: Stream) -> None:
    """Means from their normal given the covariances."""
    k, d = chain.params.means.shape
    total, scratch, pull = chain.matrices[0], chain.matrices[1], chain.vector
    for j in range(k):
        count, mean, factor = chain.stats.counts[j], chain.params.means[j], chain.params.factors[j]
        for a in range(d):
            pull[a] = chain.stats.sums[j, a]
        forward(factor, pull)
        backward(factor, pull)  # precision times the sum of deviations
        for a in range(d):
            for b in range(d):
                total[a, b] = beliefs.precisions[j, a, b]
                pull[a] += beliefs.precisions[j, a, b] * (beliefs.centres[j, b] - mean[b])
        add_precision(factor, scratch, count, total)
        cholesky(total, scratch)
        forward(scratch, pull)
        for a in range(d):
            pull[a] += normal(stream)
        backward(scratch, pull)
        for a in range(d):
            mean[a] += pull[a]


@kernel
def draw_spread(beliefs: Beliefs, chain: Chain, stream: Stream) -> None:
    """The scale of the covariances from its Wishart given them."""
    k, d = chain.params.means.shape
    total, factor, scratch = chain.matrices[0], chain.matrices[1], chain.matrices[2]
    for a in range(d):
        copy(total[a], beliefs.scale[a])
    df = beliefs.scale_df[0]
    for j in range(k):
        if beliefs.owner[j] == j:
            df += beliefs.df[0]
            add_precision(chain.params.factors[j], scratch, 1.0, total)
    cholesky(total, factor)
    spread = chain.params.rate
    draw_wishart(stream, df, factor, scratch, spread)  # the factor of an inverse, whose inverse is wanted
    for a in range(d):
        for b in range(d):
            total[a, b] = 0.0
            factor[a, b] = spread[a, b]
    add_precision(factor, scratch, 1.0, total)
    for a in range(d):
        copy(spread[a], total[a])


@entry
def advance(
    rows: Rows,
    beliefs: Beliefs,
    chain: Chain,
    stream: Stream,
    first: int,
    last: int,
    warmup: int,
    kept: Params,
    lp: Floats,
) -> None:
    """Run draws first .. last-1, of which those below `warmup` are dropped; lp is the log-likelihood."""
    k, d = chain.params.means.shape
    for draw in range(first, last):
        allocate(rows, chain.params, next_key(stream), 0, chain.look, chain.stats, chain.scratch)
        if draw >= warmup:
            s = draw - warmup
            lp[s] = chain.stats.loglik[0]
            copy(kept.weights[s], chain.params.weights)
            for j in range(k):
                copy(kept.means[s, j], chain.params.means[j])
                for a in range(d):
                    copy(kept.factors[s, j, a], chain.params.factors[j, a])
            for a in range(d):
                copy(kept.rate[s, a], chain.params.rate[a])
        draw_weights(beliefs, chain, stream)
        draw_factors(beliefs, chain, stream)
        draw_means(beliefs, chain, stream)
        if beliefs.scale_df[0] > 0.0:
            draw_spread(beliefs, chain, stream)
