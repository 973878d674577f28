"""The gradient of the log posterior density of rows, from counts, sums and scatter alone (Fisher's identity).

In a component's Cholesky factor L the slope of the log-likelihood follows from its count n and scatter S:
L^-T (L^-1 S L^-T - n I). Scales, correlations and log-Cholesky coordinates take it from there.
"""

from __future__ import annotations

import math

from mixtura import questions
from mixtura.jit import copy, entry, fill, kernel
from mixtura.multivariate.coordinates import pull_correlation, pull_factor
from mixtura.multivariate.kernels import read_soft
from mixtura.multivariate.target import (
    CORRELATIONS,
    DF,
    ETA,
    MATRICES,
    MEANS,
    RATE,
    RATE_DF,
    ROOT,
    SCALES,
    SHAPE,
    SLOPE,
    WEIGHTS,
    WHITE,
    Target,
    Work,
    correlations_at,
    matrices_at,
    place_all,
    scale_prior,
)
from mixtura.params import Floats
from mixtura.target import A, B


@kernel
def slope_in_factor(target: Target, work: Work, j: int) -> None:
    """Slope of the log-likelihood (and of the inverse Wishart's trace) in the factor of component j, an owner."""
    k, d = work.params.means.shape
    white, shape, slope, whiten, count = (
        work.matrices[WHITE],
        work.matrices[SHAPE],
        work.matrices[SLOPE],
        work.look.whiten[j],
        0.0,
    )
    for a in range(d):
        for b in range(d):
            shape[a, b] = work.params.rate[a, b] if target.at[MATRICES] >= 0 else 0.0
    for other in range(j, k):
        if target.owner[other] == j:
            count += work.stats.counts[other]
            for a in range(d):
                for b in range(d):
                    shape[a, b] += work.stats.scatter[other, a, b]
    for a in range(d):
        for b in range(d):
            s = 0.0
            for c in range(a + 1):
                s += whiten[a, c] * shape[c, b]
            white[a, b] = s
    for a in range(d):
        for b in range(a + 1):
            s = 0.0
            for c in range(b + 1):
                s += white[a, c] * whiten[b, c]
            shape[a, b] = s
            shape[b, a] = s
    for a in range(d):
        for b in range(a + 1):
            s = 0.0
            for c in range(a, d):
                s += whiten[c, a] * shape[c, b]
            slope[a, b] = s
        slope[a, a] -= count * whiten[a, a]


@kernel
def pull_means(target: Target, work: Work, grad: Floats) -> None:
    """Gradient in the means: precision times sum of deviations, and the prior's pull."""
    k, d = work.params.means.shape
    for j in range(k):
        whiten, sums, at = work.look.whiten[j], work.stats.sums[j], target.at[MEANS] + j * d
        for a in range(d):
            s = 0.0
            for b in range(a + 1):
                s += whiten[a, b] * sums[b]
            for b in range(a + 1):
                grad[at + b] += whiten[a, b] * s
            for b in range(d):
                grad[at + a] -= target.precisions[j, a, b] * (work.params.means[j, b] - target.centres[j, b])


@kernel
def pull_scales(target: Target, q: Floats, work: Work, j: int, grad: Floats) -> None:
    """Gradient in scales and correlations of component j, an owner, from the slope in its factor."""
    d, slope, factor = work.params.means.shape[1], work.matrices[SLOPE], work.params.factors[j]
    for a in range(d):
        g, along = target.scale_at[j, a], 0.0
        for b in range(a + 1):
            along += slope[a, b] * factor[a, b]
            slope[a, b] *= work.scales[g]
            work.matrices[SHAPE, a, b] = factor[a, b] / work.scales[g]
        if target.at[SCALES] >= 0:
            dvalue = scale_prior(target, g, work.params.rate, q[target.at[SCALES] + g])[1]
            grad[target.at[SCALES] + g] += along / work.scales[g] * dvalue
    if target.at[CORRELATIONS] >= 0:
        at = correlations_at(target, j)
        pull_correlation(slope, target.numbers[ETA], work.matrices[SHAPE], q[at:], grad[at:])


@kernel
def pull_scale_matrix(target: Target, work: Work, grad: Floats) -> None:
    """Gradient in the unknown scale matrix of the covariances."""
    k, d = work.params.means.shape
    shape, slope, root, owners = work.matrices[SHAPE], work.matrices[SLOPE], work.matrices[ROOT], 0
    for a in range(d):
        copy(shape[a], target.inverse[a])
    for j in range(k):
        if target.owner[j] == j:
            owners += 1
            for c in range(d):
                for a in range(c + 1):
                    for b in range(c + 1):
                        shape[a, b] += work.look.whiten[j, c, a] * work.look.whiten[j, c, b]
    for a in range(d):
        for b in range(a + 1):
            s = 0.0
            for c in range(b, d):
                s += shape[a, c] * root[c, b]
            slope[a, b] = -s
        slope[a, a] += (target.numbers[RATE_DF] + owners * target.numbers[DF] - a) / root[a, a]
    pull_factor(slope, root, grad[target.at[RATE] :])


@kernel
def pull_rates(target: Target, work: Work, grad: Floats) -> None:
    """Gradient in the logarithms of unknown rates of inverse gammas."""
    for m in range(target.rates.shape[0]):
        shape, rate = rate_conditional(target, work, m)
        grad[target.at[RATE] + m] = shape - rate * work.params.rate[m, m]


@kernel
def rate_conditional(target: Target, work: Work, m: int) -> tuple[float, float]:
    """Shape and rate of the full conditional of rate m, a Gamma (Richardson & Green 1997, eq. 9)."""
    shape, rate = target.rates[m, A], target.rates[m, B]
    for g in range(work.scales.size):
        if target.rate_at[g] == m:
            shape += target.scales[g, A]
            rate += 1.0 / work.scales[g] ** 2
    return shape, rate


@kernel
def pull_weights(target: Target, work: Work, grad: Floats) -> None:
    """Gradient in the weights' coordinates."""
    k, total = work.params.weights.size, 0.0
    for j in range(k):
        total += work.stats.counts[j] + target.concentration[j]
    for j in range(k):
        excess = work.stats.counts[j] + target.concentration[j] - total * work.params.weights[j]
        for i in range(k - 1):
            grad[target.at[WEIGHTS] + i] += target.basis[j, i] * excess


@kernel
def pull_back(target: Target, q: Floats, work: Work, grad: Floats) -> None:
    """Gradient in q of the log density, from the statistics in `work`, into `grad`."""
    at, (k, d) = target.at, work.params.means.shape
    fill(grad, 0.0)
    if at[MEANS] >= 0:
        pull_means(target, work, grad)
    for j in range(k):
        if target.owner[j] != j or not (at[MATRICES] >= 0 or at[SCALES] >= 0 or at[CORRELATIONS] >= 0):
            continue
        slope_in_factor(target, work, j)
        if at[MATRICES] >= 0:
            for a in range(d):
                work.matrices[SLOPE, a, a] -= (target.numbers[DF] + a) * work.look.whiten[j, a, a]
            pull_factor(work.matrices[SLOPE], work.params.factors[j], grad[matrices_at(target, j) :])
        else:
            pull_scales(target, q, work, j, grad)
    if at[SCALES] >= 0:
        for g in range(work.scales.size):
            grad[at[SCALES] + g] += scale_prior(target, g, work.params.rate, q[at[SCALES] + g])[3]
    if at[WEIGHTS] >= 0:
        pull_weights(target, work, grad)
    if at[RATE] >= 0 and at[MATRICES] >= 0:
        pull_scale_matrix(target, work, grad)
    elif at[RATE] >= 0:
        pull_rates(target, work, grad)


@questions.answers(questions.logdensity, Target)
@entry
def logdensity(target: Target, q: Floats, grad: Floats, work: Work) -> float:
    """Log posterior density in q, with its gradient: the data are read once."""
    prior = place_all(target, q, work)
    read_soft(target.rows, work.params, work.look, work.stats)
    pull_back(target, q, work, grad)
    value = prior + work.stats.loglik[0]
    return value if value < math.inf else -math.inf
