"""PyMC's NUTS on the marginal model; seconds are its own `sampling_time`, which leaves compilation out."""

from __future__ import annotations

import os

import pymc as pm

from benchmarks.chains import CHAINS, DRAWS, WARMUP
from benchmarks.column.outcome import Run
from benchmarks.column.peers.pymc_model import blocks, model_of
from benchmarks.column.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    with model_of(problem):
        trace = pm.sample(
            draws=DRAWS,
            tune=WARMUP,
            chains=CHAINS,
            cores=min(CHAINS, os.cpu_count() or 1),
            random_seed=seed,
            progressbar=False,
            compute_convergence_checks=False,
        )
    return Run(*blocks(trace.posterior, problem.k), trace.posterior.attrs["sampling_time"])
