"""Where chains begin if the user says it: parameters, a mode, labels or a fit become parameters of the model.

Chains begin about the mode uphill, as they do where modes were searched for; those that go on from a fit begin at its
draws, and take from the mode uphill no more than their metric.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mixtura import digits
from mixtura import priors as p
from mixtura.algorithms.laplace import Density
from mixtura.algorithms.line import starts
from mixtura.arguments import real, reals, shown
from mixtura.arrays import Floats
from mixtura.fit import Fit
from mixtura.line import beliefs
from mixtura.line.records import Params
from mixtura.line.units import Units
from mixtura.model import GaussianMixture
from mixtura.reading.containers import listed, unnamed
from mixtura.reading.data import Points
from mixtura.rows.records import Params as RowParams

ROUNDING = 1e-6  # by which a block may be off the value to which it is Fixed, beside its size
KINDS = (
    "start is a Params (or a mapping of weights, means and scales; of rows, covariances), a Mode, a Fit, or labels (n,)"
)


class Start(NamedTuple):
    """What was given ("parameters", "mode", "fit", "labels" or nothing), as one mixture's parameters or one a chain."""

    kind: str
    places: list[Any]

    @property
    def exact(self) -> bool:
        """Whether chains begin at these places, instead of about the mode uphill."""
        return self.kind == "fit"

    @property
    def attributes(self) -> dict[str, str]:
        """What a fit keeps of it."""
        return {"start": self.kind} if self.kind else {}


class Beginning(NamedTuple):
    """Modes, best first; and, where chains have places of their own, each one's position and the mode uphill of it."""

    modes: list[Any]
    places: list[tuple[Floats, int]]


def read(start: Any, model: GaussianMixture, data: Points, names: Sequence[str], chains: int | None = None) -> Start:
    """Check what a user gave as `start`; every prior of the model must be spelled out.

    Of a fit come as many draws as there are to be chains: the last of every chain where these are as many, or `chains`
    is None; else some spread evenly over all of them.
    """
    from mixtura.algorithms.optimize import Mode

    if start is None:
        return Start("", [])
    if isinstance(start, Fit):
        _check_fit(start, model, names)
        return Start("fit", [_sound(draw, model, data) for draw in last_draws(start, chains)])
    if isinstance(start, Mode):
        _check_names("mode", start.features, names)
        return Start("mode", [_checked(start.params, model, data)])
    if isinstance(start, Params | RowParams | Mapping):
        return Start("parameters", [_checked(start, model, data)])
    return Start("labels", [_of_labels(start, model, data)])


def uphill(
    positions: list[Floats], reached: list[Any], alike: Callable[[Any, Any], bool], height: Callable[[Any], float]
) -> Beginning:
    """Each mode once of those that climbs from some positions reached, highest first, and which is whose."""
    modes: list[Any] = []
    for mode in sorted(reached, key=height, reverse=True):
        if not any(alike(mode, other) for other in modes):
            modes.append(mode)
    which = [next(i for i, mode in enumerate(modes) if alike(mode, own)) for own in reached]
    return Beginning(modes, list(zip(positions, which, strict=True)))


def check_dense(density: Density, positions: list[Floats]) -> None:
    """An error unless the density at every position is finite."""
    if not all(np.isfinite(q).all() and np.isfinite(density(q, np.empty_like(q))) for q in positions):
        raise ValueError(
            "the density at this start is 0: it is too far from the data, or outside of what the priors allow. Give "
            "parameters, a mode or a fit of data and priors like these, or labels of the points"
        )


def last_draws(fit: Fit, chains: int | None) -> Iterator[Any]:
    """One draw for each chain: the last ones, or some spread evenly over all; labels mean the same in each."""
    draws = (fit if fit.model.exchangeable else fit.raw())._record.params
    c, s = draws.weights.shape[:2]
    chains = chains or c
    for chain in range(1, chains + 1):
        index = -(-c * s * chain // chains) - 1
        yield type(draws)(*(block[index // s, index % s] for block in draws))


def _check_fit(fit: Fit, model: GaussianMixture, names: Sequence[str]) -> None:
    alike = len(names) == 1 and fit.model.structure.shared == model.structure.shared
    for what in ("n_components",) if alike else ("n_components", "covariance"):
        theirs, own = getattr(fit.model, what), getattr(model, what)
        if theirs != own:
            raise ValueError(
                f"start is a fit with {what}={theirs!r}, this model has {what}={own!r}: go on from a fit that has the "
                "same, or give labels, as fit.predict(x) does"
            )
    _check_names("fit", fit.features, names)


def _check_names(what: str, theirs: Sequence[str], own: Sequence[str]) -> None:
    """Names that nobody gave agree with any."""
    theirs, own = tuple(theirs), tuple(own)
    nameless = unnamed(len(own))
    if len(theirs) != len(own) or (theirs != own and nameless not in (theirs, own)):
        raise ValueError(
            f"start is a {what} of the column{'s' * (len(theirs) > 1)} {listed(theirs)}; x has {listed(own)}: give x "
            f"the same columns in the same order, or give labels (n,) of its points"
        )


def _checked(given: Any, model: GaussianMixture, data: Points) -> Any:
    """Parameters by name or in a record, of the model's structure and within the support of its priors."""
    of_rows = data.x.ndim > 1
    if isinstance(given, Params if of_rows else RowParams):
        held, needed = ("one column", "several") if of_rows else ("rows of several columns", "one")
        raise ValueError(f"start holds parameters of {held}, and x has {needed}: give parameters of the same columns")
    blocks: dict[str, Any] = dict(given if isinstance(given, Mapping) else given._asdict())
    try:
        if reals(blocks.get("weights", 1.0), "weights").ndim > 1:
            raise ValueError("it holds the parameters of many draws; give those of one, or the fit itself")
        rate = blocks.get("rate")
        if rate is None or np.isnan(reals(rate, "rate")).all():
            blocks["rate"] = _usual_rate(model, data)
        params: Any = _module(data).checked_params(blocks, model)
    except (TypeError, ValueError) as error:
        raise type(error)(f"start cannot be used: {error}") from None
    return _sound(params, model, data)


def _sound(params: Any, model: GaussianMixture, data: Points) -> Any:
    """The same parameters, a rate among them, or an error where priors have no such ones."""
    if model.rate is None or np.isnan(params.rate).all():
        params = params._replace(rate=_usual_rate(model, data))
    rate = np.asarray(params.rate)
    if data.x.ndim == 1 and not (rate.size == 1 and 0 < rate.flat[0] < np.inf):
        raise ValueError(f"start cannot be used: the rate is one positive number; got {shown(params.rate)}")
    if data.x.ndim == 1 and model.n_scales == 1 and np.ptp(params.scales) > ROUNDING * params.scales.max():
        raise ValueError(f"covariance='tied' has one scale for all components; start has {params.scales.tolist()}")
    for name, values in _blocks(params, model, data):
        prior = getattr(model, name)
        if isinstance(prior, p.Fixed):
            size = max(abs(float(data.x.min())), abs(float(data.x.max()))) if name == "means" else 0.0
            known = prior.table(values.shape)[0]
            if np.abs(values - known).max() > ROUNDING * (size + np.abs(known).max()):
                raise ValueError(f"{name} of this model are {prior!r}; start has {shown(values.tolist())}")
        elif name == "weights":
            if not values.min() > 0:
                raise ValueError(f"weights of a start are above 0, if only a little; got {values.tolist()}")
        elif isinstance(prior, p.Prior) and not isinstance(prior, p.MatrixPrior):
            low, high = prior.spread_over(values.shape).bounds(values.size).T
            outside = (values.ravel() < low) | (values.ravel() > high)
            if outside.any():
                value = digits.known(values.ravel()[outside.argmax()])
                raise ValueError(f"{name} of this model are {prior!r}, which excludes the {value} of this start")
    return params


def _blocks(params: Any, model: GaussianMixture, data: Points) -> Iterator[tuple[str, Floats]]:
    """Blocks of parameters as they are declared."""
    yield "weights", params.weights
    yield "means", params.means
    if data.x.ndim == 1:
        scales = params.scales[: model.n_scales]
    else:
        from mixtura.rows.beliefs import declared_scales

        scales = declared_scales(model, params)
        yield "covariances", params.covariances
    yield "scales", scales
    yield "variances", scales**2


def _usual_rate(model: GaussianMixture, data: Points) -> Floats:
    """A rate, for want of one: that of components which share the room."""
    spread = np.atleast_1d(data.x.var(0))
    share = spread / model.n_components ** (2 / spread.size)
    return share if data.x.ndim == 1 else np.diag(share)


def _of_labels(start: Any, model: GaussianMixture, data: Points) -> Any:
    """Moments of the groups that labels (n,) make, those of small ones shrunk to that of all."""
    k = model.n_components
    try:
        labels = real(start)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{KINDS}; got {shown(start)}") from None
    if labels.ndim == 0:
        raise TypeError(f"{KINDS}; got {shown(start)}")
    if labels.shape != (len(data.x),):
        raise ValueError(
            f"labels of a start are ({len(data.x)},), one for each point that is fitted; got {labels.shape}"
        )
    wrong = ~((labels >= 0) & (labels < k) & (labels == np.floor(labels)))
    if wrong.any():
        raise ValueError(
            f"labels of a start are whole numbers from 0 to {k - 1}, one for each of {k} components; that of point "
            f"{wrong.argmax()} is {labels[wrong.argmax()]:g}"
        )
    groups = labels.astype(np.intp)
    empty = np.flatnonzero(np.bincount(groups, minlength=k) == 0)
    if empty.size:
        raise ValueError(
            f"labels of a start name each of 0 to {k - 1} at least once; none is {listed(map(str, empty))}. Give those "
            f"components points, or declare n_components={k - empty.size} and number its labels from 0"
        )
    if data.x.ndim == 1:
        units = Units.of(data.x)
        return units.params_back(starts.params_of(Points(units.into(data.x), data.weights), groups, model))
    from mixtura.algorithms.rows.starts import params_of
    from mixtura.rows.units import RowUnits

    row_units = RowUnits.of(data.x)
    z = (data.x - row_units.shift) / row_units.scale
    params = row_units.params_back(params_of(z, groups, k, data.weights))
    return params._replace(factors=model.structure.shaped(params.weights, params.factors))


def _module(data: Points) -> Any:
    """What knows the parameters of a model: of one column, or of rows."""
    if data.x.ndim == 1:
        return beliefs
    from mixtura.rows import beliefs as of_rows

    return of_rows
