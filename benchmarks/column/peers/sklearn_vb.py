"""scikit-learn's BayesianGaussianMixture, by its defaults: one variational estimate, so only its time compares."""

from __future__ import annotations

from sklearn.mixture import BayesianGaussianMixture

from benchmarks.column.outcome import Run
from benchmarks.column.peers.sklearn_em import estimate
from benchmarks.column.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    return estimate(BayesianGaussianMixture, problem, seed)
