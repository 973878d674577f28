"""R's mclust: EM from a hierarchical start, a point estimate."""

from __future__ import annotations

from pathlib import Path

from benchmarks.rows.outcome import Run, most_probable, unpacked
from benchmarks.rows.problems import Problem
from benchmarks.rscript import in_r

SCRIPT = Path(__file__).with_name("mclust.R")


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    estimate, seconds = in_r(SCRIPT, problem.x, k=problem.k, seed=seed)
    blocks = unpacked(estimate)
    return Run(*blocks, most_probable(problem.x, *blocks), seconds)
