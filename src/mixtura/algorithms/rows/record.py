"""Draws of rows' parameters leave compiled code by this door: one row per kept draw, in standardised units."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled import protocol
from mixtura.compiled.jit import copy, kernel
from mixtura.rows.records import Params
from mixtura.rows.target import Target, Work, place_all


class Draws(NamedTuple):
    """Kept draws of one chain: parameters (s, ...), log-likelihood (s,), number of occupied components (s,), and the
    method's own numbers (s, m)."""

    params: Params
    loglik: Floats
    occupied: Floats
    info: Floats


def room_for(n_draws: int, means: Floats, n_info: int) -> Draws:
    """Empty draws of components with means (k, d), allocated once per chain."""
    s, (k, d) = n_draws, means.shape
    params = Params(np.empty((s, k)), np.empty((s, k, d)), np.zeros((s, k, d, d)), np.empty((s, d, d)))
    return Draws(params, np.empty(s), np.empty(s), np.zeros((s, n_info)))


@protocol.answers(protocol.keep, Target)
@kernel
def keep(target: Target, q: Floats, work: Work, density: float, occupied: float, draws: Draws, s: int) -> None:
    """Write draw s: parameters placed from q, and the density in q less prior and Jacobian."""
    draws.loglik[s] = density - place_all(target, q, work)
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
