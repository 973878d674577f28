"""Simulation-based calibration: over many simulated data sets, the truth ranks evenly among the posterior's draws."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from mixtura.arguments import Algorithm
from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.testing.methods import Method, method_of, registered, side_of

Sampler = Callable[[GaussianMixture, Floats, int], Any]


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
    and draws are both sorted by mean first, of rows by its first feature. The log-likelihood is ranked as well: it sees
    what single parameters do not (Modrák et al. 2023).

    Parameters
    ----------
    model : GaussianMixture
        Every prior spelled out.
    algorithm : str, Method or callable
        A name; anything with NAME, INFO, start and advance; or a function of (model, x, seed) that returns nearly
        independent draws, as Params with one leading axis.
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

    chain, ranks = _sampler(algorithm, model, draws, thin, warmup), []
    for child in np.random.SeedSequence(seed).spawn(replications):
        data_seed, chain_seed = (int(word) for word in child.generate_state(2))
        made = model.simulate(n, data_seed)
        truth = type(made.params)(*(np.asarray(block)[None] for block in made.params))
        names, true = _ranked(model, made.x, truth)
        drawn = _ranked(model, made.x, chain(model, made.x, chain_seed))[1]
        ties = (drawn == true).sum(0)  # weights below the least that is told apart
        ranks.append((drawn < true).sum(0) + np.random.default_rng(child).integers(0, ties + 1))
    table = np.array(ranks)
    counts = np.stack([np.bincount(column, minlength=len(drawn) + 1) for column in table.T])
    return Calibration(names, table, np.asarray(chisquare(counts, axis=1).pvalue))


def _sampler(algorithm: str | Method | Sampler, model: GaussianMixture, draws: int, thin: int, warmup: int) -> Sampler:
    """A function of (model, x, seed): the one given, or fits by an algorithm, thinned."""
    if not isinstance(algorithm, (str, Method)) and callable(algorithm):
        return algorithm
    method = method_of(algorithm, model)

    def chain(model: GaussianMixture, x: Floats, seed: int) -> Any:
        with nullcontext(method.NAME) if isinstance(algorithm, str) else registered(method) as name:
            fit = model.sample(
                x,
                draws=draws * thin,
                warmup=warmup,
                chains=1,
                algorithm=cast("Algorithm", name),
                seed=seed,
                progress=False,
            )
        params = fit._record.params
        return type(params)(*(block[0, thin - 1 :: thin] for block in params))

    return chain


def _ranked(model: GaussianMixture, x: Floats, params: Any) -> tuple[tuple[str, ...], Floats]:
    """Names and values (s, m) of what is ranked, for draws with one leading axis."""
    side = side_of(model)
    found = side.quantities(model, x, side.in_order(params) if model.exchangeable else params)
    return tuple(found), np.stack(list(found.values()), axis=1)
