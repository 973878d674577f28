"""What a command does not load, to begin sooner."""

from __future__ import annotations

import sys
from typing import Any


def spare_scipy() -> None:
    """Load numba without scipy.linalg, a tenth of a run, which it asks for just to see whether BLAS is there.

    All that hangs on the answer is how compiled code would do np.correlate; ours does not.
    """
    if "scipy.linalg" not in sys.modules:
        blas: Any = "scipy.linalg.cython_blas"
        sys.modules[blas] = None  # type: ignore[assignment]
        import numba.np.arraymath  # noqa: F401

        del sys.modules[blas]
