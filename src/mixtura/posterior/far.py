"""Points so far out that squares of their distances are lost, or what tells components apart is.

Far out, where a point lies no longer matters, only its direction: memberships keep to what they are on the way, and a
log density falls with the square of the distance. So every answer is worked out at a nearer point of that direction.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mixtura.arrays import Floats
from mixtura.posterior.variables import Draws
from mixtura.rows.records import Params as RowParams

SETTLED = 1e6  # reaches from the centre: memberships hardly change any more, and sums still hold differences of means
ALONE = 1e20  # reaches from the centre: nothing but the square of the distance counts in a log density


def nearer(x: Floats, params: Draws, most: float) -> tuple[Floats, Floats]:
    """Points (n,) or (n, d), those beyond `most` reaches drawn in to there, and how many times as far each was (n,).

    A reach is half the distance between the outermost means and the largest scale, of all draws and components.

    >>> from mixtura.line.records import Params
    >>> draws = Params(np.array([[0.5, 0.5]]), np.array([[-1.0, 1.0]]), np.ones((1, 2)), np.zeros(1))
    >>> nearer(np.array([1.0, 2e8]), draws, 1e6)
    (array([1.e+00, 2.e+06]), array([  1., 100.]))
    """
    axes = tuple(range(params.means.ndim - isinstance(params, RowParams)))
    low, high = params.means.min(axes), params.means.max(axes)
    reach = (high - low) / 2 + params.scales.max(axes)
    apart = x - (low + high) / 2
    if (np.abs(apart) <= most * reach).all():
        return x, np.ones(len(x))
    with np.errstate(divide="ignore"):
        logs = np.log(np.abs(apart)) - np.log(reach)
    beyond = np.maximum((logs if x.ndim == 1 else logs.max(1)) - math.log(most), 0.0)
    shrunk: Any = np.exp(-beyond) if x.ndim == 1 else np.exp(-beyond)[:, None]
    with np.errstate(over="ignore"):
        return np.where(shrunk < 1.0, (low + high) / 2 + apart * shrunk, x), np.exp(beyond)


def farther(scores: Floats, times: Floats) -> Floats:
    """Log densities (..., n) so many times as far out; -inf where that is beyond any number."""
    with np.errstate(over="ignore"):
        return np.asarray(scores * times**2, float)
