"""Points left out: against ArviZ, exact posteriors and repeated rows; criteria of modes against their definitions."""

from __future__ import annotations

from importlib.metadata import version

import arviz_stats as azs
import numpy as np
import pytest
from scipy import stats

import mixtura as mx
from mixtura.fit import Fit
from mixtura.posterior import comparison
from mixtura.reading.data import Points

PRESENT = int(version("arviz-stats").split(".")[0]) >= 1  # ArviZ 1 redefined some numbers: where older, by hand
GALAXIES = mx.datasets.galaxies()
IRIS = mx.datasets.iris().x.to_numpy()[:, :2]
WEIGHTS = np.random.default_rng(0).integers(1, 4, GALAXIES.size).astype(float)
doubtful = pytest.mark.filterwarnings(
    "ignore:.*shape the posterior", "ignore:Estimated shape", "ignore:The inplace keyword"
)


def sampled(k, x=GALAXIES, weights=None, **choices):
    return mx.GaussianMixture(n_components=k, **choices).sample(x, draws=500, chains=2, weights=weights, seed=1)


@pytest.fixture(scope="module")
def fits():
    return {"two": sampled(2), "three": sampled(3), "tied": sampled(3, covariance="tied")}


@pytest.fixture(scope="module")
def rows():
    return {kind: sampled(2, IRIS, covariance=kind) for kind in ("full", "diagonal")}


def about(fit, x, weights):
    """The same draws, as if they were of other data."""
    return Fit(fit._record._replace(data=Points(x, weights)))


def same(found, wanted, **within):
    for name in ("elpd", "se", "p", "good_k", "warning", "n_samples", "n_data_points"):
        assert getattr(found, name) == pytest.approx(getattr(wanted, name), **within), name
    assert type(found) is type(wanted)
    assert str(found) == str(wanted)


def present(found):
    """What `loo` of ArviZ before 1 found, with the standard error that ArviZ 1 gives it: that of a sample."""
    if not PRESENT:
        found.se *= np.sqrt(found.n_data_points / (found.n_data_points - 1))
    return found


def compared(**fits):
    """ArviZ's table, as ArviZ 1 has it; made of that of an older one by the definitions of what is new."""
    if PRESENT:
        return azs.compare(fits, round_to="none")
    table = azs.compare(fits).assign(elpd_diff=lambda old: -old["elpd_diff"], diag_diff="", diag_elpd="")
    gap = table["elpd_diff"]
    table["p_worse"] = np.where(gap == 0, np.nan, stats.norm.cdf(-gap / (table["dse"] + 1e-12)))
    for name, fit in fits.items():
        heavy = int((fit.pareto_k > fit.good_k).sum())
        table.loc[name, "diag_elpd"] = f"{heavy} k̂ > {fit.good_k:.2f}" if heavy else ""
        doubt = "N < 100" if fit.n_data_points < 100 else "|elpd_diff| < 4" if abs(gap[name]) < 4 else ""
        table.loc[name, "diag_diff"] = doubt if gap[name] else ""
    named = ["rank", "elpd_diff", "dse", "p_worse", "diag_diff", "diag_elpd", "p", "elpd", "se", "weight"]
    return table[named + [name for name in table if name == "subsampling_dse"]]


@doubtful
@pytest.mark.parametrize("of", ["fits", "rows"])
def test_loo_is_arviz(of, request):
    for fit in request.getfixturevalue(of).values():
        found, wanted = fit.loo(), present(azs.loo(fit.to_datatree(log_likelihood=True), pointwise=True))
        same(found, wanted, rel=1e-10)
        np.testing.assert_allclose(found.elpd_i, wanted.elpd_i, rtol=1e-10)
        np.testing.assert_allclose(found.pareto_k, wanted.pareto_k, rtol=1e-8, atol=1e-10)


@doubtful
@pytest.mark.parametrize("of", ["fits", "rows"])
def test_subsampled_loo_is_arviz(of, request):
    for fit in request.getfixturevalue(of).values():
        found = fit.loo(subsample=30, seed=2)
        chosen = found.loo_subsample_observations
        assert found.subsample_size == np.unique(chosen).size == np.isfinite(found.elpd_i).sum() == 30
        wanted = azs.loo_subsample(fit.to_datatree(log_likelihood=True), np.asarray(chosen), pointwise=True)
        same(found, wanted, rel=1e-8)
        assert found.subsampling_se == pytest.approx(wanted.subsampling_se, rel=1e-8)


@doubtful
@pytest.mark.parametrize("subsample", [None, 40])
@pytest.mark.parametrize("of", ["fits", "rows"])
def test_compare_is_arviz(of, subsample, request):
    fits = request.getfixturevalue(of)
    found = mx.compare(fits, subsample)
    wanted = compared(**{name: fit.loo(subsample) for name, fit in fits.items()})
    assert list(found.index) == list(wanted.index)
    assert list(found.columns) == list(wanted.columns)
    for name in ("diag_diff", "diag_elpd"):
        assert list(found[name]) == list(wanted[name])
    named = [name for name in wanted.columns if name not in ("weight", "diag_diff", "diag_elpd")]
    np.testing.assert_allclose(found[named].astype(float), wanted[named].astype(float), rtol=1e-8, atol=1e-8)
    if subsample is None:  # ArviZ's weights of subsamples are not a number
        np.testing.assert_allclose(found["weight"], wanted["weight"], atol=0.01)


def test_loo_is_exact_where_it_can_be():
    """One component of known scale: the predictive distribution without each point is known."""
    x, prior, scale = GALAXIES[:30], 10.0, 5.0
    model = mx.GaussianMixture(n_components=1, means=mx.Normal(20, prior), scales=mx.Fixed(scale))
    fit = model.sample(x, draws=2000, seed=1)
    precision = 1 / prior**2 + (x.size - 1) / scale**2
    mean = (20 / prior**2 + (x.sum() - x) / scale**2) / precision
    wanted = stats.norm.logpdf(x, mean, np.sqrt(scale**2 + 1 / precision))
    loglik = fit.log_likelihood.to_numpy().reshape(-1, x.size)
    assert abs(fit.loo().elpd - wanted.sum()) < 4 * loglik.std(0).sum() / np.sqrt(len(loglik))


@doubtful
def test_a_weight_is_so_many_points():
    fits = {str(k): sampled(k, weights=WEIGHTS) for k in (2, 3)}
    many = np.repeat(GALAXIES, WEIGHTS.astype(int))
    copies = {name: about(fit, many, np.ones(many.size)) for name, fit in fits.items()}
    for name, fit in fits.items():
        found, wanted = fit.loo(), copies[name].loo()
        assert (found.elpd, found.se, found.p) == pytest.approx((wanted.elpd, wanted.se, wanted.p), rel=1e-10)
        assert float(found.elpd_i.sum()) == pytest.approx(found.elpd, rel=1e-12)
    told, wanted = mx.compare(fits), mx.compare(copies)
    assert list(told["diag_diff"]) == list(wanted["diag_diff"])
    told, wanted = (table.drop(columns=["diag_diff", "diag_elpd"]) for table in (told, wanted))
    np.testing.assert_allclose(told, wanted, rtol=1e-5, atol=1e-6)


@doubtful
def test_a_small_weight_leaves_little_out(fits):
    fit = fits["three"]
    light = about(fit, GALAXIES, np.full(GALAXIES.size, 1e-9)).loo()
    assert light.p / light.elpd == pytest.approx(0, abs=1e-8)
    np.testing.assert_allclose(light.elpd_i / 1e-9, fit.score_samples(), rtol=1e-6)


@doubtful
def test_subsamples_are_right_on_average(fits):
    fit = fits["two"]
    whole, some = fit.loo().elpd, [fit.loo(20, seed) for seed in range(60)]
    errors = np.array([found.elpd - whole for found in some])
    assert abs(errors.mean()) < 4 * errors.std(ddof=1) / np.sqrt(60)
    said = np.sqrt(np.mean([found.subsampling_se**2 for found in some]))
    assert errors.std(ddof=1) == pytest.approx(said, rel=0.4)  # the sd of 60 numbers of a long tail


@doubtful
def test_chunks_and_sizes(fits, monkeypatch):
    fit = fits["three"]
    whole = fit.loo()
    monkeypatch.setattr(comparison, "AT_ONCE", 7000)  # seven points
    np.testing.assert_array_equal(fit.loo().elpd_i, whole.elpd_i)
    monkeypatch.setattr(comparison, "ALL", 81)
    monkeypatch.setattr(comparison, "SOME", 25)
    assert fit.loo().subsample_size == 25
    assert getattr(fit.loo(subsample=82), "subsample_size", None) is None
    monkeypatch.setattr(comparison, "MOST", 0)
    thin = fit.loo(subsample=40, seed=3)
    assert abs(thin.elpd - whole.elpd) < 4 * thin.subsampling_se


def test_stacking_finds_the_best_blend():
    rng = np.random.default_rng(0)
    elpd = stats.norm.logpdf(rng.normal([0.0] * 70 + [3.0] * 30)[:, None], [0.0, 3.0, -9.0])
    weights = rng.integers(1, 4, 100).astype(float)
    shares = comparison.stacking(elpd, weights)
    assert shares.sum() == pytest.approx(1)
    best = weights @ np.log(np.exp(elpd) @ shares)
    for toward in np.eye(3):
        assert weights @ np.log(np.exp(elpd) @ (0.99 * shares + 0.01 * toward)) <= best + 1e-9
    far = np.stack([elpd[:, 0], elpd[:, 0] - 2000], 1)
    np.testing.assert_allclose(comparison.stacking(far, weights), [1, 0], atol=1e-3)


def test_influential_points_are_named():
    x = np.append(np.random.default_rng(0).normal(0, 1, 30), 60.0)
    fit = mx.GaussianMixture(n_components=1, means=mx.Normal(0, 100), scales=mx.HalfNormal(100)).sample(x, seed=1)
    with pytest.warns(UserWarning, match=r"^1 of 31 points left out \(rows 30\) shape the posterior .* above 0\.70"):
        assert fit.loo().warning
    with pytest.warns(UserWarning, match=": 1 of 31 points") as told:
        assert (mx.compare({"it": fit, "again": fit})["diag_elpd"] == "1 k̂ > 0.70").all()
    assert [str(one.message).split(":")[0] for one in told] == ["it", "again"]


def test_messages(fits):
    fit = fits["two"]
    for wrong in (1, 0, 2.5, True, "all"):
        with pytest.raises(ValueError, match="subsample is a whole number of points, at least 2; got"):
            fit.loo(wrong)
    with pytest.raises(ValueError, match="at least two fits"):
        mx.compare({"it": fit})
    for other in (about(fit, GALAXIES + 1, fit.weights), about(fit, GALAXIES, 2 * fit.weights)):
        with pytest.raises(ValueError, match="'it' and 'other' are fits of different data"):
            mx.compare({"it": fit, "other": other})


@pytest.mark.parametrize(("x", "kind"), [(GALAXIES, "full"), (GALAXIES, "tied"), (IRIS, "full"), (IRIS, "spherical")])
def test_criteria_are_their_definitions(x, kind):
    rng = np.random.default_rng(0)
    weights = rng.integers(1, 4, len(x)).astype(float)
    model = mx.GaussianMixture(n_components=2, covariance=kind)
    mode, d = model.optimize(x, weights), x.ndim if x.ndim == 1 else x.shape[1]
    params, points = mode.params, x.reshape(len(x), -1)
    covariances = params.scales[:, None, None] ** 2 if x.ndim == 1 else params.covariances
    parts = zip(params.weights, params.means, covariances, strict=True)
    joint = np.stack([w * stats.multivariate_normal.pdf(points, m, c) for w, m, c in parts], axis=1)
    shares = joint / joint.sum(1, keepdims=True)
    unsure = -weights @ np.where(shares > 0, shares * np.log(np.maximum(shares, 1e-300)), 0).sum(1)
    spread = {"full": 2 * d * (d + 1) // 2, "tied": d * (d + 1) // 2, "spherical": 2}[kind]
    assert mode.n_parameters == 1 + 2 * d + spread
    assert mode.entropy == pytest.approx(unsure, rel=1e-8, abs=1e-8)
    assert mode.bic == pytest.approx(-2 * weights @ np.log(joint.sum(1)) + mode.n_parameters * np.log(weights.sum()))
    assert mode.icl == pytest.approx(mode.bic + 2 * unsure)


def test_what_is_fixed_is_not_counted():
    from mixtura.blocks import n_parameters

    kinds = {"means": mx.Fixed([[0, 0], [1, 1]]), "weights": mx.Fixed([0.5, 0.5])}
    assert n_parameters(mx.GaussianMixture(n_components=2, n_features=2, **kinds)) == 6
    tied = {"covariance": "tied", "correlations": mx.LKJ(1)}
    assert n_parameters(mx.GaussianMixture(n_components=2, scales=mx.Fixed([1, 2]), **tied)) == 1 + 4 + 1
    known = mx.Fixed([np.eye(2)] * 2)
    assert n_parameters(mx.GaussianMixture(n_components=2, covariances=known, **kinds)) == 0
    assert n_parameters(mx.GaussianMixture(n_components=3, covariance="tied", scales=mx.Fixed(1))) == 2 + 3
