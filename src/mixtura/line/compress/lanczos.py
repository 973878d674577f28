"""Gauss rules of many discrete measures at once: Lanczos for the Jacobi matrices, Golub and Welsch for their nodes.

W. Gautschi, Orthogonal Polynomials: Computation and Approximation (2004), sections 2.2.3 and 3.1.1. A rule has
so few nodes that the plain recurrence keeps its polynomials orthogonal (to 1e-14; projecting on all of them gained
nothing). Only moments up to degree 2m - 1 enter, so the weights of the measure may
have any sign as long as those moments belong to a positive measure.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats

ROUNDING = 1e-14  # a polynomial whose square integrates to this is zero on the measure: it has no more points


def gauss(x: Floats, weights: Floats, starts: NDArray[np.intp], size: int) -> tuple[Floats, Floats]:
    """Gauss rules of consecutive segments of a flat list of weighted points.

    Parameters
    ----------
    x, weights : array (n,)
    starts : array (g,)
        Where each segment begins; its total weight is positive.
    size : int
        Nodes per rule; a measure on fewer points keeps to those.

    Returns
    -------
    x, weights : array (g, size)
        Nodes in ascending order, unused ones last with weight 0.

    Examples
    --------
    >>> x, weights = gauss(np.array([0.0, 1.0, 2.0, 7.0]), np.ones(4), np.array([0, 3]), 2)
    >>> np.round(x[0], 4), np.round(weights, 4)
    (array([0.1835, 1.8165]), array([[1.5, 1.5],
           [1. , 0. ]]))
    """
    counts = np.diff(np.append(starts, x.size))
    low, high = np.minimum.reduceat(x, starts), np.maximum.reduceat(x, starts)
    middle, half = (low + high) / 2, np.where(high > low, (high - low) / 2, 1.0)
    total = np.add.reduceat(weights, starts)
    t = (x - np.repeat(middle, counts)) / np.repeat(half, counts)
    diagonal, beside, rank = _jacobi(t, weights / np.repeat(total, counts), starts, size)
    matrices = np.zeros((starts.size, size, size))
    index = np.arange(size)
    matrices[:, index, index] = diagonal
    matrices[:, index[1:], index[:-1]] = beside
    values, vectors = np.linalg.eigh(matrices)
    unused = index >= rank[:, None]
    shares = np.where(unused, 0.0, vectors[:, 0, :] ** 2)
    shares *= (total / shares.sum(1))[:, None]
    return np.where(unused, high[:, None], middle[:, None] + half[:, None] * values), shares


def _jacobi(t: Floats, shares: Floats, starts: NDArray[np.intp], size: int) -> tuple[Floats, Floats, NDArray[np.intp]]:
    """Diagonals (g, size) and (g, size - 1) of the Jacobi matrices of segments on [-1, 1], and their ranks.

    Beyond a segment's rank its matrix is decoupled, with eigenvalues above 1, which come last.
    """
    counts = np.diff(np.append(starts, t.size))
    diagonal = np.tile(2.0 + np.arange(size), (starts.size, 1))
    beside = np.zeros((starts.size, size - 1))
    rank = np.zeros(starts.size, np.intp)
    alive, square = np.ones(starts.size, bool), np.ones(starts.size)
    before, now = np.zeros(t.size), np.ones(t.size)
    for k in range(size):
        rank += alive
        ahead = t * now
        diagonal[alive, k] = np.add.reduceat(shares * now * ahead, starts)[alive]
        if k == size - 1:
            break
        for polynomial in (now, before):
            ahead -= np.repeat(np.add.reduceat(shares * polynomial * ahead, starts), counts) * polynomial
        step = np.maximum(np.add.reduceat(shares * ahead * ahead, starts), 0.0)
        square *= step
        alive = alive & (square > ROUNDING)
        beside[alive, k] = np.sqrt(step[alive])
        inverse = np.divide(1.0, np.sqrt(step), out=np.zeros_like(step), where=alive)
        before, now = now, ahead * np.repeat(inverse, counts)
    return diagonal, beside, rank
