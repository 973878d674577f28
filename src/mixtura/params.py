"""The numbers that flow: one mixture's parameters, as a tuple of arrays that enters compiled code as it is."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_WEIGHT = 1e-300  # so that its logarithm is a number; what is sampled are log weights, however low


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


def read_only(array: Any) -> Any:
    """A view that cannot be written to, for whoever looks from outside: compiled code takes arrays as they are."""
    if np.isscalar(array):
        return array
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
