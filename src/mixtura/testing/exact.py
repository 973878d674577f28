"""The posterior in closed form: a sum over every allocation of a few points to components."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from mixtura import priors as p
from mixtura.arrays import Floats
from mixtura.line.beliefs import reduced
from mixtura.model import GaussianMixture
from mixtura.reading.data import points

MOST = 1_000_000  # allocations that are enumerated
LOG_2PI = math.log(2.0 * math.pi)


class Exact(NamedTuple):
    """The posterior of a mixture with known covariances or known means.

    Attributes
    ----------
    log_evidence : float
        Log marginal likelihood of the data.
    weight_mean, weight_sd : array (k,)
        Posterior mean and standard deviation of each weight.
    mean_mean, mean_sd : array (k,), of rows (k, d)
        Of each mean.
    covariance_mean, covariance_sd : array (k,), of rows (k, d, d)
        Of each variance, of rows of each entry of the covariances; the sd is infinite where there is none.
    membership : array (n, k)
        Posterior probability that each point belongs to each component.
    """

    log_evidence: float
    weight_mean: Floats
    weight_sd: Floats
    mean_mean: Floats
    mean_sd: Floats
    covariance_mean: Floats
    covariance_sd: Floats
    membership: Floats


class Block(NamedTuple):
    """A block of parameters given each of the a allocations: log evidence (a,), first and second moments (a, k, ...).

    Of a block that is known, moments are (1, k, ...) and there is no evidence.
    """

    log_evidence: Floats | float
    first: Floats
    second: Floats


def exact_posterior(model: GaussianMixture, x: Any) -> Exact:
    """Enumerate all k**n allocations: given one, each block has a closed form, and blocks are independent.

    Parameters
    ----------
    model : GaussianMixture
        Weights Fixed or Dirichlet; means Fixed, Normal or MvNormal where the spread is Fixed; where means are Fixed,
        covariances InverseWishart or variances InverseGamma, both of numbers.
    x : array (n,) or (n, d)
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
    k, n = model.n_components, len(data)
    if k**n > MOST:
        raise ValueError(f"{k} components and {n} points make {k**n} allocations; at most {MOST} are enumerated")
    model = reduced(model) if data.ndim == 1 else replace(model, n_features=data.shape[1])
    hot = np.eye(k)[np.indices((k,) * n).reshape(n, -1).T]  # (a, n, k)
    weights = _weights_block(model, hot.sum(1))
    means, covariances = _normal_blocks(model, data.reshape(n, -1), hot)
    joint = np.asarray(weights.log_evidence + means.log_evidence + covariances.log_evidence)
    top = float(joint.max())
    share = np.exp(joint - top)
    log_evidence = top + math.log(share.sum())
    share /= share.sum()
    moments = [_mean_and_sd(share, block) for block in (weights, means, covariances)]
    if data.ndim == 1:
        moments[1:] = [(mean.reshape(k), sd.reshape(k)) for mean, sd in moments[1:]]
    (weight, mean, covariance) = moments
    return Exact(log_evidence, *weight, *mean, *covariance, np.einsum("a,ank->nk", share, hot))


def _mean_and_sd(share: Floats, block: Block) -> tuple[Floats, Floats]:
    """Of a block, over allocations with these shares (a,)."""
    share = share if len(block.first) > 1 else np.ones(1)
    first, second = (np.tensordot(share, moment, 1) for moment in (block.first, block.second))
    return first, np.sqrt(np.maximum(second - first**2, 0.0))


def _known(value: Floats) -> Block:
    return Block(0.0, value[None], value[None] ** 2)


def _weights_block(model: GaussianMixture, counts: Floats) -> Block:
    """Weights given allocations with these counts (a, k): the Dirichlet-multinomial."""
    from scipy.special import gammaln

    prior = model.weights
    if isinstance(prior, p.Fixed):
        value = prior.columns(model.n_components)[0]
        return _known(value)._replace(log_evidence=counts @ np.log(value))
    if not isinstance(prior, p.Dirichlet):
        raise ValueError(f"weights must be Fixed or Dirichlet to be enumerated; got {prior!r}")
    a = prior.columns(model.n_components)[0]
    after, total = a + counts, (a + counts).sum(1, keepdims=True)
    log_evidence = (gammaln(after) - gammaln(a)).sum(1) + gammaln(a.sum()) - gammaln(total[:, 0])
    return Block(log_evidence, after / total, after * (after + 1) / (total * (total + 1)))


def _normal_blocks(model: GaussianMixture, x: Floats, hot: Floats) -> tuple[Block, Block]:
    """Means and covariances given allocations (a, n, k) of points (n, d): one of the two is known."""
    k, d = model.n_components, x.shape[1]
    spread = model.scales or model.variances or model.covariances
    if isinstance(spread, p.Fixed):
        covariances = _known_covariances(model, d)
        return _means_block(model, covariances, x, hot), _known(covariances)
    if not isinstance(model.means, p.Fixed):
        raise ValueError(
            f"means or else scales, variances or covariances must be Fixed to be enumerated; got {model!r}"
        )
    means = _by_component(model.means, k, d)[0]
    apart = x[:, None] - means
    scatter = np.einsum("ank,nki,nkj->akij", hot, apart, apart)
    if isinstance(spread, p.InverseWishart) and spread.rate is None:
        return _known(means), _inverse_wishart(model, spread, hot.sum(1), scatter)
    if isinstance(spread, p.InverseGamma) and spread.rate is None and model.variances is not None:
        return _known(means), _inverse_gamma(model, spread, hot.sum(1), np.diagonal(scatter, axis1=2, axis2=3))
    raise ValueError(
        f"covariances InverseWishart, or variances InverseGamma, are enumerated, of numbers; got {spread!r}"
    )


def _by_component(prior: p.Prior, k: int, d: int) -> list[Floats]:
    """Numbers of a prior of means, each (k, d)."""
    return prior.table((k, d)) if d > 1 else [numbers[:, None] for numbers in prior.table((k,))]


def _known_covariances(model: GaussianMixture, d: int) -> Floats:
    """Covariances (k, d, d) that are Fixed."""
    k = model.n_components
    if isinstance(model.covariances, p.Fixed):
        return model.covariances.table((k, d, d))[0]
    if model.correlations is not None:
        raise ValueError(f"correlations have no closed form; got {model.correlations!r}")
    spread = model.scales or model.variances
    assert spread is not None
    values = spread.table(_spread_shape(model, d))[0].ravel()
    variances = values if model.variances is not None else values**2
    at = model.structure.scale_at(k, d)
    return variances[at][..., None] * np.eye(d)


def _spread_shape(model: GaussianMixture, d: int) -> tuple[int, ...]:
    """Shape of the scales or variances that are declared."""
    return model.structure.scales_shape(model.n_components, d) if d > 1 else (model.n_scales,)


def _means_block(model: GaussianMixture, covariances: Floats, x: Floats, hot: Floats) -> Block:
    """Means given allocations (a, n, k) and known covariances (k, d, d): a normal prior meets normal data."""
    k, d = covariances.shape[:2]
    prior, precisions, counts = model.means, np.linalg.inv(covariances), hot.sum(1)
    if isinstance(prior, p.MvNormal):
        mu, trust = np.broadcast_to(prior.mu, (k, d)), np.linalg.inv(np.array(prior.cov))
    elif isinstance(prior, p.Normal):
        mu, sigma = _by_component(prior, k, d)
        trust = np.eye(d) / sigma[..., None] ** 2
    elif isinstance(prior, p.Fixed):
        (mu,) = _by_component(prior, k, d)
    else:
        raise ValueError(f"means must be Fixed, Normal or MvNormal to be enumerated; got {prior!r}")
    apart = x[:, None] - mu  # about the prior's centre, so that squares stay small
    squares = np.einsum("ank,nki,kij,nkj->ak", hot, apart, precisions, apart)
    plain = 0.5 * (counts * (np.linalg.slogdet(precisions)[1] - d * LOG_2PI) - squares).sum(1)
    if isinstance(prior, p.Fixed):
        return _known(mu)._replace(log_evidence=plain)
    after = trust + counts[..., None, None] * precisions
    pull = np.einsum("kij,ank,nkj->aki", precisions, hot, apart)
    shift = np.linalg.solve(after, pull[..., None])[..., 0]
    gain = np.linalg.slogdet(trust)[1] - np.linalg.slogdet(after)[1] + (shift * pull).sum(-1)
    variance = np.diagonal(np.linalg.inv(after), axis1=-2, axis2=-1)
    return Block(plain + 0.5 * gain.sum(1), mu + shift, (mu + shift) ** 2 + variance)


def _inverse_wishart(model: GaussianMixture, prior: p.InverseWishart, counts: Floats, scatter: Floats) -> Block:
    """Covariances given known means: counts (a, k) and scatter (a, k, d, d) meet an inverse Wishart."""
    from scipy.special import multigammaln

    if model.structure.shared:
        counts, scatter = counts.sum(1, keepdims=True), scatter.sum(1, keepdims=True)
    scale, d = np.array(prior.scale, float), scatter.shape[-1]
    df, after = prior.df + counts, scale + scatter
    log_evidence = multigammaln(df / 2, d) - multigammaln(prior.df / 2, d) - counts * d / 2 * math.log(math.pi)
    log_evidence += (prior.df * np.linalg.slogdet(scale)[1] - df * np.linalg.slogdet(after)[1]) / 2
    free = (df - d - 1)[..., None, None]  # moments: von Rosen 1988, theorem 3.1
    mean, diagonal = after / free, np.diagonal(after, axis1=2, axis2=3)
    spread = (free + 2) * after**2 + free * diagonal[..., :, None] * diagonal[..., None, :]
    with np.errstate(divide="ignore"):
        variance = np.where(free > 2, spread / ((free + 1) * free**2 * np.maximum(free - 2, 0.0)), math.inf)
    shape = (len(counts), model.n_components, d, d)
    second = np.broadcast_to(mean**2 + variance, shape)
    return Block(log_evidence.sum(1), np.broadcast_to(mean, shape), second)


def _inverse_gamma(model: GaussianMixture, prior: p.InverseGamma, counts: Floats, squares: Floats) -> Block:
    """Variances given known means: counts (a, k) and squares (a, k, d) meet inverse gammas."""
    from scipy.special import gammaln

    a, k, d = squares.shape
    at = model.structure.scale_at(k, d).ravel()
    shared = np.eye(at.max() + 1)[at]  # which of g parameters each component's features use, (k d, g)
    alpha, beta = (column.ravel() for column in prior.table(_spread_shape(model, d))[:2])
    points = np.repeat(counts, d, axis=1) @ shared
    shape, rate = alpha + points / 2, beta + squares.reshape(a, -1) @ shared / 2
    log_evidence = gammaln(shape) - gammaln(alpha) + alpha * np.log(beta) - shape * np.log(rate) - points / 2 * LOG_2PI
    with np.errstate(divide="ignore"):
        mean = np.where(shape > 1, rate / np.maximum(shape - 1, 0.0), math.inf)
        second = np.where(shape > 2, mean * rate / np.maximum(shape - 2, 0.0), math.inf)
    first, second = (np.eye(d) * moment[:, at].reshape(a, k, d)[..., None] for moment in (mean, second))
    return Block(log_evidence.sum(1), first, second)
