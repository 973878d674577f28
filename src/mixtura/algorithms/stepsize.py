"""Dual averaging of a step size (Nesterov 2009; Hoffman & Gelman 2014, section 3.2.1)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mixtura.arrays import Floats
from mixtura.compiled.jit import kernel

GAMMA, OFFSET, DECAY = 0.05, 10.0, 0.75  # Hoffman & Gelman's gamma, t0, kappa
CAREFUL = 3  # how often what is rejected is halved where chains diverged

NOW, AVERAGE, ANCHOR, ERROR, UPDATES, HALVED = range(6)  # what the array of a step size holds


def stepsize_for(first: float) -> Floats:
    """A first step, as an array (6,)."""
    return np.array([first, first, math.log(10.0 * first), 0.0, 0.0, 0.0])


def be_careful(chains: list[Any]) -> None:
    """Let chains aim at fewer rejections: where a posterior is bent, steps that suit its middle run off at its ends."""
    for chain in chains:
        chain.motion.step[HALVED] = CAREFUL


@kernel
def aim(step: Floats, wanted: float) -> float:
    """The acceptance to aim at: what is rejected is halved so many times."""
    rejected: float = (1.0 - wanted) * 0.5 ** step[HALVED]
    return 1.0 - rejected


@kernel
def restart(step: Floats) -> None:
    """Begin to average anew, from where it stands."""
    step[ANCHOR] = math.log(2.0 * step[AVERAGE])
    step[ERROR] = 0.0
    step[UPDATES] = 0.0


@kernel
def tune(step: Floats, accepted: float, wanted: float) -> None:
    """Move the step size after a draw that accepted `accepted` of what it proposed."""
    step[UPDATES] += 1.0
    t = step[UPDATES]
    step[ERROR] += (wanted - accepted - step[ERROR]) / (t + OFFSET)
    log_step = step[ANCHOR] - math.sqrt(t) / GAMMA * step[ERROR]
    share = t**-DECAY
    log_average = share * log_step + (1.0 - share) * math.log(step[AVERAGE])
    step[NOW] = math.exp(log_step)
    step[AVERAGE] = math.exp(log_average)
