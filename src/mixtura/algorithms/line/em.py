"""Expectation-maximisation to a posterior mode, in the coordinates in which chains move.

An iteration reads the data once (the E-step), then sets each coordinate to the maximum of its conditional given the
soft statistics (Dempster, Laird & Rubin 1977; a conditional-maximisation M-step, Meng & Rubin 1993).
"""

from __future__ import annotations

import math

from mixtura.algorithms.line.conditionals import MEAN, SCALE, climb, log_weights_into, n_coordinates, offset, settle
from mixtura.arrays import Floats
from mixtura.compiled.jit import entry, kernel
from mixtura.line.helpers import expect_all
from mixtura.line.target import RATE, WEIGHTS, Target, Work, place_all, rate_conditional


@kernel
def maximise(target: Target, q: Floats, work: Work) -> None:
    """One M-step on the statistics in `work`, in place."""
    for block in (MEAN, SCALE):
        for j in range(n_coordinates(target, block)):
            i = offset(target, block) + j
            q[i] = climb(target, work, block, j, q[i])
            settle(target, work, block, j, q[i])
    if target.at[WEIGHTS] >= 0:
        log_weights = work.tile[0]
        for j in range(work.stats.counts.size):
            log_weights[j] = math.log(work.stats.counts[j] + target.concentration[j])
        log_weights_into(target.basis, log_weights, q, target.at[WEIGHTS])
    if target.at[RATE] >= 0:
        shape, rate = rate_conditional(target, work.params)
        q[target.at[RATE]] = math.log(shape / rate)


@entry
def em(target: Target, q: Floats, work: Work, iterations: int, tolerance: float) -> float:
    """Iterate from q, in place, until the log density gains less than `tolerance`; returns the log density."""
    before = now = -math.inf
    for _ in range(iterations):
        now = place_all(target, q, work.params)
        expect_all(target.points, work.params, work.tile, work.stats, work.crew)
        now += work.stats.loglik[0]
        if not now - before > tolerance:
            break
        before = now
        maximise(target, q, work)
    return now
