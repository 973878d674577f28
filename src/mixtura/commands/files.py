"""Files that commands read and write."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

Saved = Annotated[Path, typer.Argument(metavar="FIT.nc", help="A fit saved with --out or fit.save.")]


def check_writable(path: Path) -> None:
    """Fail before the work, not after it."""
    if path.is_dir():
        raise ValueError(f"cannot write {path}: it is a folder; give a file such as {path / 'fit.nc'}")
    if not path.parent.is_dir():
        raise ValueError(f"cannot write {path}: there is no folder {path.parent}")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise ValueError(f"cannot write {path}: permission denied")
