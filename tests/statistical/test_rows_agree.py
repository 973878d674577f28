"""Algorithms and seeds agree about rows of real data, under every covariance structure."""

from __future__ import annotations

import numpy as np
import pytest

import mixtura as mx

CASES = {
    "iris": (mx.datasets.iris().x, mx.GaussianMixture(n_components=3)),
    "tied": (mx.datasets.faithful().x, mx.GaussianMixture(n_components=2, covariance="tied")),
    "diagonal": (mx.datasets.faithful().x, mx.GaussianMixture(n_components=2, covariance="diagonal")),
    "spherical": (mx.datasets.faithful().x, mx.GaussianMixture(n_components=2, covariance="spherical")),
    "apart": (
        mx.datasets.faithful().x,
        mx.GaussianMixture(n_components=2, scales=mx.HalfNormal([2, 20]), correlations=mx.LKJ(2)),
    ),
}


@pytest.mark.long
@pytest.mark.parametrize(("x", "model"), CASES.values(), ids=CASES)
def test_algorithms_and_seeds_agree(x, model):
    """Means and sds within 4 Monte Carlo standard errors, sds and 2 %: in chains that alternate they are less known."""
    first, *others = (
        model.sample(x, algorithm=algorithm, draws=2000, seed=seed, progress=False).summary().drop(["lp", "occupied"])
        for algorithm, seed in (("nuts", 1), ("nuts", 2), ("hmc", 3), ("gibbs", 4), ("gibbs", 5))
    )
    for other in others:
        for moment, more in (("mean", 0.0), ("sd", 0.02)):
            error = np.hypot(first[f"mcse_{moment}"], other[f"mcse_{moment}"])
            apart = (first[moment] - other[moment]).abs()
            assert (apart < 4 * error + more * first["sd"]).all(), (apart / error).nlargest(3)
