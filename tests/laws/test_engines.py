"""The laws of one look at the data, for each engine and covariance structure."""

from __future__ import annotations

import numpy as np
import pytest

from mixtura.covariance import STRUCTURES
from mixtura.line import kernels as threads
from mixtura.line import reference
from mixtura.line.records import Params
from mixtura.reading.data import Points

ENGINES = (reference, threads)
K, N = 3, 700  # more points than two tiles hold

engines = pytest.mark.parametrize("engine", ENGINES, ids=lambda engine: engine.__name__.rpartition(".")[2])
structures = pytest.mark.parametrize("structure", STRUCTURES)


def made(structure, seed=0, n=N):
    """Points of whole-number weights, and parameters whose components overlap."""
    rng = np.random.default_rng(seed)
    weights = rng.choice([1.0, 1.0, 1.0, 2.0, 5.0, 60.0], n)
    scales = rng.uniform(0.5, 2.0, K)[STRUCTURES[structure].scale_of(K)]
    params = Params(rng.dirichlet(np.full(K, 4.0)), rng.normal(0, 2, K), scales, np.full(1, np.nan))
    return Points(rng.normal(0, 2.5, n), weights), params


def close(a, b, rtol=1e-12):
    """Equal but for rounding, each statistic relative to its own size over components."""
    for name, one, other in zip(a._fields, a, b, strict=True):
        np.testing.assert_allclose(one, other, rtol=rtol, atol=rtol * np.abs(other).max(), err_msg=name)


@engines
@structures
def test_additive(engine, structure):
    points, params = made(structure)
    first, second = (Points(points.x[part], points.weights[part]) for part in (slice(0, 300), slice(300, None)))
    close(engine.expected(first, params) + engine.expected(second, params), engine.expected(points, params))


@engines
@structures
@pytest.mark.parametrize("seed", range(5))
def test_agree(engine, structure, seed):
    points, params = made(structure, seed)
    close(engine.expected(points, params), reference.expected(points, params))
    for mine, theirs in zip(engine.rows(points, params), reference.rows(points, params), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-12, atol=1e-15)


@engines
@pytest.mark.parametrize(
    ("weights", "means", "scales", "x"),
    [
        ((0.5, 0.5), (0.0, 1e6), (1.0, 1.0), (0.0, 5e5, -1e4)),
        ((1e-300, 1.0), (0.0, 1.0), (1.0, 1e-3), (0.0, 1.0, 40.0)),
        ((0.3, 0.7), (0.0, 1e-8), (1e-9, 1e-8), (0.0, 1e-8, 1.0)),
        ((1.0, 0.0), (0.0, 1.0), (1.0, 2.0), (0.5, -0.5, 3.0)),
    ],
    ids=["far", "rare", "narrow", "absent"],
)
def test_agree_at_extremes(engine, weights, means, scales, x):
    points = Points(np.array(x), np.ones(len(x)))
    params = Params(np.array(weights), np.array(means), np.array(scales), np.full(1, np.nan))
    with np.errstate(divide="ignore"):
        close(engine.expected(points, params), reference.expected(points, params), rtol=1e-11)


@engines
@structures
def test_unbiased(engine, structure):
    points, params = made(structure, n=40)
    keys = range(4000)
    draws = [engine.sampled(points, params, key) for key in keys]
    wanted = engine.expected(points, params)
    responsibilities, _ = reference.rows(points, params)
    variances = points.weights @ (responsibilities * (1 - responsibilities))
    for name in ("counts", "sums", "scatter"):
        values = np.array([getattr(draw, name) for draw in draws])
        errors = values.std(0, ddof=1) / np.sqrt(len(keys))
        assert (np.abs(values.mean(0) - getattr(wanted, name)) < 5 * errors).all(), name
    counts = np.array([draw.counts for draw in draws])
    np.testing.assert_allclose(counts.var(0, ddof=1), variances, rtol=5 * np.sqrt(2 / len(keys)))
    np.testing.assert_array_equal(counts.sum(1), points.weights.sum())
    np.testing.assert_allclose(draws[0].loglik, wanted.loglik, rtol=1e-13)


@engines
def test_sampled_agree_where_allocations_are_certain(engine):
    points = Points(np.array([-9.0, -11.0, 10.5]), np.array([1.0, 3.0, 100.0]))
    params = Params(np.array([0.4, 0.6]), np.array([-10.0, 10.0]), np.array([0.5, 0.7]), np.full(1, np.nan))
    drawn = engine.sampled(points, params, 7)
    np.testing.assert_array_equal(drawn.counts, [4.0, 100.0])
    np.testing.assert_allclose(drawn.sums, [-2.0, 50.0])
    np.testing.assert_allclose(drawn.scatter, [4.0, 25.0])


@engines
@structures
def test_gradient(engine, structure):
    points, params = made(structure)
    stats, component, h = engine.expected(points, params), STRUCTURES[structure].scale_of(K), 1e-5

    def slope(change):
        up, down = (reference.expected(points, change(step)).loglik[0] for step in (h, -h))
        return (up - down) / (2 * h)

    for j in range(K):
        unit = np.eye(K)[j]
        by_mean = slope(lambda s, e=unit: params._replace(means=params.means + s * e))
        np.testing.assert_allclose(stats.sums[j] / params.scales[j] ** 2, by_mean, rtol=1e-6, atol=1e-4)
        by_weight = slope(lambda s, e=unit: params._replace(weights=softmax(np.log(params.weights) + s * e)))
        excess = stats.counts[j] - params.weights[j] * points.weights.sum()
        np.testing.assert_allclose(excess, by_weight, rtol=1e-6, atol=1e-4)
    from_stats = (stats.scatter / params.scales**2 - stats.counts) / params.scales
    for g in range(component[-1] + 1):
        shared = (component == g).astype(float)
        by_scale = slope(lambda s, e=shared: params._replace(scales=params.scales + s * e))
        np.testing.assert_allclose(from_stats @ shared, by_scale, rtol=1e-6, atol=1e-4)


def softmax(u):
    return np.exp(u) / np.exp(u).sum()


@engines
@structures
def test_exchange(engine, structure):
    points, params = made(structure)
    order = np.array([2, 0, 1])
    straight, permuted = engine.expected(points, params), engine.expected(points, params.permute(order))
    close(permuted, straight._replace(**{name: getattr(straight, name)[order] for name in straight._fields[:3]}))
    responsibilities, loglik = engine.rows(points, params)
    others, same = engine.rows(points, params.permute(order))
    np.testing.assert_allclose(others, responsibilities[:, order], rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(same, loglik, rtol=1e-13)


@engines
def test_three_equal_points_are_one_of_weight_three(engine):
    points, params = made("full")
    plain = Points(np.repeat(points.x, points.weights.astype(int)), np.ones(int(points.weights.sum())))
    close(engine.expected(plain, params), engine.expected(points, params), rtol=1e-11)
