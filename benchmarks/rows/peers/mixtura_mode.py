"""mixtura's `optimize`, by its defaults: a point estimate."""

from __future__ import annotations

import time

import mixtura as mx
from benchmarks.rows.outcome import Run
from benchmarks.rows.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    model, x = mx.GaussianMixture(n_components=problem.k), problem.x
    if warm:
        model.optimize(x[:: len(x) // 2000], seed=seed)
    began = time.perf_counter()
    mode = model.optimize(x, seed=seed)
    seconds = time.perf_counter() - began
    return Run(mode.params.weights, mode.params.means, mode.params.covariances, mode.predict(x), seconds)
