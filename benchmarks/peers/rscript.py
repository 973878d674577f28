"""Runs an R script of this folder: settings go in as R assignments, draws and seconds come out as a table."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.outcome import CHAINS, DRAWS, WARMUP, Run
from benchmarks.problems import Problem


def sample_in_r(script: str, problem: Problem, seed: int) -> Run:
    """Run `script`, which reads settings.R and x.txt and writes draws.txt (chain by chain) and seconds.txt."""
    with tempfile.TemporaryDirectory() as folder:
        np.savetxt(Path(folder, "x.txt"), problem.x, fmt="%.17g")
        Path(folder, "settings.R").write_text(_settings(problem, seed))
        subprocess.run(["Rscript", Path(__file__).with_name(script)], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        draws = np.loadtxt(Path(folder, "draws.txt")).reshape(CHAINS, DRAWS, 3, problem.k)
        seconds = float(Path(folder, "seconds.txt").read_text())
    return Run(*np.moveaxis(draws, 2, 0), seconds)


def _settings(problem: Problem, seed: int) -> str:
    values = {
        "k": problem.k,
        "mean_mu": f"c({', '.join(map(str, problem.mean_mu))})",
        "mean_sigma": problem.mean_sigma,
        "scale": f"'{problem.scale}'",
        "scale_size": problem.scale_size,
        "tied": str(problem.tied).upper(),
        "start": f"c({', '.join(map(str, problem.start))})",
        "seed": seed,
        "chains": CHAINS,
        "warmup": WARMUP,
        "draws": DRAWS,
        "cores": min(CHAINS, os.cpu_count() or 1),
    }
    return "".join(f"{name} <- {value}\n" for name, value in values.items())
