"""Every compile flag, in one place.

Code is kept on disk, so only the first-ever run compiles; the GIL is released, so chains run side by side in threads;
numpy's error model divides without a branch; and there is no runtime for memory, so a kernel cannot allocate. Fast-math
is limited to what lets sums vectorise: NaN and infinity keep their meaning. Only an `entry` can be called from Python:
wrappers for it cost a third of the compile time, so what is called from kernels alone goes without.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.extending import intrinsic

from mixtura.params import Floats

F = TypeVar("F", bound=Callable[..., object])
FLAGS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
SUMS_VECTORISE = {"reassoc", "contract", "nsz"}


def _compiled(function: F, **flags: Any) -> F:
    njit: Any = numba.njit  # its type stubs do not know every flag
    compiled: F = njit(**FLAGS, **flags)(function)
    return compiled


def entry(function: F) -> F:
    """Compile on first call; may be called from Python and from kernels."""
    return _compiled(function, fastmath=SUMS_VECTORISE)


def kernel(function: F) -> F:
    """Compile as part of an entry; may be called from compiled code only."""
    return _compiled(function, fastmath=SUMS_VECTORISE, no_cpython_wrapper=True)


def exact(function: F) -> F:
    """As `kernel`, without reassociation: for arithmetic whose rounding is the point."""
    return _compiled(function, fastmath={"contract"}, no_cpython_wrapper=True)


def _wide(typing_context: Any) -> Any:
    """Let the loops of the function that calls this use the widest vectors of the processor.

    LLVM keeps to 256 bits by itself where 512 are to be had; on exp and log the wide ones are twice as fast.
    """

    def widen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite lists enumerated ones only
        return context.get_dummy_value()

    return numba.types.void(), widen


wide: Any = intrinsic(_wide)


@exact
def fill(to: Floats, value: float) -> None:
    """Set every entry; numba compiles this loop many times faster than `to[:] = value`."""
    for i in range(to.size):
        to[i] = value


@exact
def copy(to: Floats, source: Floats) -> None:
    """Copy a vector; numba compiles this loop many times faster than `to[:] = source`."""
    for i in range(to.size):
        to[i] = source[i]
