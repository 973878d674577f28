"""mixtura's `optimize`, by its defaults: a point estimate."""

from __future__ import annotations

import time

import mixtura as mx
from benchmarks.rows.outcome import Run, most_probable
from benchmarks.rows.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    model, x = mx.GaussianMixture(n_components=problem.k), problem.x
    if warm:
        model.optimize(x[:: len(x) // 2000], seed=seed)
    began = time.perf_counter()
    params = model.optimize(x, seed=seed).params
    seconds = time.perf_counter() - began
    blocks = params.weights, params.means, params.covariances
    return Run(*blocks, most_probable(x, *blocks), seconds)
