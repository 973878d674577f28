"""The log density that is explored: its gradient, its Jacobian, and its agreement with the declared one."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

import mixtura as mx
from mixtura.line.coordinates import simplex_basis
from mixtura.line.records import Params
from mixtura.line.target import log_jacobian, logdensity, place_all, position_of, target_of, work_for
from mixtura.reading.data import Points

K = 3
MEANS = (
    mx.Normal([-1, 0, 2], [1, 2, 3]),
    mx.StudentT(4, 0, [1, 2, 1]),
    mx.Uniform([-4, -3, -5], [3, 4, 6]),
    mx.Fixed([-1, 0, 1]),
)
SCALES = (
    mx.HalfNormal(2),
    mx.HalfCauchy(1.5),
    mx.HalfStudentT(3, 2),
    mx.Exponential(0.5),
    mx.Gamma(2.5, 1.5),
    mx.InverseGamma(3, 2),
    mx.LogNormal(0.2, 0.7),
    mx.Uniform(0.05, 4),
    mx.Fixed(0.8),
)
VARIANCES = (mx.InverseGamma(2.5, 1.5), mx.InverseGamma(2, mx.Gamma(0.2, 0.4)), mx.Fixed(0.7))
WEIGHTS = (mx.Dirichlet(1), mx.Dirichlet([0.5, 2, 3]), mx.Fixed([0.2, 0.3, 0.5]))


def declared():
    """Every kind of every block, each with both structures; other blocks take turns."""
    for structure in ("full", "tied"):
        for i, means in enumerate(MEANS):
            yield structure, means, {"variances": VARIANCES[1]}, WEIGHTS[i % 3]
        for i, prior in enumerate(SCALES):
            yield structure, MEANS[i % 3], {"scales": prior}, WEIGHTS[i % 2]
        for i, prior in enumerate(VARIANCES):
            yield structure, MEANS[i], {"variances": prior}, WEIGHTS[(i + 1) % 3]


MODELS = [
    mx.GaussianMixture(n_components=K, covariance=structure, means=means, weights=weights, **spread)
    for structure, means, spread, weights in declared()
]
models = pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.covariance}-{m.means}-{m.scales or m.variances}")


def ready(model, seed=0):
    """A target on 30 weighted points, scratch, and a position drawn about the prior's middle."""
    rng = np.random.default_rng(seed)
    data = Points(rng.normal(0, 2, 30), rng.choice([1.0, 0.5, 3.0], 30))
    target = target_of(model, data)
    return target, work_for(target), rng.normal(0, 0.5, target.at[-1])


@models
def test_gradient(model):
    target, work, q = ready(model)
    grad, spare, h = np.empty(q.size), np.empty(q.size), 1e-5
    logdensity(target, q, grad, work)
    for i in range(q.size):
        step = h * np.eye(q.size)[i]
        slope = (logdensity(target, q + step, spare, work) - logdensity(target, q - step, spare, work)) / (2 * h)
        assert grad[i] == pytest.approx(slope, rel=1e-6, abs=1e-6), i


@models
def test_density_is_the_declared_one_and_its_jacobian(model):
    for seed in range(3):
        target, work, q = ready(model, seed)
        value = logdensity(target, q, np.empty(q.size), work)
        declared = model.logdensity(target.points.x, at(target, q, work), target.points.weights)
        assert value == pytest.approx(declared + log_jacobian(target, q, work.params), rel=1e-12)
        params = at(target, q, work)
        np.testing.assert_allclose(position_of(target, params), q, rtol=1e-10, atol=1e-10)


@models
def test_jacobian_is_the_determinant_of_the_map(model):
    target, work, q = ready(model)
    h, rows = 1e-6, []
    for i in range(q.size):
        step = h * np.eye(q.size)[i]
        up, down = (free(model, at(target, q + sign * step, work)) for sign in (1, -1))
        rows.append((up - down) / (2 * h))
    place_all(target, q, work.params)
    determinant = np.linalg.slogdet(np.array(rows)).logabsdet
    assert log_jacobian(target, q, work.params) == pytest.approx(determinant, abs=1e-7)


def at(target, q, work):
    place_all(target, q, work.params)
    return Params(*(block.copy() for block in work.params[:3]), np.array(work.params.rate[0]))


def free(model, params):
    """The declared, free parameters in a row; of the weights all but one."""
    blocks = [] if isinstance(model.means, mx.Fixed) else [params.means]
    scales = params.scales[: model.n_scales]
    blocks += (
        [] if isinstance(model.scales or model.variances, mx.Fixed) else [scales**2 if model.variances else scales]
    )
    blocks += [] if isinstance(model.weights, mx.Fixed) else [params.weights[:-1]]
    return np.concatenate([*blocks, *([params.rate[None]] if model.rate else [])])


@pytest.mark.parametrize("k", [1, 2, 5, 20])
def test_simplex_basis_is_orthonormal_and_sums_to_zero(k):
    basis = simplex_basis(k)
    np.testing.assert_allclose(basis.T @ basis, np.eye(k - 1), atol=1e-14)
    np.testing.assert_allclose(basis.sum(0), 0, atol=1e-14)


@pytest.mark.parametrize("far", [-800.0, -300.0, 300.0, 800.0])
def test_far_positions_are_never_nan(far):
    for model, i in product(MODELS[:6], range(3)):
        target, work, q = ready(model)
        q[i % q.size] = far
        assert not np.isnan(logdensity(target, q, np.empty(q.size), work))


def test_declared_density_is_minus_infinity_outside():
    model = mx.GaussianMixture(n_components=2, means=mx.Uniform(0, 1), scales=mx.HalfNormal(1), weights=mx.Dirichlet(1))
    inside = {"weights": [0.5, 0.5], "means": [0.2, 0.9], "scales": 1.0}
    assert np.isfinite(model.logdensity([0.0, 2.0], inside))
    assert model.logdensity([0.0, 2.0], inside | {"means": [0.2, 1.1]}) == -np.inf
