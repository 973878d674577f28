"""Same seed, same draws, bit for bit: whatever the threads, and wherever compiled code looks up."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms import run
from mixtura.algorithms.line import modes, sample
from mixtura.line.helpers import BLOCK, HELPERS, assisted

ALGORITHMS = ("nuts", "hmc", "gibbs", "metropolis")
MODELS = {
    "default": mx.GaussianMixture(n_components=3),
    "named": mx.GaussianMixture(
        n_components=3, covariance="tied", means=mx.StudentT(4, [9, 21, 33], 3), scales=mx.HalfCauchy(5)
    ),
}


def bits(model, algorithm, seed=5, weights=None):
    """Everything that was drawn and seen, as one array of bytes."""
    fit = model.sample(
        mx.datasets.galaxies(), draws=150, warmup=150, chains=3, algorithm=algorithm, weights=weights, seed=seed
    )
    values = [*fit.posterior.data_vars.values(), *fit.sample_stats.data_vars.values()]
    return np.concatenate([np.asarray(value, float).reshape(3, -1) for value in values], axis=1)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
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


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("chains", [1, 2])
def test_helpers_leave_no_trace(monkeypatch, algorithm, chains):
    """A pass over many points is shared out among the cores that no chain has; each reads blocks of its own."""
    rng, helped = np.random.default_rng(2), []
    x = np.concatenate([rng.normal(0, 1, 2 * BLOCK + 77), rng.normal(9, 2, 2 * BLOCK)])
    weights = rng.integers(1, 3, x.size)
    model, found = mx.GaussianMixture(n_components=2), []

    def counted(*task):
        helped.append(int(task[-1].control[HELPERS, 0]))
        return assisted(*task)

    for module in (sample, modes):
        monkeypatch.setattr(module, "assisted", counted)
    for cores in (1, 2, 5):
        for module in (run, sample, modes):
            monkeypatch.setattr(module, "cores", lambda cores=cores: cores)
        options = {"draws": 6, "warmup": 4, "compress": None if algorithm in ("gibbs", "metropolis") else False}
        fit = model.sample(x, weights=weights, chains=chains, algorithm=algorithm, seed=3, **options)
        found.append(np.concatenate([np.ravel(fit.posterior[name]) for name in ("weight", "mean", "scale")]))
    np.testing.assert_array_equal(found[1:], [found[0], found[0]])
    assert set(helped) == {0, 1, 4}


@pytest.mark.parametrize("algorithm", ["gibbs", "metropolis"])
def test_weighted_allocations_replay(algorithm):
    weights = np.random.default_rng(1).integers(1, 90, 82)
    model = MODELS["default"]
    np.testing.assert_array_equal(bits(model, algorithm, weights=weights), bits(model, algorithm, weights=weights))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_seeds_and_chains_differ(algorithm):
    one, other = (bits(MODELS["default"], algorithm, seed) for seed in (1, 2))
    assert not (one == other).all(axis=1).any()
    assert len({chain.tobytes() for chain in one}) == 3


RUN = """
import numpy as np, mixtura as mx
found = mx.GaussianMixture(n_components=3).optimize(mx.datasets.galaxies())  # loads kernels in another order
fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), draws=40, warmup=60, seed=1, progress=False)
print(np.ravel([fit.params().means, fit.params().scales]).tobytes().hex())
"""


def test_compiling_leaves_no_trace(tmp_path):
    """A process that compiles, one that finds the code on disk, and one that ran something else first."""
    environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}

    def bits_of(script):
        command = [sys.executable, "-c", script]
        return subprocess.run(command, env=environment, capture_output=True, check=True, text=True).stdout

    direct = "\n".join(line for line in RUN.splitlines() if "optimize" not in line)
    cold = bits_of(direct)
    assert cold
    assert bits_of(direct) == cold
    assert bits_of(RUN) == cold
