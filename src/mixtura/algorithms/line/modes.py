"""Where the posterior's mass is: modes found by EM from several starts, weighed by Laplace's approximation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.algorithms.begin import Beginning, check_dense, uphill
from mixtura.algorithms.laplace import Density, Peak, polish, same
from mixtura.algorithms.line.em import em
from mixtura.algorithms.line.starts import candidates
from mixtura.arrays import Floats
from mixtura.line.helpers import assisted
from mixtura.line.propriety import can_collapse
from mixtura.line.records import Params
from mixtura.line.target import Target, Work, can_trade, logdensity, place_all, position_of, work_for
from mixtura.model import GaussianMixture
from mixtura.priors import Dirichlet, InverseGamma
from mixtura.reading.chunks import cores
from mixtura.reading.data import Points

GLANCE, SHORT, LONG = 8, 30, 2000  # EM iterations: of every start, of those that go elsewhere, of the best ones
KEPT, FAR = 6, 50.0  # starts that are followed to the end, and how many nats below the best others are not
CLOSE = 0.05  # of two that go the same way: in standardised means and in logs of scales


class Climb(NamedTuple):
    """Where a few iterations led: q (d,), log density, means and log scales (2k,), by mean where labels may trade.

    `starts` says how many have led there.
    """

    q: Floats
    logdensity: float
    shape: Floats
    starts: int


def find_peaks(model: GaussianMixture, target: Target, rng: np.random.Generator, data: Points) -> list[Peak]:
    """Distinct modes reached from all starts, by mass, heaviest first; all in standardised units but the data.

    Where values repeat and the posterior is improper, EM runs into the singularity; what does is no mode.
    """
    starts = [position_of(target, params) for params in candidates(model, target.points, rng)]
    work = work_for(target, cores() - 1)
    with assisted(target.points, work.params, work.crew):
        found: list[Climb] = []
        for q in starts:
            _join(found, _climb(model, target, q, work, GLANCE, 1))
        found = [_climb(model, target, climb.q, work, SHORT, climb.starts) for climb in found]
        peaks = _peaks(model, target, sorted(found, key=lambda climb: -climb.logdensity), work, data)
    return sorted(peaks, key=lambda peak: -peak.log_mass) or [_unclimbed(target, starts[0], work)]


def begun_at(
    model: GaussianMixture, target: Target, rng: np.random.Generator, data: Points, places: list[Params]
) -> Beginning:
    """The modes uphill of given standardised parameters, or, where there are none, all modes that are found."""
    return peaks_above(model, target, places, data) if places else Beginning(find_peaks(model, target, rng, data), [])


def peaks_above(model: GaussianMixture, target: Target, places: list[Params], data: Points) -> Beginning:
    """The modes uphill of given standardised parameters, whose labels stay; where there is none, that place."""
    positions, work = [position_of(target, params) for params in places], work_for(target, cores() - 1)
    smallest = smallest_scale(target.points) if can_collapse(model, data) else 0.0
    reached = []
    with assisted(target.points, work.params, work.crew):
        check_dense(density_of(target, work), positions)
        for position in positions:
            q = position.copy()
            em(target, q, work, LONG, 1e-6)
            place_all(target, q, work.params)
            sound = work.params.scales.min() > smallest
            reached.append(_polished(target, q, work) if sound else _unclimbed(target, position, work))
    return uphill(positions, reached, same, lambda peak: float(peak.log_mass))


def _climb(model: GaussianMixture, target: Target, start: Floats, work: Work, iterations: int, starts: int) -> Climb:
    """A few iterations of EM."""
    q = start.copy()
    value = em(target, q, work, iterations, 1e-3)
    place_all(target, q, work.params)
    means, scales = work.params.means, work.params.scales
    order = np.argsort(means) if model.exchangeable or can_trade(target) else np.arange(means.size)
    return Climb(q, value, np.concatenate([means[order], np.log(scales[order])]), starts)


def _join(found: list[Climb], climb: Climb) -> bool:
    """Add a climb to others, or to the one that goes the same way; returns whether there was none."""
    for index, other in enumerate(found):
        if np.abs(climb.shape - other.shape).max() < CLOSE:
            found[index] = other._replace(starts=other.starts + climb.starts)
            return False
    found.append(climb)
    return True


def _peaks(model: GaussianMixture, target: Target, climbs: list[Climb], work: Work, data: Points) -> list[Peak]:
    """The modes to which climbs lead, best first: those of the best starts, and what is not far below them."""
    smallest = smallest_scale(target.points) if can_collapse(model, data) else 0.0
    followed: list[Climb] = []
    peaks: list[Peak] = []
    for climb in climbs:
        starts = sum(other.starts for other in followed)
        if len(followed) == KEPT or (starts >= KEPT and climb.logdensity < climbs[0].logdensity - FAR):
            break
        if not _join(followed, climb):
            continue
        q = climb.q
        em(target, q, work, LONG, 1e-6)
        place_all(target, q, work.params)
        if work.params.scales.min() <= smallest:
            followed.pop()
            continue
        q = in_prior_order(model, target, q, work)
        peak = _polished(target, q, work)
        if not any(same(peak, other) for other in peaks):
            peaks.append(peak)
    return peaks


def _polished(target: Target, q: Floats, work: Work) -> Peak:
    """The mode next to q, whose parameters are in `work`; slopes are differenced over less than any scale."""
    return polish(density_of(target, work), q, 1e-4 * min(1.0, float(work.params.scales.min())))


def density_of(target: Target, work: Work) -> Density:
    """The log density as a function of a position, and of where its gradient goes."""
    return lambda q, grad: float(logdensity(target, q, grad, work))


def smallest_scale(points: Points) -> float:
    """The scale below which a component has collapsed onto repeated values."""
    return 1e-3 * float(np.diff(np.unique(points.x)).min())


def _unclimbed(target: Target, q: Floats, work: Work) -> Peak:
    """A guess as it is, for a posterior whose every ascent ends in a singularity."""
    value = logdensity(target, q, np.empty_like(q), work)
    return Peak(q, 0.01 * np.eye(q.size), value, value)


def in_prior_order(model: GaussianMixture, target: Target, q: Floats, work: Work) -> Floats:
    """Labels by mean where they carry no meaning, else the labelling that the priors like best."""
    place_all(target, q, work.params)
    params = Params(*(block.copy() for block in work.params))
    if model.exchangeable:
        order = np.argsort(params.means, kind="stable")
        return position_of(target, params.permute(order))
    if not can_trade(target):
        return q
    from scipy.optimize import linear_sum_assignment

    return position_of(target, params.permute(linear_sum_assignment(-affinity(model, params))[1]))


def affinity(model: GaussianMixture, params: Params) -> Floats:
    """Log prior (k, k) of giving label i to component j of `params`: priors are products over components."""
    k = model.n_components
    total = np.zeros((k, k))
    for j in range(k):
        if model.means is not None:
            total[:, j] += model.means.logpdf(np.full(k, params.means[j]))
        if model.scales is not None and model.n_scales == k:
            total[:, j] += model.scales.logpdf(np.full(k, params.scales[j]))
        if isinstance(model.variances, InverseGamma) and model.n_scales == k:
            alpha = model.variances.columns(k)[0] if model.variances.rate is None else np.zeros(k)
            total[:, j] -= 2.0 * alpha * np.log(params.scales[j])
        if isinstance(model.weights, Dirichlet):
            total[:, j] += model.weights.columns(k)[0] * np.log(params.weights[j])
    return total
