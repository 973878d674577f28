"""Answers about points, old or new: which component, how likely, and what more data would look like."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.compiled.jit import entry, wide
from mixtura.line.kernels import HALF_LOG_2PI, TILE, TOP, TOTAL, densities, exp, log, prepare, tile_for
from mixtura.line.records import Params
from mixtura.posterior.far import ALONE, SETTLED, farther, nearer
from mixtura.posterior.thinning import FEWEST, enough, evenly_spaced
from mixtura.reading.chunks import over_chunks
from mixtura.reading.data import Points

A = TypeVar("A", bound=NDArray[Any])
ROWS = 1024  # points to one core at a time
MOST = 1 << 28  # points times draws times components that are read without a thought: a second or two on two cores
AT_ONCE = 1 << 20  # points among which equal ones are looked for


@entry
def add_shares(x: Floats, params: Params, tile: Floats, share: Floats) -> None:
    """Add each draw's memberships to `share` (k, n); x is whole tiles, `params` holds draws (s, k)."""
    wide()
    k = params.means.shape[1]
    total = tile[k + TOTAL]
    for s in range(params.means.shape[0]):
        draw = Params(params.weights[s], params.means[s], params.scales[s], params.rate[s : s + 1])
        prepare(draw, tile)
        for start in range(0, x.size, TILE):
            densities(x[start : start + TILE], draw, tile)
            for i in range(TILE):
                total[i] = 1.0 / total[i]
            for j in range(k):
                row, to = tile[j], share[j, start : start + TILE]
                for i in range(TILE):
                    to[i] += row[i] * total[i]


@entry
def add_densities(x: Floats, params: Params, tile: Floats, top: Floats, total: Floats) -> None:
    """Add each draw's density to `total` (n,), times e**-top, where `top` (n,) keeps the largest log density so far."""
    wide()
    k = params.means.shape[1]
    for s in range(params.means.shape[0]):
        draw = Params(params.weights[s], params.means[s], params.scales[s], params.rate[s : s + 1])
        prepare(draw, tile)
        for start in range(0, x.size, TILE):
            densities(x[start : start + TILE], draw, tile)
            before, sums = top[start : start + TILE], total[start : start + TILE]
            for i in range(TILE):
                density = tile[k + TOP, i] + log(tile[k + TOTAL, i]) - HALF_LOG_2PI
                now = max(before[i], density)
                sums[i] = sums[i] * exp(before[i] - now) + exp(density - now)
                before[i] = now


@entry
def fill_loglik(x: Floats, params: Params, tile: Floats, out: Floats) -> None:
    """Log density of every point under every draw into `out` (s, n); x is whole tiles."""
    wide()
    k = params.means.shape[1]
    for s in range(params.means.shape[0]):
        draw = Params(params.weights[s], params.means[s], params.scales[s], params.rate[s : s + 1])
        prepare(draw, tile)
        for start in range(0, x.size, TILE):
            densities(x[start : start + TILE], draw, tile)
            row = out[s, start : start + TILE]
            for i in range(TILE):
                row[i] = tile[k + TOP, i] + log(tile[k + TOTAL, i]) - HALF_LOG_2PI


def flat(params: Params) -> Params:
    """Draws of all chains in one row, (s, k): copies, because compiled code tells read-only arrays apart."""
    k = params.means.shape[-1]
    weights, means, scales = (np.array(block.reshape(-1, k)) for block in params[:3])
    return Params(weights, means, scales, np.array(params.rate.reshape(-1)))


def thinned(params: Params, points: int) -> Params:
    """All draws in one row where that is little work, else evenly spaced ones, as many as MOST and FEWEST allow."""
    draws = flat(params)
    s, k = draws.means.shape
    m = max(MOST // max(points * k, 1), FEWEST)
    return draws if m >= s else Params(*(block[evenly_spaced(s, m)] for block in draws))


def membership(x: Floats, params: Params) -> Floats:
    """Posterior mean membership (n, k) of points."""
    x, _ = nearer(x, params, SETTLED)
    return _answer(x, params, _memberships, np.empty((x.size, params.means.shape[-1])))


def labels(x: Floats, params: Params) -> NDArray[np.intp]:
    """The component (n,) that most likely made each point."""
    x, _ = nearer(x, params, SETTLED)
    return _answer(x, params, lambda x, draws: _memberships(x, draws).argmax(1), np.empty(x.size, np.intp))


def scores(x: Floats, params: Params) -> Floats:
    """Log posterior predictive density (n,) of points."""
    x, times = nearer(x, params, ALONE)
    return farther(_answer(x, params, _scores, np.empty(x.size)), times)


def _answer(x: Floats, params: Params, read: Callable[[Floats, Params], A], out: A) -> A:
    """What `read` says of points (m,) and draws (s, k), for all points, into `out` (n, ...), on all cores.

    The work is that of points times draws, so among each AT_ONCE points equal ones are read once.
    """
    draws = _enough(x, flat(params), _memberships if out.ndim > 1 or out.dtype != float else _scores)
    for first in range(0, x.size, AT_ONCE):
        values, where = np.unique(x[first : first + AT_ONCE], return_inverse=True)
        points = Points(values, np.broadcast_to(1.0, values.size))
        answers = over_chunks(lambda part: read(part.x, draws), points, ROWS)
        out[first : first + AT_ONCE] = np.concatenate(list(answers))[where]
    return out


def _enough(x: Floats, draws: Params, mean: Callable[[Floats, Params], Floats]) -> Params:
    """As many evenly spaced draws as `thinned` leaves, and more where averages over those are not accurate."""
    few, s = thinned(draws, x.size), len(draws.means)
    if len(few.means) == s:
        return draws
    m = enough(x, s, len(few.means), lambda some, of: mean(some, Params(*(block[of] for block in draws))))
    return Params(*(block[evenly_spaced(s, m)] for block in draws))


def _memberships(x: Floats, draws: Params) -> Floats:
    """Mean membership (m, k) of points over draws (s, k)."""
    tiles, k = _whole_tiles(x), draws.means.shape[1]
    share = np.zeros((k, tiles.size))
    add_shares(tiles, draws, tile_for(k), share)
    rows: Floats = (share / share.sum(0))[:, : x.size].T
    return rows


def _scores(x: Floats, draws: Params) -> Floats:
    """Log of the mean density (m,) of points over draws (s, k)."""
    tiles, (s, k) = _whole_tiles(x), draws.means.shape
    top, total = np.full(tiles.size, -math.inf), np.zeros(tiles.size)
    add_densities(tiles, draws, tile_for(k), top, total)
    score: Floats = top + np.log(total) - math.log(s)
    return score[: x.size]


def _whole_tiles(x: Floats) -> Floats:
    """The points, and copies of the first to fill the last tile."""
    return np.append(x, np.full(-x.size % TILE, x[0]))


def log_likelihood(x: Floats, params: Params) -> Floats:
    """Log density of each point under each draw, (c, s, n)."""
    x, times = nearer(x, params, ALONE)
    draws = flat(params)
    s, k = draws.means.shape
    out = np.empty((s, x.size))

    def read(part: Points) -> Floats:
        tiles = _whole_tiles(part.x)
        found = np.empty((s, tiles.size))
        fill_loglik(tiles, draws, tile_for(k), found)
        return found[:, : part.x.size]

    points = Points(x, np.broadcast_to(1.0, x.size))
    for chunk, found in enumerate(over_chunks(read, points, ROWS)):
        out[:, chunk * ROWS : (chunk + 1) * ROWS] = found
    return farther(out, times).reshape(*params.means.shape[:2], x.size)


def component_densities(grid: Floats, params: Params) -> Floats:
    """weight * normal density of each component under each draw, (s, k, g)."""
    grid, _ = nearer(grid, params, ALONE)
    draws = flat(params)
    z = (grid - draws.means[..., None]) / draws.scales[..., None]
    heights = draws.weights / draws.scales / math.sqrt(2 * math.pi)
    return heights[..., None] * np.exp(-0.5 * z**2)


def shares_between(edges: Floats, params: Params) -> Floats:
    """Share (s, e + 1) of each draw's points below the first edge, between each two, and beyond the last."""
    from scipy.special import ndtr

    draws = flat(params)
    below = sum(
        draws.weights[:, j] * ndtr((edges[:, None] - draws.means[:, j]) / draws.scales[:, j])
        for j in range(draws.scales.shape[1])
    )
    shares = np.clip(np.diff((below / draws.weights.sum(-1)).T, axis=1, prepend=0.0, append=1.0), 0.0, None)
    return np.asarray(shares / shares.sum(1, keepdims=True))


def replicate(params: Params, n_draws: int | None, n: int, rng: np.random.Generator) -> Floats:
    """Data sets (n_draws, n), each simulated from one posterior draw; draws are taken evenly (all if None)."""
    draws = flat(params)
    s = len(draws.means)
    chosen = np.arange(s) if n_draws is None else evenly_spaced(s, n_draws)
    sets = np.empty((chosen.size, n))
    for to, draw in zip(sets, chosen, strict=True):
        edges = np.cumsum(draws.weights[draw])
        labels = np.searchsorted(edges[:-1] / edges[-1], rng.random(n))
        rng.standard_normal(out=to)
        to *= draws.scales[draw, labels]
        to += draws.means[draw, labels]
    return sets


def simulate(params: Params, n: int, rng: np.random.Generator) -> tuple[Floats, NDArray[np.intp]]:
    """New points (n,) and their components, each from a draw picked at random."""
    draws, picked = flat(params), rng.integers(params.weights[..., 0].size, size=n)
    labels = components(draws.weights[picked], rng)
    return rng.normal(draws.means[picked, labels], draws.scales[picked, labels]), labels


def components(weights: Floats, rng: np.random.Generator) -> NDArray[np.intp]:
    """A component (n,) for each row of weights (n, k)."""
    edges = np.cumsum(weights, axis=1)
    labels: NDArray[np.intp] = (rng.random((len(edges), 1)) * edges[:, -1:] > edges[:, :-1]).sum(1)
    return labels
