"""Text tables, read a megabyte at a time: a C parser reads plain lines, and an exact one, which names the line of
whatever it cannot take, reads the first megabyte and all that the other one refuses."""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.reading.amounts import MISSING, PLAIN, Reading, is_missing, is_number, number, reading_of, reads
from mixtura.reading.containers import DROPS, Columns, listed
from mixtura.reading.dialects import BLANK, Dialect, dialect_of, records
from mixtura.reading.foreign import HINT
from mixtura.reading.identifiers import counted, spared, told
from mixtura.reading.streams import Read, decoded, opened, text_of

LONGEST = 1 << 26  # bytes of a line
BLOCK = 1 << 20  # bytes read at a time; the rows in the first block decide which columns are numbers
IDLE = b" \t,;|\r\n"  # what lines without cells are made of
READS = "{} as {:.12g}"


class Table(NamedTuple):
    """Cells of a text table as they stand in the file, or in its first megabyte.

    Attributes
    ----------
    source : str
        What messages call the file.
    dialect : Dialect
        How it is laid out.
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
    dialect: Dialect
    rows: list[list[str]]
    lines: list[int]
    whole: bool
    gaps: bool

    @property
    def names(self) -> list[str]:
        """What the columns are called."""
        return self.dialect.names

    def column(self, j: int) -> list[str]:
        """The cells of a column."""
        return [row[j] for row in self.rows]


def read_chunks(
    path: str | BinaryIO,
    columns: Sequence[str] | None = None,
    source: str = "",
    missing: str = "refuse",
    packed: bool = False,
) -> Iterator[Columns]:
    """Read columns of numbers from a text table.

    Parameters
    ----------
    path : str or binary file
        A file, perhaps compressed (gzip), or "-" for standard input, or one that is open; in UTF-8, UTF-16 or what
        Windows writes in western Europe. Fields are separated by commas, semicolons, tabs, bars or blanks, whichever
        make the most of the first records. Above it, and where numbers come first in a line also among its rows, there
        may be comments (#, %). Decimals may have commas, thousands be in groups, and amounts have a currency or "%".
    columns : sequence of str, optional
        Their names; by default every named column where more cells hold numbers than text, without those that number
        the rows.
    source : str, optional
        What messages call it; its name by default.
    missing : {"refuse", "drop"}
        Whether missing values are an error, or nan, for somebody else to drop.
    packed : bool
        Whether the file must be compressed; a path that ends in .gz says so, too.

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
            packed |= isinstance(path, str) and path.endswith(".gz")
            yield from _parts(text_of(file, source, packed), source, columns, missing == "drop")
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{source} is not a text table in {error.encoding}: {error.reason}; save it as UTF-8"
        ) from error
    except csv.Error as error:
        raise ValueError(f"{source} is not a text table: {error}; {HINT}") from error


def read_records(read: Read, source: str) -> tuple[Dialect, Iterator[list[str]]]:
    """A table's layout and all of its records, as `read_chunks` finds them."""
    blocks = _blocks(read, source)
    first = decoded(next(blocks, b""))
    dialect = dialect_of(first, source)

    def rows() -> Iterator[list[str]]:
        yield from (row for _, row in records(_below(first, dialect.above), dialect.delimiter, 1, dialect.comments))
        for block in blocks:
            yield from (row for _, row in records(decoded(block), dialect.delimiter, 1, dialect.comments))

    return dialect, rows()


def _parts(read: Read, source: str, columns: Sequence[str] | None, gaps: bool) -> Iterator[Columns]:
    blocks = _blocks(read, source)
    block, after = next(blocks, b""), next(blocks, b"")
    text = decoded(block)
    dialect = dialect_of(text, source)
    table = Table(source, dialect, [], [], not after, gaps)
    table = _filled(table, _below(text, dialect.above), dialect.above + 1)
    if not table.rows:
        raise ValueError(f"{source} has a header but no rows")
    numeric = _numeric(table)
    identifying = [j for j in numeric if counted(table.column(j))] if columns is None else []
    places = chosen(columns, table.names, spared(numeric, identifying), source)
    readings = _readings(table, numeric, places)
    said = _said(table, places, identifying if columns is None else None, readings)
    names = tuple(table.names[j] for j in places)
    yield Columns(names, _values(table, places, readings), said)
    line, table = block.count(b"\n"), table._replace(rows=[], lines=[])
    while after:
        values = _plain_values(after, table, places, readings)
        if values is None:
            filled = _filled(table._replace(rows=[], lines=[]), decoded(after), line + 1)
            values = _values(filled, places, readings)
        yield Columns(names, values)
        line += after.count(b"\n")
        after = next(blocks, b"")


def _below(text: str, above: int) -> str:
    """What stands below so many lines."""
    place = 0
    for _ in range(above):
        place = text.find("\n", place) + 1 or len(text)
    return text[place:]


def _blocks(read: Read, source: str) -> Iterator[bytes]:
    """Whole lines, about BLOCK bytes of them at a time, a short file in one, at first a header and a row; no quoted
    field is cut, unless it is absurdly long; the last one without lines at its end that hold no cells."""
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
    filled = len(held.rstrip(IDLE))
    if end := held.find(b"\n", filled) + 1:
        held = held[:end] if filled else b""
    if held:
        yield held


def _plain_values(block: bytes, table: Table, places: list[int], readings: dict[int, Reading]) -> Floats | None:
    """Columns of lines that hold nothing but what they should; None where the exact parser is to have the word."""
    kinds = {readings.get(j, PLAIN) for j in places}
    outside = b"".join(block.split(b'"')[::2])
    if kinds not in ({PLAIN}, {Reading(",")}) or (table.dialect.comments and re.search(rb"[#%]", outside)):
        return None
    if (table.gaps or table.dialect.delimiter == BLANK) and not _even(outside, table.dialect):
        return None
    import pandas as pd

    version = tuple(map(int, pd.__version__.split(".")[:2]))
    options: dict[str, Any] = {"na_filter": False, "decimal": kinds.pop().decimal}
    if table.gaps:
        options |= {"na_filter": True, "na_values": [*MISSING, *map(str.upper, MISSING), "NaN"]}
        options["keep_default_na"] = False
    if version < (3, 1):  # which it always is from then on
        options["float_precision"] = "round_trip"
    mark = table.dialect.delimiter
    options["sep"] = r"\s+" if mark == BLANK else mark
    try:
        frame = pd.read_csv(BytesIO(block), header=None, usecols=places, dtype=np.float64, **options)
    except ValueError:  # which pandas' own errors are, too
        return None
    values: Floats = np.ascontiguousarray(frame[places].to_numpy())
    ragged = mark != BLANK and outside.count(mark.encode()) != (len(table.names) - 1) * len(values)
    fine = ~np.isinf(values) if table.gaps else np.isfinite(values)
    return None if ragged or not fine.all() else _narrow(values)


def _even(text: bytes, dialect: Dialect) -> bool:
    """Whether every line has as many fields as the header; pandas fills up short ones where values may be missing."""
    lines, d = filter(None, text.splitlines()), len(dialect.names)
    if dialect.delimiter == BLANK:
        return all(len(line.split()) == d for line in lines)
    mark = dialect.delimiter.encode()
    return all(line.count(mark) == d - 1 for line in lines)


def _filled(table: Table, text: str, first: int) -> Table:
    """The table with the records of a text that begins on a line."""
    names = table.names
    for line, row in records(text, table.dialect.delimiter, first, table.dialect.comments):
        if len(row) != len(names):
            fields = _count(len(row), "field")
            raise ValueError(f"{table.source}, line {line}: {fields} where the first row has {len(names)}; mend it")
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
    return [j for j, name in enumerate(table.names) if name and _counts(table.column(j))]


def _counts(cells: Sequence[str]) -> bool:
    """Whether more cells hold numbers than text, however they are written; missing ones say nothing."""
    held = [reads(cell) for cell in cells if not is_missing(cell)]
    return 2 * sum(held) >= len(held)


def _readings(table: Table, numeric: list[int], places: list[int]) -> dict[int, Reading]:
    """How the chosen columns write numbers, where that is not as Python does."""
    taken = set(places)
    odd = [j for j in {*numeric, *places} if not all(map(is_number, table.column(j)))]
    found = {j: reading_of(table.column(j)) for j in odd}
    commas = any(reading.decimal == "," for reading in found.values())
    if not commas and any("." in cell for j in {*numeric}.difference(odd) for cell in table.column(j)):
        return {j: reading for j, reading in found.items() if j in taken and reading != PLAIN}
    if commas or table.dialect.delimiter == ";":
        found = {j: reading_of(table.column(j), True) for j in {*numeric, *places}}
    return {j: reading for j, reading in found.items() if j in taken and reading != PLAIN}


def _said(table: Table, places: list[int], identifying: list[int] | None, readings: dict[int, Reading]) -> str:
    """Which columns were used, and which were not and why, where that does not go without saying."""
    taken, counting = set(places), set(identifying or ())
    used = [table.names[j] + _as_read(table.column(j), readings.get(j, PLAIN)) for j in places]
    out = []
    for j, name in enumerate(table.names) if identifying is not None else ():
        if j not in taken and name:
            first = table.rows[0][j].strip()
            out.append(f"{name} ({f'an identifier, from {first} on' if j in counting else 'text'})")
    return told(used, out, [*(counting - taken)]) or (f"columns: {listed(used)}" if readings else "")


def _as_read(cells: list[str], reading: Reading) -> str:
    """An example of a cell that is not written as Python does, and its number."""
    for cell in cells if reading != PLAIN else ():
        if not is_number(cell) and reads(cell):
            try:
                return f" ({READS.format(cell.strip(), number(cell, reading))})"
            except ValueError:
                continue
    return ""


def _values(table: Table, places: list[int], readings: dict[int, Reading]) -> Floats:
    values = np.empty((len(table.rows), len(places)))
    for to, j in zip(values.T, places, strict=True):
        _fill(to, table, j, readings.get(j, PLAIN))
    return _narrow(values)


def _narrow(values: Floats) -> Floats:
    """One column as (n,)."""
    return values[:, 0] if values.shape[1] == 1 else values


def _fill(values: Floats, table: Table, j: int, reading: Reading) -> None:
    """Column j into `values`."""
    for i, row in enumerate(table.rows):
        try:
            values[i] = number(row[j], reading)
        except ValueError:
            where = f"{table.source}, line {table.lines[i]}: column {table.names[j]!r} holds {row[j]!r}"
            raise ValueError(f"{where}, not a number{_hint(row[j], reading)}") from None
    if (bad := np.isinf(values) if table.gaps else ~np.isfinite(values)).any():
        first = np.flatnonzero(bad)[0]
        number_ = "" if table.whole else "at least "
        number_ += _count(int(bad.sum()), "missing or infinite value")
        raise ValueError(
            f"{table.source}: column {table.names[j]!r} has {number_}, the first in line {table.lines[first]} "
            f"({table.rows[first][j]!r}): drop those rows{'' if np.isinf(values[first]) else DROPS}"
        )


def _hint(cell: str, reading: Reading) -> str:
    """What to do about a number that is written unlike the others."""
    if not reads(cell):
        return ""
    unit = f" in {reading.unit}" if reading.unit else ""
    mark = "a comma" if reading.decimal == "," else "a point"
    return f" like those before it{unit}: write decimals with {mark}, and all of a column in the same way"


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"
