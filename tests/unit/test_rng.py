"""Random numbers made from a counter: each sort has the distribution it claims. Seeds are fixed."""

from __future__ import annotations

import numba
import numpy as np
import pytest
from scipy import stats

from mixtura.compiled import rng

N = 20_000
row_uniform, uniform, normal, log_gamma, binomial = (
    rng.row_uniform, rng.uniform, rng.normal, rng.log_gamma, rng.binomial
)  # fmt: skip


@numba.njit
def rows(key, out):
    for i in range(out.size):
        out[i] = row_uniform(key, i)


@numba.njit
def uniforms(stream, out):
    for i in range(out.size):
        out[i] = uniform(stream)


@numba.njit
def normals(stream, out):
    for i in range(out.size):
        out[i] = normal(stream)


@numba.njit
def log_gammas(stream, shape, out):
    for i in range(out.size):
        out[i] = log_gamma(stream, shape)


@numba.njit
def binomials(stream, n, p, out):
    for i in range(out.size):
        out[i] = binomial(stream, n, p)


def stream(seed=0):
    return rng.streams(seed, 1)[0]


def drawn(make, *arguments, seed=0):
    out = np.empty(N)
    make(stream(seed), *arguments, out)
    return out


def test_streams_are_many_and_repeatable():
    some = rng.streams(7, 100)
    assert some.shape == (100, 1)
    assert some.dtype == np.uint64
    assert len(np.unique(some)) == 100
    np.testing.assert_array_equal(some[:3], rng.streams(7, 3))
    assert not np.isin(rng.streams(8, 100), some).any()
    assert (rng.streams(None, 2) != rng.streams(None, 2)).all()


@pytest.mark.parametrize("key", [0, 1, 2**63])
def test_rows_are_uniform_and_independent(key):
    out, next_key = np.empty(N), np.empty(N)
    rows(np.uint64(key), out)
    rows(np.uint64(key + 1), next_key)
    assert ((out > 0) & (out < 1)).all()
    assert stats.kstest(out, "uniform").pvalue > 0.001
    pairs = ((out[:-1], out[1:]), (out, next_key))  # neighbouring rows; neighbouring keys
    for a, b in pairs:
        cells = np.histogram2d(a, b, bins=10, range=[[0, 1], [0, 1]])[0]
        assert stats.chisquare(cells.ravel()).pvalue > 0.001


def test_uniform():
    out = drawn(uniforms)
    assert stats.kstest(out, "uniform").pvalue > 0.001
    cells = np.histogram2d(out[::2], out[1::2], bins=10, range=[[0, 1], [0, 1]])[0]
    assert stats.chisquare(cells.ravel()).pvalue > 0.001


def test_normal():
    out = drawn(normals)
    assert stats.kstest(out, "norm").pvalue > 0.001
    assert abs(np.corrcoef(out[:-1], out[1:])[0, 1]) < 4 / np.sqrt(N)
    assert abs(stats.zscore(out) ** 4).mean() == pytest.approx(3, abs=4 * np.sqrt(96 / N))


@pytest.mark.parametrize("shape", [np.nan, np.inf, -1.0])
def test_what_is_no_shape_is_not_drawn_from_for_ever(shape):
    out = np.zeros(2)
    log_gammas(stream(), shape, out)
    assert np.isnan(out).all()


@pytest.mark.parametrize("shape", [0.01, 0.3, 1.0, 1.5, 7.0, 1e6])
def test_gamma(shape):
    out = drawn(log_gammas, shape)
    assert np.isfinite(out).all()
    assert stats.kstest(out, stats.loggamma(shape).cdf).pvalue > 0.001


def test_gamma_of_tiny_shape_survives_in_logarithms():
    out = drawn(log_gammas, 1e-4)
    assert np.isfinite(out).all()
    assert out.min() < -800  # exp would be zero
    assert stats.kstest(-out * 1e-4, "expon").pvalue > 0.001  # its limit


@pytest.mark.parametrize("n", [0, 1, 7, 24, 25, 100, 3000])
@pytest.mark.parametrize("p", [0.0, 0.003, 0.3, 0.5, 0.97, 1.0])
def test_binomial(n, p):
    out = drawn(binomials, n, p, seed=2).astype(int)
    assert ((out >= 0) & (out <= n)).all()
    known = stats.binom(n, p)
    cuts = np.unique(known.ppf(np.linspace(0.02, 0.98, 25)))
    mass = np.diff(np.concatenate([[0.0], known.cdf(cuts), [1.0]]))
    counts = np.bincount(np.searchsorted(cuts, out), minlength=mass.size)
    assert (counts[mass == 0] == 0).all()
    if (kept := N * mass > 5).sum() > 1:
        expected = mass[kept] / mass[kept].sum() * counts[kept].sum()
        assert stats.chisquare(counts[kept], expected).pvalue > 0.001
    assert counts[~kept].sum() <= 30


def test_binomial_of_a_huge_number():
    n, p = 10**12, 0.3
    z = (drawn(binomials, n, p) - n * p) / np.sqrt(n * p * (1 - p))
    assert stats.kstest(z, "norm").pvalue > 0.001
