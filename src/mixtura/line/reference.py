"""The definition, in plain numpy: slow, short, and what the compiled pass must equal (law 2)."""

from __future__ import annotations

import numpy as np

from mixtura.arrays import Floats
from mixtura.line.records import Params, Stats
from mixtura.reading.data import Points


def rows(points: Points, params: Params) -> tuple[Floats, Floats]:
    """Responsibilities (n, k) and log densities (n,)."""
    z = (points.x[:, None] - params.means) / params.scales
    joint = np.log(params.weights) - np.log(params.scales) - 0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    top = joint.max(1, keepdims=True)
    total = np.exp(joint - top).sum(1, keepdims=True)
    return np.exp(joint - top) / total, (top + np.log(total))[:, 0]


def summarise(points: Points, params: Params, shares: Floats, loglik: Floats) -> Stats:
    """Statistics of given shares (n, k)."""
    apart = points.x[:, None] - params.means
    total = np.array([loglik @ points.weights])
    return Stats(shares.sum(0), (shares * apart).sum(0), (shares * apart**2).sum(0), total)


def expected(points: Points, params: Params) -> Stats:
    """Soft statistics."""
    responsibilities, loglik = rows(points, params)
    return summarise(points, params, responsibilities * points.weights[:, None], loglik)


def sampled(points: Points, params: Params, seed: int) -> Stats:
    """Hard statistics of one draw of the allocations; weights are whole numbers."""
    responsibilities, loglik = rows(points, params)
    shares = np.random.default_rng(seed).multinomial(points.weights.astype(np.int64), responsibilities)
    return summarise(points, params, shares.astype(float), loglik)
