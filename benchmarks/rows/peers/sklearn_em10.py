"""scikit-learn's GaussianMixture from ten starts."""

from __future__ import annotations

from sklearn.mixture import GaussianMixture

from benchmarks.rows.outcome import Run
from benchmarks.rows.peers.sklearn_em import estimate
from benchmarks.rows.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    return estimate(GaussianMixture(n_components=problem.k, n_init=10, random_state=seed), problem)
