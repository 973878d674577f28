"""Pairs of features, ready to be drawn: some points, and the moments that ellipses are made of."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.plots.planes import windows_of
from mixtura.posterior.thinning import evenly_spaced
from mixtura.rows.records import Params

if TYPE_CHECKING:
    from mixtura.fit import Fit

MOST_POINTS = 1000
SPREAD = 15  # draws whose ellipses are drawn


class Cloud(NamedTuple):
    """Points and components in some f features.

    Attributes
    ----------
    points : array (m, f)
        The data, or as many of them as a picture holds, chosen at random.
    shares : array (3, m, k)
        Their memberships: posterior means and the ends of their bands.
    means, covariances : array (1 + draws, k, f), (1 + draws, k, f, f)
        Moments of each component: the posterior means, then those of some draws.
    rows : array (m,)
        Which of the data each point is.
    spans : array (f, 2)
        What is shown of each feature.
    """

    points: Floats
    shares: Floats
    means: Floats
    covariances: Floats
    rows: NDArray[np.intp]
    spans: Floats


def cloud_of(fit: Fit, params: Params, features: NDArray[np.intp], prob: float) -> Cloud:
    """What is drawn of pairs of these features."""
    n, (k, d) = len(fit.x), params.means.shape[-2:]
    rows = np.arange(n)
    if n > MOST_POINTS:
        rows = np.sort(np.random.default_rng(0).choice(n, MOST_POINTS, replace=False))
    means = params.means.reshape(-1, k, d)[..., features]
    factors = params.factors.reshape(-1, k, d, d)[..., features, :]
    covariances = factors @ np.swapaxes(factors, -1, -2)
    seen = evenly_spaced(len(means), min(SPREAD, len(means)))
    shares = fit.membership(fit.x[rows], prob)
    return Cloud(
        fit.x[rows][:, features],
        np.stack([shares[name].to_numpy() for name in ("probability", "lower", "upper")]),
        np.concatenate([means.mean(0)[None], means[seen]]),
        np.concatenate([covariances.mean(0)[None], covariances[seen]]),
        rows,
        np.array([[one.low, one.high] for one in windows_of(fit, [fit.features[f] for f in features])]),
    )


def separation(params: Params) -> Floats:
    """How far apart components are in each feature (d,): the share of variance between them, at the posterior mean."""
    weights, means = params.weights.mean((0, 1)), params.means.mean((0, 1))
    within = weights @ (params.scales**2).mean((0, 1))
    between = weights @ (means - weights @ means / weights.sum()) ** 2
    share: Floats = between / (between + within)
    return share
