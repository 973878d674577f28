"""Draws leave compiled code by this door: one row per kept draw, in standardised units."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled import protocol
from mixtura.compiled.jit import copy, kernel
from mixtura.line.records import Params
from mixtura.line.target import Target, Work, log_jacobian


class Draws(NamedTuple):
    """Kept draws of one chain: parameters (s, k), rate (s,), log density of the declared parameters (s,), the number
    of occupied components (s,), and the method's own numbers (s, m)."""

    params: Params
    lp: Floats
    occupied: Floats
    info: Floats


def room_for(n_draws: int, n_components: int, n_info: int) -> Draws:
    """Empty draws, allocated once per chain."""
    s, k = n_draws, n_components
    params = Params(np.empty((s, k)), np.empty((s, k)), np.empty((s, k)), np.full(s, np.nan))
    return Draws(params, np.empty(s), np.empty(s), np.zeros((s, n_info)))


@protocol.answers(protocol.keep, Target)
@kernel
def keep(target: Target, q: Floats, work: Work, density: float, occupied: float, draws: Draws, s: int) -> None:
    """Write draw s: parameters placed from q, and the density in q less the Jacobian."""
    params = work.params
    copy(draws.params.weights[s], params.weights)
    copy(draws.params.means[s], params.means)
    copy(draws.params.scales[s], params.scales)
    draws.params.rate[s] = params.rate[0]
    draws.lp[s] = density - log_jacobian(target, q, params)
    draws.occupied[s] = occupied


@kernel
def count_occupied(counts: Floats) -> float:
    """Components that hold at least half a point."""
    occupied = 0.0
    for j in range(counts.size):
        occupied += counts[j] >= 0.5
    return occupied
