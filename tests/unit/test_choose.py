"""Rows go to the algorithm that pays, the fit says why, and models with components too many still mix."""

import numpy as np
import pytest

import mixtura as mx

RNG = np.random.default_rng(0)
BLOBS = np.vstack([RNG.normal(middle, 1, (60, 2)) for middle in ((0, 0), (6, 0), (0, 6))])
IRIS = np.asarray(mx.datasets.iris().x)
CASES = {
    "apart": (BLOBS, {"n_components": 3}, "gibbs", "components are apart: "),
    "overlapping": (IRIS, {"n_components": 3, "covariance": "tied"}, "nuts", "components overlap: "),
    "too many": (BLOBS, {"n_components": 5}, "gibbs", "modes compete: "),
    "few rows": (IRIS, {"n_components": 7}, "gibbs", "a component has few rows, about "),
}


@pytest.mark.parametrize(("x", "blocks", "algorithm", "says"), CASES.values(), ids=CASES)
def test_the_choice_and_its_reason(x, blocks, algorithm, says):
    fit = mx.GaussianMixture(**blocks).sample(x, draws=20, warmup=20, seed=1, progress=False)
    assert (fit.algorithm, fit.reason[: len(says)]) == (algorithm, says)


def test_parts_of_points_are_for_trajectories():
    weights = np.full(len(BLOBS), 0.5)
    fit = mx.GaussianMixture(n_components=3).sample(BLOBS, weights=weights, draws=20, warmup=20, seed=1, progress=False)
    assert fit.algorithm in ("nuts", "hmc")
    assert fit.reason == "weights are not whole numbers, as Gibbs sampling needs"


@pytest.mark.parametrize("k", [4, 6])
@pytest.mark.parametrize("covariance", ["full", "tied"])
def test_too_many_components_mix(k, covariance):
    fit = mx.GaussianMixture(n_components=k, covariance=covariance).sample(BLOBS, seed=1, progress=False)
    assert "so that a draw takes" in fit.reason
    assert np.nanmax(fit.estimates.r_hat) < 1.02
    assert np.nanmin(fit.estimates.ess_bulk) > 400
