"""Small matrices in compiled code: lower Cholesky factors, triangular solves, and draws with them."""

from __future__ import annotations

import math

from mixtura.arrays import Floats
from mixtura.compiled.jit import exact, kernel
from mixtura.compiled.rng import Stream, log_gamma, normal


@exact
def zero(to: Floats) -> None:
    """Set every entry to zero."""
    for i in range(to.shape[0]):
        for j in range(to.shape[1]):
            to[i, j] = 0.0


@exact
def assign(to: Floats, source: Floats) -> None:
    """Copy every entry."""
    for i in range(to.shape[0]):
        for j in range(to.shape[1]):
            to[i, j] = source[i, j]


@exact
def add(to: Floats, source: Floats) -> None:
    """Add every entry."""
    for i in range(to.shape[0]):
        for j in range(to.shape[1]):
            to[i, j] += source[i, j]


@kernel
def cholesky(a: Floats, to: Floats) -> None:
    """Lower Cholesky factor of `a`, of which the lower triangle is read, into `to`; they may be one array."""
    size = a.shape[0]
    for j in range(size):
        for i in range(j, size):
            s = a[i, j]
            for m in range(j):
                s -= to[i, m] * to[j, m]
            to[i, j] = math.sqrt(s) if i == j else s / to[j, j]
        for i in range(j):
            to[i, j] = 0.0


@kernel
def multiply_out(factor: Floats, to: Floats) -> None:
    """The matrix of a lower factor, symmetric."""
    for a in range(factor.shape[0]):
        for b in range(a + 1):
            s = 0.0
            for c in range(b + 1):
                s += factor[a, c] * factor[b, c]
            to[a, b] = s
            to[b, a] = s


@kernel
def forward(factor: Floats, b: Floats) -> None:
    """Solve factor x = b in place; the factor is lower triangular. What b holds beyond is left alone."""
    for i in range(factor.shape[0]):
        s = b[i]
        for m in range(i):
            s -= factor[i, m] * b[m]
        b[i] = s / factor[i, i]


@kernel
def backward(factor: Floats, b: Floats) -> None:
    """Solve factor' x = b in place; the factor is lower triangular. What b holds beyond is left alone."""
    size = factor.shape[0]
    for i in range(size - 1, -1, -1):
        s = b[i]
        for m in range(i + 1, size):
            s -= factor[m, i] * b[m]
        b[i] = s / factor[i, i]


@kernel
def add_precision(factor: Floats, scratch: Floats, times: float, to: Floats) -> None:
    """Add `times` (factor factor')^-1, symmetric, to `to`; scratch is (d, d)."""
    size = factor.shape[0]
    for j in range(size):
        for i in range(size):
            scratch[j, i] = 1.0 if i == j else 0.0
        forward(factor, scratch[j])  # row j holds column j of the factor's inverse
    for i in range(size):
        for j in range(i + 1):
            s = 0.0
            for m in range(i, size):
                s += scratch[i, m] * scratch[j, m]
            to[i, j] += times * s
            if i != j:
                to[j, i] += times * s


@kernel
def draw_wishart(stream: Stream, df: float, scale_factor: Floats, scratch: Floats, to: Floats) -> None:
    """Lower Cholesky factor of an inverse Wishart matrix, df and scale L L' given by its factor L, into `to`.

    Bartlett's decomposition with the order of features reversed: the precision is L'^-1 U U' L^-1 with U upper
    triangular, so that the factor of the covariance is L U'^-1, and no matrix is inverted (Bartlett 1933).
    """
    size = scale_factor.shape[0]
    for i in range(size):
        for j in range(size):
            scratch[i, j] = 0.0
        scratch[i, i] = math.exp(0.5 * (math.log(2.0) + log_gamma(stream, 0.5 * (df - (size - 1 - i)))))
        for j in range(i):
            scratch[i, j] = normal(stream)  # U' is lower triangular
    for i in range(size):  # X U' = L, row by row, from the last column on
        for j in range(size - 1, -1, -1):
            if j > i:
                to[i, j] = 0.0
                continue
            s = scale_factor[i, j]
            for m in range(j + 1, i + 1):
                s -= to[i, m] * scratch[m, j]
            to[i, j] = s / scratch[j, j]
