"""Coordinates without constraints: where chains move, and the Jacobians of the way back.

Means move as they are, scales and the rate by their logarithm, bounded parameters by a logit, weights by isometric
log-ratios.
"""

from __future__ import annotations

import math

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled.jit import exact, kernel

SMALLEST = 1e-100  # of scales and rates, in standardised units: far below any data, far above underflow


@exact
def place(low: float, high: float, q: float) -> tuple[float, float, float, float]:
    """Value in (low, high) at coordinate q, its slope, the log-Jacobian, and that one's slope."""
    if low == -math.inf:
        return q, 1.0, 0.0, 0.0
    if high == math.inf:
        value = max(math.exp(q), SMALLEST)
        return low + value, value, q, 1.0
    tail = math.exp(-abs(q))
    share = 1.0 / (1.0 + tail) if q > 0 else tail / (1.0 + tail)
    slope = (high - low) * tail / (1.0 + tail) ** 2
    logjac = math.log(high - low) - abs(q) - 2.0 * math.log1p(tail)
    return low + max((high - low) * share, SMALLEST), slope, logjac, 1.0 - 2.0 * share


@exact
def coordinate_of(low: float, high: float, value: float) -> float:
    """The coordinate of a value above low, which is finite: the inverse of `place`; NaN outside of the bounds."""
    if high == math.inf:
        return math.log(value - low)
    return math.log((value - low) / (high - value))


def unplace(bounds: Floats, values: Floats) -> Floats:
    """Coordinates of values (k,) within bounds (k, 2): the inverse of `place`, held off finite ends."""
    low, high = bounds.T
    if low[0] == -math.inf:
        return values.copy()
    if high[0] == math.inf:
        return np.asarray(np.log(values - low), float)
    share = np.clip((values - low) / (high - low), 1e-6, 1 - 1e-6)
    return np.asarray(np.log(share) - np.log1p(-share), float)


def simplex_basis(k: int) -> Floats:
    """Orthonormal basis (k, k-1) of the vectors that sum to zero: weights = softmax(basis @ z).

    The isometric log-ratio coordinates of the simplex (Egozcue et al. 2003, eq. 24); no component is a reference, so
    permuting components rotates z. The log-Jacobian is sum(log weights) + log(k)/2.
    """
    basis = np.zeros((k, max(k - 1, 0)))
    for j in range(1, k):
        basis[:j, j - 1] = 1.0 / j
        basis[j, j - 1] = -1.0
        basis[:, j - 1] *= np.sqrt(j / (j + 1.0))
    return basis


@kernel
def log_weight(basis: Floats, z: Floats, j: int) -> float:
    """Log weight of component j at z (k-1,), up to a shared shift; the k of them sum to zero."""
    u = 0.0
    for i in range(basis.shape[1]):
        u += basis[j, i] * z[i]
    return u


@kernel
def log_weights_shift(basis: Floats, z: Floats) -> float:
    """What to take from `log_weight` for weights that sum to one."""
    top, total = -math.inf, 0.0
    for j in range(basis.shape[0]):
        top = max(top, log_weight(basis, z, j))
    for j in range(basis.shape[0]):
        total += math.exp(log_weight(basis, z, j) - top)
    return top + math.log(total)
