"""What both exports say of a model: its blocks, under the names and axes of a fit's posterior, and the points."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.priors import Fixed, InverseGamma, InverseWishart, Prior
from mixtura.priors.base import FLOOR
from mixtura.priors.matrix import MatrixPrior
from mixtura.reading.data import Points, names_of, points
from mixtura.reading.sources import opened


class Block(NamedTuple):
    """A block of parameters.

    Attributes
    ----------
    name : str
        As in the posterior; variance, correlation where those are declared.
    prior : Prior
    axes : tuple of str
        Names of its axes.
    shape : tuple of int
        Their lengths.
    """

    name: str
    prior: Prior
    axes: tuple[str, ...]
    shape: tuple[int, ...]

    @property
    def fixed(self) -> bool:
        """Whether the block is taken as known."""
        return isinstance(self.prior, Fixed)

    @property
    def is_matrix(self) -> bool:
        """Whether it holds matrices of features."""
        return "feature_bis" in self.axes

    @property
    def rate(self) -> bool:
        """Whether the rate of its prior, the last of its numbers, is a block of its own."""
        return isinstance(self.prior, InverseGamma | InverseWishart) and self.prior.rate is not None

    @property
    def numbers(self) -> dict[str, Floats]:
        """The prior's numbers by name, spread over the shape (those of matrices as they are); no unknown rate."""
        values = {field.name: getattr(self.prior, field.name) for field in fields(self.prior) if field.name != FLOOR}
        known = {name: np.asarray(v, float) for name, v in values.items() if not isinstance(v, Prior)}
        if isinstance(self.prior, MatrixPrior):
            return known
        one = {name: v.reshape(()) if v.size == 1 else v for name, v in known.items()}
        return {name: np.broadcast_to(v, self.shape).copy() for name, v in one.items()}

    @property
    def floor(self) -> Floats | None:
        """The least scatter of variances (spread over the shape) or covariances (d, d), where the prior has one."""
        prior = self.prior
        if not isinstance(prior, InverseGamma | InverseWishart) or not np.any(prior.floor):
            return None
        if isinstance(prior, InverseWishart):
            return prior.scatter
        floor = np.asarray(prior.floor, float)
        return np.broadcast_to(floor.reshape(()) if floor.size == 1 else floor, self.shape).copy()


class Declaration(NamedTuple):
    """A model and its data, checked, defaults spelled out."""

    model: GaussianMixture
    data: Points
    features: tuple[str, ...]

    @property
    def sizes(self) -> dict[str, int]:
        """Length of each axis."""
        k, (n, d) = self.model.n_components, (len(self.data.x), len(self.features))
        return {"component": k, "point": n, "feature": d, "feature_bis": d}

    @property
    def of_rows(self) -> bool:
        """Whether points are rows of several features."""
        return self.data.x.ndim > 1

    @property
    def weighted(self) -> bool:
        """Whether any point counts other than once."""
        return bool((self.data.weights != 1).any())

    @property
    def blocks(self) -> dict[str, Block]:
        """Weight, mean, rate (where unknown) and what spreads, in an order in which they can be declared."""
        model, mean = self.model, ("component", "feature") if self.of_rows else ("component",)
        matrix = tuple(axis for axis in model.structure.axes if self.of_rows or axis == "component")
        spread = tuple(axis for axis in matrix if axis != "feature_bis")
        rate = matrix if model.covariances is not None else spread
        named: dict[str, tuple[Prior | None, tuple[str, ...]]] = {
            "weight": (Fixed(1.0) if model.n_components == 1 else model.weights, ("component",)),
            "mean": (model.means, mean),
            "rate": (model.rate, tuple(axis for axis in rate if axis != "component")),
            "scale": (model.scales, spread),
            "variance": (model.variances, spread),
            "covariance": (model.covariances, matrix),
            "correlation": (model.correlations, matrix),
        }
        sizes = self.sizes
        return {
            name: Block(name, prior, axes, tuple(sizes[axis] for axis in axes))
            for name, (prior, axes) in named.items()
            if prior is not None
        }


def declare(model: GaussianMixture, x: Any, weights: Any) -> Declaration:
    """The model about these data."""
    x = opened(x)
    data = points(x, opened(weights), model.n_components)
    return Declaration(model.with_defaults(data.x, data.weights), data, names_of(x))
