"""The posterior of marginal and conditional mixtures: some features, maybe at given values of others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mixtura.arguments import shown, whole
from mixtura.arrays import Floats
from mixtura.digits import known
from mixtura.line import records as line
from mixtura.posterior.diagnose import check_prob
from mixtura.posterior.far import SETTLED, nearer
from mixtura.posterior.thinning import evenly_spaced
from mixtura.reading.data import column, rows
from mixtura.rows import margins
from mixtura.rows.records import Params
from mixtura.seeds import Seed, generator_of

if TYPE_CHECKING:
    import xarray as xr

AT_ONCE = 1 << 19  # numbers to work on at a time
KEPT = 1 << 22  # numbers to keep for the quantiles of a band
TAKEN = ("at", "component", "covariance", "density", "feature", "feature_bis", "lower", "mean", "point", "sd", "upper")
Index = NDArray[np.intp]


def joint(params: Params | line.Params, names: Sequence[str]) -> Mixtures:
    """The mixtures of all features, from which marginal and conditional ones follow.

    Parameters
    ----------
    params : Params
        Draws (..., k) of mixtures of d features; those over a line have one.
    names : sequence of str
        What the features are called.

    Examples
    --------
    >>> factors = np.full((9, 1, 2, 2), [[1.0, 0.0], [0.5, 1.0]])
    >>> draws = Params(np.ones((9, 1)), np.zeros((9, 1, 2)), factors, np.zeros((9, 2, 2)))
    >>> mixtures = joint(draws, ["length", "width"])
    >>> mixtures.marginal("length").density([0.0]).density.item()
    0.3989422804014327
    >>> mixtures.conditional({"length": [0.0, 2.0]}).moments()["mean"].sel(length=2.0, feature="width").item()
    1.0
    """
    if isinstance(params, line.Params):
        nowhere = np.full((*params.rate.shape, 1, 1), math.nan)
        params = Params(params.weights, params.means[..., None], params.scales[..., None, None], nowhere)
    k, d = params.means.shape[-2:]
    if len(names) != d or len(set(names)) != d:
        raise ValueError(f"names are {', '.join(names)}; give {d} different ones, one for each feature")
    shapes = ((-1, k), (-1, k, d), (-1, k, d, d), (-1, d, d))
    draws = Params(*(block.reshape(shape) for block, shape in zip(params, shapes, strict=True)))
    return Mixtures(draws, tuple(names), {})


@dataclass(frozen=True, eq=False, repr=False)
class Mixtures:
    """Draws from the posterior of the mixture of some features, maybe at given values of others.

    This is what `Fit.marginal` and `Fit.conditional` return. Values that are given as arrays (g,) make g mixtures per
    draw; their axis is called as the feature is, or "at" where arrays of several features are given.

    Attributes
    ----------
    draws : Params
        Draws (s, k) of the joint mixture of the given features, first, and the others; `params` is what follows.
    features : tuple of str
        What the mixture is of, d features.
    given : dict of array () or (g,)
        Values of the given features.
    """

    draws: Params
    features: tuple[str, ...]
    given: Mapping[str, Floats]

    def __repr__(self) -> str:
        s, k = self.draws.weights.shape
        given = [
            f"{v.size} values of {name}" if v.ndim else f"{name} = {known(float(v))}" for name, v in self.given.items()
        ]
        of = ", ".join(self.features) + f" given {', '.join(given)}" * bool(given)
        return f"<Mixtures of {of}: {s} draws, {k} component{'s' * (k > 1)}>"

    def marginal(self, features: Sequence[str] | str) -> Mixtures:
        """The mixtures of some of the features, in the order named."""
        if not isinstance(features, Iterable):
            raise TypeError(f"name one or more of {', '.join(self.features)}; got {shown(features)}")
        chosen = (features,) if isinstance(features, str) else tuple(features)
        self._check_known(chosen)
        if not chosen or len(set(chosen)) < len(chosen):
            raise ValueError(f"name one or more of {', '.join(self.features)}, none of them twice; got {list(chosen)}")
        return self._arranged(self.given, chosen)

    def conditional(self, values: Mapping[str, Any]) -> Mixtures:
        """The mixtures of the other features where some have given values: numbers, or arrays (g,) side by side."""
        if not isinstance(values, Mapping):
            raise TypeError(f"values are numbers by feature, {{{self.features[0]!r}: 1.5}}; got {shown(values)}")
        self._check_known(values)
        left = tuple(name for name in self.features if name not in values)
        if not values or not left:
            raise ValueError(
                f"give values of some of the features {', '.join(self.features)}, but not of all; "
                f"got those of {', '.join(values) or 'none'}"
            )
        given = dict(self.given) | {name: _values(value, name) for name, value in values.items()}
        lengths = {name: value.size for name, value in given.items() if value.ndim}
        if len(set(lengths.values())) > 1:
            each = ", ".join(f"{length} of {name}" for name, length in lengths.items())
            raise ValueError(f"arrays of values run side by side, so they have one length; got {each}")
        return self._arranged(given, left)

    def params(self) -> Params:
        """Draws of weights (s, k), means (s, k, d) and factors (s, k, d, d); (s, g, k) and so on for g mixtures."""
        log_weights, means, factors = self._conditioned(self.draws, self._values)
        weights, means = np.exp(log_weights).swapaxes(1, 2), np.moveaxis(means, -1, 1)
        factors = np.broadcast_to(factors[:, None], (*means.shape, means.shape[-1]))
        blocks = (weights, means, factors, np.full((*weights.shape[:2], *factors.shape[-2:]), math.nan))
        return Params(*(block if self._varying else block[:, 0] for block in blocks))

    def density(self, grid: Any, prob: float = 0.94) -> xr.Dataset:
        """Posterior of the density at the points of a grid.

        Parameters
        ----------
        grid : array (p, d), or (p,) for one feature
            Where to evaluate; columns in the order of `features`.
        prob : float
            Probability of the pointwise, equal-tailed credible band.

        Returns
        -------
        xarray.Dataset
            `density` (posterior mean), `lower`, `upper` and, per component, `component_density`, the posterior mean of
            weight times normal density. The grid's axis is called as the feature is, or "point" for several.
        """
        points, tails = rows(grid, self.features), _tails(prob)
        (s, k), g, p = self.draws.weights.shape, self._values.shape[1], len(points)
        found, each = np.empty((3, g, p)), np.zeros((k, g, p))
        for a in _pieces(g, s * p, KEPT):
            for b in _pieces(p, s * a.size, KEPT):
                totals = np.empty((s, a.size, b.size))
                for part, mixtures in self._parts(a.size * b.size, a):
                    heights = np.exp(margins.log_terms(mixtures, points[b]))
                    totals[part] = heights.sum(1)
                    each[:, a[:, None], b] += heights.sum(0) / s
                found[:, a[:, None], b] = _band(totals, tails)
        variables: dict[str, Any] = {"component_density": (("component", "at", "point"), each)}
        variables |= {name: (("at", "point"), found[i]) for i, name in enumerate(("density", "lower", "upper"))}
        coords = {_coordinate(name): ("point", column) for name, column in zip(self.features, points.T, strict=True)}
        dataset = self._dataset(variables, coords | {"component": np.arange(k)}, prob)
        return dataset.swap_dims(point=_coordinate(self.features[0])) if len(self.features) == 1 else dataset

    def moments(self, prob: float = 0.94) -> xr.Dataset:
        """Posterior of the mean, the standard deviations and the covariance of the mixture.

        Given an array of values, `mean` is the regression of the other features on it.

        Parameters
        ----------
        prob : float
            Probability of the equal-tailed credible intervals.

        Returns
        -------
        xarray.Dataset
            `mean`, `sd` (feature) and `covariance` (feature, feature_bis), their posterior means, and the ends of
            their intervals, `mean_lower`, `mean_upper` and so on.
        """
        tails, d = _tails(prob), len(self.features)
        s, g = len(self.draws.weights), self._values.shape[1]
        dims = {"mean": ("feature",), "sd": ("feature",), "covariance": ("feature", "feature_bis")}
        found = {name: np.empty((3, g, *(d for _ in axes))) for name, axes in dims.items()}
        for a in _pieces(g, s * d * (d + 2), KEPT):
            mean, covariance = np.empty((s, a.size, d)), np.empty((s, a.size, d, d))
            for part, mixtures in self._parts(a.size * d, a):
                mean[part], covariance[part] = margins.moments(mixtures)
            sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
            for name, draws in zip(dims, (mean, sd, covariance), strict=True):
                found[name][:, a] = _band(draws, tails)
        variables = {
            name + end: (("at", *dims[name]), values)
            for name, three in found.items()
            for end, values in zip(("", "_lower", "_upper"), three, strict=True)
        }
        return self._dataset(variables, {name: list(self.features) for name in dims["covariance"]}, prob)

    def predict_proba(self, x: Any, draws: int | None = None) -> Floats:
        """Posterior probability (n, k) that each point belongs to each component; (g, n, k) for g mixtures.

        Parameters
        ----------
        x : array (n, d), or (n,) for one feature
            Points; columns in the order of `features`.
        draws : int, optional
            How many draws to average over, evenly spaced; all if None.
        """
        points, s = nearer(rows(x, self.features), self.params(), SETTLED)[0], len(self.draws.weights)
        many = s if draws is None else whole(draws, "draws", 1)
        chosen = np.unique(evenly_spaced(s, min(many, s)))
        shares = np.zeros((self._values.shape[1], len(points), self.draws.weights.shape[1]))
        for _, mixtures in self._parts(shares.shape[0] * len(points), chosen=chosen):
            terms = margins.log_terms(mixtures, points)
            heights = np.exp(terms - terms.max(1, keepdims=True))
            shares += np.moveaxis((heights / heights.sum(1, keepdims=True)).sum(0), 0, -1) / chosen.size
        return shares if self._varying else shares[0]

    def sample(self, n: int, seed: Seed = 0) -> Floats:
        """Points (n, d) from the posterior predictive distribution, each of some draw; (n, g, d) for g mixtures.

        Parameters
        ----------
        n : int
            How many.
        seed : int or numpy.random.Generator, optional
            Seed of numpy's default generator.
        """
        n, rng, cells = whole(n, "n", 1), generator_of(seed), self._values.shape[1] * len(self.features)
        chosen = rng.integers(len(self.draws.weights), size=n)
        points = np.concatenate([margins.draw(mixtures, rng) for _, mixtures in self._parts(cells, chosen=chosen)])
        return points if self._varying else points[:, 0]

    def _arranged(self, given: Mapping[str, Floats], features: tuple[str, ...]) -> Mixtures:
        names = (*self.given, *self.features)
        order = [names.index(name) for name in (*given, *features)]
        return Mixtures(margins.arranged(self.draws, order), features, given)

    @property
    def _varying(self) -> list[str]:
        """Features that are given as arrays."""
        return [name for name, value in self.given.items() if value.ndim]

    @property
    def _values(self) -> Floats:
        """Given values (m, g); g is 1 where nothing varies."""
        return np.stack(np.broadcast_arrays([0.0], *self.given.values()))[1:]

    def _parts(
        self, cells: int, at: Index | None = None, chosen: Index | None = None
    ) -> Iterator[tuple[Index, margins.Conditioned]]:
        """The mixtures of some draws, so many at a time that each may have some cells, at some of the given values."""
        k, width = self.draws.means.shape[1:]
        draws = np.arange(len(self.draws.weights)) if chosen is None else chosen
        values = self._values if at is None else self._values[:, at]
        for part in _pieces(draws.size, cells * k * width, AT_ONCE):
            of = draws[part]
            yield of, self._conditioned(Params(*(block[of] for block in self.draws)), values)

    def _conditioned(self, draws: Params, values: Floats) -> margins.Conditioned:
        """The mixtures of some draws at values (m, g) of the given features."""
        m = len(values)
        given = Params(draws.weights, draws.means[..., :m], draws.factors[..., :m, :m], draws.rate)
        found = margins.conditioned(draws, values, nearer(values.T, given, SETTLED)[0].T if m else values)
        if not np.isfinite(found.means).all():
            raise ValueError(f"values of {', '.join(self.given)} are so far out that the others go beyond any number")
        return found

    def _check_known(self, names: Iterable[str]) -> None:
        if unknown := [shown(name) for name in names if not isinstance(name, str) or name not in self.features]:
            raise ValueError(f"there is no feature {', '.join(unknown)}; there are {', '.join(self.features)}")

    def _dataset(self, variables: dict[str, Any], coords: dict[str, Any], prob: float) -> xr.Dataset:
        """Results over "at", which is then called as what varies along it, or goes where nothing does."""
        import xarray as xr

        given = {_coordinate(name): ("at", v) if v.ndim else v for name, v in self.given.items()}
        dataset = xr.Dataset(variables, coords=given | coords, attrs={"prob": prob})
        if len(self._varying) == 1:
            return dataset.swap_dims(at=_coordinate(self._varying[0]))
        return dataset if self._varying else dataset.isel(at=0)


def _band(draws: Floats, tails: list[float]) -> Floats:
    """Mean and both ends (3, ...) of draws (s, ...)."""
    return np.concatenate([draws.mean(0)[None], np.quantile(draws, tails, axis=0)])


def _tails(prob: float) -> list[float]:
    check_prob(prob)
    return [(1 - float(prob)) / 2, (1 + float(prob)) / 2]


def _pieces(size: int, each: int, most: int) -> list[Index]:
    """Split 0, ..., size - 1 so that a piece holds at most so many numbers, if there are so many to each."""
    return np.array_split(np.arange(size), min(size, -(-size * each // most)))


def _values(given: Any, name: str) -> Floats:
    """A number () or a column of them (g,), finite."""
    one = (
        isinstance(given, str) or not isinstance(given, Iterable) or (isinstance(given, np.ndarray) and given.ndim == 0)
    )
    return column([given], name).reshape(()) if one else column(given, name)


def _coordinate(name: str) -> str:
    """What a feature's coordinate is called: its name, unless that is taken."""
    return f"{name}_" if name in TAKEN else name
