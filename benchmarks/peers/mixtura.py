"""mixtura, by its defaults; the mode search is counted."""

from __future__ import annotations

import time

import mixtura as mx
from benchmarks.outcome import CHAINS, DRAWS, WARMUP, Run
from benchmarks.problems import Problem


def sample(problem: Problem, seed: int) -> Run:
    prior = {"half_cauchy": mx.HalfCauchy, "half_normal": mx.HalfNormal}[problem.scale]
    model = mx.GaussianMixture(
        n_components=problem.k,
        covariance="tied" if problem.tied else "full",
        means=mx.Normal(problem.mean_mu, problem.mean_sigma),
        scales=prior(problem.scale_size),
        weights=mx.Dirichlet(1),
    )
    model.sample(problem.x, draws=10, warmup=10, chains=CHAINS, seed=seed)  # loads the compiled code
    began = time.perf_counter()
    fit = model.sample(problem.x, draws=DRAWS, warmup=WARMUP, chains=CHAINS, seed=seed)
    seconds = time.perf_counter() - began
    params = fit.params()
    return Run(params.weights, params.means, params.scales, seconds)
