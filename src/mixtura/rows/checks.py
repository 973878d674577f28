"""The boundary of parameters: what a user holds becomes a checked record of a model's structure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from mixtura.arguments import named, reals
from mixtura.arrays import Floats
from mixtura.blocks import fits
from mixtura.model import GaussianMixture
from mixtura.priors.factors import is_definite
from mixtura.rows.records import Params


def size_of(model: GaussianMixture) -> tuple[int, int]:
    """Numbers of components and features; the latter must be known."""
    if model.n_features is None:
        raise ValueError("how many features? Nothing in this model says it: give n_features=...")
    return model.n_components, model.n_features


def spread_shape(model: GaussianMixture) -> tuple[int, ...]:
    """Shape of the scales or variances that are declared: (k, d), tied (d,), spherical (k,)."""
    return model.structure.scales_shape(*size_of(model))


def checked_params(params: Params | Mapping[str, Any], model: GaussianMixture) -> Params:
    """One mixture's parameters from a record, or a mapping of weights, means, covariances and perhaps rate.

    Instead of covariances (k, d, d), tied (d, d), there may be their lower Cholesky factors; diagonal and spherical
    ones may be given as scales or variances, as declared.

    Raises
    ------
    ValueError
        If a name is unknown or missing, or a value is not what a mixture of this model can have.
    """
    k, d = size_of(model)
    given = named(params, Params)
    spread = [name for name in ("covariances", "factors", "scales", "variances") if name in given]
    unknown, missing = set(given) - {"weights", "means", "rate", *spread}, {"weights", "means"} - set(given)
    if unknown or missing or len(spread) != 1:
        wrong = (
            f"unknown {sorted(map(str, unknown))}"
            if unknown
            else f"missing {sorted(missing)}"
            if missing
            else f"got {spread}"
        )
        raise ValueError(
            f"params holds weights, means, covariances (or scales or variances where those are diagonal or spherical) "
            f"and perhaps rate; {wrong}"
        )
    weights, means = _filled(given["weights"], (k,), "weights"), _filled(given["means"], (k, d), "means")
    if not weights.min() >= 0 or abs(weights.sum() - 1) > 1e-8:
        raise ValueError(f"weights are not negative and sum to 1; got {weights.tolist()}")
    if not np.isfinite(means).all():
        raise ValueError("means must be finite")
    factors = _checked_factors(model, spread[0], given[spread[0]])
    return Params(weights, means, factors, _checked_rate(model, given.get("rate", math.nan)))


def _checked_factors(model: GaussianMixture, name: str, value: Any) -> Floats:
    """Lower Cholesky factors (k, d, d), of the model's structure."""
    (k, d), structure = size_of(model), model.structure
    if name in ("scales", "variances"):
        if structure.correlated:
            raise ValueError(f"covariance={model.covariance!r} of {d} features takes covariances, not {name}")
        scales = _filled(value, spread_shape(model), name)
        if not (scales.min() > 0 and np.isfinite(scales).all()):
            raise ValueError(f"{name} must be positive and finite")
        scales = np.sqrt(scales) if name == "variances" else scales
        return np.asarray(structure.spread(scales)[..., None] * np.eye(d))
    matrices = _filled(value, (k, d, d), name)
    if name == "factors":
        matrices = np.tril(matrices) @ np.swapaxes(np.tril(matrices), -1, -2)
    for j, matrix in enumerate(matrices):
        if not np.isfinite(matrix).all() or np.abs(matrix - matrix.T).max() > 1e-8 * np.abs(matrix).max():
            raise ValueError(f"covariances must be finite and symmetric; the one of component {j} is {matrix.tolist()}")
        if not is_definite(matrix):
            raise ValueError(f"covariances must be positive definite; the one of component {j} is {matrix.tolist()}")
    diagonals = np.diagonal(matrices, axis1=1, axis2=2)
    tolerance = 1e-8 * np.abs(matrices).max()
    wanted = matrices[: structure.owners(k)]
    if not structure.correlated:
        wanted = structure.spread(structure.declared(diagonals))[..., None] * np.eye(d)
    if np.abs(matrices - wanted).max() > tolerance:
        raise ValueError(f"these covariances are not {model.covariance}; got {matrices.tolist()}")
    return np.linalg.cholesky(np.broadcast_to(wanted, (k, d, d)))


def _checked_rate(model: GaussianMixture, value: Any) -> Floats:
    """The rate as a matrix (d, d), positive definite where the model has one."""
    _, d = size_of(model)
    rate = reals(value, "rate")
    if model.rate is None:
        return np.full((d, d), math.nan)
    if rate.ndim < 2 and not model.structure.correlated:
        rate = _filled(rate, (d,), "rate") * np.eye(d)
    rate = _filled(rate, (d, d), "rate")
    if not np.isfinite(rate).all() or not is_definite(rate):
        raise ValueError(f"this model samples a rate: params needs a positive (definite) rate; got {np.array(value)}")
    return rate


def _filled(value: Any, shape: tuple[int, ...], name: str) -> Floats:
    """An array of that shape, or an error."""
    array = reals(value, name)
    if not fits(array.shape, shape):
        raise ValueError(f"{name} has shape {array.shape}; this model needs {shape}, or what broadcasts to it")
    return np.broadcast_to(array, shape).copy()
