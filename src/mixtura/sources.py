"""Data that stand outside memory, a file, a folder of files or an iterator of arrays, are read once, chunk by chunk.

What does not fit comfortably in memory is laid down as float64 in a temporary file that has no name and is mapped
read-only: from here on there is one case, an array. It may be looked at again, though its source was read once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from importlib.util import find_spec
from itertools import chain
from os import PathLike
from pathlib import Path
from tempfile import SpooledTemporaryFile, gettempdir
from typing import Any

import numpy as np

from mixtura.containers import Columns, is_mapped
from mixtura.data import chunk, name_of
from mixtura.params import Floats
from mixtura.tables import only, position, read_chunks

CHUNK = 1 << 20  # rows converted at a time
IN_MEMORY = 1 << 25  # bytes: what is longer is laid down in a file

Part = tuple[str, Floats]  # what the column is called, and the next of its values
Parquet = tuple[list[str], list[str], Callable[[str], Iterator[Any]]]  # all names, those of numbers, chunks by name


def read(source: Any, column: str | None = None) -> Columns:
    """Read one column of numbers from a file, a folder of files or an iterator of arrays.

    Parameters
    ----------
    source : str, path or iterator
        A file: `.npy`, `.parquet`, else a text table (`.csv`, `.tsv`, `.txt`, perhaps `.gz`; "-" is standard input). A
        folder of such files, all of one kind, one after the other in the order of their names. Or an iterator that
        gives arrays, series or one-column data frames.
    column : str, optional
        The column's name, needed where several hold numbers; those of a `.npy` are called "1", "2", …

    Returns
    -------
    Columns
        Its values are in memory where they are few. A `.npy` of float64 is mapped as it is (and checked for missing
        values by whoever uses it); anything else that is long goes into a temporary file, in `tempfile.gettempdir()`,
        8 bytes a value, which vanishes with the values.

    Raises
    ------
    TypeError, ValueError
        If there is nothing to read, or something that is not a finite number; the message names the file and the row.

    Examples
    --------
    >>> read(np.arange(3) + 10 * i for i in range(2)).values
    array([ 0.,  1.,  2., 10., 11., 12.])
    """
    parts = iter(_from_path(source, column) if isinstance(source, str | PathLike) else _from_iterator(source, column))
    first = next(parts, None)
    if first is None:
        raise ValueError("the iterator gave no points; an iterator can be used only once: make a new one")
    name, values = first
    rest = (values for _, values in parts)
    second = next(rest, None)
    return Columns((name,), values if second is None else _laid_down(chain([values, second], rest)))


def opened(x: Any) -> Any:
    """What `read` takes is read, and mapped arrays that need conversion; all else comes back as it is.

    Examples
    --------
    >>> opened([1, 2, 4])
    [1, 2, 4]
    >>> opened(iter([[1, 2], [4]])).values
    array([1., 2., 4.])
    """
    if isinstance(x, np.memmap) and x.ndim == 1 and not is_mapped(x):
        return read(_slices(x))
    return read(x) if isinstance(x, str | PathLike | Iterator) else x


def _laid_down(parts: Iterable[Floats]) -> Floats:
    """All parts as one read-only array, in memory or in a file that has no name."""
    with SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        for part in parts:
            try:
                for row in range(0, part.size, CHUNK):
                    file.write(part[row : row + CHUNK].data)
            except OSError as error:
                advice = f"in {gettempdir()}, for points that do not fit in memory: set TMPDIR to a larger folder"
                raise OSError(error.errno, f"{error.strerror} {advice}") from error
        size = file.tell()
        if size > IN_MEMORY:
            return np.memmap(file, np.float64, "r")
        file.seek(0)
        return np.frombuffer(file.read())


def _from_iterator(chunks: Any, column: str | None) -> Iterator[Part]:
    """Chunks as a user's iterator gives them; rows in errors count from its first."""
    if not isinstance(chunks, Iterator):
        raise TypeError(f"source is a path or an iterator of arrays; got {type(chunks).__name__}")
    if column is not None:
        raise ValueError("column chooses from a file; an iterator gives one column, and all of it is read")
    row, name = 0, None
    for number, given in enumerate(chunks):
        values = chunk(given, f"chunk {number} of x", row).values
        name = name or name_of(given)
        if name_of(given) != name:
            raise ValueError(
                f"chunk {number} of x is called {name_of(given)!r}, those before it {name!r}: give one column"
            )
        row += values.size
        if values.size:
            yield name, values


def _from_path(source: str | PathLike[str], column: str | None) -> Iterator[Part]:
    """A file, or a folder's files in turn; where no column was chosen, the first file's name holds for all."""
    path = Path(source)
    if not path.is_dir():
        yield from _reader(path)(str(source), column)
        return
    files = _files(path)
    numbered = _reader(files[0]) is _from_npy
    for file in files:
        for name, values in _reader(file)(str(file), column):
            yield path.resolve().name if numbered else name, values
            column = column if numbered else name


def _files(folder: Path) -> list[Path]:
    """A folder's files by name, hidden ones left out (names that begin with . or _)."""
    files = sorted(path for path in folder.iterdir() if path.name[0] not in "._")
    if not files:
        raise ValueError(f"cannot read {folder}: the folder holds no files")
    kinds = sorted({"folders" if path.is_dir() else path.suffix or "no suffix" for path in files})
    if len(kinds) > 1 or kinds == ["folders"]:
        raise ValueError(f"cannot read {folder}: it holds {', '.join(kinds)}; give a folder of files of one kind")
    return files


def _reader(path: Path) -> Callable[[str, str | None], Iterator[Part]]:
    return {".npy": _from_npy, ".parquet": _from_parquet, ".pq": _from_parquet}.get(path.suffix.lower(), read_chunks)


def _from_npy(file: str, column: str | None) -> Iterator[Part]:
    """The whole column in one part where it can be read as it lies, else chunk by chunk."""
    path = Path(file)
    try:
        array = np.lib.format.open_memmap(path, mode="r")
    except OSError as error:
        raise ValueError(f"cannot read {file}: {error.strerror or error}") from error
    except (ValueError, EOFError) as error:
        raise ValueError(f"{path.name} is not a whole .npy file of numbers: {error}") from error
    if array.ndim not in (1, 2) or array.size == 0:
        raise ValueError(f"{path.name} holds an array of shape {array.shape}; a column of points, (n,), is needed")
    columns = array.reshape(len(array), -1)
    names = [str(j + 1) for j in range(columns.shape[1])]
    chosen = column or only(names, names, path.name)
    values = columns[:, position(names, chosen, path.name)]
    name = path.stem if len(names) == 1 else chosen
    for part in [values] if is_mapped(values) else _slices(values, f"{name} in {path.name}"):
        yield name, part


def _slices(array: np.ndarray[Any, Any], name: str = "x") -> Iterator[Floats]:
    """A mapped array of other numbers as checked float64, a chunk at a time."""
    for row in range(0, len(array), CHUNK):
        yield chunk(np.asarray(array[row : row + CHUNK]), name, row).values


def _from_parquet(file: str, column: str | None) -> Iterator[Part]:
    """One column by pyarrow or by polars, whichever is installed."""
    path = Path(file)
    try:
        path.open("rb").close()
        names, numeric, parts = _parquet_by_polars(path) if find_spec("pyarrow") is None else _parquet_by_pyarrow(path)
    except ImportError:
        raise ValueError(f"cannot read {file}: Parquet files need pyarrow; pip install pyarrow") from None
    except (FileNotFoundError, PermissionError) as error:
        raise ValueError(f"cannot read {file}: {error.strerror}") from error
    except Exception as error:
        raise ValueError(f"{path.name} is not a whole Parquet file: {error}") from error
    name = only(numeric, names, path.name) if column is None else names[position(names, column, path.name)]
    row = 0
    for part in parts(name):
        values = chunk(part, f"column {name!r} of {path.name}", row).values
        row += values.size
        yield name, values
    if row == 0:
        raise ValueError(f"{path.name} has no rows")


def _parquet_by_pyarrow(path: Path) -> Parquet:
    import pyarrow.parquet
    from pyarrow.types import is_decimal, is_floating, is_integer

    file = pyarrow.parquet.ParquetFile(path, memory_map=True)  # else it holds on to every group it has read
    schema = file.schema_arrow
    numeric = [
        field.name for field in schema if any(is_a(field.type) for is_a in (is_floating, is_integer, is_decimal))
    ]
    numeric = [name for name in numeric if not name.startswith("__index_level_")]  # rows' labels, left by pandas
    return schema.names, numeric, lambda name: (batch.column(0) for batch in file.iter_batches(CHUNK, columns=[name]))


def _parquet_by_polars(path: Path) -> Parquet:
    import polars as pl

    frame = pl.scan_parquet(path, glob=False)
    schema = frame.collect_schema()
    starts = range(0, frame.select(pl.len()).collect().item(), CHUNK)
    numeric = [name for name, kind in schema.items() if kind.is_numeric()]
    return list(schema), numeric, lambda name: (frame.select(name).slice(row, CHUNK).collect() for row in starts)
