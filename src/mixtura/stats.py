"""What a mixture sees of its data: k small statistics and one log-likelihood."""

from __future__ import annotations

from typing import NamedTuple

from mixtura.params import Floats


class Stats(NamedTuple):
    """Sufficient statistics at given parameters, each about the component's current mean.

    Attributes
    ----------
    counts : array (k,)
        Sum of the shares r_ik of each point (soft in `expected`, hard in `sampled`), times its weight.
    sums : array (k,)
        Sum of r_ik (x_i - mean_k).
    scatter : array (k,)
        Sum of r_ik (x_i - mean_k)**2.
    loglik : array (1,)
        Log-likelihood of the data, allocations summed out (also in `sampled`).
    """

    counts: Floats
    sums: Floats
    scatter: Floats
    loglik: Floats

    def __add__(self, other: Stats) -> Stats:  # type: ignore[override]
        """Statistics of the union of two data sets seen at the same parameters (law 1)."""
        return Stats(*(a + b for a, b in zip(self, other, strict=True)))
