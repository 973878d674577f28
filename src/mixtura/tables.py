"""Text tables, read a megabyte at a time: a C parser reads plain lines, and an exact one, which names the line of
whatever it cannot take, reads the first megabyte and all that the other one refuses."""

from __future__ import annotations

import csv
import gzip
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TextIO

import numpy as np

from mixtura.containers import DROPS, Columns, listed, unnamed
from mixtura.params import Floats

MISSING = frozenset(["", "na", "n/a", "nan", "null", "none", "."])
ROOM, RATIO = 1 << 30, 200  # bytes that any compressed file may hold, and more for each of its own
LONGEST = 1 << 26  # bytes of a line
BLOCK = 1 << 20  # bytes read at a time; the rows in the first block decide which columns are numbers
HINT = "besides text, .npy and .parquet files are read"
SEPARATORS = str.maketrans("", "", ",' \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}")  # of decimals and thousands
POINTS = "write decimals with a point, and thousands without a separator"


class Table(NamedTuple):
    """Cells of a text table as they stand in the file, or in its first megabyte.

    Attributes
    ----------
    source : str
        What messages call the file.
    delimiter : str
        What separates the fields.
    names : list of str
        The header; "x0", "x1", … where the first row holds numbers.
    rows : list of list of str
        The records, each as long as the header.
    lines : list of int
        The line of the file on which each record ends.
    whole : bool
        Whether there are no other rows.
    gaps : bool
        Whether values may be missing.
    """

    source: str
    delimiter: str
    names: list[str]
    rows: list[list[str]]
    lines: list[int]
    whole: bool
    gaps: bool


def read_chunks(
    path: str | BinaryIO, columns: Sequence[str] | None = None, source: str = "", missing: str = "refuse"
) -> Iterator[Columns]:
    """Read columns of numbers from a text table with a header.

    Parameters
    ----------
    path : str or binary file
        A file, perhaps compressed (.gz), or "-" for standard input, or one that is open. Fields are separated by
        commas, semicolons or tabs, whichever the header has most of.
    columns : sequence of str, optional
        Their names; by default every named column where more cells hold numbers than text.
    source : str, optional
        What messages call it; its name by default.
    missing : {"refuse", "drop"}
        Whether missing values are an error, or nan, for somebody else to drop.

    Yields
    ------
    Columns
        The next rows, finite, with the same names each time.

    Raises
    ------
    ValueError
        Where the file cannot be read, is empty or ragged or lacks a column, or where a column holds text, missing or
        infinite values (naming the line).

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "speeds.csv")
    ...     _ = path.write_text("name,speed\\na,1.5\\nb,2\\n")
    ...     list(read_chunks(str(path)))
    [Columns(names=('speed',), values=array([1.5, 2. ]))]
    """
    if isinstance(path, str):
        source = source or ("standard input" if path == "-" else Path(path).name)
    try:
        with opened(path) if isinstance(path, str) else nullcontext(path) as file:
            packed = isinstance(path, str) and path.endswith(".gz")
            read = _bounded(file.read, Path(str(path))) if packed else file.read
            yield from _parts(read, Table(source, "", [], [], [], False, missing == "drop"), columns)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    except UnicodeDecodeError as error:
        reason = f"{error.reason} at byte {error.start}; save it as UTF-8 ({HINT})"
        raise ValueError(f"{source} is not a text table in UTF-8: {reason}") from error
    except csv.Error as error:
        raise ValueError(f"{source} is not a text table: {error}; {HINT}") from error


@contextmanager
def opened(path: str) -> Iterator[Any]:
    """A file's bytes, uncompressed; "-" is standard input."""
    if path != "-":
        try:
            file = gzip.open(path) if path.endswith(".gz") else Path(path).open("rb")  # noqa: SIM115
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror or error}") from error
        with file:
            yield file
    elif sys.stdin is None:
        raise ValueError("cannot read standard input: it is closed")
    else:
        yield getattr(sys.stdin, "buffer", None) or BytesIO(sys.stdin.read().encode(errors="surrogateescape"))


def _bounded(read: Callable[[int], bytes], path: Path) -> Callable[[int], bytes]:
    """The same, up to as many bytes as a compressed file of that size can be trusted to hold."""
    size, total = path.stat().st_size, 0

    def more(n: int) -> bytes:
        nonlocal total
        found = read(n)
        total += len(found)
        if total > ROOM + RATIO * size:
            raise ValueError(f"{path.name} has {size:,} bytes, and more than {ROOM + RATIO * size:,} uncompressed")
        return found

    return more


def _parts(read: Callable[[int], bytes], table: Table, columns: Sequence[str] | None) -> Iterator[Columns]:
    blocks = _blocks(read, table.source)
    block, after = next(blocks, b""), next(blocks, b"")
    table = _parse(_text(block), table._replace(whole=not after))
    places = chosen(columns, table.names, _numeric(table), table.source)
    names = tuple(table.names[j] for j in places)
    yield Columns(names, _values(table, places))
    line, table = block.count(b"\n"), table._replace(rows=[], lines=[])
    while after:
        values = _plain_values(after, table, places)
        if values is None:
            values = _values(_rest(_text(after), table._replace(rows=[], lines=[]), line), places)
        yield Columns(names, values)
        line += after.count(b"\n")
        after = next(blocks, b"")


def _blocks(read: Callable[[int], bytes], source: str) -> Iterator[bytes]:
    """Whole lines, about BLOCK bytes of them at a time, a short file in one, at first a header and a row; no quoted
    field is cut, unless it is absurdly long."""
    held, lines = read(BLOCK), 2
    while more := read(BLOCK):
        if len(held) > LONGEST:
            raise ValueError(f"{source} is not a text table: it has a line of more than {LONGEST:,} bytes; {HINT}")
        end = held.rfind(b"\n") + 1
        if end and held[:end].strip().count(b"\n") < lines - 1:
            end = 0
        if end and (held.count(b'"', 0, end) % 2 == 0 or len(held) > 8 * BLOCK):
            yield held[:end]
            held, lines = held[end:], 1
        held += more
    if held:
        yield held


def _text(block: bytes) -> TextIO:
    return TextIOWrapper(BytesIO(block), encoding="utf-8-sig", newline="")


def _plain_values(block: bytes, table: Table, places: list[int]) -> Floats | None:
    """Columns of lines that hold nothing but what they should; None where the exact parser is to have the word."""
    import pandas as pd

    version = tuple(map(int, pd.__version__.split(".")[:2]))
    options: dict[str, Any] = {"na_filter": False}
    if table.gaps:
        options = {"na_values": [*MISSING, *map(str.upper, MISSING), "NaN"], "keep_default_na": False}
    if version < (3, 1):  # which it always is from then on
        options["float_precision"] = "round_trip"
    try:
        frame = pd.read_csv(
            BytesIO(block), sep=table.delimiter, header=None, usecols=places, dtype=np.float64, **options
        )
    except ValueError:  # which pandas' own errors are, too
        return None
    values: Floats = np.ascontiguousarray(frame[places].to_numpy())
    delimiters = sum(outside.count(table.delimiter.encode()) for outside in block.split(b'"')[::2])
    ragged = delimiters != (len(table.names) - 1) * len(values)
    fine = ~np.isinf(values) if table.gaps else np.isfinite(values)
    return None if ragged or not fine.all() else _narrow(values)


def _parse(lines: TextIO, table: Table) -> Table:
    source = table.source
    skipped, head = next(((i, line) for i, line in enumerate(lines, 1) if line.strip()), (0, ""))
    names, delimiter, header = layout([head], source)
    table = table._replace(delimiter=delimiter, names=names, rows=[], lines=[])
    if not header:
        first = [cell.strip() for cell in next(csv.reader([head], delimiter=delimiter))]
        table = table._replace(rows=[first], lines=[skipped])
    if not _rest(lines, table, skipped).rows:
        raise ValueError(f"{source} has a header but no rows")
    return table


def layout(lines: Iterable[str], source: str) -> tuple[list[str], str, bool]:
    """Names of the columns, what separates them, and whether the first line is a header: it is not if all are numbers.

    >>> layout(["name;speed"], "speeds.csv")
    (['name', 'speed'], ';', True)
    """
    head = next((line for line in lines if line.strip()), "")
    if not head:
        raise ValueError(f"{source} is empty")
    delimiter = max(",;\t", key=head.count)
    names = [name.strip() for name in next(csv.reader([head], delimiter=delimiter))]
    header = not all(_is_number(name) for name in names)
    return names if header else list(unnamed(len(names))), delimiter, header


def _rest(lines: TextIO, table: Table, skipped: int) -> Table:
    """The table with the rows that stand after the skipped lines."""
    reader = csv.reader(lines, delimiter=table.delimiter)
    for row in filter(None, reader):
        line = skipped + reader.line_num
        if len(row) != len(table.names):
            fields = _count(len(row), "field")
            raise ValueError(
                f"{table.source}, line {line}: {fields} where the first row has {len(table.names)}; mend it"
            )
        table.rows.append(row)
        table.lines.append(line)
    return table


def chosen(columns: Sequence[str] | None, names: Sequence[str], numeric: Sequence[int], source: str) -> list[int]:
    """Where the chosen columns stand, by default those of numbers, or an error that lists the names.

    Examples
    --------
    >>> chosen(["b"], ["a", "b"], [0, 1], "data.csv")
    [1]
    >>> chosen(None, ["a", "b", "c"], [0, 2], "data.csv")
    [0, 2]
    """
    if missing := [name for name in columns or () if name not in names]:
        raise ValueError(f"{source} has no column {missing[0]!r}; it has: {listed(names)}")
    if columns is None and not numeric:
        raise ValueError(f"{source} has no column of numbers; it has: {listed(names)}")
    taken = [names[j] for j in numeric] if columns is None else list(columns)
    if len(set(taken)) < len(taken):
        twice = next(name for name in taken if taken.count(name) > 1)
        raise ValueError(f"{source}: column {twice!r} is there twice; choose columns of different names")
    places = {name: j for j, name in reversed([*enumerate(names)])}
    return [places[name] for name in taken]


def _numeric(table: Table) -> list[int]:
    """Columns that have a name and hold numbers, perhaps with slips; the only one, whatever it holds."""
    if len(table.names) == 1:
        return [0]
    return [j for j, name in enumerate(table.names) if name and _counts(row[j] for row in table.rows)]


def _counts(cells: Iterable[str]) -> bool:
    """Whether more cells hold numbers than text, be they written with commas; missing ones say nothing."""
    held = [_is_number(cell.translate(SEPARATORS)) for cell in cells if cell.strip().lower() not in MISSING]
    return 2 * sum(held) >= len(held)


def _values(table: Table, places: list[int]) -> Floats:
    values = np.empty((len(table.rows), len(places)))
    for to, j in zip(values.T, places, strict=True):
        _fill(to, table, j)
    return _narrow(values)


def _narrow(values: Floats) -> Floats:
    """One column as (n,)."""
    return values[:, 0] if values.shape[1] == 1 else values


def _fill(values: Floats, table: Table, j: int) -> None:
    """Column j into `values`."""
    for i, row in enumerate(table.rows):
        try:
            values[i] = _number(row[j])
        except ValueError:
            where = f"{table.source}, line {table.lines[i]}"
            hint = f": {POINTS}" if _is_number(row[j].translate(SEPARATORS)) else ""
            raise ValueError(f"{where}: column {table.names[j]!r} holds {row[j]!r}, not a number{hint}") from None
    if (bad := np.isinf(values) if table.gaps else ~np.isfinite(values)).any():
        first = np.flatnonzero(bad)[0]
        number = "" if table.whole else "at least "
        number += _count(int(bad.sum()), "missing or infinite value")
        raise ValueError(
            f"{table.source}: column {table.names[j]!r} has {number}, the first in line {table.lines[first]} "
            f"({table.rows[first][j]!r}): drop those rows{'' if np.isinf(values[first]) else DROPS}"
        )


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
