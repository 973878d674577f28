"""Every algorithm passes Geweke's test and simulation-based calibration; the same algorithm with a slip does not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms import nuts
from mixtura.algorithms.line import gibbs, metropolis
from mixtura.line.records import Params
from mixtura.line.target import A, B
from mixtura.testing import exact_posterior, geweke, registered, sbc

ALGORITHMS = ("nuts", "hmc", "gibbs", "metropolis")
REJECTED = 0.001  # below this p-value
SURELY = 1e-6  # what a planted bug is wanted to reach
MEANS, SCALES = slice(0, 2), slice(2, 4)  # rows of `Target.priors` for two components

NAMED = mx.GaussianMixture(
    n_components=2, means=mx.Normal([-1, 1], 1), variances=mx.InverseGamma(3, 2), weights=mx.Dirichlet([4, 1.5])
)
MODELS = {
    "named": (NAMED, 12),
    "exchangeable": (
        mx.GaussianMixture(
            n_components=2,
            means=mx.Normal(0, 3),
            variances=mx.InverseGamma(2, mx.Gamma(2, 2)),
            weights=mx.Dirichlet(1),
        ),
        15,
    ),
    "gallery": (
        mx.GaussianMixture(n_components=2, means=mx.Normal(0, 3), scales=mx.HalfNormal(1), weights=mx.Dirichlet(1)),
        12,
    ),
    "book": (
        mx.GaussianMixture(
            n_components=3,
            covariance="tied",
            means=mx.Normal([-2, 0, 2], 0.5),
            scales=mx.HalfCauchy(1),
            weights=mx.Dirichlet(1),
        ),
        15,
    ),
}
MILD = {
    "named": NAMED,
    "rate": mx.GaussianMixture(
        n_components=2,
        covariance="tied",
        means=mx.StudentT(4, 0, 1),
        variances=mx.InverseGamma(3, mx.Gamma(4, 2), floor=1.5),
        weights=mx.Dirichlet(1),
    ),
    "bounded": mx.GaussianMixture(
        n_components=2, means=mx.Uniform(-3, 3), scales=mx.Uniform([0.3, 0.5], 2), weights=mx.Dirichlet([1, 3])
    ),
    "sliced": mx.GaussianMixture(
        n_components=3, means=mx.Normal([-1, 0, 1], 1), scales=mx.Gamma(4, 4), weights=mx.Fixed([0.2, 0.3, 0.5])
    ),
}
algorithms = pytest.mark.parametrize("algorithm", ALGORITHMS)


@pytest.mark.long
@algorithms
@pytest.mark.parametrize("model", MILD.values(), ids=MILD)
def test_geweke(model, algorithm):
    outcome = geweke(model, algorithm, draws=4000, seed=1)
    assert outcome.p_value > REJECTED, dict(zip(outcome.names, outcome.z.round(1), strict=True))


@pytest.mark.long
@algorithms
@pytest.mark.parametrize(("model", "n"), MODELS.values(), ids=MODELS)
def test_calibration(model, n, algorithm):
    outcome = sbc(model, algorithm, n=n, thin=15 if algorithm == "nuts" else 40, seed=1)
    assert outcome.ranks.shape == (300, len(outcome.names))
    assert outcome.p_value > REJECTED, dict(zip(outcome.names, outcome.p_values.round(4), strict=True))


def slipping(method, slip):
    """A method that explores `slip(target)` and believes that it is `target`."""

    def advance(target, *rest):
        method.advance(slip(target), *rest)

    return SimpleNamespace(NAME=f"slipping {method.NAME}", INFO=method.INFO, start=method.start, advance=advance)


def shifted(target, rows, column, by):
    """The target with a number of some priors changed."""
    priors = target.priors.copy()
    priors[rows, column] += by
    return target._replace(priors=priors)


def without_jacobian_of_variances(target):
    """InverseGamma(a, b) has density v**-(a+1) e**(-b/v) dv = v**-a e**(-b/v) d log v; forgetting the v of the
    Jacobian leaves what a + 1 would."""
    return shifted(target, SCALES, A, 1.0)


def without_jacobian_of_weights(target):
    """Dirichlet(a) in log-ratio coordinates has power a of each weight; forgetting the Jacobian leaves a - 1."""
    return target._replace(concentration=target.concentration - 1.0)


def wrong_shape(target):
    """The shape of the variances' conditional one too large: n + 2 degrees of freedom for n."""
    return shifted(target, SCALES, A, 1.0)


def wrong_pull(target):
    """The means drawn towards a place one standard deviation of their prior off."""
    return shifted(target, MEANS, A, target.priors[MEANS, B])


SLIPS = [
    (nuts, without_jacobian_of_variances),
    (nuts, without_jacobian_of_weights),
    (gibbs, wrong_shape),
    (metropolis, wrong_pull),
]
slips = pytest.mark.parametrize(("method", "slip"), SLIPS, ids=lambda part: part.__name__.rpartition(".")[2])


@slips
def test_geweke_rejects_a_slip(method, slip):
    assert geweke(NAMED, slipping(method, slip), draws=4000, seed=1).p_value < SURELY


@pytest.mark.parametrize(("method", "slip"), SLIPS[1:], ids=[method.NAME for method, _ in SLIPS[1:]])
def test_calibration_rejects_a_slip(method, slip):
    assert sbc(NAMED, slipping(method, slip), n=3, thin=20, seed=1).p_value < SURELY


def test_calibration_rejects_a_posterior_too_narrow():
    """A sampler of one's own, as a function: exact but for a spread 30 % too small; then exact."""
    model = mx.GaussianMixture(n_components=1, means=mx.Normal(0, 1), scales=mx.Fixed(1), weights=mx.Fixed(1))

    def sampler(narrowing):
        def draw(model, x, seed):
            exact = exact_posterior(model, x)
            means = np.random.default_rng(seed).normal(exact.mean_mean, narrowing * exact.mean_sd, (15, 1))
            return Params(np.ones((15, 1)), means, np.ones((15, 1)), np.full(15, np.nan))

        return draw

    assert sbc(model, sampler(0.7), n=6).p_value < SURELY
    assert sbc(model, sampler(1.0), n=6).p_value > REJECTED


def test_methods_are_told_apart_by_name():
    with pytest.raises(ValueError, match="already"), registered(SimpleNamespace(NAME="nuts")):
        pass
    with pytest.raises(ValueError, match="one of nuts, hmc, gibbs, metropolis"):
        geweke(NAMED, "stan")
    with pytest.raises(TypeError, match="NAME, INFO, start and advance"):
        geweke(NAMED, 3)
    with registered(slipping(gibbs, lambda target: target)) as name:
        assert NAMED.sample([-1.0, 0.0, 1.0], draws=4, warmup=4, chains=1, algorithm=name).algorithm == name
    with pytest.raises(ValueError, match="algorithm is one of"):
        NAMED.sample([-1.0, 0.0, 1.0], algorithm=name)
