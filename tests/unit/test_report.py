"""What a report says and shows, without a browser: sentences from draws, checks, escaping, and code that runs."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri

import mixtura as mx
from mixtura.line.records import Params
from mixtura.posterior.diagnose import Summary
from mixtura.report import answers, content, html_of, page, reproduce
from mixtura.report.check import check_counts, check_density
from mixtura.report.data import short
from mixtura.report.findings import Belonging, Curves, along
from mixtura.report.numerals import estimate, number, split_unit
from mixtura.rows.records import Params as RowParams

FULL = mx.GaussianMixture(n_components=2)


def plain(sentence):
    return "".join(map(str, sentence))


def around(center, half, shape=(2, 400)):
    """Draws as a normal distribution has them, with 94 % within center ± half."""
    size = shape[0] * shape[1]
    return center + half / ndtri(0.97) * ndtri((np.arange(size) + 0.5) / size).reshape(shape)


def line(**changed):
    """Draws (2, 400, 2) of two components."""
    blocks = {"weights": (0.4, 0.05), "means": (21.0, 0.5), "scales": (2.0, 0.25)} | changed
    first, second = ({name: around(*block) for name, block in blocks.items()} for _ in range(2))
    second["weights"] = 1 - first["weights"]
    both = [np.stack([first[name], second[name]], axis=-1) for name in ("weights", "means", "scales")]
    return Params(*both, np.full((2, 400), np.nan))


def test_a_component_is_said_with_its_uncertainty():
    said = plain(answers.component_in_words(0, line(), FULL, "km/s", 0.94))
    assert said == (
        "Component 0 holds 40 % (35–45 %) of the population, centred at 21.0 km/s (20.5–21.5), with a standard "
        "deviation of 2.0 km/s (1.8–2.3)."
    )


def test_what_is_fixed_or_shared_is_said_to_be():
    model = mx.GaussianMixture(n_components=2, covariance="tied", means=mx.Fixed([10, 20]), scales=mx.Fixed(2))
    params = line(means=(10.0, 0.0), scales=(2.0, 0.0))
    said = plain(answers.component_in_words(0, params, model, "", 0.94))
    assert said.endswith("centred at 10 (fixed), with a standard deviation of 2 (fixed), shared by all.")


def test_rows_are_said_feature_by_feature_with_the_closest_pair():
    params = line()
    factors = np.zeros((2, 400, 2, 3, 3))
    factors[...] = np.eye(3)
    factors[..., 1, 0], factors[..., 1, 1] = 0.8, 0.6
    rows = RowParams(
        params.weights, np.repeat(params.means[..., None], 3, -1), factors, np.full((2, 400, 3, 3), np.nan)
    )
    names = ["length (cm)", "width", "age"]
    said = plain(answers.component_of_rows_in_words(1, rows, FULL, names, [1, 0, 2], 0.94))
    assert "centred at length 21.0 cm (20.5–21.5; sd 1 cm), width 21.0 (20.5–21.5; sd 1) and age" in said
    assert said.endswith("Within it, length and width go together most: correlation 0.8.")
    assert along(rows, 1).scales[0, 0].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("center", "half", "said"),
    [
        (-5.0, 0.5, "−5.0 (−5.5 to −4.5)"),
        (1e-9, 1e-10, "1.00 × 10⁻⁹ (0.90–1.10 × 10⁻⁹)"),
        (3e8, 1e6, "3.000 × 10⁸ (2.990–3.010 × 10⁸)"),
        (12345.0, 50.0, "12,345 (12,295–12,395)"),
    ],
)
def test_digits_follow_what_is_known(center, half, said):
    assert str(estimate(around(center, half), 0.94)) == said


def test_numbers_that_are_none_are_a_dash():
    assert number(float("nan"), 2) == "–"
    assert number(-0.001, 1) == "0.0"


def test_a_unit_needs_a_space_before_its_bracket():
    assert split_unit("<b>(x)") == ("<b>(x)", "")
    assert split_unit("a [m/s]") == ("a", "m/s")


def curves(membership):
    x = np.linspace(0, 10, 101)
    density = 2 * np.exp(-0.5 * (x - 3) ** 2) + np.exp(-0.5 * (x - 8) ** 2)
    return Curves(x, density, density, density, np.array([density]), np.stack([membership(x)] * 3))


def test_peaks_and_regions_are_named():
    seen = curves(lambda x: np.array([x < 5.43, x >= 5.43]).astype(float))
    said = "The posterior mean density has 2 peaks, at 3.0 and 8.0 km, the highest at 3.0."
    assert content.peaks_in_words(seen, "km") == said
    assert content.regions_in_words(seen) == "The most probable: component 0 below 5.5 and component 1 above 5.5."


def test_most_points_are_read_in_part_and_said_to_be():
    said = answers.belonging_in_words(Belonging(np.array([30.0, 70.0]), 99.0, False), 100.0)
    assert said.startswith("About 30 of the 100 points")
    assert said.endswith("For about 99 of them, one component is at least 90 % probable.")


def summary(r_hat, ess):
    one = {name: np.array([1.0]) for name in Summary._fields[1:]}
    return Summary(("mean[0]",), **one | {"r_hat": np.array([r_hat]), "ess_bulk": np.array([ess])})


def test_convergence_is_trusted_only_with_reason():
    assert content.convergence_in_words(summary(1.001, 900.0), 4, 1000, 0)[0] == "Read the numbers with care."
    good = summary(1.001, 900.0)._replace(ess_tail=np.array([500.0]))
    assert content.convergence_in_words(good, 4, 1000, 0)[0] == "The draws can be trusted."
    assert content.convergence_in_words(good, 4, 1000, 3)[0] == "Read the numbers with care."
    apart = good._replace(r_hat=np.array([1.2]))
    assert "disagree: R-hat goes up to 1.200" in " ".join(content.convergence_in_words(apart, 4, 1000, None))
    alone = good._replace(r_hat=np.array([np.nan]))
    assert "single chain" in " ".join(content.convergence_in_words(alone, 1, 1000, None))


def test_counts_are_as_the_model_says_and_the_check_sees_when_not():
    rng, edges = np.random.default_rng(1), np.linspace(-3, 3, 13)
    exact = Params(np.ones((4, 500, 1)), np.zeros((4, 500, 1)), np.ones((4, 500, 1)), np.full((4, 500), np.nan))
    p = []
    for _ in range(200):
        x = np.clip(rng.standard_normal(300), -2.99, 2.99)
        p.append(check_counts(exact, edges, np.histogram(x, edges)[0].astype(float), 0.94).p)
    assert abs(np.mean(p) - 0.5) < 4 * np.sqrt(1 / 12 / 200)
    assert abs(np.mean(np.array(p) < 0.1) - 0.1) < 4 * np.sqrt(0.09 / 200)
    heavy = np.clip(rng.standard_t(2, 300), -2.99, 2.99)
    assert check_counts(exact, edges, np.histogram(heavy, edges)[0].astype(float), 0.94).p < 0.01
    check = check_counts(exact, edges, np.full(12, 25.0), 0.94)
    assert check.outside.any()
    assert check.middle.sum() == pytest.approx(300, abs=10)


def test_rows_are_as_probable_as_simulated_ones_unless_their_shape_is_another():
    rng, ones = np.random.default_rng(1), np.ones(400)
    blocks = np.ones((4, 50, 1)), np.zeros((4, 50, 1, 2)), np.broadcast_to(np.eye(2), (4, 50, 1, 2, 2)).copy()
    exact = RowParams(*blocks, np.full((4, 50, 2, 2), np.nan))
    p = [check_density(rng.standard_normal((400, 2)), ones, exact) for _ in range(40)]
    assert abs(np.mean(p) - 0.5) < 4 * np.sqrt(1 / 12 / 40)
    assert check_density(0.7 * rng.standard_normal((400, 2)), ones, exact) == 1.0


def test_text_cannot_leave_its_place():
    hostile = "</script><!--<script>\u2028"
    written = page.as_script({"name": hostile})
    assert "<" not in written
    assert json.loads(written) == {"name": hostile}
    assert "<" not in page.sentence([hostile]).replace("&lt;", "")
    assert 'onerror="' not in page.facts([('"><img onerror="', 'x" onload="')])


def test_numbers_keep_the_digits_that_differ():
    assert short(np.array([1e6 + 0.25, 1e6 + 0.5])) == [1000000.25, 1000000.5]
    assert short(np.array([np.nan, 0.0])) == [None, 0.0]


@pytest.fixture(scope="module")
def fit():
    model = mx.GaussianMixture(n_components=2, means=mx.Normal([1 / 3, 20], [7, np.pi]), weights=mx.Dirichlet([1, 2]))
    return model.sample(mx.datasets.galaxies(), draws=60, warmup=60, chains=2, seed=3, progress=False)


def test_the_code_in_it_makes_the_same_draws(fit):
    scope = {"x": mx.datasets.galaxies()}
    exec(reproduce.code(fit), scope)
    assert (scope["fit"].posterior["mean"] == fit.posterior["mean"]).all()
    assert reproduce.command(fit) == "", "the command knows no such priors"


@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
def test_default_priors_need_no_spelling_out(covariance):
    x = np.random.default_rng(0).normal(size=(50, 2))
    bare = mx.GaussianMixture(n_components=2, covariance=covariance)
    assert reproduce.shortest(bare.with_defaults(x), x, np.ones(50)) == bare


def test_a_page_is_whole_and_fetches_nothing(fit):
    html = html_of(fit.rename("<b>"), 0.9)
    assert html.count("<script") == html.count("</script>") == 3
    assert "90\u00a0%" in html
    assert "<title>&lt;b&gt; as a mixture of 2 components · mixtura</title>" in html
    head = html[: html.index('<script type="application/json"')]
    assert "src=" not in head
    assert "http:" not in head
    assert "https:" not in head


def test_what_is_not_one_probability_is_refused(fit, tmp_path):
    with pytest.raises(ValueError, match="prob is a probability"):
        fit.report(tmp_path / "report.html", prob=94)


@pytest.mark.parametrize("covariance", ["tied", "diagonal", "spherical"])
def test_rows_of_every_structure_are_reported(covariance):
    x = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=["0", "a,b", "c]"])
    model = mx.GaussianMixture(n_components=2, covariance=covariance)
    found = model.sample(x, draws=30, warmup=30, chains=2, seed=1, algorithm="gibbs", progress=False)
    html = html_of(found, 0.94)
    assert 'id="pairs"' in html
    assert "mean[0,a,b]" in html
