"""Files that commands read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from mixtura.outputs import check_folder, check_writable

Saved = Annotated[Path, typer.Argument(metavar="FIT.nc", help="A fit saved with --out or fit.save.")]


def check_outputs(outputs: Iterable[Path | None], inputs: Iterable[str | Path], folder: Path | None = None) -> None:
    """Fail before the work: each file can be written, and is neither another one nor one that is read.

    So can files in the folder, which may have to be made.
    """
    if folder is not None:
        check_folder(folder)
    taken = {os.path.realpath(path): path for path in inputs}
    for path in outputs:
        if path is None:
            continue
        check_writable(path)
        if (place := os.path.realpath(path)) in taken:
            raise ValueError(f"cannot write {path}: it is {taken[place]}, which this command reads or writes already")
        taken[place] = path
