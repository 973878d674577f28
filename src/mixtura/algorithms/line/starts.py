"""First guesses for EM: cheap, varied, and drawn from a subset when there are many points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.line.records import Params
from mixtura.model import GaussianMixture
from mixtura.priors import Normal, StudentT
from mixtura.reading.data import Points

SUBSET = 1024  # points that guesses look at
KMEANS, SCATTERED = 10, 4  # how many guesses of each random sort
LLOYD = 2  # k-means iterations


def candidates(model: GaussianMixture, points: Points, rng: np.random.Generator) -> list[Params]:
    """Parameters to start EM from: equal slices, shells, k-means++, scattered points, the prior's centres."""
    k = model.n_components
    x = np.sort(_subset(points, rng))
    guesses = [_from_centres(x, np.quantile(x, (np.arange(k) + 0.5) / k), 0), _shells(x, k)]
    if k > 1:
        guesses += [_from_centres(x, _plusplus(x, k, rng), LLOYD) for _ in range(KMEANS)]
        guesses += [_from_centres(x, rng.choice(x, k), 0) for _ in range(SCATTERED)]
    if isinstance(model.means, (Normal, StudentT)) and not model.means.exchangeable:
        guesses.append(_from_centres(x, np.broadcast_to(model.means.mu, (k,)).astype(float), 0))
    return guesses


def _subset(points: Points, rng: np.random.Generator) -> Floats:
    """At most SUBSET values, each drawn by its weight, and not all of them equal."""
    if points.x.size <= SUBSET and (points.weights == 1.0).all():
        return points.x
    drawn = rng.choice(points.x, SUBSET, p=points.weights / points.weights.sum())
    return np.append(drawn, [points.x.min(), points.x.max()]) if np.ptp(drawn) == 0 else drawn


def _plusplus(x: Floats, k: int, rng: np.random.Generator) -> Floats:
    """Centres (k,) spread by squared distance (Arthur & Vassilvitskii 2007)."""
    centres = [x[rng.integers(x.size)]]
    squared = (x - centres[0]) ** 2
    for _ in range(k - 1):
        ladder = np.cumsum(squared)
        centres.append(x[np.searchsorted(ladder, rng.random() * ladder[-1], side="right") % x.size])
        squared = np.minimum(squared, (x - centres[-1]) ** 2)
    return np.array(centres)


def _from_centres(x: Floats, centres: Floats, iterations: int) -> Params:
    """Parameters of the groups nearest to each centre, after some k-means iterations; `x` is sorted."""
    order = np.argsort(centres, kind="stable")
    sorted_centres = centres[order]
    for _ in range(iterations + 1):
        labels = np.searchsorted((sorted_centres[1:] + sorted_centres[:-1]) / 2, x)
        counts = np.bincount(labels, minlength=centres.size)
        sums = np.bincount(labels, x, minlength=centres.size)
        if iterations:
            sorted_centres = np.where(counts > 0, sums / np.maximum(counts, 1), sorted_centres)
    squares = np.bincount(labels, (x - sorted_centres[labels]) ** 2, minlength=centres.size)
    spread = x.std()
    smallest = spread / (10.0 * centres.size)
    scales = np.maximum(np.sqrt(squares / np.maximum(counts, 1)), smallest)
    weights = (counts + 1.0) / (counts + 1.0).sum()
    back = np.argsort(order)
    return _params(weights[back], sorted_centres[back], scales[back])


def _shells(x: Floats, k: int) -> Params:
    """Components about one centre, each wider than the last: for mixtures told apart by scale."""
    scales = x.std() * 2.0 ** np.linspace(-2.0, 1.0, k) if k > 1 else np.array([x.std()])
    return _params(np.full(k, 1.0 / k), np.median(x) + 0.1 * x.std() * np.linspace(-1, 1, k), scales)


def params_of(points: Points, labels: NDArray[np.intp], model: GaussianMixture) -> Params:
    """Weights, means and scales of groups, the variances of small ones shrunk to that of all; tied ones are pooled."""
    k, (x, weights) = model.n_components, points
    counts = np.bincount(labels, weights, k)
    means = np.bincount(labels, weights * x, k) / counts
    squares = np.bincount(labels, weights * (x - means[labels]) ** 2, k)
    pooled = x.var() / k**2
    variances = (squares + 3 * pooled) / (counts + 3)
    if model.n_scales == 1:
        variances = np.full(k, (counts * variances).sum() / counts.sum())
    return _params((counts + 1) / (counts + 1).sum(), means, np.sqrt(variances))


def _params(weights: Floats, means: Floats, scales: Floats) -> Params:
    return Params(weights, means, scales, np.array([np.mean(scales**2)]))
