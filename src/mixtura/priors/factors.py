"""Covariance matrices by their lower Cholesky factors: checks, log densities, draws, change of units."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mixtura.arrays import Floats
from mixtura.priors.base import Unit, frozen, lgamma, numbers


def square(owner: object, name: str, value: Any) -> tuple[tuple[float, ...], ...]:
    """A symmetric positive definite matrix as nested tuples, or an error that names the prior."""
    where = f"{type(owner).__name__}({name}=...)"
    matrix = np.asarray(numbers(owner, name, value, 2))
    matrix = matrix.reshape(1, 1) if matrix.size == 1 else matrix
    if matrix.ndim != 2 or len(matrix) != matrix.shape[1]:
        raise ValueError(f"{where} is a square matrix, one row for each feature; got shape {matrix.shape}")
    if np.abs(matrix - matrix.T).max() > 1e-10 * np.abs(matrix).max():
        raise ValueError(f"{where} must be symmetric; got {matrix.tolist()}")
    if not is_definite(matrix):
        least = np.linalg.eigvalsh(matrix)[0]
        raise ValueError(f"{where} must be positive definite; its least eigenvalue is {least:.3g}")
    checked: tuple[tuple[float, ...], ...] = frozen(matrix / 2 + matrix.T / 2)
    return checked


def enough(owner: object, df: Any, d: int) -> float:
    """Degrees of freedom above d - 1, or an error that names the prior."""
    number = float(numbers(owner, "df", df, 0))
    if number <= d - 1:
        raise ValueError(f"{type(owner).__name__}(df=...) of {d} features needs df > {d - 1}; got {number:g}")
    return number


def is_definite(matrix: Floats) -> bool:
    """Whether a symmetric matrix has a Cholesky factor."""
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def factored(x: Any, d: int) -> tuple[Floats, np.ndarray[Any, np.dtype[np.bool_]]]:
    """Lower Cholesky factors of matrices (..., d, d), and which of them are positive definite at all."""
    x = np.asarray(x, float)
    if x.ndim < 2 or x.shape[-2:] != (d, d):
        raise ValueError(f"x holds matrices of {d} features, shape (..., {d}, {d}); got {x.shape}")
    inside = np.ones(x.shape[:-2], bool)
    try:
        return np.linalg.cholesky(x), inside
    except np.linalg.LinAlgError:
        inside = np.reshape([is_definite(one) for one in x.reshape(-1, d, d)], x.shape[:-2])
        return np.linalg.cholesky(np.where(inside[..., None, None], x, np.eye(d))), inside


def log_det(factors: Floats) -> Floats:
    """Log determinant of matrices with lower Cholesky factors (..., d, d)."""
    return np.asarray(2.0 * np.log(np.diagonal(factors, axis1=-2, axis2=-1)).sum(-1))


def log_wishart(factors: Floats, df: float, scale: Floats) -> Floats:
    """Log density of matrices under a Wishart, all by their lower Cholesky factors (..., d, d)."""
    d = factors.shape[-1]
    trace = (np.linalg.solve(scale, factors) ** 2).sum((-2, -1))
    density: Floats = 0.5 * ((df - d - 1) * log_det(factors) - trace - df * log_det(scale)) - _constant(df, d)
    return density


def log_inverse_wishart(factors: Floats, df: float, scale: Floats) -> Floats:
    """Log density of matrices under an inverse Wishart, all by their lower Cholesky factors (..., d, d)."""
    d = factors.shape[-1]
    trace = (np.linalg.solve(factors, scale) ** 2).sum((-2, -1))
    density: Floats = 0.5 * (df * log_det(scale) - (df + d + 1) * log_det(factors) - trace) - _constant(df, d)
    return density


def _constant(df: float, d: int) -> float:
    """Log of 2**(df d / 2) times the multivariate gamma function of df / 2."""
    gammas = lgamma(0.5 * (df - np.arange(0.0, d))).sum() + 0.25 * d * (d - 1) * math.log(math.pi)
    return float(gammas + 0.5 * df * d * math.log(2.0))


def bartlett(rng: np.random.Generator, df: float, d: int, k: int) -> Floats:
    """Lower Cholesky factors (k, d, d) of draws from Wishart(df, I) (Bartlett 1933)."""
    factors = np.tril(rng.standard_normal((k, d, d)), -1)
    factors[:, range(d), range(d)] = np.sqrt(rng.chisquare(df - np.arange(d), (k, d)))
    return factors


def squared(factors: Floats, k: int | None) -> Floats:
    """Matrices (k, d, d) of their factors; the only one where no k was asked for."""
    matrices = factors @ np.swapaxes(factors, -1, -2)
    return np.asarray(matrices[0] if k is None else matrices)


def rescaled(matrix: Any, scale: Unit) -> Any:
    """A matrix whose entry f, g is divided by scale f and scale g."""
    scales = np.broadcast_to(np.asarray(scale, float), (len(matrix),))
    return frozen(np.asarray(matrix) / scales[:, None] / scales)
