"""The posterior in closed form: a sum over every allocation of a few points to components."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from mixtura import priors as p
from mixtura.covariance import scale_of
from mixtura.data import points
from mixtura.model import GaussianMixture
from mixtura.params import Floats

MOST = 1_000_000  # allocations that are enumerated
LOG_2PI = math.log(2.0 * math.pi)


class Exact(NamedTuple):
    """The posterior of a mixture with known scales.

    Attributes
    ----------
    log_evidence : float
        Log marginal likelihood of the data.
    weight_mean, weight_sd, mean_mean, mean_sd : array (k,)
        Posterior mean and standard deviation of each weight and each mean.
    membership : array (n, k)
        Posterior probability that each point belongs to each component.
    """

    log_evidence: float
    weight_mean: Floats
    weight_sd: Floats
    mean_mean: Floats
    mean_sd: Floats
    membership: Floats


class Block(NamedTuple):
    """A block of parameters given each of the a allocations: log evidence (a,), first and second moments (a, k)."""

    log_evidence: Floats
    first: Floats
    second: Floats


def exact_posterior(model: GaussianMixture, x: Any) -> Exact:
    """Enumerate all k**n allocations: given one, weights are Dirichlet and means are normal, independently.

    Parameters
    ----------
    model : GaussianMixture
        Scales (or variances) Fixed; means Fixed or Normal; weights Fixed or Dirichlet.
    x : array (n,)
        A few points: k**n is at most a million.

    Returns
    -------
    Exact

    Raises
    ------
    ValueError
        If a block's prior has no closed form here, or there are too many allocations.

    Examples
    --------
    >>> import mixtura as mx
    >>> model = mx.GaussianMixture(n_components=2, means=mx.Fixed([-1, 1]), scales=mx.Fixed(1), weights=mx.Dirichlet(1))
    >>> exact_posterior(model, [-1.0, 0.0, 1.0]).weight_mean.round(6)
    array([0.5, 0.5])
    """
    data = points(x).x
    k, n = model.n_components, data.size
    if k**n > MOST:
        raise ValueError(f"{k} components and {n} points make {k**n} allocations; at most {MOST} are enumerated")
    hot = np.eye(k)[np.indices((k,) * n).reshape(n, -1).T]  # (a, n, k)
    weights, means = _weights_block(model, hot.sum(1)), _means_block(model, data, hot)
    joint = weights.log_evidence + means.log_evidence
    top = joint.max()
    share = np.exp(joint - top)
    log_evidence = float(top + math.log(share.sum()))
    share /= share.sum()
    moments = [share @ block for block in (weights.first, weights.second, means.first, means.second)]
    weight_sd, mean_sd = (np.sqrt(np.maximum(second - first**2, 0.0)) for first, second in (moments[:2], moments[2:]))
    return Exact(log_evidence, moments[0], weight_sd, moments[2], mean_sd, np.einsum("a,ank->nk", share, hot))


def _weights_block(model: GaussianMixture, counts: Floats) -> Block:
    """Weights given allocations with these counts (a, k): the Dirichlet-multinomial."""
    from scipy.special import gammaln

    prior = model.weights
    if isinstance(prior, p.Fixed):
        value = prior.columns(model.n_components)[0]
        return Block(counts @ np.log(value), np.tile(value, (len(counts), 1)), np.tile(value**2, (len(counts), 1)))
    if not isinstance(prior, p.Dirichlet):
        raise ValueError(f"weights must be Fixed or Dirichlet to be enumerated; got {prior!r}")
    a = prior.columns(model.n_components)[0]
    after, total = a + counts, (a + counts).sum(1, keepdims=True)
    log_evidence = (gammaln(after) - gammaln(a)).sum(1) + gammaln(a.sum()) - gammaln(total[:, 0])
    return Block(log_evidence, after / total, after * (after + 1) / (total * (total + 1)))


def _means_block(model: GaussianMixture, x: Floats, hot: Floats) -> Block:
    """Means given allocations (a, n, k) and known scales: a normal prior meets normal data."""
    k, prior = model.n_components, model.means
    scales = _known_scales(model)
    counts = hot.sum(1)
    plain = -0.5 * counts @ (LOG_2PI + 2.0 * np.log(scales))
    if isinstance(prior, p.Fixed):
        mu = prior.columns(k)[0]
        squares = np.einsum("ank,nk->ak", hot, ((x[:, None] - mu) / scales) ** 2)
        shape = counts.shape
        return Block(plain - 0.5 * squares.sum(1), np.broadcast_to(mu, shape), np.broadcast_to(mu**2, shape))
    if not isinstance(prior, p.Normal):
        raise ValueError(f"means must be Fixed or Normal to be enumerated; got {prior!r}")
    mu, sigma = prior.columns(k)
    apart = (x[:, None] - mu) / scales  # about the prior's centre, so that squares stay small
    sums, squares = np.einsum("ank,nk->ak", hot, apart), np.einsum("ank,nk->ak", hot, apart**2)
    shrink = 1.0 / (counts + (scales / sigma) ** 2)
    log_ratio = 0.5 * np.log(shrink * (scales / sigma) ** 2)
    centre, variance = mu + scales * sums * shrink, scales**2 * shrink
    log_evidence = plain + (log_ratio - 0.5 * (squares - sums**2 * shrink)).sum(1)
    return Block(log_evidence, centre, centre**2 + variance)


def _known_scales(model: GaussianMixture) -> Floats:
    spread = model.scales or model.variances
    if not isinstance(spread, p.Fixed):
        raise ValueError(f"scales (or variances) must be Fixed to be enumerated; got {spread!r}")
    values = spread.columns(model.n_scales)[0][scale_of(model.covariance, model.n_components)]
    return np.sqrt(values) if model.variances is not None else values
