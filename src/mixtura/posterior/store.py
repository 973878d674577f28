"""The shelf for draws: an xarray tree in ArviZ's schema, filled from arrays and read back into them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from mixtura.covariance import is_per_component, scale_of
from mixtura.data import Points
from mixtura.model import GaussianMixture
from mixtura.params import Floats, Params
from mixtura.posterior import relabel
from mixtura.priors import Fixed, Prior

DIMS = ("chain", "draw", "component")
WHOLE = ("tree_depth", "n_steps", "occupied")


def tree_of(
    model: GaussianMixture, data: Points, params: Params, stats: dict[str, Floats], attributes: dict[str, Any]
) -> xr.DataTree:
    """Draws (c, s, ...) as a tree, relabelled where the priors give labels no meaning.

    Parameters
    ----------
    model : GaussianMixture
        Every prior spelled out.
    data : Points
        What was fitted.
    params : Params
        Draws (c, s, k).
    stats : dict of array (c, s)
        What the algorithm says of each draw, `lp` among them.
    attributes : dict
        What else to know of the run.
    """
    k = model.n_components
    orders = np.broadcast_to(np.arange(k), params.means.shape)
    if model.exchangeable and k > 1:
        orders = relabel.by_pivot(params, stats["lp"], float(data.weights.sum()))
    columns: dict[str, Any] = {name: (DIMS[:2], _typed(name, values)) for name, values in stats.items()}
    columns["order"] = (DIMS, np.ascontiguousarray(orders))
    attributes = attributes | {
        "model": json.dumps(model.to_dict()),
        "inference_library": "mixtura",
        "inference_library_version": _version(),
    }
    tree = xr.DataTree.from_dict(
        {
            "posterior": posterior_of(model, params.permute(orders)),
            "sample_stats": with_coordinates(columns, params.means.shape),
            "observed_data": xr.Dataset({"x": ("point", data.x)}),
            "constant_data": xr.Dataset({"weights": ("point", data.weights)}),
        }
    )
    for node in (tree, tree["posterior"], tree["sample_stats"]):
        node.attrs = attributes
    return tree


def check(tree: xr.DataTree) -> None:
    """Raise a KeyError or ValueError unless the tree holds what `tree_of` puts into every fit."""
    for name in ("model", "algorithm", "name", "interrupted"):
        tree.attrs[name]
    tree["observed_data"]["x"], tree["constant_data"]["weights"]
    for name in ("lp", "occupied", "order"):
        tree["sample_stats"][name]
    params_in(GaussianMixture.from_dict(json.loads(tree.attrs["model"])), tree["posterior"].to_dataset())


def posterior_of(model: GaussianMixture, params: Params) -> xr.Dataset:
    """The free blocks as a dataset; one component has no free weight, and a tied scale no component axis."""
    variables: dict[str, Any] = {}
    if not isinstance(model.weights, Fixed) and model.n_components > 1:
        variables["weight"] = (DIMS, params.weights)
    if not isinstance(model.means, Fixed):
        variables["mean"] = (DIMS, params.means)
    if not isinstance(model.scales or model.variances, Fixed):
        each = is_per_component(model.covariance)
        variables["scale"] = (DIMS, params.scales) if each else (DIMS[:2], params.scales[..., 0])
    if model.rate is not None:
        variables["rate"] = (DIMS[:2], params.rate)
    return with_coordinates(variables, params.means.shape)


def params_in(model: GaussianMixture, posterior: xr.Dataset) -> Params:
    """Draws as arrays (c, s, k), fixed blocks and tied scales filled in; rate is (c, s), nan where there is none."""
    shape = (posterior.sizes["chain"], posterior.sizes["draw"], model.n_components)

    def filled(name: str, prior: Prior | None) -> Floats:
        values = posterior[name].to_numpy() if name in posterior else _fixed_values(model, name, prior)
        values = values[..., None] if values.ndim == 2 else values
        return np.ascontiguousarray(np.broadcast_to(values, shape))

    return Params(
        weights=filled("weight", model.weights),
        means=filled("mean", model.means),
        scales=filled("scale", model.scales or model.variances),
        rate=posterior["rate"].to_numpy() if "rate" in posterior else np.full(shape[:2], np.nan),
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
    used = {name for dims, _ in variables.values() for name in dims}
    sizes = dict(zip(DIMS, shape, strict=True))
    return xr.Dataset(variables, coords={name: np.arange(size) for name, size in sizes.items() if name in used})


def _typed(name: str, values: Floats) -> np.ndarray[Any, Any]:
    if name == "diverging":
        return values.astype(bool)
    return values.astype(np.int64) if name in WHOLE else values


def _version() -> str:
    from mixtura import __version__

    return __version__
