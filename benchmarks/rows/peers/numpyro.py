"""NumPyro's NUTS by its defaults (32-bit floats), one chain on all cores, cut short: what a gradient and a draw cost.

It starts where the points came from, so no time goes into finding them. Seconds are those of the draws, warm-up and
compilation left out; what its full run would give at best is worked out from them in the report.
"""

from __future__ import annotations

import time

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import NUTS, init_to_value

from benchmarks.rows.outcome import Run, most_probable
from benchmarks.rows.problems import FEATURES, WEIGHTS, Problem, parts

WARMUP, DRAWS = 150, 50


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    k, data = problem.k, jnp.array(problem.x)

    def model(x):
        with numpyro.plate("component", k):
            mu = numpyro.sample("mu", dist.Normal(0, problem.mean_sigma).expand([FEATURES]).to_event(1))
            sigma = numpyro.sample("sigma", dist.HalfNormal(problem.scale_size).expand([FEATURES]).to_event(1))
            root = numpyro.sample("root", dist.LKJCholesky(FEATURES, problem.eta))
        w = numpyro.sample("w", dist.Dirichlet(jnp.ones(k)))
        normals = dist.MultivariateNormal(mu, scale_tril=sigma[..., None] * root)
        numpyro.sample("x", dist.MixtureSameFamily(dist.Categorical(w), normals), obs=x)

    kernel = NUTS(model, init_strategy=init_to_value(values=_truth()))
    state = kernel.init(jax.random.PRNGKey(seed), WARMUP, None, model_args=(data,), model_kwargs={})
    step = jax.jit(lambda state: kernel.sample(state, (data,), {}))
    for _ in range(WARMUP):
        state = step(state)
    jax.block_until_ready(state)
    began, states = time.perf_counter(), []
    for _ in range(DRAWS):
        states.append(state := step(state))
    jax.block_until_ready(state)
    seconds = time.perf_counter() - began
    named = [kernel.postprocess_fn((data,), {})(state.z) for state in states]
    draws = {name: np.array([[draw[name] for draw in named]]) for name in named[0]}
    factors = draws["sigma"][..., None] * draws["root"]
    blocks = draws["w"], draws["mu"], factors @ np.swapaxes(factors, -1, -2)
    labels = most_probable(problem.x, *(block[0, -1].astype(float) for block in blocks))
    return Run(*blocks, labels, seconds, {"draws": DRAWS, "gradients": sum(int(state.num_steps) for state in states)})


def _truth() -> dict[str, jax.Array]:
    """The parameters that made the points, by the model's names."""
    means, covariances = parts()
    scales = np.sqrt(np.diagonal(covariances, axis1=1, axis2=2))
    root = np.linalg.cholesky(covariances) / scales[..., None]
    return {
        name: jnp.array(value) for name, value in {"mu": means, "sigma": scales, "root": root, "w": WEIGHTS}.items()
    }
