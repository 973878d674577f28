"""Arrays of floating-point numbers, as every signature here names them; how they are shown to others."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
LEAST_WEIGHT = 1e-300  # so that its logarithm is a number; what is sampled are log weights, however low


def read_only(array: Any) -> Any:
    """A view that cannot be written to, for whoever looks from outside: compiled code takes arrays as they are."""
    if np.isscalar(array):
        return array
    view = np.asarray(array).view()
    view.flags.writeable = False
    return view
