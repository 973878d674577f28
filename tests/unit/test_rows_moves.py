"""Moves in the coordinates of rows: EM climbs, and exchanging labels is what it says."""

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms.rows import swap
from mixtura.algorithms.rows.em import em
from mixtura.compiled import protocol
from mixtura.compiled.jit import entry
from mixtura.rows.encode import position_of, target_of
from mixtura.rows.gradient import logdensity, placed
from mixtura.rows.kernels import rows_of
from mixtura.rows.target import work_for

RNG = np.random.default_rng(5)
X = np.vstack([RNG.normal(0, 1, (25, 3)) @ RNG.normal(0, 1, (3, 3)), RNG.normal(2, 0.5, (15, 3))])
COVARIANCE = [[2, 0.3, 0], [0.3, 1, 0.2], [0, 0.2, 3]]
CLIMBED = {
    "full": {},
    "tied": {"covariance": "tied"},
    "diagonal": {"covariance": "diagonal"},
    "spherical": {"covariance": "spherical"},
    "full, known scale": {"covariances": mx.InverseWishart(5, COVARIANCE), "means": mx.MvNormal([0, 1, 2], COVARIANCE)},
    "tied, known scale": {"covariance": "tied", "covariances": mx.InverseWishart(5, COVARIANCE)},
    "diagonal, known rates": {"covariance": "diagonal", "variances": mx.InverseGamma(3, [1, 2, 3])},
    "spherical, known rate": {"covariance": "spherical", "variances": mx.InverseGamma([2, 3, 4], 2)},
    "known means": {"means": mx.Fixed([[0, 0, 0], [2, 2, 2], [1, 0, 1]])},
    "known weights": {"weights": mx.Fixed([0.2, 0.3, 0.5]), "covariance": "tied"},
    "known covariances": {"covariances": mx.Fixed([COVARIANCE, COVARIANCE, COVARIANCE])},
}
OTHERS = {
    "full, apart": {
        "scales": mx.LogNormal([0, 1, 0], 0.5),
        "correlations": mx.LKJ(2),
        "weights": mx.Dirichlet([1, 2, 3]),
    },
    "tied, apart": {"covariance": "tied", "scales": mx.HalfNormal([1, 2, 3]), "correlations": mx.LKJ(1)},
    "diagonal, named": {"covariance": "diagonal", "scales": mx.HalfNormal([[1], [2], [3]])},
}


def made(blocks):
    model = mx.GaussianMixture(n_components=3, n_features=3, **blocks).with_defaults(X)
    target = target_of(model, rows_of(X, RNG.integers(1, 4, len(X)).astype(float)))
    return model, target, work_for(target)


@pytest.mark.parametrize("blocks", CLIMBED.values(), ids=CLIMBED)
def test_em_climbs_at_every_iteration(blocks):
    _, target, work = made(blocks)
    for seed in range(4):
        q = np.random.default_rng(seed).normal(0, 0.7, target.at[-1])
        heights = np.array([em(target, q, work, 1, -np.inf) for _ in range(80)])
        assert np.diff(heights).min() > -1e-9 * np.abs(heights).max()
        assert heights[-1] > heights[0] + 1


@pytest.mark.parametrize("blocks", CLIMBED.values(), ids=CLIMBED)
def test_em_ends_where_the_density_is_flat(blocks):
    _, target, work = made(blocks)
    q, grad = np.random.default_rng(1).normal(0, 0.5, target.at[-1]), np.empty(target.at[-1])
    em(target, q, work, 20_000, 1e-13)
    logdensity(target, q, grad, work)
    assert np.abs(grad).max() < 1e-3


@entry
def traded(target, q, i, j):
    protocol.exchange(target, q, i, j)


TRADING = {name: blocks for name, blocks in (CLIMBED | OTHERS).items() if name not in ("known means", "known weights")}


@pytest.mark.parametrize("blocks", TRADING.values(), ids=TRADING)
def test_labels_are_exchanged_in_place(blocks):
    """Trading components in q places the parameters in the other order, and is its own undoing."""
    assert swap.exchange is not None  # registers the answer
    target = made(blocks)[1]
    q = np.random.default_rng(2).normal(0, 0.5, target.at[-1])
    params = placed(target, q)[1]
    for i, j in ((0, 1), (2, 0), (1, 2)):
        order, moved = np.arange(3), q.copy()
        order[[i, j]] = j, i
        traded(target, moved, i, j)
        np.testing.assert_allclose(moved, position_of(target, params.permute(order)), rtol=1e-9, atol=1e-9)
        assert np.linalg.norm(moved) == pytest.approx(np.linalg.norm(q))
        traded(target, moved, i, j)
        np.testing.assert_allclose(moved, q, rtol=1e-12, atol=1e-12)
