"""scikit-learn's BayesianGaussianMixture, by its defaults: one variational estimate."""

from __future__ import annotations

from sklearn.mixture import BayesianGaussianMixture

from benchmarks.rows.outcome import Run
from benchmarks.rows.peers.sklearn_em import estimate
from benchmarks.rows.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    return estimate(BayesianGaussianMixture(n_components=problem.k, random_state=seed), problem)
