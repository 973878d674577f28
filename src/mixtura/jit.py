"""One decorator holds every compile flag.

`cache=True` keeps machine code on disk, so only the first-ever run compiles; `nogil=True` lets chains run side by side
in threads; the numpy error model divides without a branch. Fast-math is limited to what lets sums vectorise: NaN and
infinity keep their meaning.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numba

F = TypeVar("F", bound=Callable[..., object])


def kernel(function: F) -> F:
    """Compile with numba, on first call, with the project's flags."""
    compiled: F = numba.njit(
        cache=True, nogil=True, error_model="numpy", fastmath={"reassoc", "contract", "nsz"}
    )(function)
    return compiled


def exact(function: F) -> F:
    """As `kernel`, without reassociation: for arithmetic whose rounding is the point."""
    compiled: F = numba.njit(cache=True, nogil=True, error_model="numpy", fastmath={"contract"})(function)
    return compiled
