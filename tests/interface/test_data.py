"""The boundary: everything a user may hold, and one clear error for everything that is no data."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from io import StringIO

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mixtura.data import column, points
from mixtura.sources import read

X = [1.0, 2.0, 4.0]

CONTAINERS = {
    "list": X,
    "tuple": tuple(X),
    "rows": [[1.0], [2.0], [4.0]],
    "mixed numbers": [1, Decimal("2"), Fraction(4)],
    "array": np.array(X),
    "one column": np.array(X)[:, None],
    "integers": np.array([1, 2, 4], dtype=np.uint8),
    "half precision": np.array(X, dtype=np.float16),
    "long double": np.array(X, dtype=np.longdouble),
    "big endian": np.array(X, dtype=">f4"),
    "strided": np.array([1.0, 0, 2, 0, 4, 0])[::2],
    "masked": np.ma.masked_array(X, mask=False),
    "pandas series": pd.Series(X, index=[7, 7, 3]),
    "pandas frame": pd.DataFrame({"a": X}),
    "pandas nullable": pd.Series([1, 2, 4], dtype="Int64"),
    "pandas objects": pd.Series(X, dtype=object),
    "polars series": pl.Series(X),
    "polars integers": pl.Series([1, 2, 4]),
    "polars frame": pl.DataFrame({"a": X}),
    "polars lazy frame": pl.LazyFrame({"a": X}),
    "pyarrow table": pa.table({"a": X}),
    "pyarrow chunks": pa.chunked_array([X[:1], X[1:]]),
    "pyarrow array": pa.array(X),
    "pyarrow decimals": pa.chunked_array([[Decimal("1"), Decimal("2"), Decimal("4")]]),
}


@pytest.mark.parametrize("x", CONTAINERS.values(), ids=CONTAINERS)
def test_every_container_gives_the_same_points(x):
    given = points(x)
    np.testing.assert_array_equal(given.x, X)
    np.testing.assert_array_equal(given.weights, 1.0)
    assert given.x.dtype == given.weights.dtype == np.float64
    assert given.x.flags.c_contiguous
    assert given.x.flags.writeable
    assert given.x.dtype.isnative


def test_xarray_and_range():
    import xarray as xr

    np.testing.assert_array_equal(points(xr.DataArray(X)).x, X)
    np.testing.assert_array_equal(points(range(3)).x, [0, 1, 2])


def test_the_users_array_is_copied():
    x = np.array(X)
    given = points(x, x)
    x[:] = 0
    np.testing.assert_array_equal(given, [X, X])


def test_weights_in_any_container():
    for weights in CONTAINERS.values():
        np.testing.assert_array_equal(points(X, weights).weights, X)


def test_new_data_may_be_one_point():
    np.testing.assert_array_equal(column([3]), [3.0])
    np.testing.assert_array_equal(column([3, 3]), [3.0, 3.0])


def test_a_heavy_point_counts_as_many():
    assert len(points([1, 2], weights=[1, 2], n_components=3).x) == 2


BAD = {
    "nan": (
        [1, np.nan, 3, np.inf],
        ValueError,
        r"x has 2 of 4 values NaN or infinite, the first at row 1: it is nan",
    ),
    "inf": ([1, 2, -np.inf], ValueError, r"1 of 3 values .* first at row 2: it is -inf"),
    "nan in a column": ([[1], [np.nan]], ValueError, "the first at row 1"),
    "none": ([1, None], ValueError, "1 of 2 values NaN"),
    "polars null": (pl.Series([1, None, 3]), ValueError, "1 of 3 .* row 1"),
    "pandas missing": (pd.Series([1, pd.NA], dtype="Int64"), ValueError, "1 of 2 .* row 1"),
    "pandas object missing": (pd.Series([1, pd.NA], dtype=object), ValueError, "1 of 2 .* row 1"),
    "pyarrow null": (pa.table({"a": [1.0, None]}), ValueError, "1 of 2 .* row 1"),
    "masked": (np.ma.masked_less([1.0, 2.0, 3.0], 2), ValueError, "1 of 3 values masked, the first at row 0"),
    "text": (["1", "two"], TypeError, "x must hold numbers; row 0 holds .*'1'.*, of type str"),
    "text among numbers": (np.array([1.0, "two"], dtype=object), TypeError, "row 1 holds 'two'"),
    "pandas text": (pd.Series(["1", "two"]), TypeError, "row 0 holds '1'"),
    "polars text": (pl.DataFrame({"a": ["u"]}), TypeError, "row 0 holds 'u'"),
    "bare text": ("1, 2, 3", TypeError, "got one str"),
    "bytes": ([b"1"], TypeError, "must hold numbers"),
    "complex": ([1, 2j], TypeError, "complex"),
    "complex among objects": (np.array([1, 2j], dtype=object), TypeError, "row 1 holds 2j, of type complex"),
    "booleans": ([True, False], TypeError, "booleans"),
    "polars booleans": (pl.Series([True, False]), TypeError, "booleans"),
    "dates": (np.array(["2020-01-01"], dtype="datetime64[D]"), TypeError, "datetime64.*numbers are needed"),
    "generator": ((v for v in X), TypeError, "got one generator"),
    "pandas categories": (pd.Series(["a", "b"], dtype="category"), TypeError, "row 0 holds 'a'"),
    "nothing": (None, TypeError, r"must be a column of numbers, shape \(n,\) or \(n, 1\); got one NoneType"),
    "dictionary": ({"a": X}, TypeError, "got one dict"),
    "number": (3.0, TypeError, "got one float"),
    "two columns": (np.ones((5, 2)), ValueError, r"x has 2 columns.*x\[:, 0\]"),
    "a row": ([[1, 2, 3]], ValueError, "x has 3 columns"),
    "three axes": (np.ones((2, 1, 1)), ValueError, r"got \(2, 1, 1\)"),
    "ragged": ([[1], [2, 3]], ValueError, "rows differ in length"),
    "ragged objects": (np.array([[1], [2, 3]], dtype=object), ValueError, r"row 0 holds \[1\]"),
    "two-column frame": (pd.DataFrame({"a": X, "b": X}), ValueError, "columns a, b; give one column"),
    "frame without columns": (pl.DataFrame(), ValueError, "columns none"),
    "empty list": ([], ValueError, "x is empty"),
    "empty array": (np.empty(0), ValueError, "x is empty"),
    "empty column": (np.empty((0, 1)), ValueError, "x is empty"),
    "empty series": (pd.Series([], dtype=float), ValueError, "x is empty"),
    "empty text series": (pd.Series([], dtype=str), ValueError, "x is empty"),
    "one point": ([3], ValueError, r"one point \(3\)"),
    "all equal": ([2.5] * 4, ValueError, "all 4 points of x equal 2.5"),
    "too large": ([0, 1e200], ValueError, r"x reaches 1e\+200.*rescale"),
    "too large for a double": ([0, 10**400], ValueError, "1 of 2 values NaN or infinite"),
    "range overflows": ([-1.5e308, 1.5e308], ValueError, "rescale"),
    "too close": ([0, 1e-200], ValueError, "x spans 1e-200.*rescale"),
}


@pytest.mark.parametrize(("x", "error", "message"), BAD.values(), ids=BAD)
def test_bad_data_gets_one_clear_error(x, error, message):
    with pytest.raises(error, match=message) as caught:
        points(x)
    assert "\n" not in str(caught.value)


BAD_WEIGHTS = {
    "too few": ([1, 2], ValueError, "weights has 2 values for 3 points"),
    "negative": ([1, -2, -3], ValueError, r"2 of 3 are not, the first at row 1 \(-2\)"),
    "zero": ([1, 1, 0], ValueError, r"1 of 3 are not, the first at row 2 \(0\)"),
    "nan": ([1, np.nan, 1], ValueError, "weights has 1 of 3 values NaN"),
    "text": (["a", "b", "c"], TypeError, "weights must hold numbers"),
    "matrix": (np.ones((3, 2)), ValueError, "weights has 2 columns"),
}


@pytest.mark.parametrize(("weights", "error", "message"), BAD_WEIGHTS.values(), ids=BAD_WEIGHTS)
def test_bad_weights(weights, error, message):
    with pytest.raises(error, match=message):
        points(X, weights)


def test_fewer_points_than_components():
    with pytest.raises(ValueError, match="x has 3 points for 4 components; give more points or lower n_comp"):
        points(X, n_components=4)


def test_data_frames_are_not_loaded_for_arrays():
    code = (
        "import sys, numpy; from mixtura.data import points; points(numpy.arange(9)); points([1, 2]);"
        "assert not {'narwhals', 'pandas', 'scipy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def table(tmp_path):
    """Write text to a file and return its path."""

    def write(text: str | bytes) -> str:
        path = tmp_path / "data.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return str(path)

    return write


TABLES = {
    "one column": ("speed\n1\n2.5\n", None, "speed", [1, 2.5]),
    "by name": ("a,b\n1,2\n3,4\n", "b", "b", [2, 4]),
    "the only numbers": ("name,speed\nu,1\nv,2\n", None, "speed", [1, 2]),
    "row names are no column": (',speed\n1,10\n2,20\n"3",30\n', None, "speed", [10, 20, 30]),
    "semicolons": ("a;b\n1;x\n2;y\n", "a", "a", [1, 2]),
    "tabs": ("a\tb\n1\tx, y\n", None, "a", [1]),
    "quotes and spaces": ('"a, b", c\n" 1 ", 2\n', "a, b", "a, b", [1]),
    "byte order mark, Windows lines": (b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n", "a", "a", [1, 3]),
    "no last newline, blank lines": ("\na\n\n1\n\n2", None, "a", [1, 2]),
    "no header": ("1,4\n2,5\n", "2", "2", [4, 5]),
    "exponents": ("a\n1e-8\n-2E+12\n", None, "a", [1e-8, -2e12]),
}


@pytest.mark.parametrize(("text", "wanted", "name", "values"), TABLES.values(), ids=TABLES)
def test_tables(table, text, wanted, name, values):
    found = read(table(text), wanted)
    assert found.name == name
    np.testing.assert_array_equal(found.values, values)


BAD_TABLES = {
    "empty": ("", None, "data.csv is empty"),
    "blank": ("\n\n", None, "data.csv is empty"),
    "header only": ("a,b\n", None, "header but no rows"),
    "missing column": ("a,b\n1,2\n", "c", "data.csv has no column 'c'; it has: a, b"),
    "several columns": (
        "a,b,c\n1,2,x\n",
        None,
        "several columns of numbers: choose one of a, b with --column",
    ),
    "no numbers": ("a,b\nx,y\n", None, "no column of numbers; it has: a, b"),
    "text in the column": (
        "a,b\n1,2\n\n3,four\n",
        "b",
        "data.csv, line 4: column 'b' holds 'four', not a number",
    ),
    "text in the only column": ("a\n1\n1,5\n", None, "line 3: 2 fields where the first row has 1"),
    "decimal comma": ("a;b\n1,5;2\n", "a", "holds '1,5', not a number"),
    "ragged": ("a,b\n1,2\n3\n", None, "data.csv, line 3: 1 field where the first row has 2"),
    "missing values": (
        "a,b\n1,2\n,4\nNA,5\n",
        "a",
        "2 missing or infinite values, the first in line 3 \\(''\\)",
    ),
    "no last newline": ("a\n1\nnan", None, "column 'a' has 1 missing or infinite value, the first in line 3"),
    "infinite": ("a\n1\ninf\n", None, "1 missing or infinite value, the first in line 3 \\('inf'\\)"),
    "binary": (b"\x89HDF\r\n\x1a\n\x00\xff", None, "data.csv is not a text table"),
    "nul bytes": (b"a,b\n\x00\x00,1\n", "a", "not a"),
}


@pytest.mark.parametrize(("text", "wanted", "message"), BAD_TABLES.values(), ids=BAD_TABLES)
def test_bad_tables(table, text, wanted, message):
    with pytest.raises(ValueError, match=message) as caught:
        read(table(text), wanted)
    assert "\n" not in str(caught.value)


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(ValueError, match=r"cannot read .*nowhere.csv: No such file"):
        read(str(tmp_path / "nowhere.csv"))
    with pytest.raises(ValueError, match=r"cannot read .*the folder holds no files"):
        read(str(tmp_path))


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", StringIO("a\n1\n2\n"))
    assert read("-").name == "a"
    monkeypatch.setattr(sys, "stdin", StringIO(""))
    with pytest.raises(ValueError, match="standard input is empty"):
        read("-")
