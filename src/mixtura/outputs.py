"""A file that is written appears whole or not at all: it grows beside its place and is renamed into it."""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

BLOCK = 1 << 20  # bytes written at a time
SUFFIX = 16  # characters of a suffix, by which some writers tell what to write, that the growing file keeps

_growing: set[Path] = set()
finished: list[Path] = []  # what this process has written, for who ends it to say


def check_writable(path: str | PathLike[str]) -> None:
    """Raise an OSError unless a file can be put at `path`: fail before the work, not after it.

    What is there may be replaced if it is an ordinary file, not a folder, a device or a pipe.

    Examples
    --------
    >>> check_writable("no/such/folder/fit.nc")
    Traceback (most recent call last):
    OSError: cannot write no/such/folder/fit.nc: there is no folder no/such/folder
    """
    try:
        if fault := _fault(Path(path), Path(os.path.realpath(path))):
            raise OSError(f"cannot write {path}: {fault}")
    except ValueError as error:  # a null character
        raise OSError(f"cannot write {str(path)!r}: {error}") from None


def check_folder(path: str | PathLike[str]) -> None:
    """Raise an OSError unless files can be put into a folder at `path`, which may have to be made.

    Examples
    --------
    >>> check_folder("/dev/null/figures")
    Traceback (most recent call last):
    OSError: cannot write to /dev/null/figures: /dev/null is no folder
    """
    try:
        place = Path(os.path.realpath(path))
        while not place.exists():
            place = place.parent
    except (OSError, ValueError) as error:  # a name that is too long, a null character
        raise OSError(f"cannot write to {str(path)!r}: {getattr(error, 'strerror', None) or error}") from None
    if not place.is_dir():
        raise OSError(f"cannot write to {path}: {place} is no folder")
    if not os.access(place, os.W_OK | os.X_OK):
        raise OSError(f"cannot write to {path}: permission denied")


def _fault(path: Path, place: Path) -> str:
    """Why no file can be put at `place`, which is where `path` leads; empty if one can."""
    try:
        mode = place.stat().st_mode
    except FileNotFoundError:
        mode = None
    except OSError as error:  # such as a name that is too long
        return str(error.strerror)
    if mode is not None and stat.S_ISDIR(mode):
        return f"it is a folder; give a file such as {path / 'fit.nc'}"
    if mode is not None and not stat.S_ISREG(mode):
        return "it is a device or a pipe; give an ordinary file"
    if not place.parent.is_dir():
        return f"there is no folder {path.parent}"
    allowed = os.access(place.parent, os.W_OK) and (mode is None or os.access(place, os.W_OK))
    return "" if allowed else "permission denied"


@contextmanager
def whole(path: str | PathLike[str]) -> Iterator[Path]:
    """Where to write a file that takes the place of `path` once it is whole; whatever goes wrong leaves no trace.

    Raises
    ------
    OSError
        If a file cannot be put there, or cannot be finished (a full disk); what was there is then there still.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with whole(Path(folder, "a.txt")) as place:
    ...         _ = place.write_text("all of it")
    ...     [(file.name, file.read_text()) for file in Path(folder).iterdir()]
    [('a.txt', 'all of it')]
    """
    check_writable(path)
    final = Path(os.path.realpath(path))
    growing = final.with_name(f".mixtura-{secrets.token_hex(4)}{final.suffix[:SUFFIX]}")
    _growing.add(growing)
    try:
        yield growing
        if final.exists():
            shutil.copymode(final, growing)
        growing.replace(final)
        finished.append(Path(path))
    except OSError as error:
        raise OSError(error.errno, f"cannot write {path}: {error.strerror or error}") from error
    finally:
        growing.unlink(missing_ok=True)
        _growing.discard(growing)


def abandon() -> None:
    """Remove what is being written, for a process that ends here and now."""
    for growing in tuple(_growing):
        growing.unlink(missing_ok=True)


def reserve(place: Path, size: int) -> None:
    """Make a file of so many bytes, for a writer that does not survive a disk that is full halfway.

    Raises
    ------
    OSError
        If there is no room.
    """
    with place.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, size)
            return
        for start in range(0, size, BLOCK):
            file.write(bytes(min(BLOCK, size - start)))
