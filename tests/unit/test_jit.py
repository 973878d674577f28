"""Compiled code where nothing can be written: it is made anew, and one line says what would help."""

import numba
import pytest

from mixtura.compiled import jit


def twice(x):
    return 2 * x


def test_without_a_place_for_it_nothing_is_kept_and_one_line_says_so(monkeypatch):
    njit = numba.njit

    def nowhere(*given, **flags):
        if flags.get("cache"):
            raise RuntimeError("cannot cache function 'twice': no locator available for file 'x.py'")
        return njit(*given, **flags)

    monkeypatch.setattr(numba, "njit", nowhere)
    jit._say_nothing_is_kept.cache_clear()
    with pytest.warns(RuntimeWarning, match="set NUMBA_CACHE_DIR") as said:
        assert [jit.entry(twice)(3), jit.entry(twice)(4)] == [6, 8]
    assert len(said) == 1
