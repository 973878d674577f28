"""What the tests ask about rows of several features: the twin of `line`."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from mixtura import priors as p
from mixtura.algorithms.rows import record
from mixtura.algorithms.rows.sample import METHODS
from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.rows.beliefs import declared_rate, declared_scales, draw_points
from mixtura.rows.encode import can_trade, position_of, target_of
from mixtura.rows.kernels import expected, rows_of
from mixtura.rows.records import Params
from mixtura.rows.target import Target, work_for

__all__ = [
    "METHODS", "can_trade", "draw_points", "in_order", "last", "position_of", "put", "quantities", "room_for",
    "target_for", "work_for",
]  # fmt: skip


def target_for(model: GaussianMixture, n: int) -> Target:
    """A target with room for n points."""
    return target_of(model, rows_of(np.zeros((n, model.n_features or 1)), np.ones(n)))


def put(target: Target, x: Floats) -> None:
    """Give a target other data (n, d)."""
    n, d = x.shape
    target.rows.x[:d, :n] = x.T


def room_for(target: Target, n_draws: int, n_info: int) -> record.Draws:
    """Empty draws."""
    return record.room_for(n_draws, target.centres, n_info)


def last(draws: record.Draws) -> Params:
    """Parameters of the last draw."""
    return Params(*(block[-1].copy() for block in draws.params))


def in_order(params: Params) -> Params:
    """Components by the first feature of their means."""
    return params.permute(np.argsort(params.means[..., 0], axis=-1))


def quantities(model: GaussianMixture, x: Floats, params: Params) -> dict[str, Floats]:
    """What is ranked, by name: free parameters and the log-likelihood, each (s,) for draws (s, ...)."""
    found = {name: values for block in _blocks(model, params) for name, values in _scalars(*block)}
    ones = np.ones(len(x))
    loglik = [expected(x, ones, Params(*draw)).loglik[0] for draw in zip(*params, strict=True)]
    return found | {"loglik": np.array(loglik)}


def _blocks(model: GaussianMixture, params: Params) -> Iterator[tuple[str, Floats, bool]]:
    """Name and draws (s, ...) of each free block, and whether its last two axes are those of a symmetric matrix."""
    matrices, own = model.structure.correlated, model.structure.owners(model.n_components)
    if not isinstance(model.weights, p.Fixed):
        yield "weight", params.weights[:, : max(model.n_components - 1, 1)], False
    if not isinstance(model.means, p.Fixed):
        yield "mean", params.means, False
    if matrices and not isinstance(model.covariances, p.Fixed):
        yield "covariance", params.covariances[:, :own], True
    if not matrices and not isinstance(model.scales or model.variances, p.Fixed):
        yield "scale", declared_scales(model, params), False
    if model.rate is not None:
        yield "rate", declared_rate(model, params.rate), matrices


def _scalars(name: str, values: Floats, symmetric: bool) -> Iterator[tuple[str, Floats]]:
    """Each number of a block by its name, those of a symmetric matrix once."""
    for index in np.ndindex(values.shape[1:]):
        if not symmetric or index[-2] >= index[-1]:
            yield f"{name}[{','.join(map(str, index))}]", values[(slice(None), *index)]
