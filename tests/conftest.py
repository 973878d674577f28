"""Shared by all tests."""

from __future__ import annotations

import asyncio
import os
import warnings
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "mixtura"


def pytest_addoption(parser):
    parser.addoption(
        "--long",
        metavar="I/N",
        type=share,
        help="of the tests marked long, run every N-th, beginning with the I-th (1/1: all); without this, none",
    )


def share(text):
    """`2/3`: the second of three shares."""
    which, among = map(int, text.split("/"))
    if not 1 <= which <= among:
        raise ValueError(text)
    return which, among


def pytest_configure():
    """Drop machine code that is older than any kernel: numba only compares it with the file it was made from."""
    kernels = [path for path in SOURCE.rglob("*.py") if "compiled.jit" in path.read_text() or path.name == "jit.py"]
    newest = max(path.stat().st_mtime for path in kernels)
    for cached in [path for folder in (SOURCE, TESTS) for path in folder.rglob("*.nb[ic]")]:
        if cached.stat().st_mtime < newest:
            cached.unlink(missing_ok=True)


def needed(name, without, extra="pymc"):
    """A module that an extra installs; where CI needs it, its absence is a failure."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own dependencies, on import
            return import_module(name)
    except ImportError:
        if os.environ.get(f"MIXTURA_NEEDS_{extra.upper()}"):
            raise
        pytest.skip(f"{name.upper()} IS NOT INSTALLED, so {without}: pip install '.[test,{extra}]'")


@pytest.fixture(scope="session")
def present_arviz():
    """ArviZ 1, which redefined some numbers; what there is for Python 3.11 is older."""
    found = version("arviz-stats")
    if int(found.split(".")[0]) < 1:
        pytest.skip(f"ARVIZ-STATS {found} HAS NUMBERS THAT ARVIZ 1 REDEFINED: compared on Python 3.12 and newer")


@pytest.fixture(scope="session")
def pymc():
    return needed("pymc", "nothing is checked against it")


@pytest.fixture(scope="session")
def arviz_plots():
    os.environ.setdefault("MPLBACKEND", "agg")
    return needed("arviz_plots", "its plots go untried on our trees", "plots")


@pytest.fixture(scope="session")
def nutpie():
    return needed("nutpie", "draws go unchecked against its own")


@pytest.fixture(scope="session")
def stan():
    """A function that compiles a Stan program with PyStan's compiler, without optimising (15 s of CPU each)."""
    needed("stan", "programs for Stan go uncompiled", "stan")
    from httpstan import models

    def compiled(program):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            asyncio.run(models.build_services_extension_module(program, ["-O0", "-g0", "-std=c++17", "-w"]))
        return models.import_services_extension_module(models.calculate_model_name(program))

    return compiled


@pytest.fixture(scope="session")
def executed():
    """A function that executes a notebook of cells of code and returns it."""
    needed("ipykernel", "no notebook is executed", "browser")
    client = needed("nbclient", "no notebook is executed", "browser")
    from nbformat import v4

    def run(*cells):
        notebook = v4.new_notebook(cells=[v4.new_code_cell(cell) for cell in cells])
        return client.NotebookClient(notebook, timeout=300, kernel_name="python3").execute()

    return run


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Mark what uses PyMC, Stan or ArviZ's plots, so that `pytest -m pymc` finds it; leave out long tests."""
    for item in items:
        for name in {"pymc", "stan", "arviz_plots"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(getattr(pytest.mark, name))
    long = sorted(item.nodeid for item in items if item.get_closest_marker("long"))
    asked = config.getoption("long")
    run = long[asked[0] - 1 :: asked[1]] if asked else []
    out = set(long) - set(run)
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid in out])
    items[:] = [item for item in items if item.nodeid not in out]
    config.stash[LONG] = f"LONG TESTS: {len(run)} OF {len(long)} RAN; all of them: pytest --long 1/1" if out else ""


LONG = pytest.StashKey[str]()


def pytest_sessionfinish(session):
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["long"] = session.config.stash.get(LONG, "")


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node):
    node.config.stash[LONG] = getattr(node, "workeroutput", {}).get("long", "")


def pytest_terminal_summary(terminalreporter, config):
    if config.stash.get(LONG, ""):
        terminalreporter.line(config.stash[LONG])
