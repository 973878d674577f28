"""Dual averaging of a step size (Nesterov 2009; Hoffman & Gelman 2014, section 3.2.1)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura.jit import kernel
from mixtura.params import Floats

GAMMA, OFFSET, DECAY = 0.05, 10.0, 0.75  # Hoffman & Gelman's gamma, t0, kappa


class StepSize(NamedTuple):
    """Current and averaged step size, and [anchor, mean error, updates], each an array."""

    now: Floats
    average: Floats
    memory: Floats


def stepsize_for(size: int) -> StepSize:
    """A first step for whitened coordinates in d dimensions: stable steps shrink as d**(-1/4)."""
    first = 1.2 * size**-0.25
    return StepSize(np.full(1, first), np.full(1, first), np.array([math.log(10.0 * first), 0.0, 0.0]))


@kernel
def restart(step: StepSize) -> None:
    """Begin to average anew, from where it stands."""
    step.memory[0] = math.log(2.0 * step.average[0])
    step.memory[1] = 0.0
    step.memory[2] = 0.0


@kernel
def tune(step: StepSize, accepted: float, wanted: float) -> None:
    """Move the step size after a draw that accepted `accepted` of what it proposed."""
    step.memory[2] += 1.0
    t = step.memory[2]
    step.memory[1] += (wanted - accepted - step.memory[1]) / (t + OFFSET)
    log_step = step.memory[0] - math.sqrt(t) / GAMMA * step.memory[1]
    share = t**-DECAY
    log_average = share * log_step + (1.0 - share) * math.log(step.average[0])
    step.now[0] = math.exp(log_step)
    step.average[0] = math.exp(log_average)
