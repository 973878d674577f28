"""Priors of matrices against scipy.stats and integrals: density, draws, units, errors."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import tplquad
from scipy.special import betaln

import mixtura as mx
from mixtura.blocks import declared, plain

SCALE = np.array([[2.0, 0.6, -0.3], [0.6, 1.0, 0.2], [-0.3, 0.2, 0.5]])
UNITS = np.array([0.5, 4.0, 3.0])
PRIORS = [
    mx.Wishart(2.5, SCALE),
    mx.InverseWishart(2.5, SCALE),
    mx.InverseWishart(7, mx.Wishart(4, SCALE)),
    mx.LKJ(0.7),
    mx.MvNormal([1, 2, 3], SCALE),
]


def some_matrices(n, d=3, seed=0):
    roots = np.random.default_rng(seed).normal(size=(n, d, d + 2))
    return roots @ roots.transpose(0, 2, 1)


def some_correlations(n, d=3, seed=0):
    matrices = some_matrices(n, d, seed)
    scales = np.sqrt(np.diagonal(matrices, axis1=1, axis2=2))
    return matrices / scales[:, :, None] / scales[:, None, :]


@pytest.mark.parametrize("df", [2.1, 3.0, 11.5])
def test_wisharts_are_scipys(df):
    x = some_matrices(6).reshape(2, 3, 3, 3)
    for ours, theirs in ((mx.Wishart, stats.wishart), (mx.InverseWishart, stats.invwishart)):
        found = ours(df, SCALE).logpdf(x)
        wanted = [[theirs(df, SCALE).logpdf(one) for one in row] for row in x]
        np.testing.assert_allclose(found, wanted, rtol=1e-10)
    unknown = mx.InverseWishart(df, mx.Wishart(3, np.eye(3)))
    scales = some_matrices(2, seed=1)
    wanted = [[stats.invwishart(df, s).logpdf(one) for one in row] for row, s in zip(x, scales, strict=True)]
    np.testing.assert_allclose(unknown.logpdf(x, rate=scales[:, None]), wanted, rtol=1e-10)
    with pytest.raises(ValueError, match="unknown scale matrix"):
        unknown.logpdf(x)


def test_normal_is_scipys():
    x = np.random.default_rng(0).normal(size=(4, 2, 3))
    known = stats.multivariate_normal([1, 2, 3], SCALE)
    np.testing.assert_allclose(mx.MvNormal([1, 2, 3], SCALE).logpdf(x), known.logpdf(x), rtol=1e-10)


@pytest.mark.parametrize("eta", [0.6, 1.0, 2.5])
@pytest.mark.parametrize("d", [1, 2, 3, 6])
def test_normalizer_of_correlations_is_that_of_lewandowski_kurowicka_and_joe(eta, d):
    """Their equation 16, which is written in beta functions."""
    k = np.arange(1, d)
    powers = ((2 * eta - 2 + d - k) * (d - k)).sum() * math.log(2)
    halves = eta + 0.5 * (d - k - 1)
    assert mx.LKJ(eta).log_normalizer(d) == pytest.approx(powers + ((d - k) * betaln(halves, halves)).sum(), abs=1e-10)


def test_correlations_integrate_to_one():
    for eta in (1.0, 2.0, 3.5):
        nodes, widths = np.polynomial.legendre.leggauss(60)
        pairs = np.stack([np.stack([np.ones(60), nodes], -1), np.stack([nodes, np.ones(60)], -1)], -2)
        assert widths @ np.exp(mx.LKJ(eta).logpdf(pairs)) == pytest.approx(1, abs=1e-7)
    known = mx.LKJ(2.0).log_normalizer(3)

    def height(z, y, x):
        return max(1 + 2 * x * y * z - x * x - y * y - z * z, 0.0)

    volume, _ = tplquad(height, -1, 1, -1, 1, -1, 1, epsabs=2e-4, epsrel=2e-4)
    assert math.log(volume) == pytest.approx(known, abs=1e-3)


def test_densities_vanish_outside():
    bad = np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    both = np.stack([bad, np.eye(3)])
    for prior in (mx.Wishart(3, SCALE), mx.InverseWishart(3, SCALE), mx.LKJ(2)):
        density = prior.logpdf(both)
        assert density[0] == -math.inf
        assert np.isfinite(density[1])
    assert mx.LKJ(2).logpdf(2 * np.eye(3)) == -math.inf


def within(sample, wanted, errors=4.5):
    """Means of a sample within so many standard errors."""
    z = (sample.mean(0) - wanted) / (sample.std(0) / math.sqrt(len(sample)) + 1e-12)
    assert np.abs(z).max() < errors


def test_moments_of_draws():
    rng, n = np.random.default_rng(5), 20_000
    wishart = mx.Wishart(5.5, SCALE).draw(rng, n)
    within(wishart, 5.5 * SCALE)
    spread = np.diag(SCALE)
    within((wishart - 5.5 * SCALE) ** 2, 5.5 * (SCALE**2 + np.outer(spread, spread)))
    inverse = mx.InverseWishart(9.5, SCALE).draw(rng, n)
    within(inverse, SCALE / (9.5 - 4))
    within(np.linalg.inv(inverse), 9.5 * np.linalg.inv(SCALE))
    assert stats.kstest(inverse[:, 1, 1], stats.invgamma((9.5 - 2) / 2, scale=SCALE[1, 1] / 2).cdf).pvalue > 1e-3
    means = mx.MvNormal([1, 2, 3], SCALE).draw(rng, n)
    within(means, [1, 2, 3])
    within((means[:, :, None] - [[1], [2], [3]]) * (means[:, None] - [1, 2, 3]), SCALE)


@pytest.mark.parametrize("eta", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("d", [2, 4])
def test_correlations_drawn_are_beta(eta, d):
    """Every correlation is 2 Beta(b, b) - 1 with b = eta - 1 + d/2 (Lewandowski et al. 2009, section 2.3)."""
    draws = mx.LKJ(eta).draw(np.random.default_rng(6), 4000, d)
    b = eta - 1 + d / 2
    for i, j in zip(*np.tril_indices(d, -1), strict=True):
        assert stats.kstest(draws[:, i, j], stats.beta(b, b, -1, 2).cdf).pvalue > 1e-3
    np.testing.assert_allclose(np.diagonal(draws, axis1=1, axis2=2), 1, rtol=1e-12)


def test_one_draw_is_one_matrix():
    rng = np.random.default_rng(0)
    assert mx.Wishart(4, SCALE).draw(rng).shape == (3, 3)
    assert mx.InverseWishart(4, SCALE).draw(rng).shape == (3, 3)
    assert mx.LKJ(1).draw(rng, d=5).shape == (5, 5)
    assert mx.MvNormal([1, 2, 3], SCALE).draw(rng).shape == (3,)


def test_units():
    """The same mass for the same event: the density changes by the Jacobian of the lower triangle."""
    x = some_matrices(3)
    moved = x / UNITS[:, None] / UNITS
    for prior in (mx.Wishart(4, SCALE), mx.InverseWishart(4, SCALE)):
        jacobian = 4 * np.log(UNITS).sum()
        there = prior.in_units(0.0, UNITS).logpdf(moved)
        np.testing.assert_allclose(there, prior.logpdf(x) + jacobian, rtol=1e-10)
    normal, at, shift = mx.MvNormal([1, 2, 3], SCALE), x[:, 0], np.array([1.0, -2.0, 0.5])
    there = normal.in_units(shift, UNITS).logpdf((at - shift) / UNITS)
    np.testing.assert_allclose(there, normal.logpdf(at) + np.log(UNITS).sum(), rtol=1e-10)
    assert mx.LKJ(2).in_units(0.0, UNITS) == mx.LKJ(2)
    within_rate = mx.InverseWishart(4, mx.Wishart(3, SCALE)).in_units(0.0, UNITS)
    assert within_rate.rate == mx.Wishart(3, SCALE).in_units(0.0, UNITS)


@pytest.mark.parametrize("prior", PRIORS, ids=repr)
def test_written_down_and_read_back(prior):
    assert declared(json.loads(json.dumps(plain(prior)))) == prior
    assert eval(repr(prior), vars(mx) | {name: getattr(mx, name) for name in mx.__all__}) == prior
    assert hash(prior) == hash(declared(plain(prior)))
    assert prior.exchangeable


def test_nested_numbers_are_a_table_of_components_and_features():
    prior = mx.Normal([[0], [10]], [1, 2, 3])
    np.testing.assert_array_equal(prior.table((2, 3))[0], [[0, 0, 0], [10, 10, 10]])
    flat = prior.spread_over((2, 3))
    assert flat == mx.Normal([0, 0, 0, 10, 10, 10], [1, 2, 3, 1, 2, 3])
    x = np.random.default_rng(0).normal(size=(4, 5, 2, 3))
    wanted = stats.norm([[0], [10]], [1, 2, 3]).logpdf(x)
    np.testing.assert_allclose(prior.logpdf(x), wanted, rtol=1e-12)
    np.testing.assert_allclose(flat.logpdf(x.reshape(4, 5, 6)), wanted.reshape(4, 5, 6), rtol=1e-12)
    shift, scale = np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 0.5])
    moved = prior.in_units(shift, scale).logpdf((x - shift) / scale)
    np.testing.assert_allclose(moved, wanted + np.log(scale), rtol=1e-10)


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: mx.Wishart(2, SCALE), ValueError, r"Wishart\(df=...\) of 3 features needs df > 2; got 2"),
        (lambda: mx.InverseWishart(1.9, mx.Wishart(3, SCALE)), ValueError, "of 3 features needs df > 2; got 1.9"),
        (lambda: mx.Wishart([4, 5, 6], SCALE), ValueError, "is a number; got an array"),
        (lambda: mx.Wishart("a", SCALE), TypeError, r"Wishart\(df=...\) is a number"),
        (lambda: mx.Wishart(4, [[1, 2], [0, 1]]), ValueError, "must be symmetric"),
        (lambda: mx.Wishart(4, [[1, 2], [2, 1]]), ValueError, "positive definite; its least eigenvalue is -1"),
        (lambda: mx.InverseWishart(4, [[1, 2, 3], [2, 1, 3]]), ValueError, r"square matrix.*shape \(2, 3\)"),
        (lambda: mx.InverseWishart(4, [1, 2]), ValueError, r"square matrix.*shape \(2,\)"),
        (lambda: mx.InverseWishart(4, mx.Gamma(1, 1)), TypeError, r"a matrix or Wishart\(df, scale\)"),
        (lambda: mx.InverseWishart(4, [[math.nan]]), ValueError, "must be finite"),
        (lambda: mx.LKJ(0), ValueError, "must be positive; got 0"),
        (lambda: mx.LKJ([1, 2]), ValueError, "is a number"),
        (lambda: mx.MvNormal([1, 2], SCALE), ValueError, "cov has 3 rows, mu 2 numbers"),
        (lambda: mx.MvNormal([1, 2, 3], -SCALE), ValueError, "positive definite"),
        (lambda: mx.Wishart(4, SCALE).logpdf(np.eye(2)), ValueError, "matrices of 3 features"),
    ],
)
def test_errors(make, error, says):
    with pytest.raises(error, match=says):
        make()
