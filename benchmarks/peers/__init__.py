"""One file per peer: `sample(problem, seed, warm) -> Run`, the same model as a competent user writes it.

A run's seconds count warm-up and draws, not imports or compilation. Where a peer cannot tell them apart by itself
(mixtura, whose first call loads compiled code), `warm` asks for a small run first; whole processes are measured
without it.
"""

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


PEERS = {
    "mixtura": Peer("mixtura", 10**8, warms=True),
    "pymc": Peer("pymc", 10**4),
    "nutpie": Peer("nutpie", 10**5),
    "numpyro": Peer("numpyro", 10**5),
    "jags": Peer("rjags", 10**4, "R"),  # its graph takes a minute a chain at 10^4 points, and grows with their square
    "bayesm": Peer("bayesm", 10**5, "R", not_for=("book",)),  # keeps every allocation: 16 GB a chain at 10^6 points
    "sklearn_em": Peer("scikit-learn", 10**7),
    "sklearn_vb": Peer("scikit-learn", 10**7),
}


def version(name: str) -> str | None:
    """The version of a peer that is installed; None where it is not."""
    peer = PEERS[name]
    if peer.language == "R":
        return _version_in_r(peer.package)
    try:
        found = importlib.metadata.version(peer.package)
    except importlib.metadata.PackageNotFoundError:
        return None
    return f"{found} ({_commit()})" if name == "mixtura" else found


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
