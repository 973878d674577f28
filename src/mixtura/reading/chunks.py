"""Long data are read in chunks, on all cores: fixed chunks, answers in order, so the bits never depend on the cores."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from mixtura.reading.data import Points

T = TypeVar("T")
CHUNK = 1 << 17  # points: a megabyte, which stays in a core's cache


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def over_chunks(read: Callable[[Points], T], points: Points, size: int = CHUNK) -> Iterator[T]:
    """What `read` says of each chunk of points, in order; it gets arrays of its own and runs on all cores.

    Examples
    --------
    >>> from mixtura.reading.data import points
    >>> [part for part in over_chunks(lambda chunk: float(chunk.x.sum()), points([1, 2, 4]), size=2)]
    [3.0, 4.0]
    """
    starts = range(0, len(points.x), size)
    if len(starts) == 1:
        yield _read_part(read, points, 0, size)
        return
    workers = cores()
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[Future[T]] = deque()
        for start in starts:
            waiting.append(pool.submit(_read_part, read, points, start, start + size))
            if len(waiting) > 2 * workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _read_part(read: Callable[[Points], T], points: Points, first: int, last: int) -> T:
    """Rows first .. last-1 as writable arrays in one piece, as compiled code wants them, read."""
    return read(Points(np.array(points.x[first:last], float), np.array(points.weights[first:last], float)))
