"""scikit-learn's GaussianMixture, by its defaults: a point estimate."""

from __future__ import annotations

import time

from sklearn.mixture import GaussianMixture

from benchmarks.rows.outcome import Run
from benchmarks.rows.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    return estimate(GaussianMixture(n_components=problem.k, random_state=seed), problem)


def estimate(mixture, problem: Problem) -> Run:
    """Fit a scikit-learn mixture."""
    x = problem.x
    began = time.perf_counter()
    mixture.fit(x)
    seconds = time.perf_counter() - began
    return Run(mixture.weights_, mixture.means_, mixture.covariances_, mixture.predict(x), seconds)
