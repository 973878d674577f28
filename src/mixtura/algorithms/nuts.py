"""The No-U-Turn sampler on the marginal posterior (allocations summed out), all of it in compiled code.

Where the first tenth of warm-up finds the posterior round (trajectories turn within a circle), what follows
needs no tree: trajectories of one length, a quarter of a circle, make draws that are as good for half the
steps, and warm-up ends early.

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
from mixtura.algorithms.stepsize import AVERAGE, NOW, restart, stepsize_for, tune
from mixtura.algorithms.swap import swap_labels
from mixtura.jit import copy, entry, fill, kernel
from mixtura.params import Floats
from mixtura.rng import Stream, normal, uniform
from mixtura.target import SIZE, Target, Work, logdensity, place_all

NAME = "nuts"
INFO = ("acceptance_rate", "step_size", "tree_depth", "n_steps", "diverging", "energy")
TARGET_ACCEPT = 0.8
MAX_DEPTH = 10
MAX_ENERGY_ERROR = 1000.0
CIRCLE = 6.28  # a trajectory that is longer, in whitened units of time, has not turned where a round posterior would
ENOUGH_TO_JUDGE, MOST_ROUGH = 20, 0.04  # draws to judge from, and the share of such trajectories in a round posterior
GLIDE, JITTER = (
    1.8,
    0.2,
)  # length of a trajectory there, and how much of it varies: longer ones improve the estimates of
GLIDE_ACCEPT = 0.9  # longer ones improve the estimates of means and spoil those of sds

Q, P, GRAD, SEEN = range(4)  # rows of a point: position, momentum, gradient, and [log density, occupied components]
LEFT, RIGHT, EDGE, CANDIDATE = range(4)  # a trajectory's ends, its moving end, and the draw that it proposes
ALL, SUBTREE, SPARE = range(3)  # sums of momenta: of the trajectory, of the subtree that grows, and scratch


class Tree(NamedTuple):
    """Scratch of one trajectory."""

    points: Floats  # (4, 4, d')
    sums: Floats  # (3, d)
    check_p: Floats  # (MAX_DEPTH, d): momenta and their sums at the checkpoints of the growing subtree
    check_sum: Floats  # (MAX_DEPTH, d)


class Chain(NamedTuple):
    """One chain: where it is, its whitening matrix (lower Cholesky factor of a covariance), and what adapts.

    Few arrays, because each one that a compiled function takes is paid for in compile time.
    """

    here: Floats  # (4, d'): a point
    whiten: Floats  # (d, d)
    first_covariance: Floats  # (d, d)
    welford: Welford
    step: Floats  # (5,), see `stepsize`
    tree: Tree
    info: Floats  # (6,): the last draw's numbers, as named in INFO
    rough: Floats  # (1,): trajectories in the first tenth of warm-up that a round posterior would not have had
    swaps: bool  # whether labels may be exchanged by a Metropolis step


def tree_for(size: int) -> Tree:
    """Room for a trajectory in d dimensions."""
    checks = np.zeros((2, MAX_DEPTH, size))
    return Tree(np.zeros((4, 4, max(size, 2))), np.zeros((3, size)), checks[0], checks[1])


def start(target: Target, position: Floats, covariance: Floats, swaps: bool) -> Chain:
    """A chain at `position` that takes `covariance` (d, d) as the first guess of the posterior's."""
    size = position.size
    here = np.zeros((4, max(size, 2)))
    here[Q, :size] = position
    return Chain(
        here=here,
        whiten=np.array(np.linalg.cholesky(covariance), float),
        first_covariance=covariance.copy(),
        welford=welford_for(size),
        step=stepsize_for(size),
        tree=tree_for(size),
        info=np.zeros(len(INFO)),
        rough=np.zeros(1),
        swaps=swaps,
    )


@kernel
def move(to: Floats, source: Floats) -> None:
    """Copy a point."""
    for row in range(4):
        copy(to[row], source[row])


@kernel
def look(target: Target, point: Floats, work: Work) -> None:
    """Evaluate the density, gradient and occupied components at a point."""
    size = target.at[SIZE]
    point[SEEN, 0] = logdensity(target, point[Q, :size], point[GRAD, :size], work)
    point[SEEN, 1] = count_occupied(work.stats.counts)


@kernel
def half_kick(point: Floats, whiten: Floats, eps: float) -> None:
    """Momentum half step: p += eps/2 whiten' grad."""
    size = whiten.shape[0]
    for i in range(size):
        force = 0.0
        for j in range(i, size):
            force += whiten[j, i] * point[GRAD, j]
        point[P, i] += 0.5 * eps * force


@kernel
def leapfrog(target: Target, point: Floats, whiten: Floats, eps: float, work: Work) -> float:
    """One leapfrog step in place; returns the energy after it."""
    half_kick(point, whiten, eps)
    for i in range(whiten.shape[0]):
        for j in range(i + 1):
            point[Q, i] += eps * whiten[i, j] * point[P, j]
    look(target, point, work)
    half_kick(point, whiten, eps)
    return energy(point, whiten.shape[0])


@kernel
def energy(point: Floats, size: int) -> float:
    """Potential plus kinetic energy; infinite where the density is not a number."""
    total = -point[SEEN, 0]
    for i in range(size):
        total += 0.5 * point[P, i] * point[P, i]
    return total if total < math.inf else math.inf


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
    target: Target, chain: Chain, work: Work, stream: Stream, leaves: int, eps: float, initial: float, totals: Floats
) -> tuple[float, bool, bool]:
    """Extend the moving end by `leaves` steps, keeping a multinomial candidate; returns log weight, turning, diverging.

    `totals` gathers [sum of acceptance probabilities, steps].
    """
    tree, edge = chain.tree, chain.tree.points[EDGE]
    log_weight = -math.inf
    fill(tree.sums[SUBTREE], 0.0)
    for leaf in range(leaves):
        delta = initial - leapfrog(target, edge, chain.whiten, eps, work)
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
def transition(target: Target, chain: Chain, work: Work, stream: Stream, eps: float, info: Floats) -> None:
    """One NUTS transition of chain.here; `info` receives this draw's numbers, as named in INFO."""
    tree, here, size = chain.tree, chain.here, chain.whiten.shape[0]
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
def glide(target: Target, chain: Chain, work: Work, stream: Stream, eps: float, info: Floats) -> None:
    """One transition of chain.here by a trajectory of set length (Neal 2011, section 3.2); `info` as for a tree."""
    here, edge, size = chain.here, chain.tree.points[EDGE], chain.whiten.shape[0]
    for i in range(size):
        here[P, i] = normal(stream)
    initial = energy(here, size)
    move(edge, here)
    steps = max(int(GLIDE / eps + uniform(stream)), 1)
    eps *= 1.0 + JITTER * (2.0 * uniform(stream) - 1.0)
    taken, change = 0, 0.0
    while taken < steps and change < MAX_ENERGY_ERROR:
        change = leapfrog(target, edge, chain.whiten, eps, work) - initial
        taken += 1
    info[0] = math.exp(min(-change, 0.0))
    info[1] = eps
    info[2] = 0.0
    info[3] = taken
    info[4] = change > MAX_ENERGY_ERROR
    info[5] = initial
    if uniform(stream) < info[0]:
        move(here, edge)


@kernel
def adapt(chain: Chain, draw: int, warmup: int, info: Floats, wanted: float) -> None:
    """Learn from warm-up draw `draw`: the step size always, the metric at a tenth, a fifth, two and four fifths."""
    tune(chain.step, info[0], wanted)
    learn(chain.welford, chain.here[Q])
    tenth = max(warmup // 10, 1)
    if draw + 1 in (tenth, 2 * tenth, 4 * tenth, 8 * tenth):
        shrunk_covariance(chain.welford, chain.first_covariance, chain.whiten)
        cholesky(chain.whiten)
        forget(chain.welford)
        restart(chain.step)


@kernel
def judge(chain: Chain, draw: int, warmup: int, info: Floats) -> None:
    """Count the rough trajectories in the first tenth of warm-up, once the step size has settled a little."""
    if warmup // 40 <= draw < warmup // 10:
        chain.rough[0] += math.inf if info[4] else 1.0 if info[1] * info[3] > CIRCLE else 0.0


@kernel
def is_round(chain: Chain, draw: int, warmup: int) -> bool:
    """Whether the posterior has been judged, and found round."""
    tenth = warmup // 10
    return ENOUGH_TO_JUDGE <= tenth <= draw and chain.rough[0] <= MOST_ROUGH * tenth


@entry
def advance(
    target: Target, chain: Chain, work: Work, stream: Stream, first: int, last: int, warmup: int, draws: Draws
) -> None:
    """Run draws first .. last-1, of which those below `warmup` adapt and are dropped."""
    here, scratch = chain.here, chain.info
    q = here[Q, : chain.whiten.shape[0]]
    if first == 0:
        look(target, here, work)
    for draw in range(first, last):
        rolls = is_round(chain, draw, warmup)
        if rolls and 3 * (warmup // 10) <= draw < warmup:
            continue  # what there is to learn of a round posterior has been learned
        eps = chain.step[NOW] if draw < warmup else chain.step[AVERAGE]
        if rolls:
            glide(target, chain, work, stream, eps, scratch)
        else:
            transition(target, chain, work, stream, eps, scratch)
        if chain.swaps and swap_labels(target, q, work, stream):
            look(target, here, work)
        if draw < warmup:
            judge(chain, draw, warmup, scratch)
            adapt(chain, draw, warmup, scratch, GLIDE_ACCEPT if rolls else TARGET_ACCEPT)
        else:
            s = draw - warmup
            place_all(target, q, work.params)
            keep(target, q, work.params, here[SEEN, 0], here[SEEN, 1], draws, s)
            copy(draws.info[s], scratch)
