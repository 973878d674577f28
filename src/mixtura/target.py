"""What is explored: prior times likelihood, in coordinates without constraints, built from statistics alone.

A position q stacks the free blocks: means, scales, weights, rate (`coordinates` maps each). The gradient is a
linear function of the statistics (Fisher's identity), so the data are read once per position and nothing is
differentiated automatically.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura import priors as p
from mixtura.coordinates import SMALLEST, log_weight, log_weights_shift, place, simplex_basis, unplace
from mixtura.covariance import scale_of
from mixtura.data import Points
from mixtura.densities import log_density
from mixtura.engines.threads import empty_stats, expect, tile_for
from mixtura.jit import copy, entry, exact, fill, kernel
from mixtura.model import GaussianMixture
from mixtura.params import Floats, Params
from mixtura.stats import Stats

Ints = NDArray[np.int64]
MEANS, SCALES, WEIGHTS, RATE, SIZE = range(5)  # what `Target.at` holds: where each block starts in q, -1 if fixed


class Target(NamedTuple):
    """A model and its data, in standardised units, ready for compiled code (k components, g scales)."""

    points: Points
    at: Ints  # (5,)
    kinds: Ints  # (2,): of the means' and of the scales' prior
    mean_args: Floats  # (k, 4)
    mean_bounds: Floats  # (k, 2)
    scale_args: Floats  # (g, 4)
    scale_bounds: Floats  # (g, 2)
    scale_of: Ints  # (k,)
    concentration: Floats  # (k,)
    basis: Floats  # (k, k-1)
    rate_args: Floats  # (4,)
    fixed: Params  # values of the fixed blocks
    log_constant: float  # of the weights' prior and Jacobian


class Work(NamedTuple):
    """Scratch of one chain: the parameters last placed, the statistics last seen there, one tile."""

    params: Params
    stats: Stats
    tile: Floats


def work_for(n_components: int) -> Work:
    """Scratch for k components."""
    k = n_components
    params = Params(np.full(k, 1.0 / k), np.zeros(k), np.ones(k), np.full(1, np.nan))
    return Work(params, empty_stats(k), tile_for(k))


def target_of(model: GaussianMixture, points: Points) -> Target:
    """Encode a model whose priors are all spelled out; `points` and priors in standardised units."""
    k, g = model.n_components, model.n_scales
    means, weights, spread = model.means, model.weights, model.scales or model.variances
    if means is None or weights is None or spread is None:
        raise ValueError("priors are spelled out before a target is made; see with_defaults")
    sizes = (
        0 if isinstance(means, p.Fixed) else k,
        0 if isinstance(spread, p.Fixed) else g,
        0 if isinstance(weights, p.Fixed) else k - 1,
        0 if model.rate is None else 1,
    )
    ends = np.cumsum(sizes)
    at = np.array([end - size if size else -1 for size, end in zip(sizes, ends, strict=True)] + [ends[-1]])
    scale_kind, scale_args = _encode_scales(model, spread)
    concentration = weights.columns(k)[0] if isinstance(weights, p.Dirichlet) else np.ones(k)
    log_constant = math.lgamma(concentration.sum()) - sum(math.lgamma(a) for a in concentration) + 0.5 * math.log(k)
    return Target(
        points=points,
        at=at.astype(np.int64),
        kinds=np.array([means.kind, scale_kind]),
        mean_args=means.encode(k),
        mean_bounds=means.bounds(k),
        scale_args=scale_args,
        scale_bounds=spread.bounds(g),
        scale_of=scale_of(model.covariance, k),
        concentration=concentration,
        basis=simplex_basis(k),
        rate_args=np.zeros(4) if model.rate is None else model.rate.encode(1)[0],
        fixed=_fixed_values(model, spread),
        log_constant=log_constant if sizes[WEIGHTS] else 0.0,
    )


def _encode_scales(model: GaussianMixture, spread: p.Prior) -> tuple[int, Floats]:
    """Kind and rows of the prior of the scales; an InverseGamma of variances becomes a prior of their roots."""
    g = model.n_scales
    if model.variances is None or not isinstance(spread, p.InverseGamma):
        return spread.kind, spread.encode(g)
    known = spread if spread.rate is None else p.InverseGamma(spread.alpha, 1.0)
    return p.VARIANCE_INVERSE_GAMMA, known.encode(g) + np.array([0, 0, 0, math.log(2)])


def _fixed_values(model: GaussianMixture, spread: p.Prior) -> Params:
    k, g = model.n_components, model.n_scales
    means = model.means.columns(k)[0] if isinstance(model.means, p.Fixed) else np.zeros(k)
    weights = model.weights.columns(k)[0] if isinstance(model.weights, p.Fixed) else np.ones(k) / k
    scales = spread.columns(g)[0] if isinstance(spread, p.Fixed) else np.ones(g)
    if model.variances is not None:
        scales = np.sqrt(scales)
    return Params(weights, means, scales[scale_of(model.covariance, k)], np.full(1, np.nan))


@exact
def mean_prior(target: Target, j: int, q: float) -> tuple[float, float, float, float]:
    """Mean of component j at q, its slope, log prior density in q, and that one's slope."""
    value, slope, logjac, dlogjac = place(target.mean_bounds[j, 0], target.mean_bounds[j, 1], q)
    a = target.mean_args[j]
    density, ddensity = log_density(target.kinds[0], a[0], a[1], a[2], a[3], value)
    return value, slope, density + logjac, ddensity * slope + dlogjac


@exact
def scale_prior(target: Target, g: int, rate: float, q: float) -> tuple[float, float, float, float]:
    """Scale parameter g at q, its slope, log prior density in q (given the rate, if any), and that one's slope."""
    value, slope, logjac, dlogjac = place(target.scale_bounds[g, 0], target.scale_bounds[g, 1], q)
    a = target.scale_args[g]
    b, norm = a[1], a[3]
    if target.at[RATE] >= 0:
        b = rate
        norm += a[0] * math.log(rate)
    density, ddensity = log_density(target.kinds[1], a[0], b, a[2], norm, value)
    return value, slope, density + logjac, ddensity * slope + dlogjac


@kernel
def place_weights(target: Target, q: Floats, weights: Floats) -> float:
    """Weights at q into `weights`; returns the sum of concentration * log weight (prior and Jacobian at once)."""
    z = q[target.at[WEIGHTS] : target.at[WEIGHTS] + weights.size - 1]
    density, shift = 0.0, log_weights_shift(target.basis, z)
    for j in range(weights.size):
        log_share = log_weight(target.basis, z, j) - shift
        density += target.concentration[j] * log_share
        weights[j] = math.exp(log_share)
    return density + target.log_constant


@entry
def place_all(target: Target, q: Floats, params: Params) -> float:
    """Parameters at q into `params`; returns log prior density plus log-Jacobian."""
    at, k = target.at, params.means.size
    density = 0.0
    if at[RATE] >= 0:
        a, log_rate = target.rate_args, q[at[RATE]]
        params.rate[0] = max(math.exp(log_rate), SMALLEST)
        density += log_density(p.GAMMA, a[0], a[1], a[2], a[3], params.rate[0])[0] + log_rate
    if at[WEIGHTS] >= 0:
        density += place_weights(target, q, params.weights)
    else:
        copy(params.weights, target.fixed.weights)
    for j in range(k):
        params.means[j] = target.fixed.means[j]
        if at[MEANS] >= 0:
            params.means[j], _, term, _ = mean_prior(target, j, q[at[MEANS] + j])
            density += term
    for j in range(k):
        g = target.scale_of[j]
        if at[SCALES] < 0:
            params.scales[j] = target.fixed.scales[j]
        elif g < j:
            params.scales[j] = params.scales[g]
        else:
            params.scales[j], _, term, _ = scale_prior(target, g, params.rate[0], q[at[SCALES] + g])
            density += term
    return density


@kernel
def pull_back(target: Target, q: Floats, params: Params, stats: Stats, grad: Floats) -> None:
    """Gradient in q of the log density, from the statistics at `params`, into `grad`."""
    at, k = target.at, params.means.size
    fill(grad, 0.0)
    if at[MEANS] >= 0:
        for j in range(k):
            _, slope, _, dprior = mean_prior(target, j, q[at[MEANS] + j])
            grad[at[MEANS] + j] = stats.sums[j] / params.scales[j] ** 2 * slope + dprior
    if at[SCALES] >= 0:
        for j in range(k):
            g = target.scale_of[j]
            value, slope, _, dprior = scale_prior(target, g, params.rate[0], q[at[SCALES] + g])
            grad[at[SCALES] + g] += (stats.scatter[j] / value**2 - stats.counts[j]) / value * slope
            if g == j:
                grad[at[SCALES] + g] += dprior
    if at[WEIGHTS] >= 0:
        total = 0.0
        for j in range(k):
            total += stats.counts[j] + target.concentration[j]
        for j in range(k):
            excess = stats.counts[j] + target.concentration[j] - total * params.weights[j]
            for i in range(k - 1):
                grad[at[WEIGHTS] + i] += target.basis[j, i] * excess
    if at[RATE] >= 0:
        shape, rate = rate_conditional(target, params)
        grad[at[RATE]] = shape - rate * params.rate[0]


@kernel
def rate_conditional(target: Target, params: Params) -> tuple[float, float]:
    """Shape and rate of the rate's full conditional, a Gamma (Richardson & Green 1997, eq. 9)."""
    shape, rate = target.rate_args[0], target.rate_args[1]
    for g in range(target.scale_args.shape[0]):
        shape += target.scale_args[g, 0]
        rate += 1.0 / params.scales[g] ** 2
    return shape, rate


@entry
def logdensity(target: Target, q: Floats, grad: Floats, work: Work) -> float:
    """Log posterior density in q, with its gradient: the data are read once."""
    prior = place_all(target, q, work.params)
    expect(target.points, work.params, work.tile, work.stats)
    pull_back(target, q, work.params, work.stats, grad)
    value = prior + work.stats.loglik[0]
    return value if value < math.inf else -math.inf


@entry
def log_jacobian(target: Target, q: Floats, params: Params) -> float:
    """Log-Jacobian of the declared parameters (scales; or variances, where those were declared) in q."""
    at = target.at
    total = 0.0
    if at[MEANS] >= 0:
        for j in range(params.means.size):
            total += place(target.mean_bounds[j, 0], target.mean_bounds[j, 1], q[at[MEANS] + j])[2]
    if at[SCALES] >= 0:
        for g in range(target.scale_args.shape[0]):
            total += place(target.scale_bounds[g, 0], target.scale_bounds[g, 1], q[at[SCALES] + g])[2]
            if target.kinds[1] == p.VARIANCE_INVERSE_GAMMA:
                total += math.log(2.0 * params.scales[g])
    if at[WEIGHTS] >= 0:
        k = params.weights.size
        z = q[at[WEIGHTS] : at[WEIGHTS] + k - 1]
        total += 0.5 * math.log(k) - k * log_weights_shift(target.basis, z)
    if at[RATE] >= 0:
        total += q[at[RATE]]
    return total


def can_trade(target: Target) -> bool:
    """Whether two components can exchange labels at all: nothing fixed and no bound tells them apart."""
    bounds = (target.mean_bounds, target.scale_bounds)
    fixed = (target.fixed.weights, target.fixed.means, target.fixed.scales)
    return all((b == b[0]).all() for b in bounds) and all((f == f[0]).all() for f in fixed)


def position_of(target: Target, params: Params) -> Floats:
    """The coordinates q of given standardised parameters: the inverse of `place_all`."""
    at = target.at
    q = np.empty(at[SIZE])
    k, g = params.means.size, target.scale_args.shape[0]
    if at[MEANS] >= 0:
        q[at[MEANS] : at[MEANS] + k] = unplace(target.mean_bounds, params.means)
    if at[SCALES] >= 0:
        q[at[SCALES] : at[SCALES] + g] = unplace(target.scale_bounds, params.scales[:g])
    if at[WEIGHTS] >= 0:
        q[at[WEIGHTS] : at[WEIGHTS] + k - 1] = np.log(params.weights) @ target.basis
    if at[RATE] >= 0:
        q[at[RATE]] = np.log(params.rate.flat[0])
    return q
