"""R's bayesm: Gibbs on the allocations in C++, with its own conjugate prior, so only its speed compares."""

from __future__ import annotations

from benchmarks.column.outcome import Run
from benchmarks.column.peers.in_r import sample_in_r
from benchmarks.column.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    return sample_in_r("bayesm.R", problem, seed)
