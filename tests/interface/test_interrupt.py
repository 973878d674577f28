"""Ctrl-C, by a real signal to a process of its own, in each phase of `mixtura fit`: what is saved, and what is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

import mixtura as mx

SCRIPT = """
import hashlib, importlib, os, signal, sys, threading, time
def interrupt(*after):
    for seconds in after:
        time.sleep(seconds)
        os.kill(os.getpid(), signal.SIGINT)
def patch(home, name, *after, instead=None):
    home = importlib.import_module(home)
    inner = instead or getattr(home, name)
    def outer(*args, **kwargs):
        threading.Thread(target=interrupt, args=after, daemon=True).start()
        return inner(*args, **kwargs)
    setattr(home, name, outer)
def deaf(*_, **__):  # as a compiler is: it lets other threads run, and does not look up
    hashlib.pbkdf2_hmac("sha512", b"", b"", 10**8)
from mixtura.__main__ import main
{patches}
sys.argv = ["mixtura", *{words!r}]
main()
"""
OUTPUTS = ["--out", "fit.nc", "--plots", "figures", "--report", "report.html"]
SECONDS = 8.0  # that leaving may take on a busy machine
NOTHING = "mixtura: interrupted; nothing was saved"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "galaxies.csv").write_text("\n".join(["velocity", *map(str, mx.datasets.galaxies())]))
    return tmp_path


def run(folder, patches, words=(), **settings):
    """The command's status and standard error, and seconds from its first signal to its end."""
    script = SCRIPT.format(patches=patches, words=["fit", "galaxies.csv", "-k", "3", "--seed", "1", *words])
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | settings,
    )
    assert "Traceback" not in done.stderr
    return done


@pytest.mark.parametrize(
    "patches",
    [
        "patch('mixtura.reading.sources', 'read', 0)",
        "patch('mixtura.algorithms.sample', 'points', 0.1, instead=lambda *_, **__: time.sleep(60))",
        "patch('mixtura.algorithms.line.sample', 'begun_at', 0.1, instead=deaf)",
        "patch('mixtura.algorithms.line.sample', 'begun_at', 0)",
        "patch('mixtura.algorithms.run', 'watch', 0.2)",
    ],
    ids=["beginning", "reading", "compiling", "modes", "warm-up"],
)
def test_before_there_are_draws_nothing_is_saved(folder, patches):
    begun = time.monotonic()
    done = run(folder, patches, [*OUTPUTS, "--warmup", "100000000"])
    assert time.monotonic() - begun < 40, (
        "deaf takes a minute, warm-up hours; a cold start, machine code included, 20 s"
    )
    assert done.returncode == 130
    assert done.stderr.splitlines() == [NOTHING]
    assert done.stdout == ""
    assert not [path for path in folder.rglob("*") if path.is_file() and path.name != "galaxies.csv"]


def test_machine_code_in_the_making_is_left(folder):
    patch = "patch('mixtura.algorithms.line.sample', 'begun_at', 1.5)"
    begun = time.monotonic()
    done = run(folder, patch, NUMBA_CACHE_DIR=str(folder / "cache"))
    assert time.monotonic() - begun < 20
    assert (done.returncode, done.stderr.splitlines()) == (130, [NOTHING])


def test_waiting_for_standard_input_is_left(folder):
    child = subprocess.Popen(
        [sys.executable, "-m", "mixtura", "fit", "-", "-k", "2"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    time.sleep(3)
    child.send_signal(signal.SIGINT)
    child.wait(SECONDS)
    assert (child.returncode, child.stderr.read()) == (130, NOTHING + "\n")
    for pipe in (child.stdin, child.stdout, child.stderr):
        pipe.close()


def test_draws_so_far_are_saved(folder):
    patch = "patch('mixtura.algorithms.run', 'watch', 0.3)"
    done = run(folder, patch, [*OUTPUTS, "--warmup", "20", "--draws", "1000000"])
    assert done.returncode == 130
    figures = len(list((folder / "figures").iterdir()))
    assert (
        done.stderr.splitlines()[-1] == f"mixtura: interrupted; saved fit.nc, {figures} files in figures, report.html"
    )
    fit = mx.load(folder / "fit.nc")
    assert 4 <= fit.shape[1] < 1000000
    assert f"4 chains of {fit.shape[1]} draws" in done.stdout
    assert any("interrupted" in line for line in done.stderr.splitlines()[:-1])
    assert (folder / "report.html").exists()


def test_a_second_interrupt_leaves_at_once(folder):
    patch = "patch('mixtura.algorithms.run', 'watch', 0.3)\npatch('mixtura.pictures', 'of_fit', 0.1, instead=deaf)"
    done = run(folder, patch, [*OUTPUTS, "--warmup", "20", "--draws", "1000000"])
    assert done.returncode == 130
    assert done.stderr.splitlines()[-1] == "mixtura: interrupted; saved fit.nc"
    assert mx.load(folder / "fit.nc").shape[1] >= 4
    assert not (folder / "report.html").exists()


def test_afterwards_what_is_saved_stays_and_nothing_is_half_written(folder):
    done = run(folder, "patch('mixtura.report.write', 'html_of', 0)", [*OUTPUTS, "--draws", "50"])
    assert done.returncode == 130
    figures = len(list((folder / "figures").iterdir()))
    assert done.stderr.splitlines()[-1] == f"mixtura: interrupted; saved fit.nc, {figures} files in figures"
    assert sorted(path.name for path in folder.iterdir()) == ["figures", "fit.nc", "galaxies.csv"]


def test_machine_code_is_made_where_an_interrupt_is_heard(monkeypatch):
    import threading

    from mixtura.algorithms import nuts

    inner, threads = nuts.advance, []

    def advance(*args):
        threads.append((threading.current_thread() is threading.main_thread(), args[4:6]))
        inner(*args)

    monkeypatch.setattr(nuts, "advance", advance)
    mx.GaussianMixture(n_components=2).sample(
        mx.datasets.galaxies(), draws=5, warmup=5, chains=1, algorithm="nuts", seed=1, progress=False
    )
    assert threads[0] == (True, (1, 1))
    assert not any(main for main, _ in threads[1:])


LATE = {
    "heard": "patch('mixtura.algorithms.line.sample', 'record_of', 0)",
    "not heard": """
from mixtura.posterior.store import record_of
def late(*args):
    hashlib.pbkdf2_hmac("sha512", b"", b"", 5 * 10**6)
    return record_of(*args)
patch('mixtura.algorithms.line.sample', 'record_of', 0.1, instead=late)
""",
    "while it is written": "patch('mixtura.posterior.netcdf', 'write', 0)",
}


@pytest.mark.parametrize("when", LATE)
def test_after_the_last_draw_the_fit_is_saved_first(folder, when):
    done = run(folder, LATE[when], [*OUTPUTS, "--draws", "50"])
    assert done.returncode == 130
    assert done.stderr.splitlines() == ["mixtura: interrupted; saved fit.nc"]
    fit = mx.load(folder / "fit.nc")
    assert fit.shape == (4, 50)
    assert not fit.attrs["interrupted"]


def test_after_the_last_draw_a_second_interrupt_leaves_at_once(folder):
    slow = LATE["not heard"].replace("0.1, instead", "0.1, 0.5, instead").replace("5 * 10**6", "10**8")
    done = run(folder, slow, [*OUTPUTS, "--draws", "50"])
    assert (done.returncode, done.stderr.splitlines()) == (130, [NOTHING])
