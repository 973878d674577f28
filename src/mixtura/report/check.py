"""Posterior predictive checks: of counts in bins, exact at any number of points for the cost of the bins; of rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.multivariate.records import Params as RowParams
from mixtura.params import Floats, Params
from mixtura.posterior import predict, rows

DRAWS, MOST_ROWS = 200, 2000  # of the check of rows


class Check(NamedTuple):
    """Data beside data sets simulated from the posterior, in b bins of which the outermost are open.

    Attributes
    ----------
    edges : array (b + 1,)
        Where bins begin and end.
    counts : array (b,)
        Points of the data in each.
    low, middle, high : array (b,)
        Quantiles of the simulated data sets' counts.
    p : float
        Share of the simulated data sets that stray at least as far from what their parameters expect as the data do.
    """

    edges: Floats
    counts: Floats
    low: Floats
    middle: Floats
    high: Floats
    p: float

    @property
    def outside(self) -> np.ndarray:
        """Whether each bin's count (b,) lies outside the simulated ones' interval."""
        return (self.counts < self.low) | (self.counts > self.high)


def check_counts(params: Params, edges: Floats, counts: Floats, prob: float, seed: int = 0) -> Check:
    """One data set per draw (c, s), simulated as counts: multinomial, with the probabilities of that draw's bins.

    How far counts stray is the Freeman-Tukey statistic, which sparse bins do not upset (Gelman, Meng & Stern 1996 for
    the check, Brooks, Catchpole & Morgan 2000 for the statistic).
    """
    from scipy.special import ndtr

    draws, n = predict.flat(params), round(float(counts.sum()))
    z = (edges[1:-1, None, None] - draws.means) / draws.scales
    below = (draws.weights * ndtr(z)).sum(-1).T / draws.weights.sum(-1, keepdims=True)
    shares = np.clip(np.diff(below, axis=1, prepend=0.0, append=1.0), 0.0, None)
    shares /= shares.sum(1, keepdims=True)
    simulated = np.random.default_rng(seed).multinomial(n, shares)
    expected = np.sqrt(n * shares)
    strayed, ours = (((np.sqrt(found) - expected) ** 2).sum(1) for found in (simulated, counts))
    low, middle, high = np.quantile(simulated, [(1 - prob) / 2, 0.5, (1 + prob) / 2], axis=0)
    return Check(edges, counts, low, middle, high, float((strayed >= ours).mean()))


def check_density(x: Floats, weights: Floats, params: RowParams, seed: int = 0) -> float:
    """Share of data sets, each simulated from one draw, whose points are on average less probable than the data's.

    The joint check of rows, of which `check_counts` sees one feature at a time: the discrepancy is the mean log density
    under the draw. Of many rows, MOST_ROWS drawn at random stand for all, and simulated data sets are as large.
    """
    rng = np.random.default_rng(seed)
    draws = rows.evenly(params, DRAWS)
    if len(x) > MOST_ROWS or (weights != 1).any():
        x = x[rng.choice(len(x), min(len(x), MOST_ROWS), p=weights / weights.sum())]
    less = 0
    for s, simulated in enumerate(rows.replicate(draws, None, len(x), rng)):
        draw = RowParams(*(block[None, s : s + 1] for block in draws))
        theirs, ours = (rows.log_likelihood(points, draw).mean() for points in (simulated, x))
        less += int(theirs < ours)
    return float(less / len(draws.weights))
