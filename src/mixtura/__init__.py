"""Bayesian Gaussian mixture models: the full posterior of the groups hidden in numbers.

>>> import mixtura as mx
>>> fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), seed=1)
>>> fit.summary().loc[["mean[0]", "mean[1]", "mean[2]"], "mean"].round(0).tolist()
[10.0, 21.0, 33.0]
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mixtura import datasets, plots, report, testing
    from mixtura.estimator import BayesianMixture as BayesianMixture
    from mixtura.fit import Fit, load
    from mixtura.line.beliefs import richardson_green
    from mixtura.line.records import Params
    from mixtura.model import GaussianMixture
    from mixtura.posterior.comparison import compare
    from mixtura.priors import (
        LKJ,
        Dirichlet,
        Exponential,
        Fixed,
        Gamma,
        HalfCauchy,
        HalfNormal,
        HalfStudentT,
        InverseGamma,
        InverseWishart,
        LogNormal,
        MvNormal,
        Normal,
        StudentT,
        Uniform,
        Wishart,
    )

__version__ = "0.1.0"

_HOMES = {
    "mixtura.estimator": ("BayesianMixture",),
    "mixtura.model": ("GaussianMixture",),
    "mixtura.line.beliefs": ("richardson_green",),
    "mixtura.line.records": ("Params",),
    "mixtura.fit": ("Fit", "load"),
    "mixtura.posterior.comparison": ("compare",),
    "mixtura.priors": (
        "LKJ", "Dirichlet", "Exponential", "Fixed", "Gamma", "HalfCauchy", "HalfNormal", "HalfStudentT", "InverseGamma",
        "InverseWishart", "LogNormal", "MvNormal", "Normal", "StudentT", "Uniform", "Wishart",
    ),
}  # fmt: skip
_NAMES = {name: home for home, names in _HOMES.items() for name in names}
_MODULES = ("datasets", "plots", "report", "testing")

__all__ = [  # without BayesianMixture, which needs scikit-learn
    "LKJ", "Dirichlet", "Exponential", "Fit", "Fixed", "Gamma", "GaussianMixture", "HalfCauchy", "HalfNormal",
    "HalfStudentT", "InverseGamma", "InverseWishart", "LogNormal", "MvNormal", "Normal", "Params", "StudentT",
    "Uniform", "Wishart", "compare", "datasets", "load", "plots", "report", "richardson_green", "testing",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load each name when it is first used, so that importing mixtura costs next to nothing."""
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"mixtura.{name}")
    raise AttributeError(f"module 'mixtura' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, "BayesianMixture", "__version__"])
