"""Whether rows that lie in a plane make a posterior improper: every covariance may shrink across it, without end.

Let all n rows, copies counted, share one value in some direction, as collinear columns do, so that they span r < d
directions. Let covariances and their unknown scale matrix (Wishart, nu degrees of freedom) be of order e**2 there. With
the volumes of means (one e for each of the k components), of matrices and of the scale, density times volume goes as
e**(nu - d + r + 1 + k - n): from n = nu - d + r + 1 + k rows on the posterior is improper. Rows that all differ and are
no more than features have n = r + 1 and are safe. Under a known scale matrix the inverse Wishart's trace forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.priors import Fixed, InverseWishart, Wishart
from mixtura.reading.data import Points, dependent


def collapses(model: GaussianMixture, points: Points) -> bool:
    """Whether rows in a plane, if these are, make the posterior improper; every prior must be spelled out."""
    if not model.structure.correlated or isinstance(model.covariances, Fixed):
        return False
    r, d, n = rank(points.x), points.x.shape[1], points.weights.sum()
    if r == d or not isinstance(model.covariances, InverseWishart):
        return bool(r < d and n > r + 1)
    rate = model.covariances.rate
    return (
        isinstance(rate, Wishart)
        and np.min(model.covariances.floor) == 0
        and bool(n >= rate.df - d + r + 1 + model.n_components)
    )


def rank(x: Floats) -> int:
    """Number of directions in which rows (n, d) differ, no column constant.

    >>> rank(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]))
    1
    """
    n, d = x.shape
    if n <= d:
        return int(np.linalg.matrix_rank((x - x.mean(0)) / np.ptp(x, axis=0)))
    return int(d - len(exactly(dependent(Points(x, np.ones(n)), [""] * d))))


def exactly(found: Sequence[str]) -> list[str]:
    """Of the sentences of `dependent`, those about columns that others determine to the last digit."""
    return [sentence for sentence in found if "nearly" not in sentence]


def check_sound(model: GaussianMixture, points: Points, names: Sequence[str]) -> None:
    """Refuse exactly collinear columns, or copies of few rows, where they make the posterior improper."""
    if not collapses(model, points):
        return
    found = exactly(dependent(points, names))
    if found:
        raise ValueError(
            f"{'; '.join(found)}: covariances would shrink to nothing across it. Leave out what others determine, or "
            "use covariance='diagonal', or covariances=InverseWishart(df, scale) with a scale that is known"
        )
