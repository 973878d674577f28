"""Priors of covariance and correlation matrices, and the normal over several features.

All hold numbers of one matrix and say the same of every component. Densities are over the lower triangle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

import numpy as np

from mixtura.arrays import Floats
from mixtura.priors.base import LOG_2PI, Prior, Unit, lgamma, numbers, over
from mixtura.priors.factors import (
    bartlett,
    enough,
    factored,
    log_det,
    log_inverse_wishart,
    log_wishart,
    rescaled,
    square,
    squared,
)

Matrix = Any  # a nested sequence (d, d); a number where d is 1


class MatrixPrior(Prior):
    """What priors of matrices share: they tell no component apart, and draw by lower Cholesky factors."""

    kind: ClassVar[int] = -1  # no compiled density

    @property
    def exchangeable(self) -> bool:
        return True

    @property
    def vectors(self) -> dict[str, tuple[float, ...]]:
        return {}

    @property
    def length(self) -> int | None:
        return None

    @property
    def n_features(self) -> int | None:
        """Number of features d that its numbers speak of, None if they speak of none."""
        return None


@dataclass(frozen=True, repr=False)
class Wishart(MatrixPrior):
    """Wishart(df, scale): degrees of freedom and scale matrix; the mean is df * scale.

    >>> Wishart(3, [[2, 1], [1, 2]])
    Wishart(df=3, scale=[[2, 1], [1, 2]])
    """

    df: float
    scale: Matrix

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", square(self, "scale", self.scale))
        object.__setattr__(self, "df", enough(self, self.df, self.n_features))

    @property
    def n_features(self) -> int:
        return len(self.scale)

    def logpdf(self, x: float | Floats) -> Floats:
        """Log density of matrices x (..., d, d), shape (...); -inf where x is not positive definite.

        Examples
        --------
        >>> import mixtura as mx
        >>> round(float(mx.Wishart(3, [[2, 1], [1, 2]]).logpdf([[4, 1], [1, 5]])), 4)
        -6.8456
        """
        factors, inside = factored(x, self.n_features)
        density = log_wishart(factors, self.df, np.linalg.cholesky(np.array(self.scale)))
        return np.where(inside, density, -math.inf)[()]

    def draw_factors(self, rng: np.random.Generator, k: int) -> Floats:
        """Lower Cholesky factors (k, d, d) of independent draws."""
        return np.asarray(np.linalg.cholesky(np.array(self.scale)) @ bartlett(rng, self.df, self.n_features, k))

    def draw(self, rng: np.random.Generator, k: int | None = None) -> Floats:
        """One draw (d, d), or k of them (k, d, d)."""
        return squared(self.draw_factors(rng, k or 1), k)

    def in_units(self, shift: Unit, scale: Unit) -> Self:
        """The same belief where feature f is divided by scale f, so that entry f, g is divided by both."""
        return replace(self, scale=rescaled(self.scale, scale))


@dataclass(frozen=True, repr=False)
class InverseWishart(MatrixPrior):
    """InverseWishart(df, scale): degrees of freedom and scale matrix; the mean is scale / (df - d - 1).

    The scale may itself be a Wishart, shared by all components and sampled along: the hierarchical prior of S.
    Fruehwirth-Schnatter and G. Malsiner-Walli (2019), Advances in Data Analysis and Classification 13:33-64. The joint
    density of covariances C and such a scale may be multiplied by exp(-trace(F C^-1) / 2) for each of them, F diagonal
    with `floor`, one number for each feature: see `InverseGamma`.

    >>> InverseWishart(4, [[2, 1], [1, 2]])
    InverseWishart(df=4, scale=[[2, 1], [1, 2]])
    >>> InverseWishart(5, Wishart(2, [[1, 0], [0, 1]]))
    InverseWishart(df=5, scale=Wishart(df=2, scale=[[1, 0], [0, 1]]))
    """

    df: float
    scale: Matrix
    floor: Any = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        if isinstance(self.scale, Prior) and not isinstance(self.scale, Wishart):
            raise TypeError(f"InverseWishart(scale=...) is a matrix or Wishart(df, scale); got {self.scale!r}")
        if not isinstance(self.scale, Wishart):
            object.__setattr__(self, "scale", square(self, "scale", self.scale))
        object.__setattr__(self, "df", enough(self, self.df, self.n_features))
        floor = numbers(self, "floor", self.floor, 1, "feature")
        if np.min(floor) < 0 or (self.rate is None and np.any(floor)) or np.size(floor) not in (1, self.n_features):
            raise ValueError(
                "InverseWishart(floor=...) is a number or one for each feature, none negative, beside a scale that is "
                f"a Wishart (to a known scale add diag(floor)); got {self.floor!r} for {self.n_features} features"
            )
        object.__setattr__(self, "floor", floor)

    @property
    def n_features(self) -> int:
        return len(self.scale.scale if isinstance(self.scale, Wishart) else self.scale)

    @property
    def rate(self) -> Wishart | None:
        """The prior of the scale matrix where it is unknown."""
        return self.scale if isinstance(self.scale, Wishart) else None

    @property
    def scatter(self) -> Floats:
        """The floor as a matrix (d, d)."""
        return np.asarray(np.eye(self.n_features) * np.asarray(self.floor), float)

    @property
    def power_at_zero(self) -> float:
        return math.inf

    def logpdf(self, x: float | Floats, rate: Floats | None = None) -> Floats:
        """Log density of matrices x (..., d, d), shape (...); `rate` (..., d, d) is the scale where that is unknown.

        Examples
        --------
        >>> import mixtura as mx
        >>> round(float(mx.InverseWishart(4, [[2, 1], [1, 2]]).logpdf([[4, 1], [1, 5]])), 4)
        -11.7535
        """
        factors, inside = factored(x, self.n_features)
        scale, valid = factored(known(self, rate), self.n_features)
        return np.where(inside & valid, log_inverse_wishart(factors, self.df, scale), -math.inf)[()]

    def draw_factors(self, rng: np.random.Generator, k: int, rate: Floats | None = None) -> Floats:
        """Lower Cholesky factors (k, d, d) of independent draws; `rate` is the scale where that is unknown."""
        # With U upper triangular, U U' is Wishart where U is Bartlett's factor, features in reverse; the covariance
        # (L'^-1 U U' L^-1)^-1 has the lower factor L U'^-1, and no matrix is inverted.
        factor = np.linalg.cholesky(known(self, rate))
        upper = bartlett(rng, self.df, self.n_features, k)[:, ::-1, ::-1]
        return np.tril(np.swapaxes(np.linalg.solve(upper, factor.T), -1, -2))

    def draw(self, rng: np.random.Generator, k: int | None = None, rate: Floats | None = None) -> Floats:
        """One draw (d, d), or k of them (k, d, d)."""
        return squared(self.draw_factors(rng, k or 1, rate), k)

    def in_units(self, shift: Unit, scale: Unit) -> Self:
        """The same belief where feature f is divided by scale f, so that entry f, g is divided by both."""
        inner = self.scale
        moved = inner.in_units(shift, scale) if isinstance(inner, Wishart) else rescaled(inner, scale)
        return replace(self, scale=moved, floor=over(over(self.floor, 0.0, scale), 0.0, scale))


@dataclass(frozen=True, repr=False)
class LKJ(MatrixPrior):
    """LKJ(eta): correlation matrices C with density in proportion to det(C)**(eta - 1); 1 is uniform.

    With `scales=` it makes the separation strategy of J. Barnard, R. McCulloch and X.-L. Meng (2000), Statistica Sinica
    10:1281-1311. D. Lewandowski, D. Kurowicka and H. Joe (2009), Journal of Multivariate Analysis 100:1989-2001.

    >>> LKJ(2)
    LKJ(eta=2)
    """

    eta: float = 1.0
    positive: ClassVar[tuple[str, ...]] = ("eta",)
    axes: ClassVar[int] = 0

    def log_normalizer(self, d: int) -> float:
        """Log integral of det(C)**(eta - 1) over correlation matrices of d features."""
        below = np.arange(1.0, d)
        volume = 0.5 * below * math.log(math.pi) + lgamma(self.eta + 0.5 * (d - 1 - below))
        return float(volume.sum() - (d - 1) * math.lgamma(self.eta + 0.5 * (d - 1)))

    def logpdf(self, x: float | Floats) -> Floats:
        """Log density of correlation matrices x (..., d, d), shape (...); -inf where x is none.

        Examples
        --------
        >>> import mixtura as mx
        >>> round(float(mx.LKJ(2).logpdf([[1, 0.5], [0.5, 1]])), 4)  # log(0.75 * 0.75)
        -0.5754
        """
        x = np.asarray(x, float)
        factors, inside = factored(x, x.shape[-1])
        unit = (np.abs(np.diagonal(x, axis1=-2, axis2=-1) - 1) < 1e-8).all(-1)
        return np.where(inside & unit, self.of_factors(factors), -math.inf)[()]

    def of_factors(self, factors: Floats) -> Floats:
        """Log density of correlation matrices with lower Cholesky factors (..., d, d), shape (...)."""
        return (self.eta - 1) * log_det(factors) - self.log_normalizer(factors.shape[-1])

    def draw_factors(self, rng: np.random.Generator, k: int, d: int) -> Floats:
        """Lower Cholesky factors (k, d, d) of independent draws, by the onion method (2009, section 3.2)."""
        factors = np.zeros((k, d, d))
        factors[:, 0, 0] = 1.0
        for m in range(1, d):
            outward = rng.standard_normal((k, m))
            outward /= np.linalg.norm(outward, axis=1, keepdims=True)
            squares = rng.beta(0.5 * m, self.eta + 0.5 * (d - 1 - m), k)
            factors[:, m, :m] = np.sqrt(squares)[:, None] * outward
            factors[:, m, m] = np.sqrt(1.0 - squares)
        return factors

    def draw(self, rng: np.random.Generator, k: int | None = None, d: int = 2) -> Floats:
        """One draw (d, d) of the correlations of d features, or k of them (k, d, d)."""
        return squared(self.draw_factors(rng, k or 1, d), k)

    def in_units(self, shift: Unit, scale: Unit) -> Self:
        """The same belief: correlations have no unit."""
        return self


@dataclass(frozen=True, repr=False)
class MvNormal(MatrixPrior):
    """MvNormal(mu, cov): mean vector and covariance matrix of a component's mean.

    >>> MvNormal([0, 5], [[2, 1], [1, 2]])
    MvNormal(mu=[0, 5], cov=[[2, 1], [1, 2]])
    """

    mu: Any
    cov: Matrix

    def __post_init__(self) -> None:
        cov = square(self, "cov", self.cov)
        mu = numbers(self, "mu", self.mu, 1, "feature")
        mu = mu if isinstance(mu, tuple) else (mu,) * len(cov)
        if len(mu) != len(cov):
            raise ValueError(f"MvNormal(mu, cov): cov has {len(cov)} rows, mu {len(mu)} numbers; give as many")
        object.__setattr__(self, "mu", mu)
        object.__setattr__(self, "cov", cov)

    @property
    def n_features(self) -> int:
        return len(self.cov)

    def logpdf(self, x: float | Floats) -> Floats:
        """Log density of vectors x (..., d), shape (...).

        Examples
        --------
        >>> import mixtura as mx
        >>> round(float(mx.MvNormal([0, 5], [[2, 1], [1, 2]]).logpdf([1, 5])), 4)
        -2.7205
        """
        factor = np.linalg.cholesky(np.array(self.cov))
        apart = np.asarray(x, float) - np.array(self.mu)
        white = np.linalg.solve(factor, apart[..., None])[..., 0]
        return np.asarray(-0.5 * ((white**2).sum(-1) + log_det(factor) + self.n_features * LOG_2PI))[()]

    def draw(self, rng: np.random.Generator, k: int | None = None) -> Floats:
        """One draw (d,), or k of them (k, d)."""
        size = (self.n_features,) if k is None else (k, self.n_features)
        return np.array(self.mu) + rng.standard_normal(size) @ np.linalg.cholesky(np.array(self.cov)).T

    def in_units(self, shift: Unit, scale: Unit) -> Self:
        return replace(self, mu=over(self.mu, shift, scale), cov=rescaled(self.cov, scale))


def known(prior: InverseWishart, rate: Floats | None) -> Floats:
    """The scale matrix of an inverse Wishart: its own, or the one given where its own is unknown."""
    if isinstance(prior.scale, Wishart) and rate is None:
        raise ValueError(f"{prior!r} has an unknown scale matrix: give it as rate=...")
    return np.array(prior.scale if rate is None else rate, float)
