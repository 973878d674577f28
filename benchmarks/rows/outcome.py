"""What one run is judged by, the same for every peer."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from benchmarks.chains import mixing
from benchmarks.rows.problems import FEATURES, K, Problem, parts


class Run(NamedTuple):
    """Draws (chains, draws, k, ...) of each block, or a point estimate (k, ...); memberships; the seconds they took."""

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    labels: np.ndarray  # (..., n): one answer, or several, of which the worst counts
    seconds: float
    notes: Mapping[str, Any] = MappingProxyType({})  # what a peer says of its own run


def unpacked(table: np.ndarray, *shape: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Weights, means and covariances (shape, k, ...) from numbers that follow each other."""
    weights, means, covariances = np.split(table.reshape(*shape, -1), [K, K + K * FEATURES], axis=-1)
    return weights, means.reshape(*shape, K, FEATURES), covariances.reshape(*shape, K, FEATURES, FEATURES)


def most_probable(x: np.ndarray, weights: np.ndarray, means: np.ndarray, covariances: np.ndarray) -> np.ndarray:
    """The most probable component of each point under one mixture."""
    densities = []
    for weight, mean, factor in zip(weights, means, np.linalg.cholesky(covariances), strict=True):
        away = np.linalg.solve(factor, (x - mean).T)
        densities.append(np.log(weight) - np.log(np.diag(factor)).sum() - 0.5 * np.sum(away**2, axis=0))
    return np.argmax(densities, axis=0)


def judged(problem: Problem, run: Run) -> dict[str, float]:
    """The adjusted Rand index with the truth; minimum bulk-ESS and maximum R-hat over weights, means and covariances.

    Components of each draw are first matched with those that made the points, by the distance of their means.
    """
    answers = np.reshape(run.labels, (-1, problem.n))
    rand = {"rand": min(adjusted_rand(problem.truth, answer) for answer in answers)}
    if run.weights.ndim < 3:  # a point estimate has neither
        return rand
    order = _matched(run.means)
    lower = np.tril_indices(FEATURES)
    covariances = run.covariances[..., lower[0], lower[1]]
    blocks = [run.weights[..., None], run.means, covariances]
    blocks = [np.take_along_axis(block, order[..., None], axis=2) for block in blocks]
    columns = np.concatenate(blocks, axis=-1).reshape(*order.shape[:2], -1)
    return rand | mixing(np.moveaxis(columns.astype(float), -1, 0))


def _matched(means: np.ndarray) -> np.ndarray:
    """For every draw, which of its components is nearest to each that made the points, every one taken once."""
    from scipy.optimize import linear_sum_assignment

    apart = np.sum((parts().means[:, None] - means[..., None, :, :]) ** 2, axis=-1)  # (chains, draws, true, drawn)
    orders = [linear_sum_assignment(cost)[1] for cost in apart.reshape(-1, K, K)]
    return np.reshape(orders, means.shape[:3])


def adjusted_rand(one: np.ndarray, other: np.ndarray) -> float:
    """Hubert and Arabie's (1985) index: 1 where two groupings are the same, 0 on average by chance."""
    table = np.zeros((one.max() + 1, other.max() + 1))
    np.add.at(table, (one, other), 1)

    def pairs(counts: np.ndarray) -> float:
        return float(np.sum(counts * (counts - 1)) / 2)

    rows, columns, all_pairs = pairs(table.sum(1)), pairs(table.sum(0)), pairs(table.sum())
    chance = rows * columns / all_pairs
    return (pairs(table) - chance) / ((rows + columns) / 2 - chance)
