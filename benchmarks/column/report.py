"""The report's sections on one column: a table per problem, and cost against the number of points."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.column.cost import draw_cost
from benchmarks.column.peers import PEERS
from benchmarks.column.problems import SIZES
from benchmarks.store import Store
from benchmarks.tables import CONVERGED, OURS, Runs, median, rates, short, spread, table, times

TITLES = {
    "book": "A: the book's mixture, 215 points",
    "gallery": "B: the gallery's mixture, 500 points",
    "overlap": "C: five overlapping components, 2,000 points",
}


def sections(store: Store, path: Path) -> list[str]:
    """The sections; `path` is the report's, and the plot goes beside it."""
    return [*(_problem(store, name, title) for name, title in TITLES.items()), _sizes(store, path)]


def _problem(store: Store, name: str, title: str) -> str:
    """Every peer on one problem."""
    head = ["peer", "runs", "sampling s", "ESS", "R-hat", "ESS/s", "mixtura's ESS/s is", "whole s", "its whole is"]
    head += ["MB", "private"]
    ours, rows = store.runs(name, OURS), []
    for peer in PEERS:
        runs, why = store.runs(name, peer), store.why(name, peer)
        if runs:
            rows.append([peer, str(len(runs)), *_row(runs, [] if peer == OURS else ours)])
        if why:
            rows.append([peer, f"*{why}*", *[""] * 9])
    notes = [f"mixtura reads {note}." for note in [_compressed(ours)] if note]
    return "\n".join([f"## {title}\n", table(head, rows), *notes]) if rows else ""


def _row(runs: Runs, ours: Runs) -> list[str]:
    rate, converged = rates(runs), median(runs, "r_hat") <= CONVERGED
    per_second = spread(rate) if converged or not rate else f"({spread(rate)})"
    faster = statistics.median(rates(ours)) / statistics.median(rate) if ours and rate else float("nan")
    whole = median(runs, "wall") / median(ours, "wall") if ours else float("nan")
    r_hat = median(runs, "r_hat")
    return [
        short(median(runs, "seconds")),
        short(median(runs, "ess")),
        f"{r_hat:.3f}" if rate else "–",
        per_second,
        times(faster) if converged else "",
        spread([run["wall"] for run in runs]),
        times(whole),
        short(median(runs, "resident")),
        short(median(runs, "private")),
    ]


def _compressed(runs: Runs) -> str:
    """How many nodes a draw read, and the certificate, where the fits say so."""
    if not runs or "nodes" not in runs[0]:
        return ""
    return f"{median(runs, 'nodes'):,.0f} nodes a draw; largest certificate {_certificate(runs)} nats"


def _certificate(runs: Runs) -> str:
    return f"{max(run['certificate'] for run in runs):.1e}" if runs and "certificate" in runs[0] else "–"


def _sizes(store: Store, path: Path) -> str:
    """Cost against the number of points."""
    sizes = [size for size in SIZES if any(store.runs(size, peer) for peer in PEERS)]
    if not sizes:
        return ""
    picture = draw_cost(store, path.with_name("cost.png"))
    parts = [
        "## Cost against the number of points (the gallery's generator and priors)\n",
        f"![Cost against the number of points]({picture.name})\n",
        "*Not begun*: its time on the size before, grown with the number of points, was too long, or its memory.\n",
        _by_size(store, sizes, "Sampling, seconds", lambda runs: short(median(runs, "seconds"))),
        _by_size(store, sizes, "ESS per second of sampling", _rate),
        _by_size(store, sizes, "Whole process, seconds", lambda runs: short(median(runs, "wall"))),
        _by_size(store, sizes, "Peak memory, MB: private (all)", _memory),
        _ours_by_size(store, sizes),
    ]
    return "\n".join(parts)


def _rate(runs: Runs) -> str:
    rate = rates(runs)
    shown = short(statistics.median(rate)) if rate else "–"
    return shown if median(runs, "r_hat") <= CONVERGED or not rate else f"({shown})"


def _memory(runs: Runs) -> str:
    return f"{short(median(runs, 'private'))} ({short(median(runs, 'resident'))})"


def _by_size(store: Store, sizes: Sequence[str], title: str, cell: Callable[[Runs], str]) -> str:
    """A row per peer, a column per size."""
    rows = []
    for peer in PEERS:
        cells = [cell(runs) if (runs := store.runs(size, peer)) else _missing(store, size, peer) for size in sizes]
        if any(store.runs(size, peer) for size in sizes):
            rows.append([peer, *cells])
    return f"**{title}**\n\n" + table(["peer", *(f"{SIZES[size]:,}" for size in sizes)], rows)


def _missing(store: Store, size: str, peer: str) -> str:
    why = store.why(size, peer)
    return f"*{why.split(':')[0].split(' beyond')[0]}*" if why else ""


def _ours_by_size(store: Store, sizes: Sequence[str]) -> str:
    """What mixtura's runs say, size by size."""
    head = ["points", "runs", "sampling s", "whole s", "ESS", "R-hat", "nodes", "certificate, nats", "MB", "private"]
    rows = []
    for size in sizes:
        if runs := store.runs(size, OURS):
            spans = [spread([run[name] for run in runs]) for name in ("seconds", "wall")]
            nodes = short(median(runs, "nodes"))
            seen = [short(median(runs, "ess")), f"{median(runs, 'r_hat'):.3f}", nodes, _certificate(runs)]
            memory = [short(median(runs, name)) for name in ("resident", "private")]
            rows.append([f"{SIZES[size]:,}", str(len(runs)), *spans, *seen, *memory])
    return "**mixtura**\n\n" + table(head, rows) if rows else ""
