"""How a peer is found, where it is not begun, and which version of it is here."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple


class Peer(NamedTuple):
    """How a peer is found, and where it is not begun."""

    package: str  # as Python's or R's installer calls it
    largest: int  # points beyond which it is not begun
    language: str = "python"
    not_for: tuple[str, ...] = ()  # problems whose model it cannot state
    warms: bool = False  # sampling seconds need a run that was warmed in its process


def version(peer: Peer) -> str | None:
    """The version of a peer that is installed; None where it is not."""
    if peer.language == "R":
        return _version_in_r(peer.package)
    try:
        found = importlib.metadata.version(peer.package)
    except importlib.metadata.PackageNotFoundError:
        return None
    return f"{found} ({_commit()})" if peer.package == "mixtura" else found


def _version_in_r(package: str) -> str | None:
    if not shutil.which("Rscript"):
        return None
    asked = ["Rscript", "-e", f"cat(as.character(packageVersion('{package}')))"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return None if done.returncode else done.stdout.strip()


def _commit() -> str:
    if not shutil.which("git"):
        return "no commit"
    described = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(described, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return done.stdout.strip() or "no commit"
