"""Hamiltonian motion: positions, momenta in coordinates whitened by a dense metric, and what warm-up learns of them.

The metric is first the curvature at the mode where the chain starts, then what warm-up sees, shrunk towards it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from mixtura.algorithms.line.record import count_occupied
from mixtura.algorithms.metric import Welford, forget, shrunk_covariance, welford_for
from mixtura.algorithms.stepsize import restart, stepsize_for
from mixtura.arrays import Floats
from mixtura.compiled.jit import copy, kernel
from mixtura.compiled.matrices import cholesky
from mixtura.compiled.protocol import logdensity

MAX_ENERGY_ERROR = 1000.0  # more is a divergence

Q, P, GRAD, SEEN = range(4)  # rows of a point: position, momentum, gradient, and [log density, occupied components]


class Motion(NamedTuple):
    """One chain: where it is, its whitening matrix (lower Cholesky factor of a covariance), and what adapts.

    Few arrays, because each one that a compiled function takes is paid for in compile time.
    """

    here: Floats  # (4, d'): a point
    whiten: Floats  # (d, d)
    first_covariance: Floats  # (d, d)
    welford: Welford
    step: Floats  # (5,), see `stepsize`
    info: Floats  # the last draw's numbers, as named in a method's INFO
    swaps: bool  # whether labels may be exchanged by a Metropolis step


def motion_for(position: Floats, covariance: Floats, first_step: float, info: int, swaps: bool) -> Motion:
    """At rest at `position` (d,), with `covariance` (d, d) as the first guess of the posterior's."""
    size = position.size
    here = point_for(size)
    here[Q, :size] = position
    return Motion(
        here=here,
        whiten=np.array(np.linalg.cholesky(covariance), float),
        first_covariance=covariance.copy(),
        welford=welford_for(size),
        step=stepsize_for(first_step),
        info=np.zeros(info),
        swaps=swaps,
    )


def point_for(size: int) -> Floats:
    """Room for a point (4, d') in d dimensions."""
    return np.zeros((4, max(size, 2)))


@kernel
def move(to: Floats, source: Floats) -> None:
    """Copy a point."""
    for row in range(4):
        copy(to[row], source[row])


@kernel
def look(target: Any, point: Floats, size: int, work: Any) -> None:
    """Evaluate the density, gradient and occupied components at a point."""
    point[SEEN, 0] = logdensity(target, point[Q, :size], point[GRAD, :size], work)
    point[SEEN, 1] = count_occupied(work.stats.counts)


@kernel
def kick(point: Floats, whiten: Floats, eps: float) -> None:
    """Momentum step: p += eps whiten' grad."""
    size = whiten.shape[0]
    for i in range(size):
        force = 0.0
        for j in range(i, size):
            force += whiten[j, i] * point[GRAD, j]
        point[P, i] += eps * force


@kernel
def drift(point: Floats, whiten: Floats, eps: float) -> None:
    """Position step: q += eps whiten p."""
    for i in range(whiten.shape[0]):
        for j in range(i + 1):
            point[Q, i] += eps * whiten[i, j] * point[P, j]


@kernel
def energy(point: Floats, size: int) -> float:
    """Potential plus kinetic energy; infinite where the density is not a number."""
    total = -point[SEEN, 0]
    for i in range(size):
        total += 0.5 * point[P, i] * point[P, i]
    return total if total < math.inf else math.inf


@kernel
def learn_metric(motion: Motion) -> None:
    """Whiten by what was seen since the last time, and look for the step size anew."""
    shrunk_covariance(motion.welford, motion.first_covariance, motion.whiten)
    cholesky(motion.whiten, motion.whiten)
    forget(motion.welford)
    restart(motion.step)
