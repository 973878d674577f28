"""Gibbs sampling of rows: allocations, then weights, means, covariances and their unknown scale.

Conjugate blocks are drawn jointly and exactly (Fruehwirth-Schnatter & Malsiner-Walli 2019, appendix A); scales under
other priors, and correlations, take slice steps. The rows are read once per sweep.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from mixtura import priors as p
from mixtura.algorithms.conditionals import log_weights_into, slice_step
from mixtura.algorithms.gibbs import occupied_by
from mixtura.algorithms.multivariate.conditionals import (
    PARTIAL,
    SCALE,
    covariance_conditional,
    invert_correlation,
    look_at_correlations,
    look_at_scale,
    mean_conditional,
    move_mean,
    scale_matrix_conditional,
    settle_covariance,
)
from mixtura.algorithms.swap import swap_labels
from mixtura.jit import copy, entry, fill, kernel
from mixtura.matrices import add_precision, cholesky, draw_wishart
from mixtura.multivariate.coordinates import unplace_factor
from mixtura.multivariate.gradient import rate_conditional
from mixtura.multivariate.kernels import read_hard
from mixtura.multivariate.target import (
    CORRELATIONS,
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
    correlations_at,
    matrices_at,
    place_all,
    scale_prior,
)
from mixtura.params import Floats
from mixtura.questions import keep
from mixtura.rng import Stream, log_gamma, next_key, normal
from mixtura.target import KIND, A, B

NAME = "gibbs"
INFO: tuple[str, ...] = ()
SETTLED = 10  # warm-up ends after a tenth: chains start at a mode, and nothing adapts


class Chain(NamedTuple):
    """One chain: its position (d,), whether labels may be exchanged by a Metropolis step, and a stream to work with."""

    q: Floats
    swaps: bool
    scratch: Stream


def start(target: Target, position: Floats, covariance: Floats, swaps: bool) -> Chain:
    """A chain at `position`; nothing adapts, so the covariance is not used."""
    return Chain(position.copy(), swaps, np.zeros(1, np.uint64))


@kernel
def draw_weights(target: Target, q: Floats, work: Work, stream: Stream) -> None:
    """Weights from Dirichlet(concentration + counts)."""
    log_weights = work.look.shares[0]
    for j in range(target.owner.size):
        log_weights[j] = log_gamma(stream, target.concentration[j] + work.stats.counts[j])
    log_weights_into(target.basis, log_weights, q, target.at[WEIGHTS])


@kernel
def draw_mean(target: Target, q: Floats, work: Work, j: int, stream: Stream) -> None:
    """Mean j from its normal."""
    d, at = work.vector.size, target.at[MEANS] + j * work.vector.size
    mean_conditional(target, work, j)
    for a in range(d):
        work.vector[a] += normal(stream)
    move_mean(work, j)
    copy(q[at : at + d], work.params.means[j])


@kernel
def draw_matrix(target: Target, q: Floats, work: Work, j: int, stream: Stream) -> None:
    """The covariance of owner j from its inverse Wishart."""
    df = covariance_conditional(target, work, j)
    draw_wishart(stream, df, work.matrices[SHAPE], work.matrices[WHITE], work.params.factors[j])
    unplace_factor(work.params.factors[j], q[matrices_at(target, j) :])
    settle_covariance(target, work, j)


@kernel
def draw_scale(target: Target, work: Work, j: int, g: int, q: float, stream: Stream) -> float:
    """Coordinate of scale g of owner j: inverse gamma for a variance under that prior, else a slice step."""
    look_at_scale(target, work, j, g)
    row, which = target.scales[g], target.rate_at[g]
    if int(row[KIND]) != p.VARIANCE_INVERSE_GAMMA or target.at[CORRELATIONS] >= 0:
        return slice_step(target, work, SCALE, g, q, stream)
    rate = row[B] if which < 0 else work.params.rate[which, which]
    shape = row[A] + 0.5 * work.line[0]
    return 0.5 * (math.log(rate + 0.5 * work.line[1]) - log_gamma(stream, shape))


@kernel
def draw_scales(target: Target, q: Floats, work: Work, j: int, stream: Stream) -> None:
    """Scales and correlations of owner j, one coordinate after the other."""
    d, at = work.vector.size, target.at
    invert_correlation(target, work, j)
    if at[SCALES] >= 0:
        for a in range(d):
            g = target.scale_at[j, a]
            if a == 0 or g != target.scale_at[j, a - 1]:
                q[at[SCALES] + g] = draw_scale(target, work, j, g, q[at[SCALES] + g], stream)
                work.scales[g] = scale_prior(target, g, work.params.rate, q[at[SCALES] + g])[0]
    if at[CORRELATIONS] >= 0:
        look_at_correlations(target, work, j)
        first = correlations_at(target, j)
        for i in range(first, first + d * (d - 1) // 2):
            q[i] = slice_step(target, work, PARTIAL, i, q[i], stream)
            work.position[i] = q[i]


@kernel
def draw_scale_matrix(target: Target, q: Floats, work: Work, stream: Stream) -> None:
    """The covariances' scale matrix from its Wishart: the inverse of an inverse Wishart matrix."""
    df, root, inverse = scale_matrix_conditional(target, work), work.matrices[ROOT], work.matrices[SLOPE]
    draw_wishart(stream, df, work.matrices[SHAPE], work.matrices[WHITE], root)
    for a in range(root.shape[0]):
        fill(inverse[a], 0.0)
    add_precision(root, work.matrices[WHITE], 1.0, inverse)
    cholesky(inverse, root)
    unplace_factor(root, q[target.at[RATE] :])


@kernel
def sweep(target: Target, q: Floats, work: Work, stream: Stream) -> None:
    """Draw every block given the statistics in `work`, into q."""
    at = target.at
    copy(work.position, q)
    if at[WEIGHTS] >= 0:
        draw_weights(target, q, work, stream)
    for j in range(target.owner.size):
        if at[MEANS] >= 0:
            draw_mean(target, q, work, j, stream)
    for j in range(target.owner.size):
        if target.owner[j] == j and at[MATRICES] >= 0:
            draw_matrix(target, q, work, j, stream)
        elif target.owner[j] == j and (at[SCALES] >= 0 or at[CORRELATIONS] >= 0):
            draw_scales(target, q, work, j, stream)
    if at[RATE] >= 0 and at[MATRICES] >= 0:
        draw_scale_matrix(target, q, work, stream)
    elif at[RATE] >= 0:
        for m in range(target.rates.shape[0]):
            shape, rate = rate_conditional(target, work, m)
            q[at[RATE] + m] = log_gamma(stream, shape) - math.log(rate)


@entry
def advance(
    target: Target, chain: Chain, work: Work, stream: Stream, first: int, last: int, warmup: int, draws: Any
) -> None:
    """Run draws first .. last-1, of which those below `warmup` are dropped.

    A draw is kept between the allocation, which sees the log-likelihood at its parameters, and the sweep after it.
    """
    settled = max(warmup // SETTLED, min(warmup, 10 * SETTLED))
    for draw in range(first, last):
        if settled <= draw < warmup:
            continue
        if chain.swaps:
            swap_labels(target, chain.q, work, stream)
        prior = place_all(target, chain.q, work)
        read_hard(target.rows, work.params, next_key(stream), work.look, work.stats, chain.scratch)
        if draw >= warmup:
            density, occupied = prior + work.stats.loglik[0], occupied_by(work.stats.counts)
            keep(target, chain.q, work, density, occupied, draws, draw - warmup)
        sweep(target, chain.q, work, stream)
