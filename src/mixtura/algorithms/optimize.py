"""The posterior mode, in the user's units."""

from __future__ import annotations

import math
import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.algorithms.criteria import entropy
from mixtura.algorithms.rooms import room_of
from mixtura.arguments import one_of
from mixtura.arrays import Floats, read_only
from mixtura.blocks import either_way, n_parameters
from mixtura.digits import known, vector
from mixtura.line.records import Params
from mixtura.model import GaussianMixture
from mixtura.reading.data import like_fitted, names_of, points
from mixtura.reading.sources import MISSING, given, opened
from mixtura.rows.records import Params as RowParams
from mixtura.seeds import Seed, generator_of


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
    features : tuple of str
        What the columns of the data are called.
    """

    params: Params | RowParams
    loglik: float
    logdensity: float
    log_mass: float
    n: float
    n_parameters: int
    entropy: float
    features: tuple[str, ...]

    def predict_proba(self, x: Any) -> Floats:
        """Probability (n, k) that each point (n,) or (n, d) belongs to each component, parameters as at the mode.

        How sure we are of the parameters does not enter; `Fit.predict_proba` averages over it.

        Raises
        ------
        ValueError, TypeError
            If points are not numbers, or of other columns than the data.
        """
        answers, draw = self._as_draws()
        shares: Floats = answers.membership(like_fitted(opened(x), self.features, draw.means.ndim == 4), draw)
        return shares

    def predict(self, x: Any) -> NDArray[np.intp]:
        """Most probable component (n,) of each point; as `predict_proba`.

        Examples
        --------
        >>> import mixtura as mx
        >>> mx.GaussianMixture(n_components=3).optimize(mx.datasets.galaxies()).predict([9.7, 20.0, 33.0])
        array([0, 1, 2])
        """
        labels: NDArray[np.intp] = self.predict_proba(x).argmax(1)
        return labels

    def score_samples(self, x: Any) -> Floats:
        """Log density (n,) of points at the mode; as `predict_proba`."""
        answers, draw = self._as_draws()
        scores: Floats = answers.scores(like_fitted(opened(x), self.features, draw.means.ndim == 4), draw)
        return scores

    def _as_draws(self) -> tuple[Any, Any]:
        """What answers for parameters of this kind, and the mode's as one draw of one chain."""
        from mixtura.posterior import predict, rows

        answers = rows if isinstance(self.params, RowParams) else predict
        return answers, type(self.params)(*(np.array(block)[None, None] for block in self.params))

    def __repr__(self) -> str:
        k = self.params.weights.size
        lines = [f"Mode of {k} component{'s' * (k != 1)} in {known(self.n)} points, {self.n_parameters} parameters"]
        for j, (weight, mean, sd) in enumerate(in_words(self.params, self.n)):
            lines.append(f"component {j}: weight {weight}, mean {mean}, sd {sd}")
        lines.append(f"log-likelihood {self.loglik:.2f}, log density {self.logdensity:.2f}")
        lines.append(f"BIC {self.bic:.1f}, ICL {self.icl:.1f}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from mixtura.notebook.faces import of_mode

        return of_mode(self)

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


def in_words(params: Params | RowParams, n: float) -> list[tuple[str, ...]]:
    """Each component's weight, mean and standard deviation as text, to the digits that n points can tell."""
    blocks = [np.reshape(block, (params.weights.size, -1)) for block in (params.means, params.scales)]
    errors = blocks[1] / np.sqrt(np.maximum(n * params.weights, 1.0))[:, None]
    return [
        (f"{weight:.3g}", *(vector(block[j], errors[j]) for block in blocks)) for j, weight in enumerate(params.weights)
    ]


def optimize(
    model: GaussianMixture, x: Any, weights: Any, seed: Seed, missing: str = "refuse", start: Any = None
) -> Mode:
    """The highest mode found; see `GaussianMixture.optimize`."""
    one_of(missing, MISSING, "missing")
    rng = generator_of(seed)
    x, weights, _ = given(x, weights, missing)
    data = points(x, weights, n_components=model.n_components)
    names, of_rows = names_of(x), data.x.ndim == 2
    full, params, log_mass = room_of(data).highest(model, data, names, rng, start)
    if full.exchangeable:
        params = params.permute(np.argsort(params.means[:, 0] if of_rows else params.means, kind="stable"))
    for said in either_way(full):
        warnings.warn(said, stacklevel=3)
    at_mode = full.logdensity(data.x, params, data.weights)
    loglik, n = at_mode - full.logprior(params), float(data.weights.sum())
    shown = type(params)(*map(read_only, params))
    return Mode(shown, loglik, at_mode, log_mass, n, n_parameters(full), entropy(data, params), tuple(names))
