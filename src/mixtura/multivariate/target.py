"""What is explored, for rows of several features: a model and its data, and the way from coordinates to parameters.

The twin of `mixtura.target`. A position q stacks the free blocks: means, scales, correlations, matrices (covariances as
such), weights, and the rate. A model has scales and perhaps correlations, or it has matrices.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura import priors as p
from mixtura import questions
from mixtura.coordinates import SMALLEST, log_weight, log_weights_shift, place
from mixtura.densities import log_density
from mixtura.jit import entry, exact, kernel
from mixtura.matrices import multiply_out
from mixtura.multivariate.coordinates import place_correlation, place_factor
from mixtura.multivariate.kernels import Look, look_for, prepare
from mixtura.multivariate.records import Params, Rows, Stats, empty_stats
from mixtura.params import Floats
from mixtura.target import HIGH, KIND, LOW, NORM, A, B, C, Ints

MEANS, SCALES, CORRELATIONS, MATRICES, WEIGHTS, RATE, SIZE = range(7)  # what `Target.at` holds: where blocks start in q
ETA, DF, RATE_DF, CONSTANT = range(4)  # what `Target.numbers` holds
ROOT, CORRELATION, SLOPE, WHITE, SHAPE = range(5)  # of `Work.matrices`: factors that were placed, then scratch


class Target(NamedTuple):
    """A model and its rows, in standardised units, ready for compiled code (k components, d features).

    Attributes
    ----------
    rows : Rows
        The points.
    at : array (7,)
        Where each block starts in q, -1 if it is fixed or not there; then q's size.
    concentration : array (k,)
        Of the weights.
    centres, precisions : array (k, d) and (k, d, d)
        Of the means: normal.
    scales : array (g, 7)
        A row for each scale parameter, as `mixtura.target.Target.priors`.
    scale_at : array (k, d)
        Which scale parameter each component's features use.
    rate_at : array (g,)
        Which unknown rate a scale's inverse gamma variance has; -1 where that is known, or the prior another.
    rates : array (m, 7)
        A row for each of those rates.
    owner : array (k,)
        Which component's covariance each component uses: its own, or the first's where they are tied.
    inverse : array (d, d)
        Inverse of the scale of the Wishart that the covariances' scale matrix has.
    numbers : array (4,)
        The LKJ's eta, degrees of freedom of the covariances and of their scale matrix, and what the log density
        gains by all normalisers.
    fixed : Params
        Weights, means, factors of the blocks taken as known, and the scale matrix where that is.
    basis : array (k, k-1)
        Of the weights' coordinates.
    diagonal : bool
        Whether no two features are correlated within a component.
    """

    rows: Rows
    at: Ints
    concentration: Floats
    centres: Floats
    precisions: Floats
    scales: Floats
    scale_at: Ints
    rate_at: Ints
    rates: Floats
    owner: Ints
    inverse: Floats
    numbers: Floats
    fixed: Params
    basis: Floats
    diagonal: bool


class Work(NamedTuple):
    """Scratch of one chain: what it saw last, and room to work in.

    Attributes
    ----------
    params, stats : Params, Stats
        Parameters last placed, statistics last seen there.
    look : Look
        Of one pass; holds the inverted factors of what was placed.
    matrices : array (5, d, d)
        Factor of the scale matrix, factor of the correlations last placed, and three to work in.
    scales : array (g,)
        Scale parameters last placed.
    vector, line, position : array (d,), (3,), (q,)
        To work in.
    """

    params: Params
    stats: Stats
    look: Look
    matrices: Floats
    scales: Floats
    vector: Floats
    line: Floats
    position: Floats


def work_for(target: Target) -> Work:
    """Scratch for a chain."""
    k, d = target.centres.shape
    params = Params(*(block.copy() for block in target.fixed))
    matrices = np.zeros((5, d, d))
    matrices[CORRELATION] = np.eye(d)
    if np.isfinite(params.rate).all():
        matrices[ROOT] = np.linalg.cholesky(params.rate)
    return Work(
        params=params,
        stats=empty_stats(k, d),
        look=look_for(k, d, bool(target.diagonal)),
        matrices=matrices,
        scales=target.scales[:, A].copy(),
        vector=np.zeros(d),
        line=np.zeros(3),
        position=np.zeros(target.at[SIZE]),
    )


@exact
def scale_prior(target: Target, g: int, rate: Floats, q: float) -> tuple[float, float, float, float]:
    """Scale parameter g at q, its slope, log prior density in q given the rates, and that one's slope."""
    row = target.scales[g]
    value, slope, logjac, dlogjac = place(row[LOW], row[HIGH], q)
    b, norm, which = row[B], row[NORM], target.rate_at[g]
    if which >= 0:
        b = rate[which, which]
        norm += row[A] * math.log(b)
    density, ddensity = log_density(int(row[KIND]), row[A], b, row[C], norm, value)
    return value, slope, density + logjac, ddensity * slope + dlogjac


@kernel
def place_rates(target: Target, q: Floats, rate: Floats) -> float:
    """Unknown rates of inverse gammas, on the diagonal of `rate`; their log prior density plus log-Jacobian."""
    density = 0.0
    for a in range(rate.shape[0]):
        m = min(a, target.rates.shape[0] - 1)
        row, log_rate = target.rates[m], q[target.at[RATE] + m]
        rate[a, a] = max(math.exp(log_rate), SMALLEST)
        if a == m:
            density += log_density(p.GAMMA, row[A], row[B], row[C], row[NORM], rate[a, a])[0] + log_rate
    return density


@kernel
def place_scale_matrix(target: Target, q: Floats, root: Floats, rate: Floats) -> float:
    """The unknown scale matrix into `rate`, its factor into `root`; its Wishart density plus log-Jacobian."""
    d, density = rate.shape[0], 0.0
    place_factor(q[target.at[RATE] :], root)
    multiply_out(root, rate)
    for a in range(d):
        density += (target.numbers[RATE_DF] - a) * math.log(root[a, a])
        for b in range(d):
            density -= 0.5 * target.inverse[a, b] * rate[a, b]
    return density


@kernel
def place_weights(target: Target, q: Floats, weights: Floats) -> float:
    """Weights at q; the sum of concentration * log weight (prior and Jacobian at once)."""
    z, density = q[target.at[WEIGHTS] : target.at[WEIGHTS] + weights.size - 1], 0.0
    shift = log_weights_shift(target.basis, z)
    for j in range(weights.size):
        log_share = log_weight(target.basis, z, j) - shift
        density += target.concentration[j] * log_share
        weights[j] = math.exp(log_share)
    return density


@kernel
def place_means(target: Target, q: Floats, means: Floats) -> float:
    """Means at q; their log prior density up to its constant."""
    (k, d), density = means.shape, 0.0
    for j in range(k):
        for a in range(d):
            means[j, a] = q[target.at[MEANS] + j * d + a]
        for a in range(d):
            pull = 0.0
            for b in range(d):
                pull += target.precisions[j, a, b] * (means[j, b] - target.centres[j, b])
            density -= 0.5 * pull * (means[j, a] - target.centres[j, a])
    return density


@kernel
def place_scales(target: Target, q: Floats, work: Work) -> float:
    """Factors from scales and correlations; log prior density plus log-Jacobian, up to the LKJ's constant."""
    density = 0.0
    if target.at[SCALES] >= 0:
        for g in range(work.scales.size):
            work.scales[g], _, term, _ = scale_prior(target, g, work.params.rate, q[target.at[SCALES] + g])
            density += term
    for j in range(target.owner.size):
        if target.at[CORRELATIONS] >= 0 and target.owner[j] == j:
            density += place_correlation(
                q[correlations_at(target, j) :], target.numbers[ETA], work.matrices[CORRELATION]
            )
        scale_up(target, work, j)
    return density


@kernel
def scale_up(target: Target, work: Work, j: int) -> None:
    """The factor of component j from its scales and the correlation placed last."""
    for a in range(work.params.means.shape[1]):
        for b in range(a + 1):
            work.params.factors[j, a, b] = work.scales[target.scale_at[j, a]] * work.matrices[CORRELATION, a, b]


@kernel
def place_matrices(target: Target, q: Floats, params: Params) -> None:
    """Factors of covariances as such; tied ones are equal."""
    for j in range(target.owner.size):
        place_factor(q[matrices_at(target, target.owner[j]) :], params.factors[j])


@exact
def correlations_at(target: Target, j: int) -> int:
    """Where the correlations of component j, an owner, start in q."""
    d = target.centres.shape[1]
    return int(target.at[CORRELATIONS] + j * (d * (d - 1) // 2))


@exact
def matrices_at(target: Target, j: int) -> int:
    """Where the covariance of component j, an owner, starts in q."""
    d = target.centres.shape[1]
    return int(target.at[MATRICES] + j * (d * (d + 1) // 2))


@kernel
def matrices_density(target: Target, work: Work) -> float:
    """Inverse Wishart density of all covariances plus log-Jacobian, up to its constant; factors are whitened."""
    (k, d), density, root = work.params.means.shape, 0.0, work.matrices[ROOT]
    for j in range(k):
        if target.owner[j] != j:
            continue
        whiten, df = work.look.whiten[j], target.numbers[DF]
        for a in range(d):
            density += df * math.log(root[a, a]) + (df + a) * math.log(whiten[a, a])
            for b in range(a + 1):
                s = 0.0
                for c in range(b, a + 1):
                    s += whiten[a, c] * root[c, b]
                density -= 0.5 * s * s
    return density


@questions.answers(questions.place, Target)
@entry
def place_all(target: Target, q: Floats, work: Work) -> float:
    """Parameters at q into `work`, factors inverted; returns log prior density plus log-Jacobian."""
    at, params, density = target.at, work.params, target.numbers[CONSTANT]
    if at[WEIGHTS] >= 0:
        density += place_weights(target, q, params.weights)
    if at[MEANS] >= 0:
        density += place_means(target, q, params.means)
    if at[RATE] >= 0:
        if at[MATRICES] >= 0:
            density += place_scale_matrix(target, q, work.matrices[ROOT], params.rate)
        else:
            density += place_rates(target, q, params.rate)
    if at[MATRICES] >= 0:
        place_matrices(target, q, params)
    elif at[SCALES] >= 0 or at[CORRELATIONS] >= 0:
        density += place_scales(target, q, work)
    prepare(params, work.look)
    if at[MATRICES] >= 0:
        density += matrices_density(target, work)
    return float(density)
