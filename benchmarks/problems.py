"""The problems that every peer solves: data, priors and starts, said once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Problem(NamedTuple):
    """Data and priors of one mixture; means are Normal, weights Dirichlet(1)."""

    x: np.ndarray
    mean_mu: tuple[float, ...]
    mean_sigma: float
    scale: str  # "half_cauchy" or "half_normal"
    scale_size: float
    tied: bool
    ordered: bool  # exchangeable priors: peers order the means, mixtura relabels
    start: tuple[float, ...]

    @property
    def k(self) -> int:
        return len(self.mean_mu)


def book() -> Problem:
    """A: 215 points, one shared standard deviation, priors that tell components apart."""
    x = np.random.default_rng(0).normal(np.repeat([9, 21, 35], [90, 50, 75]), 2)
    return Problem(x, (10.0, 20.0, 35.0), 2.0, "half_cauchy", 5.0, True, False, (10.0, 20.0, 35.0))


def gallery(n: int = 500) -> Problem:
    """B: three components, one wide and between the others; also at other sizes."""
    rng = np.random.default_rng(8927)
    which = rng.integers(0, 3, n)
    x = rng.normal(np.array([-5.0, 0.0, 5.0])[which], np.array([0.5, 2.0, 0.75])[which], size=n)
    return Problem(x, (0.0,) * 3, 5.0, "half_normal", 1.0, False, True, (-4.0, 0.0, 4.0))


def overlap() -> Problem:
    """C: five components that overlap; no peer converges on it."""
    rng = np.random.default_rng(2024)
    which = rng.choice(5, 2000, p=[0.15, 0.2, 0.3, 0.2, 0.15])
    x = rng.normal(np.array([-4, -2, 0, 2.5, 5])[which], np.array([1, 0.7, 0.8, 1, 1.2])[which])
    start = tuple(np.quantile(x, [0.1, 0.3, 0.5, 0.7, 0.9]))
    return Problem(x, (0.0,) * 5, 5.0, "half_normal", 1.5, False, True, start)


PROBLEMS = {"book": book, "gallery": gallery, "overlap": overlap}
