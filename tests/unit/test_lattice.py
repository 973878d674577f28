"""Rounded data: their lattice is found, bins follow it, and checks round what they simulate."""

import numpy as np
import pytest
from scipy.stats import kstest

import mixtura as mx
from mixtura.lattice import lattice_of
from mixtura.plots.histograms import bins
from mixtura.plots.windows import window
from mixtura.report.findings import _column, find

rng = np.random.default_rng(1)
NORMAL = rng.normal(40, 10, 500)
ROUNDED = {
    "ages": (np.round(NORMAL), 1.0),
    "halves": (np.round(2 * NORMAL) / 2, 0.5),
    "cents": (np.round(NORMAL, 2), 0.01),
    "prices in 32 bits": (np.round(NORMAL, 2).astype(np.float32).astype(float), 0.01),
    "Julian days at midnight": (2451544.5 + np.round(30 * NORMAL), 1.0),
    "every thirtieth day": (2451545.0 + 30 * np.arange(40), 30.0),
    "inches of whole centimetres": (np.round(NORMAL) / 2.54, 1 / 2.54),
    "0 and 1": (np.repeat([0.0, 1.0], 10), 1.0),
    "one value far away": (np.append(np.round(NORMAL), 1e9), 1.0),
    "one half among thousands": (np.r_[np.zeros(5000), np.full(5000, 10.0), 3.5], 0.5),
}
QUICK = {"draws": 200, "warmup": 150, "chains": 1, "progress": False}


@pytest.mark.parametrize("case", ROUNDED)
def test_steps_are_found(case):
    x, step = ROUNDED[case]
    lattice = lattice_of(x)
    assert lattice.step == pytest.approx(step, rel=1e-6)
    assert np.abs(lattice.rounded(x) - x).max() < 1e-3 * step


def test_continuous_data_lie_on_none():
    found = [lattice_of(rng.normal(size=n)) for n in [*range(1, 12), 1000] for _ in range(50)]
    assert not any(found)
    assert lattice_of(rng.exponential(1e5, 100_000)) is None


@pytest.mark.parametrize("case", ROUNDED)
def test_bins_hold_as_many_points_each(case):
    x, step = ROUNDED[case]
    edges = bins(x, np.ones(x.size))[1]
    places = (edges - x.min()) / step
    np.testing.assert_allclose(places % 1, 0.5, atol=1e-2)
    assert np.ptp(np.diff(places)) < 1e-3 * np.diff(places)[0]
    assert edges[0] < x.min() <= x.max() < edges[-1]


def test_no_second_bin_is_empty():
    x = np.round(np.random.default_rng(0).normal(20, 2, 1000))
    heights, edges = bins(x, np.ones(x.size))
    middle = (edges[1:] + edges[:-1]) / 2
    curve = np.exp(-((middle - 20) ** 2) / 8) / np.sqrt(8 * np.pi)
    assert np.abs(heights - curve).max() < 0.03
    counts = np.unique(x, return_counts=True)
    np.testing.assert_array_equal(bins(*map(np.asarray, (counts[0], counts[1].astype(float))))[1], edges)


def test_bars_at_the_ends_are_seen():
    seen = window(np.repeat([0.0, 1.0], 10))
    assert seen.low < -0.5
    assert seen.high > 1.5


def checked(x, seed):
    return _column(mx.GaussianMixture(n_components=1).sample(x, seed=seed, **QUICK), 0, 0.94).check


@pytest.mark.parametrize("step", [0, 1, 2])
def test_p_values_of_healthy_data_are_uniform(step):
    """A check of fitted parameters is a little conservative: its p-values are less spread than uniform ones."""
    found = []
    for seed in range(20):
        x = np.random.default_rng(100 + seed).normal(20, 2, 1000)
        found.append(checked(step * np.round(x / step) if step else x, seed).p)
    assert kstest(found, "uniform").pvalue > 0.01
    assert min(found) > 0.005


def test_five_grades_fit_any_number_of_times():
    x = np.clip(np.round(np.random.default_rng(2).normal(5, 1, 20_000)), 1, 9)
    assert checked(x, 1).p > 0.01


def test_rounded_rows_are_healthy_together():
    for seed in range(2):
        x = np.random.default_rng(seed).multivariate_normal([20, 10], [[4, 2.4], [2.4, 2]], 1000)
        fit = mx.GaussianMixture(n_components=1).sample(np.round(x), seed=seed, **QUICK)
        assert 0.2 < find(fit, 0.94).likely < 0.8


def test_what_is_not_normal_is_still_seen():
    x = np.round(np.random.default_rng(0).exponential(4, 1000))
    assert checked(x, 1).p < 0.01
