"""Gibbs sampling of rows: allocations, then weights, means, covariances and their unknown scale.

Conjugate blocks are drawn jointly and exactly (Fruehwirth-Schnatter & Malsiner-Walli 2019, appendix A); scales under
other priors, and correlations, take slice steps. The rows are read once per sweep.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from mixtura import priors as p
from mixtura.algorithms.conditionals import log_weights_into, slice_step
from mixtura.algorithms.gibbs import occupied_by
from mixtura.algorithms.multivariate.conditionals import (
    COUNT,
    PARTIAL,
    SCALE,
    SQUARE,
    divide_by_scales,
    look_at_scale,
    mean_conditional,
    move_mean,
    share_factor,
)
from mixtura.algorithms.swap import swap_labels
from mixtura.jit import copy, entry, kernel
from mixtura.matrices import add_precision, assign, cholesky, draw_wishart, zero
from mixtura.multivariate.coordinates import pairs, place_correlation, unplace_factor
from mixtura.multivariate.gradient import pooled, rate_conditional, scale_matrix_conditional
from mixtura.multivariate.kernels import read_hard
from mixtura.multivariate.target import (
    CORRELATION,
    CORRELATIONS,
    DF,
    ETA,
    GROUPS,
    INVERSE,
    LINE,
    MATRICES,
    MEANS,
    OWNERS,
    POSITION,
    RATE,
    RATE_AT,
    RATE_DF,
    ROOT,
    SCALES,
    SHAPE,
    SLOPE,
    WAY,
    WEIGHTS,
    WHITE,
    Target,
    Work,
    place_all,
    scale_prior,
)
from mixtura.params import Floats
from mixtura.questions import keep
from mixtura.rng import Stream, log_gamma, next_key, normal
from mixtura.target import KIND, A, B

NAME = "gibbs"
INFO: tuple[str, ...] = ()
SETTLED = 10  # warm-up ends after a tenth: chains start at a mode, and nothing adapts


class Chain(NamedTuple):
    """One chain: its position (d,), whether labels may be exchanged by a Metropolis step, and a stream to work with."""

    q: Floats
    swaps: bool
    scratch: Stream


def start(target: Target, position: Floats, covariance: Floats, swaps: bool) -> Chain:
    """A chain at `position`; nothing adapts, so the covariance is not used."""
    return Chain(position.copy(), swaps, np.zeros(1, np.uint64))


@kernel
def draw_weights(
    concentration: Floats, basis: Floats, counts: Floats, log_weights: Floats, q: Floats, at: int, stream: Stream
) -> None:
    """Weights from Dirichlet(concentration + counts)."""
    for j in range(counts.size):
        log_weights[j] = log_gamma(stream, concentration[j] + counts[j])
    log_weights_into(basis, log_weights, q, at)


@kernel
def draw_matrix(df: float, scale: Floats, scratch: Floats, factor: Floats, q: Floats, stream: Stream) -> None:
    """A covariance from an inverse Wishart; its scale matrix is overwritten."""
    cholesky(scale, scale)
    draw_wishart(stream, df, scale, scratch, factor)
    unplace_factor(factor, q)


@kernel
def draw_scale_matrix(
    df: float, inverse: Floats, scratch: Floats, scale: Floats, root: Floats, q: Floats, stream: Stream
) -> None:
    """The scale matrix from a Wishart given by the inverse of its scale: the inverse of an inverse Wishart matrix."""
    cholesky(inverse, inverse)
    draw_wishart(stream, df, inverse, scratch, root)
    zero(scale)
    add_precision(root, scratch, 1.0, scale)
    cholesky(scale, root)
    unplace_factor(root, q)


@kernel
def draw_variance(row: Floats, rate: Floats, line: Floats, stream: Stream) -> float:
    """Log of a scale whose variance is inverse gamma."""
    which = int(row[RATE_AT])
    b = row[B] if which < 0 else rate[which, which]
    return 0.5 * (math.log(b + 0.5 * line[SQUARE]) - log_gamma(stream, row[A] + 0.5 * line[COUNT]))


@kernel
def draw_scales(target: Target, q: Floats, work: Work, j: int, stream: Stream) -> None:
    """Scales and correlations of owner j, one coordinate after the other."""
    at, scales, position, line = target.at, work.scales, work.vectors[POSITION], work.vectors[LINE]
    d, matrices = work.matrices.shape[1], work.matrices
    correlation, inverse, shape = matrices[CORRELATION], matrices[SLOPE], matrices[SHAPE]
    first = at[CORRELATIONS] + j * pairs(d)
    if at[CORRELATIONS] >= 0:
        place_correlation(position[first:], target.numbers[ETA], correlation)
    zero(inverse)
    add_precision(correlation, matrices[WHITE], 1.0, inverse)
    for a in range(d):
        g = target.scale_at[j, a]
        if at[SCALES] >= 0 and (a == 0 or g != target.scale_at[j, a - 1]):
            i, row = at[SCALES] + g, target.scales[g]
            look_at_scale(inverse, work.stats, scales, target.scale_at, g, line)
            if int(row[KIND]) == p.VARIANCE_INVERSE_GAMMA and at[CORRELATIONS] < 0:
                q[i] = draw_variance(row, work.params.rate, line, stream)
            else:
                q[i] = slice_step(target, work, SCALE, g, q[i], stream)
            scales[g] = scale_prior(row, work.params.rate, q[i])[0]
    if at[CORRELATIONS] >= 0:
        zero(shape)
        line[COUNT] = pooled(work.stats, j, at[OWNERS], shape)
        divide_by_scales(shape, scales, target.scale_at[j])
        for i in range(first, first + pairs(d)):
            q[i] = slice_step(target, work, PARTIAL, i, q[i], stream)
            position[i] = q[i]


@kernel
def sweep(target: Target, q: Floats, work: Work, stream: Stream) -> None:
    """Draw every block given the statistics in `work`, into q."""
    at, numbers, params, stats, matrices = target.at, target.numbers, work.params, work.stats, work.matrices
    (k, d), owners, shape, way = params.means.shape, at[OWNERS], matrices[SHAPE], work.vectors[WAY]
    if at[WEIGHTS] >= 0:
        draw_weights(target.concentration, target.basis, stats.counts, work.look.shares[0], q, at[WEIGHTS], stream)
    for j in range(k):
        if at[MEANS] >= 0:
            centre, precision, factor = target.centres[j], target.precisions[j], params.factors[j]
            mean, count, sums = params.means[j], stats.counts[j], stats.sums[j]
            mean_conditional(centre, precision, factor, mean, count, sums, matrices, way)
            for a in range(d):
                way[a] += normal(stream)
            move_mean(shape, way, mean, count, sums, stats.scatter[j])
            copy(q[at[MEANS] + j * d : at[MEANS] + (j + 1) * d], mean)
    copy(work.vectors[POSITION, : q.size], q)
    for j in range(owners):
        if at[MATRICES] >= 0:
            assign(shape, params.rate)
            df = numbers[DF] + pooled(stats, j, owners, shape)
            draw_matrix(df, shape, matrices[WHITE], params.factors[j], q[at[MATRICES] + j * pairs(d + 1) :], stream)
            share_factor(params.factors, j, owners)
        elif at[SCALES] >= 0 or at[CORRELATIONS] >= 0:
            draw_scales(target, q, work, j, stream)
    if at[RATE] >= 0 and at[MATRICES] >= 0:
        df = numbers[RATE_DF] + owners * numbers[DF]
        scale_matrix_conditional(target.precisions[INVERSE], params.factors, owners, matrices[WHITE], shape)
        draw_scale_matrix(df, shape, matrices[WHITE], matrices[SLOPE], matrices[ROOT], q[at[RATE] :], stream)
    elif at[RATE] >= 0:
        for m in range(target.scales.shape[0] - at[GROUPS]):
            alpha, beta = rate_conditional(target.scales, work.scales, m)
            q[at[RATE] + m] = log_gamma(stream, alpha) - math.log(beta)


@entry
def advance(
    target: Target, chain: Chain, work: Work, stream: Stream, first: int, last: int, warmup: int, draws: Any
) -> None:
    """Run draws first .. last-1, of which those below `warmup` are dropped.

    A draw is kept between the allocation, which sees the log-likelihood at its parameters, and the sweep after it.
    """
    settled = max(warmup // SETTLED, min(warmup, 10 * SETTLED))
    for draw in range(first, last):
        if settled <= draw < warmup:
            continue
        if chain.swaps:
            swap_labels(target, chain.q, work, stream)
        prior = place_all(target, chain.q, work)
        read_hard(target.rows, work.params.means, next_key(stream), work.look, work.stats, chain.scratch)
        if draw >= warmup:
            density, occupied = prior + work.stats.loglik[0], occupied_by(work.stats.counts)
            keep(target, chain.q, work, density, occupied, draws, draw - warmup)
        sweep(target, chain.q, work, stream)
