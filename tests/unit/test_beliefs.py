"""What a declaration for rows says in numbers: defaults, units, prior densities and draws, against scipy."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

import mixtura as mx
from mixtura.line.beliefs import reduced
from mixtura.rows import beliefs
from mixtura.rows.records import Params

RNG = np.random.default_rng(0)
X = RNG.normal(size=(31, 3)) * [1, 2, 5] + [0, 3, -4]
SCALE = [[2.0, 0.5, -0.3], [0.5, 3.0, 0.2], [-0.3, 0.2, 9.0]]
GAUSS = {"means": mx.Normal([0, 3, -4], [[1, 2, 5], [2, 2, 2]]), "weights": mx.Dirichlet([1, 2])}
WISHARTS = {
    "full": mx.GaussianMixture(n_components=2, covariances=mx.InverseWishart(4.5, SCALE), **GAUSS),
    "full, scale unknown": mx.GaussianMixture(
        n_components=2, covariances=mx.InverseWishart(4.5, mx.Wishart(5, SCALE)), **GAUSS
    ),
    "tied": mx.GaussianMixture(n_components=2, covariance="tied", covariances=mx.InverseWishart(4.5, SCALE), **GAUSS),
    "tied, scale unknown": mx.GaussianMixture(
        n_components=2, covariance="tied", covariances=mx.InverseWishart(4.5, mx.Wishart(5, SCALE)), **GAUSS
    ),
}
OTHERS = {
    "separation": mx.GaussianMixture(
        n_components=2, scales=mx.HalfNormal([1, 2, 5]), correlations=mx.LKJ(2.5), **GAUSS
    ),
    "separation, tied": mx.GaussianMixture(
        n_components=2, covariance="tied", scales=mx.HalfNormal([1, 2, 5]), correlations=mx.LKJ(2.5), **GAUSS
    ),
    "diagonal": mx.GaussianMixture(
        n_components=2, covariance="diagonal", scales=mx.HalfNormal([[1, 2, 5], [2, 2, 2]]), **GAUSS
    ),
    "diagonal, rates unknown": mx.GaussianMixture(
        n_components=2, covariance="diagonal", variances=mx.InverseGamma([2, 3, 4], mx.Gamma(2, [1, 2, 3])), **GAUSS
    ),
    "spherical": mx.GaussianMixture(n_components=2, covariance="spherical", scales=mx.HalfNormal([1, 2]), **GAUSS),
    "spherical, rate unknown": mx.GaussianMixture(
        n_components=2, covariance="spherical", variances=mx.InverseGamma([2, 3], mx.Gamma(2, 1)), **GAUSS
    ),
}
MODELS = WISHARTS | OTHERS
every = pytest.mark.parametrize("name", MODELS)


def log_prior(model, params):
    """The definition, component by component and feature by feature."""
    own = slice(1) if model.covariance == "tied" else slice(None)
    total = stats.dirichlet([1, 2]).logpdf(params.weights)
    total += stats.norm(model.means.mu, model.means.sigma).logpdf(params.means).sum()
    if model.covariances is not None:
        scale = SCALE if model.rate is None else params.rate
        total += sum(stats.invwishart(4.5, scale).logpdf(c) for c in params.covariances[own])
        return total + (stats.wishart(5, SCALE).logpdf(params.rate) if model.rate else 0)
    scales, rate = params.scales[own], np.diag(params.rate)
    if model.covariance == "spherical":
        scales, rate = scales[:, 0], rate[0]
    if model.rate is not None:
        total += stats.gamma(2, scale=1 / np.array(model.rate.beta)).logpdf(rate).sum()
        return total + stats.invgamma(model.variances.alpha, scale=rate).logpdf(scales**2).sum()
    total += stats.halfnorm(scale=model.scales.sigma).logpdf(scales).sum()
    if model.correlations is not None:
        for covariance in params.covariances[own]:
            spread = np.sqrt(np.diag(covariance))
            total += model.correlations.logpdf(covariance / spread / spread[:, None])
    return total


@every
def test_log_density_is_scipys(name):
    model = MODELS[name]
    for seed in range(3):
        params = model.draw_prior(np.random.default_rng(seed))
        parts = [stats.multivariate_normal(m, c) for m, c in zip(params.means, params.covariances, strict=True)]
        terms = np.log(params.weights) + np.stack([part.logpdf(X) for part in parts], axis=1)
        loglik = np.logaddexp.reduce(terms, axis=1)
        prior = log_prior(model, params)
        assert model.logprior(params) == pytest.approx(prior, rel=1e-10)
        assert model.logdensity(X, params) == pytest.approx(prior + loglik.sum(), rel=1e-10)
        weights = np.arange(1.0, 32)
        assert model.logdensity(X, params, weights) == pytest.approx(prior + weights @ loglik, rel=1e-10)


@every
def test_log_prior_of_many_draws_at_once(name):
    model, rng = MODELS[name], np.random.default_rng(1)
    draws = [model.draw_prior(rng) for _ in range(6)]
    stacked = Params(*(np.reshape(blocks, (2, 3, *blocks[0].shape)) for blocks in zip(*draws, strict=True)))
    found = beliefs.logprior(model, stacked)
    assert found.shape == (2, 3)
    np.testing.assert_allclose(found.ravel(), [model.logprior(draw) for draw in draws], rtol=1e-12)


@every
def test_units_move_the_density_by_a_constant(name):
    """The Jacobian of all parameters is the same everywhere, and is that of means and scales or covariances."""
    model, rng = MODELS[name], np.random.default_rng(2)
    scale = np.full(3, 0.25) if model.covariance == "spherical" else np.array([0.5, 4.0, 3.0])
    shift = np.array([1.0, -2.0, 0.5])
    there = model.in_units(shift, scale)
    own = 1 if model.covariance == "tied" else 2
    logs = np.log(scale).sum()
    if model.covariances is not None:  # each entry of a lower triangle by two scales: d + 1 times each
        spread = 4 * logs * (own + (model.rate is not None))
    elif model.covariance == "spherical":
        spread = logs / 3 * (own if model.rate is None else 2 * own + 2)
    else:
        spread = logs * (own if model.rate is None else 2 * own + 2)
    for _ in range(3):
        params = model.draw_prior(rng)
        factors = params.factors / scale[:, None]
        rate = params.rate / scale[:, None] / scale
        moved = Params(params.weights, (params.means - shift) / scale, factors, rate)
        assert there.logprior(moved) - model.logprior(params) == pytest.approx(2 * logs + spread, rel=1e-9)


@every
def test_declarations_survive_writing_and_units(name):
    model = MODELS[name]
    assert model.n_features == 3
    assert mx.GaussianMixture.from_dict(json.loads(json.dumps(model.to_dict()))) == model
    assert eval(repr(model), vars(mx) | {name: getattr(mx, name) for name in mx.__all__}) == model
    assert model.with_defaults(X).with_defaults(X) == model.with_defaults(X)
    back = model.in_units(1.0, 0.25).in_units(-4.0, 4.0)
    params = model.draw_prior(np.random.default_rng(0))
    assert back.logprior(params) == pytest.approx(model.logprior(params), rel=1e-12)


@every
def test_draws_have_their_structure(name):
    model, rng = MODELS[name], np.random.default_rng(3)
    params = model.draw_prior(rng)
    assert (params.means.shape, params.factors.shape, params.rate.shape) == ((2, 3), (2, 3, 3), (3, 3))
    checked = beliefs.checked_params(params, model)
    np.testing.assert_allclose(checked.covariances, params.covariances, rtol=1e-9, atol=1e-12)
    assert np.isfinite(params.rate).all() == (model.rate is not None)
    if model.covariance == "tied":
        np.testing.assert_array_equal(params.factors[0], params.factors[1])


def within(sample, wanted, errors=4.5):
    """Means of a sample within so many standard errors."""
    sample = np.asarray(sample)
    z = (sample.mean(0) - wanted) / (sample.std(0) / math.sqrt(len(sample)) + 1e-12)
    assert np.abs(z).max() < errors


def test_prior_draws_have_the_moments_declared():
    rng = np.random.default_rng(4)
    model = MODELS["full, scale unknown"]
    wide = mx.GaussianMixture(n_components=2, covariances=mx.InverseWishart(9, mx.Wishart(5, SCALE)), **GAUSS)
    draws = [wide.draw_prior(rng) for _ in range(4000)]
    within([draw.rate for draw in draws], 5 * np.array(SCALE))
    within([draw.covariances for draw in draws], np.array([SCALE, SCALE]) * 5 / (9 - 4))
    within([draw.means for draw in draws], [[0, 3, -4], [0, 3, -4]])
    within([draw.weights[0] for draw in draws], 1 / 3)
    assert model.rate == wide.rate
    separate = MODELS["separation"]
    draws = [separate.draw_prior(rng) for _ in range(4000)]
    within([draw.scales for draw in draws], np.sqrt(2 / math.pi) * np.array([[1, 2, 5], [1, 2, 5]]))
    within([draw.covariances[:, 0, 1] for draw in draws], [0, 0])
    diagonal = MODELS["diagonal, rates unknown"]
    draws = [diagonal.draw_prior(rng) for _ in range(4000)]
    within([np.diag(draw.rate) for draw in draws], 2 / np.array([1, 2, 3]))
    within([np.diag(draw.rate) / draw.scales**2 for draw in draws], np.array([[2, 3, 4], [2, 3, 4]]))
    spherical = MODELS["spherical, rate unknown"]
    draws = [spherical.draw_prior(rng) for _ in range(4000)]
    within([draw.rate[0, 0] / draw.scales**2 for draw in draws], np.array([[2, 2, 2], [3, 3, 3]]))


def test_simulated_rows_follow_their_components():
    params = {"weights": [0.2, 0.8], "means": [[0, 0, 0], [9, 9, 9]], "covariances": [SCALE, np.eye(3)]}
    made = mx.GaussianMixture(n_components=2).simulate(20_000, seed=5, params=params)
    assert made.x.shape == (20_000, 3)
    assert stats.chisquare(np.bincount(made.labels), [4000, 16_000]).pvalue > 1e-3
    own = made.x[made.labels == 0]
    within(own, 0)
    within(own[:, :, None] * own[:, None], SCALE)
    np.testing.assert_array_equal(made.x, mx.GaussianMixture(n_components=2).simulate(20_000, 5, params).x)
    assert MODELS["tied"].simulate(4, seed=1).x.shape == (4, 3)


def test_defaults_are_those_of_fruehwirth_schnatter_and_malsiner_walli():
    spans, d = np.ptp(X, axis=0), 3
    model = mx.GaussianMixture(n_components=2).with_defaults(X)
    np.testing.assert_allclose(model.means.mu, [np.median(X, axis=0)])  # nested: of features, whatever k is
    np.testing.assert_allclose(model.means.sigma, [spans])
    c, g = 2.5 + (d - 1) / 2, 0.5 + (d - 1) / 2
    assert (model.covariances.df, model.rate.df) == (2 * c, 2 * g)
    # their precisions are Wishart(c, C) with density exp(-tr(precision C)), and C is Wishart(g, 100 g/c diag(1/R**2))
    np.testing.assert_allclose(np.array(model.rate.scale) / 2, np.linalg.inv(2 * 100 * g / c * np.diag(1 / spans**2)))
    diagonal = mx.GaussianMixture(n_components=2, covariance="diagonal").with_defaults(X)
    np.testing.assert_allclose(diagonal.rate.beta, 10 / spans**2)
    spherical = mx.GaussianMixture(n_components=2, covariance="spherical").with_defaults(X)
    assert spherical.rate.beta == pytest.approx(10 / (spans**2).mean())
    assert mx.GaussianMixture(n_components=2, scales=mx.HalfNormal(1)).with_defaults(X).correlations == mx.LKJ(1)
    assert all(m.exchangeable for m in (model, diagonal, spherical))


def test_defaults_see_a_weighted_row_as_often_as_it_says():
    for x, times in ((X, np.random.default_rng(6).integers(1, 5, 31)), (X[:4], np.array([1, 2, 2, 1]))):
        one = mx.GaussianMixture(n_components=2).with_defaults(x, times.astype(float))
        assert one == mx.GaussianMixture(n_components=2).with_defaults(np.repeat(x, times, axis=0))


def test_exchangeable_rows():
    model = mx.GaussianMixture(n_components=3, n_features=3, means=mx.Normal([1, 2, 3], 1))
    assert model.exchangeable
    assert not mx.GaussianMixture(n_components=3, means=mx.Normal([1, 2, 3], 1)).exchangeable
    assert not mx.GaussianMixture(n_components=3, n_features=3, means=mx.Normal([[1], [2], [3]], 1)).exchangeable
    tied = mx.GaussianMixture(n_components=2, covariance="tied", scales=mx.HalfNormal([1, 2, 3]))
    assert tied.exchangeable
    assert not MODELS["spherical"].exchangeable


COLUMN = X[:, 0]


@pytest.mark.parametrize(
    ("declared", "known"),
    [
        ({"covariance": "diagonal"}, {}),
        ({"covariance": "spherical", "scales": mx.HalfNormal([1, 2])}, {"scales": mx.HalfNormal([1, 2])}),
        ({"covariances": mx.InverseWishart(3, [[4]])}, {"variances": mx.InverseGamma(1.5, 2)}),
        (
            {"covariances": mx.InverseWishart(3, mx.Wishart(5, 4)), "covariance": "tied"},
            {"variances": mx.InverseGamma(1.5, mx.Gamma(2.5, 0.25)), "covariance": "tied"},
        ),
        ({"means": mx.MvNormal([2], [[9]])}, {"means": mx.Normal(2, 3)}),
        ({"means": mx.Normal([[2], [3]], 1)}, {"means": mx.Normal([2, 3], [1, 1])}),
        ({"covariances": mx.Fixed([[[4]], [[9]]])}, {"variances": mx.Fixed([4, 9])}),
        ({"scales": mx.HalfNormal(2), "correlations": mx.LKJ(3)}, {"scales": mx.HalfNormal(2)}),
    ],
)
def test_one_column_reduces_to_what_exists(declared, known):
    model = mx.GaussianMixture(n_components=2, n_features=1, **declared)
    plain = mx.GaussianMixture(n_components=2, n_features=1, **known)
    assert model.with_defaults(COLUMN) == plain.with_defaults(COLUMN)
    assert model.with_defaults(COLUMN[:, None]) == plain.with_defaults(COLUMN)
    assert reduced(plain) == plain


def test_wishart_of_one_feature_has_the_density_it_reduces_to():
    model = mx.GaussianMixture(n_components=2, covariances=mx.InverseWishart(3, mx.Wishart(5, 4)))
    full = model.with_defaults(COLUMN)
    v, s = 1.7, 2.3  # variance, and scale of the inverse Wishart: twice the rate
    wanted = stats.invwishart(3, s).logpdf(v) + stats.wishart(5, 4).logpdf(s) + math.log(2)
    found = full.rate.logpdf(s / 2) + mx.InverseGamma(full.variances.alpha, s / 2).logpdf(v)
    assert found[0] == pytest.approx(wanted, rel=1e-10)


@pytest.mark.parametrize(
    ("arguments", "error", "says"),
    [
        ({"n_features": 0}, ValueError, "n_features is a whole number of at least 1; got 0"),
        ({"n_features": 2.5}, TypeError, "n_features is a whole number"),
        ({"covariance": "diag"}, ValueError, "one of full, tied, diagonal, spherical; got 'diag'"),
        (
            {"n_features": 3, "means": mx.StudentT(3)},
            ValueError,
            "for one column; for n_features=3 give Normal, Mv",
        ),
        ({"n_features": 3, "variances": mx.Fixed(1)}, ValueError, r"'diagonal' or 'spherical'.*InverseWishart\(df"),
        ({"covariance": "diagonal", "correlations": mx.LKJ(1)}, ValueError, "belong to covariance='full' or 'tied'"),
        (
            {"covariance": "spherical", "covariances": mx.InverseWishart(4, SCALE)},
            ValueError,
            "covariances belong to covariance='full' or 'tied', not to 'spherical'",
        ),
        ({"correlations": mx.LKJ(1)}, ValueError, "go with scales="),
        ({"covariances": mx.Wishart(4, SCALE)}, TypeError, "one of InverseWishart, Fixed"),
        (
            {"covariances": mx.InverseWishart(4, SCALE), "scales": mx.HalfNormal(1)},
            ValueError,
            "scales and covariances are 2 names for one block",
        ),
        (
            {"n_features": 2, "covariances": mx.InverseWishart(4, SCALE)},
            ValueError,
            "is of 3 features, but there are 2",
        ),
        (
            {"means": mx.Normal([1, 2, 3, 4], 1), "covariances": mx.InverseWishart(4, SCALE)},
            ValueError,
            "speaks of 4 features but covariances=.* speaks of 3 features",
        ),
        (
            {"n_features": 3, "means": mx.Normal([1, 2], 1)},
            ValueError,
            r"shape \(2,\), which does not broadcast to \(components, features\) = \(2, 3\)",
        ),
        (
            {"n_features": 3, "covariance": "tied", "scales": mx.HalfNormal([[1], [2]])},
            ValueError,
            r"does not broadcast to \(features,\) = \(3,\)",
        ),
        (
            {"n_features": 3, "covariance": "spherical", "scales": mx.HalfNormal([1, 2, 3])},
            ValueError,
            r"does not broadcast to \(components,\) = \(2,\)",
        ),
        (
            {"n_features": 3, "covariance": "spherical", "variances": mx.InverseGamma(2, mx.Gamma(1, [1, 2, 3]))},
            ValueError,
            "has one rate in all",
        ),
        ({"n_features": 3, "covariances": mx.Fixed(SCALE)}, ValueError, r"shape \(3, 3\), but .* need \(2, 3, 3\)"),
        ({"covariance": "tied", "covariances": mx.Fixed(-np.eye(3))}, ValueError, "must be positive definite"),
        (
            {"n_features": 1, "variances": mx.InverseGamma(2, mx.Gamma(1, [1, 2]))},
            ValueError,
            "one column has one rate",
        ),
    ],
)
def test_errors(arguments, error, says):
    with pytest.raises(error, match=says):
        mx.GaussianMixture(n_components=2, **arguments)


@pytest.mark.parametrize(
    ("model", "x", "says"),
    [
        (MODELS["full"], COLUMN, "x has 1 column, but n_features=3, given or read off"),
        (MODELS["full"], X[:, :2], "x has 2 columns, but n_features=3"),
        (mx.GaussianMixture(n_components=2, means=mx.Normal([1, 2, 3], 1)), COLUMN, "a number or 2, one per component"),
        (mx.GaussianMixture(n_components=2), X * [1, 0, 1], "column 1 of x holds one value, 0"),
        (mx.GaussianMixture(n_components=2, means=mx.Uniform(0, 1)), X, "is for one column"),
    ],
)
def test_defaults_refuse(model, x, says):
    with pytest.raises(ValueError, match=says):
        model.with_defaults(x)


def test_what_is_not_known_is_asked_for():
    for unknown in (
        mx.GaussianMixture(n_components=2, covariance="spherical", scales=mx.HalfNormal(1)),
        mx.GaussianMixture(n_components=2, scales=mx.HalfNormal(1), correlations=mx.LKJ(1)),
    ):
        with pytest.raises(ValueError, match="how many features"):
            unknown.simulate(3, seed=0)
    with pytest.raises(ValueError, match="follow the data"):
        mx.GaussianMixture(n_components=2, n_features=3).simulate(3, seed=0)
    with pytest.raises(ValueError, match="only in one scale for all features"):
        MODELS["spherical"].in_units(0.0, np.array([1.0, 2.0, 3.0]))


GIVEN = {"weights": [0.5, 0.5], "means": np.zeros((2, 3))}


@pytest.mark.parametrize(
    ("name", "params", "says"),
    [
        ("full", GIVEN, "params holds weights, means, covariances"),
        ("full", GIVEN | {"covariances": np.eye(3), "colour": 1}, r"unknown \['colour'\]"),
        ("full", {"weights": [0.5, 0.5], "covariances": np.eye(3)}, r"missing \['means'\]"),
        ("full", GIVEN | {"scales": np.ones(3)}, "takes covariances, not scales"),
        ("full", GIVEN | {"covariances": np.eye(2)}, r"shape \(2, 2\); this model needs \(2, 3, 3\)"),
        ("full", GIVEN | {"covariances": np.zeros((3, 3))}, "positive definite; the one of component 0"),
        ("full", GIVEN | {"covariances": np.eye(3) + np.eye(3, k=1)}, "finite and symmetric"),
        ("full", GIVEN | {"covariances": np.eye(3), "weights": [0.5, 0.6]}, "sum to 1"),
        ("full", GIVEN | {"covariances": np.eye(3), "means": np.full((2, 3), np.nan)}, "means must be finite"),
        ("tied", GIVEN | {"covariances": [np.eye(3), 2 * np.eye(3)]}, "not tied"),
        ("diagonal", GIVEN | {"covariances": SCALE}, "not diagonal"),
        ("spherical", GIVEN | {"covariances": np.diag([1.0, 2.0, 3.0])}, "not spherical"),
        ("spherical", GIVEN | {"scales": [1.0, -1.0]}, "positive and finite"),
        ("full, scale unknown", GIVEN | {"covariances": np.eye(3)}, "params needs a positive .definite. rate"),
    ],
)
def test_parameters_refused(name, params, says):
    with pytest.raises(ValueError, match=says):
        MODELS[name].logdensity(X, params)


def test_parameters_as_declared():
    """Scales, variances and covariances are three ways to say the same."""
    model, scales = MODELS["diagonal"], np.array([[1.0, 2.0, 3.0], [2.0, 1.0, 1.0]])
    forms = ({"scales": scales}, {"variances": scales**2}, {"covariances": scales[:, :, None] ** 2 * np.eye(3)})
    found = [model.logdensity(X, GIVEN | form) for form in forms]
    np.testing.assert_allclose(found, found[0], rtol=1e-12)
    rated = MODELS["spherical, rate unknown"]
    forms = ({"rate": 2.0}, {"rate": 2 * np.eye(3)})
    found = [rated.logdensity(X, GIVEN | {"scales": [1.0, 2.0]} | form) for form in forms]
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_priors_as_richardson_and_green_published_them():
    """By name, from any column; the default is these and a floor; rows are refused."""
    x = mx.datasets.galaxies()
    span = x.max() - x.min()
    theirs = mx.richardson_green(list(x))
    assert theirs == {
        "means": mx.Normal((x.min() + x.max()) / 2, span),
        "variances": mx.InverseGamma(2, mx.Gamma(0.2, 10 / span**2)),
        "weights": mx.Dirichlet(1),
    }
    full = mx.GaussianMixture(n_components=3).with_defaults(x)
    assert replace(full, variances=replace(full.variances, floor=0.0)) == mx.GaussianMixture(n_components=3, **theirs)
    with pytest.raises(ValueError, match="takes one column; got 2"):
        mx.richardson_green([[1, 2], [3, 4]])
