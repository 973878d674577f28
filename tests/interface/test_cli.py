"""The command, as a user types it: what it prints, what it writes, and one line for whatever is wrong."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

import mixtura as mx
from mixtura.cli import app
from mixtura.reading.data import names_of, points

SHORT = ["--draws", "60", "--warmup", "60", "--chains", "2", "--seed", "1"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working folder with the files that the commands below name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    text = "\n".join(["velocity", *map(str, mx.datasets.galaxies())])
    (tmp_path / "galaxies.csv").write_text(text)
    (tmp_path / "two.csv").write_text("a,b,name\n" + "\n".join(f"{i**3},{i * i},x" for i in range(30)))
    (tmp_path / "constant.csv").write_text("a,b\n1,7\n2,7\n4,7\n")
    (tmp_path / "text.csv").write_text("a\n1\n2\nthree\n4\n")
    (tmp_path / "nan.csv").write_text("a\n1\nnan\n3\n")
    (tmp_path / "equal.csv").write_text("a\n2\n2\n2\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "ragged.csv").write_text("a,b\n1,2\n3\n")
    (tmp_path / "thousands.csv").write_text('a,b\n"1,200",1\n"3,400",2\n"2,1",5\n"4.5",1\n"5.5",2\n')
    (tmp_path / "commas.csv").write_text("a;b\n1,5;1\n2,5;3\n7.25;4\n")
    (tmp_path / "utf16.csv").write_bytes("größe\n1\n2\n".encode("utf-16")[:-1])
    (tmp_path / "no.nc").write_text("not a fit")
    return tmp_path


def run(*args: object, **kwargs: object):
    return CliRunner().invoke(app, [str(arg) for arg in args], **kwargs)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A saved fit of the galaxies."""
    path = tmp_path_factory.mktemp("fit") / "fit.nc"
    model = mx.GaussianMixture(n_components=3)
    model.sample(mx.datasets.galaxies(), draws=200, warmup=200, chains=2, seed=1, progress=False).save(path)
    return path


def test_fit_prints_the_summary_within_80_columns():
    result = run("fit", "galaxies.csv", "-k", 3, *SHORT)
    assert result.exit_code == 0, result.output
    assert "velocity: 82 points, 3 components; nuts, 2 chains of 60 draws" in result.stdout
    for row in ("weight[0]", "mean[2]", "scale[1]", "r_hat"):
        assert row in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.output


def test_each_warning_is_shown_once():
    result = run("fit", "galaxies.csv", "-k", 6, "--draws", 20, "--warmup", 20, "--seed", 1)
    warnings = [line for line in result.stderr.splitlines() if line.startswith("warning: ")]
    assert warnings
    assert len(set(warnings)) == len(warnings)
    assert len(warnings) == len(result.stderr.strip().splitlines())


def test_same_seed_same_output():
    first, second = (run("fit", "galaxies.csv", "-k", 2, *SHORT) for _ in range(2))
    assert first.output == second.output


@pytest.mark.parametrize("algorithm", ["gibbs", "metropolis"])
def test_algorithm_and_covariance(algorithm):
    result = run("fit", "galaxies.csv", "-k", 3, "--algorithm", algorithm, "--covariance", "tied", *SHORT)
    assert result.exit_code == 0, result.output
    assert f"; {algorithm}, " in result.stdout
    assert re.search(r"^scale  ", result.stdout, re.M)


def test_column_and_standard_input():
    assert "b: 30 points" in run("fit", "two.csv", "--column", "b", "-k", 2, *SHORT).stdout
    result = run("fit", "-", "-k", 2, *SHORT, input="speed\n" + "\n".join(map(str, range(20))))
    assert "speed: 20 points" in result.stdout


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], ("a", "b")),
        (["--columns", "b, a"], ("b", "a")),
        (["--columns", '"a"'], ("a",)),
        (["--column", "b"], ("b",)),
    ],
)
def test_columns_are_chosen(options, names, monkeypatch):
    class Seen(Exception):
        pass

    def sample(model, x, **kwargs):
        raise Seen(names_of(x), points(x).x.shape)

    monkeypatch.setattr(mx.GaussianMixture, "sample", sample)
    result = run("fit", "two.csv", "-k", 2, *options)
    assert isinstance(result.exception, Seen), result.output
    assert result.exception.args == (names, (30, len(names)) if len(names) > 1 else (30,))


def test_a_comma_in_a_name(folder):
    (folder / "comma.csv").write_text('"a, b",c\n' + "\n".join(f"{i},{i * i}" for i in range(30)))
    assert "a, b: 30 points" in run("fit", "comma.csv", "--columns", '"a, b"', "-k", 2, *SHORT).stdout


def test_out_and_show(folder):
    result = run("fit", "galaxies.csv", "-k", 3, "--out", "fit.nc", *SHORT)
    assert "saved fit.nc" in result.stdout
    assert mx.load(folder / "fit.nc").posterior["mean"].shape == (2, 60, 3)
    shown = run("show", "fit.nc")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines() == result.stdout.splitlines()[:-1]
    assert shown.stderr == result.stderr


def test_plots_are_written(folder):
    result = run("fit", "galaxies.csv", "-k", 3, "--plots", "new/figures", *SHORT)
    assert result.exit_code == 0, result.output
    written = {path.name for path in (folder / "new/figures").iterdir()}
    assert {
        "data.png",
        "density.png",
        "model.png",
        "predictive-check.png",
        "rank.png",
        "trace.png",
    } <= written
    assert f"wrote {len(written)} figures to new/figures" in result.stdout


BAD = {
    "missing file": ("fit nowhere.csv -k 3", "cannot read nowhere.csv: No such file or directory"),
    "folder": ("fit . -k 3", "give a folder of files of one kind"),
    "binary": ("fit no.nc -k 3", "no.nc has a header but no rows"),
    "empty": ("fit empty.csv -k 3", "empty.csv is empty"),
    "ragged": ("fit ragged.csv -k 2", "ragged.csv, line 3: 1 field where the first row has 2"),
    "thousands": ("fit thousands.csv -k 2", "line 4: column 'a' holds '2,1', not a number like those before it"),
    "decimal commas": ("fit commas.csv -k 2", "line 4: column 'a' holds '7.25', not a number like those before it"),
    "encoding": ("fit utf16.csv -k 2", "utf16.csv is not a text table in utf-16"),
    "missing column": ("fit two.csv --column c -k 3", "two.csv has no column 'c'; it has: a, b, name"),
    "missing one of several": ("fit two.csv --columns a,c -k 3", "two.csv has no column 'c'; it has: a, b, name"),
    "a column twice": ("fit two.csv --columns a,a -k 3", "two.csv: column 'a' is there twice"),
    "no name between commas": ("fit two.csv --columns a,,b -k 3", "--columns takes names with commas between them"),
    "no columns": ("fit two.csv --columns= -k 3", "such as a,b,c; got ''"),
    "constant column": ("fit constant.csv -k 2", "column 'b' (7) is constant; a mixture needs values that differ"),
    "text": ("fit text.csv -k 2", "text.csv, line 4: column 'a' holds 'three', not a number"),
    "text column": ("fit two.csv --column name -k 2", "line 2: column 'name' holds 'x', not a number"),
    "nan": ("fit nan.csv -k 2", "1 missing or infinite value, the first in line 3 ('nan')"),
    "all equal": ("fit equal.csv -k 2", "all 3 points of x equal 2"),
    "few points": ("fit galaxies.csv -k 83", "82 points for 83 components"),
    "zero components": ("fit galaxies.csv -k 0", "n_components"),
    "half a component": ("fit galaxies.csv -k 2.5", "'2.5' is not a whole number"),
    "no components": ("fit galaxies.csv", "Missing option"),
    "algorithm": ("fit galaxies.csv -k 3 --algorithm stan", "nuts, hmc, gibbs, metropolis"),
    "covariance": ("fit galaxies.csv -k 3 --covariance round", "full, tied"),
    "no draws": ("fit galaxies.csv -k 3 --draws 0", "draws"),
    "negative warm-up": ("fit galaxies.csv -k 3 --warmup -1", "warmup"),
    "no chains": ("fit galaxies.csv -k 3 --chains 0", "chains"),
    "seed": ("fit galaxies.csv -k 3 --seed -1", "seed"),
    "out is a folder": ("fit galaxies.csv -k 3 --out .", "cannot write .: it is a folder"),
    "out in no folder": ("fit galaxies.csv -k 3 --out a/b.nc", "cannot write a/b.nc: there is no folder a"),
    "plots is a file": ("fit galaxies.csv -k 3 --plots no.nc", "no.nc is no folder"),
    "plots under a file": ("fit nowhere.csv -k 3 --plots no.nc/figures", "cannot write to no.nc/figures: "),
    "no fit": ("show no.nc", "no.nc"),
    "nothing to show": ("show nowhere.nc", "nowhere.nc"),
    "show a folder": ("show .", "."),
    "show a table": ("show galaxies.csv", "galaxies.csv"),
    "demo into a file": ("demo --out no.nc", "no.nc: File exists"),
    "unknown command": ("fti", "No such command 'fti'. Did you mean 'fit'?"),
    "unknown option": ("fit galaxies.csv -k 3 --draw 9", "No such option: --draw"),
}


@pytest.mark.parametrize(("line", "message"), BAD.values(), ids=BAD)
def test_bad_input_gets_one_line_and_status_2(line, message):
    result = run(*line.split())
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (said,) = result.stderr.splitlines()
    assert said.startswith("mixtura: ")
    assert message in said


def test_help_and_version():
    assert run("--version").stdout == "mixtura 0.1.0\n"
    assert "demo" in run().stdout
    said = run("fit", "--help").stdout
    assert "--columns" in said
    assert "spherical" in said


def test_help_loads_nothing_heavy():
    code = (
        "import sys; from mixtura.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        "print({'numba', 'scipy', 'xarray', 'pandas', 'matplotlib', 'arviz_stats'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "set()"


def test_fit_loads_nothing_that_it_does_not_need():
    code = (
        "import sys; from mixtura.cli import app\n"
        "try: app(['fit', 'galaxies.csv', '-k', '3', '--draws', '300', '--warmup', '300', '--seed', '1'])\n"
        "except SystemExit: pass\n"
        "idle = {'pandas', 'xarray', 'arviz_stats', 'arviz_base', 'matplotlib', 'narwhals', 'h5netcdf',\n"
        "    'scipy.stats', 'scipy.signal', 'scipy.optimize', 'scipy.special', 'scipy.linalg'}\n"
        "print(sorted(idle & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "velocity: 82 points" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_demo(folder):
    result = run("demo")
    assert result.exit_code == 0, result.output
    figures = sorted(path.name for path in (folder / "mixtura-demo").glob("*.png"))
    assert len(figures) == 13
    for figure in figures:
        assert figure in result.stdout
    for title in (
        "The book, components known",
        "The book, means and sd unknown",
        "The gallery",
        "The galaxies",
    ):
        assert title in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "warning" not in result.stderr


def test_a_saved_fit_is_shown(saved):
    result = run("show", saved)
    assert result.exit_code == 0, result.output
    assert "x: 82 points, 3 components; nuts, 2 chains of 200 draws" in result.stdout
    np.testing.assert_equal(result.stderr.count("Traceback"), 0)


def test_an_interrupt_is_no_traceback(monkeypatch):
    def interrupted(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(mx.GaussianMixture, "sample", interrupted)
    result = run("fit", "galaxies.csv", "-k", 3)
    assert result.exit_code == 130
    assert result.stderr == "mixtura: interrupted; nothing was saved\n"
