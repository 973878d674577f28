"""The numbers that flow: one mixture's parameters, as a tuple of arrays that enters compiled code as it is."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats


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


class Stats(NamedTuple):
    """Sufficient statistics at given parameters, each about the component's current mean.

    Attributes
    ----------
    counts : array (k,)
        Sum of the shares r_ik of each point (soft in `expected`, hard in `sampled`), times its weight.
    sums : array (k,)
        Sum of r_ik (x_i - mean_k).
    scatter : array (k,)
        Sum of r_ik (x_i - mean_k)**2.
    loglik : array (1,)
        Log-likelihood of the data, allocations summed out (also in `sampled`).
    """

    counts: Floats
    sums: Floats
    scatter: Floats
    loglik: Floats

    def __add__(self, other: Stats) -> Stats:  # type: ignore[override]
        """Statistics of the union of two data sets seen at the same parameters (law 1)."""
        return Stats(*(a + b for a, b in zip(self, other, strict=True)))
