"""Data that stand outside memory, a file, a folder of files or an iterator of arrays, are read once, chunk by chunk.

What does not fit comfortably in memory is laid down as float64 in a temporary file that has no name and is mapped
read-only: from here on there is one case, an array. It may be looked at again, though its source was read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from importlib.util import find_spec
from itertools import chain
from os import PathLike
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Any, NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.reading.containers import Columns, is_mapped, listed, unmasked, unnamed, unpack
from mixtura.reading.data import chunk, column, names_of
from mixtura.reading.identifiers import is_identifier, spared, told
from mixtura.reading.streams import RATIO, ROOM
from mixtura.reading.tables import chosen, read_chunks

CHUNK = 1 << 20  # values converted at a time
IN_MEMORY = 1 << 25  # bytes: what is longer is laid down in a file
MISSING = ("refuse", "drop")  # what to do about missing values

Names = Sequence[str] | None


class Parquet(NamedTuple):
    """What a Parquet file holds: names of all columns, where numbers are and which are whole ones, and its chunks."""

    names: list[str]
    numeric: list[int]
    whole: list[int]
    parts: Callable[[list[str]], Iterator[Any]]


def read(source: Any, columns: str | Sequence[str] | None = None, missing: str = "refuse") -> Columns:
    """Read columns of numbers from a file, a folder of files or an iterator of arrays.

    Parameters
    ----------
    source : str, path or iterator
        A file: `.npy`, `.parquet`, else a text table (`.csv`, `.tsv`, `.txt`, perhaps `.gz`; "-" is standard input). A
        folder of such files, all of one kind, one after the other in the order of their names. Or an iterator that
        gives arrays (m,) or (m, d), series or data frames.
    columns : str or sequence of str, optional
        One name, or several, in the order wanted; by default all columns of numbers. Those of a `.npy`, or of a text
        table without a header, are called "x0", "x1", …
    missing : {"refuse", "drop"}
        Whether missing values are an error, or nan, for `given` to drop.

    Returns
    -------
    Columns
        Its values, (n,) or (n, d), are in memory where they are few. A `.npy` of float64 is mapped as it is (and
        checked for missing values by whoever uses it); anything else that is long goes into a temporary file, in
        `tempfile.gettempdir()`, 8 bytes a value, which vanishes with the values.

    Raises
    ------
    TypeError, ValueError
        If there is nothing to read, or something that is not a finite number; the message names the file and the row.

    Examples
    --------
    >>> read(np.arange(3) + 10 * i for i in range(2)).values
    array([ 0.,  1.,  2., 10., 11., 12.])
    """
    wanted = [columns] if isinstance(columns, str) else columns
    of = _from_path if isinstance(source, str | PathLike) else _from_iterator
    parts = iter(of(source, wanted, missing))
    first = next(parts, None)
    if first is None:
        raise ValueError("the iterator gave no points; an iterator can be used only once: make a new one")
    names, values = first.names, first.values
    rest = (part.values for part in parts)
    second = next(rest, None)
    whole = values if second is None else _laid_down(chain([values, second], rest), values.shape[1:])
    return Columns(names, whole, first.said)


def opened(x: Any, missing: str = "refuse") -> Any:
    """What `read` takes is read, and mapped arrays that need conversion; all else comes back as it is.

    Examples
    --------
    >>> opened([1, 2, 4])
    [1, 2, 4]
    >>> opened(iter([[1, 2], [4]])).values
    array([1., 2., 4.])
    """
    if isinstance(x, np.memmap) and x.ndim in (1, 2) and x.size and not is_mapped(x):
        return read((part.values for part in _slices(x, names_of(x), "x", missing)), None, missing)
    return read(x, None, missing) if isinstance(x, str | PathLike | Iterator) else x


def given(x: Any, weights: Any, missing: str) -> tuple[Any, Any, int]:
    """Data and weights, read where need be, and the number of rows dropped.

    Parameters
    ----------
    x, weights : Any
        What a user gave, to be checked by `data.points` yet.
    missing : {"refuse", "drop"}
        Whether to drop rows where a value is missing (nan, None, masked), and their weights.

    Raises
    ------
    ValueError
        If values are missing in every row.

    Examples
    --------
    >>> given([[1, 2], [None, 3], [4, 5]], [1, 2, 3], "drop")
    (Columns(names=('x0', 'x1'), values=array([[1., 2.],
           [4., 5.]])), array([1., 3.]), 1)
    """
    x, weights = opened(x, missing), opened(weights)
    if missing == "refuse":
        return x, weights, 0
    said = x.said if isinstance(x, Columns) else ""
    rows = unpack(unmasked(x), "x")
    step = max(1, CHUNK * len(rows.values) // max(rows.values.size, 1))
    gaps = [np.isnan(rows.values[i : i + step]) for i in range(0, len(rows.values), step)]
    kept = np.concatenate([~(gap if gap.ndim == 1 else gap.any(axis=1)) for gap in gaps] or [np.ones(0, bool)])
    dropped = int(kept.size - kept.sum())
    if dropped == 0:
        return Columns(rows.names, rows.values, said), weights, 0
    if dropped == kept.size:
        empty = [name for name, column in zip(rows.names, rows.each(), strict=True) if np.isnan(column).all()]
        which = f": leave out {listed(empty)}, missing everywhere" if empty and len(empty) < len(rows.names) else ""
        raise ValueError(f"each of the {dropped} rows of x has a missing value; none is left to be fitted{which}")
    if weights is not None:
        weights = column(weights, "weights")
        if len(weights) != kept.size:
            raise ValueError(f"weights has {len(weights)} values for {kept.size} points; give one for each point")
        weights = weights[kept]
    left = (rows.values[i : i + step][kept[i : i + step]] for i in range(0, kept.size, step))
    return Columns(rows.names, _laid_down(left, rows.values.shape[1:]), said), weights, dropped


def _laid_down(parts: Iterable[Floats], width: tuple[int, ...]) -> Floats:
    """All parts, row after row, as one read-only array, in memory or in a file that has no name."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        for part in parts:
            flat = np.ascontiguousarray(part).ravel()
            try:
                for start in range(0, flat.size, CHUNK):
                    file.write(flat[start : start + CHUNK].data)
            except OSError as error:
                advice = f"in {gettempdir()}, for points that do not fit in memory: set TMPDIR to a larger folder"
                raise OSError(error.errno, f"{error.strerror} {advice}") from error
        size = file.tell()
        if size > IN_MEMORY:
            return np.memmap(file, np.float64, "r").reshape(-1, *width)
        file.seek(0)
        return np.frombuffer(file.read()).reshape(-1, *width)


def _from_iterator(chunks: Any, columns: Names, missing: str) -> Iterator[Columns]:
    """Chunks as a user's iterator gives them; rows in errors count from its first."""
    if not isinstance(chunks, Iterator):
        raise TypeError(f"source is a path or an iterator of arrays; got {type(chunks).__name__}")
    if columns is not None:
        raise ValueError("columns are chosen from a file; those that an iterator gives are all read")
    row = 0
    names: tuple[str, ...] = ()
    for number, values in enumerate(chunks):
        part = chunk(values, f"chunk {number} of x", row, missing)
        if not part.values.size:
            continue
        names = names or part.names
        if part.names != names:
            raise ValueError(
                f"chunk {number} of x has columns {listed(part.names)}, those before it {listed(names)}: "
                "every chunk needs the same columns"
            )
        row += len(part.values)
        yield part


def _from_path(source: str | PathLike[str], columns: Names, missing: str) -> Iterator[Columns]:
    """A file, or a folder's files in turn; where no columns were chosen, the first file's names hold for all."""
    path = Path(source)
    if source == "-" or not path.is_dir():
        yield from _reader(path)("-" if source == "-" else _place(path), columns, missing)
        return
    names: tuple[str, ...] = ()
    for file in _files(path):
        for part in _reader(file)(_place(file), columns, missing):
            if _reader(file) is not _from_npy:
                columns = part.names
            elif part.names == (file.stem,):
                part = Columns((path.resolve().name,), part.values)
            names = names or part.names
            if part.names != names:
                raise ValueError(f"{file.name} has columns {listed(part.names)}, those before it {listed(names)}")
            yield part


def _place(path: Path) -> str:
    """A file's name, which is that of standard input only where the user wrote so."""
    return "./-" if str(path) == "-" else str(path)


def _files(folder: Path) -> list[Path]:
    """A folder's files by name, hidden ones left out (names that begin with . or _)."""
    files = sorted(path for path in folder.iterdir() if path.name[0] not in "._")
    if not files:
        raise ValueError(f"cannot read {folder}: the folder holds no files")
    kinds = sorted({"folders" if path.is_dir() else path.suffix or "no suffix" for path in files})
    if len(kinds) > 1 or kinds == ["folders"]:
        raise ValueError(f"cannot read {folder}: it holds {', '.join(kinds)}; give a folder of files of one kind")
    return files


def _reader(path: Path) -> Callable[[str, Names, str], Iterator[Columns]]:
    return {".npy": _from_npy, ".parquet": _from_parquet, ".pq": _from_parquet}.get(path.suffix.lower(), _from_text)


def _from_text(file: str, columns: Names, missing: str) -> Iterator[Columns]:
    return read_chunks(file, columns, missing=missing)


def _from_npy(file: str, columns: Names, missing: str) -> Iterator[Columns]:
    """All in one part where it can be read as it lies, else chunk by chunk."""
    path = Path(file)
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except OSError as error:
        raise ValueError(f"cannot read {file}: {error.strerror or error}") from error
    except Exception as error:  # a damaged header is read as Python by numpy, and may fail in any way
        raise ValueError(f"{path.name} is not a whole .npy file of numbers: {error}") from error
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(f"{path.name} holds an array of shape {array.shape}; points, (n,) or (n, d), are needed")
    table = array.reshape(len(array), -1)
    d = table.shape[1]
    names = unnamed(d) if d > 1 else (path.stem,)
    places = chosen(columns, names, range(d), path.name)
    taken = tuple(names[j] for j in places)
    table = table[:, places[0]] if len(places) == 1 else table
    if is_mapped(table) and len(places) in (1, d) and list(places) == sorted(places):
        yield Columns(taken, table)
        return
    what = path.name if len(taken) > 1 else f"{taken[0]} in {path.name}"
    yield from _slices(table, taken, what, missing, slice(None) if len(places) == 1 else places)


def _slices(
    array: Floats, names: tuple[str, ...], what: str, missing: str, places: Any = slice(None)
) -> Iterator[Columns]:
    """Columns of a mapped array of other numbers as checked float64, a chunk at a time."""
    step = max(1, CHUNK * len(array) // array.size)
    for row in range(0, len(array), step):
        yield chunk(Columns(names, np.asarray(array[row : row + step])[..., places]), what, row, missing)


def _from_parquet(file: str, columns: Names, missing: str) -> Iterator[Columns]:
    """Columns by pyarrow or by polars, whichever is installed."""
    path = Path(file)
    try:
        path.open("rb").close()
        found = _parquet_by_polars(path) if find_spec("pyarrow") is None else _parquet_by_pyarrow(path)
        counting = _counting(found) if columns is None else []
    except ImportError:
        raise ValueError(f"cannot read {file}: Parquet files need pyarrow; pip install pyarrow") from None
    except (FileNotFoundError, PermissionError) as error:
        raise ValueError(f"cannot read {file}: {error.strerror}") from error
    except Exception as error:
        raise ValueError(f"{path.name} is not a whole Parquet file: {error}") from error
    names = found.names
    places = chosen(columns, names, spared(found.numeric, counting), path.name)
    taken = [names[j] for j in places]
    left = [j for j in range(len(names)) if j not in {*places} and not _is_index(names[j])] if columns is None else []
    out = [f"{names[j]} ({'an identifier' if j in counting else 'no numbers'})" for j in left]
    said = told(taken, out, [j for j in left if j in counting])
    what = path.name if len(taken) > 1 else f"column {taken[0]!r} of {path.name}"
    row = 0
    for part in whole_parts(found.parts(taken), path):
        rows = chunk(part, what, row, missing)
        row += len(rows.values)
        yield Columns(tuple(taken), rows.values, said)
    if row == 0:
        raise ValueError(f"{path.name} has no rows")


def _counting(found: Parquet) -> list[int]:
    """Columns of whole numbers that number the rows, as far as the first ones show."""
    if not found.whole:
        return []
    names = [found.names[j] for j in found.whole]
    first = next(iter(found.parts(names)), None)
    if first is None:
        return []
    columns = unpack(first, "x").each()
    return [j for j, values in zip(found.whole, columns, strict=True) if is_identifier(values)]


def _is_index(name: str) -> bool:
    """Whether a column is rows' labels, left by pandas."""
    return name.startswith("__index_level_")


def whole_parts(parts: Iterable[Any], path: Path) -> Iterator[Any]:
    """The parts of a Parquet file, or an error where one cannot be read."""
    try:
        yield from parts
    except Exception as error:
        raise ValueError(f"{path.name} is not a whole Parquet file: {error}") from error


def _check_rows(n: int, names: Sequence[str], path: Path) -> None:
    """An error where a file declares more numbers than one of its size can be trusted to hold."""
    declared, size = 8 * n * len(names), path.stat().st_size
    if declared > ROOM + RATIO * size:
        raise ValueError(f"it declares {declared:.2g} bytes of numbers, and has {size}")


def _parquet_by_pyarrow(path: Path) -> Parquet:
    import pyarrow.parquet
    from pyarrow.types import is_decimal, is_floating, is_integer

    file = pyarrow.parquet.ParquetFile(path, memory_map=True)  # else it holds on to every group it has read
    schema = file.schema_arrow
    numeric = [
        j
        for j, field in enumerate(schema)
        if any(is_a(field.type) for is_a in (is_floating, is_integer, is_decimal)) and not _is_index(field.name)
    ]
    integers = [j for j in numeric if is_integer(schema.field(j).type)]
    _check_rows(file.metadata.num_rows, schema.names, path)
    parts = partial(_batches, file)
    return Parquet(schema.names, numeric, integers, parts)


def _parquet_by_polars(path: Path) -> Parquet:
    import polars as pl

    frame = pl.scan_parquet(path, glob=False)
    schema = frame.collect_schema()
    n = frame.select(pl.len()).collect().item()
    _check_rows(n, list(schema), path)
    numeric = [j for j, kind in enumerate(schema.values()) if kind.is_numeric()]

    def parts(names: list[str]) -> Iterator[Any]:
        step = _rows_at_once(names)
        return (frame.select(names).slice(row, step).collect() for row in range(0, n, step))

    integers = [j for j, kind in enumerate(schema.values()) if kind.is_integer()]
    return Parquet(list(schema), numeric, integers, parts)


def _batches(file: Any, names: list[str]) -> Iterator[Any]:
    return iter(file.iter_batches(_rows_at_once(names), columns=names))


def _rows_at_once(names: Sequence[str]) -> int:
    return max(1, CHUNK // len(names))
