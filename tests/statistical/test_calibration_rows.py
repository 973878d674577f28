"""Every algorithm for rows passes Geweke's test and calibration, under every covariance structure; slips do not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms import hmc, nuts
from mixtura.algorithms.rows import gibbs
from mixtura.line.target import A
from mixtura.rows.target import DF, ETA, GROUPS, INVERSE, RATE_DF
from mixtura.testing import geweke, sbc

REJECTED, SURELY = 0.001, 1e-6
NAMED = {"n_components": 2, "n_features": 2, "means": mx.Normal([[-1, -1], [1, 1]], 1), "weights": mx.Dirichlet([4, 2])}
ALIKE = {"n_components": 2, "means": mx.MvNormal([0, 0], [[2, 0.5], [0.5, 1]]), "weights": mx.Dirichlet(2)}
TILTED = [[2, 0.5], [0.5, 1]]
MODELS = {
    "full": {"covariances": mx.InverseWishart(6, TILTED), **NAMED},
    "full, rate": {"covariances": mx.InverseWishart(7, mx.Wishart(6, [[0.5, 0.1], [0.1, 0.3]]), floor=[2, 1]), **ALIKE},
    "full, apart": {"scales": mx.LogNormal(0, [0.4, 0.6]), "correlations": mx.LKJ(2), **NAMED},
    "tied": {"covariance": "tied", "covariances": mx.InverseWishart(6, mx.Wishart(5, TILTED)), **NAMED},
    "diagonal": {"covariance": "diagonal", "variances": mx.InverseGamma(4, mx.Gamma(5, [2, 3]), floor=[2, 1]), **ALIKE},
    "spherical": {"covariance": "spherical", "variances": mx.InverseGamma(4, mx.Gamma(5, 2), floor=2), **NAMED},
}
SLICED = {
    "tied": {"covariance": "tied", "scales": mx.Gamma(9, [9, 12]), "correlations": mx.LKJ(1), **NAMED},
    "diagonal": {"covariance": "diagonal", "scales": mx.Uniform(0.4, [1.5, 2]), **NAMED},
    "spherical": {"covariance": "spherical", "scales": mx.LogNormal([0, 0.3], 0.4), **NAMED},
}
TOGETHER = {
    "full": MODELS["full, apart"],
    "tied": SLICED["tied"],
    "bounded": {"scales": mx.Uniform(0.4, [1.5, 2]), "correlations": mx.LKJ(2), **NAMED},
}
THIN = {"nuts": 15, "hmc": 30, "gibbs": 40}
CASES = [(name, algorithm) for name in MODELS for algorithm in THIN]
WHOLE = [
    ("full", "nuts"), ("full, rate", "gibbs"), ("full, apart", "gibbs"), ("tied", "hmc"), ("diagonal", "gibbs"),
    ("spherical", "nuts"),
]  # fmt: skip


def passes_geweke(blocks, algorithm):
    outcome = geweke(mx.GaussianMixture(**blocks), algorithm, n=4, draws=1500, seed=1)
    assert outcome.p_value > REJECTED, dict(zip(outcome.names, outcome.z.round(1), strict=True))


@pytest.mark.long
@pytest.mark.parametrize(("name", "algorithm"), CASES)
def test_geweke(name, algorithm):
    passes_geweke(MODELS[name], algorithm)


@pytest.mark.parametrize("blocks", SLICED.values(), ids=SLICED)
def test_geweke_of_slice_steps(blocks):
    passes_geweke(blocks, "gibbs")


def proposing(slip=lambda target: target):
    """Gibbs sampling whose warm-up found that scales and correlations are well proposed together."""

    def start(*arguments):
        chain = gibbs.start(*arguments)
        chain.proposals[:] = 1.0
        return chain

    method = slipping(gibbs, slip)
    method.start = start
    return method


@pytest.mark.long
@pytest.mark.parametrize("blocks", TOGETHER.values(), ids=TOGETHER)
def test_geweke_of_proposals(blocks):
    outcome = geweke(mx.GaussianMixture(**blocks), proposing(), n=60, draws=6000, seed=1)
    assert outcome.p_value > REJECTED, dict(zip(outcome.names, outcome.z.round(1), strict=True))


def test_geweke_rejects_proposals_that_count_wrong():
    slip = proposing(number(ETA, 1.5))
    assert geweke(mx.GaussianMixture(**TOGETHER["tied"]), slip, n=60, draws=6000, seed=1).p_value < SURELY


@pytest.mark.long
@pytest.mark.parametrize(("name", "algorithm"), WHOLE)
def test_calibration(name, algorithm):
    model = mx.GaussianMixture(**MODELS[name])
    outcome = sbc(model, algorithm, n=12, replications=100, draws=9, thin=THIN[algorithm], seed=1)
    assert outcome.ranks.shape == (100, len(outcome.names))
    assert outcome.p_value > REJECTED, dict(zip(outcome.names, outcome.p_values.round(4), strict=True))


def slipping(method, slip):
    """A method that explores `slip(target)` and believes that it is `target`."""

    def advance(target, *rest):
        method.advance(slip(target), *rest)

    return SimpleNamespace(NAME=f"slipping {method.NAME}", INFO=method.INFO, start=method.start, advance=advance)


def number(which, by):
    """A slip: one of the target's numbers is off."""

    def slip(target):
        return target._replace(numbers=tuple(target.numbers + by * (np.arange(4) == which)))

    return slip


def without_jacobian_of_weights(target):
    """Dirichlet(a) in log-ratio coordinates has power a of each weight; forgetting the Jacobian leaves a - 1."""
    return target._replace(concentration=target.concentration - 1.0)


def wrong_shape(target):
    """The shape of the variances' conditional one too large."""
    scales = target.scales.copy()
    scales[: target.at[GROUPS], A] += 1.0
    return target._replace(scales=scales)


def wrong_pull(target):
    """The means drawn towards a place that is off by more than a standard deviation of their prior."""
    return target._replace(centres=target.centres + 1.5)


def blind_to_correlation(target):
    """Off-diagonal entries of the prior's scale matrix forgotten."""
    precisions = target.precisions.copy()
    precisions[INVERSE] *= np.eye(2)
    return target._replace(precisions=precisions)


SLIPS = {
    "jacobian of weights, nuts": ("full", nuts, without_jacobian_of_weights),
    "degrees of freedom, gibbs": ("full", gibbs, number(DF, 2.0)),
    "degrees of freedom of the scale, gibbs": ("full, rate", gibbs, number(RATE_DF, 2.0)),
    "a scale matrix, hmc": ("tied", hmc, blind_to_correlation),
    "eta, nuts": ("full, apart", nuts, number(ETA, 1.5)),
    "shape, gibbs": ("diagonal", gibbs, wrong_shape),
    "pull, gibbs": ("spherical", gibbs, wrong_pull),
}


@pytest.mark.parametrize(("name", "method", "slip"), SLIPS.values(), ids=SLIPS)
def test_geweke_rejects_a_slip(name, method, slip):
    model = mx.GaussianMixture(**MODELS[name])
    assert geweke(model, slipping(method, slip), n=4, draws=1500, seed=1).p_value < SURELY


@pytest.mark.parametrize("which", ["degrees of freedom, gibbs", "pull, gibbs"])
def test_calibration_rejects_a_slip(which):
    name, method, slip = SLIPS[which]
    model = mx.GaussianMixture(**MODELS[name])
    assert sbc(model, slipping(method, slip), n=4, replications=100, draws=9, thin=15, seed=1).p_value < SURELY
