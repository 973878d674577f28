"""One wild value beside all others: pictures show where the mass is, and say what lies outside."""

import json
import re

import numpy as np
import pytest

import mixtura as mx
from mixtura.notebook.faces import of_fit, of_mode
from mixtura.report.content import regions_in_words
from mixtura.report.data import cloud
from mixtura.report.findings import find

RNG = np.random.default_rng(0)
PLAIN = RNG.normal(65, 10, 300)
COLUMNS = {"above": np.append(PLAIN, 25_000.0), "below": np.append(-3e7, PLAIN), "both": np.r_[-9e5, PLAIN, 25_000.0]}
ROWS = np.column_stack([COLUMNS["above"], np.append(RNG.normal(170, 8, 300), 180.0)])
SHORT = {"draws": 200, "warmup": 300, "seed": 1}


@pytest.fixture(scope="module")
def rows():
    return mx.GaussianMixture(n_components=2).sample(ROWS, **SHORT)


@pytest.mark.parametrize("name", COLUMNS)
def test_report_and_notebook_look_where_the_mass_is(name):
    fit = mx.GaussianMixture(n_components=2).sample(COLUMNS[name], **SHORT)
    (column,) = find(fit, 0.94).columns
    low, high = column.curves.x[[0, -1]]
    assert PLAIN.min() - 20 < low < PLAIN.min() <= column.edges[0]
    assert column.edges[-1] <= PLAIN.max() < high < PLAIN.max() + 20
    assert len(column.edges) > 6
    assert "outside" in column.note
    assert column.check.counts.sum() == len(fit.x)
    assert (column.heights * np.diff(column.edges)).sum() == pytest.approx(300 / len(fit.x))
    assert column.note in of_fit(fit)
    assert "everywhere" not in regions_in_words(column.curves, column.note)


def test_pairs_of_the_report_too(rows, tmp_path):
    found = find(rows, 0.94)
    first = [column.name for column in found.columns].index("x0")
    low, high = found.cloud.spans[first]
    assert 0 < low < PLAIN.min()
    assert PLAIN.max() < high < 130
    rows.report(tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert "x0: 1 of 301 points is outside (25000) and not drawn." in page
    points = json.loads(re.search(r'"points":\s*(\[\[.*?\]\])', page)[1])[first]
    assert len(set(points)) > 250  # not rounded as the wild value would have it


def test_the_notebook_draws_the_cloud_of_rows(rows):
    html = of_fit(rows)
    assert "x0: 1 of 301 points is outside (25000)" in html
    across = np.array([float(a) for a in re.findall(r'<circle cx="([\d.]+)"', html)])
    assert across.size >= 299
    assert across.std() > 60


@pytest.mark.parametrize("x", [COLUMNS["above"], ROWS])
def test_a_mode_says_which_component_lies_outside(x):
    html = of_mode(mx.GaussianMixture(n_components=2).optimize(x))
    assert "component 1 is outside" in html
    assert "component 0 is outside" not in html


def test_ordinary_data_are_seen_whole():
    fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), **SHORT)
    (column,) = find(fit, 0.94).columns
    assert column.note == ""
    assert fit.x.min() - 0.01 < column.edges[0] <= fit.x.min()  # halfway to the next lattice point
    assert fit.x.max() <= column.edges[-1] < fit.x.max() + 0.01
    assert "outside" not in of_fit(fit)
    assert "outside" not in of_mode(mx.GaussianMixture(n_components=3).optimize(fit.x))


def test_ellipses_of_features_of_any_size_keep_their_place():
    """Means of features of different sizes were rounded by the distance between those."""
    rng = np.random.default_rng(0)
    x = np.column_stack([2452000 + rng.normal(0, 3, 160), 5412300 + rng.normal(0, 40, 160), rng.normal(0, 1e-6, 160)])
    fit = mx.GaussianMixture(n_components=1).sample(x, **SHORT)
    found = find(fit, 0.94).cloud
    drawn = cloud(found)
    width = np.ptp(found.spans, axis=1)
    assert np.abs((np.array(drawn["means"]) - found.means) / width).max() < 1e-3
    assert np.abs(np.array(drawn["covariances"]) / found.covariances - 1).max() < 1e-3
    assert np.abs((np.array(drawn["points"]) - found.points.T) / width[:, None]).max() < 1e-3
