"""What there is to see of a posterior: draws by variable and feature, and the true values that belong to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mixtura.arguments import reals, shown
from mixtura.plots import style

if TYPE_CHECKING:
    import xarray as xr

    from mixtura.fit import Fit

VARIABLES = {"weight", "mean", "scale", "covariance", "rate"}
TRUTH: dict[str, Any] = {"color": "black", "linestyle": "--", "linewidth": 1}


class Series(NamedTuple):
    """Draws of one number, or of one per component.

    Attributes
    ----------
    variable : str
        Its name in the posterior.
    quantity, label : str
        What it is, and of what, in words.
    place : tuple of str
        The features that it is of, if any; of a matrix two, also where they are the same.
    draws : array (k, chains, draws)
        k is 1 for what is not per component.
    shared : bool
        Whether it is not.
    truth : array (k,) or None
        True values.
    """

    variable: str
    quantity: str
    label: str
    place: tuple[str, ...]
    draws: np.ndarray
    shared: bool
    truth: np.ndarray | None

    @property
    def of(self) -> tuple[str, ...]:
        """The features that it is of, each once."""
        return tuple(dict.fromkeys(self.place))

    @property
    def bounds(self) -> tuple[float, float]:
        """What values there can be."""
        anywhere = self.quantity == "mean" or len(self.of) > 1
        return -np.inf if anywhere else 0.0, 1.0 if self.quantity == "weight" else np.inf

    def title(self, index: int) -> str:
        """A parameter's name, and in a second line the features that it is of."""
        name = self.quantity if self.shared else f"{self.quantity}[{index}]"
        features = ", ".join(self.of)
        return f"{name} of{' ' if len(name + features) < 24 else chr(10)}{features}" if self.of else name


def all_series(
    fit: Fit,
    var_names: Sequence[str] | str | None,
    true_values: Mapping[str, Any] | None,
    features: Sequence[str] | None,
) -> list[Series]:
    """What there is to see of the variables and features asked for, in the order of the posterior."""
    given = {} if true_values is None else dict(true_values)
    if unknown := set(given) - VARIABLES:
        raise ValueError(f"true_values names {sorted(unknown)}; its keys may be {sorted(VARIABLES)}")
    names = style.chosen(fit, features)
    found = []
    for variable in _variables(fit, var_names):
        values = fit.posterior[variable]
        truth = _matching(values, given[variable]) if variable in given else None
        for place in _places(values, names, whole=var_names is not None):
            at = dict(zip(("feature", "feature_bis"), place, strict=False))
            draws = draws_at(values, place)
            true = None if truth is None else np.atleast_1d(truth.sel(at).values)
            quantity = "variance" if variable == "covariance" and len(set(place)) == 1 else variable
            label = _label(fit, quantity, tuple(dict.fromkeys(place)))
            found.append(Series(variable, quantity, label, place, draws, "component" not in values.dims, true))
    return found


def draws_at(values: xr.DataArray, place: tuple[str, ...]) -> np.ndarray:
    """Draws (k, chains, draws) of a variable at the features that it is shown at; k is 1 for what components share."""
    at = dict(zip(("feature", "feature_bis"), place, strict=False))
    draws = values.sel(at).transpose(..., "chain", "draw").to_numpy()
    return np.asarray(draws.reshape(-1, *draws.shape[-2:]))


def left_out(fit: Fit, rows: Sequence[Series], features: Sequence[str] | None) -> str:
    """A note where not all features are shown."""
    return style.left_out(fit, style.chosen(fit, features)) if any(row.place for row in rows) else ""


def _variables(fit: Fit, var_names: Sequence[str] | str | None) -> list[str]:
    """The variables of the posterior asked for; by default those that vary, unlike a weight of 1."""
    known = [str(name) for name in fit.posterior.data_vars]
    if var_names is None:
        names = [name for name in known if np.ptp(fit.posterior[name].values) > 0]
    else:
        names = list(var_names) if isinstance(var_names, Iterable) and not isinstance(var_names, str) else [var_names]
    if not known:
        raise ValueError("every block of this model is fixed: there are no draws to show")
    unknown = [name for name in names if not isinstance(name, str) or name not in known]
    if unknown or not names:
        raise ValueError(f"var_names is {shown(var_names)}; the posterior has {known}: name one or more of these")
    return names


def _places(values: xr.DataArray, names: list[str], whole: bool) -> list[tuple[str, ...]]:
    """The features, or pairs of them, that a variable is shown at."""
    if "feature_bis" in values.dims:
        return [(a, b) for i, a in enumerate(names) for b in names[: i + 1] if whole or a == b]
    return [(name,) for name in names] if "feature" in values.dims else [()]


def _label(fit: Fit, quantity: str, place: tuple[str, ...]) -> str:
    """What a quantity is of: its features, or the data if it is in their units."""
    data = style.name(fit)
    if not place and quantity in ("mean", "scale") and data != "x":
        place = (data,)
    return f"{quantity} of {', '.join(place)}" if place else quantity


def _matching(values: xr.DataArray, given: Any) -> xr.DataArray:
    """True values in the shape of a variable; of what components share, also one for each, all equal."""
    part = values.isel(chain=0, draw=0)
    true = reals(given, f"true_values[{values.name!r}]")
    if not np.isfinite(true).all():
        raise ValueError(f"true_values[{values.name!r}] must be finite; got {shown(given)}")
    if "component" not in part.dims and true.ndim > part.ndim and (true == true[:1]).all():
        true = true[0]
    try:
        return part.copy(data=np.broadcast_to(true, part.shape))
    except ValueError:
        shape = tuple(part.sizes.values())
        raise ValueError(
            f"true_values[{values.name!r}] has shape {np.shape(given)}; give one number or {shape}, one each"
        ) from None
