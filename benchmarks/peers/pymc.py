"""PyMC's NUTS on the marginal model; compilation is not counted."""

from __future__ import annotations

import time

import pymc as pm

from benchmarks.outcome import CHAINS, DRAWS, WARMUP, Run
from benchmarks.peers.pymc_model import blocks, model_of
from benchmarks.problems import Problem


def sample(problem: Problem, seed: int) -> Run:
    options = {
        "chains": CHAINS,
        "cores": 2,
        "random_seed": seed,
        "progressbar": False,
        "compute_convergence_checks": False,
    }
    with model_of(problem):
        pm.sample(draws=5, tune=5, **options)  # compiles
        began = time.perf_counter()
        trace = pm.sample(draws=DRAWS, tune=WARMUP, **options)
        seconds = time.perf_counter() - began
    return Run(*blocks(trace.posterior, problem.k), seconds)
