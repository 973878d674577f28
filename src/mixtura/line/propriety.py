"""Whether repeated values make a posterior improper: a component may sit on them and shrink, without end.

Let j components of k collapse, their scales of order e, onto values repeated m_1 .. m_j times. The likelihood grows as
the product of e**-(m_i - 1), the volume of their means included. A prior whose density of each scale rises as e**(a-1)
contributes e**(a j); Richardson & Green's, whose rate can follow the scales down, e**(2 (alpha (k - j) + g)), where g
is the shape of the rate's Gamma. The posterior is proper only where the prior wins. All k can collapse together only
if no point is left over.
"""

from __future__ import annotations

import math

import numpy as np

from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.priors import Fixed, InverseGamma
from mixtura.reading.data import Points

KEEPS_WIDE = (
    "Leave scales, variances and covariances out for the default prior, which keeps every width from 0; or give the "
    "prior whose level is unknown a floor=, or a level that is known."
)
MOST = 1 << 20  # points that are looked through for equal ones


def distinct(points: Points) -> Points:
    """Each value once, in order, with how often it occurs; of more than MOST points every so manyth is looked at.

    >>> from mixtura.reading.data import points
    >>> distinct(points([2, 1, 2, 5]))
    Points(x=array([1., 2., 5.]), weights=array([1., 2., 1.]))
    """
    step = -(-points.x.size // MOST)
    x, weights = points.x[::step], points.weights[::step]
    if (weights == weights[0]).all():  # then counts will do, which need no ranks
        values, times = np.unique(x, return_counts=True)
        return Points(values, np.asarray(times * weights[0], float))
    values, where = np.unique(x, return_inverse=True)
    return Points(values, np.bincount(where, weights).astype(float))


def repeats(points: Points) -> Floats:
    """How often each distinct value occurs, most frequent first."""
    return np.sort(distinct(points).weights)[::-1]


def can_collapse(model: GaussianMixture, points: Points) -> int:
    """The least number of components that can collapse at no cost, 0 if none can; every prior must be spelled out.

    Examples
    --------
    >>> import mixtura as mx
    >>> from mixtura.reading.data import points
    >>> model = mx.GaussianMixture(n_components=2, scales=mx.HalfNormal(1))
    >>> can_collapse(model, points([0, 0, 1, 2, 3])), can_collapse(model, points([0, 1, 2, 3]))
    (1, 0)
    """
    if isinstance(model.means, Fixed):
        return 0
    times = repeats(points)
    k = model.n_components
    gains = np.cumsum(times - 1)
    least = k if model.n_scales == 1 else 1
    most = k - 1 if times.size > k else min(k, times.size)
    for j in range(least, most + 1):
        if gains[min(j, times.size) - 1] > 0 and gains[min(j, times.size) - 1] >= _room(model, j):
            return j
    return 0


def fits_exactly(model: GaussianMixture, points: Points) -> bool:
    """Whether the data are no more than k repeated values, which all components together can collapse onto."""
    times, k = repeats(points), model.n_components
    if isinstance(model.means, Fixed) or times.size > k:
        return False
    return bool(times.max() > 1 and (times - 1).sum() >= _room(model, k))


def _room(model: GaussianMixture, j: int) -> float:
    """The power of e that the prior contributes when j components collapse."""
    if model.scales is not None:
        return model.scales.power_at_zero * min(j, model.n_scales)
    spread = model.variances
    if not isinstance(spread, InverseGamma) or spread.rate is None or np.min(spread.floor) > 0:
        return math.inf
    alpha, shape = float(np.min(spread.alpha)), float(np.min(spread.rate.alpha))
    return 2.0 * (alpha * max(model.n_scales - j, 0) + shape)
