"""Simulation-based calibration: over many simulated data sets, the truth ranks evenly among the posterior's draws."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura import priors as p
from mixtura.covariance import is_per_component
from mixtura.data import Points
from mixtura.engines.threads import expected
from mixtura.model import GaussianMixture
from mixtura.params import Floats, Params
from mixtura.testing.methods import Method, method_of, registered

Sampler = Callable[[GaussianMixture, Floats, int], Params]


class Calibration(NamedTuple):
    """Outcome of simulation-based calibration.

    Attributes
    ----------
    names : tuple of str
        What was ranked: each free parameter, and the log-likelihood.
    ranks : array (r, m)
        In each of r data sets, how many draws lie below the truth: 0 .. draws.
    p_values : array (m,)
        Of the chi-square test that ranks are uniform.
    """

    names: tuple[str, ...]
    ranks: NDArray[np.int64]
    p_values: Floats

    @property
    def p_value(self) -> float:
        """Of the least uniform among m (Bonferroni)."""
        return float(min(1.0, self.p_values.min() * self.p_values.size))


def sbc(
    model: GaussianMixture,
    algorithm: str | Method | Sampler,
    n: int = 20,
    replications: int = 300,
    draws: int = 15,
    thin: int = 40,
    warmup: int = 300,
    seed: int = 0,
) -> Calibration:
    """Rank the truth among posterior draws, over data sets simulated from the prior (Talts et al. 2018, algorithm 2).

    Each replication is a whole fit of one chain: starts, warm-up, units and all. Where priors are exchangeable, truth
    and draws are both sorted by mean first. The log-likelihood is ranked as well: it sees what single parameters
    do not (Modrák et al. 2023).

    Parameters
    ----------
    model : GaussianMixture
        Every prior spelled out.
    algorithm : str, Method or callable
        A name; anything with NAME, INFO, start and advance; or a function of (model, x, seed) that returns nearly
        independent draws, as Params of shape (s, k).
    n : int
        Points per data set.
    replications : int
        Data sets. 300 with 16 ranks make 19 expected in each.
    draws, thin : int
        Draws that are ranked, and how many the chain makes for each: correlated draws crowd together, and the truth
        ranks first or last too often.
    warmup : int
        Warm-up draws of each fit.
    seed : int
        Fixes the outcome.

    Returns
    -------
    Calibration

    Raises
    ------
    ValueError, TypeError
        If priors wait for data, or the algorithm is unknown.

    Examples
    --------
    >>> import mixtura as mx
    >>> model = mx.GaussianMixture(
    ...     n_components=2, means=mx.Normal([-1, 1], 1), scales=mx.LogNormal(0, 0.5), weights=mx.Dirichlet(2)
    ... )
    >>> sbc(model, "gibbs", replications=50, draws=4).p_value > 0.001
    True
    """
    from scipy.stats import chisquare

    chain = _sampler(algorithm, draws, thin, warmup)
    names, ranks = _names(model), []
    for child in np.random.SeedSequence(seed).spawn(replications):
        data_seed, chain_seed = (int(word) for word in child.generate_state(2))
        made = model.simulate(n, data_seed)
        sample = chain(model, made.x, chain_seed)
        weights, means, scales, rate = made.params
        truth = Params(weights[None], means[None], scales[None], np.atleast_1d(rate))
        ranks.append((_quantities(model, made.x, sample) < _quantities(model, made.x, truth)).sum(0))
    table = np.array(ranks)
    counts = np.stack([np.bincount(column, minlength=len(sample.means) + 1) for column in table.T])
    return Calibration(names, table, np.asarray(chisquare(counts, axis=1).pvalue))


def _sampler(algorithm: str | Method | Sampler, draws: int, thin: int, warmup: int) -> Sampler:
    """A function of (model, x, seed): the one given, or fits by an algorithm, thinned."""
    if not isinstance(algorithm, (str, Method)) and callable(algorithm):
        return algorithm
    method = method_of(algorithm)

    def chain(model: GaussianMixture, x: Floats, seed: int) -> Params:
        with nullcontext(method.NAME) if isinstance(algorithm, str) else registered(method) as name:
            fit = model.sample(
                x, draws=draws * thin, warmup=warmup, chains=1, algorithm=name, seed=seed, progress=False
            )
        return Params(*(block[0, thin - 1 :: thin] for block in fit.params()))

    return chain


def _names(model: GaussianMixture) -> tuple[str, ...]:
    k, spread = model.n_components, model.scales or model.variances
    names = [f"weight[{j}]" for j in range(_n_weights(model))]
    names += [f"mean[{j}]" for j in range(k) if not isinstance(model.means, p.Fixed)]
    if not isinstance(spread, p.Fixed):
        names += [f"scale[{j}]" for j in range(k)] if is_per_component(model.covariance) else ["scale"]
    return (*names, *(["rate"] if model.rate is not None else []), "loglik")


def _n_weights(model: GaussianMixture) -> int:
    """Weights to rank: of two, one says all."""
    k = model.n_components
    return 0 if isinstance(model.weights, p.Fixed) else k if k > 2 else k - 1


def _quantities(model: GaussianMixture, x: Floats, params: Params) -> Floats:
    """What is ranked (s, m), in the order of `_names`, for draws (s, k)."""
    if model.exchangeable:
        params = params.permute(np.argsort(params.means, axis=-1))
    blocks = [params.weights[:, : _n_weights(model)]]
    blocks += [] if isinstance(model.means, p.Fixed) else [params.means]
    blocks += [] if isinstance(model.scales or model.variances, p.Fixed) else [params.scales[:, : model.n_scales]]
    blocks += [params.rate[:, None]] if model.rate is not None else []
    data = Points(x, np.ones(x.size))
    loglik = [expected(data, Params(*row, np.full(1, np.nan))).loglik for row in zip(*params[:3], strict=True)]
    return np.hstack([*blocks, loglik])
