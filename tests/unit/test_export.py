"""Exports say what the model says: the names of a fit's posterior, and its log density, constants included."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

import mixtura as mx
from mixtura.posterior.store import free_blocks

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
    "default": mx.GaussianMixture(n_components=2),
    "one": mx.GaussianMixture(n_components=1, covariance="tied", means=mx.Fixed([1.5])),
    "known but for means": mx.GaussianMixture(
        n_components=2, means=mx.Normal([0, 4], [1, 3]), scales=mx.Fixed([1, 2]), weights=mx.Fixed([0.3, 0.7])
    ),
}
ROWS = np.random.default_rng(1).normal(size=(6, 3)) * [1.0, 2.0, 5.0] + [[0, 0, 9]]
MATRIX = np.array([[2.0, 0.5, 0.1], [0.5, 1.0, 0.3], [0.1, 0.3, 3.0]])
MODELS |= {
    "rows": mx.GaussianMixture(n_components=2, n_features=3),
    "rows, tied": mx.GaussianMixture(n_components=3, n_features=3, covariance="tied"),
    "rows, diagonal": mx.GaussianMixture(n_components=2, n_features=3, covariance="diagonal"),
    "rows, spherical": mx.GaussianMixture(n_components=2, n_features=3, covariance="spherical"),
    "rows, matrices": mx.GaussianMixture(
        n_components=2, means=mx.MvNormal([0, 1, 5], MATRIX), covariances=mx.InverseWishart(6, MATRIX)
    ),
    "rows, correlations": mx.GaussianMixture(
        n_components=2, means=mx.Normal([0, 0, 9], [[1], [2]]), scales=mx.HalfNormal([1, 2, 5]), correlations=mx.LKJ(2)
    ),
    "rows, one correlation": mx.GaussianMixture(
        n_components=2, n_features=3, covariance="tied", scales=mx.Fixed([1, 2, 5]), weights=mx.Dirichlet([1, 3])
    ),
    "rows, bounded": mx.GaussianMixture(
        n_components=2,
        covariance="diagonal",
        scales=mx.Uniform(0, [[3, 4, 9], [2, 5, 8]]),
        weights=mx.Fixed([0.4, 0.6]),
    ),
    "rows, tied half": mx.GaussianMixture(
        n_components=2, n_features=3, covariance="tied", scales=mx.HalfCauchy(2), correlations=mx.LKJ(0.7)
    ),
    "rows, spherical half": mx.GaussianMixture(
        n_components=2, n_features=3, covariance="spherical", scales=mx.HalfStudentT(3, [1, 2])
    ),
    "rows, known": mx.GaussianMixture(
        n_components=2, means=mx.Fixed([[0, 0, 9], [1, 1, 5]]), covariances=mx.Fixed([MATRIX, 2 * MATRIX])
    ),
}
WEIGHTS = np.array([1.0, 2.0, 0.5, 3.0, 1.0, 4.0])


def of(name):
    """A model by its name, and data for it."""
    return MODELS[name], ROWS if name.startswith("rows") else X


def same(value):
    return pytest.approx(value, rel=1e-8, abs=1e-8)


def places(model, n=5):
    """Parameters from the prior, as `logdensity` takes them, by their names in a posterior, and as declared."""
    rng = np.random.default_rng(0)
    for _ in range(n):
        params = model.draw_prior(rng)
        sampled = free_blocks(model, type(params)(*(values[None, None] for values in params)))
        sampled = {name: (dims[2:], values[0, 0]) for name, (dims, values) in sampled.items()}
        declared = {name: values for name, (_, values) in sampled.items()}
        if params.means.ndim > 1:
            scales = params.scales
            correlation = params.covariances / scales[:, :, None] / scales[:, None, :]
            tied, spherical = model.covariance == "tied", model.covariance == "spherical"
            declared["scale"] = scales[0] if tied else scales[:, 0] if spherical else scales
            declared["correlation"] = correlation[0] if tied else correlation
        if "scale" in declared:
            declared["variance"] = declared["scale"] ** 2
        yield params, sampled, declared


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.filterwarnings("ignore")  # of PyMC and its dependencies
def test_pymc_has_the_density_and_the_names(pymc, name):
    from pymc.model.transform.conditioning import remove_value_transforms
    from pytensor.compile.mode import Mode

    model, x = of(name)
    for weights in (None, WEIGHTS):
        full = model.with_defaults(x, weights)
        theirs = remove_value_transforms(model.to_pymc(x, weights))
        density = theirs.compile_logp(mode=Mode("py", "stabilize"))
        free = {variable.name for variable in theirs.free_RVs}
        for params, sampled, declared in places(full):
            named = {variable.name for variable in theirs.unobserved_RVs}
            assert set(sampled) <= named <= {*sampled, "variance", "scale", "correlation"}
            assert {each: tuple(theirs.named_vars_to_dims.get(each, ())) for each in sampled} == {
                each: dims for each, (dims, _) in sampled.items()
            }
            assert float(density({each: declared[each] for each in free})) == same(full.logdensity(x, params, weights))


@pytest.fixture
def uncompiled(pymc):
    """PyMC's graphs in Python, which takes seconds less than a C compiler."""
    from pytensor import config

    with config.change_flags(mode="FAST_COMPILE", cxx=""):
        yield


@pytest.mark.parametrize("name", ["rows", "rows, correlations"])
@pytest.mark.usefixtures("uncompiled")
@pytest.mark.filterwarnings("ignore")
def test_coordinates_of_matrices_know_their_volume(pymc, name):
    """There and back, and the determinant of the derivatives of the lower triangle (by central differences)."""
    model, x = of(name)
    theirs = model.to_pymc(x)
    variable, below = (theirs["rate"], 0) if name == "rows" else (theirs["correlation"], -1)
    way, lower = theirs.rvs_to_transforms[variable], np.tril_indices(3, below)
    size = lower[0].size
    q = np.random.default_rng(0).normal(0, 0.7, size)

    def back(q):
        return way.backward(pymc.math.constant(q), *variable.owner.inputs).eval()

    steps = 1e-5 * np.eye(size)
    slopes = np.array([(back(q + step)[lower] - back(q - step)[lower]) / 2e-5 for step in steps])
    volume = way.log_jac_det(pymc.math.constant(q), *variable.owner.inputs).eval()
    assert volume == pytest.approx(np.linalg.slogdet(slopes)[1], abs=1e-7)
    np.testing.assert_allclose(way.forward(pymc.math.constant(back(q)), *variable.owner.inputs).eval(), q, atol=1e-10)


@pytest.mark.parametrize("name", ["default", "rows", "rows, tied half"])
@pytest.mark.usefixtures("uncompiled")
@pytest.mark.filterwarnings("ignore")
def test_pymc_can_begin_and_draw_from_its_prior(pymc, name):
    model, x = of(name)
    theirs = model.to_pymc(x)
    assert all(np.isfinite(list(theirs.point_logps().values())))
    prior = pymc.sample_prior_predictive(4, model=theirs, random_seed=1)
    assert prior.prior_predictive["x"].shape == (1, 4, *x.shape)


def test_pymc_is_asked_for_in_plain_words(monkeypatch):
    monkeypatch.setitem(sys.modules, "pymc", None)
    with pytest.raises(ImportError, match=r"pip install 'mixtura\[pymc\]'"):
        MODELS["book"].to_pymc(X)


@pytest.mark.parametrize("name", MODELS)
def test_stan_has_the_density(stan, name):
    """The program's own text, compiled; `target` without Jacobians."""
    model, x = of(name)
    compiled = stan(model.to_stan(x).program)
    for weights in (None, WEIGHTS):
        full = model.with_defaults(x, weights)
        data = model.to_stan(x, weights).data
        for params, _, declared in places(full):
            q = compiled.transform_inits(data, {each: np.asarray(v).tolist() for each, v in declared.items()})
            assert compiled.log_prob(data, q, False) == same(full.logdensity(x, params, weights))


@pytest.mark.parametrize("name", MODELS)
def test_stan_is_given_what_it_asks_for(name):
    model, x = of(name)
    program, data = model.to_stan(x, WEIGHTS)
    asked = program[: program.index("}")].splitlines()[1:]
    assert {line.split(";")[0].split()[-1] for line in asked} == set(data)
    assert json.loads(json.dumps(data)) == data
    numbers = {line.split(";")[0].split()[-1] for line in asked if line.split()[0].startswith(("int", "real"))}
    assert {each for each, value in data.items() if not isinstance(value, list)} == numbers
    assert model.to_stan(2 * x).program == program  # one text for all data and weights


@pytest.mark.parametrize("way", ["to_pymc", "to_stan"])
def test_data_are_checked(way, request):
    if way == "to_pymc":
        request.getfixturevalue("pymc")
    with pytest.raises(ValueError, match="nan"):
        getattr(MODELS["book"], way)([1.0, np.nan, 3.0])
