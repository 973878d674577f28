"""Log densities of the priors with their slopes, in one compiled function told apart by small integers.

Each prior is a row of four numbers (a, b, c, log normaliser) and a kind; several of PyMC's names share a kind
(a HalfNormal is a Normal about 0, doubled; a HalfCauchy is a StudentT with nu = 1; an Exponential is a Gamma).
Functions passed as arguments would defeat the on-disk cache.
"""

from __future__ import annotations

import math

from mixtura.arrays import Floats
from mixtura.compiled.jit import entry, exact
from mixtura.priors import GAMMA, INVERSE_GAMMA, LOG_NORMAL, NORMAL, STUDENT_T, VARIANCE_INVERSE_GAMMA


@exact
def log_density(kind: int, a: float, b: float, c: float, norm: float, x: float) -> tuple[float, float]:
    """Log density of one prior at x and its derivative in x."""
    if kind == NORMAL:  # mu, sigma
        z = (x - a) / b
        return norm - 0.5 * z * z, -z / b
    if kind == STUDENT_T:  # nu, mu, sigma
        z = (x - b) / c
        return norm - 0.5 * (a + 1.0) * math.log1p(z * z / a), -(a + 1.0) * z / ((a + z * z) * c)
    if kind == GAMMA:  # alpha, beta
        return norm + (a - 1.0) * math.log(x) - b * x, (a - 1.0) / x - b
    if kind == INVERSE_GAMMA:  # alpha, beta
        return norm - (a + 1.0) * math.log(x) - b / x, (-(a + 1.0) + b / x) / x
    if kind == LOG_NORMAL:  # mu, sigma
        z = (math.log(x) - a) / b
        return norm - math.log(x) - 0.5 * z * z, (-1.0 - z / b) / x
    if kind == VARIANCE_INVERSE_GAMMA:  # of a scale whose square is InverseGamma(alpha, beta), and half its floor
        r = (b + c) / (x * x)
        return norm - (2.0 * a + 1.0) * math.log(x) - r, (-(2.0 * a + 1.0) + 2.0 * r) / x
    return norm, 0.0  # UNIFORM within its bounds, FIXED


@entry
def log_densities(kind: int, rows: Floats, x: Floats, out: Floats) -> None:
    """Log density of x (n,), each under its own row of (n, 4), into `out`."""
    for i in range(x.size):
        out[i] = log_density(kind, rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3], x[i])[0]
