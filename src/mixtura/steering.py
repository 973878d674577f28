"""What steers EM in scikit-learn's mixtures: checked as there before sampling, though hardly any of it is used.

A search over a misspelt value then ends as it does there, and not with the same fit many times over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mixtura.arguments import shown
from mixtura.arrays import Floats

CHECKED = (
    "tol", "reg_covar", "max_iter", "n_init", "init_params", "weights_init", "means_init", "precisions_init",
    "warm_start", "verbose", "verbose_interval",
)  # fmt: skip


def check(given: Mapping[str, Any]) -> None:
    """Whether parameters are what scikit-learn's own mixtures take; InvalidParameterError, a ValueError, if not."""
    from sklearn.mixture import GaussianMixture
    from sklearn.utils._param_validation import validate_parameter_constraints

    rules = GaussianMixture._parameter_constraints
    validate_parameter_constraints({name: rules[name] for name in CHECKED}, dict(given), "BayesianMixture")


def check_starts(given: Mapping[str, Any], d: int) -> None:
    """Whether weights, means and precisions to start from, where given, are those of k components of d features."""
    k, kind = given["n_components"], given["covariance_type"]
    matrices = {"full": (k, d, d), "tied": (d, d), "diag": (k, d), "spherical": (k,)}[kind]
    weights = _array(given["weights_init"], "weights_init", (k,), "(components,)")
    _array(given["means_init"], "means_init", (k, d), "(components, features)")
    precisions = _array(given["precisions_init"], "precisions_init", matrices, f"covariance_type {kind!r}")
    if weights is not None and (weights.min() < 0 or abs(weights.sum() - 1) > 1e-5):
        raise ValueError(f"weights_init are shares of at least 0 that add up to 1; got {weights.tolist()}")
    if precisions is None:
        return
    if kind in ("full", "tied"):
        alike = np.allclose(precisions, precisions.swapaxes(-1, -2))
        fine = alike and bool((np.linalg.eigvalsh(precisions) > 0).all())
    else:
        fine = bool((precisions > 0).all())
    if not fine:
        what = "symmetric and positive definite" if kind in ("full", "tied") else "positive"
        raise ValueError(f"precisions_init must be {what} for covariance_type {kind!r}")


def _array(value: Any, name: str, shape: tuple[int, ...], of: str) -> Floats | None:
    """Finite numbers of a shape."""
    if value is None:
        return None
    try:
        numbers = np.asarray(value, float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be numbers; got {shown(value)}") from None
    if numbers.shape != shape:
        raise ValueError(f"{name} has shape {numbers.shape}; {shape} is needed, {of}")
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name} must be finite; it holds NaN or infinity")
    return numbers
