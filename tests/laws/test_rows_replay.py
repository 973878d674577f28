"""Rows: the same seed gives the same draws, bit for bit, whatever the threads and blocks, and in another process."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms import run

ALGORITHMS = ("nuts", "hmc", "gibbs")
MODELS = {
    "default": mx.GaussianMixture(n_components=2),
    "sliced": mx.GaussianMixture(
        n_components=2, covariance="tied", scales=mx.HalfNormal([1, 10]), correlations=mx.LKJ(2)
    ),
    "spherical": mx.GaussianMixture(n_components=2, covariance="spherical", means=mx.Normal([[2, 50], [4, 80]], 5)),
}
OPTIONS = {"draws": 60, "warmup": 60, "chains": 3, "progress": False}
algorithms = pytest.mark.parametrize("algorithm", ALGORITHMS)


def bits(model, algorithm, seed=5, weights=None):
    """Everything that was drawn and seen, as one array."""
    fit = model.sample(mx.datasets.faithful().x[::2], algorithm=algorithm, weights=weights, seed=seed, **OPTIONS)
    values = [*fit.posterior.data_vars.values(), *fit.sample_stats.data_vars.values()]
    return np.concatenate([np.asarray(value, float).reshape(3, -1) for value in values], axis=1)


@algorithms
@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_threads_and_blocks_leave_no_trace(monkeypatch, model, algorithm):
    first, sizes = bits(model, algorithm), []

    def pool(workers):
        sizes.append(workers)
        return ThreadPoolExecutor(workers)

    monkeypatch.setattr(run, "ThreadPoolExecutor", pool)
    for workers, seconds in ((1, 0.0), (2, 0.0), (3, 1e9)):  # blocks of one size; blocks that double forever
        monkeypatch.setattr(run, "cores", lambda w=workers: w)
        monkeypatch.setattr(run, "BLOCK_SECONDS", seconds)
        np.testing.assert_array_equal(bits(model, algorithm), first)
    assert sizes == [1, 2, 3]


@algorithms
def test_weights_replay(algorithm):
    weights = np.random.default_rng(1).integers(1, 90, 136)
    first = bits(MODELS["default"], algorithm, weights=weights)
    np.testing.assert_array_equal(bits(MODELS["default"], algorithm, weights=weights), first)
    assert not (first == bits(MODELS["default"], algorithm)).all(axis=1).any()


@algorithms
def test_seeds_and_chains_differ(algorithm):
    one, other = (bits(MODELS["default"], algorithm, seed) for seed in (1, 2))
    assert not (one == other).all(axis=1).any()
    assert len({chain.tobytes() for chain in one}) == 3


def prints():
    """A fingerprint of each algorithm's draws."""
    return [hashlib.sha256(bits(MODELS["default"], algorithm).tobytes()).hexdigest() for algorithm in ALGORITHMS]


def test_other_processes_draw_the_same():
    command = [sys.executable, "-c", f"import runpy; print(*runpy.run_path({__file__!r})['prints']())"]
    found = subprocess.run(command, check=True, capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)})
    assert found.stdout.split() == prints()
