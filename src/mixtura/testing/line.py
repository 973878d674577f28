"""What the tests ask about points on a line; `rows` answers the same about rows of several features."""

from __future__ import annotations

from typing import Any

import numpy as np

from mixtura import priors as p
from mixtura.algorithms.line import record
from mixtura.algorithms.run import METHODS
from mixtura.arrays import Floats
from mixtura.line.beliefs import draw_points
from mixtura.line.kernels import expected
from mixtura.line.records import Params
from mixtura.line.target import Target, can_trade, position_of, target_of, work_for
from mixtura.model import GaussianMixture
from mixtura.reading.data import Points

__all__ = [
    "METHODS", "can_trade", "draw_points", "in_order", "last", "position_of", "put", "quantities", "room_for",
    "target_for", "work_for",
]  # fmt: skip


def target_for(model: GaussianMixture, n: int) -> Target:
    """A target with room for n points."""
    return target_of(model, Points(np.zeros(n), np.ones(n)))


def put(target: Target, x: Floats) -> None:
    """Give a target other data (n,)."""
    target.points.x[:] = x


def room_for(target: Target, n_draws: int, n_info: int) -> record.Draws:
    """Empty draws."""
    return record.room_for(n_draws, target.scale_of.size, n_info)


def last(draws: record.Draws) -> Params:
    """Parameters of the last draw."""
    weights, means, scales = (block[-1].copy() for block in draws.params[:3])
    return Params(weights, means, scales, draws.params.rate[-1:].copy())


def in_order(params: Params) -> Params:
    """Components by their means."""
    return params.permute(np.argsort(params.means, axis=-1))


def quantities(model: GaussianMixture, x: Floats, params: Params) -> dict[str, Floats]:
    """What is ranked, by name: free parameters and the log-likelihood, each (s,) for draws (s, ...)."""
    k, found = model.n_components, dict[str, Any]()
    if not isinstance(model.weights, p.Fixed):  # of two weights, one says all
        found |= {f"weight[{j}]": params.weights[:, j] for j in range(k if k > 2 else k - 1)}
    if not isinstance(model.means, p.Fixed):
        found |= {f"mean[{j}]": params.means[:, j] for j in range(k)}
    if not isinstance(model.scales or model.variances, p.Fixed):
        own = not model.structure.shared
        found |= {f"scale[{j}]" if own else "scale": params.scales[:, j] for j in range(k if own else 1)}
    if model.rate is not None:
        found["rate"] = params.rate
    data = Points(x, np.ones(x.size))
    loglik = [expected(data, Params(*row, np.full(1, np.nan))).loglik[0] for row in zip(*params[:3], strict=True)]
    return found | {"loglik": np.array(loglik)}
