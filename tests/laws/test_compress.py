"""The laws of Gauss rules: exact for polynomials, positive, within the points, additive, and blind to cores."""

from __future__ import annotations

import numpy as np
import pytest

from mixtura.datasets import GALLERY
from mixtura.line.compress import cells, fine, merge, nodes
from mixtura.line.compress.lanczos import gauss
from mixtura.line.compress.rules import Rules
from mixtura.line.units import Units
from mixtura.reading import chunks
from mixtura.reading.data import Points


def drawn(n, seed=0):
    """The gallery's mixture, with weights."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    return Points(rng.normal(GALLERY.means[labels], GALLERY.scales[labels]), rng.gamma(2, size=n))


def legendre(x, weights, low, high, degree):
    """Moments of cells, (cells, degree + 1), in polynomials that are at most 1 on them."""
    half = np.where(high > low, high - low, 1.0)[:, None] / 2
    values = np.polynomial.legendre.legvander((x - (low + high)[:, None] / 2) / half, degree)
    return (weights[..., None] * values).sum(1)


@pytest.mark.parametrize("size", [1, 2, 5, 8])
def test_exact_for_polynomials(size):
    rng = np.random.default_rng(size)
    x, weights = 100 + rng.normal(size=(40, 60)), rng.gamma(0.3, size=(40, 60))
    got = gauss(x.ravel(), weights.ravel(), np.arange(40) * 60, size)
    low, high = x.min(1), x.max(1)
    wanted = legendre(x, weights, low, high, 2 * size - 1)
    np.testing.assert_allclose(legendre(*got, low, high, 2 * size - 1), wanted, atol=2e-12 * weights.sum(1).max())
    beyond = legendre(x, weights, low, high, 2 * size)[:, -1] - legendre(*got, low, high, 2 * size)[:, -1]
    assert np.abs(beyond).max() > 1e-4  # no rule of this size does more
    assert (got[1] > 0).all()
    assert (got[0] >= low[:, None]).all()
    assert (got[0] <= high[:, None]).all()


def test_few_points_are_their_own_rule():
    x, weights = gauss(np.array([3.0, -1.0, 2.0, 2.0, 7.0]), np.array([1.0, 2, 3, 4, 5]), np.array([0, 4]), 5)
    np.testing.assert_allclose(x[0, :3], [-1, 2, 3], rtol=1e-13)
    np.testing.assert_allclose(weights, [[2, 7, 1, 0, 0], [5, 0, 0, 0, 0]], rtol=1e-13)
    assert x[1, 0] == 7


@pytest.fixture
def thirds():
    """The fine rules of three parts of some points, over the same cells, and those of all."""
    points = drawn(3 * 10**5)
    units = Units.of(points.x)
    edges = cells.cells_of(points, units)[::8]  # wide enough that every rule is full
    parts = [fine(Points(points.x[i::3], points.weights[i::3]), units, edges) for i in range(3)]
    return parts, fine(points, units, edges)


def close(a: Rules, b: Rules):
    np.testing.assert_array_equal(a.low, b.low)
    np.testing.assert_array_equal(a.high, b.high)
    used = a.weights.sum(1) > 0
    moments = [legendre(r.x[used], r.weights[used], r.low[used], r.high[used], 2 * r.x.shape[1] - 1) for r in (a, b)]
    np.testing.assert_allclose(*moments, atol=1e-11 * a.weights.sum(1).max())
    full = (a.weights > 0).all(1) & (b.weights > 0).all(1) & (a.weights.sum(1) > 1000)
    assert full.sum() > 100
    np.testing.assert_allclose(a.x[full], b.x[full], atol=1e-6 * (a.high - a.low)[full].max())


def test_merging_is_associative_and_commutative(thirds):
    (a, b, c), _ = thirds
    close(merge(merge(a, b), c), merge(a, merge(b, c)))
    close(merge(a, b), merge(b, a))


def test_rules_of_parts_merge_to_the_rule_of_the_whole(thirds):
    (a, b, c), whole = thirds
    close(merge(merge(a, b), c), whole)


def test_no_bit_depends_on_cores(monkeypatch):
    points = drawn(6 * 10**5)
    units = Units.of(points.x)
    monkeypatch.setattr(chunks, "cores", lambda: 1)
    alone = fine(points, units)
    monkeypatch.setattr(chunks, "cores", lambda: 5)
    for one, other in zip(alone, fine(points, units), strict=True):
        np.testing.assert_array_equal(one, other)


def test_three_equal_points_are_one_of_weight_three():
    x = drawn(10**4).x
    units = Units.of(x)
    edges = cells.cells_of(Points(x, np.ones(x.size)), units)
    weighted = nodes(fine(Points(x, np.full(x.size, 3.0)), units, edges))
    repeated = nodes(fine(Points(np.repeat(x, 3), np.ones(3 * x.size)), units, edges))
    np.testing.assert_allclose(weighted.x @ weighted.weights, repeated.x @ repeated.weights, rtol=1e-12)
    np.testing.assert_allclose(weighted.x**4 @ weighted.weights, repeated.x**4 @ repeated.weights, rtol=1e-12)
    assert repeated.weights.sum() == pytest.approx(3 * x.size, rel=1e-14)


def test_cells_grow_no_faster_than_twofold():
    points = Points(np.random.default_rng(0).standard_cauchy(10**5), np.ones(10**5))
    width = np.diff(cells.cells_of(points, Units.of(points.x)))
    ratio = width[1:] / width[:-1]
    assert ratio.max() < 2 + 1e-6
    assert ratio.min() > 0.5 - 1e-6
    assert width.size < 3000
