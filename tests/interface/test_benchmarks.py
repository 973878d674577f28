"""The benchmarks' report and judge, from results made up here; the runs themselves are not a matter for tests."""

import importlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
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
    runs += [run("E", "mixtura", s, ess=3000, r_hat=1.002, rand=0.997, cpu=2 * s) for s in (5.0, 6.0, 7.0)]
    runs += [run("E", "mixtura_lkj", 10.0, ess=2000, r_hat=1.002, rand=0.997, cpu=20.0)]
    runs += [run("E", "numpyro", 20.0, ess=9, r_hat=1.2, rand=0.997, cpu=99.0, draws=100, gradients=1500)]
    runs += [run("E", "bayesm", 43.0, ess=12, r_hat=1.89, rand=0.7, cpu=80.0)]
    runs += [run("E", "sklearn_em", s, rand=rand, cpu=1.0) for s, rand in ((0.3, 0.871), (0.4, 0.997))]
    runs += [run("E-1e6", "mixtura", 9.0, ess=9, r_hat=1.2, rand=0.997, cpu=20.0)]
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


def test_rows_that_converge_and_rows_that_do_not(report):
    ours, bayesm, em = rows(report, "mixtura")[-2], rows(report, "bayesm")[-1], rows(report, "sklearn_em")[-1]
    assert "| 3,000 (3,000 – 3,000) | 1.002 (to 1.002) | 500 (429 – 600) | 0.997 |" in ours
    assert "| 1.890 (to 1.890) | (0.28) | 0.700 |" in bayesm
    assert "| – | – | – | 0.871 – 0.997 |" in em


def test_a_short_run_bounds_the_full_one(report):
    assert "| at most 2.5 |" in rows(report, "numpyro")[-1]
    said = (report / "RESULTS.md").read_text()
    assert "13.3 ms a gradient, 15 gradients a draw. 4 × (1000 + 1000) at that speed take 26.7 minutes." in said
    assert "(mixtura_lkj's is 80 × that; mixtura's is 200 × that)" in said


@pytest.fixture
def of_rows(monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    return importlib.import_module("benchmarks.rows")


def test_draws_of_rows_are_matched_with_what_made_the_points(of_rows, tmp_path):
    problem = of_rows.problem("E", tmp_path)
    assert problem.x.shape == (20_000, 10)
    truth, rng = of_rows.problems.parts(), np.random.default_rng(1)
    order = rng.permuted(np.tile(np.arange(8), (4, 100, 1)), axis=-1)  # labels that switch from draw to draw
    noise = 1 + 0.01 * rng.normal(size=(4, 100, 8, 1, 1))
    weights, means, covariances = (noise[..., 0, 0] * of_rows.problems.WEIGHTS, truth.means, noise * truth.covariances)
    means = noise[..., 0] * means
    blocks = [
        np.take_along_axis(b, order.reshape(4, 100, 8, *[1] * (b.ndim - 3)), 2) for b in (weights, means, covariances)
    ]
    found = of_rows.judged(problem, of_rows.Run(*blocks, np.array([problem.truth, 7 - problem.truth]), 1.0))
    assert found["rand"] == 1
    assert found["r_hat"] < 1.05
    assert found["ess"] > 100
    merged = np.minimum(problem.truth, 6)
    assert of_rows.judged(problem, of_rows.Run(*(b[0, 0] for b in blocks), merged, 1.0)).keys() == {"rand"}


def test_adjusted_rand_index_is_that_of_sklearn(of_rows):
    pairs = [0, 0, 1, 1], [0, 0, 1, 2]
    assert of_rows.outcome.adjusted_rand(*map(np.array, pairs)) == pytest.approx(0.5714285714285715)


def test_the_most_probable_component(of_rows):
    x = np.array([[0.0, 0.0], [3.0, 0.0], [1.6, 0.0]])
    means, wide = np.array([[0.0, 0.0], [3.0, 0.0]]), np.array([np.eye(2), 4 * np.eye(2)])
    assert list(of_rows.outcome.most_probable(x, np.array([0.5, 0.5]), means, wide)) == [0, 1, 0]
