"""The model in PyMC, marginal, for the peers that compile it."""

from __future__ import annotations

import numpy as np
import pymc as pm

from benchmarks.column.problems import Problem


def model_of(problem: Problem) -> pm.Model:
    k = problem.k
    with pm.Model() as model:
        ordering = {"transform": pm.distributions.transforms.ordered} if problem.ordered else {}
        mu = pm.Normal("mu", np.array(problem.mean_mu), problem.mean_sigma, shape=k, initval=problem.start, **ordering)
        shape = None if problem.tied else k
        if problem.scale == "half_cauchy":
            sigma = pm.HalfCauchy("sigma", problem.scale_size, shape=shape)
        else:
            sigma = pm.HalfNormal("sigma", problem.scale_size, shape=shape)
        weights = pm.Dirichlet("w", np.ones(k))
        pm.NormalMixture("x", w=weights, mu=mu, sigma=sigma, observed=np.array(problem.x))
    return model


def blocks(posterior, k: int):
    """Weights, means and scales (chains, draws, k) of a posterior group."""
    scales = posterior["sigma"].to_numpy()
    scales = np.repeat(scales[..., None], k, -1) if scales.ndim == 2 else scales
    return posterior["w"].to_numpy(), posterior["mu"].to_numpy(), scales
