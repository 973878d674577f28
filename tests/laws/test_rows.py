"""The laws of one look at rows, for the compiled pass and its definition, and each covariance structure."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mixtura.covariance import STRUCTURES
from mixtura.posterior.rows import log_likelihood, membership
from mixtura.rows import reference
from mixtura.rows.kernels import allocate, expect, look_for, rows_of
from mixtura.rows.records import Params, empty_stats

K, N = 3, 700  # more points than two tiles hold


def compiled(diagonal):
    """The compiled pass as samplers use it, which may know that covariances are diagonal."""

    def expected(x, weights, params):
        (k, d) = params.means.shape
        stats = empty_stats(k, d)
        expect(rows_of(x, weights), params, look_for(k, d, diagonal), stats)
        return stats

    def sampled(x, weights, params, seed):
        (k, d) = params.means.shape
        stats, scratch = empty_stats(k, d), np.zeros(1, np.uint64)
        allocate(rows_of(x, weights), params, np.uint64(seed), look_for(k, d, diagonal), stats, scratch)
        return stats

    def rows(x, params):
        draw = Params(*(block[None, None] for block in params))  # one chain of one draw
        return membership(x, draw), log_likelihood(x, draw)[0, 0]

    return SimpleNamespace(expected=expected, sampled=sampled, rows=rows)


ENGINES = {"reference": lambda diagonal: reference, "compiled": compiled}
engines = pytest.mark.parametrize("engine", ENGINES.values(), ids=ENGINES)
structures = pytest.mark.parametrize("structure", STRUCTURES)
sizes = pytest.mark.parametrize("d", [2, 7])  # within one pack of features, and beyond


def made(structure, d, seed=0, n=N):
    """Points, their whole-number weights, and parameters whose components overlap."""
    rng = np.random.default_rng(seed)
    shares, roots = rng.dirichlet(np.full(K, 4.0)), rng.normal(size=(K, d, d))
    factors = STRUCTURES[structure].shaped(
        shares, np.linalg.cholesky(roots @ roots.transpose(0, 2, 1) + 0.3 * np.eye(d))
    )
    params = Params(shares, rng.normal(0, 1.5, (K, d)), factors, np.full((d, d), np.nan))
    return rng.normal(0, 2, (n, d)), rng.choice([1.0, 1.0, 1.0, 2.0, 5.0, 60.0], n), params


def told(stats, structure):
    """What a structure relies on: where features are not correlated, the scatter's diagonal alone."""
    if STRUCTURES[structure].correlated:
        return stats
    return stats._replace(scatter=np.diagonal(stats.scatter, axis1=1, axis2=2))


def close(a, b, rtol=1e-11):
    """Equal but for rounding, each statistic relative to its own size over components."""
    for name, one, other in zip(a._fields, a, b, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol * np.abs(other).max(), err_msg=name)


def engine_for(engine, structure):
    return engine(not STRUCTURES[structure].correlated)


@engines
@structures
@sizes
def test_additive(engine, structure, d):
    x, weights, params = made(structure, d)
    see = engine_for(engine, structure).expected
    first, second = (see(x[part], weights[part], params) for part in (slice(0, 300), slice(300, None)))
    close(told(first + second, structure), told(see(x, weights, params), structure))


@structures
@sizes
@pytest.mark.parametrize("seed", range(3))
def test_agree(structure, d, seed):
    x, weights, params = made(structure, d, seed)
    engine = engine_for(compiled, structure)
    found, wanted = engine.expected(x, weights, params), reference.expected(x, weights, params)
    close(told(found, structure), told(wanted, structure))
    for mine, theirs in zip(engine.rows(x, params), reference.rows(x, params), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-11, atol=1e-14)


THIN = np.array([[1.0, 0.0], [0.999999, 0.0015]])  # two features that are nearly one


@pytest.mark.parametrize(
    ("weights", "means", "factors", "x"),
    [
        ((0.5, 0.5), ((0, 0), (1e6, 1e6)), (np.eye(2), np.eye(2)), ((0, 0), (5e5, 5e5), (-1e4, 1e4))),
        ((1e-300, 1.0), ((0, 0), (1, 1)), (np.eye(2), 1e-3 * np.eye(2)), ((0, 0), (1, 1), (40, -40))),
        ((0.3, 0.7), ((0, 0), (1e-8, 0)), (1e-9 * THIN, 1e-8 * np.eye(2)), ((0, 0), (1e-8, 1e-8), (1, 1))),
        ((1.0, 0.0), ((0, 0), (1, 1)), (np.eye(2), 2 * np.eye(2)), ((0.5, 0), (-0.5, 0), (3, 3))),
        ((0.4, 0.6), ((0, 0), (1, 1)), (THIN, np.eye(2)), ((0.5, 0.5), (0.5, -0.5), (3, 3))),
    ],
    ids=["far", "rare", "narrow", "absent", "thin"],
)
def test_agree_at_extremes(weights, means, factors, x):
    params = Params(np.array(weights), np.array(means, float), np.array(factors), np.full((2, 2), np.nan))
    x = np.array(x, float)
    with np.errstate(divide="ignore"):
        wanted = reference.expected(x, np.ones(3), params)
    close(compiled(False).expected(x, np.ones(3), params), wanted, rtol=1e-9)


@engines
@structures
@sizes
def test_unbiased(engine, structure, d):
    x, weights, params = made(structure, d, n=40)
    engine, keys = engine_for(engine, structure), range(2000)
    draws = [told(engine.sampled(x, weights, params, key), structure) for key in keys]
    wanted = told(engine.expected(x, weights, params), structure)
    for name in ("counts", "sums", "scatter"):
        values = np.array([getattr(draw, name) for draw in draws])
        errors = values.std(0, ddof=1) / np.sqrt(len(keys))
        assert (np.abs(values.mean(0) - getattr(wanted, name)) < 5 * errors).all(), name
    counts, (responsibilities, _) = np.array([draw.counts for draw in draws]), reference.rows(x, params)
    variances = weights @ (responsibilities * (1 - responsibilities))
    np.testing.assert_allclose(counts.var(0, ddof=1), variances, rtol=5 * np.sqrt(2 / len(keys)))
    np.testing.assert_array_equal(counts.sum(1), weights.sum())
    np.testing.assert_allclose(draws[0].loglik, wanted.loglik, rtol=1e-13)


@engines
def test_points_are_allocated_independently(engine):
    """Counts vary as sums of independent draws do, though each point is there twice, a tile apart."""
    x, _, params = made("full", 2, n=64)
    see, twice = engine_for(engine, "full").sampled, np.concatenate([x, x])
    counts = np.array([see(twice, np.ones(128), params, key).counts for key in range(2000)])
    responsibilities, _ = reference.rows(twice, params)
    variances = (responsibilities * (1 - responsibilities)).sum(0)
    np.testing.assert_allclose(counts.var(0, ddof=1), variances, rtol=5 * np.sqrt(2 / 2000))


@engines
@structures
def test_sampled_agree_where_allocations_are_certain(engine, structure):
    x, weights = np.array([[-9.0, -10], [-11, -12], [10.5, 10]]), np.array([1.0, 3.0, 100.0])
    factors = STRUCTURES[structure].shaped(
        np.array([0.4, 0.6]), np.array([[[0.5, 0], [0.2, 0.6]], [[0.7, 0], [-0.1, 0.5]]])
    )
    params = Params(np.array([0.4, 0.6]), np.array([[-10.0, -10], [10, 10]]), factors, np.full((2, 2), np.nan))
    drawn = told(engine_for(engine, structure).sampled(x, weights, params, 7), structure)
    np.testing.assert_array_equal(drawn.counts, [4.0, 100.0])
    np.testing.assert_allclose(drawn.sums, [[-2.0, -6], [50, 0]])
    wanted = np.array([[[4.0, 6], [6, 12]], [[25, 0], [0, 0]]])
    diagonal = not STRUCTURES[structure].correlated
    np.testing.assert_allclose(drawn.scatter, np.diagonal(wanted, axis1=1, axis2=2) if diagonal else wanted)


@engines
@structures
@sizes
def test_exchange(engine, structure, d):
    x, weights, params = made(structure, d)
    engine, order = engine_for(engine, structure), np.array([2, 0, 1])
    straight = told(engine.expected(x, weights, params), structure)
    permuted = told(engine.expected(x, weights, params.permute(order)), structure)
    close(permuted, straight._replace(**{name: getattr(straight, name)[order] for name in straight._fields[:3]}))
    responsibilities, loglik = engine.rows(x, params)
    others, same = engine.rows(x, params.permute(order))
    np.testing.assert_allclose(others, responsibilities[:, order], rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(same, loglik, rtol=1e-12)


@engines
@structures
@sizes
def test_three_equal_points_are_one_of_weight_three(engine, structure, d):
    x, weights, params = made(structure, d)
    see, plain = engine_for(engine, structure).expected, np.repeat(x, weights.astype(int), axis=0)
    close(told(see(plain, np.ones(len(plain)), params), structure), told(see(x, weights, params), structure))
