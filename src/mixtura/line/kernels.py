"""The compiled engine: one pass over the data in tiles that stay in cache, statistics and log-likelihood together.

A tile of points is read once per component, its k rows of unnormalised densities are kept, normalised, and summed
into the statistics. A tile is always whole, its loops as long as the compiler was told; what pads the last one weighs
nothing. `exp` and `log` are branch-free polynomials, because numba does not vectorise libm's. Reductions run in a fixed
order, so a result never depends on how many chains run beside it.
"""

from __future__ import annotations

import math

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled.jit import entry, exact, fill, kernel, wide
from mixtura.compiled.rng import GOLDEN, Stream, binomial, mix, row_uniform
from mixtura.line.records import Params, Stats
from mixtura.reading.data import Points

TILE = 64
TOTAL, TOP, CONSTANT = range(3)  # rows of a tile, after the k rows of shares
FAINT = 1e-200  # a density below which exponents are taken relative to each point's largest
LOG2E, LN2_HIGH, LN2_LOW = 1.4426950408889634, 0.6931471803691238, 1.9082149292705877e-10
HALF_LOG_2PI = 0.9189385332046727
ROUNDER = 1.5 * 2.0**52


@exact
def exp(x: float) -> float:
    """e**x for x < 709, to 2 ulp, by a minimax polynomial; below -708 it stays at e**-708."""
    x = max(x, -708.0)
    shifted = x * LOG2E + ROUNDER  # the sum's last bits hold the nearest integer
    n = shifted - ROUNDER
    r = (x - n * LN2_HIGH) - n * LN2_LOW
    p = 2.7626357241447223e-07
    p = p * r + 2.764018079620985e-06
    p = p * r + 2.4801504346997686e-05
    p = p * r + 0.00019841170270440067
    p = p * r + 0.0013888888932488599
    p = p * r + 0.008333333385667782
    p = p * r + 0.04166666666657314
    p = p * r + 0.16666666666554406
    p = p * r + 0.5000000000000006
    p = p * r + 1.0
    p = p * r + 1.0
    return p * np.int64((np.float64(shifted).view(np.int64) + 1023) << 52).view(np.float64)


@exact
def log(x: float) -> float:
    """Natural logarithm of a normal positive number, to 2 ulp, by a minimax polynomial of atanh."""
    bits = np.float64(x).view(np.int64) - 0x3FE6A09E667F3BCD  # exponent counted from sqrt(1/2)
    e = bits >> 52
    m = np.int64((bits & 0xFFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD).view(np.float64)
    s = (m - 1.0) / (m + 1.0)
    t = s * s
    p = 0.07308224842544453
    p = p * t + 0.07665860800275845
    p = p * t + 0.0909144456263094
    p = p * t + 0.11111105567397539
    p = p * t + 0.14285714312987743
    p = p * t + 0.19999999999949752
    p = p * t + 0.3333333333333335
    return e * LN2_HIGH + (2.0 * s + (2.0 * s * t * p + e * LN2_LOW))


def tile_for(n_components: int) -> Floats:
    """Scratch for one tile: k rows of shares, rows of totals, tops and constants, points and weights of a last tile."""
    return np.zeros((n_components + 5, max(TILE, n_components)))


@kernel
def prepare(params: Params, tile: Floats) -> None:
    """Write each component's log weight over scale into the tile's row of constants, once per pass."""
    constants = tile[params.means.size + CONSTANT]
    for j in range(params.means.size):
        constants[j] = math.log(params.weights[j]) - math.log(params.scales[j])


@kernel
def pad(values: Floats, padding: float, padded: Floats) -> None:
    """Copy the values of a last, shorter tile, and fill up."""
    for i in range(TILE):
        padded[i] = values[i] if i < values.size else padding


@kernel
def densities(x: Floats, params: Params, tile: Floats) -> None:
    """Each component's unnormalised share of each of TILE points in tile[:k], then totals, and tops taken off before.

    `prepare` has been called for these parameters. Tops are 0 unless a point is so far out that nothing would be left.
    """
    wide()
    k = params.means.size
    total, top = tile[k + TOTAL], tile[k + TOP]
    for i in range(TILE):
        total[i] = 0.0
        top[i] = 0.0
    for j in range(k):
        constant, row = tile[k + CONSTANT, j], tile[j]
        mean, precision = params.means[j], 1.0 / params.scales[j]
        for i in range(TILE):
            z = (x[i] - mean) * precision
            share = exp(constant - 0.5 * z * z)
            row[i] = share
            total[i] += share
    faint = 0
    for i in range(TILE):
        faint += total[i] < FAINT
    if faint:
        faint_densities(x, params, tile)


@kernel
def faint_densities(x: Floats, params: Params, tile: Floats) -> None:
    """What `densities` does, with each point's largest exponent taken off first."""
    k = params.means.size
    total, top = tile[k + TOTAL], tile[k + TOP]
    for i in range(TILE):
        total[i] = 0.0
        top[i] = -np.inf
    for j in range(k):
        constant, row = tile[k + CONSTANT, j], tile[j]
        mean, precision = params.means[j], 1.0 / params.scales[j]
        for i in range(TILE):
            z = (x[i] - mean) * precision
            row[i] = constant - 0.5 * z * z
            top[i] = max(top[i], row[i])
    for j in range(k):
        row = tile[j]
        for i in range(TILE):
            row[i] = exp(row[i] - top[i])
            total[i] += row[i]


@kernel
def accumulate(x: Floats, params: Params, tile: Floats, stats: Stats) -> None:
    """Add a tile of shares, each times its point's factor (which stands where the total was), to the statistics."""
    wide()
    k = params.means.size
    factor = tile[k + TOTAL]
    for j in range(k):
        mean, row = params.means[j], tile[j]
        count, first, second = 0.0, 0.0, 0.0
        for i in range(TILE):
            share, apart = row[i] * factor[i], x[i] - mean
            count += share
            first += share * apart
            second += share * apart * apart
        stats.counts[j] += count
        stats.sums[j] += first
        stats.scatter[j] += second


@kernel
def loglik_of(weights: Floats, tile: Floats) -> float:
    """Log-likelihood of a tile."""
    wide()
    k = tile.shape[0] - 5
    total, top = tile[k + TOTAL], tile[k + TOP]
    loglik = 0.0
    for i in range(TILE):
        loglik += weights[i] * (top[i] + log(total[i]) - HALF_LOG_2PI)
    return loglik


@kernel
def normalise(weights: Floats, tile: Floats) -> None:
    """Turn totals into the factors that make shares sum to the points' weights."""
    wide()
    total = tile[tile.shape[0] - 5 + TOTAL]
    for i in range(TILE):
        total[i] = weights[i] / total[i]


@kernel
def clear(stats: Stats) -> None:
    """Set all statistics to zero."""
    fill(stats.counts, 0.0)
    fill(stats.sums, 0.0)
    fill(stats.scatter, 0.0)
    stats.loglik[0] = 0.0


@entry
def expect(points: Points, params: Params, tile: Floats, stats: Stats) -> None:
    """Soft statistics of all points into `stats`."""
    clear(stats)
    prepare(params, tile)
    loglik = 0.0
    for start in range(0, points.x.size, TILE):
        x, w = points.x[start : start + TILE], points.weights[start : start + TILE]
        if x.size < TILE:
            pad(x, x[0], tile[-2])
            pad(w, 0.0, tile[-1])
            x, w = tile[-2], tile[-1]
        densities(x, params, tile)
        loglik += loglik_of(w, tile)
        normalise(w, tile)
        accumulate(x, params, tile, stats)
    stats.loglik[0] = loglik


@exact
def allocate_one(key: np.uint64, row: int, tile: Floats, i: int) -> None:
    """Replace a tile's column of densities by one hot share: inverse of the cumulated densities at the row's number."""
    k = tile.shape[0] - 5
    threshold = row_uniform(key, row) * tile[k + TOTAL, i]
    below, taken = 0.0, 0.0
    for j in range(k - 1):
        below += tile[j, i]
        tile[j, i] = 1.0 - taken if threshold < below else 0.0
        taken += tile[j, i]
    tile[k - 1, i] = 1.0 - taken


@exact
def allocate_many(key: np.uint64, row: int, weight: int, tile: Floats, i: int, stream: Stream) -> None:
    """Replace a column of densities by multinomial counts of `weight` equal points, one binomial at a time."""
    k = tile.shape[0] - 5
    stream[0] = mix(key + np.uint64(row + 1) * GOLDEN)
    left, remaining = weight, tile[k + TOTAL, i]
    for j in range(k - 1):
        p = min(max(tile[j, i] / remaining, 0.0), 1.0) if remaining > 0.0 else 0.0
        remaining -= tile[j, i]
        hits = binomial(stream, left, p)
        tile[j, i] = hits
        left -= hits
    tile[k - 1, i] = left


@entry
def allocate(
    points: Points, params: Params, key: np.uint64, first: int, tile: Floats, stats: Stats, scratch: Stream
) -> None:
    """Hard statistics of one draw of all allocations into `stats`; weights are whole numbers; scratch is (1,).

    `first` is the row of the first of these points among all.
    """
    factor = tile[params.means.size + TOTAL]
    clear(stats)
    prepare(params, tile)
    loglik = 0.0
    for start in range(0, points.x.size, TILE):
        x, w = points.x[start : start + TILE], points.weights[start : start + TILE]
        if x.size < TILE:
            pad(x, x[0], tile[-2])
            pad(w, 0.0, tile[-1])
            x, w = tile[-2], tile[-1]
        densities(x, params, tile)
        loglik += loglik_of(w, tile)
        for i in range(TILE):
            if w[i] == 1.0:
                allocate_one(key, first + start + i, tile, i)
            elif w[i] > 0.0:
                allocate_many(key, first + start + i, int(w[i]), tile, i, scratch)
            factor[i] = 1.0 if w[i] > 0.0 else 0.0
        accumulate(x, params, tile, stats)
    stats.loglik[0] = loglik


@entry
def fill_rows(x: Floats, params: Params, tile: Floats, responsibilities: Floats, logdensity: Floats) -> None:
    """Add each point's responsibilities (n, k) to `responsibilities`; write its log density (n,)."""
    k = params.means.size
    prepare(params, tile)
    for start in range(0, x.size, TILE):
        part = x[start : start + TILE]
        if part.size < TILE:
            pad(part, part[0], tile[-2])
            part = tile[-2]
        densities(part, params, tile)
        for i in range(min(TILE, x.size - start)):
            logdensity[start + i] = tile[k + TOP, i] + log(tile[k + TOTAL, i]) - HALF_LOG_2PI
            for j in range(k):
                responsibilities[start + i, j] += tile[j, i] / tile[k + TOTAL, i]


def empty_stats(n_components: int) -> Stats:
    """Room for the statistics of k components."""
    return Stats(np.zeros(n_components), np.zeros(n_components), np.zeros(n_components), np.zeros(1))


def expected(points: Points, params: Params) -> Stats:
    """Soft statistics."""
    stats = empty_stats(params.means.size)
    expect(points, params, tile_for(params.means.size), stats)
    return stats


def sampled(points: Points, params: Params, seed: int) -> Stats:
    """Hard statistics of one draw of the allocations; weights are whole numbers."""
    stats = empty_stats(params.means.size)
    allocate(points, params, np.uint64(seed), 0, tile_for(params.means.size), stats, np.zeros(1, np.uint64))
    return stats


def rows(points: Points, params: Params) -> tuple[Floats, Floats]:
    """Responsibilities (n, k) and log densities (n,)."""
    responsibilities, logdensity = np.zeros((points.x.size, params.means.size)), np.empty(points.x.size)
    fill_rows(points.x, params, tile_for(params.means.size), responsibilities, logdensity)
    return responsibilities, logdensity
