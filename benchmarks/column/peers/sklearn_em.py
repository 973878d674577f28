"""scikit-learn's GaussianMixture, by its defaults: a point estimate, so only its time compares."""

from __future__ import annotations

import time

import numpy as np
from sklearn.mixture import GaussianMixture

from benchmarks.column.outcome import Run
from benchmarks.column.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    return estimate(GaussianMixture, problem, seed)


def estimate(kind: type, problem: Problem, seed: int) -> Run:
    """Fit a scikit-learn mixture."""
    mixture = kind(n_components=problem.k, covariance_type="tied" if problem.tied else "full", random_state=seed)
    x = np.array(problem.x)[:, None]
    began = time.perf_counter()
    mixture.fit(x)
    seconds = time.perf_counter() - began
    scales = np.broadcast_to(np.sqrt(mixture.covariances_).ravel(), problem.k)
    return Run(mixture.weights_, mixture.means_[:, 0], scales, seconds)
