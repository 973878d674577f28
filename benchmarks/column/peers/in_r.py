"""What the peers in R share: the problem as settings, and draws as blocks."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.chains import CHAINS, DRAWS, WARMUP
from benchmarks.column.outcome import Run
from benchmarks.column.problems import Problem
from benchmarks.rscript import in_r


def sample_in_r(script: str, problem: Problem, seed: int) -> Run:
    """Run a script of this folder, which writes its draws one by one, chain after chain."""
    names = ("k", "mean_mu", "mean_sigma", "scale", "scale_size", "tied", "start")
    settings = {name: getattr(problem, name) for name in names}
    path = Path(__file__).with_name(script)
    draws, seconds = in_r(path, problem.x, seed=seed, warmup=WARMUP, draws=DRAWS, **settings)
    return Run(*np.moveaxis(draws.reshape(CHAINS, DRAWS, 3, problem.k), 2, 0), seconds)
