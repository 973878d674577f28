"""The only loop: chains side by side, in blocks of draws, with progress, interrupt and a seed that fixes every bit."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from mixtura.algorithms import gibbs, hmc, metropolis, nuts
from mixtura.algorithms.modes import Peak, find_peaks, is_round
from mixtura.algorithms.progress import progress_bar
from mixtura.algorithms.record import Draws, room_for
from mixtura.algorithms.view import CLOSE_ENOUGH, about, certificate, compressed, focused, sharpened, whole, witnesses
from mixtura.chunks import cores
from mixtura.compress import pays
from mixtura.data import Points, name_of, points
from mixtura.engines.crew import assisted
from mixtura.fit import Fit
from mixtura.model import GaussianMixture
from mixtura.params import Floats, Params
from mixtura.posterior.store import record_of
from mixtura.propriety import fits_exactly, repeats
from mixtura.rng import Stream, streams
from mixtura.sources import opened
from mixtura.target import MEANS, RATE, SCALES, SIZE, Target, can_trade, logdensity, target_of, work_for
from mixtura.units import Units

METHODS: dict[str, ModuleType] = {method.NAME: method for method in (nuts, hmc, gibbs, metropolis)}
SUMMED_OUT = ("auto", nuts.NAME, hmc.NAME)  # algorithms that allocate nothing, and so take points of any weight
BLOCK_SECONDS = 0.1  # how long compiled code keeps to itself before it looks up


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to sample; checked once, here."""

    draws: int
    warmup: int
    chains: int
    algorithm: str
    seed: int | None
    progress: bool
    compress: bool | None

    def __post_init__(self) -> None:
        for name, least in (("draws", 1), ("warmup", 0), ("chains", 1)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
                raise TypeError(f"{name} is a whole number of at least {least}; got {value!r}")
            if value < least:
                raise ValueError(f"{name} is a whole number of at least {least}; got {value}")
        if self.algorithm not in ("auto", *METHODS):
            raise ValueError(f"algorithm is one of auto, {', '.join(METHODS)}; got {self.algorithm!r}")
        seed = self.seed
        if seed is not None and (isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0):
            raise ValueError(f"seed is a whole number of at least 0, or None; got {seed!r}")

        if self.compress not in (None, True, False):
            raise ValueError(f"compress is True, False, or None to decide by size; got {self.compress!r}")
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

    def method(self, target: Target, peaks: list[Peak], rng: np.random.Generator) -> ModuleType:
        """The algorithm's file."""
        if self.algorithm == "auto":
            return hmc if is_round(target, peaks, rng) else nuts
        return METHODS[self.algorithm]


class Task(NamedTuple):
    """One chain's work: what compiled code is handed, block after block."""

    target: Target
    chain: Any
    work: Any
    stream: Stream
    draws: Draws


class Tally:
    """What the threads share: draws done and length of the next block per chain, whose turn it is, whether to stop."""

    def __init__(self, chains: int) -> None:
        self.done = [0] * chains
        self.block = [16] * chains
        self.turns: SimpleQueue[int] = SimpleQueue()
        for index in range(chains):
            self.turns.put(index)
        self.stop = threading.Event()


def sample(model: GaussianMixture, x: Any, weights: Any, options: Options) -> Fit:
    """Draw from the posterior; see `GaussianMixture.sample`."""
    x, weights = opened(x), opened(weights)
    data = points(x, weights, n_components=model.n_components)
    if options.allocates:
        _check_whole(data, options.algorithm)
    began = time.perf_counter()
    units = Units.of(data.x)
    full = model.with_defaults(data.x)
    standard = full.in_units(*units)
    _check_sound(full, data)
    view = compressed(data, units) if options.compresses(data.x.size) else whole(data, units)
    target = target_of(standard, view.points)
    if target.at[SIZE] == 0:
        raise ValueError("nothing to sample: every block of this model is Fixed")
    entropy = np.random.SeedSequence(options.seed).entropy
    assert isinstance(entropy, int)
    rng = np.random.default_rng(entropy)
    peaks = find_peaks(standard, target, rng, data)
    view = focused(view, about(target, peaks, rng))
    method = options.method(target, peaks, rng)
    positions = list(starting_positions(target, peaks, options.chains, rng))
    swaps = not model.exchangeable and can_trade(target)
    started, looks = time.perf_counter(), 0
    while True:
        read = target._replace(points=view.points)
        tasks = [
            Task(
                read,
                method.start(target, position, peak.covariance, swaps),
                work_for(read, max(cores() // options.chains - 1, 0)),
                stream,
                room_for(options.draws, model.n_components, len(method.INFO)),
            )
            for (position, peak), stream in zip(positions, streams(entropy, options.chains), strict=True)
        ]
        kept = run(tasks, method, options)
        seen = witnesses([task.draws.params for task in tasks], kept)
        apart, looks = certificate(view, seen), looks + 1
        if apart <= CLOSE_ENOUGH or kept < options.draws:
            break
        view = sharpened(view, seen, looks)
    attributes = {
        "name": name_of(x),
        "algorithm": method.NAME,
        "seed": str(entropy),
        "tuning_steps": options.warmup,
        "nodes": view.points.x.size,
        "certificate": apart,
        "sampling_time": time.perf_counter() - started,
        "start_time": started - began,
        "interrupted": int(kept < options.draws),
    }
    draws = collect([task.draws for task in tasks], kept, units, lp_offset(full, target, data, units))
    stats = {"lp": draws.lp, "occupied": draws.occupied}
    stats |= {name: draws.info[..., column] for column, name in enumerate(method.INFO)}
    return Fit(record_of(full, data, draws.params, stats, attributes))


def _check_sound(model: GaussianMixture, data: Points) -> None:
    if fits_exactly(model, data):
        raise ValueError(
            f"x holds only {repeats(data).size} distinct values, repeated: {model.n_components} components would fit "
            "them exactly with scales of 0. Use fewer components, or variances=InverseGamma(alpha, beta), beta a number"
        )


def _check_whole(data: Points, algorithm: str) -> None:
    """Where allocations are sampled a weight is a number of equal points."""
    broken = np.flatnonzero(data.weights != np.round(data.weights))
    if broken.size:
        raise ValueError(
            f"algorithm={algorithm!r} allocates points one by one and needs whole-number weights; weights[{broken[0]}] "
            f"is {data.weights[broken[0]]:g}. Use algorithm='nuts', which takes any positive weights"
        )


def starting_positions(
    target: Target, peaks: list[Peak], chains: int, rng: np.random.Generator
) -> Iterator[tuple[Floats, Peak]]:
    """A position for each chain: modes in proportion to their Laplace mass, spread by their Laplace covariance."""
    mass = np.exp(np.array([peak.log_mass for peak in peaks]) - max(peak.log_mass for peak in peaks))
    shares = np.cumsum(mass / mass.sum())
    slots = (np.arange(chains) + rng.random()) / chains
    work, grad = work_for(target), np.empty(target.at[SIZE])
    for index in np.minimum(np.searchsorted(shares, slots), len(peaks) - 1):
        peak = peaks[index]
        step = np.linalg.cholesky(peak.covariance) @ rng.standard_normal(peak.q.size)
        while logdensity(target, peak.q + step, grad, work) < peak.logdensity - 3.0 * peak.q.size - 10.0:
            step = step / 2.0
        yield peak.q + step, peak


def run(tasks: list[Task], method: ModuleType, options: Options) -> int:
    """Run all chains to the end or to an interrupt; returns how many kept draws every chain has."""
    total = options.warmup + options.draws
    tally = Tally(len(tasks))
    workers = min(len(tasks), cores())
    with (
        ExitStack() as crews,
        ThreadPoolExecutor(workers) as pool,
        progress_bar(options.progress, total * len(tasks)) as show,
    ):
        for task in tasks:
            crews.enter_context(assisted(task.target.points, task.work.params, task.work.crew))
        jobs = [pool.submit(take_turns, method, options, tasks, tally) for _ in range(workers)]
        try:
            watch(jobs, lambda: show(sum(tally.done), divergences(tasks, method, options.warmup, tally)))
        except KeyboardInterrupt:
            tally.stop.set()
            wait(jobs)
    kept = min(tally.done) - options.warmup
    if tally.stop.is_set() and kept < 4:
        raise KeyboardInterrupt("interrupted before every chain had 4 draws after warm-up: nothing to return")
    return kept


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
        if (elapsed := time.perf_counter() - clock) < BLOCK_SECONDS:
            tally.block[index] *= max(2, min(64, int(BLOCK_SECONDS / 4 / max(elapsed, 1e-9))))
        tally.done[index] = last
        if last < total:
            tally.turns.put(index)


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
    if "diverging" not in method.INFO:
        return 0
    column = method.INFO.index("diverging")
    kept = [max(done - warmup, 0) for done in tally.done]
    return int(sum(task.draws.info[:n, column].sum() for task, n in zip(tasks, kept, strict=True)))


def lp_offset(model: GaussianMixture, target: Target, data: Points, units: Units) -> float:
    """What the log density of the declared parameters gains by going back to the user's units."""
    k, g = model.n_components, model.n_scales
    powers = data.weights.sum()
    powers += k * (target.at[MEANS] >= 0) + 2 * (target.at[RATE] >= 0)
    powers += g * (target.at[SCALES] >= 0) * (2 if model.variances is not None else 1)
    return float(-powers * np.log(units.scale))


def collect(chains: list[Draws], kept: int, units: Units, offset: float) -> Draws:
    """All chains' kept draws, (c, s, ...), in the user's units."""
    stacked = Params(*(np.stack(blocks) for blocks in zip(*(c.params for c in chains), strict=True)))
    params = units.params_back(Params(*(block[:, :kept] for block in stacked)))
    lp, occupied, info = (np.stack([getattr(c, name)[:kept] for c in chains]) for name in ("lp", "occupied", "info"))
    return Draws(params, lp + offset, occupied, info)
