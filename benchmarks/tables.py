"""What the reports' sections share: medians, spread, rates, tables."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import Any

OURS = "mixtura"
CONVERGED = 1.05  # R-hat above which effective draws are only shown in brackets
Runs = list[dict[str, Any]]


def median(runs: Runs, name: str) -> float:
    return statistics.median(run.get(name) or float("nan") for run in runs)


def rates(runs: Runs) -> list[float]:
    """Effective draws per second of sampling; none for point estimates."""
    return [run["ess"] / run["seconds"] for run in runs if "ess" in run]


def short(value: float) -> str:
    """Three digits or so."""
    if value != value:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.2g}"


def spread(values: Sequence[float]) -> str:
    """Median (lowest – highest)."""
    if not values:
        return "–"
    middle = short(statistics.median(values))
    return f"{middle} ({short(min(values))} – {short(max(values))})" if len(values) > 1 else middle


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def times(ratio: float) -> str:
    return f"{short(ratio)} ×" if ratio == ratio else ""
