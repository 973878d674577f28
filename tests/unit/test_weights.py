"""Weights too small for a number: log weights are what is sampled, and `lp` is their density."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy.special import logsumexp
from scipy.stats import halfnorm, norm

import mixtura as mx
from mixtura.algorithms import hmc, nuts
from mixtura.algorithms.line import gibbs, metropolis
from mixtura.algorithms.line import record as columns
from mixtura.algorithms.line import sample as of_columns
from mixtura.algorithms.rows import gibbs as gibbs_of_rows
from mixtura.algorithms.rows import record as rows
from mixtura.algorithms.rows import sample as of_rows
from mixtura.arrays import LEAST_WEIGHT
from mixtura.compiled.rng import streams
from mixtura.line.target import WEIGHTS, target_of, work_for
from mixtura.line.units import Units
from mixtura.reading.data import Points
from mixtura.rows import encode, target
from mixtura.rows.kernels import rows_of
from mixtura.rows.units import RowUnits
from mixtura.testing import sbc

K = 4
LOGS = np.array([0.0, -0.3, -8.0, -13.0])  # of weights, the last two in units of 1 / alpha
RNG = np.random.default_rng(5)
X = np.concatenate([RNG.normal(-3, 1, 40), RNG.normal(3, 1, 40)])
ROWS = np.stack([X, RNG.normal(0, 1, 80)], axis=1)
PRIORS = {"means": mx.Normal(0, 3), "scales": mx.HalfNormal(2)}
alphas = pytest.mark.parametrize("alpha", [0.01, 0.001])


def started(made, at, alpha):
    """A position whose last two weights no number holds, and the covariance of first steps."""
    q = np.random.default_rng(1).normal(0, 0.3, made.at[-1])
    logs = LOGS / [1, 1, alpha, alpha]
    q[at : at + K - 1] = logs @ made.basis
    return q, 0.01 * np.eye(q.size)


def log_weights(made, at, q):
    free = made.basis @ q[at : at + K - 1]
    return free - logsumexp(free)


def where(chain):
    """The position of the draw that was kept last."""
    return chain.q if hasattr(chain, "q") else chain.motion.here[0]


def reference(x, logs, means, scales, alpha):
    """Log density of log weights, means and scales (k, d) and rows (n, d), in log space."""
    prior = math.lgamma(K * alpha) - K * math.lgamma(alpha) + (alpha - 1) * logs.sum()
    prior += norm.logpdf(means, 0, 3).sum() + halfnorm.logpdf(scales, 0, 2).sum()
    return prior + logsumexp(logs + norm.logpdf(x[:, None], means, scales).sum(-1), axis=1).sum()


@alphas
@pytest.mark.parametrize("method", [gibbs, metropolis, nuts, hmc], ids=lambda m: m.NAME)
def test_lp_of_a_column_is_of_the_log_weights(method, alpha):
    made = target_of(mx.GaussianMixture(K, weights=mx.Dirichlet(alpha), **PRIORS), Points(X, np.ones(80)))
    q, covariance = started(made, made.at[WEIGHTS], alpha)
    chain, kept = method.start(made, q, covariance, False), columns.room_for(1, K, len(method.INFO))
    method.advance(made, chain, work_for(made), streams(1, 1)[0], 0, 1, 0, kept)
    draws = of_columns.collect([kept], 1, Units(0.0, 1.0), 0.0)
    logs = log_weights(made, made.at[WEIGHTS], q if method in (gibbs, metropolis) else where(chain))
    means, scales = draws.params.means[0, 0, :, None], draws.params.scales[0, 0, :, None]
    assert draws.params.weights.min() == LEAST_WEIGHT
    assert draws.lp.item() == pytest.approx(reference(X[:, None], logs, means, scales, alpha), rel=1e-11)


@alphas
@pytest.mark.parametrize("method", [gibbs_of_rows, nuts, hmc], ids=lambda m: m.NAME)
def test_lp_of_rows_is_of_the_log_weights(method, alpha):
    model = mx.GaussianMixture(K, covariance="diagonal", n_features=2, weights=mx.Dirichlet(alpha), **PRIORS)
    made, at = encode.target_of(model, rows_of(ROWS, np.ones(80))), target.WEIGHTS
    q, covariance = started(made, made.at[at], alpha)
    chain, kept = method.start(made, q, covariance, False), rows.room_for(1, made.centres, len(method.INFO))
    method.advance(made, chain, target.work_for(made), streams(1, 1)[0], 0, 1, 0, kept)
    units, data = RowUnits(np.zeros(2), np.ones(2)), Points(ROWS, np.ones(80))
    params, stats = of_rows.collect([kept], 1, model, units, data, method)
    logs = log_weights(made, made.at[at], q if method is gibbs_of_rows else where(chain))
    assert params.weights.min() == LEAST_WEIGHT
    wanted = reference(ROWS, logs, params.means[0, 0], params.scales[0, 0], alpha)
    assert stats["lp"].item() == pytest.approx(wanted, rel=1e-11)


@alphas
@pytest.mark.parametrize("x", [X, ROWS], ids=["column", "rows"])
def test_sparse_weights_are_finite_everywhere(x, alpha, tmp_path):
    model = mx.GaussianMixture(K, weights=mx.Dirichlet(alpha))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fit = model.sample(x, draws=100, warmup=50, chains=2, seed=1, algorithm="gibbs")
        params, lp = fit.params(), fit.sample_stats["lp"].values
        assert np.isfinite(lp).all()
        tree = fit.to_datatree(log_likelihood=True, posterior_predictive=True, prior=True)
        for group in tree.children.values():
            assert all(np.isfinite(values).all() for values in group.data_vars.values()), group.name
        repeated = tree["log_prior"]["parameters"] + tree["log_likelihood"]["x"].sum("point")
        np.testing.assert_allclose(repeated, lp, rtol=1e-9)
        assert np.isfinite(fit.model.logdensity(x, type(params)(*(block[0, 0] for block in params))))
        fit.save(tmp_path / "fit.nc")
        again = mx.load(tmp_path / "fit.nc")
        np.testing.assert_allclose(again.predict_proba(), fit.predict_proba(), rtol=1e-9)
        assert np.isfinite(fit.score_samples()).all()
        fit.report(tmp_path / "report.html")
        assert repr(fit) == repr(again)


@pytest.mark.parametrize("alpha", [0.01, 0.001, 1e-5])
def test_prior_draws_have_logarithms(alpha):
    model = mx.GaussianMixture(3, weights=mx.Dirichlet(alpha), **PRIORS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for seed in range(30):
            made = model.simulate(10, seed)
            assert made.params.weights.sum() == pytest.approx(1)
            assert np.isfinite(model.logdensity(made.x, made.params))


def test_density_where_a_weight_is_zero():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert mx.Dirichlet(1.0).logpdf([0.5, 0.5, 0.0]) == pytest.approx(math.log(2))
        assert mx.Dirichlet(2.0).logpdf([0.5, 0.5, 0.0]) == -math.inf
        assert mx.Dirichlet(0.5).logpdf([0.5, 0.5, 0.0]) == math.inf
        assert mx.Dirichlet([2.0, 0.5, 0.5]).logpdf([0.0, 1.0, 0.0]) == -math.inf


def test_calibration_of_weights_that_are_equal():
    model = mx.GaussianMixture(2, weights=mx.Dirichlet(0.001), **PRIORS)

    def prior(model, x, seed):
        rng = np.random.default_rng(seed)
        drawn = [model.draw_prior(rng) for _ in range(7)]
        return mx.Params(*(np.stack(block) for block in zip(*drawn, strict=True)))

    found = sbc(model, prior, n=5, replications=200)
    assert found.p_values[[name.startswith("weight") for name in found.names]].min() > 0.001
