"""What a fit means: every verb against its plain definition."""

from __future__ import annotations

import json

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from scipy.optimize import linear_sum_assignment
from scipy.special import logsumexp

import mixtura as mx
from mixtura.posterior import relabel

GALAXIES = mx.datasets.galaxies()
WEIGHTS = np.random.default_rng(0).integers(1, 4, GALAXIES.size)
NEW = np.array([9.3, 15.0, 20.1, 23.0, 33.0, 60.0])
MODELS = {
    "default": mx.GaussianMixture(n_components=3),
    "tied": mx.GaussianMixture(n_components=3, covariance="tied", means=mx.Normal([9, 21, 33], 3)),
    "known": mx.GaussianMixture(n_components=2, means=mx.Fixed([10, 22]), scales=mx.HalfNormal(3)),
    "one": mx.GaussianMixture(n_components=1),
}


@pytest.fixture(scope="module", params=MODELS)
def fit(request):
    model = MODELS[request.param]
    return model.sample(GALAXIES, draws=60, warmup=150, chains=3, weights=WEIGHTS, seed=1)


def densities(fit, x):
    """Log of weight times normal density, (c, s, n, k), by the definition."""
    params = fit.params()
    logs = stats.norm.logpdf(np.asarray(x)[:, None], params.means[:, :, None], params.scales[:, :, None])
    return logs + np.log(params.weights[:, :, None])


def test_schema(fit):
    k, posterior = fit.n_components, fit.posterior
    assert set(fit.to_datatree().children) == {
        "posterior",
        "sample_stats",
        "observed_data",
        "constant_data",
        "log_likelihood",
    }
    for name, values in posterior.data_vars.items():
        per_component = name in ("weight", "mean") or (name == "scale" and fit.model.covariance == "full")
        assert values.dims == ("chain", "draw", "component")[: 3 if per_component else 2], name
        assert values.shape == (3, 60, k)[: 3 if per_component else 2], name
    free = {"weight": k > 1, "mean": fit.model.means != MODELS["known"].means, "scale": True, "rate": fit.model.rate}
    assert set(posterior.data_vars) == {name for name, is_free in free.items() if is_free}
    params = fit.params()
    assert params.weights.shape == params.means.shape == params.scales.shape == (3, 60, k)
    assert params.rate.shape == (3, 60)
    np.testing.assert_allclose(params.weights.sum(-1), 1, rtol=1e-12)
    np.testing.assert_array_equal(fit.x, GALAXIES)
    np.testing.assert_array_equal(fit.weights, WEIGHTS)
    assert fit.sample_stats["diverging"].dtype == bool
    assert fit.sample_stats["occupied"].dtype == np.int64


def test_membership_and_score(fit):
    for x in (None, NEW, list(NEW), NEW[:, None]):
        at = GALAXIES if x is None else NEW
        logs = densities(fit, at)
        shares = np.exp(logs - logsumexp(logs, axis=-1, keepdims=True)).mean((0, 1))
        np.testing.assert_allclose(fit.predict_proba(x), shares, rtol=1e-9, atol=1e-13)
        np.testing.assert_array_equal(fit.predict(x), shares.argmax(1))
        score = logsumexp(logs, axis=(0, 1, 3)) - np.log(180)
        np.testing.assert_allclose(fit.score_samples(x), score, rtol=1e-10)


def test_log_likelihood(fit):
    wanted = logsumexp(densities(fit, GALAXIES), axis=-1)
    np.testing.assert_allclose(fit.log_likelihood, wanted, rtol=1e-12)
    assert fit.log_likelihood.dims == ("chain", "draw", "point")


def test_density(fit):
    parts = np.exp(densities(fit, NEW)).reshape(180, NEW.size, -1)
    found = fit.density(NEW, prob=0.5)
    np.testing.assert_allclose(found["density"], parts.sum(-1).mean(0), rtol=1e-10)
    np.testing.assert_allclose(found["component_density"].T, parts.mean(0), rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(found["lower"], np.quantile(parts.sum(-1), 0.25, axis=0), rtol=1e-9)
    np.testing.assert_allclose(found["upper"], np.quantile(parts.sum(-1), 0.75, axis=0), rtol=1e-9)
    wide = fit.density(np.linspace(-100, 150, 4001))
    assert np.trapezoid(wide["density"], wide["x"]) == pytest.approx(1, abs=1e-3)
    assert (wide["lower"] <= wide["density"].where(wide["density"] > 1e-6, np.inf)).all()
    own = fit.density()
    assert own["x"].min() < GALAXIES.min()
    assert own["x"].max() > GALAXIES.max()


def test_predictive(fit):
    replicas = fit.sample_predictive(20)
    assert replicas.shape == (20, WEIGHTS.sum())
    np.testing.assert_array_equal(replicas, fit.sample_predictive(20))
    assert (replicas != fit.sample_predictive(20, seed=1)).any()
    whole = fit.sample_predictive()
    assert whole.shape == (180, WEIGHTS.sum())
    cdf = stats.norm.cdf(NEW[:, None], *(block.reshape(180, 1, -1) for block in fit.params()[1:3]))
    wanted = (cdf * fit.params().weights.reshape(180, 1, -1)).sum(-1).mean(0)
    shares = (whole[..., None] < NEW).mean((0, 1))
    np.testing.assert_allclose(shares, wanted, atol=4 * 0.5 / np.sqrt(whole.size))
    for draws in (0, 181, 2.5):
        with pytest.raises(ValueError, match="whole number from 1 to 180"):
            fit.sample_predictive(draws)


def test_save_and_load(fit, tmp_path):
    fit.save(tmp_path / "fit.nc")
    again = mx.load(tmp_path / "fit.nc")
    for name in ("posterior", "sample_stats", "observed_data", "constant_data"):
        xr.testing.assert_identical(
            fit.to_datatree()[name].to_dataset().drop_attrs(), again.to_datatree()[name].to_dataset().drop_attrs()
        )
    assert again.model == fit.model
    assert again.algorithm == fit.algorithm
    assert set(fit.attrs) <= set(again.attrs)
    np.testing.assert_array_equal(again.predict_proba(NEW), fit.predict_proba(NEW))
    assert repr(again) == repr(fit)
    again.save(tmp_path / "fit.nc")  # over the file that it came from


@pytest.mark.parametrize("content", [b"", b"text", b"\x89HDF\r\n\x1a\n broken"])
def test_load_refuses_what_is_no_fit(tmp_path, content):
    (tmp_path / "other.nc").write_bytes(content)
    with pytest.raises(ValueError, match=r"other.nc.* is not a fit"):
        mx.load(tmp_path / "other.nc")
    xr.Dataset({"a": ("x", [1.0])}).to_netcdf(tmp_path / "foreign.nc", engine="h5netcdf")
    with pytest.raises(ValueError, match="is not a fit"):
        mx.load(tmp_path / "foreign.nc")
    with pytest.raises(FileNotFoundError, match="there is no file"):
        mx.load(tmp_path / "none.nc")


def test_summary(fit):
    table, params = fit.summary(), fit.params()
    assert list(table.columns) == [
        "mean", "sd", "hdi_lower", "hdi_upper", "mcse_mean", "mcse_sd", "ess_bulk", "ess_tail", "r_hat"
    ]  # fmt: skip
    assert list(table.index[-2:]) == ["lp", "occupied"]
    assert table.loc["scale[0]" if "scale[0]" in table.index else "scale", "mean"] == pytest.approx(
        params.scales[..., 0].mean()
    )
    inner, outer = fit.summary(prob=0.5), fit.summary(prob=0.99)
    assert (inner["hdi_lower"] >= outer["hdi_lower"]).all()
    for prob in (0, 1, 94, True, "a"):
        with pytest.raises(ValueError, match="probability between 0 and 1"):
            fit.summary(prob)


def test_relabelling_is_undone_by_raw(monkeypatch):
    """With and without relabelling the sampler does the same; `raw` gives its labels back, bit for bit."""
    options = {"draws": 300, "warmup": 100, "chains": 2, "algorithm": "gibbs", "seed": 4}
    model = mx.GaussianMixture(n_components=6)
    fit = model.sample(GALAXIES, **options)
    monkeypatch.setattr(relabel, "by_divergence", lambda params: np.broadcast_to(np.arange(6), params.means.shape))
    untouched = model.sample(GALAXIES, **options)
    assert not fit.posterior["mean"].equals(untouched.posterior["mean"])  # there was something to relabel
    for name in ("weight", "mean", "scale", "rate"):
        wanted = untouched.posterior[name].to_numpy()
        for again in (fit.raw(), fit.relabel("mean").raw(), fit.relabel("weight").relabel("scale").raw().raw()):
            np.testing.assert_array_equal(again.posterior[name], wanted)


@pytest.mark.parametrize("by", ["mean", "scale", "weight"])
def test_relabel_orders_every_draw_and_keeps_components_whole(by):
    fit = MODELS["default"].sample(GALAXIES, draws=60, warmup=100, chains=2, seed=1)
    ordered = fit.relabel(by)
    assert (np.diff(ordered.posterior[by]) >= 0).all()
    names = ("weight", "mean", "scale")
    one, other = (np.stack([f.posterior[name] for name in names], axis=-1) for f in (fit, ordered))
    for draw_one, draw_other in zip(one.reshape(-1, 3, 3), other.reshape(-1, 3, 3), strict=True):
        assert sorted(map(tuple, draw_one)) == sorted(map(tuple, draw_other))
    np.testing.assert_allclose(ordered.score_samples(NEW), fit.score_samples(NEW), rtol=1e-12)


def test_relabelling_puts_scrambled_labels_right():
    """Three well told apart components, their labels scrambled in every draw, two of them with one mean."""
    rng, shape = np.random.default_rng(5), (2, 200)
    truth = mx.Params(
        np.array([0.5, 0.2, 0.3]), np.array([0.0, 0.0, 9.0]), np.array([0.5, 4.0, 1.0]), np.full(1, np.nan)
    )
    straight = mx.Params(
        rng.dirichlet(400 * truth.weights, shape),
        truth.means + 0.1 * rng.standard_normal((*shape, 3)),
        truth.scales * np.exp(0.1 * rng.standard_normal((*shape, 3))),
        np.full(shape, np.nan),
    )
    scramble = rng.permuted(np.broadcast_to(np.arange(3), (*shape, 3)), axis=-1)
    scrambled = straight.permute(scramble)
    orders = relabel.by_divergence(scrambled)
    found = scrambled.permute(orders)
    names = np.argsort(straight.means.mean((0, 1)))  # two share one mean: names follow what the draws average to
    for block, wanted in zip(found[:3], straight[:3], strict=True):
        np.testing.assert_array_equal(block, wanted[..., names])


def test_labels_that_mean_something_are_left_alone():
    fit = MODELS["tied"].sample(GALAXIES, draws=50, warmup=100, chains=2, seed=1)
    np.testing.assert_array_equal(fit.sample_stats["order"], np.broadcast_to(np.arange(3), (2, 50, 3)))
    known = MODELS["known"].sample(GALAXIES, draws=20, warmup=50, chains=1, seed=1)
    np.testing.assert_array_equal(known.raw().posterior["scale"], known.posterior["scale"])
    with pytest.raises(ValueError, match="names the components"):
        known.relabel("scale")


def test_datatree_groups_on_request(fit):
    tree = fit.to_datatree(log_likelihood=True, posterior_predictive=True)
    assert tree["log_likelihood"]["x"].shape == (3, 60, WEIGHTS.sum())
    assert tree["posterior_predictive"]["x"].shape == (3, 60, WEIGHTS.sum())
    assert json.loads(tree.attrs["model"])["n_components"] == fit.n_components


def test_a_fit_can_be_renamed(fit):
    other = fit.rename("speed")
    assert (fit.name, other.name) == ("x", "speed")
    xr.testing.assert_identical(other.posterior.drop_attrs(), fit.posterior.drop_attrs())


def test_few_components_are_assigned_as_scipy_does():
    for k in range(1, relabel.FEW + 2):
        cost = np.random.default_rng(k).random((k, k, 50))
        wanted = [linear_sum_assignment(cost[:, :, s])[1] for s in range(50)]
        np.testing.assert_array_equal(relabel.assignments(cost), wanted)


@pytest.mark.parametrize("d", [1, 2])
def test_nobody_changes_a_fit_through_its_tree(d):
    x = np.random.default_rng(0).normal(size=(60, d))
    fit = mx.GaussianMixture(n_components=1).sample(x[:, 0] if d == 1 else x, draws=20, warmup=20, seed=1)
    tree = fit.to_datatree()
    shown = [fit.posterior["mean"].values, fit.sample_stats["lp"].values]
    shown += [tree["observed_data"]["x"].values, tree["constant_data"]["weights"].values]
    for array in shown:
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
