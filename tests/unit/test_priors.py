"""Every prior against scipy.stats: density, draws, units, errors."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from scipy import stats

import mixtura as mx
from mixtura import priors
from mixtura.testing import exact_posterior

PAIRS = [
    (mx.Normal(1.5, 2), stats.norm(1.5, 2)),
    (mx.StudentT(3, 1, 2), stats.t(3, 1, 2)),
    (mx.Uniform(-1, 4), stats.uniform(-1, 5)),
    (mx.HalfNormal(2), stats.halfnorm(scale=2)),
    (mx.HalfCauchy(3), stats.halfcauchy(scale=3)),
    (mx.HalfStudentT(4, 2), stats.foldnorm),  # replaced below: scipy has no half Student t
    (mx.Exponential(0.4), stats.expon(scale=2.5)),
    (mx.Gamma(2.5, 0.7), stats.gamma(2.5, scale=1 / 0.7)),
    (mx.Gamma(0.2, 3), stats.gamma(0.2, scale=1 / 3)),
    (mx.InverseGamma(2.5, 0.7), stats.invgamma(2.5, scale=0.7)),
    (mx.LogNormal(0.3, 0.8), stats.lognorm(0.8, scale=math.exp(0.3))),
]


class HalfT:
    """Half Student t from the whole one."""

    whole = stats.t(4, 0, 2)

    def logpdf(self, x):
        return np.where(x > 0, math.log(2) + self.whole.logpdf(x), -np.inf)

    def cdf(self, x):
        return 2 * self.whole.cdf(x) - 1


PAIRS[5] = (PAIRS[5][0], HalfT())
pairs = pytest.mark.parametrize(("prior", "known"), PAIRS, ids=[repr(prior) for prior, _ in PAIRS])


@pairs
def test_density(prior, known):
    x = np.array([-3.0, -0.5, 0.01, 0.5, 1.0, 3.9, 20.0])
    np.testing.assert_allclose(prior.logpdf(x), known.logpdf(x), rtol=1e-12)


@pairs
def test_draws(prior, known):
    sample = prior.draw(np.random.default_rng(1), 5000)
    assert sample.shape == (5000,)
    assert stats.kstest(sample, known.cdf).pvalue > 0.001


@pairs
def test_units(prior, known):
    shift, scale = (3.0 if prior.support[0] == -np.inf else 0.0), 8.0
    x = np.array([0.5, 1.0, 3.5])
    moved = prior.in_units(shift, scale).logpdf((x - shift) / scale)
    np.testing.assert_allclose(moved, prior.logpdf(x) + math.log(scale), rtol=1e-12)


@pairs
def test_vectors_speak_of_one_component_each(prior, known):
    numbers = [getattr(prior, field.name) for field in fields(prior) if not field.kw_only]
    alike = type(prior)(*([v, v] for v in numbers))
    np.testing.assert_allclose(alike.logpdf(np.array([0.5, 2.0])), prior.logpdf(np.array([0.5, 2.0])), rtol=1e-14)
    assert prior.exchangeable
    assert alike.exchangeable
    assert not type(prior)([numbers[0], numbers[0] - 0.05], *numbers[1:]).exchangeable


def test_dirichlet():
    prior, rng = mx.Dirichlet([0.5, 2, 3]), np.random.default_rng(0)
    weights = np.array([0.1, 0.3, 0.6])
    assert prior.logpdf(weights)[0] == pytest.approx(stats.dirichlet([0.5, 2, 3]).logpdf(weights), rel=1e-13)
    draws = np.array([prior.draw(rng, 3) for _ in range(4000)])
    for column, a in zip(draws.T, (0.5, 2, 3), strict=True):
        assert stats.kstest(column, stats.beta(a, 5.5 - a).cdf).pvalue > 0.001


def test_model_draws_its_prior():
    """Rate, variances given the rate, weights, means: each draw's marginal is what was declared."""
    model = mx.GaussianMixture(
        n_components=2,
        covariance="tied",
        means=mx.Normal([-1, 1], 2),
        variances=mx.InverseGamma(3, mx.Gamma(2, 4)),
        weights=mx.Dirichlet([1, 3]),
    )
    rng = np.random.default_rng(3)
    draws = [model.draw_prior(rng) for _ in range(4000)]
    assert all(draw.scales[0] == draw.scales[1] for draw in draws)
    checks = {
        "rate": ([float(draw.rate) for draw in draws], stats.gamma(2, scale=1 / 4)),
        "variance": ([draw.scales[0] ** 2 / float(draw.rate) for draw in draws], stats.invgamma(3)),
        "mean": ([draw.means[1] for draw in draws], stats.norm(1, 2)),
        "weight": ([draw.weights[0] for draw in draws], stats.beta(1, 3)),
    }
    for name, (values, known) in checks.items():
        assert stats.kstest(values, known.cdf).pvalue > 0.001, name


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: mx.Normal(0, -1), ValueError, r"Normal\(sigma=...\) must be positive; got -1"),
        (lambda: mx.HalfCauchy(0), ValueError, "must be positive"),
        (lambda: mx.Gamma(1, [1, math.nan]), ValueError, "must be finite"),
        (lambda: mx.Normal([1, 2], [1, 2, 3]), ValueError, r"mixes vectors of lengths \[2, 3\]"),
        (lambda: mx.Uniform(2, 2), ValueError, "lower < upper"),
        (lambda: mx.Normal("a", 1), TypeError, "a number or a sequence of numbers"),
        (lambda: mx.Normal(None, 1), TypeError, "a number or a sequence of numbers"),
        (lambda: mx.Normal([[[1, 2]]], 1), ValueError, r"shape \(1, 1, 2\)"),
        (lambda: mx.Dirichlet([[1, 2]]), ValueError, r"one per component; got an array of shape \(1, 2\)"),
        (lambda: mx.Normal([[1, 2]], [1, 2, 3]), ValueError, r"mixes vectors of lengths \[2, 3\]"),
        (lambda: mx.InverseGamma(2, mx.Exponential(1)), TypeError, r"Gamma\(alpha, beta\) with scalars"),
        (lambda: mx.InverseGamma(2, mx.Gamma([[1, 2]], 1)), TypeError, r"Gamma\(alpha, beta\) with scalars"),
    ],
)
def test_errors(make, error, says):
    with pytest.raises(error, match=says):
        make()


def test_power_at_zero_tells_which_scales_may_collapse():
    collapsing = (mx.HalfNormal(1), mx.HalfCauchy(1), mx.HalfStudentT(3, 1), mx.Exponential(1), mx.Uniform(0, 1))
    assert {prior.power_at_zero for prior in collapsing} == {1.0}
    assert mx.Gamma([2.5, 4], 1).power_at_zero == 2.5
    safe = (mx.InverseGamma(2, 1), mx.LogNormal(0, 1), mx.Uniform(0.1, 1), mx.Fixed(1))
    assert {prior.power_at_zero for prior in safe} == {math.inf}


def test_kinds_are_known_to_the_compiled_densities():
    kinds = {type(prior).kind for prior, _ in PAIRS}
    assert kinds | {priors.FIXED, priors.VARIANCE_INVERSE_GAMMA} == set(range(8))


def test_enumeration_against_quadrature():
    """The exact posterior itself, against an integral over the one weight and both means."""
    x = np.array([-1.0, 0.2, 1.5])
    model = mx.GaussianMixture(
        n_components=2, means=mx.Normal([-1, 1], [0.5, 1]), scales=mx.Fixed([0.6, 1.1]), weights=mx.Dirichlet([2, 1])
    )
    nodes, heights = np.polynomial.hermite_e.hermegauss(40)
    heights = heights / heights.sum()
    ends, widths = np.polynomial.legendre.leggauss(40)
    w, m1, m2 = np.meshgrid(0.5 * ends + 0.5, -1 + 0.5 * nodes, 1 + nodes, indexing="ij")
    mass = stats.beta(2, 1).pdf(w) * (0.5 * widths)[:, None, None] * heights[:, None] * heights
    first, second = (stats.norm(m, s).pdf(x[:, None, None, None]) for m, s in ((m1, 0.6), (m2, 1.1)))
    density = w * first + (1 - w) * second
    mass = mass * density.prod(0)
    exact, evidence = exact_posterior(model, x), mass.sum()
    mass = mass / evidence
    assert exact.log_evidence == pytest.approx(math.log(evidence), rel=1e-9)
    assert exact.weight_mean[0] == pytest.approx((mass * w).sum(), rel=1e-9)
    assert exact.mean_mean == pytest.approx([(mass * m1).sum(), (mass * m2).sum()], rel=1e-9)
    assert exact.mean_sd[1] ** 2 == pytest.approx((mass * m2**2).sum() - (mass * m2).sum() ** 2, rel=1e-8)
    assert exact.weight_sd[1] ** 2 == pytest.approx((mass * w**2).sum() - (mass * w).sum() ** 2, rel=1e-8)
    np.testing.assert_allclose(exact.membership[:, 0], (mass * w * first / density).sum((1, 2, 3)), rtol=1e-9)
