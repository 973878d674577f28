"""Whole processes: `mixtura fit FILE.csv -k 3` beside NumPyro's, from start to end, in turn, everything warm."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.column import problem
from benchmarks.process import watched
from benchmarks.race import PATIENCE, Limits
from benchmarks.store import Store

RIVAL = "numpyro"
NAMES = ("book", "gallery")


def whole_processes(peers: list[str], data: Path, limits: Limits, store: Store) -> None:
    """Time both on the small problems, then the command's first-ever run, with nothing cached."""
    with tempfile.TemporaryDirectory() as folder:
        for name in NAMES:
            section, file = f"command {name}", Path(folder, f"{name}.csv")
            np.savetxt(file, problem(name, data).x, header="x", comments="", fmt="%.17g")
            if limits.resume and len(store.runs(section, "mixtura")) >= limits.repeats:
                continue
            commands = {"mixtura": [sys.executable, "-m", "mixtura", "fit", str(file), "-k", "3", "--seed"]}
            if RIVAL in peers:
                draws = str(Path(folder, "draws.npz"))
                commands[RIVAL] = [sys.executable, "-m", "benchmarks.child", RIVAL, name, str(data), "SEED", draws]
            for peer in commands:
                store.forget(section, peer)
            for seed in range(limits.repeats + 1):
                for peer, command in commands.items():
                    numbered = [str(seed) if word == "SEED" else word for word in command]
                    numbered += [str(seed)] if peer == "mixtura" else []
                    _time(section, peer, numbered, limits, store, keep=seed > 0)
        section = "command first ever"
        store.forget(section, "mixtura")
        fit = [sys.executable, "-m", "mixtura", "fit", str(file), "-k", "3", "--seed", "1"]
        _time(section, "mixtura", fit, limits, store, keep=True, NUMBA_CACHE_DIR=str(Path(folder, "empty")))


def _time(section: str, peer: str, command: list[str], limits: Limits, store: Store, keep: bool, **environment: str):
    done = watched(command, PATIENCE * limits.longest, **environment)
    print(section, peer, f"{done.wall:.2f} s", flush=True)
    if done.status:
        print(done.errors[-2000:], file=sys.stderr)
        store.miss(section, peer, f"failed: {done.errors.strip().splitlines()[-1][:100]}")
    elif keep:
        store.add(section, peer, {"wall": done.wall, "resident": done.resident, "private": done.private})
