"""The log density of rows equals what PyMC's own densities add up to; `test_export` holds whole models to it."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

import mixtura as mx

ROWS = np.random.default_rng(1).normal(size=(9, 3)) * [1, 2, 5] + [0, 3, -4]
MATRIX = [[2.0, 0.5, -0.3], [0.5, 3.0, 0.2], [-0.3, 0.2, 9.0]]
MODELS_OF_ROWS = {
    "separation": mx.GaussianMixture(
        n_components=2,
        means=mx.Normal([0, 3, -4], [[1, 2, 5], [2, 2, 2]]),
        scales=mx.HalfNormal([1, 2, 5]),
        correlations=mx.LKJ(2.5),
        weights=mx.Dirichlet([1, 2]),
    ),
    "uniform correlations": mx.GaussianMixture(
        n_components=3,
        n_features=3,
        means=mx.Fixed([[0, 0, 0], [1, 2, 3], [2, 2, 2]]),
        scales=mx.LogNormal([[0], [1], [2]], 0.5),
        correlations=mx.LKJ(1),
        weights=mx.Dirichlet(1),
    ),
    "tied": mx.GaussianMixture(
        n_components=2,
        covariance="tied",
        means=mx.MvNormal([0, 3, -4], MATRIX),
        scales=mx.HalfCauchy([1, 2, 5]),
        correlations=mx.LKJ(0.7),
        weights=mx.Fixed([0.3, 0.7]),
    ),
    "diagonal": mx.GaussianMixture(
        n_components=2,
        covariance="diagonal",
        n_features=3,
        means=mx.Normal(0, 5),
        scales=mx.Gamma(2, [[1], [0.5]]),
        weights=mx.Dirichlet(1),
    ),
    "diagonal with rates": mx.GaussianMixture(
        n_components=2,
        covariance="diagonal",
        means=mx.Normal(0, 5),
        variances=mx.InverseGamma([[2], [3]], mx.Gamma(2, [1, 0.3, 0.1])),
        weights=mx.Dirichlet(1),
    ),
    "spherical": mx.GaussianMixture(
        n_components=2,
        covariance="spherical",
        n_features=3,
        means=mx.Normal(0, 5),
        scales=mx.Uniform(0, [9, 8]),
        weights=mx.Dirichlet(1),
    ),
    "spherical with a rate": mx.GaussianMixture(
        n_components=2,
        covariance="spherical",
        n_features=3,
        means=mx.Normal([[0], [1]], 5),
        variances=mx.InverseGamma([2, 3], mx.Gamma(2, 1)),
        weights=mx.Dirichlet(1),
    ),
    "known": mx.GaussianMixture(
        n_components=2,
        means=mx.Normal([0, 3, -4], 2),
        covariances=mx.Fixed([MATRIX, np.eye(3)]),
        weights=mx.Dirichlet(1),
    ),
}


def lkj(pm, correlations, eta):
    """PyMC's log density of a correlation matrix over that of no correlations: PyMC 5 has an own constant."""
    d = len(correlations)
    theirs = pm.LKJCorr.dist(n=d, eta=eta)
    if theirs.ndim == 1:  # PyMC 5 takes what is above the diagonal
        values, volume = (matrix[np.triu_indices(d, 1)] for matrix in (correlations, np.eye(d))), 0.0
    else:  # PyMC 6 takes a Cholesky factor, and its density is that of factors
        factor = np.linalg.cholesky(correlations)
        values, volume = (factor, np.eye(d)), np.arange(d - 1, -1, -1) @ np.log(np.diag(factor))
    found, none = (pm.logp(theirs, value).eval() for value in values)
    return found - none - volume


def log_density_of_rows(pm, model, x, params):
    """PyMC's log density, prior by prior and component by component, as numbers."""
    k, d = params.means.shape
    own = 1 if model.covariance == "tied" else k

    def log(prior, values, **changed):
        if prior is None or isinstance(prior, mx.Fixed):
            return 0.0
        numbers = {f.name: np.asarray(getattr(prior, f.name)) for f in fields(prior)} | changed
        return pm.logp(getattr(pm, type(prior).__name__).dist(**numbers), values).eval().sum()

    scales, rate = params.scales, np.diag(params.rate)
    if model.covariance == "tied":
        scales = scales[0]
    if model.covariance == "spherical":
        scales, rate = scales[:, 0], rate[:1]
    total = log(model.means, params.means) + log(model.scales, scales)
    if isinstance(model.weights, mx.Dirichlet):
        total += log(model.weights, params.weights, a=np.broadcast_to(model.weights.a, (k,)))
    if model.rate is not None:
        total += log(model.rate, rate) + log(model.variances, scales**2, beta=rate)
    elif model.variances is not None:
        total += log(model.variances, scales**2)
    if model.correlations is not None:
        for covariance in params.covariances[:own]:
            spread = np.sqrt(np.diag(covariance))
            total += lkj(pm, covariance / spread / spread[:, None], model.correlations.eta)
            total -= model.correlations.log_normalizer(d)  # see test_matrix_priors
    parts = [pm.MvNormal.dist(m, c) for m, c in zip(params.means, params.covariances, strict=True)]
    return total + pm.logp(pm.Mixture.dist(w=params.weights, comp_dists=parts), x).eval().sum()


@pytest.mark.parametrize("name", MODELS_OF_ROWS)
@pytest.mark.filterwarnings("ignore")  # of PyMC and its dependencies
def test_log_density_of_rows_equals_pymc(pymc, name):
    model, rng = MODELS_OF_ROWS[name], np.random.default_rng(0)
    for _ in range(2):
        params = model.draw_prior(rng)
        wanted = log_density_of_rows(pymc, model, ROWS, params)
        assert model.logdensity(ROWS, params) == pytest.approx(wanted, rel=1e-8, abs=1e-8)


@pytest.mark.filterwarnings("ignore")  # of PyMC and its dependencies
def test_wishart_equals_pymc(pymc):
    x = np.array(MATRIX) + 1.0
    wanted = pymc.logp(pymc.Wishart.dist(nu=4, V=np.array(MATRIX)), x).eval()  # it takes nu as a whole number
    assert mx.Wishart(4, MATRIX).logpdf(x) == pytest.approx(wanted, rel=1e-8)
