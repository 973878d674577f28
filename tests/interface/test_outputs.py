"""What is written appears whole or not at all, and a reader who leaves early loses nothing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import mixtura as mx
from mixtura.cli import app
from mixtura.outputs import whole

COMMAND = f"{sys.executable} -m mixtura"
SHORT = "-k 1 --draws 20 --warmup 20 --chains 1 --seed 1"


@pytest.fixture(scope="module")
def fit():
    return mx.GaussianMixture(n_components=1).sample(mx.datasets.galaxies(), draws=20, seed=1, progress=False)


@pytest.fixture
def folder(tmp_path, fit, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "galaxies.csv").write_text("\n".join(["velocity", *map(str, mx.datasets.galaxies())]))
    fit.save("fit.nc")
    os.mkfifo("pipe")
    return tmp_path


def shell(line):
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, text=True, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    assert "Exception ignored" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("place", ["/dev/null", "/dev/full", "pipe", ".", "no/fit.nc", "a" * 300, "fit.nc/a"])
@pytest.mark.parametrize(
    "line",
    [
        f"fit galaxies.csv {SHORT} --out", f"fit galaxies.csv {SHORT} --report", "report fit.nc --out",
        "simulate fit.nc --out", "predict fit.nc galaxies.csv --out", "export fit.nc --to json --out",
    ],
)  # fmt: skip
def test_no_ordinary_file_is_refused(folder, line, place):
    result = CliRunner().invoke(app, [*line.split(), place])
    assert result.exit_code == 2, result.output
    assert result.stdout == ""
    (said,) = result.stderr.splitlines()
    assert said.startswith("mixtura: cannot write ")


@pytest.mark.parametrize("place", ["/dev/null", "pipe", "."])
def test_fits_and_reports_refuse_too(folder, fit, place):
    for write in (fit.save, fit.report):
        with pytest.raises(OSError, match="cannot write"):
            write(place)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (f"fit galaxies.csv {SHORT} --out galaxies.csv", "it is galaxies.csv, which this command reads or writes"),
        (f"fit galaxies.csv {SHORT} --out a.nc --report ./a.nc", "it is a.nc"),
        ("predict fit.nc galaxies.csv --out fit.nc", "it is fit.nc"),
        ("report fit.nc --out fit.nc", "it is fit.nc"),
    ],
)
def test_what_is_read_is_not_overwritten(folder, line, said):
    result = CliRunner().invoke(app, line.split())
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    "line", ["fit galaxies.csv -k 1 --seed 1 --draws 2000 --out new.nc", "simulate fit.nc --out new.nc"]
)
def test_a_full_disk_leaves_what_was_there(folder, line):
    (folder / "new.nc").write_text("old")
    done = shell(f"trap '' XFSZ; ulimit -f 8; exec {COMMAND} {line}")
    assert done.returncode == 2, done.stderr
    assert done.stderr == "mixtura: cannot write new.nc: File too large\n"
    assert (folder / "new.nc").read_text() == "old"
    assert not list(folder.glob(".mixtura*"))


def test_a_reader_who_leaves_loses_no_file(folder):
    done = shell(
        f"{COMMAND} fit galaxies.csv {SHORT} --plots figs --report r.html --out f.nc | head -1; echo ${{PIPESTATUS[0]}}"
    )
    head, status = done.stdout.splitlines()
    assert head.startswith("velocity: 82 points")
    assert status in ("141", "0")  # 0 where the pipe held it all before head left
    assert done.stderr.count("\n") == done.stderr.count("warning: ")
    assert (folder / "r.html").exists()
    assert len(list((folder / "figs").iterdir())) > 5
    assert mx.load("f.nc").n_components == 1


@pytest.mark.parametrize(
    "line", [f"fit galaxies.csv {SHORT} --out f.nc", "show fit.nc", "simulate fit.nc -n 100000", "--help"]
)
def test_nobody_listens(folder, line):
    done = shell(f"(sleep 0.1; {COMMAND} {line}; echo $? > status) | true; cat status")
    assert done.stdout == "141\n"
    assert done.stderr.count("\n") == done.stderr.count("warning: ")
    assert "fit" not in line.split()[:1] or (folder / "f.nc").exists()


@pytest.mark.parametrize("line", ["show fit.nc", "simulate fit.nc -n 10"])
def test_standard_output_that_is_full_or_closed(folder, line):
    full = shell(f"{COMMAND} {line} > /dev/full")
    assert full.returncode == 2
    assert full.stderr == "mixtura: No space left on device\n"
    assert shell(f"{COMMAND} {line} >&-").returncode == 0


def _half(path):
    with whole(path) as place:
        place.write_text("half")
        raise LookupError


def test_a_file_is_replaced_only_when_whole(tmp_path):
    path, link = tmp_path / "a.txt", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    with pytest.raises(LookupError):
        _half(link)
    assert path.read_text() == "old"
    with whole(link) as place:
        place.write_text("new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(list(tmp_path.iterdir())) == 2


def test_a_folder_is_checked_before_the_work(tmp_path, monkeypatch):
    from mixtura.outputs import check_folder

    for place in (tmp_path, tmp_path / "new", tmp_path / "new/er"):
        check_folder(place)
    assert list(tmp_path.iterdir()) == []
    for place, why in (("a" * 300, "File name too long"), ("a\0b", "null"), ("/dev/null", "is no folder")):
        with pytest.raises(OSError, match=f"cannot write to .*{why}"):
            check_folder(tmp_path / place)
    monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(OSError, match="permission denied"):
        check_folder(tmp_path / "new")
