"""A start: parameters, a mode, labels or a fit; really used, replayed, and refused where it cannot be."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import mixtura as mx
from mixtura.algorithms.line.starts import params_of
from mixtura.algorithms.rows.starts import params_of as params_of_rows
from mixtura.algorithms.run import METHODS
from mixtura.line.records import Params
from mixtura.line.units import Units
from mixtura.reading.data import Points
from mixtura.report import reproduce
from mixtura.rows.records import Params as RowParams
from mixtura.rows.units import RowUnits

KINDS = ("parameters", "by name", "mode", "labels", "fit")
SHORT = {"draws": 4, "warmup": 4, "chains": 2, "seed": 1, "progress": False}


def groups(d):
    """Three groups of points (n,) or (n, d), and whose each is."""
    rng = np.random.default_rng(1)
    labels = np.repeat([0, 1, 2], 20)
    centres = 6.0 * labels if d == 1 else 6.0 * labels[:, None] * np.ones(d)
    return rng.normal(centres, 1.0), labels


DATA = {"column": groups(1), "rows": groups(2)}
MODEL = mx.GaussianMixture(n_components=3)


@pytest.fixture(scope="module")
def modes():
    return {shape: MODEL.optimize(x) for shape, (x, _) in DATA.items()}


@pytest.fixture(scope="module")
def fits():
    return {shape: MODEL.sample(x, algorithm="gibbs", **SHORT) for shape, (x, _) in DATA.items()}


def started(kind, shape, modes, fits):
    """A start of that kind."""
    spread, params = "scales" if shape == "column" else "covariances", modes[shape].params
    return {
        "parameters": params._replace(rate=np.nan),
        "by name": {"weights": params.weights, "means": params.means, spread: getattr(params, spread)},
        "mode": modes[shape],
        "labels": DATA[shape][1],
        "fit": fits[shape],
    }[kind]


@pytest.mark.parametrize("shape", DATA)
@pytest.mark.parametrize("algorithm", ["auto", "nuts", "gibbs"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_taken_and_replays(kind, algorithm, shape, modes, fits):
    x, start = DATA[shape][0], started(kind, shape, modes, fits)
    once, again = (MODEL.sample(x, algorithm=algorithm, start=start, **SHORT) for _ in range(2))
    assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(once.params(), again.params(), strict=True))
    assert once.attrs["start"] == {"by name": "parameters"}.get(kind, kind)
    means = once.params().means.reshape(8, 3, -1).mean(0)
    np.testing.assert_allclose(means, np.broadcast_to([[0.0], [6.0], [12.0]], means.shape), atol=1.5)


@pytest.mark.parametrize("shape", DATA)
@pytest.mark.parametrize(
    ("chains", "places"), [(2, [(0, 3), (1, 3)]), (1, [(1, 3)]), (4, [(0, 1), (0, 3), (1, 1), (1, 3)])]
)
def test_gibbs_goes_on_where_a_fit_ended(chains, places, shape, fits):
    options = {"draws": 1, "warmup": 0, "chains": chains, "seed": 7, "progress": False}
    fit = MODEL.sample(DATA[shape][0], algorithm="gibbs", start=fits[shape], **options)
    for theirs, own in zip(fits[shape].params(), fit.params(), strict=True):
        np.testing.assert_allclose(own[:, 0], [theirs[place] for place in places], rtol=1e-9, atol=1e-12)


def test_labels_that_priors_tell_apart_stay_those_of_the_chain():
    x = DATA["column"][0]
    model = mx.GaussianMixture(n_components=3, means=mx.Normal([0, 6, 12], 3), scales=mx.HalfNormal(2))
    first = model.sample(x, algorithm="gibbs", **SHORT)
    fit = model.sample(x, algorithm="gibbs", start=first, draws=1, warmup=0, chains=2, seed=3, progress=False)
    np.testing.assert_allclose(fit.params().means[:, 0], first.params().means[:, -1], rtol=1e-9)


@pytest.mark.parametrize("shape", DATA)
@pytest.mark.parametrize("algorithm", ["nuts", "hmc", "metropolis"])
def test_every_algorithm_goes_on_where_a_fit_ended(algorithm, shape, fits, monkeypatch):
    if (algorithm, shape) == ("metropolis", "rows"):
        with pytest.raises(ValueError, match="for one column"):
            MODEL.sample(DATA[shape][0], algorithm=algorithm, start=fits[shape])
        return
    method, begun = METHODS[algorithm], []
    first = method.start
    monkeypatch.setattr(method, "start", lambda *given: begun.append(given[1:3]) or first(*given))
    x = DATA[shape][0]
    MODEL.sample(x, algorithm=algorithm, start=fits[shape], **SHORT)
    units = Units.of(x) if shape == "column" else RowUnits.of(x)
    last = fits[shape].params().means[:, -1]
    for (position, covariance), means in zip(begun, last, strict=True):
        np.testing.assert_allclose(position[: means.size], ((means - units.shift) / units.scale).ravel(), rtol=1e-9)
        assert np.linalg.eigvalsh(covariance).min() > 0


def two_modes(shape):
    """A model of two components, data of three groups, and parameters near the lesser mode."""
    rng = np.random.default_rng(0)
    sizes, centres = [60, 40, 30], np.array([-20.0, 0.0, 21.0])
    x = rng.normal(np.repeat(centres, sizes), 1.0)
    model = mx.GaussianMixture(n_components=2, means=mx.Normal(0, 30), weights=mx.Dirichlet(1))
    weights, means, sds = np.array([60, 70]) / 130, np.array([-20.0, 9.0]), np.array([1.0, 11.0])
    other = Params(np.array([100, 30]) / 130, np.array([-12.0, 21.0]), np.array([10.0, 1.0]), np.array(np.nan))
    if shape == "column":
        return model, x, [Params(weights, means, sds, np.array(np.nan)), other]
    x = np.column_stack([x, rng.normal(size=x.size)])
    near = [
        {
            "weights": params.weights,
            "means": np.column_stack([params.means, np.zeros(2)]),
            "covariances": [np.diag([sd**2, 1.0]) for sd in params.scales],
        }
        for params in (Params(weights, means, sds, np.array(np.nan)), other)
    ]
    return mx.GaussianMixture(n_components=2), x, near


@pytest.mark.parametrize("shape", DATA)
def test_a_lesser_mode_keeps_chains(shape):
    model, x, near = two_modes(shape)
    modes = [model.optimize(x, start=params) for params in near]
    best = model.optimize(x)
    lesser = min(modes, key=lambda mode: mode.logdensity)
    assert lesser.logdensity < best.logdensity - 5
    assert max(m.logdensity for m in modes) == pytest.approx(best.logdensity)
    first = [np.ravel(mode.params.means)[:: 1 if shape == "column" else 2] for mode in (lesser, best)]
    fit = model.sample(x, algorithm="nuts", start=lesser, draws=50, warmup=50, chains=2, seed=1, progress=False)
    means = fit.params().means.reshape(100, 2, -1)[..., 0]
    assert (np.abs(means - first[0]).max(1) < np.abs(means - first[1]).max(1)).all()
    again = model.optimize(x, start=lesser)
    assert again.logdensity == pytest.approx(lesser.logdensity, abs=1e-4)
    assert model.optimize(x, start=fit).logdensity == pytest.approx(lesser.logdensity, abs=1e-4)


def test_groups_of_a_column_have_shrunk_moments():
    x, weights, labels = np.array([0.0, 1.0, 9.0, 9.0]), np.array([1.0, 3.0, 1.0, 2.0]), np.array([0, 0, 1, 1])
    params = params_of(Points(x, weights), labels, mx.GaussianMixture(n_components=2))
    np.testing.assert_allclose(params.weights, [5 / 9, 4 / 9])
    np.testing.assert_allclose(params.means, [0.75, 9.0])
    np.testing.assert_allclose(params.scales**2, [(0.75 + 3 * x.var() / 4) / 7, (3 * x.var() / 4) / 6])


def test_rows_count_as_often_as_seen():
    x, labels = DATA["rows"]
    seen = np.random.default_rng(0).integers(1, 4, len(x)).astype(float)
    once = params_of_rows(x, labels, 3, seen)
    copied = params_of_rows(np.repeat(x, seen.astype(int), 0), np.repeat(labels, seen.astype(int)), 3)
    np.testing.assert_allclose(once.weights, copied.weights)
    np.testing.assert_allclose(once.means, copied.means)


@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
@pytest.mark.parametrize("shape", DATA)
def test_labels_start_every_structure(shape, covariance):
    x, labels = DATA[shape]
    model = mx.GaussianMixture(n_components=3, covariance=covariance)
    mode = model.optimize(x, start=(labels + 1) % 3)
    assert mode.logdensity == pytest.approx(model.optimize(x).logdensity, abs=1e-3)
    assert model.optimize(x, start=mode).logdensity == pytest.approx(mode.logdensity, abs=1e-3)


@pytest.mark.parametrize("shape", DATA)
def test_priors_of_every_kind_take_a_start(shape):
    x, labels = DATA[shape]
    model = mx.GaussianMixture(
        n_components=3,
        means=mx.Uniform(-10, 30) if shape == "column" else mx.Normal(5, 10),
        scales=mx.Uniform(0.1, 20) if shape == "column" else mx.HalfCauchy(3),
        weights=mx.Fixed([1 / 3, 1 / 3, 1 / 3]),
    )
    mode = model.optimize(x, start=labels)
    assert mode.logdensity == pytest.approx(model.optimize(x).logdensity, abs=1e-3)
    assert model.optimize(x, start=mode).logdensity == pytest.approx(mode.logdensity, abs=1e-3)


def test_whoever_repeats_the_run_is_told_of_the_start(tmp_path):
    x, labels = DATA["column"]
    fit = MODEL.sample(x, algorithm="gibbs", start=labels, **SHORT)
    assert "start=labels" in reproduce.code(fit)
    assert reproduce.command(fit) == ""
    fit.save(tmp_path / "fit.nc")
    loaded = mx.load(tmp_path / "fit.nc")
    assert loaded.attrs["start"] == "labels"
    on, same = (MODEL.sample(x, start=start, **SHORT).params().means for start in (fit, loaded))
    np.testing.assert_allclose(on, same, rtol=1e-9)


def test_labels_are_of_the_points_that_are_fitted():
    x, labels = DATA["column"]
    with pytest.raises(ValueError, match=r"are \(60,\), one for each point that is fitted; got \(61,\)"):
        MODEL.optimize(np.append(x, np.nan), missing="drop", start=np.append(labels, 0))
    assert MODEL.optimize(np.append(x, np.nan), missing="drop", start=labels).n == 60


X, LABELS = DATA["column"]
ROWS = DATA["rows"][0]
FINE = {"weights": [0.2, 0.3, 0.5], "means": [0, 6, 12], "scales": 1}
FINE_ROWS = {"weights": [0.2, 0.3, 0.5], "means": [[0, 0], [6, 6], [12, 12]], "covariances": np.eye(2)}
NAMED = pd.DataFrame(ROWS, columns=["a", "b"])


@pytest.mark.parametrize(
    ("x", "given", "error", "words"),
    [
        (X, "kmeans", TypeError, "a Mode, a Fit, or labels.*got 'kmeans'"),
        (X, 3, TypeError, "a Mode, a Fit, or labels.*got 3"),
        (X, MODEL, TypeError, "a Mode, a Fit, or labels"),
        (X, LABELS == 1, TypeError, "a Mode, a Fit, or labels"),
        (X, [None] * 60, TypeError, "a Mode, a Fit, or labels"),
        (X, LABELS[:-1], ValueError, r"are \(60,\), one for each point that is fitted; got \(59,\)"),
        (ROWS, ROWS, ValueError, r"one for each point that is fitted; got \(60, 2\)"),
        (X, LABELS - 1, ValueError, "from 0 to 2.*point 0 is -1"),
        (ROWS, LABELS + 1, ValueError, "from 0 to 2.*point 40 is 3"),
        (X, LABELS + 0.5, ValueError, "whole numbers.*is 0.5"),
        (X, LABELS * np.nan, ValueError, "whole numbers.*is nan"),
        (X, LABELS * 0, ValueError, "none is 1, 2.*n_components=1"),
        (ROWS, LABELS // 2 * 2, ValueError, "none is 1.*n_components=2"),
        (X, FINE | {"scales": -1}, ValueError, "start cannot be used: scales must be positive"),
        (X, FINE | {"means": [0, 1]}, ValueError, r"start cannot be used: means has shape \(2,\)"),
        (X, FINE | {"means": [0, 1, np.nan]}, ValueError, "must be finite"),
        (X, FINE | {"sd": 1}, ValueError, r"unknown \['sd'\]"),
        (X, FINE | {"rate": "a"}, TypeError, "rate must be numbers"),
        (X, FINE | {"rate": -1.0}, ValueError, "rate is one positive number"),
        (X, FINE | {"rate": [1.0, 2.0]}, ValueError, "rate is one positive number"),
        (X, FINE | {"weights": [0.5, 0.5, 0.0]}, ValueError, "weights of a start are above 0"),
        (X, FINE | {"means": [0, 1e200, 2]}, ValueError, "density at this start is 0|excludes"),
        (X, {}, ValueError, "missing"),
        (X, Params(*[np.ones((2, 4, 3))] * 4), ValueError, "parameters of many draws; give those of one, or the fit"),
        (X, RowParams(*[np.ones(1)] * 4), ValueError, "parameters of rows of several columns, and x has one"),
        (ROWS, Params(*[np.ones(1)] * 4), ValueError, "parameters of one column, and x has several"),
        (ROWS, FINE_ROWS | {"covariances": [[1, 2], [2, 1]]}, ValueError, "start cannot be used.*positive definite"),
        (ROWS, FINE_ROWS | {"rate": -np.eye(2)}, ValueError, "start cannot be used.*rate"),
        (ROWS, FINE_ROWS | {"weights": [0.5, 0.5, 0.0]}, ValueError, "weights of a start are above 0"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("verb", ["sample", "optimize"])
def test_a_start_that_cannot_be_used(verb, x, given, error, words):
    with pytest.raises(error, match=words):
        getattr(MODEL, verb)(x, start=given)


@pytest.mark.parametrize(
    ("x", "model", "shape", "words"),
    [
        (X, mx.GaussianMixture(n_components=2), "column", "n_components=3, this model has n_components=2"),
        (ROWS, mx.GaussianMixture(n_components=3, covariance="tied"), "rows", "covariance='full'.*'tied'"),
        (X, mx.GaussianMixture(n_components=3, covariance="tied"), "column", "covariance='full'.*'tied'"),
        (X, MODEL, "rows", "fit of the columns x0, x1; x has x"),
        (ROWS, MODEL, "column", "fit of the column x; x has x0, x1"),
        (X, mx.GaussianMixture(n_components=3, means=mx.Uniform(0, 3)), "column", r"upper=3\), which excludes"),
        (X, mx.GaussianMixture(n_components=3, means=mx.Fixed([0, 5, 12])), "column", "means of this model are Fixed"),
        (ROWS, mx.GaussianMixture(n_components=3, weights=mx.Fixed(1 / 3)), "rows", "weights of this model are Fixed"),
    ],
)  # fmt: skip
def test_a_fit_that_cannot_be_gone_on_from(x, model, shape, words, fits):
    with pytest.raises(ValueError, match=words):
        model.sample(x, start=fits[shape])


def test_columns_go_by_name():
    fit = MODEL.sample(NAMED, algorithm="gibbs", **SHORT)
    MODEL.sample(ROWS, algorithm="gibbs", start=fit, **SHORT)
    for start, what in ((fit, "fit"), (MODEL.optimize(NAMED), "mode")):
        with pytest.raises(ValueError, match=f"start is a {what} of the columns a, b; x has b, a"):
            MODEL.sample(NAMED[["b", "a"]], start=start)


def test_tied_scales_of_a_column_are_one():
    with pytest.raises(ValueError, match="one scale for all components"):
        mx.GaussianMixture(n_components=3, covariance="tied").sample(X, start=FINE | {"scales": [1, 2, 3]})
