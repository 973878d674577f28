"""Files, folders and iterators: read once, chunk by chunk, with the same points as from memory."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mixtura import GaussianMixture
from mixtura.reading import containers, data, sources, tables
from mixtura.reading.containers import Columns
from mixtura.reading.data import points
from mixtura.reading.sources import opened, read

X = np.random.default_rng(3).normal(size=1000).round(3)


@pytest.fixture(autouse=True)
def small(monkeypatch, tmp_path):
    """Chunks of 64 rows, blocks of 512 bytes, and 1000 values are too many for memory."""
    monkeypatch.setattr(sources, "CHUNK", 64)
    monkeypatch.setattr(sources, "IN_MEMORY", 4000)
    monkeypatch.setattr(tables, "BLOCK", 512)
    monkeypatch.chdir(tmp_path)


def frame(x=X) -> pd.DataFrame:
    return pd.DataFrame({"name": [f'star "{i}", of many' for i in range(len(x))], "speed": x, "kind": "a"})


def text(x=X, end: str = "\n") -> str:
    return end.join(["speed", *map(repr, np.asarray(x).tolist()), ""])


FILES = {
    "npy": ("a.npy", lambda p: np.save(p, X)),
    "npy of one column": ("a.npy", lambda p: np.save(p, X[:, None])),
    "npy of single precision": ("a.npy", lambda p: np.save(p, X.astype("f4"))),
    "npy of big endian": ("a.npy", lambda p: np.save(p, X.astype(">f8"))),
    "npy of integers": ("a.npy", lambda p: np.save(p, (1000 * X).astype("i2"))),
    "csv": ("a.csv", lambda p: frame()[["speed"]].to_csv(p, index=False)),
    "csv among quoted text": ("a.csv", lambda p: frame().to_csv(p, index=False)),
    "csv with lines inside cells": ("a.csv", lambda p: frame().replace("a", "a\n,b").to_csv(p, index=False)),
    "csv with stray quotes": ("a.csv", lambda p: p.write_text(text().replace("\n", ',5" wide\n'))),
    "csv with row names": ("a.csv", lambda p: frame().to_csv(p, index_label="")),
    "tabs": ("a.tsv", lambda p: frame().to_csv(p, index=False, sep="\t")),
    "Windows lines": ("a.txt", lambda p: p.write_bytes(text(end="\r\n").encode())),
    "no header": ("a.txt", lambda p: p.write_text(text().replace("speed\n", ""))),
    "blank lines": ("a.csv", lambda p: p.write_text(text().replace("1\n", "1\n\n"))),
    "cells that only Python reads": ("a.csv", lambda p: p.write_text(text(X[:500]) + "1_000\n" + text(X[500:])[6:])),
    "compressed": ("a.csv.gz", lambda p: p.write_bytes(gzip.compress(text().encode()))),
    "unknown suffix": ("a.dat", lambda p: p.write_text(text())),
    "parquet": ("a.parquet", lambda p: frame().to_parquet(p, index=False)),
    "parquet in small groups": ("a.parquet", lambda p: frame().to_parquet(p, index=False, row_group_size=7)),
    "parquet with row names": ("a.pq", lambda p: frame().set_index(np.arange(1000)[::-1]).to_parquet(p)),
}
GIVEN = {
    "npy of single precision": X.astype("f4"),
    "npy of integers": (1000 * X).astype("i2"),
    "cells that only Python reads": np.insert(X, 500, 1000),
}


@pytest.mark.parametrize("case", FILES)
def test_every_file_gives_the_points_in_memory(case):
    file, write = FILES[case]
    write(Path(file))
    found = read(file)
    assert found.names[0] == {"npy": "a"}.get(file[2:], "x" if case == "no header" else "speed")
    expected = points(GIVEN.get(case, X))
    for x in (found, opened(file), opened(Path(file))):
        given = points(x)
        np.testing.assert_array_equal(given.x, expected.x)
        np.testing.assert_array_equal(given.weights, expected.weights)
    assert not found.values.flags.writeable
    assert containers.is_mapped(found.values)


def test_a_short_source_stays_in_memory(monkeypatch):
    monkeypatch.setattr(sources, "IN_MEMORY", 1 << 20)
    Path("a.csv").write_text(text())
    np.testing.assert_array_equal(read("a.csv").values, X)
    assert not containers.is_mapped(read("a.csv").values)


def test_columns_by_name():
    np.save("two.npy", np.column_stack([X, X**2]))
    np.testing.assert_array_equal(read("two.npy", "x1").values, X**2)
    frame().assign(mass=X**2).to_csv("two.csv", index=False)
    frame().assign(mass=X**2).to_parquet("two.parquet")
    for file in ("two.csv", "two.parquet"):
        found = read(file, "mass")
        assert found.names[0] == "mass"
        np.testing.assert_array_equal(found.values, X**2)


R = np.column_stack([X, X**2, np.arange(1000.0)])
WIDE = ("speed", "mass", "order")


def wide(rows=R) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=WIDE).assign(kind='a "b", c')


ROWS = {
    "npy": ("a.npy", lambda p: np.save(p, R)),
    "npy columns first": ("a.npy", lambda p: np.save(p, np.asfortranarray(R))),
    "npy of single precision": ("a.npy", lambda p: np.save(p, R.astype("f4"))),
    "csv": ("a.csv", lambda p: wide().to_csv(p, index=False)),
    "csv with row names": ("a.csv", lambda p: wide().to_csv(p, index_label="")),
    "csv with cells that only Python reads": ("a.csv", lambda p: wide().replace(999.0, "9_99").to_csv(p, index=False)),
    "no header": ("a.txt", lambda p: wide()[[*WIDE]].to_csv(p, index=False, header=False)),
    "compressed": ("a.csv.gz", lambda p: wide().to_csv(p, index=False)),
    "parquet": ("a.parquet", lambda p: wide().to_parquet(p, index=False, row_group_size=37)),
    "parquet with row names": ("a.parquet", lambda p: wide().set_index(np.arange(1000)[::-1]).to_parquet(p)),
}


@pytest.mark.parametrize("case", ROWS)
def test_every_file_gives_the_rows_in_memory(case):
    file, write = ROWS[case]
    write(Path(file))
    names = ("x0", "x1", "x2") if "npy" in case or case == "no header" else WIDE
    expected = R.astype("f4") if "single" in case else R
    for columns, places in [(None, [0, 1, 2]), ([names[2], names[0]], [2, 0]), (names[1], 1)]:
        found = read(file, columns)
        assert found.names == tuple(np.array(names)[places].reshape(-1))
        np.testing.assert_array_equal(points(found).x, expected[:, places])
        assert data.names_of(found) == found.names
    found = opened(file)
    assert containers.is_mapped(found.values)
    assert np.shares_memory(points(found).x, found.values)


def test_polars_stands_in_for_pyarrow_for_rows(monkeypatch):
    wide().to_parquet("a.parquet")
    monkeypatch.setattr(sources, "find_spec", lambda name: None)
    np.testing.assert_array_equal(read("a.parquet").values, R)
    np.testing.assert_array_equal(read("a.parquet", ["order", "speed"]).values, R[:, [2, 0]])


@pytest.mark.parametrize("kind", ["csv", "npy", "parquet"])
def test_a_folder_of_rows(kind):
    Path("many").mkdir()
    for i, part in enumerate(np.split(R, 4)):
        file = Path("many", f"part-{i}.{kind}")
        frame = wide(part)[["mass", "kind", "order", "speed"] if i % 2 else [*WIDE, "kind"]]
        {"csv": frame.to_csv, "parquet": frame.to_parquet, "npy": lambda f, p=part: np.save(f, p)}[kind](file)
    found = read("many")
    assert found.names == (("x0", "x1", "x2") if kind == "npy" else WIDE)
    np.testing.assert_array_equal(found.values, R)
    np.testing.assert_array_equal(read("many", found.names[1:]).values, R[:, 1:])


def test_a_folder_of_arrays_of_other_widths():
    Path("many").mkdir()
    np.save("many/a.npy", R)
    np.save("many/b.npy", R[:, :2])
    with pytest.raises(ValueError, match=r"b.npy has columns x0, x1, those before it x0, x1, x2"):
        read("many")


@pytest.mark.parametrize("kind", ["arrays", "frames", "polars", "record batches", "empty ones"])
def test_iterators_of_rows(kind):
    frame = wide()[[*WIDE]]
    chunks = {
        "arrays": lambda: iter(np.split(R, 10)),
        "frames": lambda: (frame[i : i + 90] for i in range(0, 1000, 90)),
        "polars": lambda: pl.from_pandas(frame).iter_slices(100),
        "record batches": lambda: pa.Table.from_pandas(frame).to_reader(100),
        "empty ones": lambda: iter([[], R[:1], np.empty((0, 3)), R[1:]]),
    }[kind]
    found = opened(chunks())
    assert found.names == (("x0", "x1", "x2") if kind in ("arrays", "empty ones") else WIDE)
    np.testing.assert_array_equal(points(found).x, R)
    assert containers.is_mapped(found.values)


def test_mapped_rows_are_not_copied():
    np.save("a.npy", R)
    mapped = np.load("a.npy", mmap_mode="r")
    for x in (mapped, mapped[:500], opened(mapped), Columns(WIDE, mapped)):
        assert np.shares_memory(points(x).x, mapped)
        assert np.shares_memory(data.rows(x, WIDE), mapped)
    np.testing.assert_array_equal(points(opened(mapped[:, 1:])).x, R[:, 1:])
    assert opened(mapped[:, 1:]).names == ("x0", "x1")


def test_a_fault_in_a_column_that_was_not_chosen_does_no_harm():
    np.save("a.npy", np.where(R == 5, np.nan, R).astype("f4"))
    np.testing.assert_array_equal(read("a.npy", ["x0", "x1"]).values, R[:, :2].astype("f4"))
    with pytest.raises(
        ValueError, match=r"column 'x2' of a.npy has 1 of 21 values in rows 0 to 20 .* row 5: it is nan"
    ):
        read("a.npy")


@pytest.mark.parametrize("kind", ["csv", "npy", "parquet"])
def test_a_folder_is_read_file_after_file(kind):
    Path("many").mkdir()
    for i, part in enumerate(np.split(X, 10)):
        file = Path("many", f"part-{i}.{kind}")
        {"csv": frame(part).to_csv, "parquet": frame(part).to_parquet, "npy": lambda f, p=part: np.save(f, p)}[kind](
            file
        )
    Path("many", "_SUCCESS").touch()
    Path("many", ".hidden").touch()
    if kind == "csv":
        for file in Path("many").glob("*.csv"):
            file.write_text(file.read_text().replace(",name", "row,name", 1))
    found = read("many", "speed" if kind == "csv" else None)
    assert found.names[0] == ("many" if kind == "npy" else "speed")
    np.testing.assert_array_equal(found.values, X)


ITERATORS = {
    "arrays": lambda: iter(np.split(X, 10)),
    "generator": lambda: (part[:, None] for part in np.split(X, [1, 400])),
    "lists and empty ones": lambda: iter([[], X[:10].tolist(), [], X[10:].tolist()]),
    "series": lambda: (pd.Series(part) for part in np.split(X, 10)),
    "polars": lambda: pl.DataFrame({"x": X}).iter_slices(100),
    "record batches": lambda: pa.table({"x": X}).to_reader(100),
    "one chunk": lambda: iter([X]),
    "one after another": lambda: map(np.array, zip(X, strict=True)),
}


@pytest.mark.parametrize("chunks", ITERATORS.values(), ids=ITERATORS)
def test_iterators(chunks):
    np.testing.assert_array_equal(points(opened(chunks())).x, X)


def test_iterators_bring_the_name_of_what_they_give():
    Path("a.csv").write_text(text())
    with pd.read_csv("a.csv", chunksize=100) as chunks:
        found = opened(chunks)
    assert found.names[0] == data.name_of(found) == "speed"


def test_an_iterator_is_read_once_and_not_held():
    held = []

    def chunks():
        for part in np.split(X.copy(), 10):
            held.append(part)
            yield part

    source = chunks()
    given = points(opened(source))
    assert len(held) == 10
    assert next(source, None) is None
    for part in held:
        part[:] = 0
    np.testing.assert_array_equal(given.x, X)


def test_what_is_in_memory_comes_back_as_it_is():
    for x in (X, [1, 2], pd.Series(X), None, 3.0):
        assert opened(x) is x


def test_mapped_arrays_are_not_copied():
    np.save("a.npy", X)
    mapped = np.load("a.npy", mmap_mode="r")
    for x in (mapped, np.asarray(mapped), mapped[:500], opened(mapped), Columns(("a",), mapped)):
        assert np.shares_memory(points(x).x, mapped)
        assert type(points(x).x) is np.ndarray


def test_mapped_weights_are_not_copied():
    np.save("w.npy", X**2 + 1)
    mapped = np.load("w.npy", mmap_mode="r")
    assert np.shares_memory(points(X, mapped).weights, mapped)


def test_mapped_arrays_of_other_numbers_are_converted_in_chunks():
    np.save("a.npy", X.astype("f4"))
    mapped = np.load("a.npy", mmap_mode="r")
    assert containers.is_mapped(opened(mapped).values)
    np.testing.assert_array_equal(points(opened(mapped)).x, X.astype("f4"))
    np.save("a.npy", X)
    mapped = np.load("a.npy", mmap_mode="r")[::2]
    np.testing.assert_array_equal(points(opened(mapped)).x, X[::2])


def test_weights_from_a_file():
    np.save("w.npy", X**2 + 1)
    np.testing.assert_array_equal(points(X, opened("w.npy")).weights, X**2 + 1)


def test_many_plain_weights_take_no_memory(monkeypatch):
    monkeypatch.setattr(data, "MANY", 999)
    weights = points(X).weights
    assert weights.strides == (0,)
    assert weights.shape == (1000,)
    assert weights.sum() == 1000
    assert points(X[:999]).weights.strides == (8,)


def test_the_temporary_file_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "spool"))
    (tmp_path / "spool").mkdir()
    found = read(iter([X, X]))
    assert containers.is_mapped(found.values)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_full_disk_says_where(monkeypatch):
    class Full:
        def __init__(self, max_size):
            pass

        def __enter__(self):
            return self

        def __exit__(self, *error):
            return None

        def write(self, part):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources, "SpooledTemporaryFile", Full)
    with pytest.raises(OSError, match=r"No space left on device in .*set TMPDIR to a larger folder"):
        read(iter([X, X]))


def test_standard_input_in_blocks(monkeypatch):
    from io import StringIO

    monkeypatch.setattr(sys, "stdin", StringIO(text()))
    np.testing.assert_array_equal(read("-").values, X)


@pytest.mark.parametrize("file", ["a.parquet", "b.parquet"])
def test_polars_stands_in_for_pyarrow(file, monkeypatch):
    frame().to_parquet("a.parquet")
    pl.DataFrame({"speed": X}).write_parquet("b.parquet")
    monkeypatch.setattr(sources, "find_spec", lambda name: None)
    found = read(file)
    assert found.names[0] == "speed"
    np.testing.assert_array_equal(found.values, X)


def test_neither_is_installed(monkeypatch):
    frame().to_parquet("a.parquet")
    monkeypatch.setattr(sources, "find_spec", lambda name: None)
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(ValueError, match="Parquet files need pyarrow; pip install pyarrow"):
        read("a.parquet")


def write(file: str, content: str | bytes) -> str:
    Path(file).parent.mkdir(exist_ok=True)
    Path(file).write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def saved(array: object, file: str = "a.npy", **kwargs: object) -> str:
    np.save(file, array, **kwargs)
    return file


def truncated() -> str:
    np.save("a.npy", X)
    return write("a.npy", Path("a.npy").read_bytes()[:-8])


def parquet(**columns: object) -> str:
    pq.write_table(pa.table(columns), "a.parquet")
    return "a.parquet"


def folder(**files: str) -> str:
    Path("many").mkdir()
    for name, content in files.items():
        Path("many", name.replace("_", ".")).write_text(content)
    return "many"


def with_nan(row: int) -> np.ndarray:
    x = X.copy()
    x[row] = np.nan
    return x


def nested() -> str:
    Path("many/more").mkdir(parents=True)
    return "many"


LONG = text()
BAD = {
    "missing": (lambda: "no.csv", ValueError, "cannot read no.csv: No such file or directory"),
    "missing npy": (lambda: "no.npy", ValueError, "cannot read no.npy: No such file or directory"),
    "missing parquet": (lambda: "no.parquet", ValueError, "cannot read no.parquet: No such file or directory"),
    "empty": (lambda: write("a.csv", ""), ValueError, "a.csv is empty"),
    "empty npy": (lambda: write("a.npy", ""), ValueError, "a.npy is not a whole .npy file of numbers"),
    "no npy": (lambda: write("a.npy", "a,b\n1,2\n"), ValueError, "a.npy is not a whole .npy file of numbers"),
    "truncated npy": (truncated, ValueError, "a.npy is not a whole .npy file of numbers"),
    "npy of objects": (
        lambda: saved(np.array([1, "a"], object), allow_pickle=True),
        ValueError,
        "a.npy is not a whole .npy file of numbers: .*Python objects",
    ),
    "npy of nothing": (lambda: saved(np.empty(0)), ValueError, r"a.npy holds an array of shape \(0,\); points"),
    "npy of one number": (lambda: saved(np.float64(3)), ValueError, r"a.npy holds an array of shape \(\); points"),
    "npy of three axes": (lambda: saved(np.ones((2, 2, 2))), ValueError, r"shape \(2, 2, 2\); points"),
    "npy of text": (lambda: saved(np.array(["a", "b"])), TypeError, "a in a.npy must hold numbers; row 0 holds 'a'"),
    "npy of complex numbers": (lambda: saved(np.ones(3) * 1j), TypeError, "a in a.npy holds complex numbers"),
    "npy with nan": (lambda: saved(with_nan(150)), ValueError, "x has 1 of 1000 values NaN .* first at row 150: it is"),
    "npy of singles with nan": (
        lambda: saved(with_nan(150).astype("f4")),
        ValueError,
        "a in a.npy has 1 of 64 values in rows 128 to 191 NaN .* first at row 150",
    ),
    "text far down": (
        lambda: write("a.csv", LONG + "four\n"),
        ValueError,
        "a.csv, line 1002: column 'speed' holds 'four', not a number",
    ),
    "ragged far down": (lambda: write("a.csv", LONG + "1,2\n"), ValueError, "a.csv, line 1002: 2 fields where the"),
    "short far down": (
        lambda: write("a.csv", LONG.replace("\n", ",a\n") + "1\n"),
        ValueError,
        "a.csv, line 1002: 1 field where the first row has 2",
    ),
    "missing values far down": (
        lambda: write("a.csv", LONG.replace("\n", ",a\n") + ",a\nNA,a\n"),
        ValueError,
        "column 'speed' has at least 2 missing or infinite values, the first in line 1002 \\(''\\): drop those",
    ),
    "missing early": (lambda: write("a.csv", "speed\nnan\n" + LONG[6:]), ValueError, "at least 1 missing .* in line 2"),
    "not text": (
        lambda: write("a.npz", b"\x89PNG\r\n\xff" * 99),
        ValueError,
        r"not a text table.*besides text, .npy and",
    ),
    "broken gz": (
        lambda: write("a.csv.gz", gzip.compress(LONG.encode())[:-20]),
        ValueError,
        "cannot read a.csv.gz: Compressed file ended",
    ),
    "no gz": (lambda: write("a.csv.gz", LONG), ValueError, "cannot read a.csv.gz: Not a gzipped file"),
    "parquet of text": (lambda: parquet(a=["u"]), ValueError, "a.parquet has no column of numbers; it has: a"),
    "parquet with nulls": (
        lambda: parquet(a=[*range(100), None]),
        ValueError,
        "column 'a' of a.parquet has 1 of 37 values in rows 64 to 100 NaN or infinite, the first at row 100",
    ),
    "parquet without rows": (lambda: parquet(a=np.empty(0)), ValueError, "a.parquet has no rows"),
    "no parquet": (lambda: write("a.parquet", "a\n1\n"), ValueError, "a.parquet is not a whole Parquet file"),
    "empty folder": (folder, ValueError, "cannot read many: the folder holds no files"),
    "mixed folder": (
        lambda: folder(a_csv="a\n1\n", b_npy=""),
        ValueError,
        "cannot read many: it holds .csv, .npy; give a folder of files of one kind",
    ),
    "folder of folders": (nested, ValueError, "cannot read many: it holds folders"),
    "other columns in a folder": (
        lambda: folder(a_csv="a\n1\n2\n", b_csv="b\n1\n"),
        ValueError,
        "b.csv has no column 'a'; it has: b",
    ),
    "nothing": (lambda: iter([]), ValueError, "the iterator gave no points; .* used only once: make a new one"),
    "nothing but empty chunks": (lambda: iter([[], []]), ValueError, "the iterator gave no points"),
    "nan in the third chunk": (
        lambda: iter([X[:10], X[10:20], [1, np.nan]]),
        ValueError,
        "chunk 2 of x has 1 of 2 values in rows 20 to 21 NaN or infinite, the first at row 21: it is nan",
    ),
    "text in a chunk": (lambda: iter([X[:10], [1, "a"]]), TypeError, "chunk 1 of x must hold numbers; row 1[01] holds"),
    "numbers, not arrays": (lambda: iter([1.0, 2.0]), TypeError, "chunk 0 of x must be numbers.* got one float"),
    "chunks of other widths": (
        lambda: iter([np.ones((3, 2)), np.ones((3, 3))]),
        ValueError,
        "chunk 1 of x has columns x0, x1, x2, those before it x0, x1: every chunk needs the same columns",
    ),
    "chunks of other names": (
        lambda: iter([pd.Series([1, 2], name="a"), pd.Series([1, 2], name="b")]),
        ValueError,
        "chunk 1 of x has columns b, those before it a: every chunk",
    ),
    "masked chunks": (
        lambda: iter([[1, 2], np.ma.masked_less([3.0, 1.0], 2)]),
        ValueError,
        "chunk 1 of x has 1 of 2 values in rows 2 to 3 masked, the first at row 3",
    ),
    "all equal": (lambda: iter([[1, 1], [1]]), ValueError, "all 3 points of x equal 1"),
    "an open file": (lambda: iter(["1\n", "2\n"]), TypeError, "got one str"),
}


@pytest.mark.parametrize(("make", "error", "message"), BAD.values(), ids=BAD)
def test_bad_sources_get_one_clear_error(make, error, message):
    with pytest.raises(error, match=message) as caught:
        points(opened(make()))
    assert "\n" not in str(caught.value)


def test_bad_choices_of_column():
    for file in (saved(np.ones((5, 2))), saved(X, "b.npy")):
        with pytest.raises(ValueError, match=r"has no column 'speed'; it has: (x0, x1|b)"):
            read(file, "speed")
    with pytest.raises(ValueError, match=r"a.parquet has no column 'b'; it has: a"):
        read(parquet(a=X), "b")
    with pytest.raises(TypeError, match=r"column 'a' of a.parquet must hold numbers; row 0 holds 'u'"):
        read(parquet(a=["u"]), "a")
    with pytest.raises(ValueError, match="columns are chosen from a file"):
        read(iter([X]), "a")
    with pytest.raises(TypeError, match="a path or an iterator of arrays; got ndarray"):
        read(X)


def test_weights_of_the_wrong_length():
    np.save("w.npy", X**2 + 1)
    with pytest.raises(ValueError, match="weights has 1000 values for 999 points"):
        points(X[1:], opened("w.npy"))


def test_a_fit_from_a_file_is_the_fit_from_memory():
    Path("a.csv").write_text(text())
    model = GaussianMixture(n_components=2)
    options = {"draws": 20, "warmup": 20, "chains": 2, "seed": 1, "progress": False}
    one, other = model.sample(X, **options), model.sample(read("a.csv"), **options)
    np.testing.assert_array_equal(one.posterior["mean"], other.posterior["mean"])
    np.testing.assert_array_equal(other.x, X)
    assert (one.name, other.name) == ("x", "speed")


def test_what_a_compressed_file_declares_is_bounded(tmp_path, monkeypatch):
    """With less room than in earnest, so as to be quick."""
    monkeypatch.setattr("mixtura.reading.streams.ROOM", 1 << 20)
    monkeypatch.setattr("mixtura.reading.sources.ROOM", 1 << 20)
    (tmp_path / "bomb.csv.gz").write_bytes(gzip.compress(b"a\n" + b"1\n2\n" * 3_000_000, 9))
    with pytest.raises(ValueError, match=r"bomb.csv.gz has .* bytes, and more than .* uncompressed"):
        read(tmp_path / "bomb.csv.gz")
    pd.DataFrame({"a": np.zeros(10_000_000)}).to_parquet(tmp_path / "bomb.parquet")
    with pytest.raises(ValueError, match="it declares 8e\\+07 bytes of numbers"):
        read(tmp_path / "bomb.parquet")


def test_a_line_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr("mixtura.reading.tables.LONGEST", 1 << 21)
    (tmp_path / "line.csv").write_bytes(b"a\n" + b"1" * (1 << 23))
    with pytest.raises(ValueError, match="it has a line of more than 2,097,152 bytes"):
        read(tmp_path / "line.csv")


def test_many_columns_take_a_moment(tmp_path):
    (tmp_path / "wide.csv").write_text(",".join(map("c{}".format, range(30_000))) + ("\n" + "1," * 29_999 + "2") * 2)
    assert read(tmp_path / "wide.csv").values.shape == (2, 30_000)
