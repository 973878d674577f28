"""Weights as counts: every answer stands for the points that they count."""

import numpy as np
import pytest
from typer.testing import CliRunner

import mixtura as mx
from mixtura.cli import app
from mixtura.report.findings import find

RUN = CliRunner()
rng = np.random.default_rng(0)
AGES = np.round(np.r_[rng.normal(20, 3, 1000), rng.normal(35, 3, 1000)])
VALUES, COUNTS = np.unique(AGES, return_counts=True)
FEW = {"draws": 100, "chains": 2, "seed": 1, "progress": False}


@pytest.fixture(scope="module")
def fit():
    return mx.GaussianMixture(n_components=2).sample(VALUES, weights=COUNTS, **FEW)


def test_replicates_are_as_many_as_the_counts(fit):
    assert fit.sample_predictive(3).shape == (3, 2000)
    assert fit.n == 2000
    assert "2000 points" in repr(fit)


def test_replicates_of_fractions_are_as_many_as_their_sum():
    halves = mx.GaussianMixture(n_components=1).sample(VALUES, weights=COUNTS / 2, **FEW)
    assert halves.sample_predictive(2).shape == (2, 1000)
    assert "log_likelihood" not in halves.to_datatree().children
    with pytest.raises(ValueError, match=r"fit\.loo"):
        halves.to_datatree(log_likelihood=True)


def test_arviz_sees_every_point(fit):
    azs = pytest.importorskip("arviz_stats")
    tree = fit.to_datatree(posterior_predictive=True)
    assert tree["posterior_predictive"]["x"].shape == (2, 100, 2000)
    np.testing.assert_array_equal(tree["observed_data"]["x"], np.repeat(VALUES, COUNTS))
    assert (tree["constant_data"]["weights"] == 1).all()
    found, ours = azs.loo(tree), fit.loo()
    assert found.elpd == pytest.approx(ours.elpd, abs=0.05)
    assert found.se == pytest.approx(ours.se, rel=1e-3)
    assert found.n_data_points == ours.n_data_points == 2000
    again = mx.GaussianMixture(n_components=2).sample(AGES, **FEW)
    assert found.elpd == pytest.approx(again.loo().elpd, abs=1.0)


def test_rows_count_too():
    x = np.column_stack([VALUES, VALUES + np.arange(VALUES.size) % 2])
    fit = mx.GaussianMixture(n_components=1).sample(x, weights=COUNTS, **FEW)
    assert fit.sample_predictive(2).shape == (2, 2000, 2)
    assert fit.to_datatree(log_likelihood=True)["log_likelihood"]["x"].shape == (2, 100, 2000)


def test_many_counts_take_no_memory():
    fit = mx.GaussianMixture(n_components=2).sample(VALUES, weights=COUNTS * 1e4, **FEW)
    assert mx.plots.predictive_check(fit, draws=20).get_ylabel() == "density"
    for ask in (
        lambda: fit.sample_predictive(50),
        lambda: fit.to_datatree(log_likelihood=True),
        lambda: fit.to_datatree(posterior_predictive=True),
    ):
        with pytest.raises(ValueError, match="more than 2 GB"):
            ask()
    assert fit.to_datatree()["constant_data"]["weights"].sum() == 2e7


def test_check_of_counts_is_that_of_points(fit):
    points = mx.GaussianMixture(n_components=2).sample(AGES, **FEW)
    few, many = (find(each, 0.94).columns[0].check for each in (fit, points))
    np.testing.assert_array_equal(few.edges, many.edges)
    np.testing.assert_allclose(few.counts, many.counts)
    curves = [mx.plots.predictive_check(each, draws=20).collections[0].get_segments() for each in (fit, points)]
    spread = [np.std([curve[:, 1].max() for curve in drawn]) for drawn in curves]
    assert 0.5 < spread[0] / spread[1] < 2


def test_a_file_with_a_column_of_counts(tmp_path, fit):
    file, out = tmp_path / "ages.csv", tmp_path / "fit.nc"
    rows = [f"{v:g},{c}" for v, c in zip(VALUES, COUNTS, strict=True)]
    file.write_text("\n".join(["age,count", *rows, "99,0"]) + "\n")
    done = RUN.invoke(
        app, ["fit", str(file), "-k", "2", "--counts", "count", "--draws", "50", "--seed", "1", "--out", str(out)]
    )
    assert done.exit_code == 0, done.stderr
    assert "2000 points" in done.stdout
    saved = mx.load(out)
    assert saved.features == ("age",)
    np.testing.assert_array_equal(saved.weights, COUNTS)
    assert RUN.invoke(app, ["predict", str(out), str(file)]).exit_code == 0
    assert (tmp_path / "ages-predicted.csv").read_text().startswith("age,count,label")


BAD = {
    "negative": ("x,n\n1,2\n2,-3\n4,1\n", "column 'n' of counts holds -3 in row 2 of the data, which is negative"),
    "a fraction": ("x,n\n1,2\n2,1.5\n4,1\n", "holds 1.5 in row 2 of the data, which is no whole number"),
    "missing": ("x,n\n1,2\n2,\n4,1\n", "column 'n' has 1 missing"),
    "all 0": ("x,n\n1,0\n2,0\n", "all counts in column 'n' are 0"),
    "not there": ("x,m\n1,0\n2,0\n", "there is no column of numbers 'n' to count by; columns of numbers are: x, m"),
    "nothing else": ("n\n1\n2\n", "no column is left to be modelled"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_counts_are_one_sentence(tmp_path, case):
    text, message = BAD[case]
    file = tmp_path / "bad.csv"
    file.write_text(text)
    done = RUN.invoke(app, ["fit", str(file), "-k", "1", "--counts", "n"])
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_counts_are_not_modelled_too(tmp_path):
    done = RUN.invoke(app, ["fit", str(tmp_path / "x.csv"), "-k", "1", "--columns", "a,n", "--counts", "n"])
    assert done.exit_code == 2
    assert "cannot be counts and be modelled too" in done.stderr


def test_a_missing_count_drops_its_row(tmp_path):
    file = tmp_path / "gaps.csv"
    file.write_text("x,n\n1,2\n2,\n4,1\n5,3\n")
    done = RUN.invoke(app, ["fit", str(file), "-k", "1", "--counts", "n", "--drop-missing", "--draws", "20"])
    assert done.exit_code == 0, done.stderr
    assert "6 points (1 row with missing values left out)" in done.stdout
