"""A fresh process, watched from outside: its wall time, and the memory of the largest process among its descendants."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
EVERY = 0.02  # seconds between looks at memory


class Finished(NamedTuple):
    """A process that ended; megabytes are nan where there is no /proc."""

    wall: float
    cpu: float  # seconds on all cores: what of a run a busy machine leaves as it is
    resident: float  # peak, in MB, mapped files included
    private: float  # peak, in MB, mapped files left out
    status: int
    errors: str


def watched(command: list[str], limit: float, **environment: str) -> Finished:
    """Run a command from the checkout's root, at most `limit` seconds; its own output is dropped."""
    with tempfile.TemporaryFile() as log:
        began, used = time.perf_counter(), _cpu_of_children()
        process = subprocess.Popen(
            command,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=ROOT,
            env=os.environ | environment,
            start_new_session=True,
        )
        ended, peaks = threading.Event(), {"VmHWM": 0, "private": 0}
        watcher = threading.Thread(target=_watch, args=(process.pid, ended, peaks))
        stopper = threading.Timer(limit, os.killpg, (process.pid, signal.SIGKILL))
        watcher.start()
        stopper.start()
        status = process.wait()
        wall, cpu = time.perf_counter() - began, _cpu_of_children() - used
        stopper.cancel()
        ended.set()
        watcher.join()
        log.seek(0)
        errors = log.read().decode(errors="replace")
    resident, private = (kilobytes / 1000 if kilobytes else float("nan") for kilobytes in peaks.values())
    return Finished(wall, cpu, resident, private, status, errors)


def _cpu_of_children() -> float:
    """Seconds used by processes that came from this one and are gone."""
    spent = os.times()
    return spent.children_user + spent.children_system


def _watch(pid: int, ended: threading.Event, peaks: dict[str, int]) -> None:
    """Keep the largest figures seen until the process ends."""
    while not ended.wait(EVERY):
        for each in _tree(pid):
            seen = _status(each)
            peaks["VmHWM"] = max(peaks["VmHWM"], seen.get("VmHWM", 0))
            peaks["private"] = max(peaks["private"], seen.get("RssAnon", 0) + seen.get("RssShmem", 0))


def _tree(pid: int) -> Iterator[int]:
    """A process and all that came from it."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found = children.read_text().split()
        except OSError:
            continue
        for child in found:
            yield from _tree(int(child))


def _status(pid: int) -> dict[str, int]:
    """Sizes in kB of a process that may be gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    return {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
