"""NumPyro's NUTS, parallel chains on host devices, 32-bit floats (its defaults).

Seconds run from the end of the longest compilation, as JAX reports it, to the draws in hand: `mcmc.run` dispatches the
compiled sampler and returns before it is done.
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("XLA_FLAGS", "--xla_force_host_platform_device_count=4")

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpyro.infer import MCMC, NUTS, init_to_value

from benchmarks.chains import CHAINS, DRAWS, WARMUP
from benchmarks.column.outcome import Run
from benchmarks.column.problems import Problem


def sample(problem: Problem, seed: int, warm: bool) -> Run:
    k, data = problem.k, jnp.array(problem.x)

    def model(x):
        prior = dist.Normal(jnp.array(problem.mean_mu), problem.mean_sigma)
        if problem.ordered:  # the prior on ordered means; OrderedTransform of a Normal would be another one
            mu = numpyro.sample("mu", dist.ImproperUniform(dist.constraints.ordered_vector, (), (k,)))
            numpyro.factor("mu_prior", prior.log_prob(mu).sum())
        else:
            mu = numpyro.sample("mu", prior.to_event(1))
        kind = dist.HalfCauchy if problem.scale == "half_cauchy" else dist.HalfNormal
        size = problem.scale_size if problem.tied else jnp.full(k, problem.scale_size)
        sigma = numpyro.sample("sigma", kind(size) if problem.tied else kind(size).to_event(1))
        w = numpyro.sample("w", dist.Dirichlet(jnp.ones(k)))
        parts = dist.Normal(mu, sigma * jnp.ones(k))
        numpyro.sample("x", dist.MixtureSameFamily(dist.Categorical(w), parts), obs=x)

    kernel = NUTS(model, init_strategy=init_to_value(values={"mu": jnp.array(problem.start)}))
    mcmc = MCMC(kernel, num_warmup=WARMUP, num_samples=DRAWS, num_chains=CHAINS, progress_bar=False)
    compilations = [(0.0, time.perf_counter())]  # how long, and when it ended

    def listen(event: str, seconds: float, **_) -> None:
        if event.endswith("backend_compile_duration"):
            compilations.append((seconds, time.perf_counter()))

    jax.monitoring.register_event_duration_secs_listener(listen)
    mcmc.run(jax.random.PRNGKey(seed), data)
    draws = {name: np.asarray(value) for name, value in mcmc.get_samples(group_by_chain=True).items()}
    seconds = time.perf_counter() - max(compilations)[1]
    scales = draws["sigma"]
    scales = np.repeat(scales[..., None], k, -1) if scales.ndim == 2 else scales
    return Run(draws["w"], draws["mu"], scales, seconds)
