"""The covariance that whitens a chain's coordinates: learned by Welford's recursion, shrunk to a first guess."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled.jit import fill, kernel

PSEUDO_DRAWS_PER_DIMENSION = 8.0


class Welford(NamedTuple):
    """Number of positions seen (1,), their mean (d,), and sum of squares about it (d, d)."""

    n: Floats
    mean: Floats
    squares: Floats


def welford_for(size: int) -> Welford:
    """Nothing seen yet, in d dimensions."""
    return Welford(np.zeros(1), np.zeros(size), np.zeros((size, size)))


@kernel
def learn(seen: Welford, q: Floats) -> None:
    """Take one more position into account."""
    seen.n[0] += 1.0
    size = seen.mean.size
    for i in range(size):
        apart = q[i] - seen.mean[i]
        for j in range(i + 1):
            weight = (seen.n[0] - 1.0) / seen.n[0]
            seen.squares[i, j] += weight * apart * (q[j] - seen.mean[j])
    for i in range(size):
        seen.mean[i] += (q[i] - seen.mean[i]) / seen.n[0]


@kernel
def forget(seen: Welford) -> None:
    """Start over."""
    seen.n[0] = 0.0
    fill(seen.mean, 0.0)
    for i in range(seen.mean.size):
        fill(seen.squares[i], 0.0)


@kernel
def shrunk_covariance(seen: Welford, guess: Floats, out: Floats) -> None:
    """Covariance of what was seen, with `guess` counting as a few draws per dimension, into `out`."""
    size = seen.mean.size
    pseudo = PSEUDO_DRAWS_PER_DIMENSION * size
    for i in range(size):
        for j in range(i + 1):
            out[i, j] = (seen.squares[i, j] + pseudo * guess[i, j]) / (seen.n[0] + pseudo)
