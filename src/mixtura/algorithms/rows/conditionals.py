"""Blocks of rows' parameters given the statistics: what EM sets to its maximum and Gibbs draws.

Means are normal given the covariances, covariances inverse Wishart given the means, and their unknown scale is Wishart
given them (Fruehwirth-Schnatter & Malsiner-Walli 2019, appendix A). Scales and correlations have no such form; one
coordinate of them at a time is a density of a line, for `slice_step`.
"""

from __future__ import annotations

import math

from mixtura.arrays import Floats
from mixtura.compiled import protocol
from mixtura.compiled.jit import copy, fill, kernel
from mixtura.compiled.matrices import add_precision, backward, cholesky, forward
from mixtura.line.target import Ints
from mixtura.rows.coordinates import pairs, place_correlation
from mixtura.rows.records import Stats
from mixtura.rows.target import (
    CORRELATION,
    CORRELATIONS,
    ETA,
    LINE,
    POSITION,
    SHAPE,
    WAY,
    WHITE,
    Target,
    Work,
    scale_prior,
)

SCALE, PARTIAL = 0, 1  # blocks that move one coordinate at a time: scales and partial correlations
COUNT, SQUARE, CROSS = range(3)  # of a line: a scale's log-likelihood -COUNT log s - SQUARE / (2 s**2) - CROSS / s


@kernel
def mean_conditional(
    centre: Floats, prior: Floats, factor: Floats, mean: Floats, count: float, sums: Floats, room: Floats, way: Floats
) -> None:
    """A mean given its covariance's factor: that of its own precision into SHAPE of `room`, the whitened way there."""
    d, total = mean.size, room[SHAPE]
    for a in range(d):
        way[a] = sums[a]
    forward(factor, way)
    backward(factor, way)  # precision times the sum of deviations
    for a in range(d):
        for b in range(d):
            total[a, b] = prior[a, b]
            way[a] += prior[a, b] * (centre[b] - mean[b])
    add_precision(factor, room[WHITE], count, total)
    cholesky(total, total)
    forward(total, way)


@kernel
def move_mean(root: Floats, way: Floats, mean: Floats, count: float, sums: Floats, scatter: Floats) -> None:
    """Go the whitened way, and take a mean's statistics along."""
    d = mean.size
    backward(root, way)
    for a in range(d):
        for b in range(d):
            scatter[a, b] += count * way[a] * way[b] - sums[a] * way[b] - way[a] * sums[b]
    for a in range(d):
        sums[a] -= count * way[a]
        mean[a] += way[a]


@kernel
def share_factor(factors: Floats, j: int, owners: int) -> None:
    """Give the factor of owner j to the components that share it."""
    for other in range(j + owners, factors.shape[0], owners):
        for a in range(factors.shape[1]):
            copy(factors[other, a], factors[j, a])


@kernel
def look_at_scale(inverse: Floats, stats: Stats, scales: Floats, scale_at: Ints, g: int, line: Floats) -> None:
    """The likelihood of scale g, given the inverse of the correlation of those that use it, into `line`."""
    (k, d), count, square, cross = scale_at.shape, 0.0, 0.0, 0.0
    for j in range(k):
        for a in range(d):
            if scale_at[j, a] == g:
                count += stats.counts[j]
                for b in range(d):
                    product = inverse[a, b] * stats.scatter[j, a, b]
                    if b == a:
                        square += product
                    else:
                        cross += product / scales[scale_at[j, b]]
    line[COUNT] = count
    line[SQUARE] = square
    line[CROSS] = cross


@kernel
def divide_by_scales(scatter: Floats, scales: Floats, uses: Ints) -> None:
    """Scatter in units of the scales that its features use."""
    for a in range(uses.size):
        for b in range(uses.size):
            scatter[a, b] /= scales[uses[a]] * scales[uses[b]]


@protocol.answers(protocol.conditional, Target)
@kernel
def conditional(target: Target, work: Work, block: int, j: int, q: float) -> tuple[float, float]:
    """Log density of a coordinate q that was looked at: scale j, or a correlation at j in POSITION; and no slope."""
    line = work.vectors[LINE]
    if block == SCALE:
        value, _, prior, _ = scale_prior(target.scales[j], work.params.rate, q)
        fit = line[COUNT] * math.log(value) + (0.5 * line[SQUARE] / value + line[CROSS]) / value
        return prior - fit, 0.0
    position, factor, size = work.vectors[POSITION], work.matrices[CORRELATION], pairs(work.matrices.shape[1])
    position[j] = q
    first = j - (j - target.at[CORRELATIONS]) % size
    prior = place_correlation(position[first:], target.numbers[ETA], factor)
    return prior + correlation_fit(line[COUNT], factor, work.matrices[SHAPE], work.vectors[WAY]), 0.0


@kernel
def correlation_fit(count: float, factor: Floats, scatter: Floats, row: Floats) -> float:
    """Log-likelihood of a correlation given by its factor, from the scatter in units of scales."""
    density = 0.0
    for a in range(factor.shape[0]):  # rows of the factor's inverse: their squared lengths in the metric of the scatter
        density -= count * math.log(factor[a, a])
        fill(row, 0.0)
        row[a] = 1.0
        backward(factor, row)
        for b in range(a + 1):
            for c in range(a + 1):
                density -= 0.5 * row[b] * row[c] * scatter[b, c]
    return density


@protocol.answers(protocol.width, Target)
@kernel
def width(target: Target, work: Work, block: int, j: int) -> float:
    """About three standard deviations of a conditional, in its coordinate, from the count alone."""
    return 3.0 / math.sqrt(1.0 + (2.0 if block == SCALE else 1.0) * work.vectors[LINE, COUNT])
