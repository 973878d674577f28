"""What a report shows, worked out from a fit: summaries whose size does not grow with the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mixtura.params import Floats
from mixtura.plots.histograms import bins
from mixtura.posterior import diagnose
from mixtura.report.check import Check, check_counts

if TYPE_CHECKING:
    from mixtura.fit import Fit

MOST_READ = 20_000  # points whose membership is worked out one by one
FEWEST = 4  # draws a chain, to judge them at all
SURE = 0.9


class Curves(NamedTuple):
    """Along x (g,): the posterior mean density, its band, and by component (k, g) what adds up to it, and membership."""

    x: Floats
    density: Floats
    lower: Floats
    upper: Floats
    parts: Floats
    membership: Floats


class Belonging(NamedTuple):
    """How points belong: of each component (k,) the points it most probably made; how many are sure; of how many read."""

    counts: Floats
    sure: float
    exact: bool


class Findings(NamedTuple):
    """All that the report of one column shows besides words: `estimates` and `traces` (p, c, s) go by the same names."""

    curves: Curves
    edges: Floats
    heights: Floats
    belonging: Belonging
    check: Check
    estimates: diagnose.Summary
    traces: dict[str, Floats]


def find(fit: Fit, prob: float) -> Findings:
    """Work out what the report of a fit shows."""
    heights, edges = bins(fit.x, fit.weights)
    counts = heights * np.diff(edges) * fit.weights.sum()
    rows = diagnose.rows_of(fit._record)
    return Findings(
        curves=_curves(fit, prob),
        edges=edges,
        heights=heights,
        belonging=_belonging(fit),
        check=check_counts(fit.params(), edges, counts.round(9), prob),
        estimates=diagnose.summarise(rows, prob),
        traces={name: draws for name, draws in rows.items() if np.ptp(draws) > 0 and fit.shape[1] >= FEWEST},
    )


def _curves(fit: Fit, prob: float) -> Curves:
    found = fit.density(prob=prob)
    x = found.x.to_numpy()
    values = (found[name].to_numpy() for name in ("density", "lower", "upper", "component_density"))
    return Curves(x, *values, fit.predict_proba(x).T)


def _belonging(fit: Fit) -> Belonging:
    """Memberships of all points, or, if they are many, of as many at even steps through the sorted ones."""
    x, weights = fit.x, fit.weights
    exact = x.size <= MOST_READ
    if not exact:
        order = np.argsort(x)
        passed = np.cumsum(weights[order])
        steps = (np.arange(MOST_READ) + 0.5) / MOST_READ * passed[-1]
        x = x[order[np.searchsorted(passed, steps)]]
        weights = np.full(MOST_READ, passed[-1] / MOST_READ)
    shares = fit.predict_proba(x)
    counts = np.bincount(shares.argmax(1), weights, fit.n_components)
    return Belonging(counts, float(weights[shares.max(1) >= SURE].sum()), exact)

