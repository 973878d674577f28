"""Matrices without constraints: log-Cholesky coordinates, and partial correlations; the Jacobians of the way back.

A covariance moves by its lower Cholesky factor L, row by row, its diagonal by logarithms (Pinheiro & Bates 1996). A
correlation matrix moves by its canonical partial correlations, each by its inverse hyperbolic tangent (Lewandowski,
Kurowicka & Joe 2009, section 2.2).
"""

from __future__ import annotations

import math

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled.jit import exact, kernel
from mixtura.line.coordinates import SMALLEST

LOG_2 = math.log(2.0)


@exact
def pairs(d: int) -> int:
    """Pairs of d things: entries of a (d, d) matrix below its diagonal; of d + 1 things, those on it as well."""
    return d * (d - 1) // 2


@kernel
def place_factor(q: Floats, factor: Floats) -> None:
    """Lower Cholesky factor (d, d) at q (d (d+1) / 2,)."""
    size, at = factor.shape[0], 0
    for a in range(size):
        for b in range(a):
            factor[a, b] = q[at + b]
        factor[a, a] = max(math.exp(q[at + a]), SMALLEST)
        at += a + 1


@kernel
def unplace_factor(factor: Floats, q: Floats) -> None:
    """The coordinates of a factor: the inverse of `place_factor`."""
    size, at = factor.shape[0], 0
    for a in range(size):
        for b in range(a):
            q[at + b] = factor[a, b]
        q[at + a] = math.log(factor[a, a])
        at += a + 1


@kernel
def pull_factor(slope: Floats, factor: Floats, grad: Floats) -> None:
    """Add the slope (d, d) of a density in a factor to the gradient in its coordinates."""
    size, at = factor.shape[0], 0
    for a in range(size):
        for b in range(a):
            grad[at + b] += slope[a, b]
        grad[at + a] += slope[a, a] * factor[a, a]
        at += a + 1


@exact
def log_sech2(y: float) -> float:
    """log(1 - tanh(y)**2)."""
    return 2.0 * (LOG_2 - abs(y) - math.log1p(math.exp(-2.0 * abs(y))))


@kernel
def place_correlation(q: Floats, eta: float, factor: Floats) -> float:
    """Lower Cholesky factor (d, d) of a correlation matrix at q (d (d-1) / 2,); log LKJ density plus log-Jacobian.

    In partial correlations z the LKJ density is a product: z of column b is Beta(alpha, alpha) on (-1, 1), alpha =
    eta + (d - 2 - b) / 2 (Lewandowski et al. 2009, section 2.4). The normaliser is left to `log_lkj_constant`.
    """
    size, at, density = factor.shape[0], 0, 0.0
    for a in range(size):
        log_rest = 0.0  # of the squared length that is left for the row's other entries
        for b in range(a):
            log_share = log_sech2(q[at + b])
            factor[a, b] = math.tanh(q[at + b]) * math.exp(0.5 * log_rest)
            density += (eta + 0.5 * (size - 2 - b)) * log_share
            log_rest += log_share
        factor[a, a] = max(math.exp(0.5 * log_rest), SMALLEST)
        at += a
    return density


@kernel
def unplace_correlation(factor: Floats, q: Floats) -> None:
    """The coordinates of a correlation's factor: the inverse of `place_correlation`."""
    size, at = factor.shape[0], 0
    for a in range(size):
        rest = factor[a, a] ** 2  # of the row's squared length, after column b
        for b in range(a - 1, -1, -1):
            q[at + b] = math.asinh(factor[a, b] / math.sqrt(rest))
            rest += factor[a, b] ** 2
        at += a


@kernel
def pull_correlation(slope: Floats, eta: float, factor: Floats, q: Floats, grad: Floats) -> None:
    """Add the gradient in q of a density whose slope (d, d) in the correlation's factor is given, and of the prior."""
    size, at = factor.shape[0], 0
    for a in range(size):
        log_rest = 0.0
        for b in range(a):
            z, log_share = math.tanh(q[at + b]), log_sech2(q[at + b])
            later = 0.0
            for c in range(b + 1, a + 1):
                later += slope[a, c] * factor[a, c]
            grad[at + b] += slope[a, b] * math.exp(0.5 * log_rest + log_share) - z * later
            grad[at + b] -= 2.0 * z * (eta + 0.5 * (size - 2 - b))
            log_rest += log_share
        at += a


def log_lkj_constant(eta: float, d: int) -> float:
    """Log normaliser of an LKJ(eta) density over d by d correlation matrices, in partial correlations."""
    total = 0.0
    for b in range(d - 1):
        alpha = eta + 0.5 * (d - 2 - b)
        log_beta = 2.0 * math.lgamma(alpha) - math.lgamma(2.0 * alpha)
        total -= (d - 1 - b) * ((2.0 * alpha - 1.0) * LOG_2 + log_beta)
    return total


def factor_coordinates(factor: Floats) -> Floats:
    """Log-Cholesky coordinates (d (d+1) / 2,) of a factor."""
    rows, columns = np.tril_indices(len(factor))
    q: Floats = factor[rows, columns].copy()
    q[rows == columns] = np.log(np.diag(factor))
    return q


def correlation_coordinates(factor: Floats) -> Floats:
    """Coordinates (d (d-1) / 2,) of a correlation matrix given by its factor."""
    rest = np.sqrt(np.cumsum(factor[:, ::-1] ** 2, axis=1)[:, ::-1])  # what is left of each row's length
    rows, columns = np.tril_indices(len(factor), -1)
    limit = 1.0 - 1e-12
    return np.asarray(np.arctanh(np.clip(factor[rows, columns] / rest[rows, columns], -limit, limit)), float)
