"""Parts of NUTS against their plain definitions: U-turns, metric, step size."""

from __future__ import annotations

import numba
import numpy as np
import pytest

from mixtura.algorithms import metric, nuts, stepsize
from mixtura.compiled import matrices

subtree_turns, EDGE, P, SUBTREE = nuts.subtree_turns, nuts.EDGE, nuts.P, nuts.SUBTREE
NOW, AVERAGE = stepsize.NOW, stepsize.AVERAGE
learn, forget, shrunk, factor = metric.learn, metric.forget, metric.shrunk_covariance, matrices.cholesky
tune = stepsize.tune


@numba.njit
def first_turn(tree, momenta):
    """Feed momenta to the iterative tree; the leaf at which it first sees a U-turn, or their number."""
    for leaf in range(momenta.shape[0]):
        for i in range(momenta.shape[1]):
            tree.points[EDGE, P, i] = momenta[leaf, i]
            tree.sums[SUBTREE, i] += momenta[leaf, i]
        if subtree_turns(tree, leaf):
            return leaf
    return momenta.shape[0]


@numba.njit
def learned(seen, positions, guess, out):
    forget(seen)
    for position in positions:
        learn(seen, position)
    shrunk(seen, guess, out)


@numba.njit
def factored(a):
    factor(a, a)


@numba.njit
def tuned(step, noise, wanted):
    for e in noise:
        tune(step, min(1.0, max(0.0, 1.0 - 0.4 * step[NOW] + e)), wanted)


def plain_first_turn(momenta):
    """The definition: every balanced subtree, ended at its last leaf, in the order in which leaves come."""
    for last in range(len(momenta)):
        size = 2
        while (last + 1) % size == 0:
            a, b = momenta[last + 1 - size], momenta[last]
            rho = momenta[last + 1 - size : last + 1].sum(0) - 0.5 * (a + b)
            if a @ rho <= 0 or b @ rho <= 0:
                return last
            size *= 2
    return len(momenta)


def test_u_turns_of_every_subtree_are_seen():
    rng, found = np.random.default_rng(0), []
    for _ in range(600):
        size, drift = rng.integers(1, 5), rng.uniform(0, 4)
        momenta = rng.normal(0, 1, (64, size)) + drift * rng.normal(0, 1, size)
        found.append(first_turn(nuts.tree_for(int(size)), momenta))
        assert found[-1] == plain_first_turn(momenta)
    assert len(set(found)) > 10  # early turns, late turns and none were all tried


def test_u_turns_late_in_a_smooth_trajectory():
    for period in (5.0, 11.3, 40.0, 77.0, 300.0):
        angle = 2 * np.pi * np.arange(64) / period + 0.3
        momenta = np.stack([np.cos(angle), 0.5 * np.sin(angle)], axis=1)
        assert first_turn(nuts.tree_for(2), momenta) == plain_first_turn(momenta)


def test_metric_is_the_shrunk_covariance():
    rng = np.random.default_rng(1)
    positions, guess, out = rng.normal(1e3, 1, (50, 4)) @ rng.normal(0, 1, (4, 4)), np.diag([1.0, 2, 3, 4]), np.eye(4)
    learned(metric.welford_for(4), positions, guess, out)
    pseudo = metric.PSEUDO_DRAWS_PER_DIMENSION * 4
    wanted = (np.cov(positions.T) * 49 + pseudo * guess) / (50 + pseudo)
    np.testing.assert_allclose(np.tril(out), np.tril(wanted), rtol=1e-9)


def test_cholesky():
    rng = np.random.default_rng(2)
    root = rng.normal(0, 1, (6, 6))
    a = root @ root.T
    wanted = np.linalg.cholesky(a)
    factored(a)
    np.testing.assert_allclose(a, wanted, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("wanted", [0.6, 0.8])
def test_step_size_finds_the_acceptance_that_is_wanted(wanted):
    step = stepsize.stepsize_for(3)
    tuned(step, np.random.default_rng(3).normal(0, 0.05, 3000), wanted)
    assert 1.0 - 0.4 * step[AVERAGE] == pytest.approx(wanted, abs=0.02)
