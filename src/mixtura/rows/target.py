"""What is explored, for rows of several features: a model and its data, and the way from coordinates to parameters.

The twin of `line.target`. A position q stacks the free blocks: means, scales, correlations, matrices (covariances as
such), weights, and the rate. A model has scales and perhaps correlations, or it has matrices. Covariances are each
component's own or, tied, all one: the first components own them, and component j uses that of owner j % owners.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura import priors as p
from mixtura.arrays import LEAST_WEIGHT, Floats
from mixtura.compiled import protocol
from mixtura.compiled.densities import log_density
from mixtura.compiled.jit import exact, kernel
from mixtura.compiled.matrices import multiply_out
from mixtura.line.coordinates import SMALLEST, log_weight, log_weights_shift, place
from mixtura.line.target import HIGH, KIND, LOW, NORM, A, B, C, Ints
from mixtura.rows.coordinates import pairs, place_correlation, place_factor
from mixtura.rows.kernels import Look, look_for, prepare
from mixtura.rows.records import Params, Rows, Stats, empty_stats

# what `Target.at` holds: where blocks start in q, how many scale parameters and covariances there are, and q's size
MEANS, SCALES, CORRELATIONS, MATRICES, WEIGHTS, RATE, GROUPS, OWNERS, SIZE = range(9)
ETA, DF, RATE_DF, CONSTANT = range(4)  # what `Target.numbers` holds
RATE_AT = HIGH + 1  # what a row of `Target.scales` holds after what `mixtura.line.target` says
FLOOR, INVERSE = -2, -1  # of `Target.precisions`
ROOT, CORRELATION, SLOPE, WHITE, SHAPE = range(5)  # of `Work.matrices`: factors that were placed, then scratch
WAY, LINE, POSITION = range(3)  # of `Work.vectors`


class Target(NamedTuple):
    """A model and its rows, in standardised units, ready for compiled code (k components, d features).

    Few arrays, because each one that a compiled function takes is paid for in compile time.

    Attributes
    ----------
    rows : Rows
        The points.
    at : tuple of 9 ints
        Where each block starts in q, -1 if it is fixed or not there; how many scale parameters (g) and covariances
        there are; q's size.
    numbers : tuple of 4 floats
        The LKJ's eta, degrees of freedom of the covariances and of their scale matrix, and what the log density
        gains by all normalisers.
    concentration : array (k,)
        Of the weights.
    basis : array (k, k-1)
        Of the weights' coordinates.
    centres, precisions : array (k, d) and (k + 2, d, d)
        Of the means: normal. After them what covariances' prior adds to each scatter, and the inverse of the scale of
        the Wishart that their scale matrix has.
    scales : array (g + m, 8)
        A row for each scale parameter, as `line.target.Target.priors`, then which unknown rate its inverse gamma
        variance has, -1 if that is known or the prior another. A row for each of those rates.
    scale_at : array (k, d)
        Which scale parameter each component's features use.
    known : array (k + k d + k d d + d d,)
        What `fixed` holds, in one piece.
    diagonal : bool
        Whether no two features are correlated within a component.
    """

    rows: Rows
    at: tuple[int, ...]
    numbers: tuple[float, ...]
    concentration: Floats
    basis: Floats
    centres: Floats
    precisions: Floats
    scales: Floats
    scale_at: Ints
    known: Floats
    diagonal: bool

    @property
    def fixed(self) -> Params:
        """Weights, means, factors of the blocks taken as known, and the scale matrix where that is."""
        k, d = self.centres.shape
        shapes = ((k,), (k, d), (k, d, d), (d, d))
        ends = np.cumsum([math.prod(shape) for shape in shapes])
        return Params(*map(np.reshape, np.split(self.known, ends[:-1]), shapes))


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
    vectors : array (3, ...)
        To work in: d numbers, 3 numbers, and a position.
    """

    params: Params
    stats: Stats
    look: Look
    matrices: Floats
    scales: Floats
    vectors: Floats


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
        scales=target.scales[: target.at[GROUPS], A].copy(),
        vectors=np.zeros((3, max(3, d, target.at[SIZE]))),
    )


@exact
def scale_prior(row: Floats, rate: Floats, q: float) -> tuple[float, float, float, float]:
    """A scale parameter at q, its slope, log prior density in q given the rates, and that one's slope."""
    value, slope, logjac, dlogjac = place(row[LOW], row[HIGH], q)
    b, norm, which = row[B], row[NORM], int(row[RATE_AT])
    if which >= 0:
        b = rate[which, which]
        norm += row[A] * math.log(b)
    density, ddensity = log_density(int(row[KIND]), row[A], b, row[C], norm, value)
    return value, slope, density + logjac, ddensity * slope + dlogjac


@kernel
def place_scales(rows: Floats, q: Floats, rate: Floats, scales: Floats) -> float:
    """Scale parameters at q; their log prior density plus log-Jacobian."""
    density = 0.0
    for g in range(scales.size):
        scales[g], _, term, _ = scale_prior(rows[g], rate, q[g])
        density += term
    return density


@kernel
def place_rates(rows: Floats, q: Floats, rate: Floats) -> float:
    """Unknown rates of inverse gammas, on the diagonal of `rate`; their log prior density plus log-Jacobian."""
    density = 0.0
    for a in range(rate.shape[0]):
        m = min(a, rows.shape[0] - 1)
        rate[a, a] = max(math.exp(q[m]), SMALLEST)
        if a == m:
            row = rows[m]
            density += log_density(p.GAMMA, row[A], row[B], row[C], row[NORM], rate[a, a])[0] + q[m]
    return density


@kernel
def place_scale_matrix(inverse: Floats, df: float, q: Floats, root: Floats, rate: Floats) -> float:
    """The unknown scale matrix into `rate`, its factor into `root`; its Wishart density plus log-Jacobian."""
    d, density = rate.shape[0], 0.0
    place_factor(q, root)
    multiply_out(root, rate)
    for a in range(d):
        density += (df - a) * math.log(root[a, a])
        for b in range(d):
            density -= 0.5 * inverse[a, b] * rate[a, b]
    return density


@kernel
def place_weights(concentration: Floats, basis: Floats, z: Floats, weights: Floats) -> float:
    """Weights at z; the sum of concentration * log weight (prior and Jacobian at once)."""
    density, shift = 0.0, log_weights_shift(basis, z)
    for j in range(weights.size):
        log_share = log_weight(basis, z, j) - shift
        density += concentration[j] * log_share
        weights[j] = max(math.exp(log_share), LEAST_WEIGHT)
    return density


@kernel
def place_mean(centre: Floats, precision: Floats, q: Floats, mean: Floats) -> float:
    """A mean at q; its log prior density up to its constant."""
    density = 0.0
    for a in range(mean.size):
        mean[a] = q[a]
    for a in range(mean.size):
        pull = 0.0
        for b in range(mean.size):
            pull += precision[a, b] * (mean[b] - centre[b])
        density -= 0.5 * pull * (mean[a] - centre[a])
    return density


@kernel
def scale_up(correlation: Floats, scales: Floats, uses: Ints, factor: Floats) -> None:
    """The factor of a covariance from that of its correlation and the scales that its features use."""
    for a in range(uses.size):
        for b in range(a + 1):
            factor[a, b] = scales[uses[a]] * correlation[a, b]


@kernel
def matrix_density(df: float, whiten: Floats, root: Floats, floor: Floats) -> float:
    """Inverse Wishart density of a covariance, whose factor's inverse is given, plus log-Jacobian, up to a constant."""
    density = 0.0
    for a in range(root.shape[0]):
        density += df * math.log(root[a, a]) + (df + a) * math.log(whiten[a, a])
        for b in range(a + 1):
            s = 0.0
            for c in range(b, a + 1):
                s += whiten[a, c] * root[c, b]
            density -= 0.5 * (s * s + floor[b, b] * whiten[a, b] ** 2)
    return density


@protocol.answers(protocol.place, Target)
@kernel
def place_all(target: Target, q: Floats, work: Work) -> float:
    """Parameters at q into `work`, factors inverted; returns log prior density plus log-Jacobian."""
    at, params, scales, density = target.at, work.params, work.scales, target.numbers[CONSTANT]
    (k, d), root, correlation = params.means.shape, work.matrices[ROOT], work.matrices[CORRELATION]
    if at[WEIGHTS] >= 0:
        density += place_weights(target.concentration, target.basis, q[at[WEIGHTS] :], params.weights)
    if at[MEANS] >= 0:
        for j in range(k):
            density += place_mean(target.centres[j], target.precisions[j], q[at[MEANS] + j * d :], params.means[j])
    if at[RATE] >= 0 and at[MATRICES] >= 0:
        df = target.numbers[RATE_DF]
        density += place_scale_matrix(target.precisions[INVERSE], df, q[at[RATE] :], root, params.rate)
    elif at[RATE] >= 0:
        density += place_rates(target.scales[scales.size :], q[at[RATE] :], params.rate)
    if at[SCALES] >= 0:
        density += place_scales(target.scales, q[at[SCALES] :], params.rate, scales)
    for j in range(k):
        owner = j % at[OWNERS]
        if at[MATRICES] >= 0:
            place_factor(q[at[MATRICES] + owner * pairs(d + 1) :], params.factors[j])
            continue
        if at[CORRELATIONS] >= 0 and owner == j:
            density += place_correlation(q[at[CORRELATIONS] + j * pairs(d) :], target.numbers[ETA], correlation)
        if at[CORRELATIONS] >= 0 or at[SCALES] >= 0:
            scale_up(correlation, scales, target.scale_at[j], params.factors[j])
    prepare(params, work.look)
    if at[MATRICES] >= 0:
        for j in range(at[OWNERS]):
            density += matrix_density(target.numbers[DF], work.look.whiten[j], root, target.precisions[FLOOR])
    return density
