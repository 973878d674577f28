"""The benchmarks' report, from results made up here; the runs themselves are not a matter for tests."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(problem, peer, seconds, **more):
    memory = {"wall": 10 * seconds, "resident": 200.0, "private": 100.0}
    return {"problem": problem, "peer": peer, "seed": 1, "seconds": seconds, **memory, **more}


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    runs = [run("book", "mixtura", s, ess=4000, r_hat=1.001, nodes=215, certificate=0.0) for s in (0.1, 0.2, 0.4)]
    runs += [run("book", "numpyro", s, ess=4000, r_hat=1.001) for s in (2.0, 2.2, 1.8)]
    runs += [run("overlap", "mixtura", 1.0, ess=400, r_hat=1.01), run("overlap", "pymc", 100.0, ess=7, r_hat=1.53)]
    runs += [run(f"1e{power}", "mixtura", 0.1 * power, ess=4000, r_hat=1.001) for power in range(3, 9)]
    runs += [run("1e3", "sklearn_em", 0.01), run("command book", "mixtura", 0.1), run("command book", "numpyro", 0.4)]
    case = {"n": 1000, "k": 3, "ns": {"mixtura": [1.5, 1.6, 1.4], "plain C++": [10.0], "tiled C++": [1.0]}}
    content = {
        "machine": "a machine, 2 cores",
        "versions": {"mixtura": "0.1.0", "numpyro": "0.22.0"},
        "runs": runs,
        "missing": {"book": {"bayesm": "cannot state this model"}, "1e4": {"sklearn_em": "not begun: 9 s"}},
        "kernel": {"compiler": "g++ 12", "cases": [case]},
    }
    (folder / "results.json").write_text(json.dumps(content))
    command = [sys.executable, "-m", "benchmarks", "--render", "--results", str(folder / "results.json")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def rows(report, start):
    return [line for line in (report / "RESULTS.md").read_text().splitlines() if line.startswith(f"| {start} |")]


def test_medians_spread_and_ratios(report):
    ours, theirs = rows(report, "mixtura")[0], rows(report, "numpyro")[0]
    assert "20,000 (10,000 – 40,000)" in ours
    assert "10 ×" in theirs


def test_unconverged_runs_have_no_ratio(report):
    assert "| 1.530 | (0.07) |  |" in rows(report, "pymc")[0]


def test_what_is_missing_is_said(report):
    assert "*cannot state this model*" in rows(report, "bayesm")[0]
    assert "*not begun*" in rows(report, "sklearn_em")[0]


def test_kernel_beside_the_best_loop(report):
    assert rows(report, "1,000")[-1].endswith("| 1.50 (1.40) | 10.00 (10.00) | 1.00 (1.00) | 1.5 × |")


def test_plot_is_beside_the_report(report):
    assert "](cost.png)" in (report / "RESULTS.md").read_text()
    assert (report / "cost.png").read_bytes().startswith(b"\x89PNG")
