"""What users compile themselves beside mixtura is not linked with what mixtura compiled for itself alone."""

import numba
import numpy as np

import mixtura as mx
from mixtura import matrices

cholesky = matrices.cholesky


@numba.njit
def factored(a):
    cholesky(a, a)


def test_a_private_copy_is_taken_by_nobody_else():
    """An optimiser changes how private code is called; whoever took it for the shared one would crash."""
    mx.GaussianMixture(2).sample(mx.datasets.faithful().x, draws=20, warmup=20, seed=1, progress=False)
    matrix = np.eye(6) + 0.1
    expected = np.linalg.cholesky(matrix)
    factored(matrix)
    np.testing.assert_allclose(matrix, expected, rtol=1e-12, atol=1e-15)
