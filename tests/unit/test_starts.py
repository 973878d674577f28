"""First guesses for rows of several features, where clusters are long and thin."""

import numpy as np
import pytest

from mixtura.algorithms.rows.starts import SUBSET, groupings, kmeans, params_of, subset
from mixtura.rows.kernels import rows_of


def adjusted_rand(a, b):
    """Pairs on which two labellings agree, less those expected by chance: 1 where they are the same, about 0 by chance
    (Hubert & Arabie 1985)."""
    table = np.zeros((a.max() + 1, b.max() + 1))
    np.add.at(table, (a, b), 1)
    both, one, other, all_pairs = (
        (counts * (counts - 1) / 2).sum() for counts in (table, table.sum(1), table.sum(0), table.sum(keepdims=True))
    )
    chance = one * other / all_pairs
    return (both - chance) / ((one + other) / 2 - chance)


def test_adjusted_rand():
    a = np.repeat([0, 1, 2], 4)
    assert adjusted_rand(a, 2 - a) == 1
    assert adjusted_rand(a, np.tile([0, 1], 6)) == pytest.approx(-4 / 29)


def parallel(rng, n, d):
    """Two thin clusters side by side along the diagonal, far longer than they are apart."""
    truth = rng.integers(0, 2, n)
    x = 10 * rng.normal(size=(n, 1)) + 0.2 * rng.normal(size=(n, d))
    x[:, 0] += 2 * truth
    return x, truth


@pytest.mark.parametrize("d", [2, 3])
@pytest.mark.parametrize("seed", range(4))
def test_thin_parallel_clusters_are_found(seed, d):
    x, truth = parallel(np.random.default_rng(seed), 600, d)
    cut_across = [kmeans(x / x.std(0), 2, np.random.default_rng(start)) for start in range(10)]
    assert max(adjusted_rand(truth, labels) for labels in cut_across) < 0.05
    found = groupings(x, 2, np.random.default_rng(seed))
    assert max(adjusted_rand(truth, labels) for labels in found) > 0.99


def test_groups_without_points_have_parameters():
    x = np.random.default_rng(1).normal(size=(50, 3))
    weights, means, factors, _ = params_of(x, np.zeros(50, np.intp), 2)
    np.testing.assert_allclose(weights, [51 / 52, 1 / 52])
    np.testing.assert_allclose(means, [x.mean(0), x.mean(0)])
    assert (np.diagonal(factors, axis1=1, axis2=2) > 0.1).all()


@pytest.mark.parametrize(
    ("weights", "size"),
    [([3, 1, 2], 6), ([1, 1, 1], 3), ([0.5, 0.1, 0.1], 3), ([2.5, 1, 1], 4), ([900, 900, 900], SUBSET)],
)
def test_rows_are_looked_at_as_often_as_seen(weights, size):
    x = np.array([[0.0, 1.0], [5.0, 2.0], [9.0, 3.0]])
    few = subset(rows_of(x, np.array(weights, float)), 2, np.random.default_rng(0))
    assert few.shape == (size, 2)
    assert set(few[:, 0]) <= {0.0, 5.0, 9.0}
    if size in (3, 6) and min(weights) >= 1:
        np.testing.assert_array_equal(few, np.repeat(x, weights, axis=0))
