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

from mixtura import datasets, plots, priors
from mixtura.model import GaussianMixture
from mixtura.multivariate.records import Params
from mixtura.pictures import Album, of_fit
from mixtura.plots import planes, style
from mixtura.plots.kde import kde
from mixtura.plots.ranks import effective_draws
from mixtura.posterior.parts import joint

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


def rows_fit(names: str = "abcd", k: int = 3, structure: str = "full", n: int = 90, chains: int = 2) -> Any:
    """The same for rows of several features: draws around `k` made-up groups."""
    rng, d = np.random.default_rng(1), len(names)
    shape = (chains, 50, k)
    centers = np.random.default_rng(0).normal(0, 4, (k, d))
    x = centers[np.arange(n) % k] + rng.normal(size=(n, d))
    roots = 0.2 * rng.normal(size=(*shape, d, d)) + np.eye(d)
    covariances = roots @ roots.swapaxes(-1, -2)
    if structure in ("diagonal", "spherical"):
        covariances = covariances * np.eye(d)
    if structure == "tied":
        covariances[:] = covariances[:, :, :1]
    nowhere = np.full((chains, 50, d, d), np.nan)
    means = centers + rng.normal(0, 0.1, (*shape, d))
    params = Params(rng.dirichlet(np.full(k, 50.0), shape[:2]), means, np.linalg.cholesky(covariances), nowhere)
    one, many = ("chain", "draw"), ("chain", "draw", "component")
    matrix = ("feature", "feature_bis")
    blocks = {"weight": (many, params.weights), "mean": ((*many, "feature"), params.means)} | {
        "full": {"covariance": ((*many, *matrix), covariances), "rate": ((*one, *matrix), covariances[:, :, 0])},
        "tied": {"covariance": ((*one, *matrix), covariances[:, :, 0])},
        "diagonal": {"scale": ((*many, "feature"), params.scales), "rate": ((*one, "feature"), means[:, :, 0] ** 2)},
        "spherical": {"scale": (many, params.scales[..., 0])},
    }[structure]
    used = {name for dims, _ in blocks.values() for name in dims} & set(matrix)
    mixtures = joint(params, tuple(names))
    return SimpleNamespace(
        x=x,
        weights=np.ones(n),
        features=tuple(names),
        n_components=k,
        model=GaussianMixture(n_components=k, covariance=structure, n_features=d),
        posterior=xr.Dataset(blocks, {name: list(names) for name in used}),
        params=lambda: params,
        marginal=mixtures.marginal,
        predict_proba=mixtures.predict_proba,
        sample_predictive=lambda draws, seed: np.stack([mixtures.sample(n, seed + i) for i in range(draws)]),
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
    "pairs": (lambda ax=None: plots.pairs(rows_fit("abc"), ax=ax), 9),
    "uncertainty": (lambda ax=None: plots.uncertainty(rows_fit("ab"), ax=ax), 1),
}
ROWS: dict[str, Callable[..., Any]] = {
    "pairs": plots.pairs,
    "trace": plots.trace,
    "rank": plots.rank,
    "predictive_check": lambda fit: plots.predictive_check(fit, draws=3),
    "uncertainty": lambda fit: plots.uncertainty(fit, list(fit.features[:2])),
    "diagram": lambda fit: plots.diagram(fit.model, fit.x),
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
    axes = np.ravel(draw(ax=plt.figure().subplots(1, panels)))
    if name == "pairs":  # at its outer sides
        assert [ax.get_ylabel() for ax in axes[::3]] == ["density", "b", "c"]
        axes = axes[6:]
    else:
        assert all(ax.get_ylabel() for ax in axes)
    assert axes[-1].get_xlabel()


@pytest.mark.parametrize("name", plots.__all__)
def test_nothing_is_cut_off(name: str) -> None:
    figure = np.ravel(PICTURES[name][0]())[0].get_figure()
    figure.canvas.draw()
    tight = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(tight.x0, tight.y0, width - tight.x1, height - tight.y1) > -0.02


@pytest.mark.parametrize("name", ["simplex", "trace", "rank", "panels", "pairs"])
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


@pytest.mark.parametrize("name", sorted(ROWS))
@pytest.mark.parametrize(
    "options",
    [
        {"names": "abc"},
        {"names": "ab", "structure": "tied"},
        {"names": "ab", "structure": "diagonal", "chains": 1},
        {"names": "ab", "structure": "spherical", "k": 1},
        {"names": "abcdefghi", "k": 1, "structure": "spherical"},
    ],
)
def test_any_fit_of_rows_is_drawn_and_nothing_is_cut_off(name: str, options: dict[str, Any]) -> None:
    figure = np.ravel(ROWS[name](rows_fit(**options)))[0].get_figure()
    figure.canvas.draw()
    tight = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert min(tight.x0, tight.y0, width - tight.x1, height - tight.y1) > -0.02


@pytest.mark.parametrize("name", ["density", "panels"])
def test_pictures_of_one_column_name_those_of_rows(name: str) -> None:
    with pytest.raises(ValueError, match=rf"plots.{name} draws one column.*2 features \(a, b\).*plots.pairs\(fit\)"):
        getattr(plots, name)(rows_fit("ab"))


@pytest.mark.parametrize("name", ["pairs", "uncertainty"])
def test_pictures_of_rows_name_that_of_one_column(name: str) -> None:
    with pytest.raises(ValueError, match=r"needs two features.*plots.density\(fit\)"):
        getattr(plots, name)(fit())


@pytest.mark.parametrize("name", ["pairs", "trace", "rank", "predictive_check", "uncertainty"])
@pytest.mark.parametrize("features", [["a", "z"], ["a", "a"], [], ["ab"]])
def test_features_that_are_not_there_are_refused_with_those_that_are(name: str, features: list[str]) -> None:
    with pytest.raises(ValueError, match=r"features is .*a, b, c, d, none of them twice"):
        getattr(plots, name)(rows_fit(), features=features)


@pytest.mark.parametrize("features", [None, ["a", "b", "c"]])
def test_the_map_of_more_than_two_features_asks_which_two(features: Any) -> None:
    with pytest.raises(ValueError, match=r"name two of a, b, c, d, as in plots.uncertainty\(fit, \['a', 'b'\]\)"):
        plots.uncertainty(rows_fit(), features)


def test_pairs_show_the_first_six_features_and_say_so() -> None:
    panels = plots.pairs(rows_fit("abcdefgh"))
    assert panels.shape == (6, 6)
    assert "6 of 8 features: features=[...] chooses" in panels[0, -1].texts[0].get_text()
    chosen = plots.pairs(rows_fit("abcdefgh"), ["h", "b"])
    assert chosen[1, 0].get_xlabel() == "h"
    assert chosen[1, 0].get_ylabel() == "b"


def test_points_have_their_components_colour_and_fade_where_it_is_unsure() -> None:
    rows = rows_fit("ab", k=2)
    rows.x = np.concatenate([rows.params().means.mean((0, 1)), rows.params().means.mean((0, 1, 2))[None]])
    rows.weights = np.ones(3)
    colors = planes.cloud(rows).colors
    assert [mpl.colors.to_hex(color) for color in colors[:2]] == [style.color(0).lower(), style.color(1).lower()]
    assert colors[2, 3] < colors[:2, 3].min() - 0.1


def test_many_points_are_thinned_and_it_says_so() -> None:
    points = planes.cloud(rows_fit("ab", n=6000))
    assert len(points.x) == len(points.colors) == 5000
    assert points.note == "5,000 of 6,000 points, chosen at random"
    assert "5,000 of 6,000" in plots.uncertainty(rows_fit("ab", n=6000)).get_title("right")


def test_ellipses_hold_nine_tenths_of_a_component() -> None:
    covariance = np.array([[4.0, 1.0], [1.0, 2.0]])
    curve = planes._curves(np.zeros(2), covariance)
    distance = np.einsum("mi,ij,mj->m", curve, np.linalg.inv(covariance), curve)
    assert_allclose(1 - np.exp(-distance / 2), 0.9)


def test_the_map_is_one_minus_the_largest_membership() -> None:
    rows = rows_fit("ab", k=2)
    mesh = plots.uncertainty(rows).collections[0]
    place = mesh.get_coordinates()[40, 70]
    assert_allclose(mesh.get_array()[40, 70], 1 - rows.predict_proba(place[None]).max(), atol=1e-9)
    assert mesh.get_clim() == (0, 0.5)


def test_of_matrices_the_diagonal_is_shown_unless_they_are_named() -> None:
    labels = [ax.get_xlabel() for ax in plots.trace(rows_fit("ab"))[:, 0]]
    means, rates = ["mean of a", "mean of b"], ["rate of a", "rate of b"]
    assert labels == ["weight", *means, "variance of a", "variance of b", *rates]
    labels = [ax.get_xlabel() for ax in plots.trace(rows_fit("ab"), "covariance")[:, 0]]
    assert labels == ["variance of a", "covariance of b, a", "variance of b"]
    titles = [ax.get_title() for ax in plots.rank(rows_fit("ab", k=2), "covariance", features=["b"])]
    assert titles == ["variance[0] of b", "variance[1] of b"]


def test_true_values_of_rows_are_marked_where_they_belong() -> None:
    true = {"mean": [[1, 2], [3, 4], [5, 6]], "covariance": np.eye(2)}
    marks = [
        [line.get_xdata()[0] for line in left.lines if line.get_color() == "black"]
        for left, _ in plots.trace(rows_fit("ab"), true_values=true)
    ]
    assert [sorted(mark) for mark in marks] == [[], [1, 3, 5], [2, 4, 6], [1], [1], [], []]
    with pytest.raises(ValueError, match=r"true_values\['mean'\] has shape \(3,\); give one number or \(3, 2\)"):
        plots.trace(rows_fit("ab"), true_values={"mean": [1, 2, 3]})


def test_every_fit_has_its_set_of_pictures(tmp_path: Any) -> None:
    of_fit(rows_fit("ab", structure="spherical"), two := Album(tmp_path / "two"))
    of_fit(rows_fit("abc", structure="spherical", k=1), three := Album(tmp_path / "three"))
    rest = ["trace", "rank", "predictive-check"]
    assert [path.stem for path in two.paths] == ["model", "pairs", "uncertainty", *rest]
    assert [path.stem for path in three.paths] == ["model", "pairs", *rest]


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
        {"covariance": "full", "n_features": 2},
        {"covariance": "tied", "n_features": 2},
        {"covariance": "diagonal"},
        {"covariance": "spherical", "means": priors.Normal([0, 1], [1, 20])},
        {"scales": priors.HalfNormal([1, 5]), "means": priors.MvNormal([0, 5], [[2, 1], [1, 2]])},
        {"covariances": priors.InverseWishart(4, [[2, 1], [1, 3]]), "means": priors.Normal([[0], [1], [2]], 1)},
        {"covariances": priors.Fixed([[2, 1], [1, 3]]), "covariance": "tied", "weights": priors.Fixed([0.2, 0.3, 0.5])},
        {"variances": priors.InverseGamma(2, priors.Gamma(0.2, [1, 2])), "covariance": "diagonal"},
    ],
)
@pytest.mark.parametrize("x", [None, X])
def test_any_model_has_a_diagram_in_which_no_texts_overlap(declared: dict[str, Any], x: Any) -> None:
    model = GaussianMixture(n_components=3, **declared)
    if x is not None and (model.n_features or model.covariance in ("diagonal", "spherical")):
        x = np.column_stack(datasets.faithful())
    ax = plots.diagram(model, x)
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
