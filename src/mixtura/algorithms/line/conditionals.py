"""One coordinate at a time, given the statistics: what EM climbs, Gibbs slices and Metropolis walks on.

Given statistics, the complete-data log density of a mean or a scale depends on three numbers of its component, so each
function here costs the same for ten points as for a hundred million.
"""

from __future__ import annotations

import math
from typing import Any

from mixtura.arrays import Floats
from mixtura.compiled import protocol
from mixtura.compiled.jit import kernel
from mixtura.compiled.rng import Stream, uniform
from mixtura.line.target import HIGH, LOW, MEANS, SCALES, Target, Work, mean_prior, n_scales, scale_prior

MEAN, SCALE = 0, 1
TRIES = 10_000  # looks at one conditional density, of which a dozen or two are the rule


@protocol.answers(protocol.conditional, Target)
@kernel
def conditional(target: Target, work: Work, block: int, j: int, q: float) -> tuple[float, float]:
    """Log density of coordinate q of mean j (or scale parameter j) given all else, and its slope.

    Up to a constant: -(n d**2 - 2 d sums) / (2 scale**2) for a mean moved by d; -n log scale - scatter / (2 scale**2)
    for a scale, summed over the components that share it.
    """
    params, stats = work.params, work.stats
    if block == MEAN:
        value, slope, prior, dprior = mean_prior(target, j, q)
        apart, precision = value - params.means[j], 1.0 / params.scales[j] ** 2
        fit = (stats.sums[j] - 0.5 * stats.counts[j] * apart) * apart * precision
        return fit + prior, (stats.sums[j] - stats.counts[j] * apart) * precision * slope + dprior
    value, slope, prior, dprior = scale_prior(target, j, params.rate[0], q)
    count, scatter = pooled(target, work, j)
    fit = -count * math.log(value) - 0.5 * scatter / value**2
    return fit + prior, (scatter / value**2 - count) / value * slope + dprior


@kernel
def pooled(target: Target, work: Work, g: int) -> tuple[float, float]:
    """Count and scatter of all components that share scale parameter g."""
    count, scatter = 0.0, 0.0
    for j in range(target.scale_of.size):
        if target.scale_of[j] == g:
            count += work.stats.counts[j]
            scatter += work.stats.scatter[j]
    return count, scatter


@protocol.answers(protocol.width, Target)
@kernel
def width(target: Target, work: Work, block: int, j: int) -> float:
    """About three standard deviations of a conditional, in its coordinate, from the counts alone."""
    if block == SCALE:
        return 3.0 / math.sqrt(1.0 + 2.0 * pooled(target, work, j)[0])
    spread = work.params.scales[j] / math.sqrt(1.0 + work.stats.counts[j])
    low, high = target.priors[j, LOW], target.priors[j, HIGH]
    return float(3.0 * spread if low == -math.inf else 12.0 * spread / (high - low))


@kernel
def settle(target: Target, work: Work, block: int, j: int, q: float) -> None:
    """Write a coordinate's value into the parameters; a moved mean takes its statistics along."""
    if block == SCALE:
        value = scale_prior(target, j, work.params.rate[0], q)[0]
        for i in range(target.scale_of.size):
            if target.scale_of[i] == j:
                work.params.scales[i] = value
        return
    value = mean_prior(target, j, q)[0]
    apart, stats = value - work.params.means[j], work.stats
    stats.scatter[j] += (stats.counts[j] * apart - 2.0 * stats.sums[j]) * apart
    stats.scatter[j] = max(stats.scatter[j], 0.0)
    stats.sums[j] -= stats.counts[j] * apart
    work.params.means[j] = value


@kernel
def n_coordinates(target: Target, block: int) -> int:
    """Free coordinates of a block: 0 if it is fixed."""
    if target.at[MEANS if block == MEAN else SCALES] < 0:
        return 0
    return int(target.scale_of.size if block == MEAN else n_scales(target))


@kernel
def offset(target: Target, block: int) -> int:
    """Where a block starts in q."""
    return int(target.at[MEANS if block == MEAN else SCALES])


@kernel
def slice_step(target: Any, work: Any, block: int, j: int, q: float, stream: Stream) -> float:
    """One slice-sampling update of a coordinate: stepping out, then shrinkage (Neal 2003, figures 3 and 5).

    nan where that ends nowhere: at a density that is no number, or as good as flat over TRIES widths.
    """
    step = protocol.width(target, work, block, j)
    level = protocol.conditional(target, work, block, j, q)[0] + math.log(uniform(stream))
    low = q - step * uniform(stream)
    high = low + step
    left = TRIES if high - low < math.inf else 0
    while left > 0 and protocol.conditional(target, work, block, j, low)[0] > level:
        low -= step
        left -= 1
    while left > 0 and protocol.conditional(target, work, block, j, high)[0] > level:
        high += step
        left -= 1
    while left > 0:
        proposal = low + (high - low) * uniform(stream)
        if protocol.conditional(target, work, block, j, proposal)[0] > level:
            return proposal
        if proposal < q:
            low = proposal
        else:
            high = proposal
        if high - low <= 1e-14 * (abs(low) + abs(high)):
            return q
        left -= 1
    return math.nan


@kernel
def climb(target: Target, work: Work, block: int, j: int, q: float) -> float:
    """The maximum of a conditional next uphill of q: bracket the zero of its slope, then regula falsi (Illinois)."""
    at_near = conditional(target, work, block, j, q)[1]
    if at_near == 0.0:
        return q
    step = math.copysign(width(target, work, block, j), at_near)
    near, far = q, q + step
    at_far = conditional(target, work, block, j, far)[1]
    for _ in range(60):
        if at_far * at_near <= 0.0:
            break
        step *= 2.0
        near, at_near, far = far, at_far, far + step
        at_far = conditional(target, work, block, j, far)[1]
    middle, kept = far, 0
    for _ in range(100):
        last = middle
        share = at_near / (at_near - at_far)
        middle = near + (far - near) * (share if 0.0 < share < 1.0 else 0.5)
        slope = conditional(target, work, block, j, middle)[1]
        if slope * at_near > 0.0:
            near, at_near = middle, slope
            at_far *= 0.5 if kept > 0 else 1.0
            kept = 1
        else:
            far, at_far = middle, slope
            at_near *= 0.5 if kept < 0 else 1.0
            kept = -1
        if abs(middle - last) <= 1e-10 * (1.0 + abs(middle)):
            break
    return middle


@kernel
def log_weights_into(basis: Floats, log_weights: Floats, q: Floats, at: int) -> None:
    """Coordinates of weights given by their logarithms, up to a shared constant."""
    for i in range(basis.shape[1]):
        total = 0.0
        for j in range(basis.shape[0]):
            total += basis[j, i] * log_weights[j]
        q[at + i] = total
