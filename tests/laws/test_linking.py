"""What users compile themselves beside mixtura is not linked with what mixtura compiled for itself alone."""

import numba
import numpy as np
import pytest

from mixtura.compiled.jit import entry, kernel
from mixtura.compiled.rng import log_gamma


@kernel
def total(stream, shapes):
    """Too long to be inlined, and most of what describes an array is not used."""
    first = log_gamma(stream, shapes[0]) + log_gamma(stream, shapes[1]) + log_gamma(stream, shapes[2])
    return first + log_gamma(stream, shapes[3]) + log_gamma(stream, shapes[4]) + log_gamma(stream, shapes[5])


@entry
def ours(stream, shapes):
    return total(stream, shapes) - total(stream, shapes[1:])


@numba.njit(error_model="numpy")
def theirs(stream, shapes):
    return total(stream, shapes) - total(stream, shapes[1:])


def test_a_private_copy_is_taken_by_nobody_else():
    """An optimiser changes how private code is called; whoever took it for the shared one would crash."""
    shapes = np.linspace(0.5, 4.0, 7)
    streams = [np.array([7], np.uint64) for _ in range(2)]
    first = ours(streams[0], shapes)
    assert theirs(streams[1], shapes) == pytest.approx(first, rel=1e-12)
    assert streams[0] == streams[1]
