"""Text tables, read a megabyte at a time: a C parser reads plain lines, and an exact one, which names the line of
whatever it cannot take, reads the first megabyte and all that the other one refuses."""

from __future__ import annotations

import csv
import gzip
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from mixtura.params import Floats

MISSING = frozenset(["", "na", "n/a", "nan", "null", "none", "."])
BLOCK = 1 << 20  # bytes read at a time; the rows in the first block decide which columns are numbers
HINT = "besides text, .npy and .parquet files are read"


class Table(NamedTuple):
    """Cells of a text table as they stand in the file, or in its first megabyte.

    Attributes
    ----------
    source : str
        What messages call the file.
    delimiter : str
        What separates the fields.
    names : list of str
        The header; "1", "2", … where the first row holds numbers.
    rows : list of list of str
        The records, each as long as the header.
    lines : list of int
        The line of the file on which each record ends.
    whole : bool
        Whether there are no other rows.
    """

    source: str
    delimiter: str
    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    whole: bool


def read_chunks(path: str, column: str | None = None) -> Iterator[tuple[str, Floats]]:
    """Read one column of numbers from a text table with a header.

    Parameters
    ----------
    path : str
        A file, perhaps compressed (.gz), or "-" for standard input. Fields are separated by commas, semicolons or
        tabs, whichever the header has most of.
    column : str, optional
        The column's name; may be left out where only one named column holds numbers.

    Yields
    ------
    name : str
        The same each time.
    values : array (n,)
        The next values, finite.

    Raises
    ------
    ValueError
        Where the file cannot be read, is empty or ragged, lacks the column or has several to choose from, or
        where the column holds text, missing or infinite values (naming the line).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "speeds.csv")
    ...     _ = path.write_text("name,speed\\na,1.5\\nb,2\\n")
    ...     list(read_chunks(str(path)))
    [('speed', array([1.5, 2. ]))]
    """
    source = "standard input" if path == "-" else Path(path).name
    try:
        with _opened(path) as read:
            yield from _columns(read, source, column)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    except UnicodeDecodeError as error:
        reason = f"{error.reason} at byte {error.start}; {HINT}"
        raise ValueError(f"{source} is not a text table in UTF-8: {reason}") from error
    except csv.Error as error:
        raise ValueError(f"{source} is not a text table: {error}; {HINT}") from error


def read_column(path: str, column: str | None = None) -> tuple[str, Floats]:
    """Read a whole column into memory; see `read_chunks`.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "speeds.csv")
    ...     _ = path.write_text("speed\\n1.5\\n2\\n")
    ...     read_column(str(path))
    ('speed', array([1.5, 2. ]))
    """
    names, values = zip(*read_chunks(path, column), strict=True)
    return names[0], np.concatenate(values)


@contextmanager
def _opened(path: str) -> Iterator[Callable[[int], bytes]]:
    """How to read the next bytes of a file."""
    if path == "-":
        yield lambda size: sys.stdin.read(size).encode(errors="surrogateescape")
    else:
        with gzip.open(path) if path.endswith(".gz") else Path(path).open("rb") as file:
            yield file.read


def _columns(read: Callable[[int], bytes], source: str, column: str | None) -> Iterator[tuple[str, Floats]]:
    blocks = _blocks(read)
    block, after = next(blocks, b""), next(blocks, b"")
    table = _parse(_text(block), source, whole=not after)
    j = _only_numeric(table) if column is None else position(table.names, column, source)
    yield table.names[j], _values(table, j)
    line, table = block.count(b"\n"), table._replace(rows=[], lines=[])
    while after:
        values = _plain_values(after, table, j)
        if values is None:
            values = _values(_rest(_text(after), table._replace(rows=[], lines=[]), line), j)
        yield table.names[j], values
        line += after.count(b"\n")
        after = next(blocks, b"")


def _blocks(read: Callable[[int], bytes]) -> Iterator[bytes]:
    """Whole lines, about BLOCK bytes of them at a time, a short file in one; no quoted field is cut, unless it is
    absurdly long."""
    held = read(BLOCK)
    while more := read(BLOCK):
        end = held.rfind(b"\n") + 1
        if end and (held.count(b'"', 0, end) % 2 == 0 or len(held) > 8 * BLOCK):
            yield held[:end]
            held = held[end:]
        held += more
    if held:
        yield held


def _text(block: bytes) -> TextIO:
    return TextIOWrapper(BytesIO(block), encoding="utf-8-sig", newline="")


def _plain_values(block: bytes, table: Table, j: int) -> Floats | None:
    """Column j of lines that hold nothing but what they should; None where the exact parser is to have the word."""
    import pandas as pd

    version = tuple(map(int, pd.__version__.split(".")[:2]))
    exact = {"float_precision": "round_trip"} if version < (3, 1) else {}  # which it always is from then on
    try:
        frame = pd.read_csv(
            BytesIO(block), sep=table.delimiter, header=None, usecols=[j], dtype=np.float64, na_filter=False, **exact
        )
    except ValueError:  # which pandas' own errors are, too
        return None
    values: Floats = frame.to_numpy()[:, 0]
    delimiters = sum(outside.count(table.delimiter.encode()) for outside in block.split(b'"')[::2])
    ragged = delimiters != (len(table.names) - 1) * values.size
    return None if ragged or not np.isfinite(values).all() else values


def _parse(lines: TextIO, source: str, whole: bool) -> Table:
    skipped, head = next(((i, line) for i, line in enumerate(lines, 1) if line.strip()), (0, ""))
    if not head:
        raise ValueError(f"{source} is empty")
    delimiter = max(",;\t", key=head.count)
    names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]
    table = Table(source, delimiter, names, [], [], whole)
    if all(_is_number(name) for name in names):  # no header: the first row is data
        table = Table(source, delimiter, [str(j + 1) for j in range(len(names))], [names], [skipped], whole)
    if not _rest(lines, table, skipped).rows:
        raise ValueError(f"{source} has a header but no rows")
    return table


def _rest(lines: TextIO, table: Table, skipped: int) -> Table:
    """The table with the rows that stand after the skipped lines."""
    reader = csv.reader(lines, delimiter=table.delimiter)
    for row in filter(None, reader):
        line = skipped + reader.line_num
        if len(row) != len(table.names):
            fields = _count(len(row), "field")
            raise ValueError(f"{table.source}, line {line}: {fields} where the first row has {len(table.names)}")
        table.rows.append(row)
        table.lines.append(line)
    return table


def position(names: list[str], column: str, source: str) -> int:
    """Where a column stands, or an error that lists the names.

    Examples
    --------
    >>> position(["a", "b"], "b", "data.csv")
    1
    """
    if column not in names:
        raise ValueError(f"{source} has no column {column!r}; it has: {', '.join(names)}")
    return names.index(column)


def only(numeric: list[str], names: list[str], source: str) -> str:
    """The one name of a column of numbers, or an error that says how to choose.

    Examples
    --------
    >>> only(["a"], ["a", "b"], "data.csv")
    'a'
    """
    if len(numeric) == 1:
        return numeric[0]
    if not numeric:
        raise ValueError(f"{source} has no column of numbers; it has: {', '.join(names)}")
    raise ValueError(
        f"{source} has several columns of numbers: choose one of {', '.join(numeric)} with --column, or in Python with "
        f"mixtura.sources.read(..., column={numeric[0]!r})"
    )


def _only_numeric(table: Table) -> int:
    if len(table.names) == 1:
        return 0
    numeric = [j for j, name in enumerate(table.names) if name and all(_is_number(r[j]) for r in table.rows)]
    only([table.names[j] for j in numeric], table.names, table.source)
    return numeric[0]


def _values(table: Table, j: int) -> Floats:
    values = np.empty(len(table.rows))
    for i, row in enumerate(table.rows):
        try:
            values[i] = _number(row[j])
        except ValueError:
            where = f"{table.source}, line {table.lines[i]}"
            raise ValueError(f"{where}: column {table.names[j]!r} holds {row[j]!r}, not a number") from None
    if (bad := ~np.isfinite(values)).any():
        first = np.flatnonzero(bad)[0]
        number = "" if table.whole else "at least "
        number += _count(int(bad.sum()), "missing or infinite value")
        raise ValueError(
            f"{table.source}: column {table.names[j]!r} has {number}, the first in line {table.lines[first]} "
            f"({table.rows[first][j]!r}): drop those rows"
        )
    return values


def _number(cell: str) -> float:
    return float("nan") if cell.strip().lower() in MISSING else float(cell)


def _is_number(cell: str) -> bool:
    try:
        _number(cell)
    except ValueError:
        return False
    return True


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"
