"""The shelf for draws: a record of arrays, and its form for others, an xarray tree in ArviZ's schema."""

from __future__ import annotations

import json
from dataclasses import replace
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.arguments import one_of, shown
from mixtura.arrays import Floats, read_only
from mixtura.blocks import ALLOWED
from mixtura.line.records import Params
from mixtura.model import GaussianMixture
from mixtura.posterior import predict, relabel, rows
from mixtura.posterior.variables import DIMS, FEATURES, Draws, Variable, filled, free_blocks
from mixtura.priors import Fixed
from mixtura.reading.data import Points
from mixtura.rows.records import Params as RowParams

if TYPE_CHECKING:
    import xarray as xr

WHOLE = ("tree_depth", "n_steps", "occupied")


class Record(NamedTuple):
    """All that a fit knows.

    Attributes
    ----------
    model : GaussianMixture
        Every prior spelled out.
    data : Points
        What was fitted, in the user's units: all points, however many of them the algorithm looked at.
    params : Params
        Draws (c, s, k), relabelled, fixed blocks and tied scales filled in; rate (c, s), nan where there is none. Of
        rows those of `rows.records`: means (c, s, k, d), factors (c, s, k, d, d), rate (c, s, d, d).
    stats : dict of array (c, s)
        What the algorithm says of each draw, `lp` and `occupied` among them.
    order : array (c, s, k)
        Which of the sampler's components each component was.
    attributes : dict
        What else to know of the run: name, algorithm, seed, times, versions, of rows the names of `features`; `nodes`
        and `certificate` tell how many weighted points each draw looked at and how far the log-likelihood is from that
        of all points, in nats.
    """

    model: GaussianMixture
    data: Points
    params: Draws
    stats: dict[str, NDArray[Any]]
    order: relabel.Order
    attributes: dict[str, Any]

    @property
    def shape(self) -> tuple[int, int]:
        """Chains and draws."""
        c, s, _ = self.params.weights.shape
        return c, s

    @property
    def features(self) -> tuple[str, ...]:
        """What the columns of the data are called."""
        return tuple(map(str, self.attributes.get("features", [self.attributes["name"]])))

    @property
    def of_rows(self) -> bool:
        """Whether points are rows of several features."""
        return isinstance(self.params, RowParams)

    @property
    def answers(self) -> ModuleType:
        """Where answers about points are: `predict`, or its twin for rows."""
        return rows if self.of_rows else predict

    @property
    def nodes(self) -> int:
        """How many weighted points each draw looked at."""
        return int(self.attributes["nodes"])

    @property
    def certificate(self) -> float:
        """How far the log-likelihood that was sampled from is from that of all points, in nats."""
        return float(self.attributes["certificate"])

    def reordered(self, orders: relabel.Order) -> Record:
        """Components permuted per draw; `order` keeps saying which of the sampler's each one was."""
        order = np.take_along_axis(self.order, orders, -1)
        return self._replace(params=self.params.permute(orders), order=order)


def record_of(
    model: GaussianMixture, data: Points, params: Draws, stats: dict[str, Floats], attributes: dict[str, Any]
) -> Record:
    """Draws (c, s, k) as the sampler left them, relabelled where the priors give labels no meaning."""
    from mixtura import __version__

    k = model.n_components
    orders = np.broadcast_to(np.arange(k), params.weights.shape)
    if model.exchangeable and k > 1:
        orders = relabel.by_divergence(params)
        params = params.permute(orders)
    typed = {name: _typed(name, values) for name, values in stats.items()}
    library = {"inference_library": "mixtura", "inference_library_version": __version__}
    if not isinstance(params, RowParams):
        blocks = {name: values for name, (_, values) in free_blocks(model, params).items()}
        params = filled(model, blocks, params.weights.shape)
    return Record(model, data, params, typed, orders, usual(data) | attributes | library)


def held(record: Record) -> Record:
    """The same record behind views that cannot be written to, for trees."""
    return record._replace(
        data=Points(*map(read_only, record.data)),
        params=type(record.params)(*map(read_only, record.params)),
        stats={name: read_only(values) for name, values in record.stats.items()},
        order=read_only(record.order),
    )


def per_component(record: Record, by: str | tuple[str, str]) -> Floats:
    """Draws (c, s, k) of what `by` names: "mean", "scale" or "weight", of rows also ("mean", feature)."""
    model, params = record.model, record.params
    name, feature = by if isinstance(by, tuple) and len(by) == 2 else (by, record.features[0])
    free = free_blocks(model, params)
    sampled = {"scale" if block == "covariance" else block for block, (dims, _) in free.items() if DIMS[2] in dims}
    names = [block for block in ("mean", "scale", "weight") if block in sampled]
    one_of(name, names, "by")
    if not isinstance(feature, str) or feature not in record.features:
        raise ValueError(f"{shown(feature)} is no feature; they are {', '.join(record.features)}")
    unknown: dict[str, Any] = {block: None for block in ALLOWED if not isinstance(getattr(model, block), Fixed)}
    if not replace(model, **unknown).exchangeable:
        raise ValueError("a block Fixed to different values names the components; they cannot be relabelled")
    if name == "weight":
        return params.weights
    values = params.means if name == "mean" else params.scales
    return values[..., record.features.index(feature)] if record.of_rows else values


def tree_of(record: Record) -> xr.DataTree:
    """The record as a tree in ArviZ's schema."""
    import xarray as xr

    columns: dict[str, Any] = {name: (DIMS[:2], values) for name, values in record.stats.items()}
    columns["order"] = (DIMS, np.ascontiguousarray(record.order))
    x = ("point", *FEATURES[: record.data.x.ndim - 1]), record.data.x
    tree = xr.DataTree.from_dict(
        {
            "posterior": with_coordinates(free_blocks(record.model, record.params), record),
            "sample_stats": with_coordinates(columns, record),
            "observed_data": with_coordinates({"x": x}, record),
            "constant_data": xr.Dataset({"weights": ("point", record.data.weights)}),
        }
    )
    for node in (tree, tree["posterior"], tree["sample_stats"]):
        node.attrs = attributes_of(record)
    return tree


def attributes_of(record: Record) -> dict[str, Any]:
    """The record's attributes and its model as JSON."""
    return record.attributes | {"model": json.dumps(record.model.to_dict())}


def plain_of(record: Record) -> dict[str, Any]:
    """The record as names, numbers and arrays, for pickles: no object of this package among them."""
    return {
        "model": record.model.to_dict(),
        "data": {name: np.asarray(block) for name, block in record.data._asdict().items()},
        "params": record.params._asdict(),
        "stats": record.stats,
        "order": record.order,
        "attributes": record.attributes,
    }


def record_from(plain: dict[str, Any]) -> Record:
    """What `plain_of` wrote down."""
    of_rows = "factors" in plain["params"]
    return Record(
        model=GaussianMixture.from_dict(plain["model"]),
        data=Points(**plain["data"]),
        params=RowParams(**plain["params"]) if of_rows else Params(**plain["params"]),
        **{name: plain[name] for name in ("stats", "order", "attributes")},
    )


def usual(data: Points) -> dict[str, Any]:
    """What attributes say where every draw looked at every point, and nobody named the features of rows."""
    features = {"features": [f"x{a}" for a in range(data.x.shape[1])]} if data.x.ndim > 1 else {}
    return {"nodes": len(data.x), "certificate": 0.0} | features


def with_coordinates(variables: dict[str, Variable], record: Record) -> xr.Dataset:
    """A dataset whose axes are numbered, as ArviZ wants them, and whose features are named."""
    import xarray as xr

    used = {name for dims, _ in variables.values() for name in dims}
    values: dict[str, Any] = dict(zip(DIMS, map(np.arange, record.params.weights.shape), strict=True))
    values |= {name: list(record.features) for name in FEATURES}
    return xr.Dataset(variables, coords={name: (name, values[name]) for name in values if name in used})


def _typed(name: str, values: Floats) -> NDArray[Any]:
    if name == "diverging":
        return values.astype(bool)
    return values.astype(np.int64) if name in WHOLE else values
