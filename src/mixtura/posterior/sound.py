"""What is so of every fit: shapes that agree, finite numbers, and each block within its support."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from mixtura.model import GaussianMixture
from mixtura.posterior.store import Record
from mixtura.posterior.variables import free_blocks
from mixtura.reading.data import LARGEST, Points, points
from mixtura.rows.records import Params as RowParams

FAR = 1000  # times the data's reach, whose square a covariance may reach
ROUNDING = 1e-6  # relative; single precision is enough for draws that somebody stored so

ATTRIBUTES: dict[str, type | tuple[type, ...]] = {
    "name": str, "algorithm": str, "seed": str, "inference_library_version": str, "tuning_steps": int,
    "interrupted": int, "nodes": int, "certificate": (int, float), "sampling_time": (int, float),
}  # fmt: skip
PERHAPS: dict[str, type | tuple[type, ...]] = {
    "reason": str, "start_time": (int, float), "set_aside": (int, float), "dropped": int,
    "columns": str,
}  # fmt: skip


class Unsound(ValueError):
    """Something that no fit holds."""


def need(truth: Any, fault: str) -> None:
    """Raise `Unsound` unless something is so."""
    if not truth:
        raise Unsound(fault)


def data(given: Points, model: GaussianMixture) -> Points:
    """The points, if a fit could be of them."""
    try:
        return points(given.x, given.weights, model.n_components)
    except (ValueError, TypeError) as error:
        raise Unsound(f"its data are none that can be fitted: {error}") from None


def check(record: Record, draws: dict[str, Any]) -> None:
    """Raise `Unsound` unless a record is what a fit can be.

    Parameters
    ----------
    record : Record
        With checked data.
    draws : dict of array
        The blocks it was made from.
    """
    shapes = {name: values.shape for name, (_, values) in free_blocks(record.model, record.params).items()}
    for name in {**shapes, **draws}:
        there, asked = draws[name].shape if name in draws else None, shapes.get(name)
        need(there == asked, f"{name} is {there}, where its model has {asked}")
    _check_params(record, draws)
    _check_stats(record)
    _check_attributes(record)


def _check_params(record: Record, draws: dict[str, Any]) -> None:
    params, k = record.params, record.model.n_components
    most = max(LARGEST, (FAR * float(np.abs(record.data.x).max())) ** 2)
    for name, values in draws.items():
        need(np.isfinite(values).all(), f"{name} holds numbers that are not finite")
        need(np.abs(values).max() <= most, f"{name} reaches {np.abs(values).max():.2g}")
    need((params.weights >= 0).all() and (params.weights <= 1 + ROUNDING).all(), "weights are not within 0 and 1")
    need(np.allclose(params.weights.sum(-1), 1, atol=ROUNDING), "weights do not add up to 1")
    if isinstance(params, RowParams):
        spread = np.diagonal(params.factors, axis1=-2, axis2=-1)
        matrices = [draws[name] for name in ("covariance", "rate") if name in draws and draws[name].ndim >= 4]
        for values in matrices:
            size = np.abs(values).max(axis=(-2, -1), keepdims=True)
            need((np.abs(values - values.swapaxes(-1, -2)) <= ROUNDING * size).all(), "a matrix is not symmetric")
    else:
        spread = params.scales
    need((spread > 0).all() and np.isfinite(spread).all(), "scales are not positive")
    need(spread.min() > 1 / LARGEST / FAR, f"a scale is {spread.min():.2g}")
    if "rate" in draws:
        rate = params.rate if params.rate.ndim == 2 else np.diagonal(params.rate, axis1=-2, axis2=-1)
        need((rate > 0).all(), "rates are not positive")
    need((np.sort(record.order, axis=-1) == np.arange(k)).all(), "order is not made of permutations")


def _check_stats(record: Record) -> None:
    stats, shape = record.stats, record.shape
    for name in {"lp", "occupied", *stats}:
        need(name in stats and stats[name].shape == shape, f"{name} is not (chain, draw)")
        need(np.isfinite(stats[name]).all(), f"{name} holds numbers that are not finite")
        need((np.abs(stats[name].astype(float)) <= LARGEST).all(), f"{name} is beyond {LARGEST:g}")
    occupied = stats["occupied"]
    need((occupied >= 0).all() and (occupied <= record.model.n_components).all(), "occupied counts no components")


def _check_attributes(record: Record) -> None:
    known = record.attributes
    for name, kind in {**ATTRIBUTES, **{name: PERHAPS[name] for name in PERHAPS if name in known}}.items():
        value = known.get(name)
        need(isinstance(value, kind) and not isinstance(value, bool), f"{name} is {value!r:.80}")
        need(not isinstance(value, float) or math.isfinite(value), f"{name} is {value!r}")
    need(known["seed"].isdecimal(), f"seed is {known['seed']!r:.80}")
    need(known["nodes"] >= 1 and known["certificate"] >= 0, f"nodes is {known['nodes']}")
    need(known["tuning_steps"] >= 0 and known["interrupted"] in (0, 1), f"tuning_steps is {known['tuning_steps']}")
    names, d = known.get("features", [""]), record.data.x.shape[1] if record.of_rows else 1
    named = isinstance(names, list) and all(isinstance(name, str) for name in names)
    need(named and len(names) == len(set(names)) == d, f"features are {names!r:.80}, of {d} columns")
