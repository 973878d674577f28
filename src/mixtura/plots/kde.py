"""A kernel density estimate on a grid: a cosine transform, whatever the number of points."""

from __future__ import annotations

from math import exp, inf, log, pi, prod, sqrt
from typing import NamedTuple

import numpy as np

from mixtura.lattice import Lattice, lattice_of

CELLS = 1024
REACH = 4.0  # bandwidths, beyond which nothing is seen of a kernel
MELTED = 0.6  # steps of a lattice: the narrowest kernel under which its points run together
Array = np.ndarray


class Kde(NamedTuple):
    """`density` (..., m) at the points of `grid` (m,); `bandwidth` is the kernel's standard deviation."""

    grid: Array
    density: Array
    bandwidth: float

    @property
    def edges(self) -> Array:
        """Ends of the cells (m + 1,) whose middles are the grid."""
        half = (self.grid[1] - self.grid[0]) / 2
        return np.append(self.grid - half, self.grid[-1] + half)


def kde(
    x: Array,
    weights: Array | None = None,
    *,
    bounds: tuple[float, float] = (-inf, inf),
    over: tuple[float, float] = (inf, -inf),
    size: float | None = None,
) -> Kde:
    """Gaussian kernel density estimate of weighted points, for a curve in a picture.

    The points are counted in cells, and the heat equation is solved on the cells by a cosine transform, which
    reflects at the bounds, so that no mass leaks past them. The bandwidth is the improved Sheather-Jones
    rule's, which, unlike rules of thumb, does not smear separated components into each other.

    Parameters
    ----------
    x
        The points, `(n,)`.
    weights
        One positive number per point, `(n,)`; all 1 by default.
    bounds
        The support of the density.
    over
        Values that the grid covers besides those of the points.
    size
        How many independent points these are worth; by default as many as there are different ones, or all of rounded
        ones.

    References
    ----------
    Botev, Grotowski & Kroese (2010), Kernel density estimation via diffusion, Annals of Statistics 38(5),
    algorithm 1.

    Examples
    --------
    >>> estimate = kde(np.linspace(-1, 1, 100))
    >>> round(float(estimate.density.sum() * np.diff(estimate.grid)[0]), 6)
    1.0
    """
    from scipy.fft import dct

    low, high = min(float(np.min(x)), over[0]), max(float(np.max(x)), over[1])
    lattice = lattice_of(x, weights) if size is None else None
    n = len(np.unique(x)) if size is None else size  # ties carry no news of the density's shape, unless by rounding
    if lattice is not None:
        n = max(n, len(x) if weights is None else float(np.sum(weights)))
    widest = 1.14 * _sd(x, weights) * n**-0.2
    pad = max(0.1 * (high - low), REACH * widest) or 0.5 * abs(low) or 1.0
    edges = np.linspace(max(bounds[0], low - pad), min(bounds[1], high + pad), CELLS + 1)
    span, mass = edges[-1] - edges[0], shares(x, weights, edges)
    told, least = mass, span / CELLS
    if lattice is not None and lattice.points(low, high) < CELLS:
        told, least = _unrounded(x, weights, lattice, edges), MELTED * lattice.step
    width = max(min(span * sqrt(_botev(dct(told), n)), widest), least)
    return Kde(0.5 * (edges[1:] + edges[:-1]), smoothed(mass, width / span) * CELLS / span, width)


def _unrounded(x: Array, weights: Array | None, lattice: Lattice, edges: Array) -> Array:
    """Each cell's share (CELLS,) of points that are spread evenly over what was rounded to them."""
    steps = lattice.edges(float(np.min(x)), float(np.max(x)))
    below = np.append(0.0, np.cumsum(np.histogram(x, steps, weights=weights)[0]))
    return np.diff(np.interp(edges, steps, below / below[-1]))


def smoothed(mass: Array, width: float) -> Array:
    """Shares of cells (..., CELLS) spread by a kernel of so many of the cells' whole span."""
    from scipy.fft import dct, idct

    kernel = np.exp(-0.5 * (np.arange(CELLS) * pi * width) ** 2)
    return np.asarray(np.maximum(idct(dct(mass, axis=-1) * kernel, axis=-1), 0.0))


def shares(x: Array, weights: Array | None, edges: Array) -> Array:
    """Each cell's share of the points, `(..., CELLS)`."""
    sets = np.atleast_2d(x)
    cell = np.floor((sets - edges[0]) * (CELLS / (edges[-1] - edges[0]))).astype(np.int64)
    row = np.arange(len(sets))[:, None]
    inside = (cell >= 0) & (cell < CELLS)
    count = None if weights is None else np.broadcast_to(weights, sets.shape)[inside]
    mass = np.bincount((row * CELLS + cell)[inside], count, len(sets) * CELLS).astype(float)
    total = sets.shape[1] if weights is None else float(np.sum(weights))
    mass /= total
    return mass.reshape(*x.shape[:-1], CELLS)


def _sd(x: Array, weights: Array | None) -> float:
    centred = x - np.average(x, weights=weights)
    unit = float(np.abs(centred).max()) or 1.0  # squares of very large and very small numbers are no numbers
    return unit * sqrt(float(np.average((centred / unit) ** 2, weights=weights)))


def _botev(transform: Array, n: float) -> float:
    """The squared bandwidth on a support of length 1: algorithm 1's fixed point, from `n` distinct points.

    Approached from below, it is the smallest, which keeps separated components apart.
    """
    squares = np.arange(1, CELLS) ** 2.0 * pi**2
    power = (transform[1:] / 2) ** 2

    def curvature(order: int, time: float) -> float:
        return 2 * float(np.sum(squares**order * power * np.exp(-squares * time)))

    time = 1e-4 * exp(-0.4 * log(n))
    for _ in range(12):
        f = curvature(7, time)
        for s in range(6, 1, -1):
            if f <= 0:
                break
            odd = prod(range(1, 2 * s, 2)) / sqrt(2 * pi)
            f = curvature(s, (2 * odd * (1 + 0.5 ** (s + 0.5)) / (3 * n * f)) ** (2 / (3 + 2 * s)))
        if f <= 0:
            break
        time = exp(-0.4 * log(2 * n * sqrt(pi) * f))
    return time
