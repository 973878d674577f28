"""What a fit warns of says what is so, and goes, or says something else, once its remedy is followed."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms import nuts
from mixtura.algorithms.run import bent
from mixtura.fit import Fit

SHORT = {"draws": 200, "warmup": 200, "seed": 1}


def kinds(fit):
    return {warning.split(":")[0].lstrip("0123456789 of") for warning in fit.warnings}


def gammas(seed, shape=100):
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.gamma(shape, 1000 / shape, 1000), rng.gamma(shape, 1200 / shape, 1000)])


@pytest.mark.parametrize("seed", range(8))
def test_two_plain_components_of_many_points_do_not_diverge(seed):
    """Their posterior is bent; steps that suit its middle ran off at its ends, in 7 of 8."""
    fit = mx.GaussianMixture(n_components=2).sample(gammas(seed), seed=seed)
    assert fit.warnings == ()
    assert fit.sample_stats["diverging"].values.sum() <= 2


@pytest.mark.parametrize("seed", [8, 11, 12])
def test_tails_where_short_trajectories_run_off_are_left_to_trees(seed):
    x = np.random.default_rng(seed)
    fit = mx.GaussianMixture(n_components=2).sample(mixed(x), seed=seed)
    assert fit.sample_stats["diverging"].values.mean() <= 1e-3


def mixed(rng):
    """Evenly spread points, after as many other draws as made hmc diverge."""
    for shape in (100, 50, 20):
        rng.gamma(shape, 1, 1000), rng.gamma(shape, 1, 1000)
    rng.lognormal(0, 0.5, 500), rng.standard_t(3, size=800)
    return rng.uniform(size=300)


def diverging(fit, share):
    """The same fit, a share of whose transitions diverged."""
    n = fit._record.stats["lp"].size
    marks = (np.arange(n) < share * n).astype(float).reshape(fit.shape)
    return Fit(fit._record._replace(stats=fit._record.stats | {"diverging": marks}))


@pytest.mark.parametrize("scales", [mx.Fixed([1.0, 2.0]), mx.LogNormal(0, 1), None])
def test_nobody_is_told_to_leave_out_scales_that_stay_away_from_zero(scales):
    x = np.random.default_rng(0).normal(size=100) * 3
    fit = diverging(mx.GaussianMixture(n_components=2, scales=scales).sample(x, **SHORT), 0.1)
    (warning,) = (warning for warning in fit.warnings if "diverged" in warning)
    assert "scales" not in warning
    assert "fewer components" not in warning


def test_few_divergences_of_a_fit_that_is_otherwise_fine_are_not_worth_a_word():
    x = np.concatenate([np.random.default_rng(0).normal(m, 1, 100) for m in (0, 6)])
    fit = mx.GaussianMixture(n_components=2).sample(x, seed=1)
    assert diverging(fit, 0.0005).warnings == ()
    assert "diverged" in diverging(fit, 0.01).warnings[0]


def test_as_many_draws_as_the_warning_asks_for_do():
    x = np.concatenate([np.random.default_rng(0).normal(m, 1, 100) for m in (0, 6)])
    model = mx.GaussianMixture(n_components=2)
    fit = model.sample(x, draws=150, warmup=300, seed=1)
    (said,) = fit.warnings
    assert model.sample(x, draws=int(re.search(r"draws=(\d+)", said)[1]), seed=1).warnings == ()


def test_chains_that_stay_apart_are_not_asked_for_more_draws():
    rng = np.random.default_rng(0)
    x = np.concatenate([rng.normal(m, 0.1, 200) for m in (0, 10, 20, 30)])
    fit = mx.GaussianMixture(n_components=2).sample(x, draws=200, seed=1, chains=4)
    draws = fit._record.params
    apart = draws._replace(means=draws.means + 50.0 * np.arange(4)[:, None, None])
    (said,) = (w for w in Fit(fit._record._replace(params=apart)).warnings if w.startswith("chains disagree"))
    assert "Draw more" not in said


TENS = np.append(np.random.default_rng(0).normal(size=100), np.full(10, 10.0))
CASES = {
    "collapsed components": (TENS, {}, {"variances": mx.InverseGamma(2, 0.1)}),
    "ties": (TENS, {"scales": mx.HalfNormal(1)}, {}),
    "collinear columns": (
        np.repeat(np.random.default_rng(0).normal(size=(60, 2)), 2, axis=1), {}, {"covariance": "diagonal"}
    ),
    "few points": (np.random.default_rng(0).normal(size=(5, 6)), {}, {"covariance": "spherical"}),
    "component": (
        np.concatenate([np.random.default_rng(0).normal(m, 1, (n, 5)) for m, n in ((0, 60), (30, 4))]),
        {}, {"covariance": "tied"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", CASES)
def test_a_warning_goes_with_its_cause(kind):
    x, before, after = CASES[kind]
    warned, mended = (mx.GaussianMixture(n_components=2, **blocks).sample(x, **SHORT) for blocks in (before, after))
    assert any(w.startswith(kind) for w in warned.warnings)
    assert not any(w.startswith(kind) for w in mended.warnings)


def test_widths_that_are_fixed_are_no_fault_of_the_data():
    x = np.concatenate([np.random.default_rng(0).normal(m, 1, (n, 5)) for m, n in ((0, 60), (30, 4))])
    thin = np.stack([np.diag([1.0, 1, 1, 1, 1e-16])] * 2)
    fit = mx.GaussianMixture(n_components=2, covariances=mx.Fixed(thin)).sample(x, **SHORT)
    assert not [w for w in fit.warnings if "covariance" in w or "near-singular" in w]


@pytest.mark.parametrize(("diverging", "kept", "again"), [(0, 1000, 0), (2, 1000, 1), (2, 900, 0), (100, 1000, 0)])
def test_chains_run_again_where_few_transitions_diverge_and_nobody_interrupts(diverging, kept, again):
    info = np.zeros((1000, len(nuts.INFO)))
    info[:diverging, nuts.INFO.index("diverging")] = 1
    assert bent([SimpleNamespace(draws=SimpleNamespace(info=info))], nuts, kept) == again
