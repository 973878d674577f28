"""Arrays of floating-point numbers, as every signature here names them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
