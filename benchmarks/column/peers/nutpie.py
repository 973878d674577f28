"""nutpie on PyMC's model; compilation is not counted."""

from __future__ import annotations

import time

import nutpie

from benchmarks.chains import CHAINS, DRAWS, WARMUP
from benchmarks.column.outcome import Run
from benchmarks.column.peers.pymc_model import blocks, model_of
from benchmarks.column.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    compiled = nutpie.compile_pymc_model(model_of(problem))
    began = time.perf_counter()
    trace = nutpie.sample(compiled, draws=DRAWS, tune=WARMUP, chains=CHAINS, seed=seed, progress_bar=False)
    seconds = time.perf_counter() - began
    return Run(*blocks(trace.posterior, problem.k), seconds)
