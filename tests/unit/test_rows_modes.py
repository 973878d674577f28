"""Modes of rows: the same from every seed, and none higher from starts at random."""

import warnings

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import mixtura as mx
from mixtura.algorithms.rows.em import em
from mixtura.algorithms.rows.modes import slowness
from mixtura.algorithms.rows.sample import encoded
from mixtura.reading.data import points
from mixtura.rows.encode import position_of
from mixtura.rows.gradient import placed
from mixtura.rows.records import Params
from mixtura.rows.target import work_for

IRIS = mx.datasets.iris().x
MODEL = mx.GaussianMixture(n_components=3)


def at_random(x, rng):
    """Three of the rows as means, the covariance of random thirds, weights as they come."""
    shares = rng.dirichlet(np.ones(3))
    parts = np.array_split(rng.permutation(x), 3)
    factors = np.stack([np.linalg.cholesky(np.cov(part.T) * rng.uniform(0.1, 1)) for part in parts])
    return shares, x[rng.choice(len(x), 3, replace=False)], factors


def test_none_of_200_random_starts_beats_the_mode():
    data = points(IRIS)
    _, units, target = encoded(MODEL, data, list("abcd"))
    work, best = work_for(target), MODEL.optimize(IRIS)
    inside = units.params_into(best.params)
    height = em(target, position_of(target, inside), work, 1, -np.inf)
    rng, heights = np.random.default_rng(0), []
    x = (data.x - units.shift) / units.scale
    for _ in range(200):
        q = position_of(target, Params(*at_random(x, rng), placed(target, np.zeros(target.at[-1]))[1].rate))
        heights.append(em(target, q, work, 3000, 1e-8))
    assert max(heights) <= height + 1e-3
    assert len(set(np.round(heights, 1))) > 3  # starts at random do end elsewhere


def test_a_rate_that_is_no_number_is_taken_for_the_slowest():
    target = encoded(MODEL, points(IRIS), list("abcd"))[2]
    with np.errstate(invalid="ignore"):
        assert slowness(target, np.full(target.at[-1], np.nan), np.random.default_rng(0)) == 1.0


@pytest.mark.parametrize("covariance", ["full", "tied"])
def test_the_same_mode_from_every_seed(covariance):
    model = mx.GaussianMixture(n_components=3, covariance=covariance)
    modes = [model.optimize(IRIS, seed=seed) for seed in range(10)]
    assert np.ptp([mode.logdensity for mode in modes]) < 1e-3
    labels = [mode.predict(IRIS) for mode in modes]
    assert min(adjusted_rand_score(labels[0], others) for others in labels) == pytest.approx(1.0)


def test_a_vector_that_could_speak_of_components_or_of_features_is_named():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(m, 2, (30, 2)) for m in (30, 60)])
    with pytest.warns(UserWarning, match=r"either way: means=Normal\(mu=\[30, 60\], sigma=5\)") as caught:
        read = mx.GaussianMixture(n_components=2, means=mx.Normal([30, 60], 5)).optimize(x)
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        features = mx.GaussianMixture(n_components=2, means=mx.Normal([[30, 60]], 5)).optimize(x)
        components = mx.GaussianMixture(n_components=2, means=mx.Normal([[30], [60]], 5)).optimize(x)
        mx.GaussianMixture(n_components=2).optimize(x)
    np.testing.assert_array_equal(read.params.means, features.params.means)
    np.testing.assert_allclose(components.params.means, [[30, 30], [60, 60]], atol=2)
