"""Answers about rows of several features: the twin of `predict`, verb for verb.

Work grows as points times draws. Up to MOST all draws are averaged over; beyond, evenly spaced ones, as many as MOST
allows and at least FEWEST. Their mean is as free of bias; the Monte Carlo standard error of a membership is at most
0.5 / sqrt(draws): .06 for 64 draws that disagree as much as can be, and far less where points are so many,
because there draws hardly differ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.compiled.jit import entry, wide
from mixtura.line.kernels import exp, log
from mixtura.posterior.far import ALONE, SETTLED, farther, nearer
from mixtura.posterior.predict import components
from mixtura.posterior.thinning import evenly_spaced
from mixtura.reading.chunks import over_chunks
from mixtura.reading.data import Points
from mixtura.rows.kernels import TILE, TOP, TOTAL, Look, densities, look_for, prepare, rows_of
from mixtura.rows.records import Params

A = TypeVar("A", bound=NDArray[Any])
ROWS = 1024  # points to one core at a time
MOST = 1 << 33  # points times draws times components times (64 + d**2): half a second to one on two cores
FEWEST = 64  # draws that a mean is taken over at least, if there are as many


@entry
def add_shares(x: Floats, params: Params, look: Look, share: Floats) -> None:
    """Add each draw's memberships to `share` (k, n); x is whole tiles, `params` holds draws along its first axis."""
    wide()
    k = params.weights.shape[1]
    total = look.shares[k + TOTAL]
    for s in range(params.weights.shape[0]):
        draw = Params(params.weights[s], params.means[s], params.factors[s], params.rate[s])
        prepare(draw, look)
        for start in range(0, x.shape[1], TILE):
            densities(x, start, draw.means, look)
            for i in range(TILE):
                total[i] = 1.0 / total[i]
            for j in range(k):
                row, to = look.shares[j], share[j, start : start + TILE]
                for i in range(TILE):
                    to[i] += row[i] * total[i]


@entry
def add_densities(x: Floats, params: Params, look: Look, top: Floats, total: Floats) -> None:
    """Add each draw's density to `total` (n,), times e**-top, where `top` (n,) keeps the largest log density so far."""
    wide()
    k = params.weights.shape[1]
    for s in range(params.weights.shape[0]):
        draw = Params(params.weights[s], params.means[s], params.factors[s], params.rate[s])
        prepare(draw, look)
        for start in range(0, x.shape[1], TILE):
            densities(x, start, draw.means, look)
            before, sums = top[start : start + TILE], total[start : start + TILE]
            for i in range(TILE):
                density = look.shares[k + TOP, i] + log(look.shares[k + TOTAL, i])
                now = max(before[i], density)
                sums[i] = sums[i] * exp(before[i] - now) + exp(density - now)
                before[i] = now


@entry
def fill_loglik(x: Floats, params: Params, look: Look, out: Floats) -> None:
    """Log density of every point under every draw into `out` (s, n); x is whole tiles."""
    wide()
    k = params.weights.shape[1]
    for s in range(params.weights.shape[0]):
        draw = Params(params.weights[s], params.means[s], params.factors[s], params.rate[s])
        prepare(draw, look)
        for start in range(0, x.shape[1], TILE):
            densities(x, start, draw.means, look)
            row = out[s, start : start + TILE]
            for i in range(TILE):
                row[i] = look.shares[k + TOP, i] + log(look.shares[k + TOTAL, i])


@entry
def fill_parts(x: Floats, params: Params, look: Look, out: Floats) -> None:
    """Weight times normal density of every component under every draw into `out` (s, k, n); x is whole tiles."""
    wide()
    k = params.weights.shape[1]
    for s in range(params.weights.shape[0]):
        draw = Params(params.weights[s], params.means[s], params.factors[s], params.rate[s])
        prepare(draw, look)
        for start in range(0, x.shape[1], TILE):
            densities(x, start, draw.means, look)
            top = look.shares[k + TOP]
            for j in range(k):
                row, to = look.shares[j], out[s, j, start : start + TILE]
                for i in range(TILE):
                    to[i] = row[i] * exp(top[i])


def evenly(params: Params, most: int | None) -> Params:
    """Draws of all chains along one axis, evenly spaced ones where there are more than `most`.

    In arrays that may be written to: compiled code tells others apart.
    """
    lead = params.weights.ndim - 1
    draws = Params(*(block.reshape(-1, *block.shape[lead:]) for block in params))
    s = len(draws.weights)
    if most is None or most >= s:
        return Params(*(np.require(block, float, ["C", "W"]) for block in draws))
    chosen = evenly_spaced(s, most)
    return Params(*(block[chosen] for block in draws))


def thinned(params: Params, points: int) -> Params:
    """All draws where looking at as many points with each is little work, else as many as MOST and FEWEST say."""
    k, d = params.means.shape[-2:]
    return evenly(params, max(MOST // (max(points, 1) * k * (64 + d * d)), FEWEST))


def membership(x: Floats, params: Params) -> Floats:
    """Posterior mean membership (n, k) of points (n, d)."""
    x, _ = nearer(x, params, SETTLED)
    return _answer(x, params, _memberships, np.empty((len(x), params.weights.shape[-1])))


def labels(x: Floats, params: Params) -> NDArray[np.intp]:
    """The component (n,) that most likely made each point."""
    x, _ = nearer(x, params, SETTLED)
    return _answer(x, params, lambda x, draws: _memberships(x, draws).argmax(1), np.empty(len(x), np.intp))


def scores(x: Floats, params: Params) -> Floats:
    """Log posterior predictive density (n,) of points (n, d)."""
    x, times = nearer(x, params, ALONE)
    return farther(_answer(x, params, _scores, np.empty(len(x))), times)


def log_likelihood(x: Floats, params: Params) -> Floats:
    """Log density of each point under each draw, (c, s, n)."""
    x, times = nearer(x, params, ALONE)
    draws = evenly(params, None)
    out = np.empty((len(draws.weights), len(x)))
    for first, found in _chunks(x, lambda part: _logliks(part, draws)):
        out[:, first : first + ROWS] = found
    return farther(out, times).reshape(*params.weights.shape[:2], len(x))


def component_densities(grid: Floats, params: Params) -> Floats:
    """weight * normal density of each component under each draw (s, ...), (s, k, g)."""
    grid, _ = nearer(grid, params, ALONE)
    s, k = params.weights.shape
    tiles = _whole_tiles(grid)
    found = np.empty((s, k, tiles.shape[1]))
    fill_parts(tiles, params, look_for(k, grid.shape[1]), found)
    return found[:, :, : len(grid)]


def replicate(params: Params, n_draws: int | None, n: int, rng: np.random.Generator) -> Floats:
    """Data sets (n_draws, n, d), each simulated from one posterior draw; draws are taken evenly (all if None)."""
    draws = evenly(params, n_draws)
    s, k, d = draws.means.shape
    out = np.empty((s, n, d))
    for to, weights, means, factors in zip(out, *draws[:3], strict=True):
        edges = np.cumsum(weights)
        label = np.searchsorted(edges[:-1] / edges[-1], rng.random(n))
        rng.standard_normal(out=to)
        for j in range(k):
            to[label == j] = means[j] + to[label == j] @ factors[j].T
    return out


def _answer(x: Floats, params: Params, read: Callable[[Floats, Params], A], out: A) -> A:
    """What `read` says of points (m, d) and draws, for all points, into `out` (n, ...), on all cores."""
    draws = thinned(params, len(x))
    for first, found in _chunks(x, lambda part: read(part, draws)):
        out[first : first + ROWS] = found
    return out


def _chunks(x: Floats, read: Callable[[Floats], A]) -> Any:
    """The first point of each chunk, and what `read` says of the chunk."""
    points = Points(x, np.broadcast_to(1.0, len(x)))
    answers = over_chunks(lambda part: read(part.x), points, ROWS)
    return ((chunk * ROWS, found) for chunk, found in enumerate(answers))


def _memberships(x: Floats, draws: Params) -> Floats:
    """Mean membership (m, k) of points over draws."""
    tiles, k = _whole_tiles(x), draws.weights.shape[1]
    share = np.zeros((k, tiles.shape[1]))
    add_shares(tiles, draws, look_for(k, x.shape[1]), share)
    rows: Floats = (share / share.sum(0))[:, : len(x)].T
    return rows


def _scores(x: Floats, draws: Params) -> Floats:
    """Log of the mean density (m,) of points over draws."""
    tiles, (s, k) = _whole_tiles(x), draws.weights.shape
    top, total = np.full(tiles.shape[1], -math.inf), np.zeros(tiles.shape[1])
    add_densities(tiles, draws, look_for(k, x.shape[1]), top, total)
    score: Floats = top + np.log(total) - math.log(s)
    return score[: len(x)]


def _logliks(x: Floats, draws: Params) -> Floats:
    """Log density (s, m) of points under draws."""
    tiles, (s, k) = _whole_tiles(x), draws.weights.shape
    found = np.empty((s, tiles.shape[1]))
    fill_loglik(tiles, draws, look_for(k, x.shape[1]), found)
    return found[:, : len(x)]


def _whole_tiles(x: Floats) -> Floats:
    """Points (m, d) as the pass wants them: features first, filled up."""
    return rows_of(x, np.ones(len(x))).x


def simulate(params: Params, n: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.intp]]:
    """New points (n, d) and their components, each from a draw picked at random."""
    d = params.means.shape[-1]
    picked = np.unravel_index(rng.integers(params.weights[..., 0].size, size=n), params.weights.shape[:-1])
    labels = components(params.weights[picked], rng)
    x: Floats = params.means[(*picked, labels)]
    for first in range(0, n, ROWS):
        some = slice(first, first + ROWS)
        factors = params.factors[(*(axis[some] for axis in picked), labels[some])]
        x[some] += np.einsum("nab,nb->na", factors, rng.standard_normal((len(factors), d)))
    return x, labels
