"""What an information criterion asks of a mode: how sure memberships are."""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import numpy as np

from mixtura.line import kernels as threads
from mixtura.line.records import Params
from mixtura.reading.chunks import over_chunks
from mixtura.reading.data import Points
from mixtura.rows import kernels
from mixtura.rows.records import Params as RowParams


def entropy(data: Points, params: Params | RowParams) -> float:
    """Entropy of memberships, summed over points: minus the sum of w r log r over points and components.

    log r is log weight + log normal density - log density of the mixture, all but the last quadratic in x, so the sum
    follows from the statistics of one look at the data.
    """
    if isinstance(params, RowParams):
        of_rows = params
        rows = reduce(add, over_chunks(lambda part: kernels.expected(part.x, part.weights, of_rows), data))
        counts, scatter, loglik, factors = rows.counts, rows.scatter, rows.loglik, params.factors
    else:
        column = params
        stats = reduce(add, over_chunks(lambda part: threads.expected(part, column), data))
        counts, loglik = stats.counts, stats.loglik
        scatter, factors = stats.scatter[:, None, None], params.scales[:, None, None]
    white = np.linalg.inv(factors)
    squares = (white @ scatter * white).sum((1, 2))
    heights = np.log(params.weights) - np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(1)
    joint = counts @ (heights - 0.5 * factors.shape[-1] * math.log(2 * math.pi)) - 0.5 * squares.sum()
    return max(0.0, float(loglik[0] - joint))
