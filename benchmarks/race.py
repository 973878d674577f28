"""Peers on one problem, alone and in turn, each run a fresh process.

A peer's first run on a problem warms caches and is dropped, unless it sampled for long. A peer begins no further run
once it has spent `longest` seconds on a problem, and is ended at three times that. It is not begun on a size where its
sampling time on the size before, grown with the number of points, is longer.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.column import SIZES
from benchmarks.process import Finished, watched
from benchmarks.shapes import shape_of
from benchmarks.store import Store

PATIENCE = 3  # times `longest`, when a run is ended


class Limits:
    """What a race may cost."""

    def __init__(self, repeats: int, longest: float, resume: bool) -> None:
        self.repeats, self.longest, self.resume = repeats, longest, resume


def race(name: str, peers: list[str], data: Path, limits: Limits, store: Store) -> None:
    """Run the peers on one problem and store what came out."""
    shape, racing, spent = shape_of(name), [], dict.fromkeys(peers, 0.0)
    n = shape.problem(name, data).n
    for peer in (peer for peer in peers if peer in shape.PEERS):
        if limits.resume and (len(store.runs(name, peer)) >= limits.repeats or store.why(name, peer)):
            continue
        store.forget(name, peer)
        if why := hopeless(name, n, peer, limits.longest, store):
            store.miss(name, peer, why)
            print(f"{name} {peer}: {why}")
        else:
            racing.append(peer)
    for seed in range(limits.repeats + 1):
        for peer in list(racing):
            run = measure(peer, name, data, seed, limits.longest)
            print(f"{name} {peer} {seed}: {run}", flush=True)
            spent[peer] += run.pop("cost", 0.0)
            if "why" in run:
                store.miss(name, peer, run["why"])
                racing.remove(peer)
            elif seed or run["seconds"] > limits.longest / 4:
                store.add(name, peer, run)
            if peer in racing and (spent[peer] > limits.longest or len(store.runs(name, peer)) == limits.repeats):
                racing.remove(peer)


def hopeless(name: str, n: int, peer: str, longest: float, store: Store) -> str:
    """Why a peer is not begun on a problem; nothing if it is."""
    here = shape_of(name).PEERS[peer]
    if name in here.not_for:
        return "cannot state this model"
    if n > here.largest:
        return f"not begun beyond {here.largest:,} points"
    smaller = [size for size in SIZES if SIZES[size] < n] if name in SIZES else []
    for size in reversed(smaller):
        if runs := store.runs(size, peer):
            seconds = statistics.median(run["seconds"] for run in runs)
            grown = seconds * n / SIZES[size]
            return f"not begun: {seconds:.0f} s at {SIZES[size]:,} points" if grown > longest else ""
        if store.why(size, peer).startswith("ended"):
            return f"not begun: {store.why(size, peer)} at {SIZES[size]:,} points"
    return ""


def measure(peer: str, name: str, data: Path, seed: int, longest: float) -> dict[str, Any]:
    """One run: wall time and memory of a whole process; sampling seconds from a second one where the peer warms."""
    whole, said = _child(peer, name, data, seed, longest, warm=False)
    if whole.status:
        ended = whole.wall >= PATIENCE * longest
        print(whole.errors[-2000:], file=sys.stderr)
        return {"why": f"ended after {whole.wall:.0f} s" if ended else f"failed: {_last_line(whole.errors)}"}
    run = {"seed": seed, "wall": whole.wall, "cpu": whole.cpu, "resident": whole.resident, "private": whole.private}
    run["cost"] = whole.wall
    if shape_of(name).PEERS[peer].warms:
        warmed, again = _child(peer, name, data, seed, longest, warm=True)
        said, run["cost"] = again or said, whole.wall + warmed.wall
    return run | said


def _child(peer: str, name: str, data: Path, seed: int, longest: float, warm: bool) -> tuple[Finished, dict[str, Any]]:
    """A finished process, and what its run said and is judged by."""
    shape = shape_of(name)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "run.npz")
        command = [sys.executable, "-m", "benchmarks.child", peer, name, str(data), str(seed), str(out)]
        done = watched(command + ["warm"] * warm, PATIENCE * longest)
        if done.status or not out.exists():
            return done, {}
        with np.load(out) as kept:
            run = shape.Run(**kept)
        said = {"seconds": float(run.seconds), **json.loads(str(run.notes))}
        return done, said | shape.judged(shape.problem(name, data), run)


def _last_line(errors: str) -> str:
    lines = errors.strip().splitlines()
    return lines[-1][:100] if lines else "no message"
