"""The posterior does not notice that it was shown nodes instead of points."""

import numpy as np
import pytest

import mixtura as mx

N = 20_000


def gallery(rng):
    which = rng.integers(0, 3, N)
    return rng.normal(np.array([-5.0, 0.0, 5.0])[which], np.array([0.5, 2.0, 0.75])[which])


def ties(rng):
    x = gallery(rng)
    x[: 3 * N // 10] = rng.choice(x[3 * N // 10 :], 3 * N // 10)
    return x


def spike(rng):
    return np.concatenate([rng.normal(2, 1e-3, N // 2), rng.normal(0, 10, N // 2)])


DATA = {
    "gallery": (gallery, 3),
    "student tails": (lambda rng: rng.standard_t(2, N), 3),
    "ties": (ties, 3),
    "spike": (spike, 2),
    "integers": (lambda rng: np.clip(np.round(rng.normal(np.repeat([30, 70], N // 2), 10)), 0, 100), 2),
}


@pytest.mark.parametrize("name", DATA)
def test_same_posterior_from_nodes_and_from_points(name):
    make, k = DATA[name]
    x = make(np.random.default_rng(8927))
    model = mx.GaussianMixture(n_components=k)
    nodes, points = (model.sample(x, draws=500, warmup=500, seed=3, compress=c) for c in (None, False))
    assert nodes.attrs["nodes"] < N / 20
    assert nodes.attrs["certificate"] < 1e-3
    assert points.attrs["nodes"] == N
    assert points.attrs["certificate"] == 0.0
    a, b = (fit.summary().drop(index="occupied") for fit in (nodes, points))
    assert (abs(a["mean"] - b["mean"]) < 4 * np.hypot(a["mcse_mean"], b["mcse_mean"])).all()
    assert (abs(a["sd"] - b["sd"]) < 5 * np.hypot(a["mcse_sd"], b["mcse_sd"])).all()
