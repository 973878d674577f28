"""The numbers that flow: one mixture's parameters, as a tuple of arrays that enters compiled code as it is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Params(NamedTuple):
    """Parameters of k components; leading axes (chains, draws) may precede the last one.

    Attributes
    ----------
    weights, means, scales : array (..., k)
        Mixing weights, component means, component standard deviations (equal entries when tied).
    rate : array (...)
        Rate of the variances' InverseGamma prior; nan where the model has none. One value is an array of shape (1,)
        inside compiled code.
    """

    weights: Floats
    means: Floats
    scales: Floats
    rate: Floats

    def permute(self, order: NDArray[np.intp]) -> Params:
        """Components in another order; `order` is (k,) or (..., k) and broadcasts over the leading axes."""
        order = np.broadcast_to(order, self.means.shape)
        weights, means, scales = (np.take_along_axis(block, order, -1) for block in self[:3])
        return Params(weights, means, scales, self.rate)


def checked_params(params: Params | Mapping[str, Any], n_components: int) -> Params:
    """One mixture's parameters from a record, or a mapping of weights, means, scales (or variances) and perhaps rate.

    Raises
    ------
    ValueError
        If a name is unknown or missing, or a value is not what a mixture of `n_components` can have.
    """
    given = dict(params._asdict() if isinstance(params, Params) else params)
    if "variances" in given:
        given["scales"] = np.sqrt(np.asarray(given.pop("variances"), float))
    unknown, missing = set(given) - set(Params._fields), {"weights", "means", "scales"} - set(given)
    if unknown or missing:
        wrong = f"unknown {sorted(unknown)}" if unknown else f"missing {sorted(missing)}"
        raise ValueError(f"params holds weights, means, scales (or variances) and perhaps rate; {wrong}")
    blocks = {name: np.asarray(given.get(name, math.nan), float) for name in Params._fields}
    for name in ("weights", "means", "scales"):
        if blocks[name].shape not in {(), (n_components,)}:
            raise ValueError(f"{name} has shape {blocks[name].shape}; n_components={n_components} needs as many")
        blocks[name] = np.broadcast_to(blocks[name], (n_components,)).copy()
    if not (np.min(blocks["scales"]) > 0 and np.min(blocks["weights"]) >= 0):
        raise ValueError("scales must be positive and weights not negative")
    if abs(blocks["weights"].sum() - 1) > 1e-8:
        raise ValueError(f"weights sum to 1; these sum to {blocks['weights'].sum():.6g}")
    if not np.isfinite([blocks["means"], blocks["scales"]]).all():
        raise ValueError("means and scales must be finite")
    return Params(**blocks)
