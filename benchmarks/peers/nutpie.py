"""nutpie on PyMC's model; compilation is not counted."""

from __future__ import annotations

import time

import nutpie

from benchmarks.outcome import CHAINS, DRAWS, WARMUP, Run
from benchmarks.peers.pymc_model import blocks, model_of
from benchmarks.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    compiled = nutpie.compile_pymc_model(model_of(problem))
    began = time.perf_counter()
    trace = nutpie.sample(compiled, draws=DRAWS, tune=WARMUP, chains=CHAINS, seed=seed, progress_bar=False)
    seconds = time.perf_counter() - began
    return Run(*blocks(trace.posterior, problem.k), seconds)
