"""Data frames in and out: what a fit says of a frame comes back as one of its kind."""

import datetime

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
import xarray as xr

import mixtura as mx

RNG = np.random.default_rng(3)
ROWS = RNG.normal(size=(60, 2)) + np.where(np.arange(60) < 25, 0, 8)[:, None]
INDEX = pd.date_range("2026-01-01", periods=60)
COLUMNS = ["label", "probability_0", "probability_1", "uncertainty"]
BRIEF = {"draws": 60, "warmup": 60, "chains": 2, "seed": 1, "progress": False}
FRAMES = {
    "pandas": lambda columns: pd.DataFrame(columns, index=INDEX),
    "polars": pl.DataFrame,
    "lazy": pl.LazyFrame,
    "pyarrow": pa.table,
    "batch": pa.record_batch,
    "xarray": lambda columns: xr.Dataset({name: ("day", v) for name, v in columns.items()}, coords={"day": INDEX}),
}
KINDS = {
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "lazy": pl.DataFrame,
    "pyarrow": pa.Table,
    "batch": pa.Table,
    "xarray": xr.Dataset,
}


def columns_of(frame):
    """A frame as plain arrays."""
    if isinstance(frame, xr.Dataset):
        return {str(name): values.to_numpy() for name, values in frame.data_vars.items()}
    names = frame.column_names if isinstance(frame, pa.Table) else list(frame.columns)
    return {name: np.asarray(frame[name]) for name in names}


@pytest.fixture(scope="module")
def fit():
    frame = pd.DataFrame(ROWS, columns=["length", "width"])
    return mx.GaussianMixture(n_components=2).sample(frame, **BRIEF)


@pytest.fixture(scope="module")
def line():
    return mx.GaussianMixture(n_components=2).sample(pd.Series(ROWS[:, 0], name="length"), **BRIEF)


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_comes_back_as_one_of_its_kind(fit, kind):
    given = FRAMES[kind]({"width": ROWS[:, 1], "length": ROWS[:, 0]})
    frame = fit.predict(given, output="frame")
    assert type(frame) is KINDS[kind]
    said = columns_of(frame)
    assert list(said) == COLUMNS
    shares = fit.predict_proba(ROWS)
    np.testing.assert_array_equal(said["label"], fit.predict(ROWS))
    assert said["label"].dtype.kind == "i"
    np.testing.assert_array_equal(said["probability_1"], shares[:, 1])
    np.testing.assert_array_equal(said["uncertainty"], 1 - shares.max(1))
    alone = fit.predict_proba(given, output="frame")
    assert type(alone) is KINDS[kind]
    assert list(columns_of(alone)) == COLUMNS[1:3]
    for found in (frame, alone):
        if kind == "pandas":
            assert found.index.equals(INDEX)
        if kind == "xarray":
            assert found.sizes == {"day": 60}
            assert found.indexes["day"].equals(INDEX)


@pytest.mark.parametrize("kind", FRAMES)
def test_a_frame_is_fitted_whatever_its_kind(fit, kind):
    given = FRAMES[kind]({"length": ROWS[:, 0], "width": ROWS[:, 1]})
    found = mx.GaussianMixture(n_components=2).sample(given, **BRIEF)
    assert found.features == ("length", "width")
    np.testing.assert_array_equal(found.params().means, fit.params().means)


@pytest.mark.parametrize("kind", FRAMES)
def test_one_column_is_found_by_name_among_others(line, kind):
    given = FRAMES[kind]({"noon": INDEX.to_numpy(), "length": ROWS[:, 0]})
    np.testing.assert_array_equal(columns_of(line.predict(given, output="frame"))["label"], line.predict(ROWS[:, 0]))


def test_series_and_labelled_arrays(line, fit):
    series = pd.Series(ROWS[:, 0], index=INDEX, name="speed")
    assert line.predict(series, output="frame").index.equals(INDEX)
    assert type(line.predict(pl.Series(ROWS[:, 0]), output="frame")) is pl.DataFrame
    assert type(line.predict(pa.chunked_array([ROWS[:, 0]]), output="frame")) is pa.Table
    array = xr.DataArray(ROWS[:, ::-1], dims=("day", "what"), coords={"what": ["width", "length"], "day": INDEX})
    frame = fit.predict(array, output="frame")
    np.testing.assert_array_equal(frame["label"], fit.predict(ROWS))
    assert frame.indexes["day"].equals(INDEX)
    assert set(frame.coords) == {"day"}


def test_what_is_no_frame_makes_one_of_pandas(fit, line, tmp_path):
    for x in (None, ROWS, [[0, 1]]):
        assert type(fit.predict(x, output="frame")) is pd.DataFrame
    pd.DataFrame({"length": ROWS[:, 0]}).to_csv(tmp_path / "x.csv", index=False)
    assert len(line.predict(str(tmp_path / "x.csv"), output="frame")) == 60
    assert len(line.predict(iter([ROWS[:9, 0], ROWS[9:, 0]]), output="frame")) == 60


def test_nullable_and_integer_columns():
    whole = (10 * ROWS).round().astype(int)
    wanted = mx.GaussianMixture(n_components=2).sample(whole.astype(float), **BRIEF)
    frames = [
        pd.DataFrame(whole, columns=["x0", "x1"], dtype="Int64"),
        pd.DataFrame(whole, columns=["x0", "x1"], dtype="Int32"),
        pd.DataFrame(whole, columns=["x0", "x1"], dtype="Float64"),
        pd.DataFrame(whole, columns=["x0", "x1"], dtype="int64[pyarrow]"),
        pd.DataFrame(whole, columns=["x0", "x1"], dtype=object),
        pl.DataFrame(whole, schema={"x0": pl.Int16, "x1": pl.UInt8 if whole.min() >= 0 else pl.Int32}),
        pa.table({"x0": pa.array(whole[:, 0], pa.int32()), "x1": pa.array(whole[:, 1], pa.float32())}),
    ]
    for frame in frames:
        fit = mx.GaussianMixture(n_components=2).sample(frame, **BRIEF)
        np.testing.assert_array_equal(fit.params().means, wanted.params().means)
        np.testing.assert_array_equal(columns_of(fit.predict(frame, output="frame"))["label"], wanted.predict(whole))


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"length": pd.array([1, None, 3], "Int64"), "width": [1.0, 2.0, 3.0]}),
        pl.DataFrame({"length": [1, None, 3], "width": [1.0, 2.0, 3.0]}),
        pa.table({"length": pa.array([1, None, 3]), "width": pa.array([1.0, 2.0, 3.0])}),
    ],
    ids=["pandas", "polars", "pyarrow"],
)
def test_missing_values_are_named(fit, frame):
    with pytest.raises(ValueError, match=r"column 'length' has 1 of 3 values NaN or infinite, the first at row 1"):
        fit.predict(frame, output="frame")


def test_what_cannot_be_asked_for(fit):
    with pytest.raises(ValueError, match=r"output is one of array, frame; got 'pandas'"):
        fit.predict(ROWS, output="pandas")
    with pytest.raises(ValueError, match=r"x has no column 'width', which the model was fitted to; it has length, day"):
        fit.predict(pl.DataFrame({"length": [1.0], "day": [datetime.date(2026, 1, 1)]}), output="frame")
    grid = xr.Dataset({"length": (("a", "b"), ROWS), "width": ("a", ROWS[:, 0])})
    with pytest.raises(ValueError, match=r"need one dimension, the same for all; got length \(a, b\), width \(a\)"):
        fit.predict(grid, output="frame")
