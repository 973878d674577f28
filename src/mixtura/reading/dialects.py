"""How a text table is laid out: comments above it, what separates its fields, its header, names of its rows."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from io import StringIO
from itertools import islice
from typing import NamedTuple

from mixtura.reading.amounts import is_missing, is_number, reads, taken_apart
from mixtura.reading.containers import unnamed

SEPARATORS = "\t;|,"
BLANK = " "  # stands for any run of blanks and tabs
COMMENTS = ("#", "%")
_COMMENT = re.compile(r"\s*[#%](?!N/?A\b)", re.I)  # "#N/A" is what spreadsheets write of a missing value
SAMPLE = 100  # records that decide
NEITHER = 0.01  # of a score: fields as many in each record, none of them a number


class Dialect(NamedTuple):
    """A table's layout.

    Attributes
    ----------
    names : list of str
        The columns'; "x0", "x1", … where there is no header, and empty for names of rows.
    delimiter : str
        What separates the fields; a blank stands for any run of blanks and tabs.
    above : int
        Lines above the first record: comments, blank ones and the header.
    comments : bool
        Whether lines among the records may be comments: the first column holds numbers.
    """

    names: list[str]
    delimiter: str
    above: int
    comments: bool


def dialect_of(text: str, source: str) -> Dialect:
    """What a table's first records say of all.

    >>> dialect_of("# size,price\\n1,5 2,5\\n3,5 4,5\\n", "a.txt")
    Dialect(names=['size', 'price'], delimiter=' ', above=1, comments=True)
    """
    comments, above, given = _preamble(text)
    body = "".join(islice(StringIO(text, newline=""), above, above + 4 * SAMPLE))
    if not body.strip():
        raise ValueError(f"{source} is empty")
    delimiter = given or _separator(body)
    rows = [row for _, row in islice(records(body, delimiter), SAMPLE)]
    head, below = rows[0], rows[1:]
    named = _named(comments, delimiter, head) if not given else None
    if named is None and not _is_data(head, below):
        above += _length(body, delimiter)
        names = _widened([name.strip() for name in head], below, delimiter)
        below = below or [[]]
    else:
        names = named or list(unnamed(len(head)))
        below = rows
    firsts = [row[0] for row in below if row and not row[0].strip().startswith(COMMENTS)]
    numbers = sum(map(reads, firsts))
    return Dialect(names, delimiter, above, 2 * numbers >= len(firsts))


def records(text: str, delimiter: str, first: int = 1, comments: bool = False) -> Iterator[tuple[int, list[str]]]:
    """The line on which each record ends, and its fields; blank lines and comments are left out.

    >>> list(records("1  2\\n\\n# so\\n3 4 \\n", " ", comments=True))
    [(1, ['1', '2']), (4, ['3', '4'])]
    """
    blank = delimiter == BLANK
    reader = csv.reader(
        _cleaned(StringIO(text, newline=""), blank, comments), delimiter=delimiter, skipinitialspace=blank
    )
    for row in reader:
        if row and not (row[0] and not any(cell.strip() for cell in row) and len(row) == 1):
            yield first - 1 + reader.line_num, row


def _cleaned(lines: Iterable[str], blank: bool, comments: bool) -> Iterator[str]:
    """Lines without their comments, and with one blank for several; what stands between quotes stays."""
    inside, idle = False, " \r\n" + "\t" * blank
    for line in lines:
        if not inside and (not line.strip(idle) or (comments and _COMMENT.match(line))):
            yield "\n"
            continue
        if blank and not inside:
            end = "" if line.count('"') % 2 else "\n"
            yield line.replace("\t", " ") if not end else line.replace("\t", " ").strip() + end
        else:
            yield line
        inside ^= line.count('"') % 2 == 1


def _preamble(text: str) -> tuple[list[str], int, str]:
    """Comments above a table, how many lines stand above it, and the separator that Excel's "sep=;" names."""
    comments, above, given = [], 0, ""
    lines = StringIO(text, newline="")
    for line in lines:
        held = line.strip()
        if found := re.fullmatch(r'"?sep=(.)"?', held, re.I):
            given = found[1]
        elif held.startswith(COMMENTS):
            comments.append(held)
        elif held:
            break
        above += 1
    return comments, above, given


def _separator(body: str) -> str:
    """The separator by which records have as many fields as the first one, and most of them are numbers."""
    lines = [re.sub(r'"[^"]*"', "_", line.strip()) for line in body.splitlines()[:3] if line.strip()]
    found = sorted((c for c in SEPARATORS if c in lines[0]), key=lambda c: -lines[0].count(c))
    if re.search(r"[ \t]", lines[0]):
        found.append(BLANK)
    if not found:  # R gives a single column's name alone
        found = [c for c in "\t" + BLANK if any(c in line for line in lines[1:2])]
    scores = {c: _score(body, c) for c in found}
    if scores.get("\t", (0, 0))[0] == 1:
        scores.pop(BLANK, None)
    best = max(scores, key=lambda c: scores[c][0] * scores[c][1], default=",")
    if scores and scores[best][0] > 0:
        return best
    return found[0] if found and found[0] != BLANK else ","


def _score(body: str, delimiter: str) -> tuple[float, float]:
    """How well the first records go with a separator: shares of records of one length, and of cells with numbers."""
    try:
        rows = [row for _, row in islice(records(body, delimiter, comments=True), SAMPLE)]
    except csv.Error:
        return 0.0, 0.0
    names, below = rows[0], rows[1:] or rows[:1]
    wide = _widened(names, below, delimiter)
    if len(wide) < 2:
        return 0.0, 0.0
    fit = sum(len(row) in (len(names), len(wide)) for row in below) / len(below)
    cells = [cell for row in below for cell in row[:50]]
    return fit, NEITHER + sum(map(reads, cells)) / max(len(cells), 1)


def _widened(names: list[str], rows: list[list[str]], delimiter: str) -> list[str]:
    """A header as wide as its records: R gives names of rows no name, and some put a separator at the end of a line.

    >>> _widened(["size", "price"], [["1", "5", "2"], ["2", "7", "3"]], " ")
    ['', 'size', 'price']
    """
    if not rows:
        return names
    if all(len(row) == len(names) + 1 for row in rows):
        if not any(row[-1].strip() for row in rows):
            return [*names, ""]
        labels = [row[0].strip() for row in rows]
        counts = len(names) > 1 and _count_on(labels)  # not so "a" above "1,5" and "2,5"
        if len(set(labels)) == len(labels) and (delimiter in BLANK + "\t" or counts or not any(map(is_number, labels))):
            return ["", *names]
    if not names[-1] and len(names) > 1 and all(len(row) == len(names) - 1 for row in rows):
        return names[:-1]
    return names


def _count_on(cells: list[str]) -> bool:
    """Whether cells count the rows, from 0 or 1 on."""
    return len(cells) > 1 and cells in ([str(i + first) for i in range(len(cells))] for first in (0, 1))


def _named(comments: list[str], delimiter: str, head: list[str]) -> list[str] | None:
    """The names in the last comment above a table, as many as the fields below, of which some are numbers."""
    if not comments or not any(reads(cell) and not is_missing(cell) for cell in head):
        return None
    whole = comments[-1]
    for line in (whole.lstrip("".join(COMMENTS)).strip(), whole):
        for c in dict.fromkeys((delimiter, *SEPARATORS, BLANK)):
            names = [name.strip() for name in next((row for _, row in records(line, c)), [])]
            if len(names) == len(head) and all(names) and not all(map(reads, names)):
                return names
    return None


def _is_data(head: list[str], below: list[list[str]]) -> bool:
    """Whether the first record holds numbers where the others do, rather than names."""
    if not below or any(len(row) != len(head) for row in below):
        return all(map(reads, head)) if below else all(map(is_number, head))
    if all(map(is_number, head)):
        return True
    columns = [[row[j] for row in below] for j in range(len(head))]
    held = [2 * sum(map(reads, cells)) >= len(cells) for cells in columns]
    if not any(held):
        return False
    numbers = [(cell, cells[0]) for cell, cells, holds in zip(head, columns, held, strict=True) if holds]
    return all(_alike(cell, next_) for cell, next_ in numbers) and any(not is_missing(cell) for cell, _ in numbers)


def _alike(cell: str, below: str) -> bool:
    """Whether a cell holds a number with the unit of the one below: "5%" above 0.3 is a name."""
    if is_missing(cell) or is_missing(below):
        return is_missing(cell) or reads(cell)
    one, other = taken_apart(cell), taken_apart(below)
    if one is None or other is None:
        return is_number(cell)
    return one.unit == other.unit


def _length(body: str, delimiter: str) -> int:
    """Lines of the first record."""
    return next(line for line, _ in records(body, delimiter))
