"""Missing values: refused by default, with the remedy; or their rows are dropped, counted, from whatever holds them."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from typer.testing import CliRunner

import mixtura as mx
from mixtura.cli import app
from mixtura.reading.sources import given

X = np.array([[1.0, 2.0], [np.nan, 3.0], [4.0, 5.0], [6.0, np.nan], [7.0, 1.0], [9.0, 2.5]])
LEFT = X[[0, 2, 4, 5]]
SHORT = {"draws": 10, "warmup": 10, "chains": 1, "seed": 1, "progress": False}


def lacking(x):
    """None for nan."""
    return [[None if np.isnan(v) else v for v in row] for row in x.tolist()]


def parquet(folder, x):
    pd.DataFrame(x, columns=["a", "b"]).to_parquet(folder / "x.parquet")
    return folder / "x.parquet"


def npy(folder, x):
    np.save(folder / "x.npy", x)
    return folder / "x.npy"


def csv(folder, x):
    pd.DataFrame(x, columns=["a", "b"]).to_csv(folder / "x.csv", index=False, na_rep="NA")
    return folder / "x.csv"


HOLDERS = {
    "array": lambda folder, x: x,
    "single precision": lambda folder, x: x.astype(np.float32),
    "lists": lambda folder, x: lacking(x),
    "objects": lambda folder, x: np.array(lacking(x), object),
    "masked": lambda folder, x: np.ma.masked_invalid(x),
    "pandas": lambda folder, x: pd.DataFrame(x, columns=["a", "b"]),
    "pandas, nullable": lambda folder, x: pd.DataFrame(x, columns=["a", "b"]).astype("Float64"),
    "polars": lambda folder, x: pl.DataFrame(lacking(x), schema={"a": pl.Float64, "b": pl.Float64}, orient="row"),
    "mapped": lambda folder, x: np.load(npy(folder, x), mmap_mode="r"),
    "iterator": lambda folder, x: iter([x[:2], x[2:]]),
    "iterator, masked": lambda folder, x: iter([np.ma.masked_invalid(x[:2]), np.ma.masked_invalid(x[2:])]),
    "npy": npy,
    "npy, single": lambda folder, x: npy(folder, x.astype(np.float32)),
    "parquet": parquet,
    "csv": csv,
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_rows_are_dropped_from_whatever_holds_them(holder, tmp_path):
    x, weights, dropped = given(HOLDERS[holder](tmp_path, X), [1, 2, 3, 4, 5, 6], "drop")
    np.testing.assert_array_equal(x.values, LEFT)
    np.testing.assert_array_equal(weights, [1, 3, 5, 6])
    assert dropped == 2


@pytest.mark.parametrize("holder", [name for name in HOLDERS if "masked" not in name])
def test_refused_by_default_with_the_remedy(holder, tmp_path):
    with pytest.raises(ValueError, match=r"missing='drop'"):
        mx.GaussianMixture(n_components=1).sample(HOLDERS[holder](tmp_path, X), **SHORT)


@pytest.mark.parametrize("holder", HOLDERS)
def test_infinite_values_are_not_missing(holder, tmp_path):
    if holder in ("masked", "iterator, masked"):
        return
    x = X.copy()
    x[2, 1] = np.inf
    with pytest.raises(ValueError, match=r"[Ii]nfinite"):
        mx.GaussianMixture(n_components=1).sample(HOLDERS[holder](tmp_path, x), missing="drop", **SHORT)


@pytest.mark.parametrize("holder", ["array", "pandas", "polars", "csv", "npy", "iterator"])
def test_all_missing(holder, tmp_path):
    model, x = mx.GaussianMixture(n_components=1), np.full((5, 2), np.nan)
    for missing in ("refuse", "drop"):
        with pytest.raises(ValueError, match="missing"):
            model.sample(HOLDERS[holder](tmp_path, x), missing=missing, **SHORT)
    x[:, 0] = range(5)
    with pytest.raises(ValueError, match=r"each of the 5 rows .* leave out (b|x1), missing everywhere"):
        model.sample(HOLDERS[holder](tmp_path, x), missing="drop", **SHORT)


def test_a_fit_says_how_many_went(tmp_path):
    frame, model = pd.DataFrame(X, columns=["a", "b"]), mx.GaussianMixture(n_components=1)
    fit = model.sample(frame, missing="drop", **SHORT)
    assert fit.attrs["dropped"] == 2
    assert "4 points (2 rows with missing values left out)" in repr(fit)
    np.testing.assert_array_equal(fit.x, LEFT)
    same = model.sample(frame.dropna(), **SHORT)
    assert same.attrs["dropped"] == 0
    np.testing.assert_array_equal(fit.posterior["mean"], same.posterior["mean"])
    fit.save(tmp_path / "fit.nc")
    assert mx.load(tmp_path / "fit.nc").attrs["dropped"] == 2
    assert model.optimize(frame, missing="drop").n == 4
    assert model.optimize(frame["a"], missing="drop").n == 5


@pytest.mark.parametrize("missing", ["omit", None, True, np.array([1, 2])])
def test_missing_is_one_of_two(missing):
    for verb in ("sample", "optimize"):
        with pytest.raises((ValueError, TypeError), match="missing is one of refuse, drop"):
            getattr(mx.GaussianMixture(n_components=1), verb)(X, missing=missing)


def test_a_weight_for_each_row_given():
    with pytest.raises(ValueError, match="weights has 4 values for 6 points"):
        mx.GaussianMixture(n_components=1).sample(X, missing="drop", weights=[1, 2, 3, 4])


def test_the_command_drops(tmp_path):
    words = ["fit", str(csv(tmp_path, X)), "-k", "1", "--draws", "20", "--chains", "1", "--seed", "1"]
    refused = CliRunner().invoke(app, words)
    assert refused.exit_code == 2
    assert "--drop-missing" in refused.stderr
    result = CliRunner().invoke(app, [*words, "--drop-missing"])
    assert result.exit_code == 0, result.output
    assert "x: 4 points of 2 features (2 rows with missing values left out), 1 component" in result.stdout
    assert '"dropped": 2' in CliRunner().invoke(app, [*words, "--drop-missing", "--json"]).stdout


def test_a_long_table_with_gaps_is_read_as_fast_and_as_well(tmp_path):
    x = np.random.default_rng(1).normal(size=(200_000, 2))
    x[::1000, 1] = np.nan
    found, _, dropped = given(csv(tmp_path, x), None, "drop")
    assert dropped == 200
    np.testing.assert_array_equal(found.values, x[~np.isnan(x[:, 1])])
