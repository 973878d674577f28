"""Numbers at the ends of what 64 bits hold: points far out, ranges of a few digits, sizes whose squares are lost."""

import io
from contextlib import nullcontext, suppress

import numpy as np
import pytest
from rich.console import Console

import mixtura as mx
from mixtura.algorithms.laplace import _inverse
from mixtura.algorithms.line.record import Draws
from mixtura.algorithms.line.starts import candidates
from mixtura.algorithms.rows.starts import subset
from mixtura.algorithms.run import _check_finite
from mixtura.console import print_fit
from mixtura.line.records import Params
from mixtura.plots.histograms import bins
from mixtura.posterior import diagnose
from mixtura.posterior.comparison import _leave
from mixtura.posterior.far import nearer
from mixtura.reading.data import Points, points
from mixtura.rows.kernels import rows_of

FEW = {"draws": 50, "warmup": 50, "chains": 2, "seed": 1, "progress": False}


@pytest.fixture(scope="module")
def line():
    return mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), **FEW)


@pytest.fixture(scope="module")
def tied():
    return mx.GaussianMixture(n_components=2, covariance="tied").sample(mx.datasets.galaxies(), **FEW)


@pytest.fixture(scope="module")
def rows():
    x = np.random.default_rng(1).normal(np.repeat([[0, 0], [8, 3]], 30, axis=0), [[1, 2]])
    return mx.GaussianMixture(n_components=2).sample(x, **FEW)


def verbs(fit):
    yield from (fit.predict, fit.predict_proba, fit.score_samples, fit.density)
    yield lambda x: fit.marginal(fit.features[:]).density(x)
    yield lambda x: fit.marginal(fit.features[:]).predict_proba(x)


@pytest.mark.parametrize("far", [1.1e150, -1e155, 1e300])
def test_every_verb_refuses_what_fitting_refuses(line, rows, far):
    mode = mx.GaussianMixture(n_components=2).optimize(mx.datasets.galaxies())
    for verb in (*verbs(line), mode.predict_proba, mode.score_samples, line.model.sample):
        with pytest.raises(ValueError, match=r"beyond 1e\+150"):
            verb([far, 1.0, 2.0])
    for verb in (*verbs(rows), rows.model.sample):
        with pytest.raises(ValueError, match=r"beyond 1e\+150"):
            verb([[far, 1.0], [0.0, 2.0], [1.0, 1.0]])
    with pytest.raises(ValueError, match=r"beyond 1e\+150"):
        rows.conditional({"x0": far})


@pytest.mark.parametrize("far", [1e7, 1e17, 1e80, 1e149])
def test_far_points_belong_to_whom_they_do_a_little_nearer(line, tied, rows, far):
    widest = line.predict_proba([1e5, -1e5])
    np.testing.assert_allclose(line.predict_proba([far, -far]), widest, atol=1e-12)
    np.testing.assert_allclose(
        tied.predict_proba([-far, far]), np.eye(2), atol=1e-12
    )  # of one scale: whose mean is nearer
    near = np.array([[1e5, 0], [0, -1e5], [1e5, 1e5]])
    np.testing.assert_allclose(rows.predict_proba(near / 1e5 * far), rows.predict_proba(near), atol=1e-6)
    part = rows.marginal(["x1", "x0"])
    np.testing.assert_allclose(part.predict_proba(near / 1e5 * far), part.predict_proba(near), atol=1e-6)


def test_far_log_densities_fall_with_the_square_of_the_distance(line, rows):
    for fit, ray in ((line, np.ones(1)), (rows, np.array([[3.0, 4.0]]))):
        at = np.array([1e30, 1e60, 1e140])
        scores = np.array([fit.score_samples(ray * distance)[0] for distance in at])
        np.testing.assert_allclose(scores / at / at, fit.score_samples(ray * 1e12)[0] / 1e24, rtol=1e-9)
    assert (line.density([1e149, -1e100]).density < 1e-300).all()
    assert (rows.density([[1e149, 0], [0, -1e100]]).density < 1e-300).all()
    assert (rows.marginal("x0").density([1e149]).density == 0).all()


def test_log_densities_that_no_number_holds_are_minus_infinity():
    fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies() * 1e-100, **FEW)
    np.testing.assert_array_equal(fit.score_samples([1e100, -1e140]), -np.inf)
    np.testing.assert_allclose(fit.predict_proba([1e140, -1e140]).sum(1), 1)


def test_what_follows_from_far_values(rows):
    near, far = (rows.conditional({"x0": value}).moments()["mean"].values for value in (1e6, 1e100))
    np.testing.assert_allclose(far / 1e100, near / 1e6, rtol=1e-3)
    np.testing.assert_allclose(rows.conditional({"x0": 1e100}).params().weights.sum(-1), 1)


def test_points_are_drawn_in_along_their_ray(rows):
    x = np.array([[3e200, 4e200], [0.0, 1.0]])
    drawn, times = nearer(x, rows.params(), 1e6)
    assert drawn[1].tolist() == [0.0, 1.0]
    assert times[1] == 1
    assert drawn[0, 1] / drawn[0, 0] == pytest.approx(4 / 3, rel=1e-4)
    assert times[0] * drawn[0, 0] == pytest.approx(3e200, rel=1e-4)


def test_data_that_differ_in_their_last_digits_have_a_report(tmp_path):
    x = np.random.default_rng(0).normal(size=50) * 1e-8 + 1e8
    heights, edges = bins(x, np.ones(50))
    assert (np.diff(edges) > 0).all()
    assert (heights * np.diff(edges)).sum() == pytest.approx(1)
    fit = mx.GaussianMixture(n_components=2).sample(x, **FEW)
    fit.report(tmp_path / "report.html")
    mx.plots.histogram(x)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("k", [2, 3, 5])
def test_small_integers_have_a_report(seed, k, tmp_path):
    x = np.random.default_rng(seed).integers(-1, 2, size=(210, 2)).astype(float)
    mx.GaussianMixture(n_components=k).sample(x, **FEW).report(tmp_path / "report.html")


@pytest.mark.parametrize("scale", [1e-149, 1e149])
def test_narrow_components_of_extreme_data_have_a_report(scale, tmp_path):
    rng = np.random.default_rng(1)
    x = np.concatenate([rng.normal(0, 1e-4, 30), rng.normal(1, 1e-4, 30)]) * scale / 2
    for data in (x, np.column_stack([x, rng.permutation(x)])):
        fit = mx.GaussianMixture(n_components=2).sample(data, **FEW)
        assert np.isfinite(fit.summary()[["mean", "sd"]]).all().all()
        assert repr(fit)
        fit.report(tmp_path / "report.html")


def test_summaries_of_sizes_whose_squares_are_lost():
    draws = np.random.default_rng(0).normal(size=(2, 100))
    found = diagnose.summarise({"huge": 1e300 * draws, "usual": draws, "tiny": 1e-300 * draws}, 0.9)
    for name, values in zip(found._fields[1:], found[1:], strict=True):
        powers = np.ones(3) if name[:3] in ("ess", "r_h") else np.array([1e300, 1, 1e-300])
        np.testing.assert_allclose(values / powers, values[1], rtol=1e-12, err_msg=name)


@pytest.mark.parametrize("weights", [np.full(4, 5e-324), [1, 1, 1, 1e-16], np.full(4, 1e300), [1, 1, 1, 1e16]])
def test_weights_that_sums_would_lose_are_refused(weights):
    with pytest.raises(ValueError, match=r"weights (says how often|adds up to|reaches)"):
        points([1.0, 2.0, 3.0, 5.0], weights)


def test_weights_may_be_very_unlike():
    weights = np.array([1e-15, 1e14, 1, 1e-9, 3, 1e7])
    fit = mx.GaussianMixture(n_components=2).sample([0.0, 1, 2, 7, 8, 9], weights=weights, **FEW)
    assert np.isfinite(fit.posterior["mean"]).all()


def test_guesses_differ_where_one_point_outweighs_all():
    rng, weights = np.random.default_rng(0), np.array([1.0, 1e-12, 1e-12])
    model = mx.GaussianMixture(n_components=2).with_defaults([-1.0, 0.0, 1.0])
    for guess in candidates(model, Points(np.array([-1.0, 0.0, 1.0]), weights), rng):
        assert (guess.scales > 0).all()
    x = np.array([[-1.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    assert (np.ptp(subset(rows_of(x, weights), 2, rng), axis=0) > 0).all()


def test_a_covariance_of_very_unlike_directions_has_a_root():
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(4, 4))).Q
    np.linalg.cholesky(_inverse((turn * [1e-3, 1, 1e14, 1e20]) @ turn.T)[0])


def test_priors_and_data_of_sizes_too_unlike():
    model = mx.GaussianMixture(n_components=1, means=mx.MvNormal([0, 0], np.eye(2) * 1e140), scales=mx.Gamma(2, 1))
    x = np.random.default_rng(0).normal(size=(30, 2)) * [1e-145, 1]
    with pytest.raises(ValueError, match="priors and data are of sizes too unlike"):
        model.sample(x, **FEW)
    steep = mx.GaussianMixture(n_components=1, covariance="tied", scales=mx.InverseGamma(2, 1e100))
    with pytest.raises(ValueError, match=r"sizes too unlike .* no finite slope"):
        steep.sample(x[:8] * [1, 1e141], algorithm="hmc", **FEW)
    wide = mx.GaussianMixture(n_components=2, covariance="diagonal", means=mx.Normal(0, 1e33))
    with pytest.raises(ValueError, match=r"sizes too unlike .* means have a prior"):
        wide.sample(x, **FEW)
    small = mx.GaussianMixture(n_components=3, variances=mx.InverseGamma(2, mx.Gamma(0.2, 1)))
    with pytest.raises(ValueError, match="sizes too unlike"):
        small.sample(np.array([1.8e139, -1e141, 1.6e139, -9.8e140, 3e140]), **FEW)
    with pytest.raises(ValueError, match="one scale, but their ranges differ"):
        mx.GaussianMixture(n_components=2, covariance="spherical").sample(x * [1, 1e100], **FEW)


@pytest.mark.parametrize("kept", [1.0, np.nan, np.inf, 1e200])
def test_no_number_without_a_square_is_kept(kept):
    draws = Draws(Params(np.ones((2, 1)), np.array([[0.0], [kept]]), np.ones((2, 1)), np.ones(2)), *[np.zeros(2)] * 3)
    with nullcontext() if kept == 1.0 else pytest.raises(ValueError, match=r"chain 1 met .* at draw 1"):
        _check_finite(draws, 1, 0, 2)


def test_a_conditional_that_is_flat_over_all_numbers_is_left():
    """Scales about 1e100, of columns 1e140 and 1e30 wide: stepping out by one's own width never ended."""
    x = np.random.default_rng(2).integers(-1, 6, (12, 2)) * [1e140, 1e30]
    model = mx.GaussianMixture(n_components=2, covariance="diagonal", scales=mx.Gamma(2, 1e-100))
    with suppress(ValueError):  # or it ends with an error; but it ends
        fit = model.sample(x, algorithm="gibbs", draws=3, warmup=0, chains=1, seed=590, progress=False)
        assert np.isfinite(fit.params().factors).all()


def test_numbers_beyond_floats_in_priors():
    with pytest.raises(ValueError, match="fixed weights sum to 1; these sum to inf"):
        mx.GaussianMixture(n_components=2, weights=mx.Fixed([1.7e308, 1.7e308]))
    with pytest.raises(ValueError, match=r"Normal\(mu=...\) must be finite; got a number beyond 1.8e\+308"):
        mx.Normal(10**400, 1)
    with pytest.raises(TypeError, match=r"Uniform\(upper=...\) is a number or a sequence"):
        mx.Uniform(1.0, mx.Uniform())
    with pytest.raises(TypeError, match="is a number or a sequence"):
        mx.Normal([True, False])
    with pytest.raises(ValueError, match="n_components is a whole number of at most 1,000,000"):
        mx.GaussianMixture(n_components=10**400)


def test_fits_to_compare_go_by_name(line):
    with pytest.raises(TypeError, match="compare takes fits by name"):
        mx.compare([line, line])
    with pytest.raises(TypeError, match="compare takes fits, what"):
        mx.compare({"a": line, "b": 3})


def test_few_draws_leave_nothing_out(line):
    few = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), **FEW | {"draws": 12})
    with pytest.raises(ValueError, match="at least 25 draws in all; this fit has 24"):
        few.loo()


def test_points_whose_worst_draws_are_one_draw_are_told():
    loglik = np.random.default_rng(0).normal(size=(1, 100, 2))
    loglik[:, :50, 1] = -9.0
    elpd, lpd, pareto_k = _leave(loglik, np.ones(2), 1.0)
    assert np.isfinite([elpd, lpd]).all()
    assert pareto_k[1] == np.inf
    assert pareto_k[0] < 1


def test_one_draw_is_printed_in_full():
    fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), **FEW | {"draws": 1, "chains": 1})
    console = Console(file=io.StringIO(), width=120)
    print_fit(console, fit)
    text = console.file.getvalue()
    for name in ("weight[0]", "mean[1]"):
        row = next(line for line in text.splitlines() if line.startswith(name))
        assert float(row.split()[1]) == pytest.approx(fit.summary().loc[name, "mean"], rel=1e-3)


def test_pictures_say_what_they_are_of(line):
    for picture in (mx.plots.trace, mx.plots.rank, mx.plots.density, mx.plots.panels, mx.plots.predictive_check):
        with pytest.raises(TypeError, match="pictures are of a fit"):
            picture(line.model)
    with pytest.raises(TypeError, match=r"draws a model, a GaussianMixture, such as fit\.model"):
        mx.plots.diagram(line)
    assert mx.plots.diagram(line.model)


def test_ranks_need_draws():
    fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), **FEW | {"draws": 1, "chains": 2})
    with pytest.raises(ValueError, match="ranks compare chains of at least 2 draws"):
        mx.plots.rank(fit, "mean")


@pytest.mark.parametrize("columns", [1, 2])
def test_one_component_has_a_report_without_doubt(columns, tmp_path):
    x = np.random.default_rng(0).normal(size=(30, columns))
    fit = mx.GaussianMixture(n_components=1).sample(x, **FEW | {"draws": 3})
    fit.report(tmp_path / "report.html")
