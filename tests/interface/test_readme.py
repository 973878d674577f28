"""Every example of the README runs, in order, in an empty folder."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_python(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    mpl.use("Agg")
    namespace = {}
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), namespace)
    assert (tmp_path / "galaxies.nc").exists()
    assert namespace["mode"].params.means.round() == pytest.approx([9, 21, 35])


def test_shell(tmp_path):
    for name in ("galaxies.csv", "iris.csv"):
        shutil.copy(ROOT / "src" / "mixtura" / "datasets" / name, tmp_path)
    lines = [line for block in blocks("sh") for line in block.splitlines() if line.startswith("mixtura")]
    assert len(lines) >= 2
    for line in lines:
        command = [sys.executable, "-m", "mixtura", *shlex.split(line, comments=True)[1:]]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        wanted = {"mixtura report": "wrote", "mixtura fit iris": "component 2"}
        assert next((said for start, said in wanted.items() if line.startswith(start)), "mean[2]") in done.stdout
    assert (tmp_path / "fit.nc").exists()
    assert any((tmp_path / "figures").iterdir())


def test_links_and_pictures_exist():
    for target in re.findall(r"\]\(([^)]+)\)", README):
        assert (ROOT / target).exists(), target
