"""The model in PyMC: the same names, the same density, allocations summed out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.export.declaration import Block, Declaration, declare
from mixtura.model import GaussianMixture

if TYPE_CHECKING:
    import pymc


def to_pymc(model: GaussianMixture, x: Any, weights: Any) -> pymc.Model:
    """The declared model in PyMC; see `GaussianMixture.to_pymc`."""
    pm = _imported()
    declared = declare(model, x, weights)
    coords: dict[str, Any] = {name: np.arange(size) for name, size in declared.sizes.items()}
    for name in ("feature", "feature_bis"):
        coords[name] = list(declared.features)
        if not declared.of_rows:
            del coords[name]
    data = declared.data
    with pm.Model(coords=coords) as exported:
        of: dict[str, Any] = {}
        for name, block in declared.blocks.items():
            of[name] = _variable(pm, block, of)
            if block.floor is not None:
                pm.Potential("floor", _floored(pm, block, of[name]))
        mixture, arguments = _mixture(pm, declared, of)
        if declared.weighted:
            logs = pm.logp(mixture.dist(**arguments), data.x)
            pm.Potential("x", data.weights * logs, dims="point")
        else:
            mixture("x", **arguments, observed=data.x, dims=("point", "feature")[: data.x.ndim])
    return exported


def _variable(pm: Any, block: Block, of: dict[str, Any]) -> Any:
    """A block as a random variable, or as named data where it is fixed."""
    numbers, dims = dict(block.numbers), block.axes or None
    if block.fixed:
        return pm.Data(block.name, numbers["value"], dims=dims)
    if block.rate:
        numbers["scale" if block.is_matrix else "beta"] = of["rate"]
    if block.is_matrix:
        from mixtura.export.pymc_matrices import matrices

        number, *rest = numbers.values()
        return matrices(block, number, *(rest or [np.eye(block.shape[-1])]))
    if block.name == "weight":
        return pm.Dirichlet("weight", **numbers, dims=dims)
    shape = {} if dims else {"shape": ()}
    return getattr(pm, type(block.prior).__name__)(block.name, **numbers, dims=dims, **shape)


def _floored(pm: Any, block: Block, spread: Any) -> Any:
    """What the least scatter of each component adds to the log density."""
    assert block.floor is not None
    if not block.is_matrix:
        return -(block.floor / (2 * spread)).sum()
    import pytensor.tensor as pt

    root = pt.linalg.cholesky(spread)
    white = pt.linalg.solve_triangular(root, pt.broadcast_to(np.sqrt(block.floor), spread.shape), lower=True)
    return -0.5 * (white**2).sum()


def _mixture(pm: Any, declared: Declaration, of: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The mixture's class and arguments; scale and covariance are made of what was declared."""
    blocks, k = declared.blocks, declared.model.n_components
    if "variance" in of:
        of["scale"] = pm.Deterministic("scale", pm.math.sqrt(of["variance"]), dims=blocks["variance"].axes or None)
    if not declared.of_rows:
        return pm.NormalMixture, {"w": of["weight"], "mu": of["mean"], "sigma": of["scale"]}
    if "correlation" in of:
        scale = of["scale"]
        covariance = scale[..., :, None] * of["correlation"] * scale[..., None, :]
        of["covariance"] = pm.Deterministic("covariance", covariance, dims=blocks["correlation"].axes)
    each = [_component(pm, declared, of, j) for j in range(k)]
    return pm.Mixture, {"w": of["weight"], "comp_dists": each}


def _component(pm: Any, declared: Declaration, of: dict[str, Any], j: int) -> Any:
    """The normal distribution of rows in component j."""
    unit = np.eye(len(declared.features))
    if "covariance" in of:
        shared = declared.model.structure.shared
        return pm.MvNormal.dist(of["mean"][j], cov=of["covariance"] if shared else of["covariance"][j])
    return pm.MvNormal.dist(of["mean"][j], chol=unit * of["scale"][j])


def _imported() -> Any:
    try:
        import pymc
    except ImportError as error:
        raise ImportError("to_pymc needs PyMC, which is not installed: pip install 'mixtura[pymc]'") from error
    return pymc
