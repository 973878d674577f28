"""Nanoseconds per point × component of mixtura's `expect` and of the C++ loops, repeats in turn, on one core.

Each is called from compiled code, as the samplers do, so the cost of a call from Python is in none of them.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import numpy as np

from mixtura.line.kernels import empty_stats, expect, tile_for
from mixtura.line.records import Params
from mixtura.reading.data import Points

HERE = Path(__file__).parent
SIZES, COMPONENTS = (10**3, 10**6), (3, 10)
WORK = 3e7  # points × components of one timing
LOOPS = {  # source and flags beyond -O3 -march=native
    "plain C++": ("plain.cpp", ()),
    "tiled C++": ("tiles.cpp", ("-ffast-math",)),
    "tiled C++, 512-bit": ("tiles.cpp", ("-ffast-math", "-mprefer-vector-width=512")),
}
Pass = Callable[[Points, Params, int], np.ndarray]  # some passes over the points; the last one's statistics


@numba.njit
def _expects(points, params, tile, stats, times):  # type: ignore[no-untyped-def]
    for _ in range(times):
        expect(points, params, tile, stats)


def ours(points: Points, params: Params, times: int) -> np.ndarray:
    """mixtura's passes."""
    k = params.means.size
    stats = empty_stats(k)
    _expects(points, params, tile_for(k), stats, times)
    return np.concatenate(stats)


def built(source: str, flags: tuple[str, ...], folder: str) -> Pass | None:
    """A C++ loop, compiled into `folder`; None without a compiler, or one that does not know the flags."""
    compiler = next(filter(None, map(shutil.which, ("g++", "clang++", "c++"))), None)
    if compiler is None:
        return None
    path = Path(folder, f"{source}{len(flags)}.so")
    object_file = path.with_suffix(".o")
    # linked apart: with -ffast-math at link time denormals would be flushed in the whole process
    command = [compiler, "-O3", "-march=native", "-fPIC", *flags, "-c", str(HERE / source), "-o", str(object_file)]
    for step in (command, [compiler, "-shared", str(object_file), "-o", str(path)]):
        if subprocess.run(step, capture_output=True, check=False).returncode:
            return None
    passes = ctypes.CDLL(str(path)).passes

    def run(points: Points, params: Params, times: int) -> np.ndarray:
        k = params.means.size
        stats = empty_stats(k)
        arrays = [*points, *params[:3], *stats]
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
        counts = (ctypes.c_long(points.x.size), ctypes.c_long(k))
        passes(*pointers[:2], *counts, *pointers[2:], ctypes.c_long(times))
        return np.concatenate(stats)

    return run


def case(n: int, k: int) -> tuple[Points, Params]:
    """Points, each counted once, and parameters near those that made them."""
    rng = np.random.default_rng(n + k)
    means, scales = np.linspace(-5, 5, k), rng.uniform(0.5, 1.5, k)
    which = rng.integers(0, k, n)
    x = rng.normal(means[which], scales[which])
    params = Params(np.full(k, 1 / k), means + 0.1, scales, np.full(1, np.nan))
    return Points(x, np.ones(n)), params


def kernel_speed(repeats: int) -> dict[str, Any]:
    """Compiler, and for each case the nanoseconds of every repeat of every loop."""
    with tempfile.TemporaryDirectory() as folder:
        loops: dict[str, Pass] = {"mixtura": ours}
        loops |= {name: loop for name, how in LOOPS.items() if (loop := built(*how, folder))}
        cases = []
        for n in SIZES:
            for k in COMPONENTS:
                points, params = case(n, k)
                answers = [loop(points, params, 1) for loop in loops.values()]
                for answer in answers:
                    np.testing.assert_allclose(answer, answers[0], rtol=1e-9)
                nanoseconds: dict[str, list[float]] = {name: [] for name in loops}
                times = max(1, int(WORK / (n * k)))
                for _ in range(repeats):
                    for name, loop in loops.items():
                        began = time.perf_counter_ns()
                        loop(points, params, times)
                        nanoseconds[name].append((time.perf_counter_ns() - began) / (n * k * times))
                cases.append({"n": n, "k": k, "ns": nanoseconds})
    return {"compiler": _compiler(), "cases": cases}


def _compiler() -> str:
    compiler = next(filter(None, map(shutil.which, ("g++", "clang++", "c++"))), None)
    if compiler is None:
        return "no C++ compiler found"
    return subprocess.run([compiler, "--version"], capture_output=True, text=True, check=False).stdout.splitlines()[0]
