"""Draws of rows' parameters leave compiled code by this door: one row per kept draw, in standardised units."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura.arrays import LEAST_WEIGHT, Floats
from mixtura.compiled import protocol
from mixtura.compiled.jit import copy, kernel
from mixtura.line.coordinates import log_weight, log_weights_shift
from mixtura.rows.records import Params
from mixtura.rows.target import WEIGHTS, Target, Work, place_all

LOG_LEAST = math.log(LEAST_WEIGHT)


class Draws(NamedTuple):
    """Kept draws of one chain: parameters (s, ...), log-likelihood and what `below_least` says (s,), number of occupied
    components (s,), and the method's own numbers (s, m)."""

    params: Params
    loglik: Floats
    occupied: Floats
    info: Floats


def room_for(n_draws: int, means: Floats, n_info: int) -> Draws:
    """Empty draws of components with means (k, d), allocated once per chain."""
    s, (k, d) = n_draws, means.shape
    params = Params(np.empty((s, k)), np.empty((s, k, d)), np.zeros((s, k, d, d)), np.empty((s, d, d)))
    return Draws(params, np.empty(s), np.empty(s), np.zeros((s, n_info)))


@kernel
def below_least(target: Target, q: Floats) -> float:
    """What the weights' log prior density gains where `LEAST_WEIGHT` stands for smaller ones, of which q tells."""
    z, gain = q[target.at[WEIGHTS] : target.at[WEIGHTS] + target.basis.shape[1]], 0.0
    least = log_weights_shift(target.basis, z) + LOG_LEAST
    for j in range(target.basis.shape[0]):
        gain += (target.concentration[j] - 1.0) * min(log_weight(target.basis, z, j) - least, 0.0)
    return gain


@protocol.answers(protocol.keep, Target)
@kernel
def keep(target: Target, q: Floats, work: Work, density: float, occupied: float, draws: Draws, s: int) -> None:
    """Write draw s: parameters placed from q, and the density in q less prior and Jacobian."""
    draws.loglik[s] = density - place_all(target, q, work)
    if target.at[WEIGHTS] >= 0:
        draws.loglik[s] += below_least(target, q)
    draws.occupied[s] = occupied
    kept, params = draws.params, work.params
    k, d = params.means.shape
    copy(kept.weights[s], params.weights)
    for j in range(k):
        copy(kept.means[s, j], params.means[j])
        for a in range(d):
            copy(kept.factors[s, j, a], params.factors[j, a])
    for a in range(d):
        copy(kept.rate[s, a], params.rate[a])
