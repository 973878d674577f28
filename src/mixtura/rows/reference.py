"""The definition for rows, in plain numpy: slow, short, and what the compiled pass must equal (law 2)."""

from __future__ import annotations

import math

import numpy as np

from mixtura.arrays import Floats
from mixtura.rows.records import Params, Stats


def rows(x: Floats, params: Params) -> tuple[Floats, Floats]:
    """Responsibilities (n, k) and log densities (n,) of points (n, d)."""
    apart = np.swapaxes(x[:, None] - params.means, 0, 1)  # (k, n, d)
    white = np.linalg.solve(params.factors, np.swapaxes(apart, 1, 2))
    log_scale = np.log(np.diagonal(params.factors, axis1=1, axis2=2)).sum(-1)
    constant = np.log(params.weights) - log_scale - 0.5 * x.shape[1] * math.log(2 * math.pi)
    joint = constant - 0.5 * (white**2).sum(1).T
    top = joint.max(1, keepdims=True)
    total = np.exp(joint - top).sum(1, keepdims=True)
    return np.exp(joint - top) / total, (top + np.log(total))[:, 0]


def summarise(x: Floats, params: Params, shares: Floats, loglik: float) -> Stats:
    """Statistics of given shares (n, k)."""
    apart = x[:, None] - params.means
    scatter = np.einsum("nk,nka,nkb->kab", shares, apart, apart)
    return Stats(shares.sum(0), np.einsum("nk,nka->ka", shares, apart), scatter, np.array([loglik]))


def expected(x: Floats, weights: Floats, params: Params) -> Stats:
    """Soft statistics."""
    responsibilities, loglik = rows(x, params)
    return summarise(x, params, responsibilities * weights[:, None], float(loglik @ weights))


def sampled(x: Floats, weights: Floats, params: Params, seed: int) -> Stats:
    """Hard statistics of one draw of the allocations; weights are whole numbers."""
    responsibilities, loglik = rows(x, params)
    shares = np.random.default_rng(seed).multinomial(weights.astype(np.int64), responsibilities)
    return summarise(x, params, shares.astype(float), float(loglik @ weights))
