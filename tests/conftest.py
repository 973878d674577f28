"""Shared by all tests."""

from __future__ import annotations

import os
import warnings

import pytest


@pytest.fixture(scope="session")
def pymc():
    """PyMC, which only the extra of that name installs; where CI needs it, its absence is a failure."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own dependencies, on import
            import pymc
    except ImportError:
        if os.environ.get("MIXTURA_NEEDS_PYMC"):
            raise
        pytest.skip("PYMC IS NOT INSTALLED, so the log density goes unchecked against it: pip install '.[test,pymc]'")
    return pymc


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Mark what uses PyMC, so that `pytest -m pymc` finds it."""
    for item in items:
        if "pymc" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.pymc)
