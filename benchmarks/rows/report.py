"""The report's sections on rows: who finds the components, who converges, and what it costs."""

from __future__ import annotations

import statistics

from benchmarks.chains import CHAINS, DRAWS, WARMUP
from benchmarks.rows.peers import PEERS
from benchmarks.store import Store
from benchmarks.tables import CONVERGED, OURS, Runs, median, rates, short, spread, table, times

SAME, RIVAL = "mixtura_lkj", "numpyro"  # peers of one model

HEAD = f"""## E: rows of ten features, eight full components, 20,000 points

*Rand* is the adjusted Rand index of memberships with the components that made the points (of several answers, the
worst). *ESS* and *R-hat* go over weights, means and covariances, components matched with those in each draw. *CPU* is
of the whole process, on all cores. mixtura and mixtura_mode (`optimize`) have its default priors, {SAME} and {RIVAL}
LKJ(2) correlations, HalfNormal(2) scales and Normal(0, 10) means, bayesm its own conjugate prior. sklearn_em10 is
GaussianMixture(n_init=10).
"""

LARGE = """## E at 1,000,000 points: memory

4 × (20 + 20) draws, or a mode. The points are 80 MB; four times that and 200 MB are 520 MB.
"""


def sections(store: Store) -> list[str]:
    return [_small(store), _large(store)]


def _small(store: Store) -> str:
    """Every peer on E."""
    rows = []
    for peer in PEERS:
        runs, why = store.runs("E", peer), store.why("E", peer)
        if runs:
            rows.append([peer, str(len(runs)), *_row(runs)])
        if why:
            rows.append([peer, f"*{why}*", *[""] * 8])
    head = ["peer", "runs", "sampling s", "whole s", "CPU s", "ESS", "R-hat", "ESS/s", "Rand", "MB"]
    return "\n".join([HEAD, table(head, rows), _against(store)]) if rows else ""


def _row(runs: Runs) -> list[str]:
    cut, drawn = "gradients" in runs[0], "ess" in runs[0]
    rate = spread(rates(runs)) if median(runs, "r_hat") <= CONVERGED else f"({spread(rates(runs))})"
    return [
        f"{short(median(runs, 'seconds'))} (cut short)" if cut else spread([run["seconds"] for run in runs]),
        "–" if cut else spread([run["wall"] for run in runs]),
        "–" if cut else short(median(runs, "cpu")),
        spread([run["ess"] for run in runs]) if drawn and not cut else "–",
        f"{median(runs, 'r_hat'):.3f} (to {max(run['r_hat'] for run in runs):.3f})" if drawn and not cut else "–",
        f"at most {spread(at_best(runs))}" if cut else rate if drawn else "–",
        spread_of_rand(runs),
        short(median(runs, "resident")),
    ]


def at_best(runs: Runs) -> list[float]:
    """Effective draws per second of a full run, if every draw were independent and warm-up as fast as the draws."""
    return [run["draws"] / run["seconds"] * DRAWS / (WARMUP + DRAWS) for run in runs]


def spread_of_rand(runs: Runs) -> str:
    """Lowest and highest to the third digit: what is wrong shows."""
    values = [run["rand"] for run in runs]
    low, high = f"{min(values):.3f}", f"{max(values):.3f}"
    return low if low == high else f"{low} – {high}"


def _against(store: Store) -> str:
    """What NumPyro's short run says of its full one, and mixtura beside it."""
    theirs = store.runs("E", RIVAL)
    if not theirs:
        return ""
    run, bound = theirs[0], statistics.median(at_best(theirs))
    full = CHAINS * (WARMUP + DRAWS) * run["seconds"] / run["draws"]
    ratios = [
        f"{peer}'s is {times(statistics.median(rates(ours)) / bound)} that"
        for peer in (SAME, OURS)
        if (ours := store.runs("E", peer))
    ]
    beside = f" ({'; '.join(ratios)})" if ratios else ""
    return (
        f"{RIVAL} was timed on {run['draws']} draws, begun at the components that made the points:"
        f" {short(1000 * run['seconds'] / run['gradients'])} ms a gradient, {short(run['gradients'] / run['draws'])}"
        f" gradients a draw. {CHAINS} × ({WARMUP} + {DRAWS}) at that speed take {short(full / 60)} minutes. Its ESS/s"
        f" is an upper bound: every draw counts as independent{beside}.\n"
    )


def _large(store: Store) -> str:
    """Memory and time at a million points."""
    rows = []
    for peer in PEERS:
        if runs := store.runs("E-1e6", peer):
            cells = [spread([run[name] for run in runs]) for name in ("seconds", "wall")]
            rows.append([peer, str(len(runs)), *cells, spread_of_rand(runs), spread([run["resident"] for run in runs])])
    head = ["peer", "runs", "sampling s", "whole s", "Rand", "MB"]
    return "\n".join([LARGE, table(head, rows)]) if rows else ""
