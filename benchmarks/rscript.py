"""Runs an R script beside a peer's file: settings go in as R assignments, draws and seconds come out."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.chains import CHAINS


def in_r(script: Path, x: np.ndarray, **settings: Any) -> tuple[np.ndarray, float]:
    """Run `script`, which reads settings.R and x.txt and writes draws.bin (doubles) and seconds.txt."""
    settings |= {"chains": CHAINS, "cores": min(CHAINS, os.cpu_count() or 1)}
    with tempfile.TemporaryDirectory() as folder:
        np.savetxt(Path(folder, "x.txt"), x, fmt="%.17g")
        lines = [f"{name} <- {_in_r(value)}\n" for name, value in settings.items()]
        Path(folder, "settings.R").write_text("".join(lines))
        subprocess.run(["Rscript", script], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        return np.fromfile(Path(folder, "draws.bin")), float(Path(folder, "seconds.txt").read_text())


def _in_r(value: Any) -> str:
    """A value as R writes it."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, tuple):
        return f"c({', '.join(map(_in_r, value))})"
    return f"'{value}'" if isinstance(value, str) else str(value)
