"""EM climbs, the optimiser ends at a stationary point, and no random start ends higher."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

import mixtura as mx
from mixtura.algorithms.laplace import curvature
from mixtura.algorithms.line.em import em
from mixtura.algorithms.line.modes import density_of
from mixtura.line.records import Params
from mixtura.line.target import logdensity, position_of, target_of, work_for
from mixtura.line.units import Units
from mixtura.reading.data import Points, points

GALAXIES = mx.datasets.galaxies()
BOOK = mx.datasets.book()
MODELS = {
    "default": (mx.GaussianMixture(n_components=3), GALAXIES),
    "six": (mx.GaussianMixture(n_components=6), GALAXIES),
    "tied": (mx.GaussianMixture(n_components=4, covariance="tied"), GALAXIES),
    "book": (
        mx.GaussianMixture(
            n_components=3, covariance="tied", means=mx.Normal([10, 20, 35], 2), scales=mx.HalfCauchy(5)
        ),
        BOOK,
    ),
    "bounded": (
        mx.GaussianMixture(n_components=2, means=mx.Uniform(0, 50), scales=mx.Uniform(0.5, 20)),
        mx.datasets.faithful().waiting / 2,
    ),
    "student": (
        mx.GaussianMixture(
            n_components=2, means=mx.StudentT(3, 20, 10), scales=mx.Gamma(3, 1), weights=mx.Dirichlet(5)
        ),
        GALAXIES,
    ),
    "variances": (
        mx.GaussianMixture(n_components=3, variances=mx.InverseGamma(3, [5, 2, 5]), weights=mx.Fixed([0.1, 0.8, 0.1])),
        GALAXIES,
    ),
    "weights alone": (
        mx.GaussianMixture(n_components=3, means=mx.Fixed([10, 20, 35]), scales=mx.Fixed(2), weights=mx.Dirichlet(2)),
        BOOK,
    ),
}
models = pytest.mark.parametrize(("model", "x"), MODELS.values(), ids=MODELS)


def standard(model, x):
    """The target in standardised units, those units, and scratch."""
    units, full = Units.of(x), model.with_defaults(x)
    target = target_of(full.in_units(*units), Points(units.into(x), np.ones(x.size)))
    return target, units, work_for(target)


@models
def test_em_never_descends(model, x):
    target, _, work = standard(model, x)
    rng = np.random.default_rng(0)
    for _ in range(5):
        q = rng.normal(0, 1, target.at[-1])
        heights = np.array([em(target, q, work, 1, -np.inf) for _ in range(60)])
        assert (np.diff(heights) >= -1e-9 * np.abs(heights[1:])).all()
        assert heights[-1] > heights[0]


@models
def test_em_ends_where_it_stands_still(model, x):
    target, _, work = standard(model, x)
    q = np.random.default_rng(1).normal(0, 0.5, target.at[-1])
    height, grad = em(target, q, work, 20_000, 1e-11), np.empty(q.size)
    assert logdensity(target, q, grad, work) == pytest.approx(height, abs=1e-8)
    assert np.abs(grad).max() < 1e-2


@models
def test_mode_is_stationary_and_unbeaten(model, x):
    target, units, work = standard(model, x)
    mode = model.optimize(x)
    inside = units.params_into(mode.params)
    q, grad = position_of(target, Params(*(np.atleast_1d(block) for block in inside))), np.empty(target.at[-1])
    height = logdensity(target, q, grad, work)
    negative_hessian = curvature(density_of(target, work), q, 1e-4 * min(1.0, work.params.scales.min()))
    values = np.linalg.eigvalsh(negative_hessian)
    assert (values > 0).all()
    assert grad @ np.linalg.solve(negative_hessian, grad) < 1e-6  # what a Newton step would still gain, twice

    def downhill(position):
        slope = np.empty(q.size)
        return -logdensity(target, position, slope, work), -slope

    rng = np.random.default_rng(2)
    for _ in range(50):
        found = minimize(downhill, rng.normal(0, 1, q.size), jac=True, method="L-BFGS-B", options={"maxiter": 200})
        assert -found.fun <= height + 1e-5


@models
def test_mode_says_what_it_is(model, x):
    mode, data = model.optimize(x), points(x)
    declared = model.with_defaults(x)
    assert mode.logdensity == pytest.approx(model.logdensity(x, mode.params), rel=1e-12)
    assert mode.loglik == pytest.approx(mode.logdensity - declared.logprior(mode.params), rel=1e-12)
    again = model.optimize(data.x, seed=0)
    np.testing.assert_array_equal(mode.params.means, again.params.means)
    if model.exchangeable:
        assert (np.diff(mode.params.means) >= 0).all()


def test_mode_of_weighted_points_is_that_of_repeated_ones():
    weights = np.random.default_rng(0).integers(1, 4, GALAXIES.size)
    model = mx.GaussianMixture(n_components=3)
    weighted, repeated = model.optimize(GALAXIES, weights), model.optimize(np.repeat(GALAXIES, weights))
    np.testing.assert_allclose(weighted.params.means, repeated.params.means, rtol=1e-6)
    assert weighted.logdensity == pytest.approx(repeated.logdensity, rel=1e-9)


def test_laplace_mass_is_exact_for_a_gaussian_posterior():
    """One mean, all else known: the mass under the curve is that of a normal."""
    x = np.array([1.0, 2.0, 4.5, 3.0])
    model = mx.GaussianMixture(n_components=1, means=mx.Normal(0, 3), scales=mx.Fixed(2), weights=mx.Fixed(1))
    target, _, work = standard(model, x)
    q, grid = np.zeros(1), np.linspace(-20, 20, 4001)
    heights = np.array([logdensity(target, np.array([g]), q, work) for g in grid])
    mass = np.log(np.trapezoid(np.exp(heights - heights.max()), grid)) + heights.max()
    assert model.optimize(x).log_mass == pytest.approx(mass, abs=1e-6)


def test_memberships_and_densities_at_the_mode():
    model, points_asked = mx.GaussianMixture(n_components=2), np.array([9.0, 15.0, 30.0])
    mode = model.optimize(GALAXIES)
    weights, means, scales = mode.params[:3]
    joint = weights * np.exp(-0.5 * ((points_asked[:, None] - means) / scales) ** 2) / scales / np.sqrt(2 * np.pi)
    np.testing.assert_allclose(mode.predict_proba(points_asked), joint / joint.sum(1, keepdims=True), rtol=1e-10)
    np.testing.assert_allclose(mode.score_samples(points_asked), np.log(joint.sum(1)), rtol=1e-10)
    np.testing.assert_array_equal(mode.predict(points_asked), joint.argmax(1))
    rows = np.asarray(mx.datasets.iris().x)
    mode = mx.GaussianMixture(n_components=3).optimize(rows)
    assert mode.score_samples(rows).sum() == pytest.approx(mode.loglik, rel=1e-12)
    with pytest.raises(ValueError, match="x has 3 columns"):
        mode.predict(rows[:, :3])
