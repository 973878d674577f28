"""The No-U-Turn sampler on the marginal posterior (allocations summed out), all of it in compiled code.

Multinomial NUTS (Hoffman & Gelman 2014; Betancourt 2017, appendix A.3) with trees built iteratively, as in Phan,
Pradhan & Jankowiak (2019, algorithm 2). Step size by dual averaging (Hoffman & Gelman 2014, section 3.2).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

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
)
from mixtura.algorithms.metric import learn
from mixtura.algorithms.stepsize import AVERAGE, NOW, aim, tune
from mixtura.algorithms.swap import swap_labels
from mixtura.arrays import Floats
from mixtura.compiled.jit import copy, entry, fill, kernel
from mixtura.compiled.protocol import keep, place
from mixtura.compiled.rng import Stream, normal, uniform

NAME = "nuts"
INFO = ("acceptance_rate", "step_size", "tree_depth", "n_steps", "diverging", "energy")
TARGET_ACCEPT = 0.8
MAX_DEPTH = 10

LEFT, RIGHT, EDGE, CANDIDATE = range(4)  # a trajectory's ends, its moving end, and the draw that it proposes
ALL, SUBTREE, SPARE = range(3)  # sums of momenta: of the trajectory, of the subtree that grows, and scratch


class Tree(NamedTuple):
    """Scratch of one trajectory."""

    points: Floats  # (4, 4, d')
    sums: Floats  # (3, d)
    check_p: Floats  # (MAX_DEPTH, d): momenta and their sums at the checkpoints of the growing subtree
    check_sum: Floats  # (MAX_DEPTH, d)


class Chain(NamedTuple):
    """One chain, and scratch of its trajectories."""

    motion: Motion
    tree: Tree


def tree_for(size: int) -> Tree:
    """Room for a trajectory in d dimensions."""
    checks = np.zeros((2, MAX_DEPTH, size))
    return Tree(np.zeros((4, 4, max(size, 2))), np.zeros((3, size)), checks[0], checks[1])


def start(target: Any, position: Floats, covariance: Floats, swaps: bool) -> Chain:
    """A chain at `position` that takes `covariance` (d, d) as the first guess of the posterior's."""
    first_step = 1.2 * position.size**-0.25  # stable steps shrink so
    return Chain(motion_for(position, covariance, first_step, len(INFO), swaps), tree_for(position.size))


@kernel
def leapfrog(target: Any, point: Floats, whiten: Floats, eps: float, work: Any) -> float:
    """One leapfrog step in place; returns the energy after it."""
    kick(point, whiten, 0.5 * eps)
    drift(point, whiten, eps)
    look(target, point, whiten.shape[0], work)
    kick(point, whiten, 0.5 * eps)
    return energy(point, whiten.shape[0])


@kernel
def turning(a: Floats, b: Floats, psum: Floats) -> bool:
    """Generalised no-U-turn criterion between momenta a and b with their sum (Betancourt 2017, appendix A.4.2)."""
    along_a, along_b = 0.0, 0.0
    for i in range(psum.size):
        rho = psum[i] - 0.5 * (a[i] + b[i])
        along_a += a[i] * rho
        along_b += b[i] * rho
    return along_a <= 0.0 or along_b <= 0.0


@kernel
def subtree_turns(tree: Tree, leaf: int) -> bool:
    """Store leaf's checkpoint, or test every subtree that ends at this leaf (Phan et al. 2019, algorithm 2)."""
    top, bits = 0, leaf >> 1
    while bits:
        top += bits & 1
        bits >>= 1
    if leaf % 2 == 0:
        copy(tree.check_p[top], tree.points[EDGE, P])
        copy(tree.check_sum[top], tree.sums[SUBTREE])
        return False
    complete, bits = 0, leaf
    while bits & 1:
        complete += 1
        bits >>= 1
    for level in range(top, top - complete, -1):
        for i in range(tree.sums.shape[1]):
            tree.sums[SPARE, i] = tree.sums[SUBTREE, i] - tree.check_sum[level, i] + tree.check_p[level, i]
        if turning(tree.check_p[level], tree.points[EDGE, P], tree.sums[SPARE]):
            return True
    return False


@kernel
def log_add(a: float, b: float) -> float:
    """log(e**a + e**b)."""
    top = max(a, b)
    return top + math.log1p(math.exp(-abs(a - b))) if top > -math.inf else top


@kernel
def grow(
    target: Any, chain: Chain, work: Any, stream: Stream, leaves: int, eps: float, initial: float, totals: Floats
) -> tuple[float, bool, bool]:
    """Extend the moving end by `leaves` steps, keeping a multinomial candidate; returns log weight, turning, diverging.

    `totals` gathers [sum of acceptance probabilities, steps].
    """
    tree, edge = chain.tree, chain.tree.points[EDGE]
    log_weight = -math.inf
    fill(tree.sums[SUBTREE], 0.0)
    for leaf in range(leaves):
        delta = initial - leapfrog(target, edge, chain.motion.whiten, eps, work)
        totals[0] += math.exp(min(delta, 0.0))
        totals[1] += 1.0
        if delta < -MAX_ENERGY_ERROR:
            return log_weight, False, True
        log_weight = log_add(log_weight, delta)
        if math.log(uniform(stream)) < delta - log_weight:
            move(tree.points[CANDIDATE], edge)
        for i in range(tree.sums.shape[1]):
            tree.sums[SUBTREE, i] += edge[P, i]
        if subtree_turns(tree, leaf):
            return log_weight, True, False
    return log_weight, False, False


@kernel
def transition(target: Any, chain: Chain, work: Any, stream: Stream, eps: float) -> None:
    """One trajectory from where the chain is, and a draw from it."""
    tree, here, size = chain.tree, chain.motion.here, chain.motion.whiten.shape[0]
    info = chain.motion.info
    for i in range(size):
        here[P, i] = normal(stream)
        tree.sums[ALL, i] = here[P, i]
    initial = energy(here, size)
    move(tree.points[LEFT], here)
    move(tree.points[RIGHT], here)
    log_weight, depth, diverged = 0.0, 0, False
    totals = info[:2]
    fill(totals, 0.0)
    while depth < MAX_DEPTH:
        forward = uniform(stream) < 0.5
        end = tree.points[RIGHT if forward else LEFT]
        move(tree.points[EDGE], end)
        direction = eps if forward else -eps
        new_weight, turned, diverged = grow(target, chain, work, stream, 1 << depth, direction, initial, totals)
        move(end, tree.points[EDGE])
        depth += 1
        if turned or diverged:
            break
        if math.log(uniform(stream)) < new_weight - log_weight:
            move(here, tree.points[CANDIDATE])
        log_weight = log_add(log_weight, new_weight)
        for i in range(size):
            tree.sums[ALL, i] += tree.sums[SUBTREE, i]
        if turning(tree.points[LEFT, P], tree.points[RIGHT, P], tree.sums[ALL]):
            break
    n_steps = totals[1]
    info[0] = totals[0] / n_steps
    info[1] = eps
    info[2] = depth
    info[3] = n_steps
    info[4] = diverged
    info[5] = initial


@kernel
def adapt(motion: Motion, draw: int, warmup: int) -> None:
    """Learn from warm-up draw `draw`: the step size always, the metric at a tenth, a fifth, two and four fifths."""
    tune(motion.step, motion.info[0], aim(motion.step, TARGET_ACCEPT))
    learn(motion.welford, motion.here[Q])
    tenth = max(warmup // 10, 1)
    if draw + 1 in (tenth, 2 * tenth, 4 * tenth, 8 * tenth):
        learn_metric(motion)


@entry
def advance(
    target: Any, chain: Chain, work: Any, stream: Stream, first: int, last: int, warmup: int, draws: Any
) -> None:
    """Run draws first .. last-1, of which those below `warmup` adapt and are dropped."""
    motion = chain.motion
    here = motion.here
    q = here[Q, : motion.whiten.shape[0]]
    if first == 0:
        look(target, here, q.size, work)
    for draw in range(first, last):
        transition(target, chain, work, stream, motion.step[NOW] if draw < warmup else motion.step[AVERAGE])
        if motion.swaps and swap_labels(target, q, work, stream):
            look(target, here, q.size, work)
        if draw < warmup:
            adapt(motion, draw, warmup)
        else:
            s = draw - warmup
            place(target, q, work)
            keep(target, q, work, here[SEEN, 0], here[SEEN, 1], draws, s)
            copy(draws.info[s], motion.info)
