"""The numbers behind the charts, ready for JSON: columns of rounded numbers, which the page lays out as rows."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np

from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.plots.ranks import differences
from mixtura.posterior.diagnose import r_hat_text
from mixtura.report.findings import Column, Findings
from mixtura.report.numerals import counted, split_unit
from mixtura.report.pairs import Cloud

Columns = dict[str, Any]
DIGITS = 4
SEEN = 2e-3  # of the highest density: less of a component is not drawn
MOST_TRACES = 30
MOST_MARKS = 40_000  # of all trace plots together
RANKS = 100  # places along a rank plot
HIGHEST = 1.5  # times the posterior's height: what is seen of a prior
ROOM = 0.12  # a component's share at its best place, to write its number there


def column(found: Column) -> Columns:
    """One feature's charts."""
    at, check = found.curves, found.check
    x, first = np.unique(np.array(short(at.x), float), return_index=True)  # a place named twice would stack twice
    seen = np.where(at.parts > SEEN * at.density.max(), at.parts, np.nan)[:, first]
    return {
        "name": found.name, "unit": split_unit(found.name)[1],
        "span": short(np.array([min(x[0], found.edges[0]), max(x[-1], found.edges[-1])])),
        "curves": {
            "x": x.tolist(), "density": short(at.density[first]), "lower": short(at.lower[first]),
            "upper": short(at.upper[first]), "parts": [short(part) for part in seen],
            "membership": [[short(share, 3) for share in each] for each in at.membership[:, :, first]],
        },
        "bars": {"low": short(found.edges[:-1]), "high": short(found.edges[1:]), "height": short(found.heights)},
        "bins": {
            "low": short(check.edges[:-1]), "high": short(check.edges[1:]),
            "x": short((check.edges[1:] + check.edges[:-1]) / 2), "count": short(check.counts),
            "lower": short(check.low), "median": short(check.middle), "upper": short(check.high),
            "outside": check.outside.tolist(),
        },
        "names": _names(found), "start": _start(found),
    }  # fmt: skip


def cloud(found: Cloud) -> Columns:
    """Points and ellipses of pairs of features."""
    return {
        "points": [short(values, span=np.ptp(ends)) for values, ends in zip(found.points.T, found.spans, strict=True)],
        "rows": found.rows.tolist(),
        "spans": [short(ends) for ends in found.spans],
        "shares": [[short(shares, 3) for shares in each.T] for each in found.shares],
        "means": [[_within(mean, found.spans) for mean in means] for means in found.means],
        "covariances": [
            [[[float(f"{v:.{DIGITS + 1}g}") for v in row] for row in matrix] for matrix in some]
            for some in found.covariances
        ],
    }  # fmt: skip


def _within(place: Floats, spans: Floats) -> list[float | None]:
    """One number of each feature (f,), rounded to digits of what is shown of it."""
    return [short(np.array([v]), span=np.ptp(ends))[0] for v, ends in zip(place, spans, strict=True)]


def traces(found: Findings, model: GaussianMixture) -> list[Columns]:
    """Draws by chain, every so many of them, and ranks: of each parameter, or the worst if there are many."""
    rows = dict(found.estimates.rows())
    worst = sorted(found.traces, key=lambda name: min(rows[name]["ess_bulk"], rows[name]["ess_tail"]))[:MOST_TRACES]
    kept = {name: draws for name, draws in found.traces.items() if name in worst}
    step, traces = -(-sum(draws.size for draws in kept.values()) // MOST_MARKS), []
    for name, draws in kept.items():
        uniform, lines, band = differences(draws, RANKS)
        traces.append({
            "name": name, "component": component_of(name, model), "trust": trust(rows[name]), "step": step,
            "draws": [short(chain, 3) for chain in draws[:, ::step]], "uniform": short(uniform, 3),
            "ranks": [short(line, 3) for line in lines], "band": round(band, 4),
        })  # fmt: skip
    return traces


def priors(found: Findings, model: GaussianMixture) -> list[Columns]:
    """Densities before the data and after; of a prior that is much higher, as much as has room."""
    return [
        {
            "name": name, "component": component_of(name, model), "x": short(x), "posterior": short(after, 3),
            "prior": short(np.minimum(before, HIGHEST * after.max()), 3),
        }
        for name, x, after, before in found.priors
    ]  # fmt: skip


def component_of(name: str, model: GaussianMixture) -> int | None:
    """Which component a parameter is of, going by its name in the summary.

    >>> component_of("mean[1,length]", GaussianMixture(n_components=2))
    1
    """
    found = re.match(r"(weight|mean|scale|covariance)\[(\d+)[],]", name)
    if found is None or (found[1] in ("scale", "covariance") and model.structure.shared):
        return None
    return int(found[2])


def trust(row: dict[str, float]) -> str:
    """How far one parameter's draws can be trusted."""
    effective = f"{counted(round(min(row['ess_bulk'], row['ess_tail'])), 'effective draw')}"
    return f"{effective}, R-hat {r_hat_text(row['r_hat'])}" if not math.isnan(row["r_hat"]) else effective


def _names(found: Column) -> Columns:
    """Where along the memberships each component's number stands: amid where it is nearly its largest."""
    share, x = found.curves.membership[0], found.curves.x
    at = [int(np.median(np.flatnonzero(row >= 0.98 * row.max()))) for row in share]
    shown = [j for j, i in enumerate(at) if share[j, i] >= ROOM]
    return {
        "component": shown, "x": short(np.array([x[at[j]] for j in shown])),
        "share": short(np.array([share[j, at[j]] for j in shown])),
    }  # fmt: skip


def _start(found: Column) -> float:
    """Where to ask for membership first: where most points lie that could belong elsewhere too."""
    at = found.curves
    unclear = (1 - at.membership[0].max(0)) * at.density
    inside = (at.x >= found.edges[0]) & (at.x <= found.edges[-1])
    return float(at.x[np.argmax(np.where(inside, unclear + 1e-9 * at.density, -1.0))])


def short(values: Floats, digits: int = DIGITS, span: float = 0.0) -> list[float | None]:
    """Numbers rounded to so many digits of a span, by default the distance between them; null if not finite.

    >>> short(np.array([1000000.123, 1000001.0, np.nan]), 2)
    [1000000.12, 1000001.0, None]
    """
    finite = values[np.isfinite(values)]
    span = span or (float(np.ptp(finite)) if finite.size else 0.0)
    places = digits - math.ceil(math.log10(span or abs(float(finite.max(initial=0.0))) or 1.0))
    return [round(v, places) if math.isfinite(v) else None for v in values.tolist()]
