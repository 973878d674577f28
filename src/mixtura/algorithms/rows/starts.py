"""First guesses for EM on rows: where clusters are long and thin, k-means alone goes wrong.

Points of a subset are grouped in two metrics, each feature in units of its sd, and sphered: by Ward's hierarchical
clustering, and by k-means++ from several beginnings. What EM makes of each on the subset decides.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.rows.records import Params, Rows

SUBSET = 2000  # points that guesses look at
WARD = 1000  # points that are grouped hierarchically
LLOYD = 10  # iterations of k-means
KMEANS = 6  # beginnings of k-means in each metric


def subset(rows: Rows, d: int, rng: np.random.Generator) -> Floats:
    """All rows (n, d), as often as each was seen, where they are few; else as many, SUBSET at most, drawn by weight.

    Where the drawn ones do not differ in some feature, the outermost of it are there too.
    """
    weights, total = rows.weights, rows.weights.sum()
    if total <= SUBSET and (weights == np.round(weights)).all():
        return np.repeat(rows.x[:d].T, weights.astype(np.intp), axis=0)
    size = min(SUBSET, max(int(total), int(np.count_nonzero(weights))))
    some = np.searchsorted(np.cumsum(weights), rng.random(size) * total, side="right")
    drawn = rows.x[:d, some].T.copy()
    same, seen = np.flatnonzero(np.ptp(drawn, axis=0) == 0), rows.x[:d, weights > 0].T
    outermost = np.unique([seen[:, same].argmin(0), seen[:, same].argmax(0)]).astype(np.intp)
    return np.concatenate([drawn[min(len(outermost), len(drawn) - 1) :], seen[outermost]])


def candidates(x: Floats, k: int, rng: np.random.Generator) -> Iterator[Params]:
    """Parameters to start EM from."""
    for labels in groupings(x, k, rng):
        yield params_of(x, labels, k)


def groupings(x: Floats, k: int, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Labels (n,) of several ways to part rows into k groups."""
    from scipy.cluster.hierarchy import fcluster, linkage

    if k == 1:
        return [np.zeros(len(x), np.intp)]
    found = []
    for z in (x / x.std(0), sphered(x)):
        few = rng.permutation(len(z))[:WARD]
        labels = fcluster(linkage(z[few], "ward"), k, "maxclust") - 1
        centres = np.array([z[few][labels == j].mean(0) if (labels == j).any() else z[few[0]] for j in range(k)])
        found.append(nearest(z, centres))
        found += [kmeans(z, k, rng) for _ in range(KMEANS)]
    return found


def sphered(x: Floats) -> Floats:
    """Rows with unit covariance."""
    factor = np.linalg.cholesky(np.cov(x.T) + 1e-9 * np.diag(x.var(0)))
    return np.linalg.solve(factor, (x - x.mean(0)).T).T


def nearest(z: Floats, centres: Floats) -> NDArray[np.intp]:
    """The centre nearest to each row."""
    labels: NDArray[np.intp] = ((centres**2).sum(1) - 2.0 * (z @ centres.T)).argmin(1)
    return labels


def kmeans(z: Floats, k: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """k-means++ (Arthur & Vassilvitskii 2007) and a few of Lloyd's iterations."""
    centres = [z[rng.integers(len(z))]]
    squared = ((z - centres[0]) ** 2).sum(1)
    for _ in range(k - 1):
        shares = squared / squared.sum() if squared.sum() > 0 else None
        centres.append(z[rng.choice(len(z), p=shares)])
        squared = np.minimum(squared, ((z - centres[-1]) ** 2).sum(1))
    middle = np.array(centres)
    for _ in range(LLOYD):
        labels = nearest(z, middle)
        for j in range(k):
            if (labels == j).any():
                middle[j] = z[labels == j].mean(0)
    return nearest(z, middle)


def params_of(x: Floats, labels: NDArray[np.intp], k: int, seen: Floats | None = None) -> Params:
    """Weights, means and covariances of groups, those of small ones shrunk to that of all; rows count by `seen`."""
    d, seen = x.shape[1], np.ones(len(x)) if seen is None else seen
    pooled = np.cov(x.T).reshape(d, d) / k ** (2 / d) + 1e-9 * np.eye(d)
    weights, means, factors = np.empty(k), np.empty((k, d)), np.empty((k, d, d))
    for j in range(k):
        own, times = x[labels == j], seen[labels == j]
        count = times.sum()
        weights[j] = (count + 1) / (seen.sum() + k)
        means[j] = np.average(own, 0, times) if len(own) else x.mean(0)
        scatter = (own - means[j]).T @ ((own - means[j]) * times[:, None])
        factors[j] = np.linalg.cholesky((scatter + (d + 2) * pooled) / (count + d + 2))
    return Params(weights, means, factors, pooled)
