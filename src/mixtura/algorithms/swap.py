"""Exchanging two labels: a Metropolis step that costs no look at the data.

The likelihood does not change when two components trade places, so the step is accepted by the ratio of priors. It
lets a chain leave a labelling that the prior barely prefers; where priors are exchangeable relabelling undoes it, so
there it is left out.
"""

from __future__ import annotations

import math
from typing import Any

from mixtura.arrays import Floats
from mixtura.compiled import protocol
from mixtura.compiled.jit import kernel
from mixtura.compiled.protocol import place
from mixtura.compiled.rng import Stream, uniform
from mixtura.line.target import MEANS, SCALES, WEIGHTS, Target, n_scales


@protocol.answers(protocol.exchange, Target)
@kernel
def exchange(target: Target, q: Floats, i: int, j: int) -> None:
    """Trade components i and j in q: a linear map of length-preserving coordinates, with no Jacobian of its own."""
    at, k = target.at, target.scale_of.size
    if at[MEANS] >= 0:
        q[at[MEANS] + i], q[at[MEANS] + j] = q[at[MEANS] + j], q[at[MEANS] + i]
    if at[SCALES] >= 0 and n_scales(target) == k:
        q[at[SCALES] + i], q[at[SCALES] + j] = q[at[SCALES] + j], q[at[SCALES] + i]
    if at[WEIGHTS] >= 0:
        apart = 0.0
        for m in range(k - 1):
            apart += (target.basis[i, m] - target.basis[j, m]) * q[at[WEIGHTS] + m]
        for m in range(k - 1):
            q[at[WEIGHTS] + m] -= apart * (target.basis[i, m] - target.basis[j, m])


@kernel
def swap_labels(target: Any, q: Floats, work: Any, stream: Stream) -> bool:
    """Propose to exchange two components picked at random; returns whether q moved."""
    k = work.stats.counts.size
    i = int(uniform(stream) * k)
    j = (i + 1 + int(uniform(stream) * (k - 1))) % k
    before = place(target, q, work)
    protocol.exchange(target, q, i, j)
    if math.log(uniform(stream)) < place(target, q, work) - before:
        return True
    protocol.exchange(target, q, i, j)
    return False
