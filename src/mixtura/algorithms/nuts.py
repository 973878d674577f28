"""The No-U-Turn sampler on the marginal posterior (allocations summed out), all of it in compiled code.

Multinomial NUTS (Hoffman & Gelman 2014; Betancourt 2017, appendix A.3) with trees built iteratively, as in Phan,
Pradhan & Jankowiak (2019, algorithm 2). Momenta live in coordinates whitened by a dense metric: first the curvature at
the mode where the chain starts, then what warm-up sees, shrunk towards it. Step size by dual averaging (Hoffman &
Gelman 2014, section 3.2).
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from mixtura.algorithms.metric import Welford, cholesky, forget, learn, shrunk_covariance, welford_for
from mixtura.algorithms.record import Draws, count_occupied, keep
from mixtura.algorithms.stepsize import StepSize, restart, stepsize_for, tune
from mixtura.algorithms.swap import swap_labels
from mixtura.jit import copy, entry, fill, kernel
from mixtura.params import Floats
from mixtura.rng import Stream, normal, uniform
from mixtura.target import Ints, Target, Work, logdensity, place_all

NAME = "nuts"
INFO = ("acceptance_rate", "step_size", "tree_depth", "n_steps", "diverging", "energy")
TARGET_ACCEPT = 0.8
MAX_DEPTH = 10
MAX_ENERGY_ERROR = 1000.0


class Point(NamedTuple):
    """A position with all that was computed there: q, momentum p, gradient (d,), and [log density, occupied]."""

    q: Floats
    p: Floats
    grad: Floats
    seen: Floats


class Tree(NamedTuple):
    """Scratch of one trajectory: its two ends, the moving end, two candidates, momentum sums and checkpoints."""

    left: Point
    right: Point
    edge: Point
    candidate: Point
    psum: Floats
    sub_psum: Floats
    velocity: Floats
    check_p: Floats  # (MAX_DEPTH, d)
    check_psum: Floats  # (MAX_DEPTH, d)


class Chain(NamedTuple):
    """One chain: where it is, its whitening matrix (lower Cholesky factor of a covariance), and what adapts."""

    here: Point
    whiten: Floats
    first_covariance: Floats
    welford: Welford
    step: StepSize
    tree: Tree
    info: Floats  # (6,): the last draw's numbers, as named in INFO
    swaps: Ints  # (1,): whether labels may be exchanged by a Metropolis step


def point_for(size: int) -> Point:
    """Room for a point in d dimensions."""
    return Point(np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(2))


def tree_for(size: int) -> Tree:
    """Room for a trajectory in d dimensions."""
    return Tree(
        left=point_for(size),
        right=point_for(size),
        edge=point_for(size),
        candidate=point_for(size),
        psum=np.zeros(size),
        sub_psum=np.zeros(size),
        velocity=np.zeros(size),
        check_p=np.zeros((MAX_DEPTH, size)),
        check_psum=np.zeros((MAX_DEPTH, size)),
    )


def start(target: Target, position: Floats, covariance: Floats, swaps: bool) -> Chain:
    """A chain at `position` that takes `covariance` (d, d) as the first guess of the posterior's."""
    size = position.size
    here = point_for(size)
    here.q[:] = position
    return Chain(
        here=here,
        whiten=np.array(np.linalg.cholesky(covariance), float),
        first_covariance=covariance.copy(),
        welford=welford_for(size),
        step=stepsize_for(size),
        tree=tree_for(size),
        info=np.zeros(len(INFO)),
        swaps=np.array([int(swaps)]),
    )


@kernel
def move(to: Point, source: Point) -> None:
    """Copy a point."""
    copy(to.q, source.q)
    copy(to.p, source.p)
    copy(to.grad, source.grad)
    copy(to.seen, source.seen)


@kernel
def look(target: Target, point: Point, work: Work) -> None:
    """Evaluate the density, gradient and occupied components at a point."""
    point.seen[0] = logdensity(target, point.q, point.grad, work)
    point.seen[1] = count_occupied(work.stats.counts)


@kernel
def half_kick(point: Point, whiten: Floats, eps: float) -> None:
    """Momentum half step: p += eps/2 whiten' grad."""
    size = point.p.size
    for i in range(size):
        force = 0.0
        for j in range(i, size):
            force += whiten[j, i] * point.grad[j]
        point.p[i] += 0.5 * eps * force


@kernel
def leapfrog(target: Target, point: Point, whiten: Floats, eps: float, work: Work) -> float:
    """One leapfrog step in place; returns the energy after it."""
    half_kick(point, whiten, eps)
    for i in range(point.q.size):
        for j in range(i + 1):
            point.q[i] += eps * whiten[i, j] * point.p[j]
    look(target, point, work)
    half_kick(point, whiten, eps)
    return energy(point)


@kernel
def energy(point: Point) -> float:
    """Potential plus kinetic energy; infinite where the density is not a number."""
    total = -point.seen[0]
    for i in range(point.p.size):
        total += 0.5 * point.p[i] * point.p[i]
    return total if total < math.inf else math.inf


@kernel
def turning(a: Floats, b: Floats, psum: Floats) -> bool:
    """Generalised no-U-turn criterion between momenta a and b with their sum (Betancourt 2017, appendix A.4.2)."""
    along_a, along_b = 0.0, 0.0
    for i in range(a.size):
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
        copy(tree.check_p[top], tree.edge.p)
        copy(tree.check_psum[top], tree.sub_psum)
        return False
    complete, bits = 0, leaf
    while bits & 1:
        complete += 1
        bits >>= 1
    for level in range(top, top - complete, -1):
        for i in range(tree.psum.size):
            tree.velocity[i] = tree.sub_psum[i] - tree.check_psum[level, i] + tree.check_p[level, i]
        if turning(tree.check_p[level], tree.edge.p, tree.velocity):
            return True
    return False


@kernel
def log_add(a: float, b: float) -> float:
    """log(e**a + e**b)."""
    top = max(a, b)
    return top + math.log1p(math.exp(-abs(a - b))) if top > -math.inf else top


@kernel
def grow(
    target: Target, chain: Chain, work: Work, stream: Stream, leaves: int, eps: float, initial: float, totals: Floats
) -> tuple[float, bool, bool]:
    """Extend tree.edge by `leaves` steps, keeping a multinomial candidate; returns log weight, turning, diverging.

    `totals` gathers [sum of acceptance probabilities, steps].
    """
    tree = chain.tree
    log_weight = -math.inf
    fill(tree.sub_psum, 0.0)
    for leaf in range(leaves):
        delta = initial - leapfrog(target, tree.edge, chain.whiten, eps, work)
        totals[0] += math.exp(min(delta, 0.0))
        totals[1] += 1.0
        if delta < -MAX_ENERGY_ERROR:
            return log_weight, False, True
        log_weight = log_add(log_weight, delta)
        if math.log(uniform(stream)) < delta - log_weight:
            move(tree.candidate, tree.edge)
        for i in range(tree.sub_psum.size):
            tree.sub_psum[i] += tree.edge.p[i]
        if subtree_turns(tree, leaf):
            return log_weight, True, False
    return log_weight, False, False


@kernel
def transition(target: Target, chain: Chain, work: Work, stream: Stream, eps: float, info: Floats) -> None:
    """One NUTS transition of chain.here; `info` receives this draw's numbers, as named in INFO."""
    tree, here = chain.tree, chain.here
    for i in range(here.p.size):
        here.p[i] = normal(stream)
    initial = energy(here)
    move(tree.left, here)
    move(tree.right, here)
    copy(tree.psum, here.p)
    log_weight, depth, diverged = 0.0, 0, False
    totals = info[:2]
    fill(totals, 0.0)
    while depth < MAX_DEPTH:
        forward = uniform(stream) < 0.5
        end = tree.right if forward else tree.left
        move(tree.edge, end)
        direction = eps if forward else -eps
        new_weight, turned, diverged = grow(target, chain, work, stream, 1 << depth, direction, initial, totals)
        move(end, tree.edge)
        depth += 1
        if turned or diverged:
            break
        if math.log(uniform(stream)) < new_weight - log_weight:
            move(here, tree.candidate)
        log_weight = log_add(log_weight, new_weight)
        for i in range(tree.psum.size):
            tree.psum[i] += tree.sub_psum[i]
        if turning(tree.left.p, tree.right.p, tree.psum):
            break
    n_steps = totals[1]
    info[0] = totals[0] / n_steps
    info[1] = eps
    info[2] = depth
    info[3] = n_steps
    info[4] = diverged
    info[5] = initial


@kernel
def adapt(chain: Chain, draw: int, warmup: int, accepted: float) -> None:
    """Learn from warm-up draw `draw`: the step size always, the metric at a tenth, a fifth, two and four fifths."""
    tune(chain.step, accepted, TARGET_ACCEPT)
    learn(chain.welford, chain.here.q)
    tenth = max(warmup // 10, 1)
    if draw + 1 in (tenth, 2 * tenth, 4 * tenth, 8 * tenth):
        shrunk_covariance(chain.welford, chain.first_covariance, chain.whiten)
        cholesky(chain.whiten)
        forget(chain.welford)
        restart(chain.step)


@entry
def advance(
    target: Target, chain: Chain, work: Work, stream: Stream, first: int, last: int, warmup: int, draws: Draws
) -> None:
    """Run draws first .. last-1, of which those below `warmup` adapt and are dropped."""
    here, scratch = chain.here, chain.info
    if first == 0:
        look(target, here, work)
    for draw in range(first, last):
        eps = chain.step.now[0] if draw < warmup else chain.step.average[0]
        transition(target, chain, work, stream, eps, scratch)
        if chain.swaps[0] and swap_labels(target, here.q, work, stream):
            look(target, here, work)
        if draw < warmup:
            adapt(chain, draw, warmup, scratch[0])
        else:
            s = draw - warmup
            place_all(target, here.q, work.params)
            keep(target, here.q, work.params, here.seen[0], here.seen[1], draws, s)
            copy(draws.info[s], scratch)
