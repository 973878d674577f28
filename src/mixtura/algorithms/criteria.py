"""What information criteria ask of a mode: how many parameters are free, how sure memberships are."""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import numpy as np

from mixtura.covariance import has_correlations, scales_shape
from mixtura.line import kernels as threads
from mixtura.line.records import Params
from mixtura.model import GaussianMixture
from mixtura.priors import Fixed
from mixtura.reading.chunks import over_chunks
from mixtura.reading.data import Points
from mixtura.rows import kernels
from mixtura.rows.records import Params as RowParams


def n_parameters(model: GaussianMixture) -> int:
    """Number of free weights, means and (co)variances; what priors leave unknown beside (a rate) is not counted.

    Examples
    --------
    >>> import mixtura as mx
    >>> n_parameters(mx.GaussianMixture(n_components=3, n_features=2)), n_parameters(mx.GaussianMixture(n_components=3))
    (17, 8)
    """
    k, d, structure = model.n_components, model.n_features or 1, model.covariance
    matrices = 1 if structure == "tied" else k
    spread = model.scales or model.variances or model.covariances
    counts = [
        (k - 1, model.weights),
        (k * d, model.means),
        (math.prod(scales_shape(structure, k, d)), spread),
        (matrices * d * (d - 1) // 2 if has_correlations(structure) else 0, model.covariances),
    ]
    return sum(count for count, prior in counts if not isinstance(prior, Fixed))


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
