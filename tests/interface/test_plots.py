"""Every picture: draws with and without axes, returns them, names them, and refuses what it cannot draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from mixtura import plots, priors
from mixtura.model import GaussianMixture
from mixtura.plots import style
from mixtura.plots.kde import kde
from mixtura.plots.ranks import effective_draws

X = np.random.default_rng(0).normal(np.repeat([0.0, 9.0, 20.0], 40), 1.0)


@pytest.fixture(autouse=True)
def canvas() -> Iterator[None]:
    mpl.use("Agg")
    yield
    plt.close("all")


def fit(k: int = 3, tied: bool = False, chains: int = 4, fixed: bool = False) -> Any:
    """A stand-in for Fit, with what the pictures read of it: draws around `k` components of X."""
    rng = np.random.default_rng(1)
    shape = (chains, 60, k)
    weight = rng.dirichlet(np.full(k, 50.0), shape[:2])
    mean = np.linspace(0, 20, k) + rng.normal(0, 0.1, shape)
    scale = np.broadcast_to(rng.gamma(100, 0.01, (chains, 60, 1 if tied else k)), shape)
    dims = ("chain", "draw", "component")
    posterior = {"weight": (dims, weight)} if fixed else {"weight": (dims, weight), "mean": (dims, mean)}
    if not fixed:
        posterior["scale"] = (dims[:2], scale[..., 0]) if tied else (dims, scale)

    def parts(x: np.ndarray) -> np.ndarray:
        z = (x[:, None, None, None] - mean) / scale
        return np.asarray(weight * np.exp(-0.5 * z**2) / scale / np.sqrt(2 * np.pi))

    def density(grid: Any = None, prob: float = 0.94) -> xr.Dataset:
        x = np.linspace(-3, 23, 50) if grid is None else np.asarray(grid)
        total = parts(x).sum(axis=-1).reshape(len(x), -1)
        low, high = np.quantile(total, [0.5 - prob / 2, 0.5 + prob / 2], axis=1)
        variables = {"density": ("x", total.mean(axis=1)), "lower": ("x", low), "upper": ("x", high)}
        variables["component_density"] = (("component", "x"), parts(x).mean(axis=(1, 2)).T)
        return xr.Dataset(variables, {"x": x})

    def predict_proba(x: np.ndarray) -> np.ndarray:
        each = parts(x) + 1e-300
        return np.asarray((each / each.sum(axis=-1, keepdims=True)).mean(axis=(1, 2)))

    return SimpleNamespace(
        x=X,
        weights=np.ones(len(X)),
        n_components=k,
        posterior=xr.Dataset(posterior),
        density=density,
        predict_proba=predict_proba,
        sample_predictive=lambda draws, seed: np.random.default_rng(seed).normal(8, 9, (draws, len(X))),
    )


MODEL = GaussianMixture(n_components=3)
PICTURES: dict[str, tuple[Callable[..., Any], int]] = {
    "histogram": (lambda ax=None: plots.histogram(X, ax=ax), 1),
    "simplex": (lambda ax=None: plots.simplex([0.5, 1, (2, 5, 10)], ax=ax), 3),
    "diagram": (lambda ax=None: plots.diagram(MODEL, ax=ax), 1),
    "trace": (lambda ax=None: plots.trace(fit(), true_values={"mean": [0, 9, 20], "scale": 1}, ax=ax), 6),
    "rank": (lambda ax=None: plots.rank(fit(), ax=ax), 9),
    "density": (lambda ax=None: plots.density(fit(), ax=ax), 1),
    "panels": (lambda ax=None: plots.panels(fit(), ax=ax), 3),
    "predictive_check": (lambda ax=None: plots.predictive_check(fit(), draws=5, ax=ax), 1),
}


@pytest.mark.parametrize("name", plots.__all__)
def test_a_new_figure_is_drawn_and_its_axes_returned(name: str) -> None:
    draw, panels = PICTURES[name]
    axes = np.ravel(draw())
    assert len(axes) == panels
    axes[0].get_figure().canvas.draw()


@pytest.mark.parametrize("name", plots.__all__)
def test_given_axes_are_drawn_on_and_returned(name: str) -> None:
    draw, panels = PICTURES[name]
    given = plt.figure().subplots(1, panels)
    returned = draw(ax=given)
    assert list(np.ravel(returned)) == list(np.ravel(given))
    assert plt.get_fignums() == [1]


@pytest.mark.parametrize("name", sorted(set(plots.__all__) - {"simplex", "diagram"}))
def test_axes_are_labelled(name: str) -> None:
    draw, panels = PICTURES[name]
    for ax in np.ravel(draw(ax=plt.figure().subplots(1, panels))):
        assert ax.get_ylabel()
    assert ax.get_xlabel()


@pytest.mark.parametrize("name", plots.__all__)
def test_nothing_is_cut_off(name: str) -> None:
    figure = np.ravel(PICTURES[name][0]())[0].get_figure()
    figure.canvas.draw()
    tight = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(tight.x0, tight.y0, width - tight.x1, height - tight.y1) > -0.02


@pytest.mark.parametrize("name", ["simplex", "trace", "rank", "panels"])
def test_too_few_axes_are_refused_with_the_number_needed(name: str) -> None:
    draw, panels = PICTURES[name]
    with pytest.raises(ValueError, match=f"{panels} panels"):
        draw(ax=plt.figure().subplots(1, 2))


@pytest.mark.parametrize("name", ["trace", "rank", "density", "panels", "predictive_check"])
@pytest.mark.parametrize("options", [{"k": 1}, {"k": 20}, {"tied": True}, {"fixed": True}, {"chains": 1}])
def test_any_fit_is_drawn(name: str, options: dict[str, Any]) -> None:
    if name == "rank" and options.get("k") == 20:
        pytest.skip("sixty panels: slow, and nothing new")
    axes = getattr(plots, name)(fit(**options))
    np.ravel(axes)[0].get_figure().canvas.draw()


@pytest.mark.parametrize("concentrations", [[(1, 2)], [(1, 2, 3, 4)], [0], [(1, -1, 1)], [np.nan], []])
def test_simplex_refuses_all_but_three_positive_numbers(concentrations: Any) -> None:
    with pytest.raises(ValueError, match=r"concentration.*give"):
        plots.simplex(concentrations)


def test_simplex_refuses_text() -> None:
    with pytest.raises(ValueError, match="one positive number or three"):
        plots.simplex(["one"])


@pytest.mark.parametrize("draws", [0, -3, 2.5])
def test_predictive_check_refuses_draws_that_are_no_number_of_data_sets(draws: Any) -> None:
    with pytest.raises(ValueError, match="draws is"):
        plots.predictive_check(fit(), draws=draws)


@pytest.mark.parametrize("picture", [plots.trace, plots.rank])
@pytest.mark.parametrize("var_names", [["mu"], "sigma", []])
def test_unknown_variables_are_refused_with_the_known(picture: Callable[..., Any], var_names: Any) -> None:
    with pytest.raises(ValueError, match=r"var_names is .*\['weight', 'mean', 'scale'\]"):
        picture(fit(), var_names)


@pytest.mark.parametrize("true_values", [{"mu": 1}, {"mean": [1, 2]}, {"mean": [[1, 2, 3]]}])
def test_true_values_that_match_nothing_are_refused(true_values: Any) -> None:
    with pytest.raises(ValueError, match="true_values"):
        plots.trace(fit(), true_values=true_values)


def test_true_values_of_fixed_and_tied_blocks_pass() -> None:
    plots.trace(fit(fixed=True), true_values={"mean": [0, 9, 20]})
    plots.trace(fit(tied=True), true_values={"scale": [2, 2, 2]})


@pytest.mark.parametrize("x", [[1, np.nan], [], "text", [[1, 2], [3, 4]]])
def test_histogram_refuses_what_are_no_points(x: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        plots.histogram(x)


def test_histogram_takes_its_label_from_the_data_and_counts_weights() -> None:
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1.0, 2.0, 5.0], name="minutes")
    assert plots.histogram(series).get_xlabel() == "minutes"
    lines = [plots.histogram(*given).lines[0].get_ydata() for given in ([[1, 2, 2, 5]], [[1, 2, 5], [1, 2, 1]])]
    assert_allclose(lines[0], lines[1])


@pytest.mark.parametrize(
    "declared",
    [
        {"means": priors.Normal([10, 20, 35], 2), "scales": priors.HalfCauchy(5), "covariance": "tied"},
        {
            "means": priors.Fixed([10, 20, 35]),
            "scales": priors.Fixed(2),
            "weights": priors.Fixed([0.2, 0.3, 0.5]),
        },
        {"means": priors.StudentT(3, [-100, 0, 1e6], [1, 2, 3.123]), "scales": priors.LogNormal(0, 1)},
        {"means": priors.Uniform(-3, [1, 2, 3]), "variances": priors.InverseGamma([1, 2, 3], 4)},
        {"variances": priors.InverseGamma(2, priors.Gamma(0.2, 3)), "weights": priors.Dirichlet([1, 5, 20])},
        {"variances": priors.Fixed(4), "covariance": "tied"},
        {"scales": priors.HalfStudentT(3, 2.5)},
        {"scales": priors.HalfNormal([1, 2, 3])},
        {"scales": priors.Exponential(1e-8)},
        {"scales": priors.InverseGamma(3, 1)},
        {"scales": priors.Gamma(0.5, 2)},
        {"scales": priors.Uniform(0, 1)},
    ],
)
@pytest.mark.parametrize("x", [None, X])
def test_any_model_has_a_diagram_in_which_no_texts_overlap(declared: dict[str, Any], x: Any) -> None:
    ax = plots.diagram(GaussianMixture(n_components=3, **declared), x)
    ax.get_figure().canvas.draw()
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    assert len(boxes) > 10
    assert not [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
    inside = ax.get_figure().bbox
    assert all(inside.x0 <= box.x0 and box.x1 <= inside.x1 and box.y1 <= inside.y1 for box in boxes)


def test_the_diagram_says_where_defaults_come_from() -> None:
    words = {text.get_text() for text in plots.diagram(MODEL).texts}
    assert "μ = midrange of data" in words
    numbers = {text.get_text() for text in plots.diagram(MODEL, [0.0, 1.0, 4.0]).texts}
    assert "μ = 2,  σ = 4" in numbers


def test_one_component_has_a_known_weight() -> None:
    assert "known" in {text.get_text() for text in plots.diagram(GaussianMixture(n_components=1)).texts}


def test_twenty_components_all_look_different() -> None:
    looks = [style.component(index) for index in range(20)]
    assert len({(look["color"], look["linestyle"]) for look in looks}) == 20


def test_kde_is_a_density_and_close_to_the_exact_one() -> None:
    estimate = kde(X)
    step = estimate.grid[1] - estimate.grid[0]
    z = (estimate.grid[:, None] - X) / estimate.bandwidth
    exact = np.exp(-0.5 * z**2).mean(axis=1) / estimate.bandwidth / np.sqrt(2 * np.pi)
    assert_allclose(estimate.density.sum() * step, 1)
    assert_allclose(estimate.density, exact, atol=0.01 * exact.max())


def test_kde_keeps_separated_components_apart_and_mass_within_bounds() -> None:
    assert kde(X).bandwidth < 0.7
    uniform = kde(np.random.default_rng(0).uniform(0, 1, 4000), bounds=(0, 1))
    assert uniform.grid[0] > 0
    assert_allclose(uniform.density, 1, atol=0.15)


@pytest.mark.parametrize("x", [[3.0, 3.0], [1.0, 2.0], [0.0, 1.0, 1e9], np.repeat([1e-9, 2e-9], 500)])
def test_kde_of_awkward_points_is_finite(x: Any) -> None:
    assert np.all(np.isfinite(kde(np.asarray(x)).density))


def test_rank_bands_widen_with_autocorrelation_but_not_with_disagreement() -> None:
    noise = np.random.default_rng(0).normal(size=(4, 2000))
    assert 1500 < effective_draws(noise) <= 2000
    walk = np.cumsum(noise, axis=1) - 0.1 * np.arange(2000)
    assert effective_draws(walk) < 50
    assert_allclose(effective_draws(noise + np.arange(4)[:, None]), effective_draws(noise))


def test_rank_marks_where_true_values_lie():
    panels = plots.rank(fit(), "mean", true_values={"mean": [-1e9, 0.0, 1e9]})
    marks = [line.get_xdata()[0] for panel in panels for line in panel.lines if line.get_label() == "true value"]
    draws = fit().posterior["mean"].values[..., 1]
    assert marks == [0.0, pytest.approx((draws < 0).mean()), 1.0]
    with pytest.raises(ValueError, match="true_values"):
        plots.rank(fit(), true_values={"mean": [1, 2]})
