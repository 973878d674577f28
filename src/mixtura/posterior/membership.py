"""How sure membership is: the spread over draws of each point's probabilities, and the points most in doubt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.arrays import Floats
from mixtura.posterior.variables import Draws
from mixtura.reading.containers import framed
from mixtura.rows import margins
from mixtura.rows.records import Params as RowParams

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

AT_ONCE = 1 << 22  # probabilities in memory at a time: 32 MB
MOST, FEWEST = 1 << 25, 400  # probabilities that are worked out in all, and draws at least


def spread(points: Floats, params: Draws, mean: Floats, features: tuple[str, ...], prob: float) -> xr.Dataset:
    """Memberships of points by draw, in short: `mean` (n, k), and about it sd and an equal-tailed band.

    Of very many points, evenly spaced draws are read; see `Fit.membership`.
    """
    import xarray as xr

    n, k = mean.shape
    draws = _some(params, max(FEWEST, MOST // max(n * k, 1)))
    sd, ends = np.empty((n, k)), np.empty((2, n, k))
    tails = [(1 - prob) / 2, (1 + prob) / 2]
    for part in np.array_split(np.arange(n), max(1, -(-n * draws.weights.size // AT_ONCE))):
        each = _shares(points[part], draws)
        sd[part] = each.std(0).T
        ends[:, part] = np.moveaxis(np.quantile(each, tails, axis=0), 1, 2)
    axes = ("point", "component")
    columns = {"probability": mean, "sd": sd, "lower": ends[0], "upper": ends[1]}
    at: dict[str, Any] = {"x": ("point", points)}
    if points.ndim > 1:
        at = {"x": (("point", "feature"), points), "feature": list(features)}
    variables = {name: (axes, values) for name, values in columns.items()}
    return xr.Dataset(variables, at | {"component": np.arange(k)}, {"prob": prob})


def in_doubt(shares: Floats, n: int) -> np.ndarray:
    """The n points of memberships (m, k) whose largest is least, the most doubtful first; none of one component.

    >>> in_doubt(np.array([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7]]), 2)
    array([1, 2])
    """
    return np.argsort(shares.max(1), kind="stable")[: n if shares.shape[1] > 1 else 0]


def table(found: xr.Dataset, rows: np.ndarray, x: Any, features: tuple[str, ...]) -> pd.DataFrame:
    """Points, what they most probably are and how sure that is, under their index in x, or row numbers."""
    import pandas as pd

    shares, here = found.probability.to_numpy(), np.arange(rows.size)
    order = np.argsort(-shares, axis=1, kind="stable")
    label = order[:, 0]
    columns: dict[str, Any] = {"label": label}
    columns |= {name: found[name].to_numpy()[here, label] for name in ("probability", "lower", "upper")}
    columns["second"] = order[:, min(1, order.shape[1] - 1)]
    index = names_of(x, rows)
    values = pd.DataFrame(found.x.to_numpy().reshape(rows.size, len(features)), index, list(features))
    return pd.concat([pd.DataFrame(columns, index), values], axis=1)


def names_of(x: Any, rows: np.ndarray) -> Any:
    """What rows are called: by the index of a data frame that has one, else by their numbers."""
    import narwhals as nw

    like = framed(x)
    index = nw.maybe_get_index(like) if isinstance(like, nw.DataFrame | nw.Series) else None
    return rows if index is None else index[rows]


def _some(params: Draws, most: int) -> Draws:
    """All draws in one row, or evenly spaced ones where there are more."""
    lead = params.weights.shape[:-1]
    chosen = np.unique(np.linspace(0, np.prod(lead) - 1, min(most, int(np.prod(lead)))).round().astype(int))
    blocks: Any = (block.reshape(-1, *block.shape[len(lead) :])[chosen] for block in params)
    return type(params)(*blocks)


def _shares(x: Floats, draws: Draws) -> Floats:
    """Memberships (s, k, m) of points under each draw, in logs, because densities far out are no numbers."""
    if isinstance(draws, RowParams):
        nothing = np.empty((0, 1))
        terms = margins.log_terms(margins.conditioned(draws, nothing, nothing), x)[:, :, 0]
    else:
        z = (x - draws.means[..., None]) / draws.scales[..., None]
        with np.errstate(divide="ignore"):  # a weight of 0
            terms = np.log(draws.weights / draws.scales)[..., None] - 0.5 * z * z
    terms -= terms.max(1, keepdims=True)
    heights: Floats = np.exp(terms, out=terms)
    heights /= heights.sum(1, keepdims=True)
    return heights
