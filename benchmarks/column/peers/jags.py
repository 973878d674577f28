"""JAGS through R's rjags: Gibbs and slice steps with latent allocations; building the graph is not counted."""

from __future__ import annotations

from benchmarks.column.outcome import Run
from benchmarks.column.peers.in_r import sample_in_r
from benchmarks.column.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    return sample_in_r("jags.R", problem, seed)
