"""RESULTS.md and cost.png from the raw results: medians, spread, ratios."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.cost import draw_cost
from benchmarks.peers import PEERS
from benchmarks.problems import SIZES
from benchmarks.store import Store

OURS = "mixtura"
CONVERGED = 1.05  # R-hat above which effective draws are only shown in brackets
TITLES = {
    "book": "A: the book's mixture, 215 points",
    "gallery": "B: the gallery's mixture, 500 points",
    "overlap": "C: five overlapping components, 2,000 points",
}
Runs = list[dict[str, Any]]

HEAD = """# Results

Written by `python -m benchmarks`. {machine}.

Each run is a fresh process; peers run alone and in turn; figures are medians (lowest – highest) of the runs. MCMC is 4
chains of 1000 + 1000. *Sampling* counts warm-up, draws and mixtura's search for modes, not imports or compilation.
*ESS* and *R-hat* are the lowest bulk-ESS and the highest R-hat over all weights, means and scales, components sorted by
mean in each draw; ESS/s is in brackets where R-hat is above {converged}. *Whole* is a process from start to end,
imports included, caches warm. Memory is the peak of the largest process; *private* leaves mapped files out.
scikit-learn's figures are for one point estimate: sklearn_em is GaussianMixture, sklearn_vb BayesianGaussianMixture.
bayesm has its own conjugate prior.

{versions}.
"""


def write_report(store: Store, path: Path) -> None:
    """Write the report and, beside it, the plot."""
    versions = ", ".join(f"{name} {version}" for name, version in store.content["versions"].items())
    parts = [HEAD.format(machine=store.content["machine"], converged=CONVERGED, versions=versions)]
    parts += [_problem(store, name, title) for name, title in TITLES.items()]
    parts += [_sizes(store, path), _commands(store), _kernel(store)]
    path.write_text("\n".join(part for part in parts if part))
    print(f"wrote {path}")


def median(runs: Runs, name: str) -> float:
    return statistics.median(run.get(name) or float("nan") for run in runs)


def rates(runs: Runs) -> list[float]:
    """Effective draws per second of sampling; none for point estimates."""
    return [run["ess"] / run["seconds"] for run in runs if "ess" in run]


def short(value: float) -> str:
    """Three digits or so."""
    if value != value:
        return "–"
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value >= 1 else f"{value:.2g}"


def spread(values: Sequence[float]) -> str:
    """Median (lowest – highest)."""
    if not values:
        return "–"
    middle = short(statistics.median(values))
    return f"{middle} ({short(min(values))} – {short(max(values))})" if len(values) > 1 else middle


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    return "\n".join(lines) + "\n"


def times(ratio: float) -> str:
    return f"{short(ratio)} ×" if ratio == ratio else ""


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


def _commands(store: Store) -> str:
    """Whole processes."""
    rows = []
    for name, label in (("book", "A"), ("gallery", "B")):
        walls = {peer: [run["wall"] for run in store.runs(f"command {name}", peer)] for peer in PEERS}
        if ours := walls[OURS]:
            rows.append([label, f"`{OURS} fit FILE.csv -k 3`", str(len(ours)), spread(ours), ""])
            for peer, theirs in walls.items():
                if theirs and peer != OURS:
                    part = times(statistics.median(ours) / statistics.median(theirs))
                    rows.append([label, peer, str(len(theirs)), spread(theirs), part])
    if first := store.runs("command first ever", OURS):
        rows.append(["B", f"`{OURS} fit`, nothing cached yet", str(len(first)), short(median(first, "wall")), ""])
    head = ["data", "process", "runs", "seconds", "mixtura's part of it"]
    return "## Whole processes: the command beside NumPyro\n\n" + table(head, rows) if rows else ""


def _kernel(store: Store) -> str:
    """mixtura's pass over the data beside C++."""
    kernel = store.content["kernel"]
    if not kernel:
        return ""
    names = list(kernel["cases"][0]["ns"])
    rows = []
    for case in kernel["cases"]:
        middle = {name: statistics.median(values) for name, values in case["ns"].items()}
        cells = [f"{middle[name]:.2f} ({min(case['ns'][name]):.2f})" for name in names]
        others = [value for name, value in middle.items() if name != OURS]
        ratio = times(middle[OURS] / min(others)) if others else ""
        rows.append([f"{case['n']:,}", str(case["k"]), *cells, ratio])
    return (
        "## Kernel: nanoseconds per point × component\n\n"
        "One pass over the data on one core: log-likelihood, counts, sums and scatter; medians (minima). *Plain* is\n"
        "point by point with the standard library's exp and log, `-O3 -march=native`; *tiled* has mixtura's tiles and\n"
        f"polynomials, `-ffast-math` besides. {kernel['compiler']}. All give the same numbers to 1e-9.\n\n"
        + table(["points", "components", *names, "mixtura over the best C++"], rows)
    )
