"""Expectation-maximisation for rows: soft statistics, then each block at the maximum of its conditional.

The density that climbs is that of the coordinates in which chains move, so its maxima are the sampler's modes; in
log-Cholesky coordinates an inverse Wishart of df and scale T T' has its own at T diag(1 / sqrt(df + a)), feature a from
0. Models with other priors of scales, or with correlations, climb a conjugate one first: see `modes`.
"""

from __future__ import annotations

import math

from mixtura.algorithms.conditionals import log_weights_into
from mixtura.algorithms.multivariate.conditionals import (
    covariance_conditional,
    invert_correlation,
    look_at_scale,
    mean_conditional,
    move_mean,
    scale_matrix_conditional,
    settle_covariance,
)
from mixtura.jit import copy, entry, fill, kernel
from mixtura.matrices import add_precision, cholesky
from mixtura.multivariate.coordinates import unplace_factor
from mixtura.multivariate.gradient import rate_conditional
from mixtura.multivariate.kernels import read_soft
from mixtura.multivariate.target import (
    MATRICES,
    MEANS,
    RATE,
    ROOT,
    SCALES,
    SHAPE,
    SLOPE,
    WEIGHTS,
    WHITE,
    Target,
    Work,
    matrices_at,
    place_all,
)
from mixtura.params import Floats
from mixtura.target import A, B


@kernel
def set_weights(target: Target, q: Floats, work: Work) -> None:
    """Weights in proportion to concentration and counts."""
    log_weights = work.look.shares[0]
    for j in range(target.owner.size):
        log_weights[j] = math.log(work.stats.counts[j] + target.concentration[j])
    log_weights_into(target.basis, log_weights, q, target.at[WEIGHTS])


@kernel
def set_matrix(target: Target, q: Floats, work: Work, j: int) -> None:
    """The covariance of owner j given the means, at which the scatter was taken."""
    df, factor = covariance_conditional(target, work, j), work.params.factors[j]
    for b in range(factor.shape[0]):
        for a in range(b, factor.shape[0]):
            factor[a, b] = work.matrices[SHAPE, a, b] / math.sqrt(df + b)
    unplace_factor(factor, q[matrices_at(target, j) :])
    settle_covariance(target, work, j)


@kernel
def set_scale(target: Target, q: Floats, work: Work, j: int, g: int) -> None:
    """Scale g of owner j, whose variance has an inverse gamma prior."""
    look_at_scale(target, work, j, g)
    row, which = target.scales[g], target.rate_at[g]
    rate = row[B] if which < 0 else work.params.rate[which, which]
    work.scales[g] = math.sqrt((2.0 * rate + work.line[1]) / (2.0 * row[A] + work.line[0]))
    q[target.at[SCALES] + g] = math.log(work.scales[g])


@kernel
def set_scale_matrix(target: Target, q: Floats, work: Work) -> None:
    """The covariances' scale matrix given them: (inverse of SHAPE's matrix) with df - a along its factor's diagonal."""
    df, root, inverse = scale_matrix_conditional(target, work), work.matrices[ROOT], work.matrices[SLOPE]
    d = root.shape[0]
    for a in range(d):
        fill(inverse[a], 0.0)
    add_precision(work.matrices[SHAPE], work.matrices[WHITE], 1.0, inverse)
    cholesky(inverse, root)
    for b in range(d):
        for a in range(b, d):
            root[a, b] *= math.sqrt(df - b)
    unplace_factor(root, q[target.at[RATE] :])


@kernel
def maximise(target: Target, q: Floats, work: Work) -> None:
    """One M-step on the statistics in `work`, in place."""
    at, (k, d) = target.at, work.params.means.shape
    if at[WEIGHTS] >= 0:
        set_weights(target, q, work)
    for j in range(k):
        if at[MEANS] >= 0:
            mean_conditional(target, work, j)
            move_mean(work, j)
            copy(q[at[MEANS] + j * d : at[MEANS] + (j + 1) * d], work.params.means[j])
    for j in range(k):
        if at[MATRICES] >= 0 and target.owner[j] == j:
            set_matrix(target, q, work, j)
        if at[SCALES] >= 0:
            invert_correlation(target, work, j)
            for a in range(d):
                g = target.scale_at[j, a]
                if a == 0 or g != target.scale_at[j, a - 1]:
                    set_scale(target, q, work, j, g)
    if at[RATE] >= 0 and at[MATRICES] >= 0:
        set_scale_matrix(target, q, work)
    elif at[RATE] >= 0:
        for m in range(target.rates.shape[0]):
            shape, rate = rate_conditional(target, work, m)
            q[at[RATE] + m] = math.log(shape / rate)


@entry
def em(target: Target, q: Floats, work: Work, iterations: int, tolerance: float) -> float:
    """Iterate from q, in place, until the log density gains less than `tolerance`; returns the log density."""
    before = now = -math.inf
    for _ in range(iterations):
        now = place_all(target, q, work)
        read_soft(target.rows, work.params, work.look, work.stats)
        now += work.stats.loglik[0]
        if not now - before > tolerance:
            break
        before = now
        maximise(target, q, work)
    return now
