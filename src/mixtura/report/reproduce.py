"""How to get the same fit again: the shortest declaration, code, a command, and what else decides every bit."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from dataclasses import fields, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura import __version__
from mixtura.arrays import Floats
from mixtura.blocks import plain
from mixtura.model import GaussianMixture

if TYPE_CHECKING:
    from mixtura.fit import Fit

BLOCKS = ("means", "scales", "variances", "covariances", "correlations", "weights", "n_features")
LIBRARIES = ("numpy", "numba", "scipy")


def shortest(model: GaussianMixture, x: Floats, weights: Floats) -> GaussianMixture:
    """The same model without what these data fill in by themselves.

    >>> x = np.array([0.0, 1.0, 4.0])
    >>> shortest(GaussianMixture(n_components=2).with_defaults(x), x, np.ones(3))
    GaussianMixture(n_components=2, covariance='full')
    """
    shorter = model
    for block in BLOCKS:
        without: dict[str, Any] = {block: None}
        less = replace(shorter, **without)
        if less.with_defaults(x, weights) == model:
            shorter = less
    return shorter


def code(fit: Fit) -> str:
    """Python that makes the same draws."""
    model = shortest(fit.model, fit.x, fit.weights)
    blocks = [(field.name, getattr(model, field.name)) for field in fields(model)]
    lines = "".join(f"    {name}={_call(plain(value))},\n" for name, value in blocks if value is not None)
    weighted = "weights=weights, " if (fit.weights != 1).any() else ""
    given = weighted + ", ".join(f"{name}={value!r}" for name, value in options(fit).items())
    if kind := fit.attrs.get("start"):
        given += f", start={kind}"
    return f"import mixtura as mx\n\nmodel = mx.GaussianMixture(\n{lines})\nfit = model.sample(x, {given})"


def command(fit: Fit) -> str:
    """The same in the shell, or nothing where the command cannot say it: it knows only default priors, no starts."""
    model = fit.model
    bare = GaussianMixture(n_components=model.n_components, covariance=model.covariance)
    if shortest(model, fit.x, fit.weights) != bare or (fit.weights != 1).any() or fit.attrs.get("start"):
        return ""
    given = {"components": model.n_components, "covariance": model.covariance} | options(fit)
    said = [f"--{name} {value}" for name, value in given.items()]
    half = len(said) // 2
    lines = ["mixtura fit DATA.csv", " ".join(said[:half]), " ".join(said[half:]), "--out fit.nc"]
    return " \\\n    ".join(lines) + "\nmixtura report fit.nc --out report.html"


def options(fit: Fit) -> dict[str, Any]:
    """What `sample` was told."""
    chains, draws = fit.shape
    told = {"draws": draws, "warmup": int(fit.attrs["tuning_steps"]), "chains": chains}
    return told | {"algorithm": fit.algorithm, "seed": int(fit.attrs["seed"])}


def versions(fit: Fit) -> list[tuple[str, str]]:
    """Which programs drew, and which reported."""
    here = [f"mixtura {__version__}", f"Python {platform.python_version()}"]
    here += [f"{library} {version(library)}" for library in LIBRARIES]
    return [("Drawn with", f"mixtura {fit.attrs['inference_library_version']}"), ("Reported with", ", ".join(here))]


def fingerprint(x: Floats) -> str:
    """SHA-256 of the data as little-endian float64, row by row."""
    return hashlib.sha256(np.ascontiguousarray(x, "<f8").tobytes()).hexdigest()


def _call(value: Any) -> str:
    """A prior as Python, every number in full."""
    if not isinstance(value, Mapping):
        return repr(value)
    numbers = ", ".join(f"{name}={_call(v)}" for name, v in value.items() if name != "prior")
    return f"mx.{value['prior']}({numbers})"
