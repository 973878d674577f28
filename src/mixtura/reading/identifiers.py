"""Columns that count the rows instead of measuring them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixtura.arrays import Floats
from mixtura.reading.containers import listed

FEWEST = 10  # rows: among fewer, numbers are evenly spaced by chance


def is_identifier(values: Floats) -> bool:
    """Whether numbers are whole, all different and evenly spaced, in any order, as customers' and rows' numbers are.

    >>> is_identifier(np.arange(101.0, 301.0)), is_identifier(np.linspace(0, 1, 200))
    (True, False)
    """
    first = values[:FEWEST]
    if len(first) < FEWEST or (first != np.round(first)).any() or len(np.unique(first)) < FEWEST:
        return False
    low, high = float(values.min()), float(values.max())
    step = (high - low) / (len(values) - 1)
    if not 1 <= step < np.inf or step != round(step) or low != round(low):
        return False
    steps = np.diff(np.sort(values))
    return bool((steps == step).all())


def counted(cells: Sequence[str]) -> bool:
    """The same of cells, each written as a whole number: what was measured is written with a point."""
    if len(cells) < FEWEST or not all(cell.strip().isdecimal() for cell in cells):
        return False
    return is_identifier(np.array([float(cell) for cell in cells]))


def spared(numeric: Sequence[int], identifying: Sequence[int]) -> list[int]:
    """Which of the columns of numbers are left to be modelled: those that count nothing, if there are any.

    >>> spared([0, 1, 2], [0]), spared([0], [0])
    ([1, 2], [0])
    """
    counting = set(identifying)
    return [j for j in numeric if j not in counting] or list(numeric)


def told(used: Sequence[str], out: Sequence[str], identifying: Sequence[int]) -> str:
    """Which columns were used, and which were not and why; empty where that goes without saying.

    >>> told(["a", "b"], ["id (an identifier)"], [0])
    'columns: a, b; left out: id (an identifier); --columns takes an identifier, too'
    """
    if not out:
        return ""
    kept = "; --columns takes an identifier, too" if identifying else ""
    return f"columns: {listed(used)}; left out: {listed(out)}{kept}"
