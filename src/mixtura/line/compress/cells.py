"""One pass over the data: cells that follow the data's quantiles, Chebyshev moments of each, then Gauss rules.

A chunk is sorted, so that each cell's points lie together; its moments are sums, so chunks simply add up. The moments
of degree 0 .. 2m-1 are those of a measure on 2m Chebyshev points (signed weights, by interpolation), and Lanczos on
that gives the cell's Gauss rule, as it does for the union of two rules.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.line.compress.lanczos import gauss
from mixtura.line.compress.rules import Rules, occupied, within
from mixtura.line.compress.smoothness import cuts
from mixtura.line.records import Params
from mixtura.line.units import Units
from mixtura.reading.chunks import over_chunks
from mixtura.reading.data import Points

NODES = 5  # of each cell
CELLS = 512  # of equal probability
PARTS = 4  # into which each is cut, after those much wider than a neighbour have been halved
RUNS, RUN = 2048, 32  # the sample that places them: short runs of neighbours, evenly spaced over the file
REACH = 4.0  # standardised points lie within this of 0
NARROWEST = 2.0**-48  # the least width that counts
TINY = 1e-100  # stands for no width at all: the cell of a value of 0


class Moments(NamedTuple):
    """What one pass keeps of each cell; additive over points.

    Attributes
    ----------
    sums : array (2m, c)
        Weighted sums of the Chebyshev polynomials of degree 0 .. 2m-1 on each cell.
    low, high : array (c,)
        The least and the greatest point; inf and -inf where there is none.
    """

    sums: Floats
    low: Floats
    high: Floats


def fine(points: Points, units: Units, edges: Floats | None = None) -> Rules:
    """Gauss rules of narrow cells, from one pass over the points, in chunks, on all cores.

    Parameters
    ----------
    points : Points
        In the user's units; `units` are those of these points.
    edges : array (c + 1,), optional
        Where cells begin and end, in standardised units; by default they follow the data.
    """
    edges = cells_of(points, units) if edges is None else edges
    total = no_moments(edges.size - 1)
    for part in over_chunks(partial(moments, edges, units), points):
        np.add(total.sums, part.sums, out=total.sums)
        np.minimum(total.low, part.low, out=total.low)
        np.maximum(total.high, part.high, out=total.high)
    return rules_of(total, edges)


def apart(points: Points, units: Units) -> Rules:
    """Every value in a cell of its own: what `fine` would keep of few points, sooner."""
    x, place = np.unique(units.into(points.x), return_inverse=True)
    weights = np.bincount(place, points.weights).astype(float)
    return Rules(x, x, x[:, None], weights[:, None])


def refine(points: Points, units: Units, rules: Rules, params: Params, tolerance: float) -> Rules:
    """Fine rules anew, from another pass, with cells cut where log p is not smooth enough on them (see `coarsen`)."""
    rules = occupied(rules)
    ends = np.concatenate([rules.low, np.nextafter(rules.high, np.inf), [REACH]])
    return fine(points, units, np.unique(np.append(ends, cuts(rules, params, tolerance))))


def cells_of(points: Points, units: Units) -> Floats:
    """Edges (c + 1,) of cells: quantiles of a sample, out to where any point may lie, no cell much wider than the next.

    A value that many points share has a cell of its own.

    Examples
    --------
    >>> cells_of(Points(np.array([-3.0, -2.0, 2.0, 3.0]), np.ones(4)), Units(0.0, 1.0))[::4]
    array([-4., -3., -2.,  0.,  2.,  3.,  4.])
    """
    n = points.x.size
    starts = np.unique(np.linspace(0, max(n - RUN, 0), RUNS).astype(np.intp))
    rows = np.unique(starts[:, None] + np.arange(min(RUN, n)))
    sample = np.sort(units.into(points.x[rows]))
    quantiles, counts = np.unique(sample[:: max(sample.size // CELLS, 1)], return_counts=True)
    edges = graded(np.unique(np.concatenate([[-REACH], quantiles, sample[-1:], [REACH]])))
    parts = np.linspace(edges[:-1], edges[1:], PARTS, endpoint=False).ravel()
    return np.unique(np.concatenate([parts, np.nextafter(quantiles[counts > 1], np.inf), [REACH]]))


def graded(edges: Floats) -> Floats:
    """Edges with halves between them, until no cell is more than twice as wide as a neighbour.

    Examples
    --------
    >>> graded(np.array([0.0, 1.0, 9.0]))
    array([0., 1., 3., 5., 9.])
    """
    while True:
        width = np.maximum(np.diff(edges), NARROWEST)
        padded = np.concatenate([[np.inf], width, [np.inf]])
        wide = width > 2 * np.minimum(padded[:-2], padded[2:])
        if not wide.any():
            return edges
        edges = np.sort(np.concatenate([edges, (edges[:-1] + edges[1:])[wide] / 2]))


def moments(edges: Floats, units: Units, chunk: Points) -> Moments:
    """The moments of one chunk."""
    z, weights = units.into(chunk.x), chunk.weights
    if (weights == weights[0]).all():
        z.sort()
    else:
        order = np.argsort(z)
        z, weights = z[order], weights[order]
    ends = np.concatenate([[0], np.searchsorted(z, edges[1:-1]), [z.size]])
    some = ends[1:] > ends[:-1]
    first, last, counts = ends[:-1][some], ends[1:][some] - 1, np.diff(ends)[some]
    found = no_moments(edges.size - 1)
    found.low[some], found.high[some] = z[first], z[last]
    middle, quarter = (edges[1:] + edges[:-1])[some] / 2, np.maximum(np.diff(edges)[some] / 4, TINY)
    twice = (z - np.repeat(middle, counts)) * np.repeat(1 / quarter, counts)
    before, now = weights.copy(), 0.5 * twice * weights
    found.sums[0, some] = np.add.reduceat(before, first)
    for k in range(1, 2 * NODES):
        found.sums[k, some] = np.add.reduceat(now, first)
        np.subtract(twice * now, before, out=before)  # T[k+1] = 2 t T[k] - T[k-1]
        before, now = now, before
    return found


def no_moments(cells: int) -> Moments:
    """The moments of no points."""
    return Moments(np.zeros((2 * NODES, cells)), np.full(cells, np.inf), np.full(cells, -np.inf))


def rules_of(found: Moments, edges: Floats) -> Rules:
    """Each cell's Gauss rule from its moments."""
    some = found.sums[0] > 0
    degree, angle = np.arange(2 * NODES), np.pi * (2 * np.arange(2 * NODES)[::-1] + 1) / (4 * NODES)
    to_weights = np.cos(degree * angle[:, None]) * np.where(degree > 0, 2.0, 1.0) / (2 * NODES)
    middle, half = (edges[1:] + edges[:-1])[some, None] / 2, np.diff(edges)[some, None] / 2
    t, weights = np.tile(np.cos(angle), some.sum()), found.sums[:, some].T @ to_weights.T
    t, weights = gauss(t, weights.ravel(), np.arange(some.sum()) * 2 * NODES, NODES)
    rules = Rules(found.low, found.high, *np.zeros((2, edges.size - 1, NODES)))
    rules.x[some], rules.weights[some] = middle + half * t, weights
    return within(*rules)
