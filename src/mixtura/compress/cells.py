"""One pass over the data: cells that follow the data's quantiles, Chebyshev moments of each, then Gauss rules.

A chunk is sorted, so that each cell's points lie together; its moments are sums, so chunks simply add up. The moments
of degree 0 .. 2m-1 are those of a measure on 2m Chebyshev points (signed weights, by interpolation), and Lanczos on
that gives the cell's Gauss rule, as it does for the union of two rules.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np

from mixtura.chunks import over_chunks
from mixtura.compress.lanczos import gauss
from mixtura.compress.rules import Rules, occupied, within
from mixtura.compress.smoothness import pieces
from mixtura.data import Points
from mixtura.params import Floats, Params
from mixtura.units import Units

NODES = 5  # of each cell
CELLS = 2048  # of equal probability, before wide ones are halved
RUNS, RUN = 2048, 32  # the sample that places them: short runs of neighbours, evenly spaced over the file
GROWTH = 2.0  # no cell is wider than this many times a neighbour
NARROWEST = 2.0**-48  # what counts as a width, where standardised points lie in (-4, 4)
REACH = 4.0


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
    c = edges.size - 1
    total = Moments(np.zeros((2 * NODES, c)), np.full(c, np.inf), np.full(c, -np.inf))
    for part in over_chunks(partial(moments, edges, units), points):
        np.add(total.sums, part.sums, out=total.sums)
        np.minimum(total.low, part.low, out=total.low)
        np.maximum(total.high, part.high, out=total.high)
    return rules_of(total, edges)


def refine(points: Points, units: Units, rules: Rules, params: Params, tolerance: float) -> Rules:
    """Fine rules anew, from another pass, with cells cut where log p is not smooth enough on them (see `coarsen`)."""
    rules = occupied(rules)
    parts = pieces(rules, params, tolerance)
    first = np.repeat(np.cumsum(parts) - parts, parts)
    share = (np.arange(parts.sum()) - first) / np.repeat(parts, parts)
    inner = np.repeat(rules.low, parts) + share * np.repeat(rules.high - rules.low, parts)
    return fine(points, units, np.unique(np.append(inner, REACH)))


def cells_of(points: Points, units: Units) -> Floats:
    """Edges (c + 1,) of cells: quantiles of a sample, out to where any point may lie, no cell much wider than the next.

    Examples
    --------
    >>> x = np.array([-4.0, -3.9, 3.0, 4.0])
    >>> cells_of(Points(x, np.ones(4)), Units(0.0, 1.0)).round(2)[-9:]
    """
    n = points.x.size
    starts = (np.arange(RUNS) * max(n // RUNS, RUN))[: -(-n // RUN)]
    rows = np.minimum((starts[:, None] + np.arange(RUN)).ravel(), n - 1)
    sample = np.unique(units.into(points.x[rows])) if n <= RUNS * RUN else np.sort(units.into(points.x[rows]))
    edges = np.append(sample[:: max(sample.size // CELLS, 1)], sample[-1])
    return graded(np.unique(np.concatenate([[-REACH], edges, [REACH]])))


def graded(edges: Floats) -> Floats:
    """Edges with more between them, until no cell is wider than GROWTH times a neighbour."""
    while True:
        width = np.maximum(np.diff(edges), NARROWEST)
        padded = np.concatenate([[np.inf], width, [np.inf]])
        wide = width > GROWTH * np.minimum(padded[:-2], padded[2:])
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
    cuts = np.searchsorted(z, edges[1:-1])
    first, counts = np.concatenate([[0], cuts]), np.diff(np.concatenate([[0], cuts, [z.size]]))
    some = counts > 0
    first, counts = first[some], counts[some]
    c = edges.size - 1
    found = Moments(np.zeros((2 * NODES, c)), np.full(c, np.inf), np.full(c, -np.inf))
    found.low[some], found.high[some] = z[first], z[first + counts - 1]
    middle, inverse = (edges[1:] + edges[:-1])[some] / 2, 2.0 / np.diff(edges)[some]
    twice = 2.0 * (z - np.repeat(middle, counts)) * np.repeat(inverse, counts)
    before, now = weights, 0.5 * twice * weights
    found.sums[0, some] = np.add.reduceat(before, first)
    for k in range(1, 2 * NODES):  # T[k+1] = 2 t T[k] - T[k-1]
        found.sums[k, some] = np.add.reduceat(now, first)
        before, now = now, twice * now - before
    return found


def rules_of(found: Moments, edges: Floats) -> Rules:
    """Each cell's Gauss rule from its moments."""
    some = found.sums[0] > 0
    degree, angle = np.arange(2 * NODES), np.pi * (2 * np.arange(2 * NODES)[::-1] + 1) / (4 * NODES)
    to_weights = np.cos(degree * angle[:, None]) * np.where(degree > 0, 2.0, 1.0) / (2 * NODES)
    middle, half = (edges[1:] + edges[:-1])[some, None] / 2, np.diff(edges)[some, None] / 2
    x, weights = middle + half * np.cos(angle), found.sums[:, some].T @ to_weights.T
    rules = Rules(found.low, found.high, *np.zeros((2, edges.size - 1, NODES)))
    rules.x[some], rules.weights[some] = gauss(x.ravel(), weights.ravel(), np.arange(some.sum()) * 2 * NODES, NODES)
    return within(*rules)
