"""From data and a model to a fit, for points on a line and for rows."""

from __future__ import annotations

from typing import Any

from mixtura.algorithms.rooms import room_of
from mixtura.algorithms.run import Options
from mixtura.fit import Fit
from mixtura.model import GaussianMixture
from mixtura.reading.containers import Columns
from mixtura.reading.data import name_of, names_of, points
from mixtura.reading.sources import given


def sample(model: GaussianMixture, x: Any, weights: Any, options: Options) -> Fit:
    """Draw from the posterior; see `GaussianMixture.sample`."""
    x, weights, dropped = given(x, weights, options.missing)
    data = points(x, weights, n_components=model.n_components)
    record = room_of(data).sample(model, data, name_of(x), names_of(x), options)
    said = {"columns": x.said} if isinstance(x, Columns) and x.said else {}
    return Fit(record._replace(attributes=record.attributes | {"dropped": dropped} | said))
