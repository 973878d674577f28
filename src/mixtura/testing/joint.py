"""Geweke's joint distribution test: two ways to draw parameters and data together, which must agree."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled.rng import streams
from mixtura.model import GaussianMixture
from mixtura.testing.methods import Method, method_of, side_of

ROUNDS = 3  # draws made between two data sets; the last is taken


class Joint(NamedTuple):
    """Outcome of Geweke's test.

    Attributes
    ----------
    names : tuple of str
        The moments compared: of u[i], the rank of coordinate i among draws from the prior, on (-1, 1), and products.
    z : array (m,)
        Difference of the two simulators' means in its standard errors; standard normal if the algorithm is right.
    p_value : float
        Of the z farthest from 0, among m (Bonferroni).
    """

    names: tuple[str, ...]
    z: Floats
    p_value: float


def geweke(model: GaussianMixture, algorithm: str | Method, n: int = 5, draws: int = 5000, seed: int = 0) -> Joint:
    """Compare parameters drawn from the prior with parameters and data redrawn in turn (Geweke 2004, section 3).

    The first simulator draws parameters from the prior. The second alternates a transition of the algorithm, which
    must leave the posterior given the data as it is, with new data given the parameters; if it does, its parameters
    too follow the prior. Moments are taken of each coordinate's rank in the prior, which has moments whatever the
    prior; the errors of the chain know its autocorrelation. Nothing adapts: of NUTS and Metropolis the kernels are
    tested, at three lengths of step in turn, not the warm-up (`sbc` tests whole fits).

    Parameters
    ----------
    model : GaussianMixture
        Every prior spelled out; about unit scale, with scales that seldom come near 0: data sets drawn there hold the
        chain for so long that its errors are underestimated (a HalfNormal is too much for NUTS; `sbc` takes it).
    algorithm : str or Method
        A name, or anything with NAME, INFO, start and advance.
    n : int
        Points per data set. Few make the test sharp: the chain forgets soon.
    draws : int
        Data sets in the chain, and draws from the prior.
    seed : int
        Fixes the outcome.

    Returns
    -------
    Joint

    Raises
    ------
    ValueError, TypeError
        If priors wait for data, or the algorithm is unknown.

    Examples
    --------
    >>> import mixtura as mx
    >>> model = mx.GaussianMixture(
    ...     n_components=2, means=mx.Normal(0, 1), variances=mx.InverseGamma(3, 2), weights=mx.Dirichlet(2)
    ... )
    >>> geweke(model, "nuts", draws=500).p_value > 0.001
    True
    """
    method, rng = method_of(algorithm, model), np.random.default_rng(seed)
    target = side_of(model).target_for(model, n)
    priors = np.array([_position(model, target, model.draw_prior(rng)) for _ in range(draws)])
    chain = _redrawn(model, target, method, np.atleast_2d(np.cov(priors.T)), (n, draws), rng)
    return _compare(priors, chain)


def _position(model: GaussianMixture, target: Any, params: Any) -> Floats:
    """Coordinates (d,), components in order of their means where labels carry no meaning."""
    side = side_of(model)
    q: Floats = side.position_of(target, side.in_order(params) if model.exchangeable else params)
    return q


def _redrawn(
    model: GaussianMixture,
    target: Any,
    method: Method,
    covariance: Floats,
    size: tuple[int, int],
    rng: np.random.Generator,
) -> Floats:
    """Coordinates (draws, d), for a size of (n, draws), from the successive-conditional simulator.

    It begins at the prior, where it is at home.
    """
    side = side_of(model)
    swaps, room = not model.exchangeable and side.can_trade(target), side.room_for(target, ROUNDS, len(method.INFO))
    work, stream = side.work_for(target), streams(int(rng.integers(2**32)), 1)[0]
    params, (n, draws) = model.draw_prior(rng), size
    out = np.empty((draws, len(covariance)))
    for s in range(draws):
        labels = rng.choice(model.n_components, n, p=params.weights)
        side.put(target, side.draw_points(params, labels, rng))
        chain = method.start(target, side.position_of(target, params), covariance * 4.0 ** -rng.integers(3), swaps)
        method.advance(target, chain, work, stream, 0, ROUNDS, 0, room)
        params = side.last(room)
        out[s] = _position(model, target, params)
    return out


def _compare(priors: Floats, chain: Floats) -> Joint:
    """z-scores of first and second moments; the chain's errors know its autocorrelation."""
    from arviz_stats.base import array_stats  # type: ignore[attr-defined]
    from scipy.stats import norm

    d, half = priors.shape[1], len(priors) / 2.0
    rows, columns = np.triu_indices(d)
    names = (*(f"u[{i}]" for i in range(d)), *(f"u[{i}] u[{j}]" for i, j in zip(rows, columns, strict=True)))
    ladder = np.sort(priors, axis=0)
    moments = []
    for sample in (priors, chain):
        u = np.array([np.searchsorted(ladder[:, i], sample[:, i]) / half - 1.0 for i in range(d)])
        moments.append(np.vstack([u, u[rows] * u[columns]]))
    a, b = moments
    errors = array_stats.mcse(b[:, None], method="mean", chain_axis=1, draw_axis=2)
    z = (b.mean(1) - a.mean(1)) / np.sqrt(a.var(1) / a.shape[1] + errors**2)
    return Joint(names, z, float(min(1.0, 2.0 * norm.sf(np.abs(z).max()) * z.size)))
