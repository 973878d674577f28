"""Priors: what is believed about a parameter before the data, under PyMC's names.

Each is a frozen record of its numbers. A scalar holds for every component; a sequence gives each component its own. For
rows of d features a sequence gives each feature its own, and nested ones are (components, features).
"""

from mixtura.priors.base import (
    FIXED,
    GAMMA,
    INVERSE_GAMMA,
    LOG_NORMAL,
    NORMAL,
    POSITIVE,
    STUDENT_T,
    UNIFORM,
    VARIANCE_INVERSE_GAMMA,
    Prior,
)
from mixtura.priors.location import Normal, StudentT, Uniform
from mixtura.priors.matrix import LKJ, InverseWishart, MatrixPrior, MvNormal, Wishart
from mixtura.priors.scale import Exponential, Gamma, HalfCauchy, HalfNormal, HalfStudentT, InverseGamma, LogNormal
from mixtura.priors.simplex import Dirichlet, Fixed

__all__ = [
    "FIXED", "GAMMA", "INVERSE_GAMMA", "LKJ", "LOG_NORMAL", "NORMAL", "POSITIVE", "STUDENT_T", "UNIFORM",
    "VARIANCE_INVERSE_GAMMA", "Dirichlet", "Exponential", "Fixed", "Gamma", "HalfCauchy", "HalfNormal", "HalfStudentT",
    "InverseGamma", "InverseWishart", "LogNormal", "MatrixPrior", "MvNormal", "Normal", "Prior", "StudentT", "Uniform",
    "Wishart",
]  # fmt: skip
