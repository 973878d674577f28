"""The target of rows: coordinates and back, Jacobians against the declared density, gradients against differences."""

import numpy as np
import pytest

import mixtura as mx
from mixtura.rows.encode import position_of, target_of
from mixtura.rows.gradient import logdensity, placed
from mixtura.rows.kernels import rows_of
from mixtura.rows.target import work_for

RNG = np.random.default_rng(3)
X = np.vstack([RNG.normal(0, 1, (12, 3)) @ RNG.normal(0, 1, (3, 3)), RNG.normal(3, 0.5, (9, 3))])
A = RNG.normal(0, 1, (3, 3))
PLAIN = {"means": mx.MvNormal([0, 1, 2], A @ A.T + np.eye(3)), "weights": mx.Dirichlet([1, 2])}
MODELS = {
    "full": {},
    "tied": {"covariance": "tied"},
    "diagonal": {"covariance": "diagonal"},
    "spherical": {"covariance": "spherical"},
    "full known scale": {"covariances": mx.InverseWishart(5, A @ A.T + np.eye(3)), **PLAIN},
    "tied known scale": {"covariance": "tied", "covariances": mx.InverseWishart(5, A @ A.T + np.eye(3)), **PLAIN},
    "full scales": {"scales": mx.HalfNormal([1, 2, 3]), "correlations": mx.LKJ(2.5), **PLAIN},
    "full bounded scales": {"scales": mx.Uniform(0.1, 5), "correlations": mx.LKJ(1)},
    "tied scales": {"covariance": "tied", "scales": mx.Gamma(2, [1, 2, 3]), "correlations": mx.LKJ(0.7)},
    "diagonal scales": {"covariance": "diagonal", "scales": mx.HalfCauchy([[1, 2, 3], [3, 2, 1]])},
    "diagonal variances": {"covariance": "diagonal", "variances": mx.InverseGamma(3, [1, 2, 3])},
    "spherical scales": {"covariance": "spherical", "scales": mx.LogNormal([0, 1], 0.5)},
    "known weights": {"weights": mx.Fixed([0.3, 0.7])},
    "known means": {"means": mx.Fixed([[0, 0, 0], [3, 3, 3]]), "covariance": "diagonal"},
    "known covariances": {"covariances": mx.Fixed(np.array([np.eye(3), A @ A.T + np.eye(3)]))},
    "known scales": {"scales": mx.Fixed([1, 2, 3]), "correlations": mx.LKJ(2)},
}
models = pytest.mark.parametrize("blocks", MODELS.values(), ids=MODELS)


def made(blocks):
    model = mx.GaussianMixture(n_components=2, n_features=3, **blocks).with_defaults(X)
    target = target_of(model, rows_of(X, RNG.integers(1, 4, len(X)).astype(float)))
    return model, target, work_for(target), np.random.default_rng(7).normal(0, 0.4, target.at[-1])


def declared(params, model):
    """The free numbers of the declared parameters, over which the prior's density is."""
    lower = np.tril_indices(3)
    below = np.tril_indices(3, -1)
    own = slice(0, 1) if model.covariance == "tied" else slice(None)
    kind, blocks = model.covariance, []
    if not isinstance(model.means, mx.Fixed):
        blocks.append(params.means.ravel())
    if not isinstance(model.weights, mx.Fixed):
        blocks.append(params.weights[:-1])
    if isinstance(model.covariances, mx.InverseWishart):
        blocks += [c[lower] for c in params.covariances[own]]
    scales = params.scales[own] if kind != "spherical" else params.scales[:, 0]
    if model.scales is not None and not isinstance(model.scales, mx.Fixed):
        blocks.append(scales.ravel())
    if model.variances is not None:
        blocks.append(scales.ravel() ** 2)
    if model.correlations is not None:
        s = params.scales[own]
        blocks += [c[below] for c in params.covariances[own] / s[:, :, None] / s[:, None]]
    if model.rate is not None:
        rates = np.diag(params.rate)
        blocks.append({"diagonal": rates, "spherical": rates[:1]}.get(kind, params.rate[lower]))
    return np.concatenate(blocks) if blocks else np.zeros(0)


@models
def test_density_is_the_declared_one_times_the_jacobian(blocks):
    model, target, _, q = made(blocks)

    def at(position):
        return placed(target, position)

    density, params = at(q)
    jacobian = np.empty((q.size, q.size))
    for i, step in enumerate(1e-6 * np.eye(q.size)):
        jacobian[:, i] = (declared(at(q + step)[1], model) - declared(at(q - step)[1], model)) / 2e-6
    expected = model.logprior(params) + np.linalg.slogdet(jacobian)[1]
    assert density == pytest.approx(float(expected), abs=1e-6)


@models
def test_gradient_is_the_slope(blocks):
    _, target, work, q = made(blocks)
    grad, scratch = np.empty(q.size), np.empty(q.size)
    logdensity(target, q, grad, work)
    for i, step in enumerate(1e-5 * np.eye(q.size)):
        slope = logdensity(target, q + step, scratch, work) - logdensity(target, q - step, scratch, work)
        assert grad[i] == pytest.approx(slope / 2e-5, rel=2e-6, abs=2e-5)


@models
def test_positions_come_back(blocks):
    _, target, _, q = made(blocks)
    np.testing.assert_allclose(position_of(target, placed(target, q)[1]), q, atol=1e-9)
