"""Parts of NUTS against their plain definitions: U-turns, metric, step size."""

from __future__ import annotations

import numba
import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms import metric, nuts, stepsize

subtree_turns, EDGE, P, SUBTREE = nuts.subtree_turns, nuts.EDGE, nuts.P, nuts.SUBTREE
NOW, AVERAGE = stepsize.NOW, stepsize.AVERAGE
learn, forget, shrunk, factor = metric.learn, metric.forget, metric.shrunk_covariance, metric.cholesky
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
    factor(a)


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


K = 6
SEPARATED = np.concatenate([np.random.default_rng(4).normal(100 * j, 1, 20) for j in range(K)])
KNOWN = mx.GaussianMixture(
    n_components=K, means=mx.Normal([100.0 * j for j in range(K)], 2), scales=mx.Fixed(1), weights=mx.Fixed([1 / K] * K)
)


def check_closed_form(fit):
    """Well separated known clusters: each mean's posterior is a normal in closed form; nothing diverges."""
    table, precision = fit.summary(), 1 / 4 + 20
    for j in range(K):
        row, total = table.loc[f"mean[{j}]"], 100 * j / 4 + SEPARATED[20 * j : 20 * j + 20].sum()
        assert abs(row["mean"] - total / precision) < 4 * row["mcse_mean"]
        assert abs(row["sd"] - precision**-0.5) < 4 * row["mcse_sd"]
        assert row["r_hat"] < 1.01
    stats = fit.sample_stats
    assert not stats["diverging"].any()
    energy = stats["energy"].to_numpy()
    assert np.var(energy, ddof=1) == pytest.approx(K, rel=0.2)  # half a chi-square of 2k degrees of freedom
    return stats


def test_trees_on_a_gaussian_posterior():
    stats = check_closed_form(KNOWN.sample(SEPARATED, warmup=10 * nuts.ENOUGH_TO_JUDGE - 10, seed=1))
    assert (stats["tree_depth"] >= 1).all()
    assert (stats["n_steps"] <= 2 ** stats["tree_depth"] - 1).all()
    assert (stats["n_steps"] >= stats["tree_depth"]).all()


def test_a_round_posterior_needs_no_trees():
    stats = check_closed_form(KNOWN.sample(SEPARATED, seed=1))
    assert (stats["tree_depth"] == 0).all()
    assert stats["acceptance_rate"].mean() == pytest.approx(nuts.GLIDE_ACCEPT, abs=0.06)
    lengths = stats["n_steps"] * stats["step_size"]
    assert lengths.mean() == pytest.approx(nuts.GLIDE, rel=0.05)
    assert stats["n_steps"].max() < 6


def test_a_posterior_that_is_not_round_keeps_its_trees():
    x = np.random.default_rng(2).normal(size=30)
    fit = mx.GaussianMixture(n_components=3).sample(x, draws=100, seed=1)
    assert (fit.sample_stats["tree_depth"] >= 1).all()
