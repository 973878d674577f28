"""Many points are read in blocks, which threads that have nothing else to do share out among themselves.

Statistics are those of each block, added in the order of blocks: not one bit depends on how many threads there are.
A chain that has helpers tells them that there is a pass to make by a number that it raises; each helper reads its
blocks and raises a number of its own. Helpers wait in compiled code, without the GIL: a pass takes less time than it
takes to wake a thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.compiled.jit import acquire, entry, kernel, release, step_aside
from mixtura.compiled.rng import Stream
from mixtura.line.kernels import allocate, clear, expect, tile_for
from mixtura.line.records import Params, Stats
from mixtura.reading.data import Points

BLOCK = 1 << 14  # points
SOFT, HARD = 1, 2
PATIENCE = 1000  # looks before a thread that waits lets others have the processor
PASS, KIND, KEY, HELPERS, DONE = range(5)  # rows of `control`; from DONE on one for each helper


class Crew(NamedTuple):
    """What a chain and its helpers share.

    Attributes
    ----------
    control : array of int (4 + helpers, 8)
        The number of the pass, its kind, the key of its random numbers, how many helpers there are, and which pass
        each has done; in the first column, so that each has a cache line of its own.
    blocks : array (b, 3k + 1)
        Statistics of each block.
    """

    control: NDArray[np.int64]
    blocks: Floats


def crew_for(n_components: int, n: int, helpers: int) -> Crew:
    """A crew to read n points; without helpers the chain is on its own."""
    control = np.zeros((DONE + helpers, 8), np.int64)
    control[HELPERS] = helpers
    return Crew(control, np.zeros((-(-n // BLOCK), 3 * n_components + 1)))


@kernel
def expect_block(points: Points, params: Params, tile: Floats, crew: Crew, b: int) -> None:
    """Soft statistics of block b."""
    k, row, first, last = params.means.size, crew.blocks[b], b * BLOCK, (b + 1) * BLOCK
    part = Points(points.x[first:last], points.weights[first:last])
    expect(part, params, tile, Stats(row[:k], row[k : 2 * k], row[2 * k : 3 * k], row[3 * k :]))


@kernel
def allocate_block(points: Points, params: Params, tile: Floats, crew: Crew, b: int, scratch: Stream) -> None:
    """Hard statistics of block b."""
    k, row, first, last = params.means.size, crew.blocks[b], b * BLOCK, (b + 1) * BLOCK
    part = Points(points.x[first:last], points.weights[first:last])
    stats = Stats(row[:k], row[k : 2 * k], row[2 * k : 3 * k], row[3 * k :])
    allocate(part, params, np.uint64(crew.control[KEY, 0]), first, tile, stats, scratch)


@kernel
def call(crew: Crew, kind: int, key: np.int64 | int) -> int:
    """Tell the helpers that there is a pass to make; returns how many there are."""
    crew.control[KIND, 0] = kind
    crew.control[KEY, 0] = key
    release(crew.control, PASS, crew.control[PASS, 0] + 1)
    return int(crew.control[HELPERS, 0])


@kernel
def gather(crew: Crew, stats: Stats) -> None:
    """Wait for the helpers, and add up the blocks."""
    now, k = crew.control[PASS, 0], stats.counts.size
    for helper in range(crew.control[HELPERS, 0]):
        spins = 0
        while acquire(crew.control, DONE + helper) != now:
            spins += 1
            if spins > PATIENCE:
                step_aside()
    clear(stats)
    for b in range(crew.blocks.shape[0]):
        row = crew.blocks[b]
        for j in range(k):
            stats.counts[j] += row[j]
            stats.sums[j] += row[k + j]
            stats.scatter[j] += row[2 * k + j]
        stats.loglik[0] += row[3 * k]


@kernel
def expect_all(points: Points, params: Params, tile: Floats, stats: Stats, crew: Crew) -> None:
    """Soft statistics of all points into `stats`, by whoever is there."""
    if crew.blocks.shape[0] <= 1:
        expect(points, params, tile, stats)
        return
    helpers = call(crew, SOFT, 0)
    for b in range(0, crew.blocks.shape[0], helpers + 1):
        expect_block(points, params, tile, crew, b)
    gather(crew, stats)


@kernel
def allocate_all(
    points: Points, params: Params, key: np.uint64, tile: Floats, stats: Stats, crew: Crew, scratch: Stream
) -> None:
    """Hard statistics of one draw of all allocations into `stats`, by whoever is there; scratch is (1,)."""
    if crew.blocks.shape[0] <= 1:
        allocate(points, params, key, 0, tile, stats, scratch)
        return
    helpers = call(crew, HARD, np.int64(key))
    for b in range(0, crew.blocks.shape[0], helpers + 1):
        allocate_block(points, params, tile, crew, b, scratch)
    gather(crew, stats)


@entry
def assist(points: Points, params: Params, tile: Floats, crew: Crew, scratch: Stream, me: int) -> None:
    """Read the blocks of helper `me`, 0 the first, in pass after pass, until there is to be no other."""
    seen, spins, helpers = 0, 0, crew.control[HELPERS, 0]
    while True:
        now = acquire(crew.control, PASS)
        if now < 0:
            return
        spins += 1
        if now == seen:
            if spins > PATIENCE:
                step_aside()
            continue
        seen, spins = now, 0
        for b in range(me + 1, crew.blocks.shape[0], helpers + 1):
            if crew.control[KIND, 0] == SOFT:
                expect_block(points, params, tile, crew, b)
            else:
                allocate_block(points, params, tile, crew, b, scratch)
        release(crew.control, DONE + me, now)


@contextmanager
def assisted(points: Points, params: Params, crew: Crew) -> Iterator[None]:
    """Helpers at work, for whoever reads `points` at `params` within."""
    helpers, k = int(crew.control[HELPERS, 0]), params.means.size
    if helpers == 0 or len(crew.blocks) <= 1:
        crew.control[HELPERS] = 0
        yield
        return
    crew.control[PASS] = -1
    assist(points, params, tile_for(k), crew, np.zeros(1, np.uint64), 0)  # compiled here, where an error is seen
    crew.control[PASS] = 0
    with ThreadPoolExecutor(helpers) as pool:
        for me in range(helpers):
            pool.submit(assist, points, params, tile_for(k), crew, np.zeros(1, np.uint64), me)
        try:
            yield
        finally:
            crew.control[PASS] = -1
