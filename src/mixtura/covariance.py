"""Covariance structures: what tells them apart, and all that the others ask of one.

A structure says which parameters of spread components share. In one dimension each component has a standard deviation
of its own, or one is shared by all. For rows of several features a component has a covariance matrix ("full", and
shared by all "tied"), the standard deviations of its features ("diagonal"), or one for all of them ("spherical"). No
other file compares these words: `model.structure` answers (`tests/unit/test_covariance.py` holds this).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats

Word = Literal["full", "tied", "diagonal", "spherical"]


@dataclass(frozen=True)
class Structure:
    """What components and their features share; k is the number of components, d that of features.

    Attributes
    ----------
    shared : bool
        Whether all components have the same covariance.
    correlated : bool
        Whether features may be correlated within a component.
    isotropic : bool
        Whether all features of a component have the same scale.
    """

    shared: bool = False
    correlated: bool = False
    isotropic: bool = False

    @property
    def axes(self) -> tuple[str, ...]:
        """Axes of what the posterior holds of rows' covariances: matrices if correlated, else standard deviations.

        >>> STRUCTURES["tied"].axes, STRUCTURES["diagonal"].axes
        (('feature', 'feature_bis'), ('component', 'feature'))
        """
        features = ("feature", "feature_bis")[: 0 if self.isotropic else 1 + self.correlated]
        return features if self.shared else ("component", *features)

    @property
    def of_one_feature(self) -> Word:
        """What the structure comes to where there is one feature."""
        return "tied" if self.shared else "full"

    def owners(self, k: int) -> int:
        """Number of covariances that are parameters."""
        return 1 if self.shared else k

    def scales_shape(self, k: int, d: int) -> tuple[int, ...]:
        """Shape of the scales that rows have.

        >>> STRUCTURES["full"].scales_shape(3, 2), STRUCTURES["tied"].scales_shape(3, 2)
        ((3, 2), (2,))
        """
        return (() if self.shared else (k,)) + (() if self.isotropic else (d,))

    def n_scales(self, k: int, d: int) -> int:
        """Number of scale parameters."""
        return math.prod(self.scales_shape(k, d))

    def n_correlations(self, k: int, d: int) -> int:
        """Number of correlations, each pair of features counted once."""
        return self.owners(k) * (d * (d - 1) // 2) if self.correlated else 0

    def scale_at(self, k: int, d: int) -> NDArray[np.int64]:
        """Index (k, d) of the scale parameter of each component's features.

        >>> STRUCTURES["spherical"].scale_at(2, 3)
        array([[0, 0, 0],
               [1, 1, 1]])
        """
        own = np.arange(self.n_scales(k, d), dtype=np.int64).reshape(self.owners(k), 1 if self.isotropic else d)
        return np.broadcast_to(own, (k, d)).copy()

    def scale_of(self, k: int) -> NDArray[np.int64]:
        """Index (k,) of the scale parameter of each component, in one dimension.

        >>> STRUCTURES["tied"].scale_of(3)
        array([0, 0, 0])
        """
        return self.scale_at(k, 1).ravel()

    def declared(self, scales: Floats) -> Floats:
        """Scales (..., k, d) as they are declared, (..., *scales_shape): each parameter once."""
        own = scales[..., 0] if self.isotropic else scales
        return own[..., 0, :] if self.shared else own

    def spread(self, declared: Floats) -> Floats:
        """Declared scales with the axes (..., k, d) again, of length 1 where components or features share them."""
        own = declared[..., None] if self.isotropic else declared
        return own[..., None, :] if self.shared else own

    def shaped(self, weights: Floats, factors: Floats) -> Floats:
        """Lower Cholesky factors (k, d, d) of this structure from those of any covariances: pooled, or diagonals."""
        covariances = factors @ factors.transpose(0, 2, 1)
        k, d = covariances.shape[:2]
        if self.shared:
            covariances = np.broadcast_to(np.tensordot(weights, covariances, 1), (k, d, d))
        if self.isotropic:
            covariances = np.trace(covariances, axis1=1, axis2=2)[:, None, None] / d * np.eye(d)
        elif not self.correlated:
            covariances = covariances * np.eye(d)
        return np.asarray(np.linalg.cholesky(covariances), float)


STRUCTURES = {
    "full": Structure(correlated=True),
    "tied": Structure(shared=True, correlated=True),
    "diagonal": Structure(),
    "spherical": Structure(isotropic=True),
}
