"""Old Faithful, both columns, two full components, default priors: a long NUTS run by NumPyro into faithful.json.

Run by hand: `python tests/statistical/references/faithful.py`, some minutes; it needs numpyro and arviz-stats, and of
mixtura only the file of data. The model is written out from Fruehwirth-Schnatter & Malsiner-Walli (2019), section 2.2,
and its numbers are taken from the data here.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np

CHAINS, WARMUP, DRAWS, SEED = 4, 1000, 25_000, 2019
DATA = Path(__file__).parents[3] / "src" / "mixtura" / "datasets" / "faithful.csv"
K = 2


def model(x):
    """Weights Dirichlet(1); means Normal(median, range); precisions Wishart(2 c, S^-1), S ~ Wishart(2 g, G^-1)."""
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as dist
    from jax.scipy.special import logsumexp

    d = x.shape[1]
    middle, spans = np.median(x, axis=0), np.ptp(x, axis=0)
    c, g = 2.5 + (d - 1) / 2, 0.5 + (d - 1) / 2
    inverse = 100 * g / c * np.diag(1 / spans**2)  # the paper's G
    # The paper's Wishart(c, C) is proportional to det(P)^(c - (d+1)/2) exp(-tr(C P)): of 2 c degrees of freedom and
    # scale (2 C)^-1. With C ~ Wishart(g, G) in the same way, S = 2 C has 2 g degrees of freedom and scale G^-1.
    weight = numpyro.sample("weight", dist.Dirichlet(jnp.ones(K)))
    mean = numpyro.sample("mean", dist.Normal(middle, spans).expand([K, d]).to_event(2))
    root = numpyro.sample("root", dist.WishartCholesky(2 * g, rate_matrix=inverse))
    scale = numpyro.deterministic("rate", root @ root.T)
    factor = numpyro.sample("factor", dist.WishartCholesky(2 * c, rate_matrix=scale).expand([K]).to_event(1))
    precision = factor @ jnp.swapaxes(factor, -1, -2)
    numpyro.deterministic("covariance", jnp.linalg.inv(precision))
    white = jnp.einsum("nka,kab->nkb", x[:, None] - mean, factor)
    log_det = jnp.log(jnp.diagonal(factor, axis1=-2, axis2=-1)).sum(-1)
    density = jnp.log(weight) + log_det - 0.5 * (white**2).sum(-1) - 0.5 * d * math.log(2 * math.pi)
    numpyro.factor("loglik", logsumexp(density, axis=1).sum())


def drawn(x):
    """Draws (chains, draws, ...) of each block, components in order of the first feature's mean."""
    import jax
    import numpyro
    from numpyro.infer import MCMC, NUTS, init_to_value

    jax.config.update("jax_enable_x64", True)
    numpyro.set_host_device_count(CHAINS)
    start = {"mean": np.array([[2.0, 55.0], [4.3, 80.0]]), "weight": np.array([0.4, 0.6])}
    start |= {"factor": np.tile(np.diag([1 / 0.3, 1 / 6.0]), (K, 1, 1)), "root": np.diag([0.8, 12.0])}
    kernel = NUTS(model, dense_mass=True, target_accept_prob=0.9, init_strategy=init_to_value(values=start))
    chains = MCMC(
        kernel, num_warmup=WARMUP, num_samples=DRAWS, num_chains=CHAINS, chain_method="sequential", progress_bar=False
    )
    chains.run(jax.random.PRNGKey(SEED), x)
    draws = {name: np.asarray(block) for name, block in chains.get_samples(group_by_chain=True).items()}
    assert (draws["mean"][..., 0, 0] < draws["mean"][..., 1, 0]).all(), "labels were exchanged"
    return draws


def scalars(draws):
    """Each number of the posterior by the name it has in mixtura's summary, (chains, draws)."""
    features = ("eruptions", "waiting")
    found = {f"weight[{j}]": draws["weight"][..., j] for j in range(K)}
    for a, name in enumerate(features):
        found |= {f"mean[{j},{name}]": draws["mean"][..., j, a] for j in range(K)}
        for b, other in enumerate(features[: a + 1]):
            found |= {f"covariance[{j},{name},{other}]": draws["covariance"][..., j, a, b] for j in range(K)}
            found[f"rate[{name},{other}]"] = draws["rate"][..., a, b]
    return found


def main():
    import arviz_stats
    import jax
    import numpyro
    from arviz_stats.base import array_stats

    x = np.loadtxt(DATA, delimiter=",", skiprows=1)
    rows = {}
    for name, values in scalars(drawn(x)).items():
        row = {"mean": values.mean(), "sd": values.std(ddof=1)}
        squares = (values - row["mean"]) ** 2  # chains that alternate know means better than sds
        row["mcse_mean"] = array_stats.mcse(values, method="mean", chain_axis=0, draw_axis=1)
        row["mcse_sd"] = array_stats.mcse(squares, method="mean", chain_axis=0, draw_axis=1) / (2 * row["sd"])
        row["ess_bulk"] = array_stats.ess(values, method="bulk", chain_axis=0, draw_axis=1)
        row["r_hat"] = array_stats.rhat(values, chain_axis=0, draw_axis=1)
        rows[name] = {key: float(f"{value:.9g}") for key, value in row.items()}
        print(name, rows[name], flush=True)
    versions = {m.__name__: m.__version__ for m in (numpyro, jax, np, arviz_stats)}
    run = {"chains": CHAINS, "warmup": WARMUP, "draws": DRAWS, "seed": SEED}
    Path(__file__).with_suffix(".json").write_text(json.dumps({"versions": versions, **run, "rows": rows}, indent=1))


if __name__ == "__main__":
    main()
