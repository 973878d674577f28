"""What a draw reads of the data: all points, or the few nodes that stand for them, and how far these are to be trusted.

Nodes are chosen for the parameters that the posterior is about to visit: at first those of the modes and about them,
then, should the certificate not do, those of the draws themselves.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mixtura.algorithms.laplace import Peak, likely
from mixtura.line import compress
from mixtura.line.records import Params
from mixtura.line.target import SIZE, Target, place_all, work_for
from mixtura.line.units import Units
from mixtura.posterior.thinning import evenly_spaced
from mixtura.reading.data import Points

CLOSE_ENOUGH = 1e-3  # nats between compressed and exact log-likelihood, at most
FEW = 2000  # points that need no pass to be fewer
WITNESSES = 16  # draws at which they are compared
AROUND = 16  # parameters about each mode for which nodes are chosen


class View(NamedTuple):
    """The data in the user's units, and what is read instead, in standardised ones; `rules` where these are nodes."""

    data: Points
    units: Units
    points: Points
    rules: compress.Rules | None


def whole(data: Points, units: Units) -> View:
    """Every point is read."""
    own = Points(np.array(units.into(data.x)), np.array(data.weights))
    return View(data, units, own, None)


def compressed(data: Points, units: Units) -> View:
    """At most some ten thousand nodes are read, fine enough to look for modes."""
    rules = compress.apart(data, units) if data.x.size <= FEW else compress.fine(data, units)
    return View(data, units, compress.nodes(rules), rules)


def focused(view: View, params: Params, tolerance: float = compress.TOLERANCE) -> View:
    """As few nodes as will do at given parameters (s, k)."""
    if view.rules is None:
        return view
    return view._replace(points=compress.nodes(compress.coarsen(view.rules, params, tolerance)))


def sharpened(view: View, draws: Params, times: int) -> View:
    """A closer look, after so many that were not close enough: smaller tolerance, then another pass of the data."""
    if view.rules is None or times > 3:
        return whole(view.data, view.units)
    tolerance = compress.TOLERANCE * 0.01**times
    if times > 1:
        rules = compress.refine(view.data, view.units, view.rules, draws, tolerance)
        view = view._replace(rules=rules)
    return focused(view, draws, tolerance)


def certificate(view: View, draws: Params) -> float:
    """The largest difference, in nats, of the log-likelihood read and the exact one, over draws (s, k)."""
    if view.rules is None:
        return 0.0
    return compress.certificate(view.data, view.units, view.points, draws)


def about(target: Target, peaks: list[Peak], rng: np.random.Generator) -> Params:
    """Parameters (s, k) at the likely modes and scattered twice as wide about them as Laplace would."""
    work, k, size = work_for(target), target.scale_of.size, target.at[SIZE]
    found = []
    for peak in likely(peaks):
        scatter = 2.0 * rng.standard_normal((AROUND, size)) @ np.linalg.cholesky(peak.covariance).T
        for step in np.vstack([np.zeros(size), scatter]):
            place_all(target, peak.q + step, work.params)
            found.append(np.stack(work.params[:3]))
    weights, means, scales = np.swapaxes(np.array(found).reshape(-1, 3, k), 0, 1)
    return Params(weights, means, scales, np.full(1, np.nan))


def witnesses(chains: list[Params], kept: int) -> Params:
    """A few draws (s, k), evenly over all chains' kept ones."""
    weights, means, scales = (np.concatenate([getattr(c, name)[:kept] for c in chains]) for name in Params._fields[:3])
    some = np.unique(evenly_spaced(len(means), WITNESSES))
    return Params(weights[some], means[some], scales[some], np.full(1, np.nan))
