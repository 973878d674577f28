"""Expectation-maximisation for rows: soft statistics, then each block at the maximum of its conditional.

The density that climbs is that of the coordinates in which chains move, so its maxima are the sampler's modes; in
log-Cholesky coordinates an inverse Wishart of df and scale T T' has its own at T diag(1 / sqrt(df + a)), feature a from
0. Models with other priors of scales, or with correlations, climb a conjugate one first: see `modes`.
"""

from __future__ import annotations

import math

from mixtura.algorithms.line.conditionals import log_weights_into
from mixtura.algorithms.rows.conditionals import COUNT, SQUARE, look_at_scale, mean_conditional, move_mean, share_factor
from mixtura.arrays import Floats
from mixtura.compiled.jit import copy, entry, kernel
from mixtura.compiled.matrices import add, add_precision, assign, cholesky, zero
from mixtura.line.target import A, B, C
from mixtura.rows.coordinates import pairs, unplace_factor
from mixtura.rows.gradient import pooled, rate_conditional, scale_matrix_conditional
from mixtura.rows.kernels import read_soft
from mixtura.rows.target import (
    CORRELATION,
    DF,
    FLOOR,
    GROUPS,
    INVERSE,
    LINE,
    MATRICES,
    MEANS,
    OWNERS,
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
)


@kernel
def set_weights(concentration: Floats, basis: Floats, counts: Floats, log_weights: Floats, q: Floats, at: int) -> None:
    """Weights in proportion to concentration and counts."""
    for j in range(counts.size):
        log_weights[j] = math.log(counts[j] + concentration[j])
    log_weights_into(basis, log_weights, q, at)


@kernel
def set_matrix(df: float, scale: Floats, factor: Floats, q: Floats) -> None:
    """A covariance at the highest point of an inverse Wishart; its scale matrix is overwritten."""
    cholesky(scale, scale)
    for b in range(factor.shape[0]):
        for a in range(b, factor.shape[0]):
            factor[a, b] = scale[a, b] / math.sqrt(df + b)
    unplace_factor(factor, q)


@kernel
def scale_at_most(row: Floats, rate: Floats, line: Floats) -> float:
    """The scale, whose variance has an inverse gamma prior, at the highest point of its conditional."""
    which = int(row[RATE_AT])
    b = row[B] if which < 0 else rate[which, which]
    return math.sqrt((2.0 * (b + row[C]) + line[SQUARE]) / (2.0 * row[A] + line[COUNT]))


@kernel
def set_scale_matrix(df: float, inverse: Floats, scratch: Floats, scale: Floats, root: Floats, q: Floats) -> None:
    """The scale matrix at the highest point of a Wishart given by the inverse of its scale: df - a along the factor."""
    d = root.shape[0]
    cholesky(inverse, inverse)
    zero(scale)
    add_precision(inverse, scratch, 1.0, scale)
    cholesky(scale, root)
    for b in range(d):
        for a in range(b, d):
            root[a, b] *= math.sqrt(df - b)
    unplace_factor(root, q)


@kernel
def maximise(target: Target, q: Floats, work: Work) -> None:
    """One M-step on the statistics in `work`, in place."""
    at, numbers, params, stats, matrices = target.at, target.numbers, work.params, work.stats, work.matrices
    (k, d), owners, shape = params.means.shape, at[OWNERS], matrices[SHAPE]
    way, line = work.vectors[WAY], work.vectors[LINE]
    if at[WEIGHTS] >= 0:
        set_weights(target.concentration, target.basis, stats.counts, work.look.shares[0], q, at[WEIGHTS])
    for j in range(k):
        if at[MEANS] >= 0:
            centre, precision, factor = target.centres[j], target.precisions[j], params.factors[j]
            mean, count, sums = params.means[j], stats.counts[j], stats.sums[j]
            mean_conditional(centre, precision, factor, mean, count, sums, matrices, way)
            move_mean(shape, way, mean, count, sums, stats.scatter[j])
            copy(q[at[MEANS] + j * d : at[MEANS] + (j + 1) * d], mean)
    for j in range(owners):
        if at[MATRICES] >= 0:
            assign(shape, params.rate)
            add(shape, target.precisions[FLOOR])
            df = numbers[DF] + pooled(stats, j, owners, shape)
            set_matrix(df, shape, params.factors[j], q[at[MATRICES] + j * pairs(d + 1) :])
            share_factor(params.factors, j, owners)
    if at[SCALES] >= 0:  # without correlations, whose factor is the identity
        for g in range(at[GROUPS]):
            look_at_scale(matrices[CORRELATION], stats, work.scales, target.scale_at, g, line)
            work.scales[g] = scale_at_most(target.scales[g], params.rate, line)
            q[at[SCALES] + g] = math.log(work.scales[g])
    if at[RATE] >= 0 and at[MATRICES] >= 0:
        df = numbers[RATE_DF] + owners * numbers[DF]
        scale_matrix_conditional(target.precisions[INVERSE], params.factors, owners, matrices[WHITE], shape)
        set_scale_matrix(df, shape, matrices[WHITE], matrices[SLOPE], matrices[ROOT], q[at[RATE] :])
    elif at[RATE] >= 0:
        for m in range(target.scales.shape[0] - at[GROUPS]):
            alpha, beta = rate_conditional(target.scales, work.scales, m)
            q[at[RATE] + m] = math.log(alpha / beta)


@entry
def em(target: Target, q: Floats, work: Work, iterations: int, tolerance: float) -> float:
    """Iterate from q, in place, until the log density gains less than `tolerance`; returns the log density."""
    before = now = -math.inf
    for _ in range(iterations):
        now = place_all(target, q, work)
        read_soft(target.rows, work.params.means, work.look, work.stats)
        now += work.stats.loglik[0]
        if not now - before > tolerance:
            break
        before = now
        maximise(target, q, work)
    return now
