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

from mixtura.reading.containers import Columns
from mixtura.reading.data import column, dependent, names_of, points, rows
from mixtura.reading.sources import read

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


R = np.array([[1.0, 20.0], [2.0, 50.0], [4.0, 30.0]])
A, B = R.T

ROWS = {
    "lists": R.tolist(),
    "tuples": tuple(map(tuple, R.tolist())),
    "arrays": list(R),
    "mixed numbers": [[1, Decimal("20")], [2, Fraction(50)], [4.0, 30]],
    "array": R,
    "columns first": np.asfortranarray(R),
    "integers": R.astype(np.uint8),
    "big endian": R.astype(">f4"),
    "strided": np.repeat(R, 2, axis=1)[:, ::2],
    "objects": R.astype(object),
    "masked": np.ma.masked_array(R, mask=False),
    "unmasked": np.ma.masked_array(R),
    "pandas": pd.DataFrame({"a": A, "b": B}, index=[7, 7, 3]),
    "pandas nullable": pd.DataFrame({"a": pd.array([1, 2, 4], dtype="Int64"), "b": B}),
    "pandas objects": pd.DataFrame({"a": A, "b": B}, dtype=object),
    "pandas without names": pd.DataFrame(R),
    "polars": pl.DataFrame({"a": [1, 2, 4], "b": B}),
    "polars lazy": pl.LazyFrame({"a": A, "b": B}),
    "pyarrow": pa.table({"a": A, "b": [Decimal("20"), Decimal("50"), Decimal("30")]}),
    "pyarrow batch": pa.record_batch({"a": pa.array([1, 2, 4]), "b": pa.array(B)}),
}


@pytest.mark.parametrize("case", ROWS)
def test_every_container_gives_the_same_rows(case):
    given = points(ROWS[case], weights=[1, 2, 3])
    np.testing.assert_array_equal(given.x, R)
    np.testing.assert_array_equal(given.weights, [1, 2, 3])
    assert given.x.dtype == np.float64
    assert given.x.flags.c_contiguous
    assert given.x.flags.writeable
    assert not np.shares_memory(given.x, R)
    framed = case.startswith(("pandas", "polars", "pyarrow")) and "without" not in case
    assert names_of(ROWS[case]) == (("a", "b") if framed else ("x0", "x1"))
    np.testing.assert_array_equal(rows(ROWS[case], ["a", "b"]), R)


def test_one_column_has_one_name():
    for x in CONTAINERS.values():
        assert names_of(x) in [("x",), ("a",)]
    assert names_of(pd.Series(X, name="speed")) == names_of(pa.table({"speed": X})) == ("speed",)
    assert names_of(pd.DataFrame(X)) == ("x",)


def test_names_that_are_numbers_keep_their_number():
    frame = pd.DataFrame(np.column_stack([R, R]))[[1, 3]]
    assert names_of(frame) == ("x1", "x3")
    np.testing.assert_array_equal(rows(frame.assign(other=0), ["x3", "x1"]), R[:, [1, 1]])


def test_rows_of_a_frame_are_found_by_name():
    frame = pd.DataFrame({"kind": ["u", "v", "w"], "b": B, "a": A, "c": [1, None, 2]})
    for x in (frame, pl.from_pandas(frame), pl.from_pandas(frame).lazy(), pa.Table.from_pandas(frame)):
        np.testing.assert_array_equal(rows(x, ["a", "b"]), R)
    np.testing.assert_array_equal(rows(Columns(("b", "a"), R), ["a", "b"]), R[:, ::-1])


def test_rows_without_names_go_by_order():
    for x in (R, R.tolist(), pd.DataFrame(R), Columns(("x0", "x1"), R)):
        np.testing.assert_array_equal(rows(x, ["a", "b"]), R)
    np.testing.assert_array_equal(rows(pd.DataFrame({"a": A, "b": B}), ["x0", "x1"]), R)
    np.testing.assert_array_equal(rows([[3, 4]], ["a", "b"]), [[3, 4]])
    np.testing.assert_array_equal(rows(X, ["a"]), np.reshape(X, (3, 1)))


BAD_NEW_ROWS = {
    "one row": ([1, 2], ValueError, r"x has shape \(2,\); give one row as \(1, 2\), such as x\[None, :\]"),
    "a column": (X, ValueError, "x has 1 column; the model was fitted to 2: a, b"),
    "too many": (np.ones((2, 3)), ValueError, "x has 3 columns; the model was fitted to 2: a, b"),
    "missing column": (
        pd.DataFrame({"a": A, "c": A}),
        ValueError,
        r"x has no column 'b', which the model was fitted to; it has a, c. .* by order, as in x.to_numpy\(\)",
    ),
    "a series": (pd.Series(X), ValueError, "x has 1 column"),
    "nan": (pd.DataFrame({"b": [1, None], "a": 1}), ValueError, "column 'b' has 1 of 2 values NaN .* first at row 1"),
    "nan in an array": ([[1, 2], [np.nan, 3]], ValueError, "column 'a' has 1 of 2 values NaN"),
    "text": (pd.DataFrame({"b": ["u"], "a": 1}), TypeError, "column 'b' must hold numbers; row 0 holds 'u'"),
    "nothing": (np.empty((0, 2)), ValueError, "x is empty"),
}


@pytest.mark.parametrize(("x", "error", "message"), BAD_NEW_ROWS.values(), ids=BAD_NEW_ROWS)
def test_bad_new_rows(x, error, message):
    with pytest.raises(error, match=message) as caught:
        rows(x, ["a", "b"])
    assert "\n" not in str(caught.value)


def spoilt(value: object, row: int = 1) -> pd.DataFrame:
    frame = pd.DataFrame({"a": A, "b": B}, dtype=object)
    frame.loc[row, "b"] = value
    return frame


BAD_ROWS = {
    "nan": (spoilt(np.nan), ValueError, "^column 'b' has 1 of 3 values NaN or infinite, the first at row 1: it is nan"),
    "infinite": (spoilt(-np.inf, 2), ValueError, "column 'b' has 1 of 3 .* row 2: it is -inf; drop those rows, or the"),
    "missing": (spoilt(pd.NA), ValueError, "column 'b' has 1 of 3"),
    "nan in an array": (np.where(R == 50, np.nan, R), ValueError, "column 'x1' has 1 of 3 values NaN .* at row 1"),
    "polars null": (pl.DataFrame({"a": [1, 2], "b": [None, 1]}), ValueError, "column 'b' has 1 of 2 .* at row 0"),
    "masked": (
        np.ma.masked_equal(R, 50),
        ValueError,
        "column 'x1' has 1 of 3 values masked, .* row 1: .*compress_rows",
    ),
    "text": (spoilt("u"), TypeError, "^column 'b' must hold numbers; row 1 holds 'u', of type str$"),
    "text in a list": ([[1, 2], [3, "u"]], TypeError, "column 'x1' must hold numbers; row 1 holds 'u', of type str"),
    "text column": (
        pd.DataFrame({"a": A, "species": ["u", "v", "w"], "b": B}),
        TypeError,
        "column 'species' must hold numbers; row 0 holds 'u', of type str: choose columns of numbers, here a, b",
    ),
    "categories": (
        pl.DataFrame({"a": A, "kind": pl.Series(["u", "v", "u"], dtype=pl.Categorical)}),
        TypeError,
        "column 'kind' must hold numbers; .* choose columns of numbers, here a$",
    ),
    "boolean column": (pd.DataFrame({"a": A, "flag": [True, False, True]}), TypeError, "column 'flag' holds booleans"),
    "dates": (pd.DataFrame({"a": A, "day": pd.to_datetime(["2020-01-01"] * 3)}), TypeError, "'day' holds datetime64"),
    "complex": (R * 1j, TypeError, "x holds complex numbers"),
    "constant": (
        pd.DataFrame({"a": A, "b": 2.5}),
        ValueError,
        r"column 'b' \(2.5\) is constant; a mixture needs values that differ: leave it out",
    ),
    "constants": (np.column_stack([R, R * 0, R * 0]), ValueError, "'x2' .0., column 'x3' .* are constant; .* them out"),
    "too large": ([[0, 1], [1, 1e200]], ValueError, r"column 'x1' reaches 1e\+200, beyond 1e\+150: rescale"),
    "too close": ([[0, 0], [1, 1e-200]], ValueError, "column 'x1' spans 1e-200"),
    "range overflows": ([[0, 1.5e308], [1, -1.5e308]], ValueError, "column 'x1' reaches 1.5e.*rescale"),
    "same names": (pd.DataFrame(R, columns=["a", "a"]), ValueError, "need different names: .*'a' 2 times"),
    "ragged": ([[1, 2], [3]], ValueError, r"x must have shape \(n,\) or \(n, d\); its rows differ in length"),
    "one row": (R[:1], ValueError, r"x has one point \(1, 20\)"),
    "no rows": (pd.DataFrame({"a": [], "b": []}), ValueError, "x is empty"),
    "rows of dicts": ([{"a": 1}, {"a": 2}], TypeError, "row 0 holds {'a': 1}, of type dict"),
}


@pytest.mark.parametrize(("x", "error", "message"), BAD_ROWS.values(), ids=BAD_ROWS)
def test_bad_rows_get_one_clear_error(x, error, message):
    with pytest.raises(error, match=message) as caught:
        points(x)
    assert "\n" not in str(caught.value)


def test_fewer_rows_than_components():
    with pytest.raises(ValueError, match="x has 3 points for 4 components"):
        points(R, n_components=4)


def test_one_column_is_needed_where_one_is_read():
    with pytest.raises(ValueError, match=r"x has 2 columns, a, b; one is needed, such as x\[:, 0\]"):
        column(pd.DataFrame(R, columns=["a", "b"]))


def columns(n: int, d: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(n, d))


def test_independent_columns_are_left_alone():
    x = columns(300, 50)
    for given in (x, 1e-9 * x + 1, 1e12 + x * 10.0 ** np.arange(50), x @ columns(50, 50, 2), x[:51]):
        assert dependent(points(given), [f"x{j}" for j in range(50)]) == ()
    assert dependent(points(X), ["x"]) == ()
    near = x[:, :1] + 0.01 * x[:, 1:2]
    assert dependent(points(np.hstack([x[:, :1], near])), "ab") == ()


def test_dependent_columns_are_named():
    x = columns(1000, 3)
    a, b, c = x.T
    whole = np.column_stack([a, b, 2 * a - 1e-3 * b + 7, c, 1e6 * c])
    assert dependent(points(whole), "abcde") == (
        "column 'c' is a linear combination of 'a', 'b'",
        "column 'e' is a linear combination of 'd'",
    )
    assert dependent(points(whole, weights=np.arange(1.0, 1001)), "abcde") == dependent(points(whole), "abcde")
    (said,) = dependent(points(np.column_stack([a, b, c, b + 1e-4 * c + 1e-6 * whole[::-1, 0]])), "abcd")
    assert said == "column 'd' is nearly a linear combination of 'b'"
    percent = x**2 / (x**2).sum(axis=1, keepdims=True)
    assert dependent(points(percent), "abc") == ("column 'c' is a linear combination of 'a', 'b'",)


def test_chunks_do_not_change_what_depends(monkeypatch):
    x = columns(1000, 4)
    x = np.column_stack([x, x.sum(axis=1)])
    whole = dependent(points(x), "abcde")
    monkeypatch.setattr("mixtura.reading.data.MANY", 64)
    assert dependent(points(x), "abcde") == whole == ("column 'e' is a linear combination of 'a', 'b', 'c', 'd'",)


def test_too_few_rows_to_tell():
    for n in (3, 4):
        (said,) = dependent(points(columns(n, 4)), "abcd")
        assert said == f"each of the 4 columns is a linear combination of the others, as there are only {n} rows"
    assert dependent(points(columns(5, 4)), "abcd") == ()


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
    "nothing": (None, TypeError, r"x must be numbers of shape \(n,\) or \(n, d\); got one NoneType"),
    "dictionary": ({"a": X}, TypeError, "got one dict"),
    "number": (3.0, TypeError, "got one float"),
    "a row": ([[1, 2, 3]], ValueError, r"one point \(1, 2, 3\)"),
    "three axes": (np.ones((2, 1, 1)), ValueError, r"got \(2, 1, 1\)"),
    "ragged": ([[1], [2, 3]], ValueError, "rows differ in length"),
    "ragged objects": (np.array([[1], [2, 3]], dtype=object), ValueError, r"row 0 holds \[1\]"),
    "frame without columns": (pl.DataFrame(), ValueError, "x is a data frame without columns"),
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
        "import sys, numpy; from mixtura.reading.data import points; points(numpy.arange(9)); points([1, 2]);"
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
    "no header": ("1,4\n2,5\n", "x1", "x1", [4, 5]),
    "all numbers": ("kind,a,b\nu,1,2\nv,3,4\n", None, ("a", "b"), [[1, 2], [3, 4]]),
    "several without a header": ("1,4\n2,5\n", None, ("x0", "x1"), [[1, 4], [2, 5]]),
    "in the order given": ("a,b,c\n1,2,3\n3,4,5\n", ["c", "a"], ("c", "a"), [[3, 1], [5, 3]]),
    "decimal comma": ("a;b\n1,5;2\n", "a", "a", [1.5]),
    "exponents": ("a\n1e-8\n-2E+12\n", None, "a", [1e-8, -2e12]),
}


@pytest.mark.parametrize(("text", "wanted", "name", "values"), TABLES.values(), ids=TABLES)
def test_tables(table, text, wanted, name, values):
    found = read(table(text), wanted)
    assert found.names == (name if isinstance(name, tuple) else (name,))
    np.testing.assert_array_equal(found.values, values)


BAD_TABLES = {
    "empty": ("", None, "data.csv is empty"),
    "blank": ("\n\n", None, "data.csv is empty"),
    "header only": ("a,b\n", None, "header but no rows"),
    "missing column": ("a,b\n1,2\n", "c", "data.csv has no column 'c'; it has: a, b"),
    "one missing column of several": ("a,b\n1,2\n", ["a", "c"], "data.csv has no column 'c'; it has: a, b"),
    "a column twice": ("a,b\n1,2\n", ["a", "a"], "data.csv: column 'a' is there twice; choose columns of different"),
    "two of one name": ("a,b,a\n1,2,3\n", None, "data.csv: column 'a' is there twice"),
    "text among numbers": (
        "a,b\n1,2\n3,4\n5,six\n",
        None,
        "data.csv, line 4: column 'b' holds 'six', not a number",
    ),
    "missing in the second": ("a,b\n1,2\n3,\n5,6\n", None, "column 'b' has 1 missing or infinite value.* in line 3"),
    "no numbers": ("a,b\nx,y\n", None, "no column of numbers; it has: a, b"),
    "text in the column": (
        "a,b\n1,2\n\n3,four\n",
        "b",
        "data.csv, line 4: column 'b' holds 'four', not a number",
    ),
    "text in the only column": ("a\n1\n1,5\n", None, "line 3: 2 fields where the first row has 1"),
    "a point among decimal commas": ("a;b\n1,5;2\n2,5;3\n3.25;1\n", "a", "line 4: column 'a' holds '3.25', .* comma"),
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
    assert read("-").names == ("a",)
    monkeypatch.setattr(sys, "stdin", StringIO(""))
    with pytest.raises(ValueError, match="standard input is empty"):
        read("-")
