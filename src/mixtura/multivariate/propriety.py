"""Whether rows that lie in a plane make a posterior improper: every covariance may shrink across it, without end.

Let all rows share one value in some direction, as collinear columns do, and let covariances and their unknown scale
matrix (Wishart, nu degrees of freedom) be of order e**2 there. With the volumes of means (one e for each of the k
components), of matrices and of the scale, density times volume goes as e**(nu + k - n): with more than nu + k rows the
posterior is improper. Under a known scale matrix the inverse Wishart's trace forbids it.
"""

from __future__ import annotations

from collections.abc import Sequence

from mixtura.covariance import has_correlations
from mixtura.data import Points, dependent
from mixtura.model import GaussianMixture
from mixtura.priors import Fixed, InverseWishart, Wishart


def collapses(model: GaussianMixture, points: Points) -> bool:
    """Whether rows in a plane, if these are, make the posterior improper; every prior must be spelled out."""
    if not has_correlations(model.covariance) or isinstance(model.covariances, Fixed):
        return False
    if isinstance(model.covariances, InverseWishart):
        scale = model.covariances.scale
        return isinstance(scale, Wishart) and points.weights.sum() > scale.df + model.n_components
    return True


def check_sound(model: GaussianMixture, points: Points, names: Sequence[str]) -> None:
    """Refuse exactly collinear columns where they make the posterior improper."""
    n, d = points.x.shape
    if n <= d or not collapses(model, points):
        return
    found = [sentence for sentence in dependent(points, names) if "nearly" not in sentence]
    if found:
        raise ValueError(
            f"{'; '.join(found)}: covariances would shrink to nothing across it. Leave out what others determine, or "
            "use covariance='diagonal', or covariances=InverseWishart(df, scale) with a scale that is known"
        )
