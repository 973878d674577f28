"""R's bayesm: Gibbs on the allocations, its own conjugate prior; each chain's last draw says who belongs where."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.chains import CHAINS
from benchmarks.rows.outcome import Run, most_probable, unpacked
from benchmarks.rows.problems import Problem
from benchmarks.rscript import in_r

SCRIPT = Path(__file__).with_name("bayesm.R")


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    x = problem.x
    draws, seconds = in_r(SCRIPT, x, k=problem.k, seed=seed, warmup=problem.warmup, draws=problem.draws)
    blocks = unpacked(draws, CHAINS, problem.draws)
    labels = [most_probable(x, *(block[chain, -1] for block in blocks)) for chain in range(CHAINS)]
    return Run(*blocks, np.array(labels), seconds)
