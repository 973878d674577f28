"""Shared by all tests."""

from __future__ import annotations

import os
import warnings
from importlib import import_module
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "mixtura"


def pytest_configure():
    """Drop machine code that is older than any kernel: numba only compares it with the file it was made from."""
    kernels = [path for path in SOURCE.rglob("*.py") if "mixtura.jit" in path.read_text() or path.name == "jit.py"]
    newest = max(path.stat().st_mtime for path in kernels)
    for cached in [*SOURCE.rglob("*.nbi"), *SOURCE.rglob("*.nbc")]:
        if cached.stat().st_mtime < newest:
            cached.unlink(missing_ok=True)


def needed(name, without):
    """A module that the extra `pymc` installs; where CI needs it, its absence is a failure."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own dependencies, on import
            return import_module(name)
    except ImportError:
        if os.environ.get("MIXTURA_NEEDS_PYMC"):
            raise
        pytest.skip(f"{name.upper()} IS NOT INSTALLED, so {without}: pip install '.[test,pymc]'")


@pytest.fixture(scope="session")
def pymc():
    return needed("pymc", "nothing is checked against it")


@pytest.fixture(scope="session")
def nutpie():
    return needed("nutpie", "draws go unchecked against its own")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what uses PyMC, so that `pytest -m pymc` finds it."""
    for item in items:
        if "pymc" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.pymc)
