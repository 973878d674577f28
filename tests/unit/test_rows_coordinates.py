"""Matrices without constraints: the compiled ways there and back."""

import numpy as np
import pytest

from mixtura.compiled.jit import entry
from mixtura.line.coordinates import coordinate_of, place
from mixtura.rows import coordinates


@entry
def correlation_and_back(q, factor, back):
    coordinates.place_correlation(q, 1.0, factor)
    coordinates.unplace_correlation(factor, back)


@entry
def scale_and_back(low, high, q):
    return coordinate_of(low, high, place(low, high, q)[0])


def test_correlations_and_back():
    q, factor = np.random.default_rng(0).normal(0, 1, 10), np.eye(5)
    back = np.empty_like(q)
    correlation_and_back(q, factor, back)
    np.testing.assert_allclose(back, q, rtol=1e-10)
    np.testing.assert_allclose(np.diag(factor @ factor.T), 1.0, rtol=1e-12)
    np.testing.assert_allclose(coordinates.correlation_coordinates(factor), q, rtol=1e-10)


@pytest.mark.parametrize(("low", "high"), [(0.0, np.inf), (1.0, np.inf), (0.5, 3.0)])
def test_scales_and_back(low, high):
    for q in (-3.0, -0.1, 0.0, 2.5):
        assert scale_and_back(low, high, q) == pytest.approx(q, rel=1e-9, abs=1e-12)
