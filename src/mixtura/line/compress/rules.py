"""Rules: what is kept of the points, a few weighted nodes per cell; those of one cell merge."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.line.compress.lanczos import gauss
from mixtura.reading.data import Points


class Rules(NamedTuple):
    """Gauss rules of c cells, m nodes each, in standardised units.

    Attributes
    ----------
    low, high : array (c,)
        The least and the greatest point of each cell; inf and -inf where there is none.
    x, weights : array (c, m)
        Nodes within them and their weights; a weight of 0 marks a node that is not used.
    """

    low: Floats
    high: Floats
    x: Floats
    weights: Floats


def within(low: Floats, high: Floats, x: Floats, weights: Floats) -> Rules:
    """Rules whose nodes, where rounding put them outside, are moved to the nearest point."""
    return Rules(low, high, np.clip(x, low[:, None], high[:, None]), weights)


def merge(a: Rules, b: Rules) -> Rules:
    """The rules of two data sets together, over the same cells: Lanczos on the union of the nodes.

    Associative and commutative, but for rounding: a Gauss rule keeps all the moments that its own making needs.
    """
    low, high = np.minimum(a.low, b.low), np.maximum(a.high, b.high)
    x, weights = np.hstack([a.x, b.x]), np.hstack([a.weights, b.weights])
    (cells, size), used = a.x.shape, weights.sum(1) > 0
    merged = Rules(low, high, np.zeros((cells, size)), np.zeros((cells, size)))
    x = np.where(weights > 0, x, low[:, None])[used]
    starts = np.arange(used.sum()) * 2 * size
    merged.x[used], merged.weights[used] = gauss(x.ravel(), weights[used].ravel(), starts, size)
    return within(*merged)


def occupied(rules: Rules) -> Rules:
    """The rules of those cells that hold points."""
    return Rules(*(block[rules.weights.sum(1) > 0] for block in rules))


def nodes(rules: Rules) -> Points:
    """All nodes as weighted points, in ascending order."""
    used = rules.weights > 0
    return Points(rules.x[used], rules.weights[used])
