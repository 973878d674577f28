"""Every compile flag, in one place.

Code is kept on disk, so only the first-ever run compiles; the GIL is released, so chains run side by side in threads;
numpy's error model divides without a branch; and there is no runtime for memory, so a kernel cannot allocate. Fast-math
is limited to what lets sums vectorise: NaN and infinity keep their meaning. Only an `entry` can be called from Python:
wrappers for it cost a third of the compile time, so what is called from kernels alone goes without.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import numba
from numba.extending import intrinsic

from mixtura.arrays import Floats
from mixtura.compiled.linking import EntryCompiler, KernelCompiler

F = TypeVar("F", bound=Callable[..., object])
FLAGS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
SUMS_VECTORISE = {"reassoc", "contract", "nsz"}
KERNEL: dict[str, Any] = {"no_cpython_wrapper": True, "pipeline_class": KernelCompiler}


def _compiled(function: F, **flags: Any) -> F:
    njit: Any = numba.njit  # its type stubs do not know every flag
    try:
        compiled: F = njit(**FLAGS, **flags)(function)
    except RuntimeError as error:
        if "no locator available" not in str(error):
            raise
        _say_nothing_is_kept()
        compiled = njit(**FLAGS | {"cache": False}, **flags)(function)
    return compiled


@cache
def _say_nothing_is_kept() -> None:
    """One line where neither the package's directory nor the user's can be written, as in containers."""
    warnings.warn(
        "mixtura's compiled code cannot be kept, so that every run compiles anew (up to a minute): set NUMBA_CACHE_DIR "
        "to a directory that can be written to",
        RuntimeWarning,
        stacklevel=2,
    )


def entry(function: F) -> F:
    """Compile on first call; may be called from Python and from kernels."""
    return _compiled(function, fastmath=SUMS_VECTORISE, pipeline_class=EntryCompiler)


def kernel(function: F) -> F:
    """Compile as part of an entry; may be called from compiled code only."""
    return _compiled(function, fastmath=SUMS_VECTORISE, **KERNEL)


def exact(function: F) -> F:
    """As `kernel`, without reassociation: for arithmetic whose rounding is the point."""
    return _compiled(function, fastmath={"contract"}, **KERNEL)


def _wide(typing_context: Any) -> Any:
    """Let the loops of the function that calls this use the widest vectors of the processor.

    LLVM keeps to 256 bits by itself where 512 are to be had; on exp and log the wide ones are twice as fast.
    """

    def widen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite lists enumerated ones only
        return context.get_dummy_value()

    return numba.types.void(), widen


wide: Any = intrinsic(_wide)


def _acquire(typing_context: Any, numbers: Any, row: Any) -> Any:
    """The first number of a row of an array, read before whatever comes after."""

    def read(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _first_of_row(context, builder, signature, arguments)
        return builder.load_atomic(address, ordering="acquire", align=8)

    return numba.types.int64(numbers, numba.types.intp), read


def _release(typing_context: Any, numbers: Any, row: Any, number: Any) -> Any:
    """Write the first number of a row of an array, after whatever comes before."""

    def write(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        address = _first_of_row(context, builder, signature, arguments)
        builder.store_atomic(arguments[2], address, ordering="release", align=8)
        return context.get_dummy_value()

    return numba.types.void(numbers, numba.types.intp, numba.types.int64), write


def _first_of_row(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Where row arguments[1] of the array arguments[0] begins."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    columns = builder.extract_value(array.shape, 1)
    return builder.gep(array.data, [builder.mul(arguments[1], columns)])


acquire: Any = intrinsic(_acquire)
release: Any = intrinsic(_release)


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


def _nothing() -> None:
    pass


# lets another thread have the processor, where the system knows how
step_aside: Any = (
    numba.types.ExternalFunction("sched_yield", numba.types.int32()) if hasattr(os, "sched_yield") else kernel(_nothing)
)
