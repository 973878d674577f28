"""mixtura, by its defaults; the mode search is counted."""

from __future__ import annotations

import time

import mixtura as mx
from benchmarks.chains import CHAINS, DRAWS, WARMUP
from benchmarks.column.outcome import Run
from benchmarks.column.problems import Problem

WARMING = 2**17  # points of the run that loads the compiled code


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    prior = {"half_cauchy": mx.HalfCauchy, "half_normal": mx.HalfNormal}[problem.scale]
    model = mx.GaussianMixture(
        n_components=problem.k,
        covariance="tied" if problem.tied else "full",
        means=mx.Normal(problem.mean_mu, problem.mean_sigma),
        scales=prior(problem.scale_size),
        weights=mx.Dirichlet(1),
    )
    if warm:
        few = problem.x[:: -(-problem.n // WARMING)]
        model.sample(few, draws=10, warmup=10, chains=CHAINS, seed=seed)
    began = time.perf_counter()
    fit = model.sample(problem.x, draws=DRAWS, warmup=WARMUP, chains=CHAINS, seed=seed)
    seconds = time.perf_counter() - began
    params = fit.params()
    notes = {name: fit.attrs[name] for name in ("nodes", "certificate") if name in fit.attrs}
    return Run(params.weights, params.means, params.scales, seconds, notes)
