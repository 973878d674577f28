"""The posterior of the mixture's density at points, with bands, a part of the points at a time."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np

from mixtura.arrays import Floats
from mixtura.line.records import Params
from mixtura.posterior.predict import flat
from mixtura.posterior.variables import Draws

if TYPE_CHECKING:
    import xarray as xr

AT_ONCE = 2_000_000  # densities


def grid(x: Floats, params: Draws) -> Floats:
    """Even steps over the data and a little beyond, and closer ones about each component, for narrow ones.

    Of rows, the data.
    """
    if not isinstance(params, Params):
        return x
    low, high = x.min(), x.max()
    even = np.linspace(low - 0.1 * (high - low), high + 0.1 * (high - low), 200)
    draws = flat(params)
    means, scales = np.median(draws.means, axis=0), np.median(draws.scales, axis=0)
    about = (means[:, None] + scales[:, None] * np.linspace(-4, 4, 33)).ravel()
    return np.union1d(even, about[(about > even[0]) & (about < even[-1])])


def density(answers: ModuleType, points: Floats, params: Draws, features: tuple[str, ...], prob: float) -> xr.Dataset:
    """Mean density of points, equal-tailed band, and the mean of each component's share; see `Fit.density`.

    `answers` is `predict` or, for rows, its twin.
    """
    import xarray as xr

    draws = answers.thinned(params, len(points))
    s, k = draws.weights.shape
    each, mean, ends = np.empty((k, len(points))), np.empty(len(points)), np.empty((2, len(points)))
    for part in np.array_split(np.arange(len(points)), max(1, len(points) * s * k // AT_ONCE)):
        parts = answers.component_densities(points[part], draws)
        totals = parts.sum(1)
        each[:, part], mean[part] = parts.mean(0), totals.mean(0)
        ends[:, part] = np.quantile(totals, [(1 - prob) / 2, (1 + prob) / 2], axis=0)
    along = "x" if points.ndim == 1 else "point"
    at = {"x": points} if points.ndim == 1 else {"x": (("point", "feature"), points), "feature": list(features)}
    return xr.Dataset(
        {
            "density": (along, mean),
            "lower": (along, ends[0]),
            "upper": (along, ends[1]),
            "component_density": (("component", along), each),
        },
        coords=at | {"component": np.arange(k)},
        attrs={"prob": prob},
    )
