"""Hamiltonian Monte Carlo with trajectories of one length, for posteriors that are nearly normal about one mode.

There a trajectory's best length is known: a quarter of a circle in whitened coordinates, after which a draw has
forgotten where it began (Neal 2011, section 3.2). No tree is built, and hardly anything is left for warm-up to learn,
so that it is over after a tenth. One step of a two-stage integrator, two looks at the data, goes that far.
`modes.is_round` says where; `nuts` is for the rest.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from mixtura.algorithms.hamilton import (
    MAX_ENERGY_ERROR,
    SEEN,
    Motion,
    P,
    Q,
    drift,
    energy,
    kick,
    learn_metric,
    look,
    motion_for,
    move,
    point_for,
)
from mixtura.algorithms.metric import learn
from mixtura.algorithms.stepsize import AVERAGE, NOW, aim, tune
from mixtura.algorithms.swap import swap_labels
from mixtura.arrays import Floats
from mixtura.compiled.jit import copy, entry, kernel
from mixtura.compiled.protocol import keep, place
from mixtura.compiled.rng import Stream, normal, uniform

NAME = "hmc"
INFO = ("acceptance_rate", "step_size", "n_steps", "diverging", "energy")
LENGTH, JITTER = 1.7, 0.2  # of a trajectory: longer ones improve the estimates of means and spoil those of sds
MOST_STEPS = 256
TARGET_ACCEPT = 0.85
INNER = 0.21178  # share of a step that the first and last kick take
SETTLED, AT_LEAST = 10, 100  # warm-up ends after a tenth, but not before a hundred draws


class Chain(NamedTuple):
    """One chain, and the moving end of its trajectory (4, d')."""

    motion: Motion
    edge: Floats


def start(target: Any, position: Floats, covariance: Floats, swaps: bool) -> Chain:
    """A chain at `position` that takes `covariance` (d, d) as the first guess of the posterior's."""
    return Chain(motion_for(position, covariance, LENGTH, len(INFO), swaps), point_for(position.size))


@kernel
def two_stage(target: Any, point: Floats, whiten: Floats, eps: float, work: Any) -> None:
    """One step in place (Blanes, Casas & Sanz-Serna 2014, section 6.3).

    On a round posterior its energy error is a small part of that of two leapfrog steps of half the size.
    """
    size = whiten.shape[0]
    kick(point, whiten, INNER * eps)
    drift(point, whiten, 0.5 * eps)
    look(target, point, size, work)
    kick(point, whiten, (1.0 - 2.0 * INNER) * eps)
    drift(point, whiten, 0.5 * eps)
    look(target, point, size, work)
    kick(point, whiten, INNER * eps)


@kernel
def transition(target: Any, chain: Chain, work: Any, stream: Stream, eps: float) -> None:
    """One trajectory from where the chain is, in steps of about `eps`, accepted or not as a whole."""
    motion, edge = chain
    here, whiten, info = motion.here, motion.whiten, motion.info
    size = whiten.shape[0]
    for i in range(size):
        here[P, i] = normal(stream)
    initial = energy(here, size)
    move(edge, here)
    steps = max(int(min(LENGTH / eps, MOST_STEPS) + uniform(stream)), 1)
    eps = min(LENGTH / steps, 2.0 * eps) * (1.0 + JITTER * (2.0 * uniform(stream) - 1.0))
    taken, change = 0, 0.0
    while taken < steps and change < MAX_ENERGY_ERROR:
        two_stage(target, edge, whiten, eps, work)
        change = energy(edge, size) - initial
        taken += 1
    info[0] = math.exp(min(-change, 0.0))
    info[1] = eps
    info[2] = 2.0 * taken
    info[3] = change >= MAX_ENERGY_ERROR
    info[4] = initial
    if uniform(stream) < info[0]:
        move(here, edge)


@kernel
def adapt(motion: Motion, draw: int, settled: int) -> None:
    """Learn from warm-up draw `draw`: the step size always, the metric once, halfway."""
    tune(motion.step, motion.info[0], aim(motion.step, TARGET_ACCEPT))
    learn(motion.welford, motion.here[Q])
    if draw + 1 == settled // 2:
        learn_metric(motion)


@entry
def advance(
    target: Any, chain: Chain, work: Any, stream: Stream, first: int, last: int, warmup: int, draws: Any
) -> None:
    """Run draws first .. last-1, of which those below `warmup` adapt and are dropped."""
    motion = chain.motion
    here = motion.here
    q = here[Q, : motion.whiten.shape[0]]
    settled = min(warmup, max(warmup // SETTLED, AT_LEAST))
    if first == 0:
        look(target, here, q.size, work)
    for draw in range(first, last):
        if settled <= draw < warmup:
            continue
        transition(target, chain, work, stream, motion.step[NOW] if draw < warmup else motion.step[AVERAGE])
        if motion.swaps and swap_labels(target, q, work, stream):
            look(target, here, q.size, work)
        if draw < warmup:
            adapt(motion, draw, settled)
        else:
            s = draw - warmup
            place(target, q, work)
            keep(target, q, work, here[SEEN, 0], here[SEEN, 1], draws, s)
            copy(draws.info[s], motion.info)
