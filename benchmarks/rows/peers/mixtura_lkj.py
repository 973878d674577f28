"""mixtura on NumPyro's model."""

from __future__ import annotations

import mixtura as mx
from benchmarks.rows.outcome import Run
from benchmarks.rows.peers.mixtura import drawn
from benchmarks.rows.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    model = mx.GaussianMixture(
        n_components=problem.k,
        means=mx.Normal(0, problem.mean_sigma),
        scales=mx.HalfNormal(problem.scale_size),
        correlations=mx.LKJ(problem.eta),
        weights=mx.Dirichlet(1),
    )
    return drawn(model, problem, seed, warm)
