"""Ctrl-C: draws that were kept are written, and otherwise the command leaves within seconds, whatever it is doing.

Python tells its main thread of a signal only between two of its own steps, and making machine code has long ones. So
another thread listens too: it gives the main thread a moment to hear, then ends the process. An exception is raised
only where chains run, whose loop catches it: elsewhere it may be lost (llvmlite's destructors lost it, and a command
went on for 50 s). Between the last draw and the file that keeps them an interrupt waits for that file. A second Ctrl-C
ends the process in any case.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections import Counter
from contextlib import suppress
from threading import Event, Thread
from typing import Any, NoReturn

from mixtura.outputs import abandon, finished

STATUS = 130  # 128 + the signal's number, as shells have it
PATIENCE = 1.0  # seconds
MANY = 4  # files of one folder, from which on they are counted
_heard, _late = Event(), Event()
_to_save = Event()  # set until draws that shall be saved are


def listen() -> None:
    """From here on Ctrl-C ends this process; to be called by the main thread of one that is the command's own."""
    near, far = socket.socketpair()
    far.setblocking(False)
    signal.signal(signal.SIGINT, _hear)
    signal.set_wakeup_fd(far.fileno(), warn_on_full_buffer=False)
    Thread(target=_wait, args=(near, far), daemon=True).start()


def leave() -> NoReturn:
    """End the process, now, and say what it leaves."""
    abandon()
    with suppress(OSError):
        os.write(2, f"mixtura: {told()}\n".encode())
    os._exit(STATUS)


def save_first() -> None:
    """From the last draw on an interrupt waits until `saved` is called."""
    _to_save.set()


def saved() -> None:
    """The draws are in their file: an interrupt that came late ends the process now."""
    _to_save.clear()
    if _late.is_set():
        leave()


def told() -> str:
    """What an interrupted command has to say: which files it has written."""
    if not finished:
        return "interrupted; nothing was saved"
    files = list(dict.fromkeys(finished))
    beside = Counter(file.parent for file in files)
    names = [f"{n} files in {file.parent}" if (n := beside[file.parent]) >= MANY else str(file) for file in files]
    return f"interrupted; saved {', '.join(dict.fromkeys(names))}"


def _hear(*_: Any) -> None:
    _heard.set()
    loop = sys.modules.get("mixtura.algorithms.run")
    if loop is not None and loop.under_way.is_set():
        raise KeyboardInterrupt
    if not _waits():
        leave()
    _late.set()


def _waits() -> bool:
    """Whether there are draws that were not saved yet and shall be."""
    loop = sys.modules.get("mixtura.algorithms.run")
    return _to_save.is_set() and loop is not None and loop.drawn.is_set()


def _wait(near: socket.socket, far: socket.socket) -> None:
    """Until an interrupt that the main thread does not hear, or the second one; `far` stays open meanwhile."""
    times = 0
    while number := near.recv(1):
        times += number[0] == signal.SIGINT
        if times > 1 or (times and not _heard.wait(PATIENCE) and not _waits()):
            leave()
    far.close()
