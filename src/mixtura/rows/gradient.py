"""The gradient of the log posterior density of rows, from counts, sums and scatter alone (Fisher's identity).

In a component's Cholesky factor L the slope of the log-likelihood follows from its count n and scatter S:
L^-T (L^-1 S L^-T - n I). Scales, correlations and log-Cholesky coordinates take it from there.
"""

from __future__ import annotations

import math

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled import protocol
from mixtura.compiled.jit import entry, fill, kernel
from mixtura.compiled.matrices import add, add_precision, assign, zero
from mixtura.line.target import A, B, Ints
from mixtura.rows.coordinates import pairs, pull_correlation, pull_factor
from mixtura.rows.kernels import read_soft, room_for
from mixtura.rows.records import Params, Stats
from mixtura.rows.target import (
    CORRELATIONS,
    DF,
    ETA,
    FLOOR,
    GROUPS,
    INVERSE,
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
    WEIGHTS,
    WHITE,
    Target,
    Work,
    place_all,
    scale_prior,
    work_for,
)


@kernel
def pooled(stats: Stats, j: int, owners: int, to: Floats) -> float:
    """Add the scatter of all components that share the covariance of owner j; their count."""
    count, d = 0.0, to.shape[0]
    for other in range(j, stats.counts.size, owners):
        count += stats.counts[other]
        for a in range(d):
            for b in range(d):
                to[a, b] += stats.scatter[other, a, b]
    return count


@kernel
def slope_in_factor(count: float, whiten: Floats, white: Floats, shape: Floats, slope: Floats) -> None:
    """Slope of the log-likelihood in a factor, whose inverse is given, from count and scatter, which is in `shape`."""
    d = slope.shape[0]
    for a in range(d):
        for b in range(d):
            s = 0.0
            for c in range(a + 1):
                s += whiten[a, c] * shape[c, b]
            white[a, b] = s
    for a in range(d):
        for b in range(a + 1):
            s = 0.0
            for c in range(b + 1):
                s += white[a, c] * whiten[b, c]
            shape[a, b] = s
            shape[b, a] = s
    for a in range(d):
        for b in range(a + 1):
            s = 0.0
            for c in range(a, d):
                s += whiten[c, a] * shape[c, b]
            slope[a, b] = s
        slope[a, a] -= count * whiten[a, a]


@kernel
def pull_mean(sums: Floats, whiten: Floats, centre: Floats, precision: Floats, mean: Floats, grad: Floats) -> None:
    """Gradient in a mean: precision times sum of deviations, and the prior's pull."""
    d = mean.size
    for a in range(d):
        s = 0.0
        for b in range(a + 1):
            s += whiten[a, b] * sums[b]
        for b in range(a + 1):
            grad[b] += whiten[a, b] * s
        for b in range(d):
            grad[a] -= precision[a, b] * (mean[b] - centre[b])


@kernel
def pull_scales(slope: Floats, factor: Floats, scales: Floats, uses: Ints, grad: Floats) -> None:
    """Add the slope in the scales that the features of a factor use."""
    for a in range(uses.size):
        along = 0.0
        for b in range(a + 1):
            along += slope[a, b] * factor[a, b]
        grad[uses[a]] += along / scales[uses[a]]


@kernel
def scale_down(slope: Floats, factor: Floats, scales: Floats, uses: Ints, correlation: Floats) -> None:
    """From the slope in a factor to that in its correlation's, which goes into `correlation`."""
    for a in range(uses.size):
        for b in range(a + 1):
            slope[a, b] *= scales[uses[a]]
            correlation[a, b] = factor[a, b] / scales[uses[a]]


@kernel
def pull_scale_matrix(df: float, inverse: Floats, root: Floats, slope: Floats, grad: Floats) -> None:
    """Gradient in an unknown scale matrix: the slope of the Wishart that is its conditional."""
    d = root.shape[0]
    for a in range(d):
        for b in range(a + 1):
            s = 0.0
            for c in range(b, d):
                s += inverse[a, c] * root[c, b]
            slope[a, b] = -s
        slope[a, a] += (df - a) / root[a, a]
    pull_factor(slope, root, grad)


@kernel
def scale_matrix_conditional(inverse: Floats, factors: Floats, owners: int, scratch: Floats, to: Floats) -> None:
    """Inverse scale of the full conditional of the scale matrix, a Wishart, given that of its prior."""
    assign(to, inverse)
    for j in range(owners):
        add_precision(factors[j], scratch, 1.0, to)


@kernel
def rate_conditional(rows: Floats, scales: Floats, m: int) -> tuple[float, float]:
    """Shape and rate of the full conditional of rate m, a Gamma (Richardson & Green 1997, eq. 9)."""
    shape, rate = rows[scales.size + m, A], rows[scales.size + m, B]
    for g in range(scales.size):
        if rows[g, RATE_AT] == m:
            shape += rows[g, A]
            rate += 1.0 / scales[g] ** 2
    return shape, rate


@kernel
def pull_weights(concentration: Floats, basis: Floats, counts: Floats, weights: Floats, grad: Floats) -> None:
    """Gradient in the weights' coordinates."""
    k, total = weights.size, 0.0
    for j in range(k):
        total += counts[j] + concentration[j]
    for j in range(k):
        excess = counts[j] + concentration[j] - total * weights[j]
        for i in range(k - 1):
            grad[i] += basis[j, i] * excess


@kernel
def pull_spread(target: Target, q: Floats, work: Work, grad: Floats) -> None:
    """Gradient in covariances: as such, or in scales and correlations."""
    at, params, matrices, d = target.at, work.params, work.matrices, work.matrices.shape[1]
    white, shape, slope = matrices[WHITE], matrices[SHAPE], matrices[SLOPE]
    for j in range(at[OWNERS]):
        factor, whiten, uses = params.factors[j], work.look.whiten[j], target.scale_at[j]
        if at[MATRICES] >= 0:
            assign(shape, params.rate)
            add(shape, target.precisions[FLOOR])
        else:
            zero(shape)
        slope_in_factor(pooled(work.stats, j, at[OWNERS], shape), whiten, white, shape, slope)
        if at[MATRICES] >= 0:
            for a in range(d):
                slope[a, a] -= (target.numbers[DF] + a) * whiten[a, a]
            pull_factor(slope, factor, grad[at[MATRICES] + j * pairs(d + 1) :])
        if at[SCALES] >= 0:
            pull_scales(slope, factor, work.scales, uses, grad[at[SCALES] :])
        if at[CORRELATIONS] >= 0:
            first = at[CORRELATIONS] + j * pairs(d)
            scale_down(slope, factor, work.scales, uses, shape)
            pull_correlation(slope, target.numbers[ETA], shape, q[first:], grad[first:])
    if at[SCALES] >= 0:
        for g in range(at[GROUPS]):
            i = at[SCALES] + g
            _, slope_in_q, _, dprior = scale_prior(target.scales[g], params.rate, q[i])
            grad[i] = grad[i] * slope_in_q + dprior


@kernel
def pull_back(target: Target, q: Floats, work: Work, grad: Floats) -> None:
    """Gradient in q of the log density, from the statistics in `work`, into `grad`."""
    at, params, stats, look, matrices = target.at, work.params, work.stats, work.look, work.matrices
    k, d = params.means.shape
    fill(grad, 0.0)
    if at[MEANS] >= 0:
        for j in range(k):
            centre, precision, to = target.centres[j], target.precisions[j], grad[at[MEANS] + j * d :]
            pull_mean(stats.sums[j], look.whiten[j], centre, precision, params.means[j], to)
    if at[MATRICES] >= 0 or at[SCALES] >= 0 or at[CORRELATIONS] >= 0:
        pull_spread(target, q, work, grad)
    if at[WEIGHTS] >= 0:
        pull_weights(target.concentration, target.basis, stats.counts, params.weights, grad[at[WEIGHTS] :])
    if at[RATE] >= 0 and at[MATRICES] >= 0:
        inverse, df = matrices[SHAPE], target.numbers[RATE_DF] + at[OWNERS] * target.numbers[DF]
        scale_matrix_conditional(target.precisions[INVERSE], params.factors, at[OWNERS], matrices[WHITE], inverse)
        pull_scale_matrix(df, inverse, matrices[ROOT], matrices[SLOPE], grad[at[RATE] :])
    elif at[RATE] >= 0:
        for m in range(target.scales.shape[0] - at[GROUPS]):
            shape, rate = rate_conditional(target.scales, work.scales, m)
            grad[at[RATE] + m] = shape - rate * params.rate[m, m]


@protocol.answers(protocol.logdensity, Target)
@entry
def logdensity(target: Target, q: Floats, grad: Floats, work: Work) -> float:
    """Log posterior density in q, with its gradient: the data are read once."""
    prior = place_all(target, q, work)
    read_soft(target.rows, work.params.means, work.look, work.stats)
    pull_back(target, q, work, grad)
    value = prior + work.stats.loglik[0]
    return value if value < math.inf else -math.inf


def placed(target: Target, q: Floats) -> tuple[float, Params]:
    """Log prior density plus log-Jacobian at q, which is the density without rows; and the parameters there."""
    work, bare = work_for(target), target._replace(rows=room_for(0, target.centres.shape[1]))
    return logdensity(bare, q, np.empty_like(q), work), work.params
