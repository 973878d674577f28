"""Two rooms, points on a line and rows of several features, with the same names in both: `sample` and `highest`."""

from __future__ import annotations

from importlib import import_module
from typing import Any, Protocol, cast

from mixtura.reading.data import Points


class Room(Protocol):
    """What `algorithms.line.sample` and `algorithms.rows.sample` both offer."""

    sample: Any
    highest: Any


def room_of(data: Points) -> Room:
    """Where points (n,) or rows (n, d) are at home; the other room is not loaded, which takes time."""
    return cast("Room", import_module(f"mixtura.algorithms.{'rows' if data.x.ndim > 1 else 'line'}.sample"))
