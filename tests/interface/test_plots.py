"""Every picture: draws with and without axes, returns them, names them, and refuses what it cannot draw."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from mixtura import datasets, plots, priors
from mixtura.fit import Fit
from mixtura.line import records as line
from mixtura.model import GaussianMixture
from mixtura.pictures import Album, of_fit
from mixtura.plots import planes, style
from mixtura.plots.breaks import stretches
from mixtura.plots.kde import kde
from mixtura.plots.marginals import effective_draws, marginal, modes
from mixtura.plots.windows import window
from mixtura.posterior.store import Record
from mixtura.reading.data import Points
from mixtura.rows.records import Params

X = np.random.default_rng(0).normal(np.repeat([0.0, 9.0, 20.0], 40), 1.0)


@pytest.fixture(autouse=True)
def canvas() -> Iterator[None]:
    mpl.use("Agg")
    yield
    plt.close("all")


def fit(k: int = 3, tied: bool = False, chains: int = 4, fixed: bool = False, draws: int = 60, x: Any = X) -> Fit:
    """A fit by hand: draws around `k` components of X."""
    rng = np.random.default_rng(1)
    shape = (chains, draws, k)
    weight = rng.dirichlet(np.full(k, 50.0), shape[:2])
    mean = np.linspace(0, 20, k) + rng.normal(0, 0.1, shape)
    scale = np.array(np.broadcast_to(rng.gamma(100, 0.01, (chains, draws, 1 if tied else k)), shape))
    known: dict[str, Any] = {"means": priors.Normal(8, 10), "scales": priors.HalfNormal(2)}
    if fixed:
        mean[:], scale[:] = np.linspace(0, 20, k), 1.0
        known = {"means": priors.Fixed(np.linspace(0, 20, k)), "scales": priors.Fixed(1.0)}
    model = GaussianMixture(n_components=k, covariance="tied" if tied else "full", **known).with_defaults(x)
    nowhere = np.full(shape[:2], np.nan)
    return by_hand(model, np.asarray(x), line.Params(weight, mean, scale, nowhere), {"name": "x"})


def rows_fit(
    names: str = "abcd", k: int = 3, structure: str = "full", n: int = 90, chains: int = 2, x: Any = None
) -> Fit:
    """The same for rows of several features: draws around `k` made-up groups."""
    rng, d = np.random.default_rng(1), len(names)
    shape = (chains, 50, k)
    centers = np.random.default_rng(0).normal(0, 4, (k, d))
    x = centers[np.arange(n) % k] + rng.normal(size=(n, d)) if x is None else x
    roots = 0.2 * rng.normal(size=(*shape, d, d)) + np.eye(d)
    covariances = roots @ roots.swapaxes(-1, -2)
    if structure in ("diagonal", "spherical"):
        covariances = covariances * np.eye(d)
    if structure == "spherical":
        covariances = covariances[..., :1, :1] * np.eye(d)
    if structure == "tied":
        covariances[:] = covariances[:, :, :1]
    known: dict[str, Any] = {
        "tied": {"covariances": priors.InverseWishart(d + 3, np.eye(d).tolist())},
        "spherical": {"scales": priors.HalfNormal(2)},
    }.get(structure, {})
    model = GaussianMixture(n_components=k, covariance=structure, n_features=d, **known).with_defaults(x)
    means = centers + rng.normal(0, 0.1, (*shape, d))
    rate = covariances[:, :, 0] if structure in ("full", "diagonal") else np.full((chains, 50, d, d), np.nan)
    params = Params(rng.dirichlet(np.full(k, 50.0), shape[:2]), means, np.linalg.cholesky(covariances), rate)
    return by_hand(model, x, params, {"name": "x", "features": list(names)})


def by_hand(model: GaussianMixture, x: np.ndarray, params: Any, attributes: dict[str, Any]) -> Fit:
    """A fit of draws that no sampler made."""
    order = np.broadcast_to(np.arange(model.n_components), params.weights.shape)
    stats = {"lp": params.weights[..., 0], "occupied": np.full(order.shape[:2], model.n_components)}
    told = {"algorithm": "none", "interrupted": 0, "nodes": len(x), "certificate": 0.0} | attributes
    return Fit(Record(model, Points(x, np.ones(len(x))), params, stats, order, told))


FITS = {"two": fit(2), "three": fit(3, tied=True)}
TABLE = pd.DataFrame(
    {"elpd_diff": [0.0, -30.0], "dse": [0.0, 8.0], "diag_elpd": ["", "1 k > 0.7"]}, index=["three", "two"]
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
    "forest": (lambda ax=None: plots.forest(fit(), true_values={"mean": [0, 9, 20], "scale": 1}, ax=ax), 3),
    "prior_posterior": (lambda ax=None: plots.prior_posterior(fit(), ax=ax), 9),
    "compare": (lambda ax=None: plots.compare(FITS, TABLE, ax=ax), 2),
}
ROWS: dict[str, Callable[..., Any]] = {
    "pairs": plots.pairs,
    "trace": plots.trace,
    "rank": plots.rank,
    "predictive_check": lambda fit: plots.predictive_check(fit, draws=3),
    "uncertainty": lambda fit: plots.uncertainty(fit, list(fit.features[:2])),
    "diagram": lambda fit: plots.diagram(fit.model, fit.x),
    "forest": plots.forest,
    "prior_posterior": lambda fit: plots.prior_posterior(fit, features=fit.features[:2]),
    "compare": lambda fit: plots.compare({"two": fit, "three": fit}, TABLE, list(fit.features[:3])),
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


@pytest.mark.parametrize("name", ["simplex", "trace", "rank", "panels", "pairs", "forest", "prior_posterior"])
def test_too_few_axes_are_refused_with_the_number_needed(name: str) -> None:
    draw, panels = PICTURES[name]
    with pytest.raises(ValueError, match=f"{panels} panels"):
        draw(ax=plt.figure().subplots(1, 2))


@pytest.mark.parametrize(
    "name", ["trace", "rank", "density", "panels", "predictive_check", "uncertainty", "forest", "prior_posterior"]
)
@pytest.mark.parametrize(
    "options", [{"k": 1}, {"k": 20}, {"tied": True}, {"fixed": True}, {"chains": 1}, {"chains": 1, "draws": 1}]
)
def test_any_fit_is_drawn(name: str, options: dict[str, Any]) -> None:
    if name in ("rank", "prior_posterior") and options.get("k") == 20:
        pytest.skip("sixty panels: slow, and nothing new")
    if name == "rank" and options.get("draws") == 1:
        with pytest.raises(ValueError, match="chains of at least 2 draws"):
            plots.rank(fit(**options))
        return
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


@pytest.mark.parametrize("name", ["pairs"])
def test_pictures_of_rows_name_that_of_one_column(name: str) -> None:
    with pytest.raises(ValueError, match=r"needs two features.*plots.density\(fit\)"):
        getattr(plots, name)(fit())


@pytest.mark.parametrize(
    "name", ["pairs", "trace", "rank", "predictive_check", "uncertainty", "forest", "prior_posterior"]
)
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
    means = rows_fit("ab", k=2).params().means
    rows = rows_fit("ab", k=2, x=np.concatenate([means.mean((0, 1)), means.mean((0, 1, 2))[None]]))
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
    rest = ["forest", "prior-posterior", "trace", "rank", "predictive-check"]
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


@pytest.mark.parametrize("picture", [plots.trace, plots.rank, plots.forest, plots.prior_posterior])
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


def test_floors_are_told_where_they_are_known() -> None:
    assert not [text for text in plots.diagram(MODEL).texts if "floor" in text.get_text()]
    prior = priors.InverseGamma(2, priors.Gamma(0.2, 3), floor=0.25)
    told = {text.get_text() for text in plots.diagram(GaussianMixture(n_components=3, variances=prior)).texts}
    assert "α = 2,  floor = 0.25," in told


@pytest.mark.parametrize(
    "x", [np.array([1e8, 1e8 + 3e-8, 1e8 + 1.5e-8]), np.array([1e-140, 2e-140, 5e-140]), X * 1e100]
)
def test_numbers_of_any_size_are_drawn(x: np.ndarray) -> None:
    plots.histogram(x).get_figure().canvas.draw()
    assert np.isfinite(marginal(x[None]).density).all()


def test_one_component_has_a_known_weight() -> None:
    assert "known" in {text.get_text() for text in plots.diagram(GaussianMixture(n_components=1)).texts}


def test_twenty_components_all_look_different() -> None:
    looks = [style.component(index) for index in range(20)]
    assert len({(look["color"], look["linestyle"]) for look in looks}) == 20


@pytest.mark.parametrize("chains", [1, 4])
def test_draws_of_one_normal_show_one_mode(chains: int) -> None:
    rng = np.random.default_rng(7)
    samples = (marginal(rng.normal(size=(chains, 1000 // chains))) for _ in range(200 // chains))
    assert sum((modes(found.density) > 1).sum() for found in samples) <= 1


def test_draws_of_two_modes_show_both_and_chains_share_a_bandwidth() -> None:
    rng = np.random.default_rng(0)
    for share, apart in [(0.5, 4), (0.1, 5), (0.03, 8)]:
        draws = rng.normal(size=(4, 1000)) + apart * (rng.random((4, 1000)) < share)
        assert modes(marginal(draws).density).tolist() == [2, 2, 2, 2]
    found = marginal(rng.normal(size=(4, 1000)))
    step = found.grid[1] - found.grid[0]
    assert_allclose(found.density.sum(1) * step, 1)
    assert_allclose(found.density.max(1), 0.4, atol=0.05)


def test_lines_of_a_trace_have_one_mode_each() -> None:
    panels = plots.trace(fit(draws=400))
    tops = [modes(np.nan_to_num(line.get_ydata())) for left in panels[:, 0] for line in left.lines]
    assert len(tops) == 36
    assert max(tops) == 1


def test_components_far_apart_get_room_each() -> None:
    assert stretches([(0.0, 1.0), (0.5, 3.0)]) == [(0.0, 3.0)]
    left, right = plots.trace(fit(), "mean", true_values={"mean": [0, 9, 20]})[0]
    left.get_figure().canvas.draw()
    for j in range(3):
        lines = [line for line in left.lines if line.get_color() == style.color(j)]
        x = np.concatenate([line.get_xdata()[np.isfinite(line.get_ydata())] for line in lines])
        ends = left.transData.transform([[x.min(), 0], [x.max(), 0]])[:, 0]
        assert np.ptp(ends) > 0.2 * left.bbox.width
    labels = [float(label.get_text().replace("\N{MINUS SIGN}", "-")) for label in left.get_xticklabels()]
    assert_allclose(labels, left.get_xticks(), atol=0.06)
    assert [round(tick) for tick in right.get_yticks()] == sorted(round(tick) for tick in right.get_yticks())


def test_paths_of_components_take_turns_on_top() -> None:
    paths = plots.trace(fit(draws=300), "weight")[0, 1].collections[0]
    colors = [mpl.colors.to_hex(color) for color in paths.get_colors()]
    last = [colors[i] for i in range(2, len(colors), 12)]
    assert {last.count(style.color(j).lower()) > 20 for j in range(3)} == {True}


@pytest.mark.parametrize("seed", range(3))
def test_curves_of_a_check_end_at_zero(seed: int) -> None:
    uniform = np.random.default_rng(seed).uniform(0, 20, 120)
    ax = plots.predictive_check(fit(x=uniform), draws=20, seed=seed)
    low, high = ax.get_xlim()
    curves = [line.get_xydata() for line in ax.lines] + list(ax.collections[0].get_segments())
    for x, y in (np.transpose(curve) for curve in curves):
        assert np.interp([low, high], x, y).max() < 2e-3 * y.max()


def test_components_show_beside_the_total_that_they_make() -> None:
    total, *parts = plots.density(fit()).lines
    assert total.get_zorder() > max(part.get_zorder() for part in parts)
    assert min(part.get_linewidth() for part in parts) > 2 * total.get_linewidth()


def test_arrows_of_the_diagram_end_at_the_letters_of_the_formula() -> None:
    ax = plots.diagram(MODEL.with_defaults(X))
    texts = {text.get_text(): text.get_position() for text in ax.texts}
    tips = [text.xy for text in ax.texts if getattr(text, "arrow_patch", None) is not None]
    for letter in ("$w_k$", r"$\mu_k$", r"$\sigma_k$", "$y_i$"):
        assert min(np.hypot(*np.subtract(tip, texts[letter])) for tip in tips) < 0.2, letter


def test_points_of_components_differ_in_shape_and_keys_say_so() -> None:
    panel = plots.pairs(rows_fit("ab", k=8))[1, 0]
    shapes = [cloud.get_paths()[0].vertices.tobytes() for cloud in panel.collections if len(cloud.get_offsets()) > 1]
    assert len(set(shapes)) == len(shapes) == 8
    markers = [handle.get_marker() for handle in panel.get_figure().legends[0].legend_handles[:8]]
    assert len(set(markers)) == 8


WILD = np.append(np.random.default_rng(0).normal(65, 8, 300), 25_000.0)


def test_a_wild_value_does_not_hide_the_others() -> None:
    seen = window(WILD)
    assert 30 < seen.low < WILD.min() < WILD[:-1].max() < seen.high < 110
    assert seen.note == "1 of 301 points is outside (25000)"
    ax = plots.density(fit(x=WILD))
    assert ax.get_xlim() == (seen.low, seen.high)
    assert ax.get_title("right") == seen.note
    assert plots.histogram(WILD).get_title("right") == seen.note
    assert plots.panels(fit(x=WILD))[0].get_title("right") == seen.note
    assert plots.predictive_check(fit(x=WILD)).get_xlim()[1] < 200
    rows = rows_fit("ab", x=np.column_stack([WILD, WILD % 7]))
    panels = plots.pairs(rows)
    assert panels[1, 0].get_xlim()[1] < 200
    assert "a: 1 of 301 points is outside" in panels[0, 1].texts[0].get_text()
    assert "a: 1 of 301 points is outside" in plots.uncertainty(rows).get_title("right")


def test_what_is_part_of_the_data_is_shown() -> None:
    groups = np.append(np.random.default_rng(0).normal(0, 1, 300), np.full(12, 900.0))
    assert window(groups).note == ""
    heavy = np.append(np.ones(300), 400.0)
    assert window(WILD, None, heavy).note == ""
    assert window(np.zeros(5)).low < 0 < window(np.zeros(5)).high


def test_limits_are_taken_and_checked() -> None:
    assert plots.density(fit(), limits=(5, 12)).get_xlim() == (5, 12)
    assert "of 120 points are outside" in plots.density(fit(), limits=(5, 12)).get_title("right")
    assert plots.pairs(rows_fit("ab"), limits={"b": (-1, 1)})[1, 0].get_ylim() == (-1, 1)
    assert plots.predictive_check(rows_fit("ab"), 3, limits={"b": (-1, 1)})[1].get_xlim() == (-1, 1)
    for limits in [(3, 1), (1,), "ab", (0, np.nan), 5]:
        with pytest.raises(ValueError, match=r"limits is .*two numbers"):
            plots.density(fit(), limits=limits)
    with pytest.raises(ValueError, match=r"limits names \['z'\]"):
        plots.pairs(rows_fit("ab"), limits={"z": (0, 1)})


def test_doubtful_points_are_named() -> None:
    between = np.append(X, [4.5, 14.4])
    ax = plots.uncertainty(fit(x=between), points=[f"point {i}" for i in range(122)])
    assert {"point 120", "point 121"} <= {text.get_text() for text in ax.texts}
    assert "the 2 most doubtful points" in [text.get_text() for text in ax.get_figure().legends[0].texts]
    rows = rows_fit("ab", k=2, n=30)
    middle = rows.params().means.mean((0, 1, 2))
    rows = rows_fit("ab", k=2, x=np.vstack([rows.x, middle]))
    assert "30" in {text.get_text() for text in plots.uncertainty(rows).texts}
    with pytest.raises(ValueError, match="points holds 2 names; give 120"):
        plots.uncertainty(fit(), points=["a", "b"])


def test_memberships_have_bands_that_hold_their_lines() -> None:
    membership = plots.panels(fit())[2]
    assert len(membership.collections) == len(membership.lines) == 3
    for band, line_ in zip(membership.collections, membership.lines, strict=True):
        assert band.get_paths()[0].vertices[:, 1].max() >= line_.get_ydata().max() - 1e-9


def test_a_forest_shows_the_intervals_of_the_summary() -> None:
    panel = plots.forest(fit(), "mean")[0]
    table = fit().summary()
    for j in range(3):
        thin, _, mean = panel.lines[3 * j : 3 * j + 3]
        row = table.loc[f"mean[{j}]"]
        assert_allclose(thin.get_xdata(), [row.hdi_lower, row.hdi_upper])
        assert_allclose(mean.get_xdata(), row["mean"])


def test_the_prior_beside_the_posterior_is_the_declared_one() -> None:
    from scipy.stats import norm

    panel = plots.prior_posterior(fit(), "mean")[1]
    _, prior = panel.lines
    assert prior.get_label() == "prior"
    x = prior.get_xdata()
    assert_allclose(prior.get_ydata(), norm(8, 10).pdf(x), atol=0.01)
    assert panel.get_xlabel() == "mean[1]"


def test_a_comparison_shows_differences_errors_and_all_densities() -> None:
    left, right = plots.compare(FITS, TABLE)
    assert [label.get_text() for label in left.get_yticklabels()] == ["three", "two *"]
    assert left.get_xlim()[0] < -38
    assert [line_.get_label() for line_ in right.lines] == ["three", "two"]
    with pytest.raises(ValueError, match="table compares three, two; these fits are a, b"):
        plots.compare({"a": FITS["two"], "b": FITS["three"]}, TABLE)


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
