"""Text tables: the command's reader. It names the line of whatever it cannot take."""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple, TextIO

import numpy as np

from mixtura.params import Floats

MISSING = frozenset(["", "na", "n/a", "nan", "null", "none", "."])


class Table(NamedTuple):
    """Cells of a text table as they stand in the file.

    Attributes
    ----------
    source : str
        What messages call the file.
    names : list of str
        The header; "1", "2", … where the first row holds numbers.
    rows : list of list of str
        The records, each as long as the header.
    lines : list of int
        The line of the file on which each record ends.
    """

    source: str
    names: list[str]
    rows: list[list[str]]
    lines: list[int]


def read_column(path: str, column: str | None = None) -> tuple[str, Floats]:
    """Read one column of numbers from a text table with a header.

    Parameters
    ----------
    path : str
        A file, or "-" for standard input. Fields are separated by commas, semicolons or tabs, whichever the
        header has most of.
    column : str, optional
        The column's name; may be left out where only one named column holds numbers.

    Returns
    -------
    name : str
    values : array (n,)

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
    ...     read_column(str(path))
    ('speed', array([1.5, 2. ]))
    """
    table = _read(path)
    j = _only_numeric(table) if column is None else _position(table, column)
    return table.names[j], _values(table, j)


def _read(path: str) -> Table:
    source = "standard input" if path == "-" else Path(path).name
    try:
        with _opened(path) as lines:
            return _parse(lines, source)
    except OSError as error:
        raise ValueError(f"cannot read {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(f"{source} is not a text table in UTF-8: {error.reason} at byte {error.start}") from error
    except csv.Error as error:
        raise ValueError(f"{source} is not a text table: {error}") from error


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    if path == "-":
        yield sys.stdin
    else:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            yield file


def _parse(lines: TextIO, source: str) -> Table:
    skipped, head = next(((i, line) for i, line in enumerate(lines, 1) if line.strip()), (0, ""))
    if not head:
        raise ValueError(f"{source} is empty")
    delimiter = max(",;\t", key=head.count)
    names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]
    table = Table(source, names, [], [])
    if all(_is_number(name) for name in names):  # no header: the first row is data
        table = Table(source, [str(j + 1) for j in range(len(names))], [names], [skipped])
    reader = csv.reader(lines, delimiter=delimiter)
    for row in filter(None, reader):
        line = skipped + reader.line_num
        if len(row) != len(names):
            fields = _count(len(row), "field")
            raise ValueError(f"{source}, line {line}: {fields} where the first row has {len(names)}")
        table.rows.append(row)
        table.lines.append(line)
    if not table.rows:
        raise ValueError(f"{source} has a header but no rows")
    return table


def _position(table: Table, column: str) -> int:
    if column not in table.names:
        raise ValueError(f"{table.source} has no column {column!r}; it has: {', '.join(table.names)}")
    return table.names.index(column)


def _only_numeric(table: Table) -> int:
    if len(table.names) == 1:
        return 0
    numeric = [j for j, name in enumerate(table.names) if name and all(_is_number(r[j]) for r in table.rows)]
    if len(numeric) == 1:
        return numeric[0]
    if not numeric:
        raise ValueError(f"{table.source} has no column of numbers; it has: {', '.join(table.names)}")
    names = ", ".join(table.names[j] for j in numeric)
    raise ValueError(f"{table.source} has several columns of numbers: choose one of {names} with --column")


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
        number = _count(int(bad.sum()), "missing or infinite value")
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
