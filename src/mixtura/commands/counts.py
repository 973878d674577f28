"""The column that says how often each row was seen, taken from the columns that are modelled."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixtura.arrays import Floats
from mixtura.reading.containers import Columns, listed


def wanted(columns: Sequence[str] | None, counts: str | None) -> list[str] | None:
    """The columns to read: those that are modelled, and the counts beside them; None for all of numbers.

    >>> wanted(["a"], "n")
    ['a', 'n']
    """
    if columns is None or counts is None:
        return None if columns is None else list(columns)
    if counts in columns:
        raise ValueError(f"column {counts!r} cannot be counts and be modelled too: leave it out of --columns")
    return [*columns, counts]


def counted(read: Columns, counts: str) -> tuple[Columns, Floats]:
    """Columns without that of the counts, and the counts; rows that were seen 0 times are left out.

    Where missing values are to be dropped, a missing count makes all of its row missing.

    Examples
    --------
    >>> data, times = counted(Columns(("x", "n"), np.array([[1.5, 3.0], [2.0, 0.0], [4.0, 2.0]])), "n")
    >>> data.names, data.values, times
    (('x',), array([1.5, 4. ]), array([3., 2.]))
    """
    if counts not in read.names:
        raise ValueError(
            f"there is no column of numbers {counts!r} to count by; columns of numbers are: {listed(read.names)}"
        )
    left = [j for j, name in enumerate(read.names) if name != counts]
    if not left:
        raise ValueError(f"no column is left to be modelled beside the counts, {counts!r}")
    times = np.array(read.values[:, read.names.index(counts)])
    missing, seen = np.isnan(times), times != 0
    for bad, what in ((times < 0, "negative"), (np.isinf(times), "infinite"), (times % 1 != 0, "no whole number")):
        if (bad & ~missing).any():
            first = int(np.flatnonzero(bad & ~missing)[0])
            raise ValueError(
                f"column {counts!r} of counts holds {times[first]:g} in row {first + 1} of the data, which is {what}: "
                "it says how often a row was seen"
            )
    if not seen.any():
        raise ValueError(f"all counts in column {counts!r} are 0, so that there are no points")
    values = read.values[:, left] if seen.all() else read.values[seen][:, left]
    times, missing = times[seen], missing[seen]
    if missing.any():
        values = np.where(missing[:, None], np.nan, values)
    values = values[:, 0] if len(left) == 1 else values
    return Columns(tuple(read.names[j] for j in left), np.ascontiguousarray(values)), np.where(missing, 1.0, times)
