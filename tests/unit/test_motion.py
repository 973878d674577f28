"""Trajectories, in trees and of one length, on a posterior in closed form; and which posterior gets which."""

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms import hmc

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
    stats = check_closed_form(KNOWN.sample(SEPARATED, algorithm="nuts", seed=1))
    assert (stats["tree_depth"] >= 1).all()
    assert (stats["n_steps"] <= 2 ** stats["tree_depth"] - 1).all()
    assert (stats["n_steps"] >= stats["tree_depth"]).all()


def test_one_step_is_a_trajectory_on_a_gaussian_posterior():
    stats = check_closed_form(KNOWN.sample(SEPARATED, algorithm="hmc", seed=1))
    assert (stats["n_steps"] == 2).all()
    assert stats["step_size"].mean() == pytest.approx(hmc.LENGTH, rel=0.02)
    assert stats["acceptance_rate"].mean() > hmc.TARGET_ACCEPT


def test_hmc_without_warmup_takes_the_curvature_for_the_metric():
    check_closed_form(KNOWN.sample(SEPARATED, algorithm="hmc", warmup=0, seed=1))


def test_auto_takes_trees_where_the_posterior_is_not_round():
    x = np.random.default_rng(2).normal(size=30)
    assert KNOWN.sample(SEPARATED, draws=10, seed=1).algorithm == "hmc"
    assert mx.GaussianMixture(n_components=3).sample(x, draws=10, seed=1).algorithm == "nuts"


def test_auto_takes_trees_where_there_are_two_modes():
    """Known scales and weights, two means that may trade places at a cost: each mode by itself is round."""
    x = np.concatenate([np.random.default_rng(3).normal(c, 1, 40) for c in (-4, 4)])
    model = mx.GaussianMixture(
        n_components=2, means=mx.Normal([-0.1, 0.1], 3), scales=mx.Fixed(1), weights=mx.Fixed([0.4, 0.6])
    )
    assert model.sample(x, draws=10, seed=1).algorithm == "nuts"
