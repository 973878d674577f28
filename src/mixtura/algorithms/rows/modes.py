"""Where the posterior of rows has its modes: EM from several starts, first on a subset, then on all rows.

A model whose scales or correlations EM cannot set in closed form climbs with the default prior of its structure; a
quasi-Newton method goes the rest of the way.
"""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.algorithms.begin import Beginning, check_dense, uphill
from mixtura.algorithms.laplace import Density
from mixtura.algorithms.rows.em import em
from mixtura.algorithms.rows.starts import candidates, subset
from mixtura.arrays import Floats
from mixtura.line.propriety import KEEPS_WIDE
from mixtura.model import GaussianMixture
from mixtura.priors import InverseWishart
from mixtura.rows.encode import can_trade, position_of, target_of
from mixtura.rows.gradient import logdensity, placed
from mixtura.rows.kernels import rows_of
from mixtura.rows.records import Params
from mixtura.rows.target import CORRELATIONS, FLOOR, MATRICES, RATE, Target, Work, work_for

SHORT, LONG = 300, 2000  # EM iterations: on the subset, on all rows
KEPT, FAR = 4, 12.0  # climbs that go on to all rows, and how many nats below the best of the subset others are not
CLOSE = 1e-2  # nats between two climbs that are one
POWERS = 20  # iterations to find EM's rate
FLAT, SPREAD = 1e-9, 1e-5  # variances, in ranges squared: below the one there is no scatter, above the other there is

NO_PLACE = f"components shrink to nothing, or priors leave no room where the data are. {KEEPS_WIDE}"

Climb = tuple[float, Floats]  # a log density and where it was reached


class Summit(NamedTuple):
    """A mode in the sampler's coordinates: q (d,), its log density, and EM's rate there.

    The rate is the share of the way that is left after an iteration in the slowest direction: the share of information
    that is missing there, which is also what a sweep of Gibbs sampling keeps of where it was (Dempster, Laird & Rubin
    1977, section 3; Liu, Wong & Kong 1994, section 5). `aside` says by how many nats the highest place was higher where
    a component is flat, which counts as no mode.
    """

    q: Floats
    logdensity: float
    rate: float
    aside: float = 0.0


def find_summits(model: GaussianMixture, target: Target, rng: np.random.Generator) -> list[Summit]:
    """Distinct modes reached from all starts, highest first; all in standardised units."""
    d = target.centres.shape[1]
    few = subset(target.rows, d, rng)
    bounded = has_top(target, len(few))
    climbing = conjugate(model, few)
    near = target_of(climbing, rows_of(few, np.ones(len(few))))
    climbs = [climb(near, start, SHORT) for start in starts_on(near, climbing, few, rng)]
    followed = best_of(sound(near, climbs))
    above = max(height for height, _ in climbs if height < math.inf) - followed[0][0]
    if len(few) < np.count_nonzero(target.rows.weights):
        far = target_of(climbing, target.rows)
        followed = best_of(sound(far, [climb(far, q, LONG) for _, q in followed]))
    found = []
    for _, q in followed:
        rate, top = slowness(near, q, rng), in_order(model, target, placed(near, q)[1])
        found.append(_touched(target, top, rate, bounded)._replace(aside=above if above > CLOSE else 0.0))
    finite = [summit for summit in found if math.isfinite(summit.logdensity)]
    if not finite:
        raise ValueError(f"no place was found where the density is finite: {NO_PLACE}")
    return sorted(finite, key=lambda summit: -summit.logdensity)


def begun_at(model: GaussianMixture, target: Target, rng: np.random.Generator, places: list[Params]) -> Beginning:
    """The modes uphill of given standardised parameters, or, where there are none, all modes that are found."""
    if places:
        return summits_above(model, target, places, rng)
    return Beginning(find_summits(model, target, rng), [])


def summits_above(model: GaussianMixture, target: Target, places: list[Params], rng: np.random.Generator) -> Beginning:
    """The modes uphill of given standardised parameters, whose labels stay."""
    positions = [position_of(target, params) for params in places]
    check_dense(density_of(target, work_for(target)), positions)
    few = subset(target.rows, target.centres.shape[1], rng)
    bounded, climbing = has_top(target, len(few)), conjugate(model, few)
    near, far = target_of(climbing, rows_of(few, np.ones(len(few)))), target_of(climbing, target.rows)
    reached = []
    for params in places:
        (_, q), *_ = sound(far, [climb(far, position_of(far, params), LONG)])
        top = position_of(target, placed(far, q)[1])
        reached.append(_touched(target, top, slowness(near, q, rng), bounded))
    return uphill(positions, reached, alike, lambda summit: float(summit.logdensity))


def alike(one: Summit, other: Summit) -> bool:
    """Whether two summits are one, told by height."""
    return abs(one.logdensity - other.logdensity) < CLOSE


def _touched(target: Target, q: Floats, rate: float, bounded: bool) -> Summit:
    """The summit next to where EM, whose rate is given, ended; where there is no top, that place."""
    value = float(logdensity(target, q, np.empty_like(q), work_for(target)))
    if bounded:
        value, q = ascend(target, q)
    return Summit(q, value, rate if bounded else 0.0)


def has_top(target: Target, n: int) -> bool:
    """Whether the density of n rows has a highest point, to climb and to touch.

    Not where rows are so few that nothing scatters in some direction, and the scale of covariances is unknown there.
    """
    k, d = target.centres.shape
    unknown = target.at[CORRELATIONS] >= 0 or (target.at[MATRICES] >= 0 and target.at[RATE] >= 0)
    return not unknown or n >= k + d


def conjugate(model: GaussianMixture, few: Floats) -> GaussianMixture:
    """The model, or one like it whose every block EM can set and where no climb is endless.

    Scales of another prior take the default of their covariance structure. Where rows are so few that nothing scatters
    in some direction, the density has no highest point: the unknown scale matrix follows covariances down. There that
    is held at its prior mean.
    """
    climbing = model
    if model.scales is not None or (model.variances is not None and model.structure.correlated):
        bare = replace(model, scales=None, variances=None, covariances=None, correlations=None)
        climbing = bare.with_defaults(few)
    covariances, (n, d) = climbing.covariances, few.shape
    if n < d + model.n_components and isinstance(covariances, InverseWishart) and covariances.rate is not None:
        expected = covariances.rate.df * np.array(covariances.rate.scale)
        climbing = replace(climbing, covariances=InverseWishart(covariances.df, expected))
    return climbing


def starts_on(target: Target, model: GaussianMixture, few: Floats, rng: np.random.Generator) -> list[Floats]:
    """Positions to climb from."""
    k = model.n_components
    guesses = (
        guess._replace(factors=model.structure.shaped(guess.weights, guess.factors))
        for guess in candidates(few, k, rng)
    )
    return [position_of(target, guess) for guess in guesses]


def climb(target: Target, start: Floats, iterations: int) -> Climb:
    """Log density and place to which EM leads."""
    q = start.copy()
    return em(target, q, work_for(target), iterations, 1e-6), q


def sound(target: Target, climbs: list[Climb]) -> list[Climb]:
    """Climbs that end where no component is flat; all where each has one.

    Rows that share the value of one column, 0 say, and differ in others draw a component that is flat on it: the
    density is higher there, and no group is. Copies of one row differ nowhere: they are a group. So is a class in a
    column of classes, where the prior's floor is as wide as the steps between them.
    """
    finite = [climb for climb in climbs if math.isfinite(climb[0]) and np.isfinite(climb[1]).all()]
    if not finite:
        raise ValueError(f"every climb ends where the density is not finite: {NO_PLACE}")
    return [climb for climb in finite if not flat(target, climb[1]).any()] or finite


def flat(target: Target, q: Floats) -> NDArray[np.bool_]:
    """Which components' (k,) own rows do not scatter in some direction and do in another, in units of the ranges."""
    work, d = work_for(target), target.centres.shape[1]
    logdensity(target, q, np.empty_like(q), work)
    counts, sums = np.maximum(work.stats.counts, 1e-9)[:, None, None], work.stats.sums
    seen = target.rows.x[:d, target.rows.weights > 0]
    spans = np.maximum(np.ptp(seen, axis=1), 1e-300)
    scatter = work.stats.scatter / counts - sums[:, :, None] * sums[:, None, :] / counts**2
    widths, ways = np.linalg.eigh(scatter / spans[:, None] / spans)
    floor = (ways[:, :, 0] ** 2 * (np.diagonal(target.precisions[FLOOR]) / spans**2)).sum(1) / counts[:, 0, 0]
    thin = (widths[:, 0] < FLAT) & (floor < SPREAD)
    return np.asarray(thin & (widths[:, -1] > SPREAD) & (work.stats.counts > d), bool)


def best_of(climbs: list[Climb]) -> list[Climb]:
    """The highest climbs, one of those that end at one height, without those that ended far below."""
    kept: list[Climb] = []
    for height, q in sorted(climbs, key=lambda climb: -climb[0]):
        if not kept or kept[0][0] - FAR < height < kept[-1][0] - CLOSE:
            kept.append((height, q))
    return kept[:KEPT]


def slowness(target: Target, q: Floats, rng: np.random.Generator) -> float:
    """EM's rate about q, the unknown scale of covariances held: its map's largest eigenvalue, by power iteration."""
    rate = target.at[RATE]

    def stepped(start: Floats) -> Floats:
        moved = start.copy()
        em(target, moved, work, 1, -np.inf)
        if rate >= 0:
            moved[rate:] = start[rate:]
        return moved

    work, small, rates = work_for(target), 1e-4, []
    base, direction = stepped(q), rng.standard_normal(q.size)
    if rate >= 0:
        direction[rate:] = 0.0
    for _ in range(POWERS):
        if not direction.any():  # one iteration goes all the way: nothing is missing
            return 0.0
        direction *= small / np.linalg.norm(direction)
        direction = stepped(q + direction) - base
        rates.append(float(np.linalg.norm(direction)) / small)
    found = float(np.exp(np.mean(np.log(np.maximum(rates[-5:], 1e-12)))))
    return found if found < 1.0 else 1.0  # also where it is no number


def in_order(model: GaussianMixture, target: Target, params: Params) -> Floats:
    """Position with labels by first feature where they carry no meaning, else the labelling that the priors like."""
    params = params.permute(np.argsort(params.means[:, 0], kind="stable"))
    q = position_of(target, params)
    if model.exchangeable or not can_trade(target):
        return q
    best, better = placed(target, q)[0], True
    while better:
        better = False
        for i, j in combinations(range(model.n_components), 2):
            order = np.arange(model.n_components)
            order[[i, j]] = j, i
            traded = params.permute(order)
            value = placed(target, position_of(target, traded))[0]
            if value > best + 1e-9:
                best, params, better = value, traded, True
    return position_of(target, params)


def density_of(target: Target, work: Work) -> Density:
    """The log density as a function of a position, and of where its gradient goes."""
    return lambda q, grad: float(logdensity(target, q, grad, work))


def ascend(target: Target, start: Floats) -> tuple[float, Floats]:
    """The mode uphill of a position near it, by a quasi-Newton method (L-BFGS)."""
    from scipy.optimize import minimize

    density, grad = density_of(target, work_for(target)), np.empty_like(start)

    def downhill(q: Floats) -> tuple[float, Floats]:
        value = density(q, grad)
        return (-value, -grad) if value > -np.inf else (1e300, np.zeros_like(q))

    found = minimize(downhill, start, jac=True, method="L-BFGS-B", options={"maxiter": 500, "ftol": 1e-13})
    return -float(found.fun), np.asarray(found.x, float)
