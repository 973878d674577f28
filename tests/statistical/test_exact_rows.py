"""Every algorithm for rows against the exact posterior of six points, by enumeration of all 64 allocations."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats

import mixtura as mx
from mixtura.testing import exact_posterior

algorithms = pytest.mark.parametrize("algorithm", ["nuts", "hmc", "gibbs"])
DRAWS = 3000
SIX = np.array([[-1.5, -1.0], [-0.2, -1.4], [0.3, 0.2], [0.9, 1.6], [1.8, 0.4], [-0.6, 0.7]])
BOTH = {"n_components": 2, "n_features": 2, "weights": mx.Dirichlet([2, 1.5])}
CENTRES, APART = {"means": mx.Fixed([[-1, -1], [1, 1]])}, {"means": mx.Normal([[-1, -0.5], [1, 2]], [1, 2])}
TILTED, ROUND = [[1.0, 0.3], [0.3, 1.0]], [[0.5, -0.2], [-0.2, 1.4]]
MODELS = {
    "full covariances": {"covariances": mx.InverseWishart(11, [[4, 1], [1, 3]]), **CENTRES},
    "tied covariance": {"covariance": "tied", "covariances": mx.InverseWishart(9, [[4, 1], [1, 3]]), **CENTRES},
    "diagonal variances": {"covariance": "diagonal", "variances": mx.InverseGamma(5, [[2, 3], [3, 4]]), **CENTRES},
    "spherical variances": {"covariance": "spherical", "variances": mx.InverseGamma([5, 6], 3), **CENTRES},
    "means, full": {"covariances": mx.Fixed([TILTED, ROUND]), "means": mx.MvNormal([0, 0.5], [[1, 0.3], [0.3, 2]])},
    "means, tied": {"covariance": "tied", "covariances": mx.Fixed(TILTED), **APART},
    "means, diagonal": {"covariance": "diagonal", "scales": mx.Fixed([[1, 0.8], [0.7, 0.6]]), **APART},
    "means, spherical": {"covariance": "spherical", "variances": mx.Fixed([1, 0.5]), **APART},
}


def drawn(model, algorithm, x=SIX):
    """Draws by name, (chains, draws, ...)."""
    params = model.sample(x, algorithm=algorithm, draws=DRAWS, seed=1).params()
    blocks = {"weight": params.weights, "mean": params.means, "covariance": params.covariances}
    return blocks | {"membership": membership_draws(x, params)}


def membership_draws(x, params):
    """Each point's membership under each draw, (c, s, n, k), by the definition."""
    apart = np.swapaxes(x[:, None] - params.means[:, :, None], 2, 3)
    squares = np.einsum("cskni,cskij,csknj->csnk", apart, np.linalg.inv(params.covariances), apart)
    density = np.exp(-0.5 * squares) * (params.weights / np.linalg.det(params.factors))[:, :, None]
    return density / density.sum(-1, keepdims=True)


def agree(draws, mean, sd=None):
    """Moments of draws (c, s, ...) within 4 Monte Carlo standard errors of the truth (...)."""
    for values, wanted in [(draws, mean)] + ([] if sd is None else [(draws**2, mean**2 + sd**2)]):
        found = values.reshape(*values.shape[:2], -1)
        errors = array_stats.mcse(found, method="mean", chain_axis=0, draw_axis=1)
        z = np.abs(found.mean((0, 1)) - np.ravel(wanted)) / (errors + 1e-9)
        assert (z < 4).all(), z


@algorithms
@pytest.mark.parametrize("blocks", MODELS.values(), ids=MODELS)
def test_enumerated(blocks, algorithm):
    model = mx.GaussianMixture(**BOTH, **blocks)
    exact, found = exact_posterior(model, SIX), drawn(model, algorithm)
    agree(found["weight"], exact.weight_mean, exact.weight_sd)
    agree(found["mean"], exact.mean_mean, exact.mean_sd)
    agree(found["covariance"], exact.covariance_mean, exact.covariance_sd)
    agree(found["membership"], exact.membership)


@algorithms
def test_fewer_points_than_features(algorithm):
    x = np.random.default_rng(3).normal(0, 1, (3, 4))
    centres, scale = mx.Fixed([[-1] * 4, [1] * 4]), 4 * np.eye(4) + 1
    model = mx.GaussianMixture(n_components=2, means=centres, covariances=mx.InverseWishart(15, scale))
    exact, found = exact_posterior(model.with_defaults(x), x), drawn(model, algorithm, x)
    agree(found["weight"], exact.weight_mean, exact.weight_sd)
    agree(found["covariance"], exact.covariance_mean, exact.covariance_sd)


@algorithms
def test_labels_are_exchanged_as_often_as_the_priors_say(algorithm):
    """Two clusters far apart, and priors that prefer one labelling to the other by e to 1: chains visit both."""
    x, slight = SIX * 0.2 + np.sign(SIX.sum(1))[:, None] * 4, 0.125 * np.array([[-1], [1]])
    model = mx.GaussianMixture(
        **BOTH, covariance="tied", covariances=mx.Fixed([[0.5, 0.1], [0.1, 0.5]]), means=mx.Normal(slight, 2)
    )
    exact, found = exact_posterior(model, x), drawn(model, algorithm, x)
    assert 0.3 < abs(exact.mean_mean[0, 0]) < 3.5  # of about 4 in either labelling
    agree(found["weight"], exact.weight_mean, exact.weight_sd)
    agree(found["mean"], exact.mean_mean, exact.mean_sd)


def averaged(models, log_prior):
    """Means and sds over an even grid of a number that is unknown, given the model at each and its log density."""
    known = [exact_posterior(model, SIX) for model in models]
    log_mass = log_prior + [exact.log_evidence for exact in known]
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()
    for name in ("weight", "mean", "covariance"):
        first, sd = (np.array([getattr(exact, f"{name}_{moment}") for exact in known]) for moment in ("mean", "sd"))
        mean = np.tensordot(mass, first, 1)
        yield name, mean, np.sqrt(np.maximum(np.tensordot(mass, first**2 + sd**2, 1) - mean**2, 0))


@algorithms
def test_unknown_rate(algorithm):
    """One rate for both variances: a one-dimensional integral of enumerations."""
    round_ones = {**BOTH, **CENTRES, "covariance": "spherical"}
    rates = np.linspace(0, 12, 242)[1:-1]
    known = (mx.GaussianMixture(**round_ones, variances=mx.InverseGamma(5, rate)) for rate in rates)
    model = mx.GaussianMixture(**round_ones, variances=mx.InverseGamma(5, mx.Gamma(3, 1)))
    found = drawn(model, algorithm)
    for name, mean, sd in averaged(known, mx.Gamma(3, 1).logpdf(rates)):
        agree(found[name], mean, sd)


@algorithms
def test_unknown_correlation(algorithm):
    """One correlation, of density (1 - r**2)**(eta - 1): another such integral."""
    tied, r = {**BOTH, **APART, "covariance": "tied"}, np.linspace(-1, 1, 202)[1:-1]
    known = (mx.GaussianMixture(**tied, covariances=mx.Fixed([[1, 0.8 * c], [0.8 * c, 0.64]])) for c in r)
    model = mx.GaussianMixture(**tied, scales=mx.Fixed([1, 0.8]), correlations=mx.LKJ(1.7))
    found = drawn(model, algorithm)
    for name, mean, sd in averaged(known, 0.7 * np.log1p(-(r**2))):
        agree(found[name], mean, sd)
