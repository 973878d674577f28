"""The verbs beyond fitting: predict, simulate, compare, export, and JSON of what prints tables."""

import csv
import gzip
import json
import os
import threading

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import mixtura as mx
from mixtura.cli import app
from mixtura.reading.tables import read_chunks


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A saved fit of two groups of rows, another of the same data, and a text table with columns of text about them."""
    path, rng = tmp_path_factory.mktemp("commands"), np.random.default_rng(1)
    z = rng.integers(0, 2, 200)
    x = np.column_stack([rng.normal(10 * z, 1), rng.normal(-5 * z, 2)])
    frame = pd.DataFrame({"id": [f"row {i}, 007" for i in range(200)], "a": x[:, 0], "b": x[:, 1], "truth": z})
    frame.to_csv(path / "data.csv", index=False)
    frame.to_parquet(path / "data.parquet")
    for k in (1, 2):
        model = mx.GaussianMixture(n_components=k)
        model.sample(frame[["a", "b"]], draws=200, warmup=100, seed=1, progress=False).save(path / f"k{k}.nc")
    return path


def run(*words, status=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == status, result.output
    return result


def test_predict_adds_columns_and_keeps_the_rest(folder):
    run("predict", folder / "k2.nc", folder / "data.csv", "--out", folder / "out.csv")
    with (folder / "data.csv").open() as before, (folder / "out.csv").open() as after:
        old, new = list(csv.reader(before)), list(csv.reader(after))
    assert [row[:4] for row in new] == old
    assert new[0][4:] == ["label", "probability_0", "probability_1", "uncertainty"]
    rows = np.array([row[3:] for row in new[1:]], float)
    assert (rows[:, 0] == rows[:, 1]).all()
    np.testing.assert_allclose(rows[:, 2] + rows[:, 3], 1, atol=1e-5)
    np.testing.assert_allclose(rows[:, 4], 1 - rows[:, 2:4].max(1), atol=1e-5)


def test_predict_parquet(folder):
    run("predict", folder / "k2.nc", folder / "data.parquet")
    found, given = pd.read_parquet(folder / "data-predicted.parquet"), pd.read_parquet(folder / "data.parquet")
    pd.testing.assert_frame_equal(found[given.columns], given)
    assert (found["label"] == found["truth"]).all()


def test_predict_reads_standard_input_and_pipes(folder, monkeypatch):
    text = (folder / "data.csv").read_text()
    run("predict", folder / "k2.nc", folder / "data.csv", "--out", folder / "from-file.csv")
    expected = (folder / "from-file.csv").read_text()
    piped = CliRunner().invoke(app, ["predict", str(folder / "k2.nc"), "-"], input=text)
    assert piped.exit_code == 0, piped.output
    assert piped.stdout == expected
    out = folder / "piped.csv"
    CliRunner().invoke(app, ["predict", str(folder / "k2.nc"), "-", "--out", str(out)], input=text)
    assert out.read_text() == expected
    os.mkfifo(folder / "pipe.csv")
    feeder = threading.Thread(target=(folder / "pipe.csv").write_text, args=(text,))
    feeder.start()
    assert run("predict", folder / "k2.nc", folder / "pipe.csv").stdout == expected
    feeder.join()
    monkeypatch.setattr("sys.stdin", None)
    with pytest.raises(ValueError, match="standard input: it is closed"):
        next(read_chunks("-"))


def test_predict_replaces_its_default_only_by_force(folder, tmp_path):
    (tmp_path / "new.csv").write_bytes((folder / "data.csv").read_bytes())
    (tmp_path / "new-predicted.csv").write_text("mine")
    refused = run("predict", folder / "k2.nc", tmp_path / "new.csv", status=2)
    assert "new-predicted.csv is there already: --force replaces it" in refused.stderr
    assert (tmp_path / "new-predicted.csv").read_text() == "mine"
    run("predict", folder / "k2.nc", tmp_path / "new.csv", "--force")
    assert (tmp_path / "new-predicted.csv").read_text().startswith("id,a,b,truth,label")


def test_predict_reads_and_writes_compressed_text(folder):
    (folder / "packed.csv.gz").write_bytes(gzip.compress((folder / "data.csv").read_bytes()))
    run("predict", folder / "k2.nc", folder / "packed.csv.gz")
    run("predict", folder / "k2.nc", folder / "data.csv", "--out", folder / "plain.csv")
    assert gzip.decompress((folder / "packed-predicted.csv.gz").read_bytes()) == (folder / "plain.csv").read_bytes()


def test_compare_tells_files_of_one_name_apart(folder, tmp_path):
    (tmp_path / "k2.nc").write_bytes((folder / "k1.nc").read_bytes())
    table = json.loads(run("compare", tmp_path / "k2.nc", folder / "k2.nc", "--json").stdout)
    assert set(table) == {str(tmp_path / "k2.nc"), str(folder / "k2.nc")}


def test_predict_reads_what_a_spreadsheet_writes(folder):
    text = (folder / "data.csv").read_text().replace('"', "").replace(", 007", "").replace(",", ";")
    (folder / "semicolons.csv").write_bytes(b"\xef\xbb\xbf" + text.encode())
    run("predict", folder / "k2.nc", folder / "semicolons.csv", "--out", folder / "out2.csv")
    lines = (folder / "out2.csv").read_text().splitlines()
    assert lines[0].split(";")[:5] == ["id", "a", "b", "truth", "label"]
    assert len(lines) == 201


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("predict", "k2.nc", "nothing.csv"), "cannot read"),
        (("predict", "k2.nc", "short.csv"), "no column 'b'"),
        (("predict", "k2.nc", "taken.csv"), "has a column 'label' already"),
        (("predict", "k2.nc", "data.csv", "--out", "out.parquet"), "the same kind of file"),
        (("predict", "k2.nc", "x.npy"), "give a text table or a .parquet file"),
        (("predict", "k2.nc", "."), "give a text table or a .parquet file"),
        (("simulate", "k2.nc", "-n", "0"), "at least 1"),
        (("compare", "k2.nc"), "at least two fits"),
        (("export", "k2.nc", "--to", "bugs"), "stan, pymc, json"),
    ],
)
def test_wrong_input_is_one_line(folder, monkeypatch, words, said):
    monkeypatch.chdir(folder)
    (folder / "short.csv").write_text("a,c\n1,2\n")
    (folder / "taken.csv").write_text("a,b,label\n1,2,x\n")
    result = run(*words, status=2)
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_simulate_replays_and_looks_like_the_data(folder):
    one, two = (run("simulate", folder / "k2.nc", "-n", 4000, "--seed", 3).stdout for _ in range(2))
    assert one == two
    rows = np.array([line.split(",") for line in one.splitlines()[1:]], float)
    data = pd.read_csv(folder / "data.csv")
    for column, name in enumerate(("a", "b")):
        spread = data[name].std() * np.sqrt(1 / len(data) + 1 / len(rows))
        assert abs(rows[:, column].mean() - data[name].mean()) < 4 * spread


def test_compare_puts_the_better_fit_first(folder):
    table = json.loads(run("compare", folder / "k1.nc", folder / "k2.nc", "--json").stdout)
    assert list(table) == ["k2", "k1"]
    assert "elpd_diff" in run("compare", folder / "k1.nc", folder / "k2.nc").stdout


def test_export(folder, monkeypatch):
    monkeypatch.chdir(folder)
    for kind in ("stan", "json", "pymc"):
        run("export", "k2.nc", "--to", kind)
    declared = json.loads((folder / "k2.json").read_text())
    assert mx.GaussianMixture.from_dict(declared) == mx.load(folder / "k2.nc").model
    assert "model {" in (folder / "k2.stan").read_text()
    assert json.loads((folder / "k2.data.json").read_text())["n"] == 200
    compile((folder / "k2.py").read_text(), "k2.py", "exec")


def test_json_of_a_fit(folder):
    told = json.loads(run("show", folder / "k2.nc", "--json").stdout)
    assert told["points"] == 200
    assert told["summary"]["mean[0,a]"]["mean"] == pytest.approx(0, abs=1)


@pytest.mark.parametrize(("name", "begins"), [("side.png", b"\x89PNG"), ("side.svg", b"<?xml")])
def test_compare_draws_fits_side_by_side(folder, name, begins):
    said = run("compare", folder / "k1.nc", folder / "k2.nc", "--plot", folder / name)
    assert said.stdout.splitlines()[-1] == f"wrote {folder / name}"
    assert (folder / name).read_bytes().startswith(begins)
    asked = run("compare", folder / "k1.nc", folder / "k2.nc", "--json", "--plot", folder / name)
    assert set(json.loads(asked.stdout)) == {"k1", "k2"}


@pytest.mark.parametrize(("name", "why"), [("side.doc", "its name ends in .png"), ("no/side.png", "no folder")])
def test_a_comparison_that_cannot_be_written_is_refused_before_it_is_made(folder, name, why):
    said = run("compare", folder / "k1.nc", folder / "gone.nc", "--plot", folder / name, status=2)
    assert why in said.stderr
    assert len(said.stderr.splitlines()) == 1
