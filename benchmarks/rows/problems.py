"""Problem E: eight full components in ten dimensions, at two sizes. Data are made once and kept as .npy."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.chains import DRAWS, WARMUP

SEED, K, FEATURES = 42, 8, 10
WEIGHTS = np.array([0.05, 0.08, 0.10, 0.12, 0.13, 0.15, 0.17, 0.20])
NAMES = ("E", "E-1e6")


class Problem(NamedTuple):
    """Points and what is asked of a sampler; where priors are not a peer's own, they are these."""

    path: Path  # of the points; their components lie beside
    n: int
    warmup: int
    draws: int
    k: int = K
    mean_sigma: float = 10.0  # means Normal(0, 10)
    scale_size: float = 2.0  # scales HalfNormal(2), feature by feature
    eta: float = 2.0  # correlations LKJ(2); weights Dirichlet(1)

    @property
    def x(self) -> np.ndarray:
        return np.load(self.path)

    @property
    def truth(self) -> np.ndarray:
        """The component that each point came from."""
        return np.load(_components(self.path))


class Parts(NamedTuple):
    """Means (k, d) and covariances (k, d, d) that made the points."""

    means: np.ndarray
    covariances: np.ndarray


def problem(name: str, folder: Path) -> Problem:
    """The problem of that name; its data are made if `folder` does not hold them yet.

    E-1e6 asks for few draws: it is there for its memory.
    """
    path = folder / f"{name}.npy"
    n, warmup, draws = {"E": (20_000, WARMUP, DRAWS), "E-1e6": (10**6, 20, 20)}[name]
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _write(path, n)
    return Problem(path, n, warmup, draws)


def parts(rng: np.random.Generator | None = None) -> Parts:
    """What made the points."""
    rng = rng or np.random.default_rng(SEED)
    means = rng.normal(0, 3, (K, FEATURES))
    roots = [rng.normal(size=(FEATURES, FEATURES)) / np.sqrt(FEATURES) for _ in range(K)]
    return Parts(means, np.array([root @ root.T + 0.3 * np.eye(FEATURES) for root in roots]))


def _write(path: Path, n: int) -> None:
    """Write the points, whole once they are there, after their components."""
    rng = np.random.default_rng(SEED)
    means, covariances = parts(rng)
    which = rng.choice(K, n, p=WEIGHTS)
    x = rng.normal(size=(n, FEATURES))
    for j, factor in enumerate(np.linalg.cholesky(covariances)):
        x[which == j] = means[j] + x[which == j] @ factor.T
    np.save(_components(path), which)
    unfinished = path.with_suffix(".part.npy")
    np.save(unfinished, x)
    unfinished.rename(path)


def _components(path: Path) -> Path:
    return path.with_suffix(".truth.npy")
