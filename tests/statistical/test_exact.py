"""Every algorithm against the exact posterior of a few points, by enumeration of all allocations."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import mixtura as mx
from mixtura.testing import exact_posterior

ALGORITHMS = ("nuts", "hmc", "gibbs", "metropolis")
DRAWS = 5000
SIX = np.array([8.0, 11.5, 14.9, 20.5, 27.2, 36.0])
algorithms = pytest.mark.parametrize("algorithm", ALGORITHMS)


def agree(row, mean, sd):
    """A row of a summary against the truth; MCSE plus a little, for quantities that hardly move."""
    assert abs(row["mean"] - mean) < 4 * row["mcse_mean"] + 1e-6
    assert abs(row["sd"] - sd) < 4 * row["mcse_sd"] + 1e-6


@algorithms
@pytest.mark.parametrize(
    "model",
    [
        mx.GaussianMixture(
            n_components=3, means=mx.Fixed([10, 20, 35]), scales=mx.Fixed([3, 4, 5]), weights=mx.Dirichlet(1)
        ),
        mx.GaussianMixture(
            n_components=3, covariance="tied", means=mx.Fixed([10, 20, 35]), variances=mx.Fixed(9),
            weights=mx.Dirichlet([0.5, 2, 3]),
        ),
    ],
    ids=["book", "tied"],
)  # fmt: skip
def test_known_components(model, algorithm):
    exact = exact_posterior(model, SIX)
    fit = model.sample(SIX, algorithm=algorithm, draws=DRAWS, seed=1)
    table = fit.summary()
    for j in range(3):
        agree(table.loc[f"weight[{j}]"], exact.weight_mean[j], exact.weight_sd[j])
    shares = membership_draws(fit)
    mcse = np.array([[spread_of_mean(shares[..., i, j]) for j in range(3)] for i in range(6)])
    assert (np.abs(fit.predict_proba() - exact.membership) < 4 * mcse + 1e-6).all()


@algorithms
@pytest.mark.parametrize("means", [mx.Normal([10, 30], [4, 6]), mx.Normal(20, 8)], ids=["named", "exchangeable"])
def test_unknown_means(means, algorithm):
    model = mx.GaussianMixture(n_components=2, means=means, scales=mx.Fixed(5), weights=mx.Dirichlet(2))
    exact, fit = exact_posterior(model, SIX), model.sample(SIX, algorithm=algorithm, draws=DRAWS, seed=1)
    if not model.exchangeable:
        table = fit.summary()
        for j in range(2):
            agree(table.loc[f"weight[{j}]"], exact.weight_mean[j], exact.weight_sd[j])
            agree(table.loc[f"mean[{j}]"], exact.mean_mean[j], exact.mean_sd[j])
        return
    for values, mean, sd in (
        (fit.posterior["mean"], exact.mean_mean[0], exact.mean_sd[0]),
        (fit.posterior["weight"], exact.weight_mean[0], exact.weight_sd[0]),
    ):  # labels carry no meaning: what every component's marginal has in common
        pooled = values.to_numpy()
        assert abs(pooled.mean() - mean) < 4 * spread_of_mean(pooled.mean(-1)) + 1e-9
        second = spread_of_mean((pooled**2).mean(-1))
        assert abs((pooled**2).mean() - mean**2 - sd**2) < 4 * second


SCALES = (mx.HalfNormal(8), mx.HalfCauchy(5), mx.Gamma(2, 0.4), mx.LogNormal(1.5, 0.5), mx.Uniform(1, 12))


@algorithms
@pytest.mark.parametrize("scales", [*SCALES, mx.InverseGamma(3, 60)], ids=repr)
def test_unknown_tied_scale(scales, algorithm):
    """One scale unknown: the posterior is a one-dimensional integral of enumerations."""
    block = {"variances": scales} if isinstance(scales, mx.InverseGamma) else {"scales": scales}
    model = mx.GaussianMixture(
        n_components=2, covariance="tied", means=mx.Normal([10, 30], [4, 6]), weights=mx.Dirichlet(2), **block
    )
    grid = np.linspace(0.3, 40, 400) if not isinstance(scales, mx.Uniform) else np.linspace(1, 12, 400)[1:-1]
    known = [
        exact_posterior(
            mx.GaussianMixture(n_components=2, means=model.means, scales=mx.Fixed(s), weights=model.weights), SIX
        )
        for s in grid
    ]
    declared = grid**2 if model.variances else grid
    log_mass = scales.logpdf(declared) + (np.log(2 * grid) if model.variances else 0)
    log_mass = log_mass + [exact.log_evidence for exact in known]
    mass = np.exp(log_mass - log_mass.max())
    mass /= mass.sum()

    table = model.sample(SIX, algorithm=algorithm, draws=DRAWS, seed=1).summary()
    for name, first, sd in (
        ("scale", grid, 0 * grid),
        ("mean[0]", *np.array([(e.mean_mean[0], e.mean_sd[0]) for e in known]).T),
        ("weight[1]", *np.array([(e.weight_mean[1], e.weight_sd[1]) for e in known]).T),
    ):
        mean = mass @ first
        agree(table.loc[name], mean, np.sqrt(mass @ (first**2 + sd**2) - mean**2))


def test_algorithms_agree_on_the_book():
    """215 points, known components: too many allocations to enumerate, so the algorithms check each other."""
    model = mx.GaussianMixture(
        n_components=3, means=mx.Fixed([10, 20, 35]), scales=mx.Fixed(2), weights=mx.Dirichlet(1)
    )
    fits = [model.sample(mx.datasets.book(), algorithm=algorithm, seed=1) for algorithm in ALGORITHMS]
    for other in fits[1:]:
        for j in range(3):
            a, b = (fit.summary().loc[f"weight[{j}]"] for fit in (fits[0], other))
            assert abs(a["mean"] - b["mean"]) < 4 * np.hypot(a["mcse_mean"], b["mcse_mean"])
            assert abs(a["sd"] - b["sd"]) < 4 * np.hypot(a["mcse_sd"], b["mcse_sd"])
        np.testing.assert_allclose(fits[0].predict_proba(), other.predict_proba(), atol=2e-3)


def membership_draws(fit):
    """Each point's membership under each draw, (c, s, n, k), by the definition."""
    params = fit.params()
    density = params.weights[:, :, None] * stats.norm.pdf(
        fit.x[:, None], params.means[:, :, None], params.scales[:, :, None]
    )
    return density / density.sum(-1, keepdims=True)


def spread_of_mean(draws):
    """Monte Carlo standard error of the mean of draws (c, s)."""
    from arviz_stats.base import array_stats

    return float(array_stats.mcse(draws, method="mean", chain_axis=0, draw_axis=1))
