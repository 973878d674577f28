"""Rows: the units of the features, one column given as a table, and counting equal rows, must not matter."""

from __future__ import annotations

import numpy as np
import pytest

import mixtura as mx
from mixtura.covariance import STRUCTURES

X = mx.datasets.faithful().x.values
OPTIONS = {"draws": 60, "warmup": 60, "chains": 2, "seed": 3, "progress": False}
algorithms = pytest.mark.parametrize("algorithm", ["nuts", "hmc", "gibbs"])
structures = pytest.mark.parametrize("structure", STRUCTURES)


@algorithms
@structures
def test_powers_of_two_scale_every_bit(structure, algorithm):
    model = mx.GaussianMixture(n_components=2, covariance=structure)
    unit = np.array([2.0**-30, 2.0**40]) if structure != "spherical" else np.full(2, 2.0**40)
    plain, scaled = (model.sample(x, algorithm=algorithm, **OPTIONS).params() for x in (X, X * unit))
    np.testing.assert_array_equal(plain.weights, scaled.weights)
    np.testing.assert_array_equal(plain.means * unit, scaled.means)
    np.testing.assert_array_equal(plain.factors * unit[:, None], scaled.factors)
    np.testing.assert_array_equal(plain.rate * unit[:, None] * unit, scaled.rate)


@algorithms
@structures
def test_one_column_is_a_line(structure, algorithm):
    """A table of one column draws, bit for bit, what the column does; there all structures but tied are full."""
    x = mx.datasets.galaxies()
    of_column = "tied" if structure == "tied" else "full"
    table = mx.GaussianMixture(n_components=3, covariance=structure).sample(x[:, None], algorithm=algorithm, **OPTIONS)
    column = mx.GaussianMixture(n_components=3, covariance=of_column).sample(x, algorithm=algorithm, **OPTIONS)
    for group in ("posterior", "sample_stats"):
        one, other = getattr(table, group), getattr(column, group)
        assert set(one) == set(other)
        for name in other:
            np.testing.assert_array_equal(one[name], other[name], err_msg=name)


def test_matrix_priors_of_one_column_are_priors_of_variances():
    x = mx.datasets.galaxies()
    pairs = [
        ({"covariances": mx.InverseWishart(4, [[6.0]])}, {"variances": mx.InverseGamma(2, 3)}),
        (
            {"covariances": mx.InverseWishart(4, mx.Wishart(3, [[2.0]])), "means": mx.MvNormal([20], [[9.0]])},
            {"variances": mx.InverseGamma(2, mx.Gamma(1.5, 0.5)), "means": mx.Normal(20, 3)},
        ),
    ]
    for matrix, plain in pairs:
        fits = [
            mx.GaussianMixture(n_components=2, **blocks).sample(data, algorithm="nuts", **OPTIONS)
            for blocks, data in ((matrix, x[:, None]), (plain, x))
        ]
        for name in fits[1].posterior:
            np.testing.assert_array_equal(fits[0].posterior[name], fits[1].posterior[name], err_msg=name)


def agree(fit, other):
    """Posterior means within 4 Monte Carlo standard errors, sds about equal."""
    a, b = fit.summary().drop(["lp", "occupied"]), other.summary().drop(["lp", "occupied"])
    assert (np.abs(a["mean"] - b["mean"]) < 4 * np.hypot(a["mcse_mean"], b["mcse_mean"])).all()
    np.testing.assert_allclose(a["sd"], b["sd"], rtol=0.15)


@algorithms
def test_weight_three_is_three_equal_rows(algorithm):
    model, x = mx.GaussianMixture(n_components=2), X[::3]
    weighted = model.sample(x, weights=np.full(len(x), 3), seed=1, algorithm=algorithm)
    agree(model.sample(np.repeat(x, 3, axis=0), seed=2, algorithm=algorithm), weighted)


@algorithms
def test_affine_maps_move_the_posterior_along(algorithm):
    model, scale = mx.GaussianMixture(n_components=2), np.array([3e5, 0.07])
    moved = model.sample(X * scale + 1e3 * scale, seed=2, algorithm=algorithm).params()
    back = moved._replace(means=moved.means / scale - 1e3, factors=moved.factors / scale[:, None])
    params = model.sample(X, seed=1, algorithm=algorithm).params()
    for ours, theirs in ((params.means, back.means), (params.covariances, back.covariances)):
        spread, shape = ours.std((0, 1)), ours.shape[2:]
        assert (np.abs(ours.mean((0, 1)) - theirs.mean((0, 1))) < 0.15 * spread).all(), shape
        np.testing.assert_allclose(ours.std((0, 1)), theirs.std((0, 1)), rtol=0.15)


@structures
def test_density_knows_weights_and_units(structure):
    """`lp` of a draw is `model.logdensity` there, in the user's units; a weight counts equal rows."""
    x, weights = X[::8] * [1e3, 1e-2], np.random.default_rng(0).integers(1, 9, len(X[::8]))
    model = mx.GaussianMixture(n_components=2, covariance=structure)
    models = [model, mx.GaussianMixture(n_components=2, covariance=structure, scales=mx.HalfNormal(50))]
    for model in models:
        for algorithm in ("nuts", "gibbs"):
            fit = model.sample(
                x, weights=weights, draws=10, warmup=30, chains=1, algorithm=algorithm, seed=1, progress=False
            )
            draws = [type(fit.params())(*(block[0, s] for block in fit.params())) for s in range(10)]
            wanted = [fit.model.logdensity(np.repeat(x, weights, axis=0), draw) for draw in draws]
            np.testing.assert_allclose(fit.sample_stats["lp"][0], wanted, rtol=1e-10)
