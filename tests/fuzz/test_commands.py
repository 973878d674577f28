"""Mangled commands: each ends with status 0, or with status 2 and one line that says what was wrong.

Some dozens here; a longer run, another seed, or one case again:
MIXTURA_FUZZ=500 MIXTURA_FUZZ_SEED=7 pytest tests/fuzz/test_commands.py
MIXTURA_FUZZ_SEED=7 MIXTURA_FUZZ_CASE=123 pytest tests/fuzz/test_commands.py
"""

import os
import shutil
import signal

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import mixtura as mx
from mixtura.cli import app

SEED = int(os.environ.get("MIXTURA_FUZZ_SEED", 0))
CASES = int(os.environ.get("MIXTURA_FUZZ", 60))
ONE = os.environ.get("MIXTURA_FUZZ_CASE")
SECONDS = 120  # to one case, machine code that is not in the cache yet included
SHORT = "--draws 12 --warmup 12 --chains 2 --seed 1"
LINES = (
    f"fit data.csv -k 2 {SHORT}", f"fit data.csv -k 2 --columns a {SHORT} --json", f"fit - -k 1 --column x {SHORT}",
    f"fit data.npy -k 2 --algorithm gibbs {SHORT} --out new.nc", f"fit data.parquet -k 2 --covariance tied {SHORT}",
    f"fit gaps.csv -k 1 --drop-missing {SHORT} --out new.nc", f"fit parts -k 1 {SHORT}", "show fit.nc",
    "show fit.nc --json", "predict fit.nc data.csv --force", "predict fit.nc - --out new.csv",
    "predict fit.nc data.parquet --out new.parquet", "simulate fit.nc -n 5 --seed 1",
    "simulate fit.nc -n 5 --out new.csv", "compare fit.nc other.nc", "compare fit.nc other.nc --json",
    "export fit.nc --to stan", "export fit.nc --to json --out new.json", "export fit.nc --to pymc",
    "report fit.nc --out new.html", "--version", "--help", "fit --help",
)  # fmt: skip
TOKENS = (
    "", " ", "-", "--", "-1", "0", "1.5", "1e3", "nan", "inf", "none", "99999999999999999999", "1" * 5000, "٣", "0x2",
    "1_0", "a", "b,a", "a,a", ",", '"a', "*", "~", "é", "a\tb", "a\nb", "\x1b[31m", "😀", "$(id)", "'; --", "x" * 300,
    "-k", "-n", "-k=2", "--seed", "--out", "--out=", "--json", "--force", "--drop-missing", "--report", "--plots",
    "--to", "--help", "fit", "show", "predict", "data.csv", "data.npy", "data.parquet", "fit.nc", "other.nc",
    "gaps.csv", "parts", "empty", "empty.csv", "nowhere.csv", "/dev/null", "/dev/full", ".", "..", "/", "no/where.nc",
    "damaged.nc", "text.nc", "full", "tied", "spherical", "diagonal", "nuts", "hmc", "gibbs", "metropolis", "auto",
    "stan", "pymc",
)  # fmt: skip


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    """A folder of what the commands read."""
    folder, rng = tmp_path_factory.mktemp("original"), np.random.default_rng(1)
    rows = np.vstack([rng.normal(size=(15, 2)), rng.normal(8, 1, (15, 2))])
    frame = pd.DataFrame(rows, columns=["a", "b"])
    frame.assign(name="x").to_csv(folder / "data.csv", index=False)
    frame.to_parquet(folder / "data.parquet")
    frame.mask(rng.random(rows.shape) < 0.1).to_csv(folder / "gaps.csv", index=False)
    np.save(folder / "data.npy", rows)
    (folder / "parts").mkdir()
    (folder / "empty").mkdir()
    (folder / "empty.csv").write_text("")
    for part in (0, 1):
        frame[part::2].to_csv(folder / "parts" / f"{part}.csv", index=False)
    options = {"draws": 20, "warmup": 20, "chains": 2, "seed": 1, "progress": False}
    for name, k in (("fit.nc", 2), ("other.nc", 1)):
        mx.GaussianMixture(n_components=k).sample(frame, **options).save(folder / name)
    content = (folder / "fit.nc").read_bytes()
    (folder / "damaged.nc").write_bytes(content[: len(content) // 2])
    (folder / "text.nc").write_text("a,b\n1,2\n")
    return folder


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("case", [int(ONE)] if ONE else range(CASES))
def test_a_mangled_command_ends_well(case, original, tmp_path, monkeypatch):
    folder = tmp_path / "here"
    shutil.copytree(original, folder)
    monkeypatch.chdir(folder)
    rng = np.random.default_rng([SEED, case])
    words = LINES[rng.integers(len(LINES))].split()
    for _ in range(rng.choice([0, 1, 2, 3], p=[0.1, 0.5, 0.25, 0.15])):
        words = mangled(words, rng)
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    signal.alarm(SECONDS)
    result = CliRunner().invoke(
        app, words, input=rng.choice(["x\n1\n2\n4\n", "a,b\n1,2\n3,5\n9,1\n", "", "x", "é\n\x00"])
    )
    signal.alarm(0)
    check(words, result)
    assert not list(folder.rglob(".mixtura*"))
    if result.exit_code:
        after = {path.name: path.read_bytes() for path in folder.iterdir() if path.name in before}
        assert after == before, f"{words}: it failed and left other files than it found"


def mangled(words, rng):
    """A word less, more, twice, elsewhere, another one, or one with other letters."""
    words, i = list(words), int(rng.integers(len(words) or 1))
    how, token = rng.integers(6), str(rng.choice(TOKENS))
    if how == 0 and words:
        del words[i]
    elif how == 1:
        words.insert(i, token)
    elif how == 2 and words:
        words.insert(int(rng.integers(len(words))), words[i])
    elif how == 3:
        rng.shuffle(words)
    elif how == 4 and words:
        words[i] = token
    elif words:
        letters = list(words[i]) or [""]
        letters[rng.integers(len(letters))] = str(rng.choice(["", "-", "=", "0", "9", ".", "x", " ", "é"]))
        words[i] = "".join(letters)
    return [word[:6] if word.isdecimal() and len(word) < 15 else word for word in words]


def check(words, result):
    """Status 0, or 2 and one line."""
    assert result.exception is None or isinstance(result.exception, SystemExit), f"{words}: {result.exception!r}"
    assert result.exit_code in (0, 2), f"{words}: status {result.exit_code}"
    assert "Traceback" not in result.output, words
    lines = result.stderr.splitlines()
    if result.exit_code == 2:
        assert len(lines) == 1, f"{words}: {lines}"
        assert lines[0].startswith("mixtura: "), f"{words}: {lines}"
        assert len(lines[0]) > len("mixtura: ") + 5, words
        assert result.stdout == "", words
    else:
        assert all(line.startswith("warning: ") or "wrote" in line or "saved" in line for line in lines), (
            f"{words}: {lines}"
        )
