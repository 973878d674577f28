"""Blocks of rows' parameters given the statistics: what EM sets to its maximum and Gibbs draws.

Means are normal given the covariances, covariances inverse Wishart given the means, and their unknown scale is Wishart
given them (Fruehwirth-Schnatter & Malsiner-Walli 2019, appendix A). Scales and correlations have no such form; one
coordinate of them at a time is a density of a line, for `slice_step`.
"""

from __future__ import annotations

import math

from mixtura import questions
from mixtura.jit import copy, fill, kernel
from mixtura.matrices import add_precision, backward, cholesky, forward
from mixtura.multivariate.coordinates import place_correlation
from mixtura.multivariate.target import (
    CORRELATION,
    CORRELATIONS,
    DF,
    ETA,
    RATE_DF,
    SHAPE,
    SLOPE,
    WHITE,
    Target,
    Work,
    correlations_at,
    scale_prior,
)

SCALE, PARTIAL = 0, 1  # blocks that move one coordinate at a time: scales and partial correlations


@kernel
def mean_conditional(target: Target, work: Work, j: int) -> None:
    """Mean j given its covariance: factor of its precision into SHAPE, the whitened way there into `vector`."""
    d, factor, pull = work.params.means.shape[1], work.params.factors[j], work.vector
    total, mean = work.matrices[SHAPE], work.params.means[j]
    copy(pull, work.stats.sums[j])
    forward(factor, pull)
    backward(factor, pull)  # precision times the sum of deviations
    for a in range(d):
        for b in range(d):
            total[a, b] = target.precisions[j, a, b]
            pull[a] += target.precisions[j, a, b] * (target.centres[j, b] - mean[b])
    add_precision(factor, work.matrices[WHITE], work.stats.counts[j], total)
    cholesky(total, total)
    forward(total, pull)


@kernel
def move_mean(work: Work, j: int) -> None:
    """Solve for the shift in `vector`, and take mean j and its statistics along."""
    d, shift, stats = work.params.means.shape[1], work.vector, work.stats
    backward(work.matrices[SHAPE], shift)
    for a in range(d):
        for b in range(d):
            moved = stats.counts[j] * shift[a] * shift[b] - stats.sums[j, a] * shift[b] - shift[a] * stats.sums[j, b]
            stats.scatter[j, a, b] += moved
    for a in range(d):
        stats.sums[j, a] -= stats.counts[j] * shift[a]
        work.params.means[j, a] += shift[a]


@kernel
def pooled(target: Target, work: Work, j: int, known: bool) -> float:
    """Scatter of all components that share the covariance of j, plus its scale if `known`, into SHAPE; their count."""
    (k, d), count, total = work.params.means.shape, 0.0, work.matrices[SHAPE]
    for a in range(d):
        for b in range(d):
            total[a, b] = work.params.rate[a, b] if known else 0.0
    for other in range(j, k):
        if target.owner[other] == j:
            count += work.stats.counts[other]
            for a in range(d):
                for b in range(d):
                    total[a, b] += work.stats.scatter[other, a, b]
    return count


@kernel
def covariance_conditional(target: Target, work: Work, j: int) -> float:
    """Factor of the scale of covariance j's inverse Wishart given the means, into SHAPE; its degrees of freedom."""
    count = pooled(target, work, j, True)
    cholesky(work.matrices[SHAPE], work.matrices[SHAPE])
    return float(target.numbers[DF] + count)


@kernel
def scale_matrix_conditional(target: Target, work: Work) -> float:
    """Factor of the inverse scale of the scale matrix's Wishart given covariances, into SHAPE; degrees of freedom."""
    df, total = target.numbers[RATE_DF], work.matrices[SHAPE]
    for a in range(total.shape[0]):
        copy(total[a], target.inverse[a])
    for j in range(target.owner.size):
        if target.owner[j] == j:
            df += target.numbers[DF]
            add_precision(work.params.factors[j], work.matrices[WHITE], 1.0, total)
    cholesky(total, total)
    return float(df)


@kernel
def settle_covariance(target: Target, work: Work, j: int) -> None:
    """Give the factor of j to the components that share it."""
    for other in range(j + 1, target.owner.size):
        if target.owner[other] == j:
            for a in range(work.params.means.shape[1]):
                copy(work.params.factors[other, a], work.params.factors[j, a])


@kernel
def invert_correlation(target: Target, work: Work, j: int) -> None:
    """The inverse of owner j's correlation, placed from `position`, into SLOPE; the identity where there is none."""
    slope = work.matrices[SLOPE]
    if target.at[CORRELATIONS] >= 0:
        place_correlation(work.position[correlations_at(target, j) :], target.numbers[ETA], work.matrices[CORRELATION])
    for a in range(slope.shape[0]):
        fill(slope[a], 0.0)
    add_precision(work.matrices[CORRELATION], work.matrices[WHITE], 1.0, slope)


@kernel
def look_at_scale(target: Target, work: Work, j: int, g: int) -> None:
    """Count n, a and b of the likelihood of scale g of owner j, -n log s - a / (2 s**2) - b / s, into `line`."""
    (k, d), line = work.params.means.shape, work.line
    fill(line, 0.0)
    for other in range(j, k):
        if target.owner[other] != j:
            continue
        scatter = work.stats.scatter[other]
        for a in range(d):
            if target.scale_at[other, a] != g:
                continue
            line[0] += work.stats.counts[other]
            line[1] += work.matrices[SLOPE, a, a] * scatter[a, a]
            for b in range(d):
                if b != a and target.at[CORRELATIONS] >= 0:
                    line[2] += work.matrices[SLOPE, a, b] * scatter[a, b] / work.scales[target.scale_at[other, b]]


@kernel
def look_at_correlations(target: Target, work: Work, j: int) -> None:
    """Pooled scatter of owner j, in units of its scales, into SHAPE; its count into `line`."""
    work.line[0] = pooled(target, work, j, False)
    d = work.params.means.shape[1]
    for a in range(d):
        for b in range(d):
            unit = work.scales[target.scale_at[j, a]] * work.scales[target.scale_at[j, b]]
            work.matrices[SHAPE, a, b] /= unit


@questions.answers(questions.conditional, Target)
@kernel
def conditional(target: Target, work: Work, block: int, j: int, q: float) -> tuple[float, float]:
    """Log density of a coordinate q that was looked at: scale j, or a correlation at j in `position`; and no slope."""
    if block == SCALE:
        value, _, prior, _ = scale_prior(target, j, work.params.rate, q)
        count, square, cross = work.line
        return prior - count * math.log(value) - (0.5 * square / value + cross) / value, 0.0
    d, factor = work.params.means.shape[1], work.matrices[CORRELATION]
    owner = (j - target.at[CORRELATIONS]) // (d * (d - 1) // 2)
    work.position[j] = q
    density = place_correlation(work.position[correlations_at(target, owner) :], target.numbers[ETA], factor)
    for a in range(d):  # rows of the factor's inverse, whose squared length in the metric of the scatter counts
        density -= work.line[0] * math.log(factor[a, a])
    for a in range(d):
        fill(work.vector, 0.0)
        work.vector[a] = 1.0
        backward(factor, work.vector)
        for b in range(a + 1):
            for c in range(a + 1):
                density -= 0.5 * work.vector[b] * work.vector[c] * work.matrices[SHAPE, b, c]
    return density, 0.0


@questions.answers(questions.width, Target)
@kernel
def width(target: Target, work: Work, block: int, j: int) -> float:
    """About three standard deviations of a conditional, in its coordinate, from the count alone."""
    return 3.0 / math.sqrt(1.0 + (2.0 if block == SCALE else 1.0) * work.line[0])
