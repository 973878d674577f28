"""Rows of several features: the pass against its definition, draws of matrices, and Gibbs sampling of parted groups."""

import numpy as np
import pytest
from scipy.stats import invwishart, kstest, multivariate_normal

import mixtura as mx
from mixtura.compiled.jit import entry
from mixtura.compiled.matrices import add_precision, cholesky, draw_wishart
from mixtura.compiled.rng import streams
from mixtura.rows.kernels import expected, sampled
from mixtura.rows.records import Params


def some_params(rng, k, d):
    roots = rng.normal(size=(k, d, d))
    factors = np.linalg.cholesky(roots @ roots.transpose(0, 2, 1) + np.eye(d))
    return Params(rng.dirichlet(np.ones(k)), 3 * rng.normal(size=(k, d)), factors, np.eye(d))


def log_terms(x, params):
    blocks = zip(params.weights, params.means, params.covariances, strict=True)
    return np.stack([np.log(w) + multivariate_normal(m, c).logpdf(x) for w, m, c in blocks], axis=1)


@pytest.mark.parametrize("d", [2, 3, 5, 10])
def test_the_pass_is_its_definition(d):
    rng = np.random.default_rng(d)
    x, weights, params = rng.normal(size=(301, d)), rng.uniform(0.5, 2, 301), some_params(rng, 3, d)
    terms = log_terms(x, params)
    loglik = np.logaddexp.reduce(terms, axis=1)
    shares = np.exp(terms - loglik[:, None]) * weights[:, None]
    apart = x[:, None] - params.means
    found = expected(x, weights, params)
    wanted = (
        shares.sum(0),
        np.einsum("nk,nka->ka", shares, apart),
        np.einsum("nk,nka,nkb->kab", shares, apart, apart),
        weights @ loglik,
    )
    for ours, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(ours, np.reshape(theirs, ours.shape), rtol=1e-10, atol=1e-9)


def test_hard_statistics_scatter_about_soft_ones():
    rng = np.random.default_rng(1)
    x, weights, params = rng.normal(size=(200, 3)), rng.integers(1, 9, 200).astype(float), some_params(rng, 3, 3)
    soft, draws = expected(x, weights, params), [sampled(x, weights, params, seed) for seed in range(400)]
    for name in ("counts", "sums", "scatter"):
        values = np.array([getattr(draw, name) for draw in draws])
        z = (values.mean(0) - getattr(soft, name)) / (values.std(0) / 20 + 1e-12)
        assert np.abs(z).max() < 4.5, name
    assert all(draw.counts.sum() == weights.sum() for draw in draws)


@entry
def many(stream, df, factor, scratch, out):
    for s in range(out.shape[0]):
        draw_wishart(stream, df, factor, scratch, out[s])


@entry
def inverted(a, factor, scratch, out):
    cholesky(a, factor)
    add_precision(factor, scratch, 1.0, out)


def test_inverse_wishart_draws():
    """Traces and determinants are distributed as scipy's."""
    rng, d, df = np.random.default_rng(2), 3, 7.5
    root = rng.normal(size=(d, d))
    scale = root @ root.T + np.eye(d)
    factors = np.empty((4000, d, d))
    many(streams(3, 1)[0], df, np.linalg.cholesky(scale), np.empty((d, d)), factors)
    ours = factors @ factors.transpose(0, 2, 1)
    theirs = invwishart(df, scale).rvs(20_000, random_state=4)
    for statistic in (np.trace, lambda m: m[0, 0], lambda m: m[2, 2], lambda m: m[2, 0], np.linalg.det):
        one, other = (np.array([statistic(m) for m in sample]) for sample in (ours, theirs))
        assert kstest(one, other).pvalue > 1e-3
    out = np.zeros((d, d))
    inverted(scale, np.empty((d, d)), np.empty((d, d)), out)
    np.testing.assert_allclose(out, np.linalg.inv(scale), rtol=1e-12)


@pytest.mark.parametrize("tied", [False, True])
def test_gibbs_finds_what_is_parted(tied):
    """Two groups far apart, vague means, a known scale: covariances are inverse Wishart, means near the groups'."""
    rng, d, df, draws = np.random.default_rng(5), 3, 7.0, 4000
    factor = np.linalg.cholesky(np.array([[1, 0.6, 0], [0.6, 1, 0.3], [0, 0.3, 1]]))
    groups = [centre + rng.normal(size=(n, d)) @ factor.T for centre, n in ((-10, 300), (10, 500))]
    x, structure = np.concatenate(groups), "tied" if tied else "full"
    priors = {"means": mx.Normal(0, 1000), "covariances": mx.InverseWishart(df, np.eye(d)), "weights": mx.Dirichlet(1)}
    model = mx.GaussianMixture(n_components=2, covariance=structure, **priors)
    fit = model.sample(x, draws=draws, warmup=50, chains=1, algorithm="gibbs", seed=6)
    kept = type(fit.params())(*(block[0] for block in fit.params()))
    own = np.array([(g - g.mean(0)).T @ (g - g.mean(0)) for g in groups])
    free, scatter = (df + 800 - 2, own.sum(0)) if tied else (df + np.array([[[299]], [[499]]]), own)
    covariances = kept.covariances
    for found, wanted in (
        (covariances, np.broadcast_to((np.eye(d) + scatter) / (free - d - 1), own.shape)),
        (kept.means, np.array([g.mean(0) for g in groups])),
    ):
        assert (abs(found.mean(0) - wanted) < 4.5 * found.std(0) / np.sqrt(draws) + 1e-4).all()
