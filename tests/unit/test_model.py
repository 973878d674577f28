"""The declaration: what is allowed, what it becomes, and what it simulates."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

import mixtura as mx
from mixtura.blocks import ALLOWED
from mixtura.line.units import Units

FULL = mx.GaussianMixture(
    n_components=3,
    means=mx.Normal([10, 20, 35], 2),
    variances=mx.InverseGamma(2, mx.Gamma(0.2, 3)),
    weights=mx.Dirichlet([1, 2, 3]),
)


@pytest.mark.parametrize(
    "model",
    [
        mx.GaussianMixture(n_components=2),
        FULL,
        mx.GaussianMixture(n_components=2, covariance="tied", means=mx.Fixed([1, 2]), scales=mx.Uniform(0, 3)),
    ],
)
def test_dict_and_repr_bring_the_model_back(model):
    assert mx.GaussianMixture.from_dict(json.loads(json.dumps(model.to_dict()))) == model
    assert eval(repr(model), vars(mx) | {name: getattr(mx, name) for name in mx.__all__}) == model
    assert hash(model) == hash(mx.GaussianMixture.from_dict(model.to_dict()))


def test_public_names():
    """Every name is there, and every prior that a block takes is one of them."""
    assert all(hasattr(mx, name) for name in mx.__all__)
    assert {kind.__name__ for kinds in ALLOWED.values() for kind in kinds} | {"Wishart"} <= set(mx.__all__)
    assert set(dir(mx)) == {*mx.__all__, "BayesianMixture", "__version__"}


def test_defaults_are_those_of_richardson_and_green():
    model = mx.GaussianMixture(n_components=3).with_defaults([2.0, 5.0, 12.0])
    assert model.means == mx.Normal(7, 10)
    assert (model.variances.alpha, model.variances.rate) == (2, mx.Gamma(0.2, 0.1))
    assert model.variances.floor == pytest.approx(1)  # (a tenth of the range, at most)**2
    assert model.weights == mx.Dirichlet(1)
    assert model.exchangeable
    assert model.with_defaults([0.0, 1.0]) == model
    assert FULL.with_defaults([0.0, 1.0]) == FULL
    assert not FULL.exchangeable


@pytest.mark.parametrize("x", [[-3.0, 0.0, 5.0], [1e12, 1e12 + 1, 1e12 + 3], [1e-8, 3e-8, 2e-8]])
def test_units_hold_the_data_between_minus_four_and_four(x):
    units = Units.of(np.array(x))
    inside = units.into(np.array(x))
    assert 2 <= np.abs(inside).max() <= 4
    np.testing.assert_allclose(units.shift + units.scale * inside, x, rtol=1e-15)
    params = mx.Params(np.ones(1), np.array([x[0]]), np.array([0.1]), np.array([2.0]))
    for one, other in zip(units.params_back(units.params_into(params)), params, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-14)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"n_components": 0}, ValueError, "at least 1; got 0"),
        ({"n_components": 2.5}, TypeError, "whole number"),
        ({"n_components": True}, TypeError, "whole number"),
        ({"n_components": 2, "covariance": "diag"}, ValueError, "one of full, tied"),
        (
            {"n_components": 2, "n_features": 1, "means": mx.Normal([1, 2, 3], 1)},
            ValueError,
            "3 entries, but there is n_components=2",
        ),
        ({"n_components": 2, "means": mx.HalfNormal(1)}, TypeError, "one of Normal, StudentT, Uniform, Fixed"),
        ({"n_components": 2, "means": 3}, TypeError, "takes a prior"),
        ({"n_components": 2, "scales": mx.Fixed([1, -1])}, ValueError, "must be positive"),
        ({"n_components": 2, "scales": mx.Uniform(-1, 1)}, ValueError, "lower >= 0"),
        ({"n_components": 2, "scales": mx.InverseGamma(2, mx.Gamma(1, 1))}, TypeError, "belongs to variances"),
        ({"n_components": 2, "scales": mx.HalfNormal(1), "variances": mx.Fixed(1)}, ValueError, "one of them"),
        ({"n_components": 2, "weights": mx.Fixed([0.5, 0.6])}, ValueError, "sum to 1"),
        ({"n_components": 2, "weights": mx.Fixed([1.5, -0.5])}, ValueError, "must be positive"),
        ({"n_components": 2, "weights": mx.Dirichlet([1, 1, 1])}, ValueError, "3 entries"),
        (
            {"n_components": 2, "n_features": 1, "covariance": "tied", "scales": mx.HalfNormal([1, 2])},
            ValueError,
            "one scale when tied",
        ),
    ],
)
def test_errors(arguments, error, says):
    with pytest.raises(error, match=says):
        mx.GaussianMixture(**arguments)


def test_simulate_from_given_parameters():
    params = {"weights": [0.2, 0.3, 0.5], "means": [0, 10, 20], "scales": [1, 2, 3]}
    made = mx.GaussianMixture(n_components=3).simulate(20_000, seed=0, params=params)
    assert stats.chisquare(np.bincount(made.labels), np.array([0.2, 0.3, 0.5]) * 20_000).pvalue > 0.001
    for j in range(3):
        own = made.x[made.labels == j]
        assert stats.kstest(own, stats.norm(params["means"][j], params["scales"][j]).cdf).pvalue > 0.001
    by_variance = params | {"variances": [1, 4, 9]}
    del by_variance["scales"]
    again = mx.GaussianMixture(n_components=3).simulate(20_000, seed=0, params=by_variance)
    np.testing.assert_array_equal(again.x, made.x)


def test_simulate_from_the_prior():
    one, other = FULL.simulate(5, seed=1), FULL.simulate(5, seed=2)
    assert one.params.weights.sum() == pytest.approx(1)
    assert (one.params.means != other.params.means).all()
    np.testing.assert_array_equal(one.x, FULL.simulate(5, seed=1).x)


@pytest.mark.parametrize(
    ("model", "arguments", "says"),
    [
        (FULL, {"n": 0}, "whole number of at least 1"),
        (FULL, {"n": 2.5}, "whole number of at least 1"),
        (mx.GaussianMixture(n_components=2), {"n": 3}, "follow the data"),
        (FULL, {"n": 3, "params": {"weights": 1, "means": 0}}, r"missing \['scales'\]"),
        (FULL, {"n": 3, "params": {"weights": [0.5, 0.5], "means": 0, "scales": 1}}, "shape"),
        (FULL, {"n": 3, "params": {"weights": 0.5, "means": 0, "scales": 1}}, "sum to 1"),
        (FULL, {"n": 3, "params": {"weights": 1 / 3, "means": 0, "scales": -1}}, "must be positive"),
        (FULL, {"n": 3, "params": {"weights": 1 / 3, "means": np.nan, "scales": 1}}, "finite"),
        (FULL, {"n": 3, "params": {"weights": 1 / 3, "means": 0, "scales": np.inf}}, "finite"),
    ],
)
def test_simulate_refuses(model, arguments, says):
    with pytest.raises(ValueError, match=says):
        model.simulate(**arguments)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"algorithm": "stan"}, ValueError, "one of auto, nuts, hmc, gibbs, metropolis; got 'stan'"),
        ({"draws": 0}, ValueError, "draws is a whole number of at least 1; got 0"),
        ({"draws": 10.5}, TypeError, "draws is a whole number"),
        ({"warmup": -1}, ValueError, "warmup is a whole number of at least 0"),
        ({"chains": True}, TypeError, "chains is a whole number"),
        ({"seed": -1}, ValueError, "seed"),
        ({"weights": [1.5, 1, 1, 1], "algorithm": "gibbs"}, ValueError, r"whole-number weights; weights\[0\] is 1.5"),
        ({"weights": [0, 1, 1, 1]}, ValueError, "weights must be positive"),
        ({"weights": [1, 1, 1]}, ValueError, "3 values for 4 points"),
    ],
)
def test_sample_refuses(arguments, error, says):
    with pytest.raises(error, match=says):
        mx.GaussianMixture(n_components=2).sample([1.0, 2.0, 4.0, 9.0], **arguments)


def test_nothing_to_sample():
    model = mx.GaussianMixture(n_components=1, means=mx.Fixed(0), scales=mx.Fixed(1), weights=mx.Fixed(1))
    with pytest.raises(ValueError, match="nothing to sample"):
        model.sample([1.0, 2.0])


@pytest.mark.parametrize("algorithm", ["nuts", "hmc", "gibbs", "metropolis"])
@pytest.mark.parametrize("options", [{"draws": 1, "warmup": 0, "chains": 1}, {"draws": 3, "warmup": 1, "chains": 2}])
def test_the_shortest_fits_run(algorithm, options):
    fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), algorithm=algorithm, seed=0, **options)
    assert np.isfinite(fit.posterior["mean"]).all()
    assert "mean[0]" in repr(fit)


@pytest.mark.parametrize("algorithm", ["nuts", "hmc", "gibbs", "metropolis"])
@pytest.mark.parametrize(
    ("k", "x"),
    [
        (2, np.concatenate([np.random.default_rng(0).normal(0, 1, 995), np.zeros(5)])),
        (2, np.array([0.0, 1e9])),
        (20, mx.datasets.galaxies()),
        (3, np.array([1.0, 2.0, 3.0])),
        (2, np.array([1e-300, 2e-300, 5e-300]) * 1e160),
    ],
    ids=["ties", "far apart", "many", "as many as points", "minute"],
)
def test_hard_data_run_and_stay_finite(algorithm, k, x):
    fit = mx.GaussianMixture(n_components=k).sample(x, draws=100, warmup=200, chains=2, algorithm=algorithm, seed=0)
    for name, values in fit.posterior.data_vars.items():
        assert np.isfinite(values).all(), name
    assert np.isfinite(fit.sample_stats["lp"]).all()
    assert np.isfinite(fit.predict_proba()).all()
