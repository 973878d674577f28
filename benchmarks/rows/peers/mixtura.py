"""mixtura, by its defaults; the mode search is counted."""

from __future__ import annotations

import time

import mixtura as mx
from benchmarks.chains import CHAINS
from benchmarks.rows.outcome import Run
from benchmarks.rows.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    return drawn(mx.GaussianMixture(n_components=problem.k), problem, seed, warm)


def drawn(model: mx.GaussianMixture, problem: Problem, seed: int, warm: bool) -> Run:
    """Draw from a model's posterior and say who belongs where."""
    x = problem.x
    if warm:
        model.sample(x, draws=2, warmup=2, chains=CHAINS, seed=seed)
    began = time.perf_counter()
    fit = model.sample(x, draws=problem.draws, warmup=problem.warmup, chains=CHAINS, seed=seed)
    seconds = time.perf_counter() - began
    params = fit.params()
    notes = {"algorithm": fit.algorithm}
    return Run(params.weights, params.means, params.covariances, fit.predict(), seconds, notes)
