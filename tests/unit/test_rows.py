"""What a fit of rows means: every verb against its plain definition, on draws that are made up."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from rich.console import Console
from scipy.special import logsumexp
from scipy.stats import multivariate_normal

import mixtura as mx
from mixtura.console import print_fit
from mixtura.fit import Fit
from mixtura.posterior import rows, store
from mixtura.reading.data import Points
from mixtura.rows.records import Params

STRUCTURES = ["full", "tied", "diagonal", "spherical"]
NAMES = ["length", "width", "height"]
CHAINS, DRAWS, K = 2, 40, 3


def truth(structure, d=3, k=K, seed=0):
    """Parameters of groups that are well apart."""
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(k, d, d)) / np.sqrt(d)
    factors = np.linalg.cholesky(roots @ roots.transpose(0, 2, 1) + 0.3 * np.eye(d))
    if structure == "tied":
        factors[:] = factors[0]
    if structure == "diagonal":
        factors = np.sqrt((factors**2).sum(-1))[..., None] * np.eye(d)
    if structure == "spherical":
        factors = np.abs(factors[:, :1, :1]) * np.eye(d)
    return Params(rng.dirichlet(np.full(k, 5.0)), rng.normal(0, 4, (k, d)), factors, 0.5 * np.eye(d))


def about(centre, structure, noise=0.05, shape=(CHAINS, DRAWS), seed=1):
    """Draws about parameters."""
    rng, (k, d) = np.random.default_rng(seed), centre.means.shape
    owners = 1 if structure == "tied" else k
    stretch = np.exp(noise * rng.normal(size=(*shape, owners, 1, 1)))
    return Params(
        rng.dirichlet(centre.weights / noise**2, shape),
        centre.means + noise * rng.normal(size=(*shape, k, d)),
        centre.factors * stretch,
        centre.rate * np.exp(noise * rng.normal(size=(*shape, 1, 1))),
    )


def data_of(centre, n=120, seed=2):
    return Points(
        rows.replicate(Params(*(b[None, None] for b in centre)), 1, n, np.random.default_rng(seed))[0], np.ones(n)
    )


TOLD = {
    "name": "x", "algorithm": "gibbs", "interrupted": 0, "seed": "1", "tuning_steps": 0, "sampling_time": 0.0
}  # fmt: skip


def fitted(structure, model=None, draws=None, data=None, features=NAMES, **attributes):
    centre = truth(structure)
    data = data_of(centre) if data is None else data
    draws = about(centre, structure) if draws is None else draws
    model = mx.GaussianMixture(n_components=K, covariance=structure) if model is None else model
    shape, rng = draws.weights.shape[:2], np.random.default_rng(3)
    stats = {"lp": rng.normal(size=shape), "occupied": np.full(shape, float(draws.weights.shape[2]))}
    told = TOLD | {"features": features} | attributes
    return Fit(store.record_of(model.with_defaults(data.x), data, draws, stats, told))


@pytest.fixture(scope="module", params=STRUCTURES)
def fit(request):
    return fitted(request.param)


def log_terms(x, params):
    """Log of weight times density, (s, n, k), by the definition."""
    k, d = params.means.shape[-2:]
    flat = params.weights.reshape(-1, k), params.means.reshape(-1, k, d), params.covariances.reshape(-1, k, d, d)
    return np.stack(
        [
            np.stack(
                [np.log(w) + np.atleast_1d(multivariate_normal(m, c).logpdf(x)) for w, m, c in zip(*draw, strict=True)],
                axis=-1,
            )
            for draw in zip(*flat, strict=True)
        ]
    )


@pytest.mark.parametrize(("d", "n"), [(2, 1), (3, 130), (5, 64), (10, 1100)])
def test_answers_are_their_definition(d, n):
    centre = truth("full", d)
    params = about(centre, "full", shape=(2, 3))
    x = 1.5 * data_of(centre, n).x
    logs = log_terms(x, params)
    shares = np.exp(logs - logsumexp(logs, axis=-1, keepdims=True)).mean(0)
    np.testing.assert_allclose(rows.membership(x, params), shares, rtol=1e-11, atol=1e-13)
    np.testing.assert_array_equal(rows.labels(x, params), shares.argmax(1))
    np.testing.assert_allclose(rows.scores(x, params), logsumexp(logs, axis=(0, 2)) - np.log(6), rtol=1e-12)
    loglik = logsumexp(logs, axis=-1).reshape(2, 3, n)
    np.testing.assert_allclose(rows.log_likelihood(x, params), loglik, rtol=1e-12)
    parts = rows.component_densities(x, rows.evenly(params, None))
    np.testing.assert_allclose(parts, np.exp(logs).transpose(0, 2, 1), rtol=1e-10, atol=1e-290)


def test_many_points_are_seen_by_evenly_spaced_draws(monkeypatch):
    params, x = about(truth("full"), "full", shape=(4, 100)), data_of(truth("full"), 300).x
    exact = rows.membership(x, params)
    monkeypatch.setattr(rows, "MOST", 1)
    some = rows.thinned(params, len(x))
    assert len(some.weights) == rows.FEWEST
    for block, all_draws in zip(some, rows.evenly(params, None), strict=True):
        np.testing.assert_array_equal(block[[0, -1]], all_draws[[0, -1]])
    np.testing.assert_array_equal(rows.membership(x, params), rows.membership(x, some))
    error = np.abs(rows.membership(x, params) - exact)
    assert 0 < error.max() < 4 * 0.5 / np.sqrt(rows.FEWEST)


def test_predictive_draws_have_the_mixtures_moments():
    centre = truth("full")
    params = Params(*(np.broadcast_to(block, (1, 50, *block.shape)) for block in centre))
    sets = rows.replicate(params, 20, 5000, np.random.default_rng(4))
    assert sets.shape == (20, 5000, 3)
    pooled = sets.reshape(-1, 3)
    mean = centre.weights @ centre.means
    apart = centre.means - mean
    covariance = np.einsum("k,kab->ab", centre.weights, centre.covariances + apart[:, :, None] * apart[:, None])
    np.testing.assert_allclose(pooled.mean(0), mean, atol=4.5 * np.sqrt(covariance.diagonal().max() / len(pooled)))
    np.testing.assert_allclose(np.cov(pooled.T), covariance, atol=0.02 * covariance.diagonal().max())


@pytest.mark.parametrize("structure", STRUCTURES)
@pytest.mark.parametrize("k", [3, 8])
def test_relabelling_puts_scrambled_labels_right(structure, k):
    """Components well apart, scrambled in every draw; the sampler's order is kept."""
    centre = truth(structure, d=4, k=k)
    straight = about(centre, structure).permute(np.argsort(centre.means[:, 0]))
    rng = np.random.default_rng(5)
    scramble = rng.permuted(np.broadcast_to(np.arange(k), straight.weights.shape), axis=-1)
    model = mx.GaussianMixture(n_components=k, covariance=structure)
    fit = fitted(structure, model, straight.permute(scramble), data_of(centre), ["a", "b", "c", "d"])
    for block, wanted in zip(fit.params(), straight, strict=True):
        np.testing.assert_array_equal(block, wanted)
    for block, wanted in zip(fit.raw().params(), straight.permute(scramble), strict=True):
        np.testing.assert_array_equal(block, wanted)


def test_components_about_one_place_are_told_apart_and_named_by_their_means():
    """By the means that are reported, however near these are: relabelling by "scale" names them by size."""
    centre = truth("full", k=2)
    wide = Params(
        np.array([0.6, 0.4]), centre.means * 0, centre.factors * np.array([3.0, 0.3])[:, None, None], centre.rate
    )
    model, rng = mx.GaussianMixture(n_components=2), np.random.default_rng(5)
    straight = about(wide, "full")
    draws = straight.permute(rng.permuted(np.broadcast_to(np.arange(2), straight.weights.shape), axis=-1))
    fit = fitted("full", model, draws, data_of(wide))
    means, scales = fit.params().means[..., 0].mean((0, 1)), fit.params().scales
    assert means[0] <= means[1]
    sizes = scales.mean((0, 1, 3))
    np.testing.assert_array_equal(np.argsort(scales.mean(-1)), np.broadcast_to(np.argsort(sizes), scales.shape[:-1]))
    by_size = fit.relabel("scale").params().scales.mean((0, 1))
    assert (by_size[0] < by_size[1]).all()


def test_schema(fit):
    structure, posterior = fit.model.covariance, fit.posterior
    spread = {
        "full": ("covariance", ("component", "feature", "feature_bis")),
        "tied": ("covariance", ("feature", "feature_bis")),
        "diagonal": ("scale", ("component", "feature")),
        "spherical": ("scale", ("component",)),
    }
    name, axes = spread[structure]
    wanted = {"weight": ("component",), "mean": ("component", "feature"), name: axes}
    wanted["rate"] = tuple(axis for axis in axes if axis != "component")
    assert {v: posterior[v].dims for v in posterior} == {v: ("chain", "draw", *dims) for v, dims in wanted.items()}
    assert list(posterior["feature"].values) == NAMES
    assert fit.features == tuple(NAMES)
    np.testing.assert_allclose(posterior["mean"].sel(feature="width"), fit.params().means[..., 1])
    if name == "covariance":
        entry = posterior["covariance"].sel(feature="height", feature_bis="length")
        owners = fit.params().covariances if structure == "full" else fit.params().covariances[..., 0, :, :]
        np.testing.assert_allclose(entry, owners[..., 2, 0])


def test_save_and_load(fit, tmp_path):
    fit.save(tmp_path / "fit.nc")
    again = mx.load(tmp_path / "fit.nc")
    xr.testing.assert_allclose(again.posterior.drop_attrs(), fit.posterior.drop_attrs(), rtol=1e-14)
    for block, wanted in zip(again.params(), fit.params(), strict=True):
        np.testing.assert_allclose(block, wanted, rtol=1e-12, atol=1e-14)
    assert (again.model, again.features, again.warnings) == (fit.model, fit.features, fit.warnings)
    np.testing.assert_array_equal(again.x, fit.x)
    np.testing.assert_allclose(again.predict_proba(), fit.predict_proba(), atol=1e-12)
    again.save(tmp_path / "fit.nc")


UNIT, OWN = np.eye(3), truth("full").covariances
FIXED = {
    "means": ("full", {"means": mx.Fixed([0.0, 1.0, 2.0])}, {"means": [0.0, 1.0, 2.0]}),
    "full": ("full", {"covariances": mx.Fixed(OWN)}, {"factors": np.linalg.cholesky(OWN)}),
    "tied": ("tied", {"covariances": mx.Fixed(OWN[0])}, {"factors": np.linalg.cholesky(OWN[0])}),
    "weights": ("tied", {"weights": mx.Fixed([0.2, 0.3, 0.5])}, {"weights": [0.2, 0.3, 0.5]}),
    "variances": ("diagonal", {"variances": mx.Fixed([1.0, 4.0, 9.0])}, {"factors": np.diag([1.0, 2.0, 3.0])}),
    "rows": ("diagonal", {"scales": mx.Fixed([[1.0], [2.0], [3.0]])}, {"factors": UNIT * [[[1.0]], [[2.0]], [[3.0]]]}),
    "spherical": ("spherical", {"scales": mx.Fixed([1.0, 2.0, 3.0])}, {"factors": UNIT * [[[1.0]], [[2.0]], [[3.0]]]}),
}


@pytest.mark.parametrize(("structure", "blocks", "values"), FIXED.values(), ids=FIXED)
def test_what_is_fixed_comes_back(structure, blocks, values, tmp_path):
    model, draws = (
        mx.GaussianMixture(n_components=K, covariance=structure, **blocks),
        about(truth(structure), structure),
    )
    put = {name: np.broadcast_to(value, getattr(draws, name).shape) for name, value in values.items()}
    if "factors" in put:
        put["rate"] = np.full_like(draws.rate, np.nan)
    fit = fitted(structure, model, draws._replace(**put))
    wanted = {"weight", "mean", "scale" if structure in ("diagonal", "spherical") else "covariance", "rate"}
    wanted -= {"means": {"mean"}, "weights": {"weight"}, "factors": {"scale", "covariance", "rate"}}[next(iter(values))]
    assert set(fit.posterior) == wanted
    fit.save(tmp_path / "fit.nc")
    for block, told in zip(mx.load(tmp_path / "fit.nc").params(), fit.params(), strict=True):
        np.testing.assert_allclose(block, told, rtol=1e-12, atol=1e-14)


def test_matrices_that_rounding_makes_singular_are_loaded(tmp_path):
    centre = truth("full")
    factors = centre.factors.copy()
    factors[0, 2] = factors[0, 1] + [0, 0, 1e-12]  # two features that are one
    factors[0, 2, 2] = 1e-12
    fit = fitted("full", draws=about(centre._replace(factors=factors), "full"))
    fit.save(tmp_path / "fit.nc")
    again = mx.load(tmp_path / "fit.nc").params()
    np.testing.assert_allclose(again.covariances, fit.params().covariances, rtol=1e-9, atol=1e-12)
    assert any("near-singular" in fault and "width and height" in fault for fault in fit.warnings)


def test_summary(fit):
    table, structure = fit.summary(), fit.model.covariance
    wanted = ["weight[0]", "weight[1]", "weight[2]"]
    wanted += [f"mean[{j},{name}]" for j in range(K) for name in NAMES]
    lower = [f"{one},{other}" for a, one in enumerate(NAMES) for other in NAMES[: a + 1]]
    wanted += {
        "full": [f"covariance[{j},{entry}]" for j in range(K) for entry in lower],
        "tied": [f"covariance[{entry}]" for entry in lower],
        "diagonal": [f"scale[{j},{name}]" for j in range(K) for name in NAMES],
        "spherical": [f"scale[{j}]" for j in range(K)],
    }[structure]
    wanted += {"diagonal": [f"rate[{n}]" for n in NAMES], "spherical": ["rate"]}.get(
        structure, [f"rate[{entry}]" for entry in lower]
    )
    assert list(table.index) == [*wanted, "lp", "occupied"]
    assert table.loc["mean[1,width]", "mean"] == pytest.approx(fit.params().means[..., 1, 1].mean())
    if structure == "full":
        assert table.loc["covariance[2,height,width]", "mean"] == pytest.approx(
            fit.params().covariances[..., 2, 2, 1].mean()
        )


def test_verbs(fit):
    """The verbs ask the right twin, about the data or about points that are given."""
    logs = log_terms(fit.x, fit.params())
    shares = np.exp(logs - logsumexp(logs, axis=-1, keepdims=True)).mean(0)
    for x in (None, fit.x, fit.x.tolist(), pd.DataFrame(fit.x[:, [2, 0, 1]], columns=["height", "length", "width"])):
        np.testing.assert_allclose(fit.predict_proba(x), shares, rtol=1e-10, atol=1e-13)
        np.testing.assert_array_equal(fit.predict(x), shares.argmax(1))
    score = logsumexp(logs, axis=(0, 2)) - np.log(CHAINS * DRAWS)
    np.testing.assert_allclose(fit.score_samples(), score, rtol=1e-12)
    np.testing.assert_allclose(fit.score_samples(fit.x[:1]), score[:1], rtol=1e-12)
    assert fit.log_likelihood.dims == ("chain", "draw", "point")
    np.testing.assert_allclose(fit.log_likelihood[1, 3], logsumexp(logs[DRAWS + 3], axis=-1), rtol=1e-12)
    found, parts = fit.density(fit.x[:9], prob=0.5), np.exp(logs[:, :9])
    assert found["density"].dims == ("point",)
    assert found["x"].dims == ("point", "feature")
    np.testing.assert_allclose(found["component_density"].T, parts.mean(0), rtol=1e-10, atol=1e-290)
    np.testing.assert_allclose(found["density"], parts.sum(-1).mean(0), rtol=1e-12)
    np.testing.assert_allclose(found["upper"], np.quantile(parts.sum(-1), 0.75, axis=0), rtol=1e-12)
    assert fit.density()["density"].size == len(fit.x)
    np.testing.assert_array_equal(fit.sample_predictive(5), fit.sample_predictive(5))
    assert fit.sample_predictive(5).shape == (5, *fit.x.shape)
    with pytest.raises(ValueError, match=f"whole number from 1 to {CHAINS * DRAWS}"):
        fit.sample_predictive(0)
    tree = fit.to_datatree(log_likelihood=True, posterior_predictive=True)
    assert tree["posterior_predictive"]["x"].dims == ("chain", "draw", "point", "feature")
    assert tree["observed_data"]["x"].dims == ("point", "feature")
    assert fit.rename("flowers").name == "flowers"


def test_relabel(fit):
    structure = fit.model.covariance
    for by, values in (
        ("mean", lambda p: p.means[..., 0]),
        (("mean", "height"), lambda p: p.means[..., 2]),
        ("weight", lambda p: p.weights),
        (("scale", "width"), lambda p: p.scales[..., 1]),
    ):
        if structure == "tied" and by[0] == "scale":
            with pytest.raises(ValueError, match="by is one of mean, weight; got"):
                fit.relabel(by)
            continue
        ordered = fit.relabel(by)
        assert (np.diff(values(ordered.params())) >= 0).all()
        np.testing.assert_allclose(ordered.score_samples(), fit.score_samples(), rtol=1e-12)
        np.testing.assert_array_equal(ordered.raw().params().means, fit.raw().params().means)
    with pytest.raises(ValueError, match="'depth' is no feature; they are length, width, height"):
        fit.relabel(("mean", "depth"))


def test_features_without_names_are_numbered():
    centre = truth("full")
    data, draws = data_of(centre), about(centre, "full")
    stats = {"lp": np.zeros((CHAINS, DRAWS)), "occupied": np.full((CHAINS, DRAWS), 3.0)}
    model = mx.GaussianMixture(n_components=K).with_defaults(data.x)
    record = store.record_of(model, data, draws, stats, TOLD)
    assert Fit(record).features == ("x0", "x1", "x2")


@pytest.mark.parametrize("d", [3, 10, 30])
def test_what_is_printed_fits(fit, d):
    structure = fit.model.covariance
    centre = truth(structure, d)
    names = [f"a_rather_long_name_{a}" for a in range(d)]
    wide = fitted(structure, draws=about(centre, structure), data=data_of(centre), features=names)
    out = io.StringIO()
    print_fit(Console(file=out, width=80), wide)
    for text in (out.getvalue(), str(wide)):
        body = text[text.index("component 0") :]
        body = body[: body.index("bulk-ESS")]
        assert max(map(len, body.splitlines())) <= 80
        assert body.count("weight") == K
        assert ("correlation" in body) == (structure in ("full", "tied"))


def few_points(counts, structure="full"):
    """A fit whose components hold about so many points, by their weights."""
    centre = truth(structure)
    n = int(sum(counts))
    weights = (np.array(counts) + 1) / (n + K)
    draws = about(centre, structure)
    draws = draws._replace(weights=np.broadcast_to(weights, draws.weights.shape))
    return fitted(structure, draws=draws, data=data_of(centre, n))


def said(fit, word):
    return [fault for fault in fit.warnings if word in fault]


SILENT = [  # three components of three features, or numbers that only one of the two can be meant by
    ("full", {}), ("diagonal", {}), ("spherical", {}), ("tied", {}),
    ("full", {"means": mx.Normal([[1, 2, 3]], 5)}),
    ("full", {"means": mx.Normal([[1], [2], [3]], 5)}),
    ("full", {"means": mx.Normal([2, 2, 2], 5)}),
    ("full", {"means": mx.Normal(2, 5)}),
    ("full", {"means": mx.MvNormal([1, 2, 3], np.eye(3))}),
    ("tied", {"scales": mx.HalfNormal([1, 2, 3])}),
    ("spherical", {"scales": mx.HalfNormal([1, 2, 3])}),
    ("full", {"weights": mx.Dirichlet([1, 2, 3])}),
    ("diagonal", {"variances": mx.InverseGamma(2, mx.Gamma(0.2, [1, 2, 3]))}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("structure", "prior", "remedy"),
    [
        ("full", {"means": mx.Normal([1, 2, 3], 5)}, "Write Normal(mu=[[1], [2], [3]], sigma=5) for components"),
        ("tied", {"means": mx.Fixed([1, 2, 3])}, "Write Fixed(value=[[1], [2], [3]]) for components"),
        ("full", {"means": mx.Normal(0, [1, 2, 3])}, "or Normal(mu=0, sigma=[[1, 2, 3]]) for features"),
        ("full", {"scales": mx.HalfNormal([1, 2, 3])}, "or HalfNormal(sigma=[[1, 2, 3]]) for features"),
        ("diagonal", {"variances": mx.InverseGamma([2, 3, 4], mx.Gamma(0.2, 1))}, "alpha=[[2], [3], [4]]"),
        ("full", {"means": mx.Normal([[1], [2], [3]], [4, 5, 6])}, "sigma=[[4], [5], [6]]"),
    ],
)
def test_vectors_that_could_speak_of_components_or_of_features_are_named(structure, prior, remedy):
    model = mx.GaussianMixture(n_components=K, covariance=structure, **prior)
    (fault,) = said(fitted(structure, model), "either way")
    assert "3 components and 3 features; they are read as one per feature" in fault
    assert remedy in fault


@pytest.mark.parametrize(("structure", "prior"), SILENT)
def test_numbers_that_read_one_way_are_silent(structure, prior):
    model = mx.GaussianMixture(n_components=K, covariance=structure, **prior)
    fit = fitted(structure, model)
    assert not said(fit, "either way")
    again = fitted(structure, fit.model)  # what the data filled in, spelled out
    assert not said(again, "either way")


def test_other_numbers_of_components_than_features_are_silent():
    draws = about(truth("full", 3, 2), "full")
    model = mx.GaussianMixture(n_components=2, means=mx.Normal([1, 2, 3], 5), scales=mx.HalfNormal([1, 2, 3]))
    assert not said(fitted("full", model, draws), "either way")


def test_components_of_few_points_are_named():
    fit = few_points([100, 3, 60])
    order = int(np.argmin(fit.params().weights.mean((0, 1))))
    (fault,) = said(fit, "from the prior")
    assert fault.startswith(
        f"component {order} holds about 3 points in 3 features: its covariance comes from the prior"
    )
    assert not said(few_points([100, 4, 60]), "from the prior")
    assert "hold about" in said(few_points([100, 2, 2]), "from the prior")[0]
    assert not said(few_points([100, 3, 60], "diagonal"), "from the prior")
    assert not said(few_points([100, 3, 60], "tied"), "from the prior")


def test_fewer_points_than_features():
    (fault,) = said(few_points([1, 1, 1]), "few points")
    assert "3 points in 3 features" in fault
    assert not said(few_points([1, 1, 1]), "from the prior")
    assert not said(few_points([1, 1, 2]), "few points")
    assert not said(few_points([1, 1, 1], "diagonal"), "few points")


def test_flat_components_are_named_with_their_features():
    centre = truth("full")
    factors = centre.factors.copy()
    factors[1, 0] = [1e-5, 0, 0]
    fit = fitted("full", draws=about(centre._replace(factors=factors), "full"))
    (fault,) = said(fit, "near-singular")
    assert "length hardly varies there" in fault
    point = centre.factors.copy()
    point[1] *= 1e-8
    (fault,) = said(fitted("full", draws=about(centre._replace(factors=point), "full")), "collapsed")
    assert "millionth" in fault
    assert not said(fitted("full"), "singular")


@pytest.mark.parametrize("structure", STRUCTURES)
def test_collinear_columns_are_named(structure):
    data = data_of(truth(structure))
    data.x[:, 2] = data.x[:, 0] - 2 * data.x[:, 1]
    found = said(fitted(structure, data=data), "column 'height' is a linear combination of 'length', 'width'")
    assert len(found) == (structure in ("full", "tied"))


def test_a_sound_fit_is_not_warned_of():
    assert not said(fitted("full"), "column")
    assert not said(fitted("full"), "collapsed")
