"""One mixture in place of many: posterior means of a mixture's parameters, and points from all draws at once.

Draws are those of rows, (s, k, ...); `draws_of` gives draws over a line the same form.
"""

from __future__ import annotations

from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.covariance import Structure
from mixtura.posterior.parts import joint
from mixtura.posterior.thinning import evenly_spaced
from mixtura.posterior.variables import Draws
from mixtura.reading.containers import unnamed
from mixtura.reading.data import Points
from mixtura.rows.records import Params

AT_ONCE = 1 << 20  # numbers to work on at a time


def draws_of(params: Draws) -> Params:
    """Draws of all chains, (s, k), of rows; a line is rows of one feature."""
    d = params.means.shape[-1] if isinstance(params, Params) else 1
    return joint(params, unnamed(d)).draws


def covariances(draws: Params, structure: Structure) -> Floats:
    """Posterior means: (k, d, d), (d, d) where tied, variances (k, d) where diagonal, (k,) where spherical."""
    mean: Floats = np.zeros(draws.factors.shape[1:])
    for factors in np.array_split(draws.factors, max(1, draws.factors.size // AT_ONCE)):
        mean += (factors @ factors.swapaxes(-1, -2)).sum(0)
    mean /= len(draws.factors)
    if structure.correlated:
        return mean[0] if structure.shared else mean
    return structure.declared(np.diagonal(mean, axis1=-2, axis2=-1).copy())


def roots_of_precisions(covariances: Floats, structure: Structure) -> Floats:
    """Upper triangular R with R R' the inverse of each matrix; of variances, one over their roots.

    >>> roots_of_precisions(np.array([[4.0, 0.0], [0.0, 1.0]]), Structure(correlated=True))
    array([[0.5, 0. ],
           [0. , 1. ]])
    """
    if not structure.correlated:
        return np.asarray(1.0 / np.sqrt(covariances), float)
    return np.asarray(np.linalg.inv(np.linalg.cholesky(covariances)).swapaxes(-1, -2), float)


def loglikelihoods(answers: ModuleType, data: Points, params: Draws, most: int) -> Floats:
    """Log-likelihood of all points at each of up to `most` evenly spaced draws."""
    total = params.weights.shape[0] * params.weights.shape[1]
    chosen = evenly_spaced(total, min(most, total))
    draws = type(params)(*(block.reshape(total, *block.shape[2:])[chosen][None] for block in params))
    found: Floats = np.zeros(chosen.size)
    step = max(1, AT_ONCE // chosen.size)
    for first in range(0, len(data.x), step):
        part = slice(first, first + step)
        found += answers.log_likelihood(data.x[part], draws)[0] @ data.weights[part]
    return found


def sample(draws: Params, n: int, rng: np.random.RandomState) -> tuple[Floats, NDArray[np.intp]]:
    """Points (n, d), each from a draw of its own, and the component (n,) that made each."""
    _, k, d = draws.means.shape
    points, labels = np.empty((n, d)), np.empty(n, np.intp)
    step = max(1, AT_ONCE // (d * d))
    for first in range(0, n, step):
        part = slice(first, min(first + step, n))
        size = part.stop - first
        chosen = rng.randint(len(draws.weights), size=size)
        edges = draws.weights[chosen].cumsum(1)
        labels[part] = (rng.random_sample((size, 1)) * edges[:, -1:] > edges[:, : k - 1]).sum(1)
        noise = rng.standard_normal((size, d, 1))
        points[part] = draws.means[chosen, labels[part]] + (draws.factors[chosen, labels[part]] @ noise)[..., 0]
    return points, labels
