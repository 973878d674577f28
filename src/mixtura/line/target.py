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
from mixtura.arrays import LEAST_WEIGHT, Floats
from mixtura.compiled import protocol
from mixtura.compiled.densities import log_density
from mixtura.compiled.jit import copy, entry, exact, fill, kernel
from mixtura.line.coordinates import SMALLEST, log_weight, log_weights_shift, place, simplex_basis, unplace
from mixtura.line.helpers import Crew, crew_for, expect_all
from mixtura.line.kernels import empty_stats, tile_for
from mixtura.line.records import Params, Stats
from mixtura.model import GaussianMixture
from mixtura.reading.data import Points

Ints = NDArray[np.int64]
MEANS, SCALES, WEIGHTS, RATE, SIZE = range(5)  # what `Target.at` holds: where each block starts in q, -1 if fixed
KIND, A, B, C, NORM, LOW, HIGH = range(7)  # what a row of `Target.priors` holds: see `densities`, then the support


class Target(NamedTuple):
    """A model and its data, in standardised units, ready for compiled code (k components, g scales).

    Few arrays, because each one that a compiled function takes is paid for in compile time.
    """

    points: Points
    at: Ints  # (5,)
    priors: Floats  # (k + g + 1, 7): a row for each mean, each scale, and the rate
    concentration: Floats  # (k,): of the weights
    log_constant: float  # of the weights' prior and Jacobian
    fixed: Floats  # (3, k): weights, means and scales of the blocks taken as known
    scale_of: Ints  # (k,): which scale each component uses
    basis: Floats  # (k, k-1): of the weights' coordinates


class Work(NamedTuple):
    """Scratch of one chain: the parameters last placed, the statistics last seen there, one tile, and who helps."""

    params: Params
    stats: Stats
    tile: Floats
    crew: Crew


def work_for(target: Target, helpers: int = 0) -> Work:
    """Scratch for a chain with so many helpers, which `helpers.assisted` sets to work."""
    k = target.scale_of.size
    params = Params(np.full(k, 1.0 / k), np.zeros(k), np.ones(k), np.full(1, np.nan))
    return Work(params, empty_stats(k), tile_for(k), crew_for(k, target.points.x.size, helpers))


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
    concentration = weights.columns(k)[0] if isinstance(weights, p.Dirichlet) else np.ones(k)
    log_constant = math.lgamma(concentration.sum()) - sum(math.lgamma(a) for a in concentration) + 0.5 * math.log(k)
    return Target(
        points=points,
        at=at.astype(np.int64),
        priors=np.vstack([_rows(means, k), _scale_rows(model, spread), _rows(model.rate or p.Gamma(1, 1), 1)]),
        concentration=concentration,
        log_constant=log_constant if sizes[WEIGHTS] else 0.0,
        fixed=_fixed_values(model, spread),
        scale_of=model.structure.scale_of(k),
        basis=simplex_basis(k),
    )


def _rows(prior: p.Prior, n: int) -> Floats:
    """One row of `Target.priors` for each of n parameters under a prior."""
    return np.hstack([np.full((n, 1), float(prior.kind)), prior.encode(n), prior.bounds(n)])


def _scale_rows(model: GaussianMixture, spread: p.Prior) -> Floats:
    """Rows of the scales' prior; an InverseGamma of variances becomes a prior of their roots."""
    if model.variances is None or not isinstance(spread, p.InverseGamma):
        return _rows(spread, model.n_scales)
    rows = _rows(spread, model.n_scales)
    rows[:, KIND] = p.VARIANCE_INVERSE_GAMMA
    rows[:, NORM] += math.log(2)
    return rows


def _fixed_values(model: GaussianMixture, spread: p.Prior) -> Floats:
    k, g = model.n_components, model.n_scales
    means = model.means.columns(k)[0] if isinstance(model.means, p.Fixed) else np.zeros(k)
    weights = model.weights.columns(k)[0] if isinstance(model.weights, p.Fixed) else np.ones(k) / k
    scales = spread.columns(g)[0] if isinstance(spread, p.Fixed) else np.ones(g)
    if model.variances is not None:
        scales = np.sqrt(scales)
    return np.stack([weights, means, scales[model.structure.scale_of(k)]])


@exact
def n_scales(target: Target) -> int:
    """Number of scale parameters."""
    return int(target.priors.shape[0] - target.scale_of.size - 1)


@exact
def mean_prior(target: Target, j: int, q: float) -> tuple[float, float, float, float]:
    """Mean of component j at q, its slope, log prior density in q, and that one's slope."""
    row = target.priors[j]
    value, slope, logjac, dlogjac = place(row[LOW], row[HIGH], q)
    density, ddensity = log_density(int(row[KIND]), row[A], row[B], row[C], row[NORM], value)
    return value, slope, density + logjac, ddensity * slope + dlogjac


@exact
def scale_prior(target: Target, g: int, rate: float, q: float) -> tuple[float, float, float, float]:
    """Scale parameter g at q, its slope, log prior density in q (given the rate, if any), and that one's slope."""
    row = target.priors[target.scale_of.size + g]
    value, slope, logjac, dlogjac = place(row[LOW], row[HIGH], q)
    b, norm = row[B], row[NORM]
    if target.at[RATE] >= 0:
        b = rate
        norm += row[A] * math.log(rate)
    density, ddensity = log_density(int(row[KIND]), row[A], b, row[C], norm, value)
    return value, slope, density + logjac, ddensity * slope + dlogjac


@kernel
def place_weights(target: Target, q: Floats, weights: Floats) -> float:
    """Weights at q into `weights`; returns the sum of concentration * log weight (prior and Jacobian at once)."""
    z = q[target.at[WEIGHTS] : target.at[WEIGHTS] + weights.size - 1]
    density, shift = 0.0, log_weights_shift(target.basis, z)
    for j in range(weights.size):
        log_share = log_weight(target.basis, z, j) - shift
        density += target.concentration[j] * log_share
        weights[j] = max(math.exp(log_share), LEAST_WEIGHT)
    return density + target.log_constant


@entry
def place_all(target: Target, q: Floats, params: Params) -> float:
    """Parameters at q into `params`; returns log prior density plus log-Jacobian."""
    at, k = target.at, params.means.size
    density = 0.0
    if at[RATE] >= 0:
        row, log_rate = target.priors[-1], q[at[RATE]]
        params.rate[0] = max(math.exp(log_rate), SMALLEST)
        density += log_density(p.GAMMA, row[A], row[B], row[C], row[NORM], params.rate[0])[0] + log_rate
    if at[WEIGHTS] >= 0:
        density += place_weights(target, q, params.weights)
    else:
        copy(params.weights, target.fixed[0])
    for j in range(k):
        params.means[j] = target.fixed[1, j]
        if at[MEANS] >= 0:
            params.means[j], _, term, _ = mean_prior(target, j, q[at[MEANS] + j])
            density += term
    for j in range(k):
        g = target.scale_of[j]
        if at[SCALES] < 0:
            params.scales[j] = target.fixed[2, j]
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
    shape, rate = target.priors[-1, A], target.priors[-1, B]
    for g in range(n_scales(target)):
        shape += target.priors[params.means.size + g, A]
        rate += 1.0 / params.scales[g] ** 2
    return shape, rate


@protocol.answers(protocol.logdensity, Target)
@entry
def logdensity(target: Target, q: Floats, grad: Floats, work: Work) -> float:
    """Log posterior density in q, with its gradient: the data are read once."""
    prior = place_all(target, q, work.params)
    expect_all(target.points, work.params, work.tile, work.stats, work.crew)
    pull_back(target, q, work.params, work.stats, grad)
    value = prior + work.stats.loglik[0]
    return value if value < math.inf else -math.inf


@protocol.answers(protocol.place, Target)
@kernel
def place_work(target: Target, q: Floats, work: Work) -> float:
    """As `place_all`, into a chain's own parameters."""
    return place_all(target, q, work.params)


@entry
def log_jacobian(target: Target, q: Floats, params: Params) -> float:
    """Log-Jacobian of the declared parameters (scales; or variances, where those were declared) in q."""
    at, k = target.at, params.means.size
    total = 0.0
    if at[MEANS] >= 0:
        for j in range(k):
            total += place(target.priors[j, LOW], target.priors[j, HIGH], q[at[MEANS] + j])[2]
    if at[SCALES] >= 0:
        for g in range(n_scales(target)):
            row = target.priors[k + g]
            total += place(row[LOW], row[HIGH], q[at[SCALES] + g])[2]
            if int(row[KIND]) == p.VARIANCE_INVERSE_GAMMA:
                total += math.log(2.0 * params.scales[g])
    if at[WEIGHTS] >= 0:
        z = q[at[WEIGHTS] : at[WEIGHTS] + k - 1]
        total += 0.5 * math.log(k) - k * log_weights_shift(target.basis, z)
    if at[RATE] >= 0:
        total += q[at[RATE]]
    return total


def can_trade(target: Target) -> bool:
    """Whether two components can exchange labels at all: nothing fixed and no bound tells them apart."""
    k = target.scale_of.size
    bounds = (target.priors[:k, LOW:], target.priors[k:-1, LOW:])
    return all((b == b[0]).all() for b in bounds) and bool((target.fixed == target.fixed[:, :1]).all())


def position_of(target: Target, params: Params) -> Floats:
    """The coordinates q of given standardised parameters: the inverse of `place_all`."""
    at = target.at
    q = np.empty(at[SIZE])
    k = params.means.size
    g = len(target.priors) - k - 1
    if at[MEANS] >= 0:
        q[at[MEANS] : at[MEANS] + k] = unplace(target.priors[:k, LOW:], params.means)
    if at[SCALES] >= 0:
        q[at[SCALES] : at[SCALES] + g] = unplace(target.priors[k:-1, LOW:], params.scales[:g])
    if at[WEIGHTS] >= 0:
        q[at[WEIGHTS] : at[WEIGHTS] + k - 1] = np.log(params.weights) @ target.basis
    if at[RATE] >= 0:
        q[at[RATE]] = np.log(params.rate.flat[0])
    return q
