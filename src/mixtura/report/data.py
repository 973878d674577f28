"""The numbers behind the charts, ready for JSON: columns of rounded numbers, which the page lays out as rows."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mixtura.params import Floats
from mixtura.plots.ranks import differences
from mixtura.report.findings import Findings
from mixtura.report.numerals import counted, number

Columns = dict[str, Any]
DIGITS = 4
SEEN = 2e-3  # of the highest density: less of a component is not drawn
MOST_MARKS = 40_000  # of all trace plots together
RANKS = 100  # places along a rank plot
ROOM = 0.12  # of a component's share at its best place, to write its number there


def curves(found: Findings) -> Columns:
    """The density chart's and the membership chart's numbers."""
    at = found.curves
    x, first = np.unique(short(at.x), return_index=True)  # a place named twice would stack twice
    seen = np.where(at.parts > SEEN * at.density.max(), at.parts, np.nan)[:, first]
    return {
        "x": x.tolist(), "density": short(at.density[first]), "lower": short(at.lower[first]),
        "upper": short(at.upper[first]), "parts": [short(part) for part in seen],
        "membership": [short(share) for share in at.membership[:, first]],
    }  # fmt: skip


def bars(found: Findings) -> Columns:
    """The histogram."""
    return {"low": short(found.edges[:-1]), "high": short(found.edges[1:]), "height": short(found.heights)}


def bins(found: Findings) -> Columns:
    """The posterior predictive check."""
    check = found.check
    return {
        "low": short(check.edges[:-1]), "high": short(check.edges[1:]),
        "x": short((check.edges[1:] + check.edges[:-1]) / 2), "count": short(check.counts),
        "lower": short(check.low), "median": short(check.middle), "upper": short(check.high),
        "outside": check.outside.tolist(),
    }  # fmt: skip


def names(found: Findings) -> Columns:
    """Where in the stack of memberships each component's number stands: the middle of where it is nearly its largest."""
    share, x = found.curves.membership, found.curves.x
    below = np.cumsum(share, axis=0) - share / 2
    at = [int(np.median(np.flatnonzero(row >= 0.98 * row.max()))) for row in share]
    shown = [j for j, i in enumerate(at) if share[j, i] >= ROOM]
    return {
        "component": shown, "x": short(np.array([x[at[j]] for j in shown])),
        "middle": short(np.array([below[j, at[j]] for j in shown])),
    }  # fmt: skip


def traces(found: Findings) -> list[Columns]:
    """Each parameter's draws by chain, every so many of them, and its rank plot."""
    step = -(-sum(draws.size for draws in found.traces.values()) // MOST_MARKS)
    rows, kept = dict(found.estimates.rows()), []
    for name, draws in found.traces.items():
        uniform, lines, band = differences(draws, RANKS)
        kept.append({
            "name": name, "trust": trust(rows[name]), "step": step, "draws": [short(chain, 3) for chain in draws[:, ::step]],
            "uniform": short(uniform, 3), "ranks": [short(line, 3) for line in lines], "band": round(band, 4),
        })  # fmt: skip
    return kept


def trust(row: dict[str, float]) -> str:
    """How far one parameter's draws can be trusted."""
    effective = f"{counted(round(min(row['ess_bulk'], row['ess_tail'])), 'effective draw')}"
    return f"{effective}, R-hat {number(row['r_hat'], 3)}" if math.isfinite(row["r_hat"]) else effective


def start(found: Findings) -> float:
    """Where to ask for membership first: where most points lie that could belong elsewhere too."""
    unclear = (1 - found.curves.membership.max(0)) * found.curves.density
    inside = (found.curves.x >= found.edges[0]) & (found.curves.x <= found.edges[-1])
    return float(found.curves.x[np.argmax(np.where(inside, unclear + 1e-9 * found.curves.density, -1.0))])


def short(values: Floats, digits: int = DIGITS) -> list[float | None]:
    """Numbers rounded to so many digits of the distance between them; what is not finite becomes null.

    >>> short(np.array([1000000.123, 1000001.0, np.nan]), 2)
    [1000000.12, 1000001.0, None]
    """
    finite = values[np.isfinite(values)]
    span = float(np.ptp(finite)) if finite.size else 0.0
    places = digits - math.ceil(math.log10(span or abs(float(finite.max(initial=0.0))) or 1.0))
    return [round(v, places) if math.isfinite(v) else None for v in values.tolist()]
