"""RESULTS.md and cost.png from the raw results: medians, spread, ratios."""

from __future__ import annotations

import statistics
from pathlib import Path

from benchmarks.column import PEERS
from benchmarks.column.report import sections as of_columns
from benchmarks.rows.report import sections as of_rows
from benchmarks.store import Store
from benchmarks.tables import CONVERGED, OURS, median, short, spread, table, times

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
    parts += [*of_columns(store, path), *of_rows(store), _commands(store), _kernel(store)]
    path.write_text("\n".join(part for part in parts if part))
    print(f"wrote {path}")


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
