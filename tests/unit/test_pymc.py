"""The log density equals PyMC's for the same declaration, constants included."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest

import mixtura as mx

X = np.array([-2.1, -0.4, 0.3, 0.9, 2.5, 6.0])
MODELS = {
    "gallery": mx.GaussianMixture(
        n_components=3, means=mx.Normal(0, 5), scales=mx.HalfNormal(1), weights=mx.Dirichlet(1)
    ),
    "book": mx.GaussianMixture(
        n_components=3,
        covariance="tied",
        means=mx.Normal([-2, 0, 5], 2),
        scales=mx.HalfCauchy(5),
        weights=mx.Dirichlet(1),
    ),
    "richardson-green": mx.GaussianMixture(
        n_components=3,
        means=mx.Normal(2, 8),
        variances=mx.InverseGamma(2, mx.Gamma(0.2, 0.15)),
        weights=mx.Dirichlet(1),
    ),
    "variances": mx.GaussianMixture(
        n_components=2,
        means=mx.StudentT(4, [0, 1], 2),
        variances=mx.InverseGamma([2, 3], [1, 0.5]),
        weights=mx.Dirichlet(2),
    ),
    "tied variance": mx.GaussianMixture(
        n_components=2,
        covariance="tied",
        means=mx.Normal(0, 3),
        variances=mx.InverseGamma(3, mx.Gamma(2, 1)),
        weights=mx.Dirichlet([1, 4]),
    ),
    "gamma": mx.GaussianMixture(
        n_components=2, means=mx.Uniform(-4, [7, 8]), scales=mx.Gamma([2, 3], 1.5), weights=mx.Dirichlet([0.5, 2])
    ),
    "half student": mx.GaussianMixture(
        n_components=2, means=mx.Normal(0, 3), scales=mx.HalfStudentT(3, [1, 2]), weights=mx.Fixed([0.3, 0.7])
    ),
    "log-normal": mx.GaussianMixture(
        n_components=4, means=mx.StudentT([2, 3, 4, 5], 0, 3), scales=mx.LogNormal(0.2, 0.7), weights=mx.Dirichlet(1)
    ),
    "exponential": mx.GaussianMixture(
        n_components=2, means=mx.Fixed([-1, 3]), scales=mx.Exponential(0.4), weights=mx.Dirichlet(1)
    ),
    "uniform scales": mx.GaussianMixture(
        n_components=2, means=mx.Normal(0, 3), scales=mx.Uniform(0, [9, 8]), weights=mx.Dirichlet(1)
    ),
    "inverse gamma scales": mx.GaussianMixture(
        n_components=2, covariance="tied", means=mx.Normal(0, 3), scales=mx.InverseGamma(3, 2), weights=mx.Dirichlet(1)
    ),
    "known": mx.GaussianMixture(
        n_components=3, means=mx.Fixed([-2, 0, 5]), variances=mx.Fixed(4), weights=mx.Dirichlet([1, 2, 3])
    ),
}


def variable(pm, name, prior, size):
    """A block of the model in PyMC, under its own names, without a change of variables."""
    if isinstance(prior, mx.Fixed):
        return np.broadcast_to(np.asarray(prior.value), (size,))
    numbers = {field.name: getattr(prior, field.name) for field in fields(prior)}
    if isinstance(prior, mx.Dirichlet):
        return pm.Dirichlet(name, np.broadcast_to(np.asarray(prior.a), (size,)), default_transform=None)
    if isinstance(prior, mx.InverseGamma) and prior.rate is not None:
        numbers["beta"] = variable(pm, "rate", prior.rate, ())
    arguments = {key: np.asarray(v) if isinstance(v, tuple) else v for key, v in numbers.items()}
    return getattr(pm, type(prior).__name__)(name, **arguments, shape=size, default_transform=None)


def compiled(pm, model, x):
    """PyMC's log density, a function of a dict of the declared parameters, and their names."""
    from pytensor.compile.mode import Mode

    k = model.n_components
    with pm.Model() as theirs:
        weights, means = variable(pm, "weights", model.weights, k), variable(pm, "means", model.means, k)
        if model.scales is not None:
            scales = variable(pm, "scales", model.scales, model.n_scales)
        else:
            scales = pm.math.sqrt(variable(pm, "variances", model.variances, model.n_scales))
        pm.NormalMixture("x", w=weights, mu=means, sigma=scales, observed=x)
    return theirs.compile_logp(mode=Mode("py", "stabilize")), [variable.name for variable in theirs.free_RVs]


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.filterwarnings("ignore")  # of PyMC and its dependencies
def test_log_density_equals_pymc(pymc, name):
    model, rng = MODELS[name], np.random.default_rng(0)
    theirs, names = compiled(pymc, model, X)
    for _ in range(10):
        params = model.draw_prior(rng)
        values = params._asdict() | {"scales": params.scales[: model.n_scales]}
        values["variances"] = values["scales"] ** 2
        wanted = float(theirs({name: values[name] for name in names}))
        assert model.logdensity(X, params) == pytest.approx(wanted, rel=1e-8, abs=1e-8)
