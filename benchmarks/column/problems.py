"""The problems that every peer solves: data, priors and starts, said once. Data are made once and kept as .npy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

MAPPED = 10**6  # points: from here on files are mapped into memory, not loaded
BLOCK = 10**6  # points made at a time
SIZES = {f"1e{power}": 10**power for power in range(3, 9)}
NAMES = ("book", "gallery", "overlap", *SIZES)


class Problem(NamedTuple):
    """One mixture and its priors; means are Normal, weights Dirichlet(1)."""

    path: Path
    n: int
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

    @property
    def x(self) -> np.ndarray:
        return np.load(self.path, mmap_mode="r" if self.n >= MAPPED else None)


def problem(name: str, folder: Path) -> Problem:
    """The problem of that name; its data are made if `folder` does not hold them yet."""
    n = SIZES.get(name, {"book": 215, "gallery": 500, "overlap": 2000}.get(name, 0))
    path = folder / f"{name}.npy"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(path, n, {"book": _book, "overlap": _overlap}.get(name, _gallery))
    if name == "book":  # A: one shared standard deviation, priors that tell components apart
        return Problem(path, n, (10.0, 20.0, 35.0), 2.0, "half_cauchy", 5.0, True, False, (10.0, 20.0, 35.0))
    if name == "overlap":  # C: five components that overlap
        start = tuple(np.quantile(np.load(path), [0.1, 0.3, 0.5, 0.7, 0.9]))
        return Problem(path, n, (0.0,) * 5, 5.0, "half_normal", 1.5, False, True, start)
    return Problem(path, n, (0.0,) * 3, 5.0, "half_normal", 1.0, False, True, (-4.0, 0.0, 4.0))


def _book(rng: np.random.Generator, n: int) -> np.ndarray:
    return rng.normal(np.repeat([9, 21, 35], [90, 50, 75]), 2)


def _gallery(rng: np.random.Generator, n: int) -> np.ndarray:
    which = rng.integers(0, 3, n)
    return rng.normal(np.array([-5.0, 0.0, 5.0])[which], np.array([0.5, 2.0, 0.75])[which])


def _overlap(rng: np.random.Generator, n: int) -> np.ndarray:
    which = rng.choice(5, n, p=[0.15, 0.2, 0.3, 0.2, 0.15])
    return rng.normal(np.array([-4, -2, 0, 2.5, 5])[which], np.array([1, 0.7, 0.8, 1, 1.2])[which])


def _write(path: Path, n: int, draw: Callable[[np.random.Generator, int], np.ndarray]) -> None:
    """Write n points, a block at a time; a file that is there is whole. Blocks after the first have their own seeds."""
    seed = {_book: 0, _overlap: 2024}.get(draw, 8927)
    unfinished = path.with_suffix(".part")
    x = np.lib.format.open_memmap(unfinished, "w+", np.float64, (n,))
    for block, first in enumerate(range(0, n, BLOCK)):
        rng = np.random.default_rng([seed, block] if block else seed)
        x[first : first + BLOCK] = draw(rng, min(BLOCK, n - first))
    x.flush()
    unfinished.rename(path)
