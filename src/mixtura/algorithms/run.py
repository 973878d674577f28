"""The only loop: chains side by side, in blocks of draws, with progress, interrupt and a seed that fixes every bit."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from mixtura.algorithms import hmc, nuts
from mixtura.algorithms.line import gibbs, metropolis
from mixtura.algorithms.progress import progress_bar
from mixtura.arguments import one_of, shown, whole
from mixtura.compiled.rng import Stream
from mixtura.line.compress import pays
from mixtura.line.propriety import KEEPS_WIDE
from mixtura.posterior.diagnose import RARE
from mixtura.reading.chunks import cores
from mixtura.reading.sources import MISSING
from mixtura.seeds import Seed, checked

METHODS: dict[str, ModuleType] = {method.NAME: method for method in (nuts, hmc, gibbs, metropolis)}
SUMMED_OUT = ("auto", nuts.NAME, hmc.NAME)  # algorithms that allocate nothing, and so take points of any weight
FEW = 0.02  # of transitions
BEYOND = 1e150  # in units of the data: such numbers have no square, and NaN is not below it
BLOCK_SECONDS = 0.1  # how long compiled code keeps to itself before it looks up
under_way = threading.Event()  # set while an interrupt ends chains and keeps their draws
drawn = threading.Event()  # set once the last run has all of its draws, or those that an interrupt left


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to sample; checked once, here."""

    draws: int
    warmup: int
    chains: int
    algorithm: str
    seed: Seed
    progress: bool
    compress: bool | None
    missing: str = "refuse"
    start: Any = None

    def __post_init__(self) -> None:
        for name, least in (("draws", 1), ("warmup", 0), ("chains", 1)):
            object.__setattr__(self, name, whole(getattr(self, name), name, least))
        one_of(self.algorithm, ("auto", *METHODS), "algorithm")
        checked(self.seed)
        if not isinstance(self.compress, bool | None):
            raise ValueError(f"compress is True, False, or None to decide by size; got {shown(self.compress)}")
        one_of(self.missing, MISSING, "missing")
        if self.compress and self.allocates:
            raise ValueError(
                f"algorithm={self.algorithm!r} allocates points one by one; compressed ones are for algorithm='nuts'"
            )

    @property
    def allocates(self) -> bool:
        """Whether every point is given to a component in every draw."""
        return self.algorithm not in SUMMED_OUT

    def compresses(self, n: int) -> bool:
        """Whether draws read nodes instead of n points."""
        return not self.allocates and (pays(n) if self.compress is None else self.compress)


class Task(NamedTuple):
    """One chain's work: what compiled code is handed, block after block, and who helps it meanwhile."""

    target: Any
    chain: Any
    work: Any
    stream: Stream
    draws: Any
    help: Callable[[], AbstractContextManager[None]] = nullcontext


class Tally:
    """What the threads share: draws done and length of the next block per chain, whose turn it is, whether to stop."""

    def __init__(self, chains: int) -> None:
        self.done = [0] * chains
        self.block = [16] * chains
        self.turns: SimpleQueue[int] = SimpleQueue()
        for index in range(chains):
            self.turns.put(index)
        self.stop = threading.Event()


def run(tasks: list[Task], method: ModuleType, options: Options) -> int:
    """Run all chains to the end or to an interrupt; returns how many kept draws every chain has."""
    total = options.warmup + options.draws
    tally = Tally(len(tasks))
    drawn.clear()
    workers = min(len(tasks), cores())
    with (
        ExitStack() as crews,
        ThreadPoolExecutor(workers) as pool,
        progress_bar(options.progress, total * len(tasks)) as show,
    ):
        compile_here(method, tasks[0], options.warmup)
        for task in tasks:
            crews.enter_context(task.help())
        jobs = [pool.submit(take_turns, method, options, tasks, tally) for _ in range(workers)]
        try:
            under_way.set()
            watch(jobs, lambda: show(sum(tally.done), divergences(tasks, method, options.warmup, tally)))
            drawn.set()
        except KeyboardInterrupt:
            tally.stop.set()
            wait(jobs)
            drawn.set()
        finally:
            under_way.clear()
    kept = min(tally.done) - options.warmup
    if tally.stop.is_set() and kept < 4:
        raise KeyboardInterrupt("interrupted before every chain had 4 draws after warm-up: nothing to return")
    return kept


def compile_here(method: ModuleType, task: Task, warmup: int) -> None:
    """Make machine code before threads start, by no draws at all: only the main thread hears Ctrl-C."""
    method.advance(task.target, task.chain, task.work, task.stream, 1, 1, warmup, task.draws)


def take_turns(method: ModuleType, options: Options, tasks: list[Task], tally: Tally) -> None:
    """Advance whichever chain waits longest by one block, until none waits: an interrupt finds all about as far.

    A block's length follows the clock; the draws do not depend on where blocks end.
    """
    total = options.warmup + options.draws
    while not tally.stop.is_set():
        try:
            index = tally.turns.get_nowait()
        except Empty:
            return
        task, first = tasks[index], tally.done[index]
        last = min(first + tally.block[index], total)
        clock = time.perf_counter()
        method.advance(task.target, task.chain, task.work, task.stream, first, last, options.warmup, task.draws)
        _check_finite(task.draws, index, max(first - options.warmup, 0), last - options.warmup)
        if (elapsed := time.perf_counter() - clock) < BLOCK_SECONDS:
            tally.block[index] *= max(2, min(64, int(BLOCK_SECONDS / 4 / max(elapsed, 1e-9))))
        tally.done[index] = last
        if last < total:
            tally.turns.put(index)


def _check_finite(draws: Any, chain: int, first: int, last: int) -> None:
    """Kept draws first .. last-1 of a chain hold finite numbers only, or an error that says where they do not."""
    for block in (*draws.params[:3], draws[1]):  # the rate is nan where there is none; then comes a log density
        fine = np.abs(block[first : max(last, first)]) < BEYOND
        fine = fine.all(axis=tuple(range(1, fine.ndim)))
        if not fine.all():
            raise ValueError(
                f"chain {chain} met a density that is not finite at draw {first + int(np.argmin(fine))}: a component "
                f"shrinks onto a few points without end, which its priors allow. {KEEPS_WIDE}"
            )


def watch(jobs: list[Future[None]], report: Any) -> None:
    """Wait for the chains, reporting a few times a second; an error in one is raised here."""
    waiting = set(jobs)
    while waiting:
        finished, waiting = wait(waiting, timeout=0.1)
        report()
        for job in finished:
            job.result()


def divergences(tasks: list[Task], method: ModuleType, warmup: int, tally: Tally) -> int:
    """Divergent transitions kept so far."""
    kept = (max(done - warmup, 0) for done in tally.done)
    return sum(diverged([task], method, n) for task, n in zip(tasks, kept, strict=True))


def bent(tasks: list[Task], method: ModuleType, kept: int, least: float = RARE / 2) -> bool:
    """Whether transitions diverged as often as where a posterior is bent, which shorter steps mend.

    By default from half of what is warned of, to FEW: where more do, places are at odds that no step suits, and shorter
    ones would take minutes to say so. Never where an interrupt cut draws short: whoever gave it wants no other run.
    """
    share = diverged(tasks, method, kept) / max(kept * len(tasks), 1)
    return least < share <= FEW and kept == len(tasks[0].draws.info)


def diverged(tasks: list[Task], method: ModuleType, kept: int) -> int:
    """How many of the first kept transitions of each chain diverged."""
    if "diverging" not in method.INFO:
        return 0
    column = method.INFO.index("diverging")
    return int(sum(task.draws.info[:kept, column].sum() for task in tasks))
