"""The unit of the data, and whether equal points are counted or repeated, must not matter."""

from __future__ import annotations

import numpy as np
import pytest

import mixtura as mx

ALGORITHMS = ("nuts", "hmc", "gibbs", "metropolis")
algorithms = pytest.mark.parametrize("algorithm", ALGORITHMS)


def agree(fit, other, shift=0.0, scale=1.0):
    """Posterior means within 4 Monte Carlo standard errors, after moving `other` into the units of `fit`."""
    a, b = fit.summary(), other.summary()
    for name in a.index.drop(["lp", "occupied"]):
        unit = {"w": 1.0, "m": scale, "s": scale, "r": scale**2}[name[0]]
        moved = (b.loc[name, "mean"] - (shift if name[0] == "m" else 0.0)) / unit
        error = np.hypot(a.loc[name, "mcse_mean"], b.loc[name, "mcse_mean"] / unit)
        assert abs(moved - a.loc[name, "mean"]) < 4 * error, name
        assert b.loc[name, "sd"] / unit == pytest.approx(a.loc[name, "sd"], rel=0.15), name


@algorithms
@pytest.mark.parametrize("power", [-40, 3, 60])
def test_powers_of_two_scale_every_bit(algorithm, power):
    model, factor = mx.GaussianMixture(n_components=3), 2.0**power
    options = {"draws": 100, "warmup": 100, "chains": 2, "algorithm": algorithm, "seed": 3}
    plain, scaled = (model.sample(x, **options) for x in (mx.datasets.galaxies(), mx.datasets.galaxies() * factor))
    for name, unit in {"weight": 1.0, "mean": factor, "scale": factor, "rate": factor**2}.items():
        np.testing.assert_array_equal(plain.posterior[name] * unit, scaled.posterior[name], err_msg=name)


@algorithms
def test_affine_maps_move_the_posterior_along(algorithm):
    model, x = mx.GaussianMixture(n_components=2), mx.datasets.faithful().waiting
    options = {"draws": 4000 if algorithm not in ("nuts", "hmc") else 1000, "algorithm": algorithm}
    scale = 1e6
    shift = 1e6 * np.std(x) * scale
    agree(model.sample(x, seed=1, **options), model.sample(scale * x + shift, seed=2, **options), shift, scale)


@algorithms
def test_weight_three_is_three_equal_points(algorithm):
    model, x = mx.GaussianMixture(n_components=2), mx.datasets.faithful().waiting[::2]
    options = {"draws": 4000 if algorithm not in ("nuts", "hmc") else 1000, "algorithm": algorithm}
    weighted = model.sample(x, weights=np.full(x.size, 3), seed=1, **options)
    agree(model.sample(np.repeat(x, 3), seed=2, **options), weighted)


def test_weight_three_has_the_density_of_three_equal_points():
    rng = np.random.default_rng(0)
    x, weights = rng.normal(0, 3, 50), rng.integers(1, 9, 50)
    model = mx.GaussianMixture(n_components=3)
    for _ in range(20):
        params = {
            "weights": rng.dirichlet(np.ones(3)),
            "means": rng.normal(0, 3, 3),
            "scales": rng.gamma(2, 1, 3),
            "rate": 0.7,
        }
        repeated = model.logdensity(np.repeat(x, weights), params)
        assert model.logdensity(x, params, weights) == pytest.approx(repeated, rel=0, abs=1e-10)


@algorithms
def test_the_log_density_knows_the_unit(algorithm):
    """`lp` of a draw is `model.logdensity` there, in the user's units, for every draw."""
    x = mx.datasets.galaxies() * 1000.0
    for model in (
        mx.GaussianMixture(n_components=3),
        mx.GaussianMixture(n_components=2, covariance="tied", scales=mx.HalfNormal(4000), means=mx.Uniform(0, 50_000)),
        mx.GaussianMixture(n_components=2, scales=mx.LogNormal(8, 1), means=mx.Fixed([10_000, 22_000])),
    ):
        fit = model.sample(x, draws=20, warmup=50, chains=1, algorithm=algorithm, seed=1)
        params = fit.params()
        wanted = [fit.model.logdensity(x, mx.Params(*(block[0, s] for block in params))) for s in range(20)]
        np.testing.assert_allclose(fit.sample_stats["lp"][0], wanted, rtol=1e-11)
