"""Run mixtura and whichever peers are installed, alone and in turn, and write RESULTS.md.

    python -m benchmarks [--repeats 5] [--peers mixtura,numpyro] [--problems book,gallery]

Each run is a fresh process. Sampling seconds count warm-up, draws and mixtura's search for modes, not imports or
compilation.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.metadata
import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.problems import PROBLEMS

PEERS = ("mixtura", "pymc", "nutpie", "numpyro")
HERE = Path(__file__).parent


def one(peer: str, problem: str, seed: int) -> None:
    """Run one peer on one problem in this process and print what it is judged by."""
    module = importlib.import_module(f"benchmarks.peers.{peer}")
    run = module.sample(PROBLEMS[problem](), seed)
    from benchmarks.outcome import judged

    print(json.dumps(judged(run)))


def measure(peer: str, problem: str, seed: int) -> dict[str, float] | None:
    """One run in a fresh process; None if it failed."""
    command = [sys.executable, "-m", "benchmarks", "--one", peer, problem, str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=HERE.parent, check=False)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    return json.loads(done.stdout.splitlines()[-1])


def table(problem: str, results: dict[str, list[dict[str, float]]]) -> str:
    """Medians (lowest – highest) of each peer, and mixtura's ratio to it."""
    lines = [
        f"## {problem}",
        "",
        "| peer | sampling s | min bulk-ESS | max R-hat | ESS/s | mixtura's ESS/s is |",
        "|---|---|---|---|---|---|",
    ]
    ours = statistics.median(run["ess_per_second"] for run in results["mixtura"])
    for peer, runs in results.items():
        middle = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        spread = [min(run["ess_per_second"] for run in runs), max(run["ess_per_second"] for run in runs)]
        ratio = "" if peer == "mixtura" else f"{ours / middle['ess_per_second']:,.1f} ×"
        lines.append(
            f"| {peer} {importlib.metadata.version(peer)} | {middle['seconds']:.3f} | {middle['ess']:,.0f} "
            f"| {middle['r_hat']:.3f} | {middle['ess_per_second']:,.0f} ({spread[0]:,.0f} – {spread[1]:,.0f}) "
            f"| {ratio} |"
        )
    return "\n".join(lines)


def machine() -> str:
    """The machine, in a line."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    cpu = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.machine())
    return f"{cpu}, {os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--problems", default="book,gallery")
    parser.add_argument("--one", nargs=3, metavar=("PEER", "PROBLEM", "SEED"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        one(options.one[0], options.one[1], int(options.one[2]))
        return
    peers = [peer for peer in options.peers.split(",") if importlib.util.find_spec(peer)]
    sections = []
    for problem in options.problems.split(","):
        results: dict[str, list[dict[str, float]]] = {peer: [] for peer in peers}
        for seed in range(-1, options.repeats):  # the first round warms caches and is not counted
            for peer in peers:
                run = measure(peer, problem, seed + 1)
                if run and seed >= 0:
                    results[peer].append(run)
                print(problem, seed, peer, run, file=sys.stderr)
        sections.append(table(problem, {peer: runs for peer, runs in results.items() if runs}))
    head = (
        "# Results\n\nMedians of fresh processes run in turn (`python -m benchmarks`, "
        f"{options.repeats} repeats; 4 chains of 1000 + 1000; ESS/s: lowest – highest; imports and compilation not\n"
        f"counted, for NumPyro by an estimate that is good to a tenth of a second or two).\n{machine()}.\n\n"
    )
    (HERE / "RESULTS.md").write_text(head + "\n\n".join(sections) + "\n")
    print((HERE / "RESULTS.md").read_text())


if __name__ == "__main__":
    main()
