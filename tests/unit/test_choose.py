"""Rows go to the algorithm that pays, the fit says why, and models with components too many still mix."""

from types import SimpleNamespace

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms.rows.choose import sweeps_for
from mixtura.algorithms.run import Options

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


@pytest.mark.parametrize(("n", "d", "k"), [(3000, 3, 2), (3000, 3, 4), (1000, 2, 2)])
def test_a_component_too_many_on_one_cloud_is_left_to_gibbs(n, d, k):
    """Everybody's loop over k: trajectories took the better part of a minute there, and more."""
    x = np.random.default_rng(1).normal(size=(n, d))
    fit = mx.GaussianMixture(n_components=k).sample(x, draws=20, warmup=20, seed=1)
    assert fit.algorithm == "gibbs"


@pytest.mark.parametrize("rate", [0.98, 0.9999, 1.0])
@pytest.mark.parametrize(("n", "d", "k"), [(3000, 3, 2), (3000, 5, 5), (300, 1, 2), (10**5, 10, 5)])
def test_sweeps_that_forget_too_little_do_not_take_long(n, d, k, rate):
    target = SimpleNamespace(centres=np.zeros((k, d)), rows=SimpleNamespace(x=np.zeros((d, n))))
    given = {"algorithm": "auto", "seed": 1, "progress": False, "compress": None}
    sweeps = sweeps_for(target, rate, Options(draws=1000, warmup=1000, chains=4, **given))
    assert sweeps == 1 or sweeps * n * k * (d * d + 20) / 2 * 8000 < 1e10  # half a minute before: 1e11 and more
    assert n == 10**5 or sweeps_for(target, 0.8, Options(draws=1000, warmup=1000, chains=4, **given)) == 4
