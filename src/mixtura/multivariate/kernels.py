"""The compiled pass over rows of d features, in tiles that stay in cache; the twin of `engines.threads`.

A tile is read component by component: deviations from its mean, whitened by the inverse Cholesky factor, squared and
summed; then its sums and products, each times the point's share. Both are products of a small matrix with d rows of
TILE numbers, written as loops over four rows at a time, so that what is summed stays in registers.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.engines.threads import HALF_LOG_2PI, allocate_many, allocate_one, exp, log
from mixtura.jit import entry, fill, kernel, wide
from mixtura.multivariate.records import Params, Rows, Stats, empty_stats
from mixtura.params import Floats
from mixtura.rng import Stream

Ints = NDArray[np.int64]

TILE = 64
PACK = 4  # features that a loop takes at once
FAINT = 1e-200
TOTAL, TOP = range(2)  # rows of `shares`, after k of shares


class Look(NamedTuple):
    """Scratch of one pass.

    Attributes
    ----------
    whiten : array (k, d', d')
        Inverse Cholesky factors, zeros beyond d.
    constants : array (k,)
        Log weight less log determinant of the factor.
    shares : array (k + 5, TILE)
        As a tile in one dimension: shares, totals, tops; the last three rows are not used.
    apart : array (d', TILE)
        Deviations of a tile from one mean.
    row : array (TILE,)
        One whitened feature, or one feature times shares.
    first : array (d,)
        The first feature with which each may be correlated; scatter with those before it is not to be relied on.
    """

    whiten: Floats
    constants: Floats
    shares: Floats
    apart: Floats
    row: Floats
    first: Ints


def look_for(k: int, d: int, diagonal: bool = False) -> Look:
    """Scratch for k components and d features, whose covariances may be known to be diagonal."""
    packed = d + -d % PACK
    whiten, shares, apart = np.zeros((k, packed, packed)), np.zeros((k + 5, TILE)), np.zeros((packed, TILE))
    first = np.arange(d) if diagonal else np.zeros(d, np.int64)
    return Look(whiten, np.zeros(k), shares, apart, np.zeros(TILE), first // PACK * PACK)


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
def prepare(params: Params, look: Look) -> None:
    """Invert the factors, and the constants, once per pass."""
    k, d = params.means.shape
    for j in range(k):
        constant = math.log(params.weights[j])
        for a in range(d):
            diagonal = 1.0 / params.factors[j, a, a]
            constant += math.log(diagonal)
            for b in range(a):
                total = 0.0
                for c in range(b, a):
                    total += params.factors[j, a, c] * look.whiten[j, c, b]
                look.whiten[j, a, b] = -total * diagonal
            look.whiten[j, a, a] = diagonal
        look.constants[j] = constant - d * HALF_LOG_2PI


@kernel
def deviate(x: Floats, start: int, mean: Floats, apart: Floats) -> None:
    """Deviations of a tile from a mean."""
    wide()
    for a in range(mean.size):
        centre, source, to = mean[a], x[a, start : start + TILE], apart[a]
        for i in range(TILE):
            to[i] = source[i] - centre


@kernel
def add_quadratic(whiten: Floats, d: int, look: Look, to: Floats) -> None:
    """Squared length of the whitened deviations of a tile."""
    wide()
    apart, row = look.apart, look.row
    for i in range(TILE):
        to[i] = 0.0
    for a in range(d):
        for i in range(TILE):
            row[i] = 0.0
        for b in range(look.first[a], a + 1, PACK):
            c0, c1, c2, c3 = whiten[a, b], whiten[a, b + 1], whiten[a, b + 2], whiten[a, b + 3]
            y0, y1, y2, y3 = apart[b], apart[b + 1], apart[b + 2], apart[b + 3]
            for i in range(TILE):
                row[i] += c0 * y0[i] + c1 * y1[i] + c2 * y2[i] + c3 * y3[i]
        for i in range(TILE):
            to[i] += row[i] * row[i]


@kernel
def densities(x: Floats, start: int, params: Params, look: Look) -> None:
    """Each component's share of each point of a tile, then totals, and the tops taken off before."""
    wide()
    k, d = params.means.shape
    total, top = look.shares[k + TOTAL], look.shares[k + TOP]
    for i in range(TILE):
        total[i] = 0.0
        top[i] = -np.inf
    for j in range(k):
        row, constant = look.shares[j], look.constants[j]
        deviate(x, start, params.means[j], look.apart)
        add_quadratic(look.whiten[j], d, look, row)
        for i in range(TILE):
            row[i] = constant - 0.5 * row[i]
            top[i] = max(top[i], row[i])
    for j in range(k):
        row = look.shares[j]
        for i in range(TILE):
            row[i] = exp(row[i] - top[i])
            total[i] += row[i]


@kernel
def accumulate(x: Floats, start: int, params: Params, look: Look, stats: Stats) -> None:
    """Add a tile of shares, each times its point's factor (which stands where the total was), to the statistics."""
    wide()
    k, d = params.means.shape
    factor, row, apart = look.shares[k + TOTAL], look.row, look.apart
    for j in range(k):
        share, count = look.shares[j], 0.0
        for i in range(TILE):
            share[i] *= factor[i]
            count += share[i]
        if count == 0.0:
            continue
        stats.counts[j] += count
        deviate(x, start, params.means[j], apart)
        for a in range(d):
            y, first = apart[a], 0.0
            for i in range(TILE):
                row[i] = share[i] * y[i]
                first += row[i]
            stats.sums[j, a] += first
            for b in range(look.first[a], a + 1, PACK):
                s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
                y0, y1, y2, y3 = apart[b], apart[b + 1], apart[b + 2], apart[b + 3]
                for i in range(TILE):
                    s0 += row[i] * y0[i]
                    s1 += row[i] * y1[i]
                    s2 += row[i] * y2[i]
                    s3 += row[i] * y3[i]
                scatter = stats.scatter[j, a]
                scatter[b] += s0
                if b + 1 <= a:
                    scatter[b + 1] += s1
                if b + 2 <= a:
                    scatter[b + 2] += s2
                if b + 3 <= a:
                    scatter[b + 3] += s3


@kernel
def loglik_of(weights: Floats, look: Look) -> float:
    """Log-likelihood of a tile."""
    wide()
    k = look.constants.size
    total, top, loglik = look.shares[k + TOTAL], look.shares[k + TOP], 0.0
    for i in range(TILE):
        loglik += weights[i] * (top[i] + log(total[i]))
    return loglik


@kernel
def clear(stats: Stats) -> None:
    """Set all statistics to zero."""
    fill(stats.counts, 0.0)
    for j in range(stats.counts.size):
        fill(stats.sums[j], 0.0)
        for a in range(stats.sums.shape[1]):
            fill(stats.scatter[j, a], 0.0)
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
    read_soft(rows, params, look, stats)


@kernel
def read_soft(rows: Rows, params: Params, look: Look, stats: Stats) -> None:
    """As `expect`, with factors inverted already."""
    clear(stats)
    factor, loglik = look.shares[params.weights.size + TOTAL], 0.0
    for start in range(0, rows.weights.size, TILE):
        weights = rows.weights[start : start + TILE]
        densities(rows.x, start, params, look)
        loglik += loglik_of(weights, look)
        for i in range(TILE):
            factor[i] = weights[i] / factor[i]
        accumulate(rows.x, start, params, look, stats)
    mirror(stats)
    stats.loglik[0] = loglik


@entry
def allocate(rows: Rows, params: Params, key: np.uint64, look: Look, stats: Stats, scratch: Stream) -> None:
    """Hard statistics of one draw of all allocations into `stats`; weights are whole numbers; scratch is (1,)."""
    prepare(params, look)
    read_hard(rows, params, key, look, stats, scratch)


@kernel
def read_hard(rows: Rows, params: Params, key: np.uint64, look: Look, stats: Stats, scratch: Stream) -> None:
    """As `allocate`, with factors inverted already."""
    clear(stats)
    factor, loglik = look.shares[params.weights.size + TOTAL], 0.0
    for start in range(0, rows.weights.size, TILE):
        weights = rows.weights[start : start + TILE]
        densities(rows.x, start, params, look)
        loglik += loglik_of(weights, look)
        for i in range(TILE):
            if weights[i] == 1.0:
                allocate_one(key, start + i, look.shares, i)
            elif weights[i] > 0.0:
                allocate_many(key, start + i, int(weights[i]), look.shares, i, scratch)
            factor[i] = 1.0 if weights[i] > 0.0 else 0.0
        accumulate(rows.x, start, params, look, stats)
    mirror(stats)
    stats.loglik[0] = loglik


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
