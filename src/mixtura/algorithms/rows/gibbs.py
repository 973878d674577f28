"""Gibbs sampling of rows: allocations, then weights, means, covariances and their unknown scale.

Conjugate blocks are drawn jointly and exactly (Fruehwirth-Schnatter & Malsiner-Walli 2019, appendix A). Scales under
other priors, and correlations, are proposed together by the rows alone where those say much more than the prior does,
and take slice steps otherwise. The rows are read once per sweep.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from mixtura import priors as p
from mixtura.algorithms.line.conditionals import log_weights_into, slice_step
from mixtura.algorithms.line.gibbs import occupied_by
from mixtura.algorithms.rows.conditionals import (
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
from mixtura.arrays import Floats
from mixtura.compiled.jit import copy, entry, kernel
from mixtura.compiled.matrices import add, add_precision, assign, cholesky, draw_wishart, zero
from mixtura.compiled.protocol import keep
from mixtura.compiled.rng import Stream, log_gamma, next_key, normal, uniform
from mixtura.line.coordinates import coordinate_of
from mixtura.line.target import HIGH, KIND, LOW, A, B, C
from mixtura.rows.coordinates import pairs, place_correlation, unplace_correlation, unplace_factor
from mixtura.rows.gradient import pooled, rate_conditional, scale_matrix_conditional
from mixtura.rows.kernels import read_hard
from mixtura.rows.target import (
    CORRELATION,
    CORRELATIONS,
    DF,
    ETA,
    FLOOR,
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

NAME = "gibbs"
INFO: tuple[str, ...] = ()
SETTLED = 10  # warm-up ends after a tenth: chains start at a mode, and little adapts
MADE, ACCEPTED = range(2)  # of `Chain.proposals`
PLENTY = 10  # rows to a feature from which scales and correlations are proposed together
TRIES = 4  # of them a sweep, which cost little beside the look at the rows
EASY = 0.1  # share of such proposals that must be accepted in warm-up


class Chain(NamedTuple):
    """One chain: its position (d,), whether labels may be exchanged by a Metropolis step, sweeps to a draw, a stream to
    work with, and the proposals of scales and correlations that were made and accepted in warm-up."""

    q: Floats
    swaps: bool
    sweeps: int
    scratch: Stream
    proposals: Floats


def start(target: Target, position: Floats, covariance: Floats, swaps: bool, sweeps: int = 1) -> Chain:
    """A chain at `position`; the covariance is not used."""
    return Chain(position.copy(), swaps, sweeps, np.zeros(1, np.uint64), np.zeros(2))


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
    return 0.5 * (math.log(b + row[C] + 0.5 * line[SQUARE]) - log_gamma(stream, row[A] + 0.5 * line[COUNT]))


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
def scale_density(row: Floats, rate: Floats, q: float) -> float:
    """Log prior density of the scale parameter itself at the coordinate q."""
    _, slope, density, _ = scale_prior(row, rate, q)
    return density - math.log(slope)


@kernel
def propose_covariance(target: Target, q: Floats, work: Work, j: int, count: float, stream: Stream) -> bool:
    """Scales and correlations of owner j at once, from the scatter's factor in SHAPE; returns whether q moved.

    Independence Metropolis (Tierney 1994). Of n rows with scatter S, an inverse Wishart matrix with n - 1 degrees of
    freedom and scale S has, in scales and correlations R, the likelihood as its density but for a factor |R|^(-d/2);
    so a proposal counts by that and the prior. LKJ(eta) is |R|^(eta - 1).
    """
    at, d, factor, proposal = target.at, target.scale_at.shape[1], work.matrices[CORRELATION], work.matrices[SLOPE]
    values, first, gain = work.vectors[WAY], at[CORRELATIONS] + j * pairs(d), 0.0
    draw_wishart(stream, count - 1.0, work.matrices[SHAPE], work.matrices[WHITE], proposal)
    place_correlation(q[first:], target.numbers[ETA], factor)
    for a in range(d):
        squares = 0.0
        for b in range(a + 1):
            squares += proposal[a, b] ** 2
        scale, g = math.sqrt(squares), target.scale_at[j, a]
        for b in range(a + 1):
            proposal[a, b] /= scale
        gain += (d + 2.0 * target.numbers[ETA] - 2.0) * math.log(proposal[a, a] / factor[a, a])
        row = target.scales[g]
        values[a] = coordinate_of(row[LOW], row[HIGH], scale)
        gain += scale_density(row, work.params.rate, values[a])
        gain -= scale_density(row, work.params.rate, q[at[SCALES] + g])
    if not math.log(uniform(stream)) < gain:
        return False
    for a in range(d):
        g = target.scale_at[j, a]
        q[at[SCALES] + g] = values[a]
        work.scales[g] = scale_prior(target.scales[g], work.params.rate, values[a])[0]
    unplace_correlation(proposal, q[first:])
    return True


@kernel
def draw_covariance(
    target: Target, q: Floats, work: Work, j: int, proposals: Floats, warm: bool, stream: Stream
) -> None:
    """Scales and correlations of owner j. Warm-up takes steps of both kinds, and finds which to go on with."""
    at, scatter, count = target.at, work.matrices[SHAPE], 0.0
    if at[SCALES] >= 0 and at[CORRELATIONS] >= 0:
        zero(scatter)
        count = pooled(work.stats, j, at[OWNERS], scatter)
    together, easy = count >= PLENTY * scatter.shape[0], proposals[ACCEPTED] > EASY * proposals[MADE]
    if together and (warm or easy):
        cholesky(scatter, scatter)
        for _ in range(TRIES):
            proposals[MADE] += warm
            proposals[ACCEPTED] += propose_covariance(target, q, work, j, count, stream) and warm
    if warm or not (together and easy):
        draw_scales(target, q, work, j, stream)


@kernel
def sweep(target: Target, q: Floats, work: Work, proposals: Floats, warm: bool, stream: Stream) -> None:
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
            add(shape, target.precisions[FLOOR])
            df = numbers[DF] + pooled(stats, j, owners, shape)
            draw_matrix(df, shape, matrices[WHITE], params.factors[j], q[at[MATRICES] + j * pairs(d + 1) :], stream)
            share_factor(params.factors, j, owners)
        elif at[SCALES] >= 0 or at[CORRELATIONS] >= 0:
            draw_covariance(target, q, work, j, proposals, warm, stream)
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

    A draw is kept between the last allocation, which sees the log-likelihood at its parameters, and the sweep after it.
    """
    settled = max(warmup // SETTLED, min(warmup, 10 * SETTLED))
    for draw in range(first, last):
        if settled <= draw < warmup:
            continue
        for left in range(chain.sweeps - 1, -1, -1):
            if chain.swaps:
                swap_labels(target, chain.q, work, stream)
            prior = place_all(target, chain.q, work)
            read_hard(target.rows, work.params.means, next_key(stream), work.look, work.stats, chain.scratch)
            if left == 0 and draw >= warmup:
                density, occupied = prior + work.stats.loglik[0], occupied_by(work.stats.counts)
                keep(target, chain.q, work, density, occupied, draws, draw - warmup)
            sweep(target, chain.q, work, chain.proposals, draw < warmup, stream)
