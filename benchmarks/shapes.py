"""The shapes of data: one column, or rows of several features. Each is a package with problems, peers and a judge."""

from __future__ import annotations

from types import ModuleType

from benchmarks import column, rows

NAMES = (*column.NAMES, *rows.NAMES)
PEERS = column.PEERS | rows.PEERS  # to find their versions; a shape may bound its own otherwise


def shape_of(name: str) -> ModuleType:
    """The package that holds a problem: its `problem`, `PEERS`, `Run` and `judged`."""
    return rows if name in rows.NAMES else column
