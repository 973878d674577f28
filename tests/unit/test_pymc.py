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


ROWS = np.random.default_rng(1).normal(size=(9, 3)) * [1, 2, 5] + [0, 3, -4]
MATRIX = [[2.0, 0.5, -0.3], [0.5, 3.0, 0.2], [-0.3, 0.2, 9.0]]
MODELS_OF_ROWS = {
    "separation": mx.GaussianMixture(
        n_components=2,
        means=mx.Normal([0, 3, -4], [[1, 2, 5], [2, 2, 2]]),
        scales=mx.HalfNormal([1, 2, 5]),
        correlations=mx.LKJ(2.5),
        weights=mx.Dirichlet([1, 2]),
    ),
    "uniform correlations": mx.GaussianMixture(
        n_components=3,
        n_features=3,
        means=mx.Fixed([[0, 0, 0], [1, 2, 3], [2, 2, 2]]),
        scales=mx.LogNormal([[0], [1], [2]], 0.5),
        correlations=mx.LKJ(1),
        weights=mx.Dirichlet(1),
    ),
    "tied": mx.GaussianMixture(
        n_components=2,
        covariance="tied",
        means=mx.MvNormal([0, 3, -4], MATRIX),
        scales=mx.HalfCauchy([1, 2, 5]),
        correlations=mx.LKJ(0.7),
        weights=mx.Fixed([0.3, 0.7]),
    ),
    "diagonal": mx.GaussianMixture(
        n_components=2,
        covariance="diagonal",
        n_features=3,
        means=mx.Normal(0, 5),
        scales=mx.Gamma(2, [[1], [0.5]]),
        weights=mx.Dirichlet(1),
    ),
    "diagonal with rates": mx.GaussianMixture(
        n_components=2,
        covariance="diagonal",
        means=mx.Normal(0, 5),
        variances=mx.InverseGamma([[2], [3]], mx.Gamma(2, [1, 0.3, 0.1])),
        weights=mx.Dirichlet(1),
    ),
    "spherical": mx.GaussianMixture(
        n_components=2,
        covariance="spherical",
        n_features=3,
        means=mx.Normal(0, 5),
        scales=mx.Uniform(0, [9, 8]),
        weights=mx.Dirichlet(1),
    ),
    "spherical with a rate": mx.GaussianMixture(
        n_components=2,
        covariance="spherical",
        n_features=3,
        means=mx.Normal([[0], [1]], 5),
        variances=mx.InverseGamma([2, 3], mx.Gamma(2, 1)),
        weights=mx.Dirichlet(1),
    ),
    "known": mx.GaussianMixture(
        n_components=2,
        means=mx.Normal([0, 3, -4], 2),
        covariances=mx.Fixed([MATRIX, np.eye(3)]),
        weights=mx.Dirichlet(1),
    ),
}


def log_density_of_rows(pm, model, x, params):
    """PyMC's log density, prior by prior and component by component, as numbers."""
    k, d = params.means.shape
    own = 1 if model.covariance == "tied" else k

    def log(prior, values, **changed):
        if prior is None or isinstance(prior, mx.Fixed):
            return 0.0
        numbers = {f.name: np.asarray(getattr(prior, f.name)) for f in fields(prior)} | changed
        return pm.logp(getattr(pm, type(prior).__name__).dist(**numbers), values).eval().sum()

    scales, rate = params.scales, np.diag(params.rate)
    if model.covariance == "tied":
        scales = scales[0]
    if model.covariance == "spherical":
        scales, rate = scales[:, 0], rate[:1]
    total = log(model.means, params.means) + log(model.scales, scales)
    if isinstance(model.weights, mx.Dirichlet):
        total += log(model.weights, params.weights, a=np.broadcast_to(model.weights.a, (k,)))
    if model.rate is not None:
        total += log(model.rate, rate) + log(model.variances, scales**2, beta=rate)
    elif model.variances is not None:
        total += log(model.variances, scales**2)
    if model.correlations is not None:
        for covariance in params.covariances[:own]:
            spread = np.sqrt(np.diag(covariance))
            upper = (covariance / spread / spread[:, None])[np.triu_indices(d, 1)]
            theirs = pm.LKJCorr.dist(n=d, eta=model.correlations.eta)
            total += (pm.logp(theirs, upper) - pm.logp(theirs, 0 * upper)).eval()  # 5.28 adds the constant that it owes
            total -= model.correlations.log_normalizer(d)  # see test_matrix_priors
    parts = [pm.MvNormal.dist(m, c) for m, c in zip(params.means, params.covariances, strict=True)]
    return total + pm.logp(pm.Mixture.dist(w=params.weights, comp_dists=parts), x).eval().sum()


@pytest.mark.parametrize("name", MODELS_OF_ROWS)
@pytest.mark.filterwarnings("ignore")  # of PyMC and its dependencies
def test_log_density_of_rows_equals_pymc(pymc, name):
    model, rng = MODELS_OF_ROWS[name], np.random.default_rng(0)
    for _ in range(2):
        params = model.draw_prior(rng)
        wanted = log_density_of_rows(pymc, model, ROWS, params)
        assert model.logdensity(ROWS, params) == pytest.approx(wanted, rel=1e-8, abs=1e-8)


@pytest.mark.filterwarnings("ignore")  # of PyMC and its dependencies
def test_wishart_equals_pymc(pymc):
    x = np.array(MATRIX) + 1.0
    wanted = pymc.logp(pymc.Wishart.dist(nu=4, V=np.array(MATRIX)), x).eval()  # it takes nu as a whole number
    assert mx.Wishart(4, MATRIX).logpdf(x) == pytest.approx(wanted, rel=1e-8)
