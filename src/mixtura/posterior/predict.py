"""Answers about points, old or new: which component, how likely, and what more data would look like."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mixtura.chunks import over_chunks
from mixtura.data import Points
from mixtura.engines.threads import HALF_LOG_2PI, TILE, TOP, TOTAL, densities, log, pad, prepare, tile_for
from mixtura.jit import entry
from mixtura.params import Floats, Params

A = TypeVar("A", bound=NDArray[Any])
ROWS = 1024  # points to one core at a time
AT_ONCE = 1 << 20  # points among which equal ones are looked for


@entry
def average_rows(x: Floats, params: Params, tile: Floats, top: Floats, share: Floats, predictive: Floats) -> None:
    """Membership summed over draws into `share` (n, k); log of summed densities into `predictive` (n,).

    `params` holds draws (s, k); `top` is scratch (n,).
    """
    k = params.means.shape[1]
    for start in range(0, x.size, TILE):
        part = x[start : start + TILE]
        size = part.size
        if size < TILE:
            pad(part, part[0], tile[-2])
            part = tile[-2]
        for i in range(size):
            top[start + i] = -math.inf
            predictive[start + i] = 0.0
        for s in range(params.means.shape[0]):
            draw = Params(params.weights[s], params.means[s], params.scales[s], params.rate[s : s + 1])
            prepare(draw, tile)
            densities(part, draw, tile)
            for i in range(size):
                total = tile[k + TOTAL, i]
                density = tile[k + TOP, i] + log(total) - HALF_LOG_2PI
                for j in range(k):
                    share[start + i, j] += tile[j, i] / total
                if density > top[start + i]:
                    predictive[start + i] = predictive[start + i] * math.exp(top[start + i] - density) + 1.0
                    top[start + i] = density
                else:
                    predictive[start + i] += math.exp(density - top[start + i])
        for i in range(size):
            predictive[start + i] = top[start + i] + math.log(predictive[start + i])


@entry
def rows_loglik(x: Floats, params: Params, tile: Floats, out: Floats) -> None:
    """Log density of every point under every draw into `out` (s, n)."""
    k = params.means.shape[1]
    for s in range(params.means.shape[0]):
        draw = Params(params.weights[s], params.means[s], params.scales[s], params.rate[s : s + 1])
        prepare(draw, tile)
        for start in range(0, x.size, TILE):
            part = x[start : start + TILE]
            size = part.size
            if size < TILE:
                pad(part, part[0], tile[-2])
                part = tile[-2]
            densities(part, draw, tile)
            for i in range(size):
                out[s, start + i] = tile[k + TOP, i] + log(tile[k + TOTAL, i]) - HALF_LOG_2PI


def flat(params: Params) -> Params:
    """Draws of all chains in one row, (s, k): copies, because compiled code tells read-only arrays apart."""
    k = params.means.shape[-1]
    weights, means, scales = (np.array(block.reshape(-1, k)) for block in params[:3])
    return Params(weights, means, scales, np.array(params.rate.reshape(-1)))


def membership(x: Floats, params: Params) -> Floats:
    """Posterior mean membership (n, k) of points."""
    out = np.empty((x.size, params.means.shape[-1]))
    return _answer(x, params, lambda x, draws: _averages(x, draws)[0], out)


def labels(x: Floats, params: Params) -> NDArray[np.intp]:
    """The component (n,) that most likely made each point."""
    return _answer(x, params, lambda x, draws: _averages(x, draws)[0].argmax(1), np.empty(x.size, np.intp))


def scores(x: Floats, params: Params) -> Floats:
    """Log posterior predictive density (n,) of points."""
    return _answer(x, params, lambda x, draws: _averages(x, draws)[1], np.empty(x.size))


def _answer(x: Floats, params: Params, read: Callable[[Floats, Params], A], out: A) -> A:
    """What `read` says of points (m,) and draws (s, k), for all points, into `out` (n, ...), on all cores.

    The work is that of points times draws, so among each AT_ONCE points equal ones are read once.
    """
    draws = flat(params)
    for first in range(0, x.size, AT_ONCE):
        values, where = np.unique(x[first : first + AT_ONCE], return_inverse=True)
        points = Points(values, np.broadcast_to(1.0, values.size))
        answers = over_chunks(lambda part: read(part.x, draws), points, ROWS)
        out[first : first + AT_ONCE] = np.concatenate(list(answers))[where]
    return out


def _averages(x: Floats, draws: Params) -> tuple[Floats, Floats]:
    """Mean membership (m, k) and log mean density (m,) of points over draws (s, k)."""
    s, k = draws.means.shape
    share, predictive = np.zeros((x.size, k)), np.empty(x.size)
    average_rows(x, draws, tile_for(k), np.empty(x.size), share, predictive)
    return share / share.sum(1, keepdims=True), predictive - math.log(s)


def log_likelihood(x: Floats, params: Params) -> Floats:
    """Log density of each point under each draw, (c, s, n)."""
    draws = flat(params)
    s, k = draws.means.shape
    out = np.empty((s, x.size))

    def read(part: Points) -> Floats:
        found = np.empty((s, part.x.size))
        rows_loglik(part.x, draws, tile_for(k), found)
        return found

    points = Points(x, np.broadcast_to(1.0, x.size))
    for chunk, found in enumerate(over_chunks(read, points, ROWS)):
        out[:, chunk * ROWS : (chunk + 1) * ROWS] = found
    return out.reshape(*params.means.shape[:2], x.size)


def component_densities(grid: Floats, params: Params) -> Floats:
    """weight * normal density of each component under each draw, (s, k, g)."""
    draws = flat(params)
    z = (grid - draws.means[..., None]) / draws.scales[..., None]
    heights = draws.weights / draws.scales / math.sqrt(2 * math.pi)
    return heights[..., None] * np.exp(-0.5 * z**2)


def replicate(params: Params, n_draws: int | None, n: int, rng: np.random.Generator) -> Floats:
    """Data sets (n_draws, n), each simulated from one posterior draw; draws are taken evenly (all if None)."""
    draws = flat(params)
    s, k = draws.means.shape
    chosen = np.arange(s) if n_draws is None else np.linspace(0, s - 1, n_draws).round().astype(np.intp)
    edges = np.cumsum(draws.weights[chosen], axis=1)
    edges /= edges[:, -1:]
    uniform = rng.random((chosen.size, n))
    labels = np.zeros((chosen.size, n), np.intp)
    for j in range(k - 1):
        labels += uniform > edges[:, j : j + 1]
    means, scales = (np.take_along_axis(block[chosen], labels, 1) for block in (draws.means, draws.scales))
    return means + scales * rng.standard_normal((chosen.size, n))
