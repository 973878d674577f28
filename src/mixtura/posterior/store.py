"""The shelf for draws: a record of arrays, and its form for others, an xarray tree in ArviZ's schema."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.covariance import is_per_component, scale_of
from mixtura.data import Points
from mixtura.model import GaussianMixture
from mixtura.params import Floats, Params
from mixtura.posterior import relabel
from mixtura.priors import Fixed, Prior

if TYPE_CHECKING:
    import xarray as xr

DIMS = ("chain", "draw", "component")
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
        Draws (c, s, k), relabelled, fixed blocks and tied scales filled in; rate (c, s), nan where there is none.
    stats : dict of array (c, s)
        What the algorithm says of each draw, `lp` and `occupied` among them.
    order : array (c, s, k)
        Which of the sampler's components each component was.
    attributes : dict
        What else to know of the run: name, algorithm, seed, times, versions; `nodes` and `certificate` tell how many
        weighted points each draw looked at and how far the log-likelihood is from that of all points, in nats.
    """

    model: GaussianMixture
    data: Points
    params: Params
    stats: dict[str, NDArray[Any]]
    order: relabel.Order
    attributes: dict[str, Any]

    @property
    def shape(self) -> tuple[int, int]:
        """Chains and draws."""
        c, s, _ = self.params.means.shape
        return c, s

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
    model: GaussianMixture, data: Points, params: Params, stats: dict[str, Floats], attributes: dict[str, Any]
) -> Record:
    """Draws (c, s, k) as the sampler left them, relabelled where the priors give labels no meaning."""
    from mixtura import __version__

    k = model.n_components
    orders = np.broadcast_to(np.arange(k), params.means.shape)
    if model.exchangeable and k > 1:
        orders = relabel.by_pivot(params, stats["lp"], float(data.weights.sum()))
        params = params.permute(orders)
    typed = {name: _typed(name, values) for name, values in stats.items()}
    library = {"inference_library": "mixtura", "inference_library_version": __version__}
    params = _filled(model, free_blocks(model, params), params.means.shape)
    return Record(model, data, params, typed, orders, _exact(data) | attributes | library)


def free_blocks(model: GaussianMixture, params: Params) -> dict[str, Floats]:
    """What is sampled, by its name in the posterior, (c, s, k) or (c, s).

    One component has no free weight, and a tied scale no component axis.
    """
    blocks: dict[str, Floats] = {}
    if not isinstance(model.weights, Fixed) and model.n_components > 1:
        blocks["weight"] = params.weights
    if not isinstance(model.means, Fixed):
        blocks["mean"] = params.means
    if not isinstance(model.scales or model.variances, Fixed):
        blocks["scale"] = params.scales if is_per_component(model.covariance) else params.scales[..., 0]
    if model.rate is not None:
        blocks["rate"] = params.rate
    return blocks


def tree_of(record: Record) -> xr.DataTree:
    """The record as a tree in ArviZ's schema."""
    import xarray as xr

    shape = record.params.means.shape
    blocks = {name: (DIMS[: v.ndim], v) for name, v in free_blocks(record.model, record.params).items()}
    columns: dict[str, Any] = {name: (DIMS[:2], values) for name, values in record.stats.items()}
    columns["order"] = (DIMS, np.ascontiguousarray(record.order))
    tree = xr.DataTree.from_dict(
        {
            "posterior": with_coordinates(blocks, shape),
            "sample_stats": with_coordinates(columns, shape),
            "observed_data": xr.Dataset({"x": ("point", record.data.x)}),
            "constant_data": xr.Dataset({"weights": ("point", record.data.weights)}),
        }
    )
    for node in (tree, tree["posterior"], tree["sample_stats"]):
        node.attrs = attributes_of(record)
    return tree


def attributes_of(record: Record) -> dict[str, Any]:
    """The record's attributes and its model as JSON."""
    return record.attributes | {"model": json.dumps(record.model.to_dict())}


def record_in(tree: xr.DataTree) -> Record:
    """What `tree_of` put into a tree; a KeyError or ValueError if it lacks something."""
    attributes = {str(name): value for name, value in tree.attrs.items()}
    model = GaussianMixture.from_dict(json.loads(attributes.pop("model")))
    for name in ("algorithm", "name", "interrupted"):
        attributes[name]
    x, weights = tree["observed_data"]["x"].to_numpy(), tree["constant_data"]["weights"].to_numpy()
    stats = {str(name): values.to_numpy() for name, values in tree["sample_stats"].data_vars.items()}
    order = stats.pop("order")
    stats["lp"], stats["occupied"]
    blocks = {str(name): values.to_numpy() for name, values in tree["posterior"].data_vars.items()}
    params = _filled(model, blocks, order.shape)
    data = Points(x, weights)
    return Record(model, data, params, stats, order, _exact(data) | attributes)


def _exact(data: Points) -> dict[str, Any]:
    """What attributes say where every draw looked at every point."""
    return {"nodes": data.x.size, "certificate": 0.0}


def _filled(model: GaussianMixture, blocks: dict[str, Floats], shape: tuple[int, ...]) -> Params:
    """Draws as arrays (c, s, k), fixed blocks and tied scales filled in; rate is (c, s), nan where there is none."""

    def filled(name: str, prior: Prior | None) -> Floats:
        values = blocks[name] if name in blocks else _fixed_values(model, name, prior)
        values = values[..., None] if values.ndim == 2 else values
        return np.ascontiguousarray(np.broadcast_to(values, shape))

    return Params(
        weights=filled("weight", model.weights),
        means=filled("mean", model.means),
        scales=filled("scale", model.scales or model.variances),
        rate=blocks["rate"] if "rate" in blocks else np.full(shape[:2], np.nan),
    )


def _fixed_values(model: GaussianMixture, name: str, prior: Prior | None) -> Floats:
    """A fixed block's values (k,); the weight of a single component is 1."""
    k = model.n_components
    if name == "weight" and k == 1:
        return np.ones(1)
    if not isinstance(prior, Fixed):
        raise ValueError(f"this file holds no draws of {name}, which the model does not fix")
    if name != "scale":
        return prior.columns(k)[0]
    values = prior.columns(model.n_scales)[0][scale_of(model.covariance, k)]
    return values if model.variances is None else np.asarray(np.sqrt(values), float)


def with_coordinates(variables: dict[str, Any], shape: tuple[int, ...]) -> xr.Dataset:
    """A dataset whose axes are numbered, as ArviZ wants them."""
    import xarray as xr

    used = {name for dims, _ in variables.values() for name in dims}
    sizes = dict(zip(DIMS, shape, strict=True))
    return xr.Dataset(variables, coords={name: np.arange(size) for name, size in sizes.items() if name in used})


def _typed(name: str, values: Floats) -> NDArray[Any]:
    if name == "diverging":
        return values.astype(bool)
    return values.astype(np.int64) if name in WHOLE else values
