"""What a report shows, worked out from a fit: summaries whose size does not grow with the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.lattice import lattice_of
from mixtura.line.records import Params
from mixtura.plots import windows
from mixtura.plots.histograms import bins
from mixtura.plots.windows import window
from mixtura.posterior import curves, diagnose, predict, rows
from mixtura.posterior.membership import in_doubt, spread
from mixtura.posterior.unrounded import behind, behind_column
from mixtura.posterior.variables import Draws, along
from mixtura.report.check import DRAWS, Check, check_counts, check_density
from mixtura.report.pairs import Cloud, cloud_of, separation
from mixtura.report.priors import Beside, beside
from mixtura.rows.records import Params as RowParams

if TYPE_CHECKING:
    from mixtura.fit import Fit

MOST_READ = 20_000  # points whose membership is worked out one by one
MOST_FEATURES = 12  # that get pictures
FEWEST = 4  # draws a chain, to judge them at all
SURE = 0.9
MOST_DOUBTFUL = 8  # points named


class Curves(NamedTuple):
    """Along x (g,): posterior mean density, its band, and by component (k, g) what adds up to it.

    `membership` (3, k, g) holds the posterior mean of each component's probability there, and the ends of its band.
    """

    x: Floats
    density: Floats
    lower: Floats
    upper: Floats
    parts: Floats
    membership: Floats


class Column(NamedTuple):
    """One feature: its name, the curves of its (marginal) density, its histogram, the check, and what is not seen."""

    name: str
    curves: Curves
    edges: Floats
    heights: Floats
    check: Check
    note: str


class Belonging(NamedTuple):
    """Points that each component (k,) most probably made, how many points are sure, and whether all were read."""

    counts: Floats
    sure: float
    exact: bool


class Doubt(NamedTuple):
    """Points (m,) whose component is least sure: their rows, values (m, ...), memberships (3, m, k) as in Curves."""

    rows: NDArray[np.intp]
    points: Floats
    membership: Floats


class Findings(NamedTuple):
    """All that a report shows besides words.

    Attributes
    ----------
    columns : tuple of Column
        The features, those first that tell components apart most.
    belonging : Belonging
        Which points are most probably whose.
    doubt : Doubt
        The most doubtful points, the most doubtful first.
    estimates : Summary
        The posterior's table.
    traces : dict of array (c, s)
        Draws of each parameter that moves, by its name in `estimates`.
    priors : list of Beside
        Densities of parameters before the data and after.
    cloud : Cloud, optional
        Of rows: what is drawn of pairs of features.
    likely : float, optional
        Of rows: the share of simulated data sets that are less probable than the data.
    """

    columns: tuple[Column, ...]
    belonging: Belonging
    doubt: Doubt
    estimates: diagnose.Summary
    traces: dict[str, Floats]
    priors: list[Beside]
    cloud: Cloud | None
    likely: float | None


def find(fit: Fit, prob: float) -> Findings:
    """Work out what the report of a fit shows."""
    params, each = fit._record.params, diagnose.rows_of(fit._record)
    order, cloud, likely = np.zeros(1, np.intp), None, None
    if isinstance(params, RowParams):
        order = np.argsort(-separation(params), kind="stable")[:MOST_FEATURES]
        cloud, some = cloud_of(fit, params, order, prob), rows.evenly(params, DRAWS)
        latent = behind(some, fit._record, [lattice_of(column, fit.weights) for column in fit.x.T])
        likely = check_density(*fit._record.data, some, latent=latent)
    belonging, doubt = _belonging(fit, prob)
    traces = {name: draws for name, draws in each.items() if np.ptp(draws) > 0 and draws.shape[1] >= FEWEST}
    return Findings(
        columns=tuple(_column(fit, int(feature), prob) for feature in order),
        belonging=belonging,
        doubt=doubt,
        estimates=diagnose.summarise(each, prob),
        traces=traces,
        priors=beside(fit, traces),
        cloud=cloud,
        likely=likely,
    )


def _column(fit: Fit, feature: int, prob: float) -> Column:
    """What is shown of one feature."""
    params = along(fit._record.params, feature)
    values = fit.x if fit.x.ndim == 1 else np.ascontiguousarray(fit.x[:, feature])
    name = fit.name if fit.x.ndim == 1 else fit.features[feature]
    shown = window(values, None, fit.weights)
    heights, edges = seen_bins(values, fit.weights, shown)
    counts = np.histogram(np.clip(values, edges[0], edges[-1]), edges, weights=fit.weights)[0].astype(float)
    grid = places(values, params, shown)
    found = curves.density(predict, grid, params, (name,), prob)
    density, lower, upper, parts = (
        found[part].to_numpy() for part in ("density", "lower", "upper", "component_density")
    )
    shares = banded(grid, params, (name,), prob)
    seen = Curves(grid, density, lower, upper, parts, np.moveaxis(shares, 2, 1))
    latent = behind_column(fit._record.params, fit._record, feature, lattice_of(values, fit.weights))
    return Column(name, seen, edges, heights, check_counts(latent, edges, counts, prob), shown.note)


def places(values: Floats, params: Params, shown: windows.Window) -> Floats:
    """Where curves are worked out: over the data, or over what is shown of them."""
    return windows.grid(shown, params.means, params.scales) if shown.note else curves.grid(values, params)


def seen_bins(values: Floats, weights: Floats, shown: windows.Window) -> tuple[Floats, Floats]:
    """Density of the data in bins of what is shown, and the bins' edges."""
    inside = shown.holds(values)
    heights, edges = bins(values[inside], weights[inside])
    return heights * (weights[inside].sum() / weights.sum()), edges


def banded(points: Floats, params: Draws, features: tuple[str, ...], prob: float) -> Floats:
    """Memberships (3, m, k) of points: posterior mean and the ends of the band of its draws."""
    answers = predict if isinstance(params, Params) else rows
    found = spread(points, params, answers.membership(points, params), features, prob)
    return np.stack([found[name].to_numpy() for name in ("probability", "lower", "upper")])


def _belonging(fit: Fit, prob: float) -> tuple[Belonging, Doubt]:
    """Memberships of all points, or, if they are many, of as many drawn at random by their weights."""
    x, weights = fit._record.data
    exact, seen = len(x) <= MOST_READ, np.arange(len(x))
    if not exact:
        seen = np.random.default_rng(0).choice(len(x), MOST_READ, p=weights / weights.sum())
        x, weights = x[seen], np.full(MOST_READ, weights.sum() / MOST_READ)
    shares = fit._record.answers.membership(np.ascontiguousarray(x), fit._record.params)
    counts: Floats = np.bincount(shares.argmax(1), weights, fit.n_components).astype(float)
    _, first = np.unique(seen, return_index=True)  # a point drawn twice is named once
    doubtful = first[in_doubt(shares[first], MOST_DOUBTFUL)]
    doubt = Doubt(seen[doubtful], x[doubtful], banded(x[doubtful], fit._record.params, fit.features, prob))
    return Belonging(counts, float(weights[shares.max(1) >= SURE].sum()), exact), doubt
