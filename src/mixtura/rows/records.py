"""The numbers that flow where points have several features: NamedTuples of arrays, as in one dimension."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats


class Rows(NamedTuple):
    """Weighted points with d features, features first, so that a tile of points is d short rows.

    Attributes
    ----------
    x : array (d', n')
        Positions; d' is d filled up to a multiple of PACK by rows of zeros, n' is n filled up to whole tiles.
    weights : array (n',)
        Frequencies; 0 for what fills up.
    """

    x: Floats
    weights: Floats


class Params(NamedTuple):
    """Parameters of a mixture of k components over d features, or of many mixtures along leading axes.

    Attributes
    ----------
    weights : array (..., k)
        Mixing weights.
    means : array (..., k, d)
        Component means.
    factors : array (..., k, d, d)
        Lower Cholesky factors of the covariances.
    rate : array (..., d, d)
        Scale matrix of the covariances' InverseWishart where it is unknown; a diagonal matrix of the rates of the
        variances' InverseGamma where those are; nan where there is none.
    """

    weights: Floats
    means: Floats
    factors: Floats
    rate: Floats

    @property
    def covariances(self) -> Floats:
        """Covariance matrices (..., k, d, d)."""
        return self.factors @ np.swapaxes(self.factors, -1, -2)

    @property
    def scales(self) -> Floats:
        """Standard deviations of each feature (..., k, d)."""
        scales: Floats = np.sqrt((self.factors**2).sum(-1))
        return scales

    def permute(self, order: NDArray[np.intp]) -> Params:
        """Components in another order; `order` is (k,) or (..., k) and broadcasts over the leading axes."""
        order = np.broadcast_to(order, self.weights.shape)
        return Params(
            np.take_along_axis(self.weights, order, -1),
            np.take_along_axis(self.means, order[..., None], -2),
            np.take_along_axis(self.factors, order[..., None, None], -3),
            self.rate,
        )


class Stats(NamedTuple):
    """Sufficient statistics at given parameters, each about the component's current mean.

    Attributes
    ----------
    counts : array (k,)
        Sum of the shares r_ik of each point, times its weight.
    sums : array (k, d)
        Sum of r_ik (x_i - mean_k).
    scatter : array (k, d, d)
        Sum of r_ik (x_i - mean_k)(x_i - mean_k)'.
    loglik : array (1,)
        Log-likelihood of the data, allocations summed out.
    """

    counts: Floats
    sums: Floats
    scatter: Floats
    loglik: Floats

    def __add__(self, other: Stats) -> Stats:  # type: ignore[override]
        """Statistics of the union of two data sets seen at the same parameters."""
        return Stats(*(a + b for a, b in zip(self, other, strict=True)))


def empty_stats(k: int, d: int) -> Stats:
    """Room for the statistics of k components."""
    return Stats(np.zeros(k), np.zeros((k, d)), np.zeros((k, d, d)), np.zeros(1))
