"""Compressed data give the log-likelihood and the statistics of the data, whatever the data."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mixtura.datasets import GALLERY
from mixtura.line import kernels as threads
from mixtura.line import reference
from mixtura.line.compress import certificate, coarsen, fine, nodes, refine
from mixtura.line.compress.rules import occupied
from mixtura.line.compress.smoothness import errors, zeros_of
from mixtura.line.records import Params
from mixtura.line.units import Units
from mixtura.reading.data import Points

N = 10**5


def gallery(rng, n=N):
    labels = rng.integers(0, 3, n)
    return rng.normal(GALLERY.means[labels], GALLERY.scales[labels])


def spike(share, sd=1e-3, n=N):
    return lambda rng: np.where(rng.random(n) < share, rng.normal(1.0, sd, n), rng.normal(0, 10, n))


def tied(rng):
    x = gallery(rng)
    return np.where(rng.random(N) < 0.3, x[0], x)


def copied(rng):
    x = gallery(rng)
    return np.where(rng.random(N) < 0.3, rng.choice(x, N), x)


def integers(rng):
    return np.clip(np.round(np.where(rng.random(N) < 0.5, rng.normal(30, 9, N), rng.normal(70, 6, N))), 0, 100)


def mixture(*components):
    """Params (k,) from (weight, mean, scale) of each component."""
    return Params(*np.array(components, float).T, np.full(1, np.nan))


DATA = {
    "gallery": (gallery, GALLERY),
    "student-t": (lambda rng: rng.standard_t(2, N), None),
    "cauchy": (lambda rng: rng.standard_cauchy(N), None),
    "lognormal": (lambda rng: rng.lognormal(size=N), None),
    "ties": (tied, None),
    "copies": (copied, None),
    "half-spike": (spike(0.5), mixture((0.5, 1, 1e-3), (0.5, 0, 10))),
    "rare-spike": (spike(0.02), mixture((0.02, 1, 1e-3), (0.98, 0, 10))),
    "integers": (integers, mixture((0.5, 30, 9), (0.5, 70, 6))),
    "outlier": (lambda rng: np.append(np.ones(N - 1), 1e12), mixture((0.5, 1, 1e6), (0.5, 1e12, 1e11))),
    "far": (lambda rng: np.append(gallery(rng), [1e4, -1e5, 1e6]), None),
    "rounded": (lambda rng: np.round(gallery(rng), 2), GALLERY),
    "single": (lambda rng: gallery(rng).astype(np.float32).astype(float), GALLERY),
    "sorted": (lambda rng: np.sort(gallery(rng)), GALLERY),
    "gap": (lambda rng: np.where(rng.random(N) < 0.5, rng.normal(-1e3, 1, N), rng.normal(1e3, 0.1, N)), None),
}


def fitted(points, k=3):
    """Some steps of EM from the quantiles, standardised."""
    order = np.argsort(points.x)
    at = np.searchsorted(np.cumsum(points.weights[order]), points.weights.sum() * np.linspace(0.1, 0.9, k))
    params = Params(np.full(k, 1 / k), points.x[order][at], np.full(k, 0.05), np.full(1, np.nan))
    for _ in range(100):
        stats = threads.expected(points, params)
        step = stats.sums / stats.counts
        scales = np.sqrt(np.maximum(stats.scatter / stats.counts - step**2, 1e-14))
        params = Params(stats.counts / stats.counts.sum(), params.means + step, scales, params.rate)
    return params


def around(params, spread, s, seed=0):
    """Parameters (s, k) about some, so many of their own units away."""
    rng = np.random.default_rng(seed)
    away = spread * rng.normal(size=(3, s, params.means.size))
    weights = params.weights * np.exp(away[0])
    weights /= weights.sum(1, keepdims=True)
    return Params(weights, params.means + params.scales * away[1], params.scales * np.exp(away[2]), np.full(1, np.nan))


def one(params):
    """The same, with an axis of one draw."""
    return Params(*(block[None] for block in params[:3]), params.rate)


class Made:
    """Points, their units, fine rules and parameters that fit them, standardised."""

    def __init__(self, name, weighted=False):
        make, params = DATA[name]
        rng = np.random.default_rng(len(name))
        x = make(rng)
        self.points = Points(x, rng.gamma(2, size=x.size) if weighted else np.broadcast_to(1.0, x.size))
        self.units = Units.of(x)
        self.rules = fine(self.points, self.units)
        self.params = self.units.params_into(params) if params else fitted(nodes(self.rules), 2 if name == "gap" else 3)

    def certify(self, compressed, spread, s=8):
        return certificate(self.points, self.units, compressed, around(self.params, spread, s))


@pytest.fixture(params=DATA)
def made(request):
    return Made(request.param)


def test_any_data(made):
    coarse = nodes(coarsen(made.rules, one(made.params)))
    assert coarse.x.size < 300
    assert coarse.weights.sum() == pytest.approx(made.points.weights.sum(), rel=1e-13)
    assert (coarse.weights > 0).all()
    assert (np.diff(coarse.x) > 0).all()
    z = made.units.into(made.points.x)
    assert (coarse.x[0], coarse.x[-1]) >= (z.min(), -4)
    assert coarse.x[-1] <= z.max()
    assert made.certify(nodes(made.rules), 0.05) < 1e-5  # as fine as it gets
    assert made.certify(coarse, 2 * N**-0.5) < 5e-5  # where a posterior is
    assert made.certify(coarse, 0.05) < 1e-3  # and where it is not
    exact = reference.expected(Points(z, made.points.weights), made.params)
    found = reference.expected(coarse, made.params)
    for power, name in enumerate(("counts", "sums", "scatter")):  # errors in units of their sampling errors
        unit = np.sqrt(exact.counts) * made.params.scales**power
        assert (np.abs(getattr(found, name) - getattr(exact, name)) < 1e-5 * unit).all(), name


@pytest.mark.parametrize("name", ["gallery", "ties", "integers"])
def test_weighted_points(name):
    made = Made(name, weighted=True)
    coarse = nodes(coarsen(made.rules, one(made.params)))
    assert coarse.x.size < 300
    assert made.certify(coarse, 2 * N**-0.5) < 5e-5
    assert coarse.weights.sum() == pytest.approx(made.points.weights.sum(), rel=1e-13)


@pytest.mark.parametrize("name", ["gallery", "rare-spike"])
def test_the_tolerance_is_kept(name):
    made = Made(name)
    sizes = []
    for tolerance in (1e-2, 1e-4, 1e-6):
        rules = coarsen(made.rules, one(made.params), tolerance)
        sizes.append(nodes(rules).x.size)
        assert made.certify(nodes(rules), 0.0, 1) < tolerance * rules.low.size
    assert sizes == sorted(set(sizes))


def test_where_one_component_matters_two_nodes_would_do():
    made = Made("gallery")
    rules = coarsen(made.rules, one(mixture((1.0, 0.0, 0.5))))
    assert rules.low.size == 1
    assert certificate(made.points, made.units, nodes(rules), one(mixture((1.0, 0.1, 0.4)))) < 1e-7


@pytest.mark.parametrize("n", [1, 2, 5, 200, 3000])
def test_few_points(n):
    rng = np.random.default_rng(n)
    points = Points(gallery(rng, n), np.ones(n))
    units = Units(0.0, 4.0)
    rules = fine(points, units)
    params = units.params_into(GALLERY)
    coarse = nodes(coarsen(rules, one(params)))
    if n <= 5:
        np.testing.assert_array_equal(nodes(rules).x, np.sort(points.x) / 4)
        np.testing.assert_array_equal(coarse.x, np.sort(points.x) / 4)
    assert coarse.x.size <= n
    assert certificate(points, units, coarse, around(params, 0.05, 8)) < 1e-5


def test_values_that_repeat_are_kept_exactly():
    made = Made("integers")
    values, counts = np.unique(made.units.into(made.points.x), return_counts=True)
    kept = nodes(made.rules)
    np.testing.assert_allclose(kept.x, values, rtol=0, atol=1e-15)
    np.testing.assert_allclose(kept.weights, counts, rtol=1e-12)


def test_a_value_that_many_share_is_kept_exactly():
    made = Made("ties")
    values, counts = np.unique(made.units.into(made.points.x), return_counts=True)
    kept = nodes(made.rules)
    assert kept.weights[kept.x == values[counts.argmax()]] == pytest.approx([counts.max()], rel=1e-12)


@pytest.mark.parametrize("scales", [(0.3, 0.8), (0.8, 0.3), (0.5, 0.5 + 1e-12), (0.5 + 1e-12, 0.5)])
@pytest.mark.parametrize("means", [(-1.0, 0.5), (0.5, -1.0)])
def test_zeros_are_zeros(scales, means):
    params = mixture((0.6, means[0], scales[0]), (0.4, means[1], scales[1]))
    zeros = zeros_of(one(params))
    assert zeros.size == 2
    zeros = zeros[np.abs(zeros) < 10]
    assert zeros.size > 0
    z = (zeros[:, None] - params.means) / params.scales
    terms = params.weights / params.scales * np.exp(-0.5 * z**2)
    assert np.abs(terms.sum(1) / np.abs(terms).sum(1)).max() < 1e-13


def test_no_zeros_where_there_is_no_crossing():
    assert zeros_of(one(mixture((0.5, 1, 2), (0.5, 1, 2)))).size == 0  # equal
    assert zeros_of(one(mixture((1, 0, 1), (0, 1, 2)))).size == 0  # without weight
    middle_drowns = zeros_of(one(mixture((0.1, -1, 1), (0.8, 0, 9), (0.1, 1, 1.1))))
    assert zeros_of(one(mixture((0.1, -1, 1), (0.1, 1, 1.1)))).size == 2
    far = mixture((0.3, -9, 1), (0.4, 0, 1), (0.3, 9, 1.1))
    assert np.abs(zeros_of(one(far)).real).min() > 3  # the outer two cross at 0, under the middle one
    assert middle_drowns.size >= 2


def test_refining_resolves_what_the_cells_did_not():
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(0, 10, N), rng.normal(1, 1e-4, 100)])
    points, units = Points(x, np.ones(x.size)), Units.of(x)
    params = units.params_into(mixture((0.999, 0, 10), (0.001, 1, 1e-4)))
    draws = around(params, 0.02, 4)
    first = fine(points, units)
    assert certificate(points, units, nodes(first), draws) > 1e-3
    assert errors(occupied(first), one(params)).sum() > 1e-3  # and it is known beforehand
    second = refine(points, units, first, one(params), 1e-6)
    assert errors(occupied(second), one(params)).sum() < 1e-5
    coarse = nodes(coarsen(second, one(params)))
    assert coarse.x.size < 300
    assert certificate(points, units, coarse, draws) < 1e-4


def test_the_certificate_is_the_difference_of_log_likelihoods():
    made = Made("gallery")
    draws = around(made.params, 0.05, 3)
    wrong = Points(np.array([-1.0, 0.5]), np.array([1e4, 9e4]))
    z = Points(made.units.into(made.points.x), made.points.weights)
    gaps = []
    for s in range(3):
        at = Params(*(block[s] for block in draws[:3]), draws.rate)
        gaps.append(math.fsum(reference.rows(z, at)[1]) - reference.expected(wrong, at).loglik[0])
    assert certificate(made.points, made.units, wrong, draws) == pytest.approx(max(map(abs, gaps)), rel=1e-10)


def test_a_mapped_file_is_read_as_it_lies(tmp_path):
    x = gallery(np.random.default_rng(0), 3 * 10**5)
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    ones, units = np.broadcast_to(1.0, x.size), Units.of(x)
    for a, b in zip(fine(Points(mapped, ones), units), fine(Points(x, np.ones(x.size)), units), strict=True):
        np.testing.assert_array_equal(a, b)
