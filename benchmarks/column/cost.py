"""The plot of cost against n: seconds per effective draw, and whole processes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.column.peers import PEERS
from benchmarks.column.problems import SIZES
from benchmarks.store import Store

# Okabe & Ito (2008): colours that a colour-blind eye tells apart; markers say the same again.
STYLES = {
    "mixtura": ("black", "o"),
    "pymc": ("#D55E00", "s"),
    "nutpie": ("#E69F00", "D"),
    "numpyro": ("#0072B2", "^"),
    "jags": ("#CC79A7", "v"),
    "bayesm": ("#009E73", "P"),
    "sklearn_em": ("#56B4E9", "X"),
    "sklearn_vb": ("#6B4C35", "h"),
}


def per_draw(run: dict[str, Any]) -> float | None:
    """Seconds of sampling per effective draw; none for a point estimate."""
    return run["seconds"] / run["ess"] if "ess" in run else None


def whole(run: dict[str, Any]) -> float:
    """Seconds from the start of the process to its end."""
    return run["wall"]


def draw_cost(store: Store, path: Path) -> Path:
    """Draw one line per peer and write the picture."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.8), layout="constrained")
    panels = (left, "Sampling: seconds per effective draw", per_draw), (right, "Whole process: seconds", whole)
    for ax, title, cost in panels:
        lines = {peer: line for peer in PEERS if (line := curve(store, peer, cost))}
        for peer, line in lines.items():
            color, marker = STYLES[peer]
            width = 2.4 if peer == "mixtura" else 1.4
            ax.plot(*zip(*line, strict=True), color=color, marker=marker, lw=width, ms=6, mec="white", mew=0.5)
        ax.set(xscale="log", yscale="log", xlabel="number of points", xlim=(6e2, 3e9))
        ax.set_title(title, loc="left", fontsize=11)
        ax.set_xticks(list(SIZES.values()))
        ax.minorticks_off()
        values = [value for line in lines.values() for _, value in line]
        ax.set_ylim(10 ** math.floor(math.log10(min(values))), 10 ** math.ceil(math.log10(max(values))))
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="0.9")
        ax.set_axisbelow(True)
        label(ax, {peer: line[-1] for peer, line in lines.items()})
    figure.savefig(path, dpi=150)
    plt.close(figure)
    return path


def curve(store: Store, peer: str, cost: Callable[[dict[str, Any]], float | None]) -> list[tuple[int, float]]:
    """Medians of a cost, size by size."""
    points = []
    for size, n in SIZES.items():
        values = [value for run in store.runs(size, peer) if (value := cost(run)) is not None]
        if values:
            points.append((n, statistics.median(values)))
    return points


def label(ax: Any, ends: dict[str, tuple[int, float]]) -> None:
    """Name each line at its end; names beside each other are kept a line of text apart."""
    from matplotlib.patheffects import withStroke

    ax.figure.draw_without_rendering()  # the layout decides how far apart ends are
    points = 72 / ax.figure.dpi
    taken: dict[int, float] = {}
    for peer, (n, value) in sorted(ends.items(), key=lambda end: end[1][1]):
        height = ax.transData.transform((n, value))[1] * points
        taken[n] = max(height, taken.get(n, 0.0) + 11)
        ax.annotate(
            peer,
            (n, value),
            xytext=(7, taken[n] - height),
            textcoords="offset points",
            color=STYLES[peer][0],
            va="center",
            fontsize=9,
            fontweight="bold" if peer == "mixtura" else "normal",
            path_effects=[withStroke(linewidth=2.5, foreground="white")],
        )
