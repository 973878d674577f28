"""The plot of cost against n: seconds per effective draw, and whole processes."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.peers import PEERS
from benchmarks.problems import SIZES
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
    "sklearn_vb": ("#6B4C35", "*"),
}


def draw_cost(store: Store, path: Path) -> Path:
    """Draw one line per peer and write the picture."""
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10.5, 4.6), layout="constrained")
    for ax, title, cost in (
        (
            left,
            "Sampling: seconds per effective draw",
            lambda run: run["seconds"] / run["ess"] if "ess" in run else None,
        ),
        (right, "Whole process: seconds", lambda run: run["wall"]),
    ):
        ends = {}
        for peer in PEERS:
            line = curve(store, peer, cost)
            if line:
                color, marker = STYLES[peer]
                width = 2.4 if peer == "mixtura" else 1.4
                ax.plot(*zip(*line, strict=True), color=color, marker=marker, lw=width, ms=6, mec="white", mew=0.5)
                ends[peer] = line[-1]
        ax.set(xscale="log", yscale="log", xlabel="points", title=title, xlim=(6e2, 2e10))
        ax.set_xticks([10**power for power in range(3, 9)])
        ax.spines[["top", "right"]].set_visible(False)
        ax.grid(axis="y", color="0.9")
        ax.set_axisbelow(True)
        label(ax, ends)
    figure.savefig(path, dpi=150)
    plt.close(figure)
    return path


def curve(store: Store, peer: str, cost) -> list[tuple[int, float]]:
    """Medians of a cost, size by size."""
    points = []
    for size, n in SIZES.items():
        values = [value for run in store.runs(size, peer) if (value := cost(run)) is not None]
        if values:
            points.append((n, statistics.median(values)))
    return points


def label(ax, ends: dict[str, tuple[int, float]]) -> None:
    """Name each line at its end; names that would touch are moved apart."""
    low, high = (ax.transData.transform((1, y))[1] for y in ax.get_ylim())
    gap, lowest = 15 * ax.figure.dpi / 100, low
    for peer, (n, value) in sorted(ends.items(), key=lambda end: end[1][1]):
        x, y = ax.transData.transform((n, value))
        lowest = max(y, lowest + gap)
        shift = (lowest - y) * 72 / ax.figure.dpi
        ax.annotate(
            peer,
            (n, value),
            xytext=(9, shift),
            textcoords="offset points",
            color=STYLES[peer][0],
            va="center",
            fontsize=9,
            fontweight="bold" if peer == "mixtura" else "normal",
        )
