"""The compiled pass over rows of d features, in tiles that stay in cache; the twin of `line.kernels`.

A tile is read component by component: deviations from its mean, whitened by the inverse Cholesky factor, squared and
summed; then its sums and products, each times the point's share. Both are products of a small matrix with d rows of
TILE numbers, written as loops over four rows at a time, so that what is summed stays in registers. Where points are
allocated each component holds its own until they fill a tile, so that products are taken once a point.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.compiled.jit import entry, exact, fill, kernel, wide
from mixtura.compiled.matrices import zero
from mixtura.compiled.rng import Stream, row_uniform
from mixtura.line.kernels import HALF_LOG_2PI, allocate_many, exp, log
from mixtura.rows.records import Params, Rows, Stats, empty_stats

Ints = NDArray[np.int64]

TILE = 64
PACK = 4  # features that a loop takes at once
FAINT = 1e-200
TOTAL, TOP, CONSTANT, ROW, HELD = range(5)  # rows of `shares`, after k of shares
NOW = 0  # of `apart`: of the tile that is read; component j holds 1 + j


class Look(NamedTuple):
    """Scratch of one pass.

    Attributes
    ----------
    whiten : array (k, d', d')
        Inverse Cholesky factors, zeros beyond d.
    shares : array (k + 5, ...)
        As a tile in one dimension: shares, totals, tops, constants (log weight less log determinant of the factor). One
        row to work in: a whitened feature, or a feature times shares. How many points each component holds.
    apart : array (1 + k, d' + 1, TILE)
        Deviations of a tile from one mean; those of the points that each component holds, and after them their weights.
    diagonal : bool
        Whether no two features are correlated; then scatter beyond the diagonal is not to be relied on.
    """

    whiten: Floats
    shares: Floats
    apart: Floats
    diagonal: bool


def look_for(k: int, d: int, diagonal: bool = False) -> Look:
    """Scratch for k components and d features, whose covariances may be known to be diagonal."""
    packed = d + -d % PACK
    whiten, shares = np.zeros((k, packed, packed)), np.zeros((k + 5, max(TILE, k)))
    return Look(whiten, shares, np.zeros((1 + k, packed + 1, TILE)), diagonal)


def room_for(n: int, d: int) -> Rows:
    """Rows of no weight, filled up to whole tiles and packs."""
    return Rows(np.zeros((d + -d % PACK, n + -n % TILE)), np.zeros(n + -n % TILE))


def rows_of(x: Floats, weights: Floats) -> Rows:
    """Points (n, d), features first, filled up."""
    rows = room_for(*x.shape)
    rows.x[: x.shape[1], : len(x)] = x.T
    rows.weights[: len(x)] = weights
    return rows


@kernel
def invert(factor: Floats, inverse: Floats) -> float:
    """Inverse of a lower factor; log determinant of that."""
    log_determinant = 0.0
    for a in range(factor.shape[0]):
        diagonal = 1.0 / factor[a, a]
        log_determinant += math.log(diagonal)
        for b in range(a):
            total = 0.0
            for c in range(b, a):
                total += factor[a, c] * inverse[c, b]
            inverse[a, b] = -total * diagonal
        inverse[a, a] = diagonal
    return log_determinant


@kernel
def prepare(params: Params, look: Look) -> None:
    """Invert the factors, and write the constants, once per pass."""
    k, d = params.means.shape
    for j in range(k):
        constant = math.log(params.weights[j]) + invert(params.factors[j], look.whiten[j])
        look.shares[k + CONSTANT, j] = constant - d * HALF_LOG_2PI


@exact
def first_of(a: int, diagonal: bool) -> int:
    """The first of the features, in whole packs, with which feature a may be correlated."""
    return a // PACK * PACK if diagonal else 0


@kernel
def deviate(x: Floats, start: int, mean: Floats, apart: Floats) -> None:
    """Deviations of a tile from a mean."""
    wide()
    for a in range(mean.size):
        centre, source, to = mean[a], x[a, start : start + TILE], apart[a]
        for i in range(TILE):
            to[i] = source[i] - centre


@kernel
def add_quadratic(whiten: Floats, d: int, apart: Floats, diagonal: bool, row: Floats, to: Floats) -> None:
    """Squared length of the whitened deviations of a tile, two whitened features at a time."""
    wide()
    next_row = apart[-1]
    for i in range(TILE):
        to[i] = 0.0
    for a in range(0, d, 2):
        for i in range(TILE):
            row[i] = 0.0
            next_row[i] = 0.0
        for b in range(first_of(a, diagonal), a + 2, PACK):
            c0, c1, c2, c3 = whiten[a, b], whiten[a, b + 1], whiten[a, b + 2], whiten[a, b + 3]
            e0, e1, e2, e3 = whiten[a + 1, b], whiten[a + 1, b + 1], whiten[a + 1, b + 2], whiten[a + 1, b + 3]
            y0, y1, y2, y3 = apart[b], apart[b + 1], apart[b + 2], apart[b + 3]
            for i in range(TILE):
                row[i] += c0 * y0[i] + c1 * y1[i] + c2 * y2[i] + c3 * y3[i]
                next_row[i] += e0 * y0[i] + e1 * y1[i] + e2 * y2[i] + e3 * y3[i]
        for i in range(TILE):
            to[i] += row[i] * row[i] + next_row[i] * next_row[i]


@kernel
def densities(x: Floats, start: int, means: Floats, look: Look) -> None:
    """Each component's share of each point of a tile, then totals, and the tops taken off before."""
    wide()
    (k, d), shares, apart = means.shape, look.shares, look.apart[NOW]
    total, top = shares[k + TOTAL], shares[k + TOP]
    for i in range(TILE):
        total[i] = 0.0
        top[i] = -np.inf
    for j in range(k):
        row, constant = shares[j], shares[k + CONSTANT, j]
        deviate(x, start, means[j], apart)
        add_quadratic(look.whiten[j], d, apart, look.diagonal, shares[k + ROW], row)
        for i in range(TILE):
            row[i] = constant - 0.5 * row[i]
            top[i] = max(top[i], row[i])
    for j in range(k):
        row = shares[j]
        for i in range(TILE):
            row[i] = exp(row[i] - top[i])
            total[i] += row[i]


@kernel
def accumulate(x: Floats, start: int, means: Floats, look: Look, stats: Stats) -> None:
    """Add a tile of shares, each times its point's factor (which stands where the total was), to the statistics."""
    k, apart = means.shape[0], look.apart[NOW]
    factor, row = look.shares[k + TOTAL], look.shares[k + ROW]
    for j in range(k):
        share = look.shares[j]
        count = weigh(share, factor)
        if count != 0.0:
            stats.counts[j] += count
            deviate(x, start, means[j], apart)
            add_products(share, apart, look.diagonal, row, stats.sums[j], stats.scatter[j])


@kernel
def weigh(share: Floats, factor: Floats) -> float:
    """Multiply shares by their points' factors; their sum."""
    wide()
    count = 0.0
    for i in range(TILE):
        share[i] *= factor[i]
        count += share[i]
    return count


@kernel
def add_products(share: Floats, apart: Floats, diagonal: bool, row: Floats, sums: Floats, scatter: Floats) -> None:
    """Add deviations, and their products, each times its share."""
    wide()
    for a in range(sums.size):
        y, first = apart[a], 0.0
        for i in range(TILE):
            row[i] = share[i] * y[i]
            first += row[i]
        sums[a] += first
        for b in range(first_of(a, diagonal), a + 1, PACK):
            s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
            y0, y1, y2, y3 = apart[b], apart[b + 1], apart[b + 2], apart[b + 3]
            for i in range(TILE):
                s0 += row[i] * y0[i]
                s1 += row[i] * y1[i]
                s2 += row[i] * y2[i]
                s3 += row[i] * y3[i]
            scatter[a, b] += s0
            if b + 1 <= a:
                scatter[a, b + 1] += s1
            if b + 2 <= a:
                scatter[a, b + 2] += s2
            if b + 3 <= a:
                scatter[a, b + 3] += s3


@kernel
def loglik_of(weights: Floats, total: Floats, top: Floats) -> float:
    """Log-likelihood of a tile."""
    wide()
    loglik = 0.0
    for i in range(TILE):
        loglik += weights[i] * (top[i] + log(total[i]))
    return loglik


@kernel
def clear(stats: Stats) -> None:
    """Set all statistics to zero."""
    fill(stats.counts, 0.0)
    for j in range(stats.counts.size):
        fill(stats.sums[j], 0.0)
        zero(stats.scatter[j])
    stats.loglik[0] = 0.0


@kernel
def mirror(stats: Stats) -> None:
    """Fill the upper triangle of the scatter."""
    for j in range(stats.counts.size):
        for a in range(stats.sums.shape[1]):
            for b in range(a):
                stats.scatter[j, b, a] = stats.scatter[j, a, b]


@entry
def expect(rows: Rows, params: Params, look: Look, stats: Stats) -> None:
    """Soft statistics of all points into `stats`."""
    prepare(params, look)
    read_soft(rows, params.means, look, stats)


@kernel
def read_soft(rows: Rows, means: Floats, look: Look, stats: Stats) -> None:
    """As `expect`, with factors inverted already."""
    clear(stats)
    k, loglik = means.shape[0], 0.0
    factor, top = look.shares[k + TOTAL], look.shares[k + TOP]
    for start in range(0, rows.weights.size, TILE):
        weights = rows.weights[start : start + TILE]
        densities(rows.x, start, means, look)
        loglik += loglik_of(weights, factor, top)
        for i in range(TILE):
            factor[i] = weights[i] / factor[i]
        accumulate(rows.x, start, means, look, stats)
    mirror(stats)
    stats.loglik[0] = loglik


@entry
def allocate(rows: Rows, params: Params, key: np.uint64, look: Look, stats: Stats, scratch: Stream) -> None:
    """Hard statistics of one draw of all allocations into `stats`; weights are whole numbers; scratch is (1,)."""
    prepare(params, look)
    read_hard(rows, params.means, key, look, stats, scratch)


@kernel
def read_hard(rows: Rows, means: Floats, key: np.uint64, look: Look, stats: Stats, scratch: Stream) -> None:
    """As `allocate`, with factors inverted already."""
    clear(stats)
    k, shares, loglik = means.shape[0], look.shares, 0.0
    fill(shares[k + HELD], 0.0)
    for start in range(0, rows.weights.size, TILE):
        weights = rows.weights[start : start + TILE]
        densities(rows.x, start, means, look)
        loglik += loglik_of(weights, shares[k + TOTAL], shares[k + TOP])
        for i in range(TILE):
            if weights[i] == 1.0:
                hold(rows.x, start + i, picked(key, start + i, shares, k, i), 1.0, means, look, stats)
            elif weights[i] > 0.0:
                allocate_many(key, start + i, int(weights[i]), shares, i, scratch)
                for j in range(k):
                    if shares[j, i] > 0.0:
                        hold(rows.x, start + i, j, shares[j, i], means, look, stats)
    for j in range(k):
        for i in range(int(shares[k + HELD, j]), TILE):
            look.apart[1 + j, -1, i] = 0.0
        let_go(j, look, stats)
    mirror(stats)
    stats.loglik[0] = loglik


@exact
def picked(key: np.uint64, row: int, shares: Floats, k: int, i: int) -> int:
    """Component of point i of a tile: inverse of the cumulated densities at the row's number."""
    threshold = row_uniform(key, row) * shares[k + TOTAL, i]
    below, j = 0.0, 0
    for other in range(k - 1):
        below += shares[other, i]
        j += below <= threshold
    return j


@kernel
def hold(x: Floats, i: int, j: int, weight: float, means: Floats, look: Look, stats: Stats) -> None:
    """Hand point i to component j, which adds its points to the statistics once they fill a tile."""
    k, at = means.shape[0], int(look.shares[means.shape[0] + HELD, j])
    for a in range(means.shape[1]):
        look.apart[1 + j, a, at] = x[a, i] - means[j, a]
    look.apart[1 + j, -1, at] = weight
    stats.counts[j] += weight
    look.shares[k + HELD, j] = at + 1
    if at + 1 == TILE:
        let_go(j, look, stats)
        look.shares[k + HELD, j] = 0.0


@kernel
def let_go(j: int, look: Look, stats: Stats) -> None:
    """Add the tile of points that component j holds."""
    held = look.apart[1 + j]
    row = look.shares[look.shares.shape[0] - 5 + ROW]
    add_products(held[-1], held, look.diagonal, row, stats.sums[j], stats.scatter[j])


def expected(x: Floats, weights: Floats, params: Params) -> Stats:
    """Soft statistics of points (n, d)."""
    k, d = params.means.shape
    stats = empty_stats(k, d)
    expect(rows_of(x, weights), params, look_for(k, d), stats)
    return stats


def sampled(x: Floats, weights: Floats, params: Params, seed: int) -> Stats:
    """Hard statistics of one draw of the allocations; weights are whole numbers."""
    k, d = params.means.shape
    stats = empty_stats(k, d)
    allocate(rows_of(x, weights), params, np.uint64(seed), look_for(k, d), stats, np.zeros(1, np.uint64))
    return stats
