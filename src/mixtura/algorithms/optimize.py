"""The posterior mode, in the user's units."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from mixtura.algorithms.criteria import entropy, n_parameters
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
    n : float
        Number of points, each as often as its weight says.
    n_parameters : int
        Number of free weights, means and (co)variances.
    entropy : float
        Entropy of the memberships there, summed over points: 0 where each point surely belongs to one component.
    """

    params: Params | RowParams
    loglik: float
    logdensity: float
    log_mass: float
    n: float
    n_parameters: int
    entropy: float

    @property
    def bic(self) -> float:
        """Bayesian information criterion, smaller is better, as scikit-learn has it: -2 loglik + n_parameters log n.

        At the posterior mode instead of the maximum of the likelihood, which a mixture has none of (Fraley & Raftery
        2007, Journal of Classification 24:155-181).

        Examples
        --------
        >>> import mixtura as mx
        >>> modes = [mx.GaussianMixture(n_components=k).optimize(mx.datasets.galaxies()) for k in (1, 2, 3, 4)]
        >>> [round(mode.bic) for mode in modes], [round(mode.icl) for mode in modes]
        ([490, 463, 444, 456], [490, 520, 444, 493])
        """
        return -2 * self.loglik + self.n_parameters * math.log(self.n)

    @property
    def icl(self) -> float:
        """Integrated completed likelihood, smaller is better: BIC plus twice the entropy of memberships.

        It asks for groups that are apart, not only for a density that fits (Biernacki, Celeux & Govaert 2000, IEEE
        Transactions on Pattern Analysis and Machine Intelligence 22:719-725).
        """
        return self.bic + 2 * self.entropy


def optimize(model: GaussianMixture, x: Any, weights: Any, seed: int | None) -> Mode:
    """The highest mode found; see `GaussianMixture.optimize`."""
    x, rng = opened(x), np.random.default_rng(seed)
    data = points(x, opened(weights), n_components=model.n_components)
    full, params, log_mass = (
        _highest_of_rows(model, data, names_of(x), rng) if data.x.ndim == 2 else highest(model, data, rng)
    )
    at_mode = full.logdensity(data.x, params, data.weights)
    loglik, n = at_mode - full.logprior(params), float(data.weights.sum())
    return Mode(params, loglik, at_mode, log_mass, n, n_parameters(full), entropy(data, params))


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
