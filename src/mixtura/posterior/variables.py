"""The posterior's variables: what is sampled, by its name and the names of its axes, and the way back to arrays."""

from __future__ import annotations

import numpy as np

from mixtura.arrays import Floats
from mixtura.line.records import Params
from mixtura.model import GaussianMixture
from mixtura.priors import Fixed, Prior
from mixtura.rows.records import Params as RowParams

Draws = Params | RowParams
Variable = tuple[tuple[str, ...], Floats]  # names of axes, values: as xarray takes it
DIMS = ("chain", "draw", "component")
FEATURES = ("feature", "feature_bis")
ROUNDING = 1e-13  # relative; what a covariance matrix may be off by and is lifted by, if need be, to have a root


def free_blocks(model: GaussianMixture, params: Draws) -> dict[str, Variable]:
    """What is sampled, by its name in the posterior.

    One component has no free weight, and what is tied no component axis.
    """
    blocks: dict[str, Variable] = {}
    if not isinstance(model.weights, Fixed) and model.n_components > 1:
        blocks["weight"] = DIMS, params.weights
    if not isinstance(model.means, Fixed):
        blocks["mean"] = (*DIMS, *FEATURES[: params.means.ndim - 3]), params.means
    if isinstance(params, RowParams):
        return blocks | _spread_of_rows(model, params)
    if not isinstance(model.scales or model.variances, Fixed):
        free = params.scales[..., 0] if model.structure.shared else params.scales
        blocks["scale"] = DIMS[: free.ndim], free
    if model.rate is not None:
        blocks["rate"] = DIMS[:2], params.rate
    return blocks


def _spread_of_rows(model: GaussianMixture, params: RowParams) -> dict[str, Variable]:
    """Covariances or scales, and the rate, whose axes are the same without that of components."""
    blocks, structure = dict[str, Variable](), model.structure
    names = (*DIMS[:2], *structure.axes)
    if structure.correlated:
        if not isinstance(model.covariances, Fixed):
            factors = params.factors[..., 0, :, :] if structure.shared else params.factors
            blocks["covariance"] = names, factors @ factors.swapaxes(-1, -2)
    elif not isinstance(model.scales or model.variances, Fixed):
        blocks["scale"] = names, structure.declared(params.scales)
    if model.rate is not None:
        own = tuple(name for name in names if name in FEATURES)
        diagonal = np.diagonal(params.rate, axis1=-2, axis2=-1)
        rate = (diagonal[..., 0], diagonal, params.rate)[len(own)]
        blocks["rate"] = (*DIMS[:2], *own), rate
    return blocks


def along(params: Draws, feature: int) -> Params:
    """The mixture of one feature alone."""
    if isinstance(params, Params):
        return params
    lost = np.full(params.weights.shape[:2], np.nan)
    return Params(params.weights, params.means[..., feature], params.scales[..., feature], lost)


def filled(model: GaussianMixture, blocks: dict[str, Floats], shape: tuple[int, ...]) -> Draws:
    """Draws as arrays (c, s, k) or, of rows, (c, s, k, d): fixed blocks and what is tied filled in.

    The rate is nan where there is none. A covariance matrix whose rounding has made it singular is lifted by that
    much.
    """
    if len(shape) == 4:
        return _filled_rows(model, blocks, shape)

    def full(name: str, prior: Prior | None) -> Floats:
        values = blocks[name] if name in blocks else _fixed_values(model, name, prior)
        values = values[..., None] if values.ndim == 2 else values
        return np.ascontiguousarray(np.broadcast_to(values, shape))

    return Params(
        weights=full("weight", model.weights),
        means=full("mean", model.means),
        scales=full("scale", model.scales or model.variances),
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
    values = prior.columns(model.n_scales)[0][model.structure.scale_of(k)]
    return values if model.variances is None else np.asarray(np.sqrt(values), float)


def _filled_rows(model: GaussianMixture, blocks: dict[str, Floats], shape: tuple[int, ...]) -> RowParams:
    """Draws of rows; shape is (c, s, k, d)."""
    (k, d), unit, structure = shape[-2:], np.eye(shape[-1]), model.structure

    def full(values: Floats, *more: int) -> Floats:
        return np.ascontiguousarray(np.broadcast_to(values, (*shape, *more)))

    if structure.correlated:
        covariances = _values(blocks, "covariance", model.covariances, (d, d) if structure.shared else (k, d, d))
        factors = _roots(covariances[..., None, :, :] if structure.shared else covariances)
    else:
        scales = _values(blocks, "scale", model.scales or model.variances, structure.scales_shape(k, d))
        if "scale" not in blocks and model.variances is not None:
            scales = np.sqrt(scales)
        scales = structure.spread(scales)
        factors = np.broadcast_to(scales, (*scales.shape[:-1], d))[..., None] * unit
    weights = np.ones(1) if k == 1 else _values(blocks, "weight", model.weights, (k,))
    rate = blocks.get("rate", np.full(shape[:2], np.nan))
    if rate.ndim < 4:
        rates = np.broadcast_to(rate if rate.ndim == 3 else rate[..., None], (*shape[:2], d))
        rate = np.where(unit > 0, rates[..., None], np.where(np.isnan(rates[..., None]), np.nan, 0.0))
    return RowParams(
        weights=np.ascontiguousarray(np.broadcast_to(weights, shape[:3])),
        means=full(_values(blocks, "mean", model.means, (k, d))),
        factors=full(factors, d),
        rate=rate,
    )


def _values(blocks: dict[str, Floats], name: str, prior: Prior | None, shape: tuple[int, ...]) -> Floats:
    """A block's draws, or the value it is fixed to."""
    if name in blocks:
        return blocks[name]
    if not isinstance(prior, Fixed):
        raise ValueError(f"this file holds no draws of {name}, which the model does not fix")
    return prior.table(shape)[0]


def _roots(covariances: Floats) -> Floats:
    """Lower Cholesky factors; of matrices that rounding has made singular, of a little more than they."""
    for lift in (0.0, ROUNDING, 1e3 * ROUNDING):
        try:
            return np.asarray(np.linalg.cholesky(covariances * (1.0 + lift * np.eye(covariances.shape[-1]))), float)
        except np.linalg.LinAlgError:
            continue
    raise ValueError("this file holds matrices that are no covariances")
