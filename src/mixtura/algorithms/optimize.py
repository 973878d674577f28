"""The posterior mode, in the user's units."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from mixtura.algorithms.modes import find_peaks
from mixtura.algorithms.view import compressed, whole
from mixtura.compress import pays
from mixtura.data import Points, names_of, points
from mixtura.model import GaussianMixture
from mixtura.multivariate.records import Params as RowParams
from mixtura.params import Params
from mixtura.sources import opened
from mixtura.target import place_all, target_of, work_for
from mixtura.units import Units


class Mode(NamedTuple):
    """A posterior mode, in the user's units.

    Attributes
    ----------
    params : Params
        Weights, means, scales (k,) and rate, components in order of their means where labels carry no meaning. Of rows
        means (k, d), factors and covariances (k, d, d).
    loglik : float
        Log-likelihood of the data there.
    logdensity : float
        Log density of the declared parameters there, as `GaussianMixture.logdensity`.
    log_mass : float
        Laplace's approximation to the log posterior mass about it, up to a constant of model and data; nan for rows
        where there are more than 300 parameters.
    """

    params: Params | RowParams
    loglik: float
    logdensity: float
    log_mass: float


def optimize(model: GaussianMixture, x: Any, weights: Any, seed: int | None) -> Mode:
    """The highest mode found; see `GaussianMixture.optimize`."""
    x, rng = opened(x), np.random.default_rng(seed)
    data = points(x, opened(weights), n_components=model.n_components)
    full, params, log_mass = (
        _highest_of_rows(model, data, names_of(x), rng) if data.x.ndim == 2 else highest(model, data, rng)
    )
    at_mode = full.logdensity(data.x, params, data.weights)
    return Mode(params, at_mode - full.logprior(params), at_mode, log_mass)


def _highest_of_rows(*given: Any) -> Any:
    from mixtura.algorithms.multivariate.sample import highest

    return highest(*given)


def highest(model: GaussianMixture, data: Points, rng: np.random.Generator) -> tuple[GaussianMixture, Params, float]:
    """The model with every prior spelled out, its highest mode in the user's units, and the log mass about it."""
    units = Units.of(data.x)
    full = model.with_defaults(data.x)
    standard = full.in_units(*units)
    view = compressed(data, units) if pays(data.x.size) else whole(data, units)
    target = target_of(standard, view.points)
    peaks = find_peaks(standard, target, rng, data)
    peak = max(peaks, key=lambda found: found.logdensity)
    work = work_for(target)
    place_all(target, peak.q, work.params)
    params = units.params_back(work.params)
    return full, Params(params.weights, params.means, params.scales, params.rate[0]), peak.log_mass
