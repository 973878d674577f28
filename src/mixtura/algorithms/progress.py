"""The progress bar: draws, divergences and time left, on a terminal; elsewhere silence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress_bar(wanted: bool, total: int) -> Iterator[Callable[[int, int], None]]:
    """A function of (draws done, divergences) that moves the bar, or does nothing where nobody would see it."""
    if not (wanted and sys.stderr.isatty()):
        yield lambda done, divergent: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("sampling"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("draws, {task.fields[divergent]} divergent"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("sampling", total=total, divergent=0)
        yield lambda done, divergent: bar.update(task, completed=done, divergent=divergent)
