"""Posterior predictive checks: of counts in bins, exact at any number of points for the cost of the bins; of rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.lattice import lattice_of
from mixtura.line.records import Params
from mixtura.posterior import predict, rows
from mixtura.rows.records import Params as RowParams

DRAWS, MOST_ROWS = 200, 2000  # of the check of rows
MOST_COUNTED = 1e9  # from which on numpy draws no points without putting them back; then that makes no difference


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

    Of rounded data edges lie halfway between points of their lattice, and draws are those `behind` them: what is
    simulated is rounded then.

    How far counts stray is the Freeman-Tukey statistic, which sparse bins do not upset (Gelman, Meng & Stern 1996 for
    the check, Brooks, Catchpole & Morgan 2000 for the statistic).
    """
    n = round(float(counts.sum()))
    shares = predict.shares_between(edges[1:-1], params)
    simulated = np.random.default_rng(seed).multinomial(n, shares)
    expected = np.sqrt(n * shares)
    strayed, ours = (((np.sqrt(found) - expected) ** 2).sum(1) for found in (simulated, counts))
    low, middle, high = np.quantile(simulated, [(1 - prob) / 2, 0.5, (1 + prob) / 2], axis=0)
    return Check(edges, counts, low, middle, high, float((strayed >= ours).mean()))


def check_density(
    x: Floats, weights: Floats, params: RowParams, seed: int = 0, latent: RowParams | None = None
) -> float:
    """Share of data sets, each simulated from one draw, whose points are on average less probable than the data's.

    The joint check of rows, of which `check_counts` sees one feature at a time: the discrepancy is the mean log density
    under the draw. Of many points, MOST_ROWS drawn at random stand for all, and simulated data sets are as large; each
    feature is rounded as the data are, from draws that are `latent` behind these.
    """
    rng = np.random.default_rng(seed)
    draws = rows.evenly(params, DRAWS)
    lattices = [lattice_of(column) for column in x.T]
    x, less = some_points(x, weights, rng), 0
    for s, simulated in enumerate(rows.replicate(draws if latent is None else latent, DRAWS, len(x), rng)):
        draw = RowParams(*(block[None, s : s + 1] for block in draws))
        for column, lattice in zip(simulated.T, lattices, strict=True):
            column[:] = column if lattice is None else lattice.rounded(column)
        theirs, ours = (rows.log_likelihood(points, draw).mean() for points in (simulated, x))
        less += int(theirs < ours)
    return float(less / len(draws.weights))


def some_points(x: Floats, weights: Floats, rng: np.random.Generator) -> Floats:
    """All points, each as often as it was seen, or MOST_ROWS of them, none twice; drawn by weight if no counts.

    >>> some_points(np.array([[1.0], [5.0]]), np.array([1.0, 3.0]), np.random.default_rng(0)).ravel()
    array([1., 5., 5., 5.])
    """
    total = float(weights.sum())
    most = min(max(round(total), 1), MOST_ROWS)
    if (weights != np.round(weights)).any() or total > MOST_COUNTED:
        return x[rng.choice(len(x), most, p=weights / total)]
    counts = weights.astype(np.int64)
    if total > most:
        counts = rng.multivariate_hypergeometric(counts, most, method="marginals")
    return np.repeat(x, counts, axis=0)
