"""Covariance structures: the only file that tells them apart.

A structure is a map from each component to the scale parameter that it uses. In one dimension "full" gives each
component its own standard deviation and "tied" one to all; everything else works through the map. For rows of several
features "full" gives each component its own covariance matrix and "tied" one to all; "diagonal" leaves each component
the standard deviations of its features, and "spherical" one for all its features.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats

STRUCTURES = ("full", "tied", "diagonal", "spherical")


def scale_of(structure: str, n_components: int) -> NDArray[np.int64]:
    """Index (k,) of the scale parameter of each component.

    >>> scale_of("tied", 3)
    array([0, 0, 0])
    """
    if structure == "tied":
        return np.zeros(n_components, np.int64)
    return np.arange(n_components, dtype=np.int64)


def n_scales(structure: str, n_components: int) -> int:
    """Number of scale parameters."""
    return int(scale_of(structure, n_components)[-1]) + 1


def is_per_component(structure: str) -> bool:
    """Whether scales carry a component axis in the posterior."""
    return structure != "tied"


def scale_at(structure: str, n_components: int, n_features: int) -> NDArray[np.int64]:
    """Index (k, d) of the scale parameter of each component's features, where rows have several.

    >>> scale_at("spherical", 2, 3)
    array([[0, 0, 0],
           [1, 1, 1]])
    """
    shape = (n_components, n_features)
    if structure == "spherical":
        return np.broadcast_to(scale_of(structure, n_components)[:, None], shape).copy()
    if structure == "tied":
        return np.broadcast_to(np.arange(n_features), shape).copy()
    return np.arange(n_components * n_features).reshape(shape)


def has_correlations(structure: str) -> bool:
    """Whether features may be correlated within a component."""
    return structure in ("full", "tied")


def scales_shape(structure: str, n_components: int, n_features: int) -> tuple[int, ...]:
    """Shape of the scales that rows of several features have.

    >>> scales_shape("full", 3, 2), scales_shape("tied", 3, 2), scales_shape("spherical", 3, 2)
    ((3, 2), (2,), (3,))
    """
    return {"tied": (n_features,), "spherical": (n_components,)}.get(structure, (n_components, n_features))


def shaped(structure: str, weights: Floats, factors: Floats) -> Floats:
    """Lower Cholesky factors (k, d, d) of a structure, from those of any covariances: pooled, or their diagonals."""
    covariances = factors @ factors.transpose(0, 2, 1)
    k, d = covariances.shape[:2]
    if structure == "tied":
        covariances = np.broadcast_to(np.tensordot(weights, covariances, 1), (k, d, d))
    elif structure == "diagonal":
        covariances = covariances * np.eye(d)
    elif structure == "spherical":
        covariances = np.trace(covariances, axis1=1, axis2=2)[:, None, None] / d * np.eye(d)
    return np.asarray(np.linalg.cholesky(covariances), float)


AXES = {
    "full": ("component", "feature", "feature_bis"),
    "tied": ("feature", "feature_bis"),
    "diagonal": ("component", "feature"),
    "spherical": ("component",),
}


def axes(structure: str) -> tuple[str, ...]:
    """Axes of what the posterior holds of rows' covariances: matrices where two are features, else standard deviations.

    >>> axes("diagonal")
    ('component', 'feature')
    """
    return AXES[structure]
