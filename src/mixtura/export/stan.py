"""The model in Stan: program and data, the same names, the same density, allocations summed out."""

from __future__ import annotations

from typing import Any, NamedTuple

from mixtura.export.declaration import Block, Declaration, declare
from mixtura.model import GaussianMixture
from mixtura.priors import (
    LKJ,
    Dirichlet,
    Exponential,
    Gamma,
    HalfCauchy,
    HalfNormal,
    HalfStudentT,
    InverseGamma,
    InverseWishart,
    LogNormal,
    MvNormal,
    Normal,
    Prior,
    StudentT,
    Uniform,
    Wishart,
)

# Normalised ones: `~` and _lupdf would drop constants. {0} is the block, {0}[j] or so each number of its prior.
LPDF: dict[type[Prior], str] = {
    Dirichlet: "dirichlet_lpdf({0} | {a})",
    Exponential: "exponential_lpdf({0} | {lam})",
    Gamma: "gamma_lpdf({0} | {alpha}, {beta})",
    HalfCauchy: "cauchy_lpdf({0} | 0, {beta})",
    HalfNormal: "normal_lpdf({0} | 0, {sigma})",
    HalfStudentT: "student_t_lpdf({0} | {nu}, 0, {sigma})",
    InverseGamma: "inv_gamma_lpdf({0} | {alpha}, {beta})",
    InverseWishart: "inv_wishart_lpdf({0} | {df}, {scale})",
    LKJ: "lkj_corr_lpdf({0} | {eta})",
    LogNormal: "lognormal_lpdf({0} | {mu}, {sigma})",
    MvNormal: "multi_normal_lpdf({0} | {mu}, {cov})",
    Normal: "normal_lpdf({0} | {mu}, {sigma})",
    StudentT: "student_t_lpdf({0} | {nu}, {mu}, {sigma})",
    Uniform: "uniform_lpdf({0} | {lower}, {upper})",
    Wishart: "wishart_lpdf({0} | {df}, {scale})",
}
HALVES = (HalfCauchy, HalfNormal, HalfStudentT)
LENGTHS = {"component": "k", "feature": "d", "feature_bis": "d", "point": "n"}


class Stan(NamedTuple):
    """A Stan program and its data.

    Attributes
    ----------
    program : str
        The text; it depends on the kinds of priors only, so that one compiled program serves other data and numbers.
    data : dict
        What its data block asks for, plain numbers and lists: `json.dumps` takes it.
    """

    program: str
    data: dict[str, Any]


def to_stan(model: GaussianMixture, x: Any, weights: Any) -> Stan:
    """The declared model in Stan; see `GaussianMixture.to_stan`."""
    declared = declare(model, x, weights)
    blocks, (points, seen), sizes = list(declared.blocks.values()), declared.data, declared.sizes
    data: dict[str, Any] = {"n": sizes["point"], "k": sizes["component"]}
    asked = ["int<lower=1> n; // points", "int<lower=1> k; // components"]
    if declared.of_rows:
        data["d"] = sizes["feature"]
        asked.append("int<lower=1> d; // features")
    asked += ["array[n] vector[d] x;" if declared.of_rows else "vector[n] x;"]
    asked += ["vector<lower=0>[n] weights; // how often each point was seen"]
    data |= {"x": points.tolist(), "weights": seen.tolist()}
    for block in blocks:
        asked += [f"{kind} {name};" for name, (kind, _) in _numbers(block).items()]
        data |= {name: value.tolist() for name, (_, value) in _numbers(block).items()}
    free = [block for block in blocks if not block.fixed]
    parts = {
        "data": asked,
        "parameters": [f"{_type(block)} {block.name};" for block in free],
        "transformed parameters": _made(declared),
        "model": [line for block in free for line in _prior(block)] + _likelihood(declared),
    }
    return Stan("".join(_part(name, lines) for name, lines in parts.items() if lines), data)


def _part(name: str, lines: list[str]) -> str:
    return "\n".join([f"{name} {{", *(f"  {line}" for line in lines), "}\n"])


def _numbers(block: Block) -> dict[str, tuple[str, Any]]:
    """A block's entries in the data, with their types: its own values where fixed, else the numbers of its prior."""
    if block.fixed:
        return {block.name: (_type(block), block.numbers["value"])}
    plain = {0: "real", 1: "vector[d]", 2: "matrix[d, d]"}
    floor = (
        {}
        if block.floor is None
        else {"floor": ("matrix[d, d]" if block.is_matrix else _shaped(block.axes), block.floor)}
    )
    if block.is_matrix or isinstance(block.prior, MvNormal):
        return {f"{block.name}_{name}": (plain[v.ndim], v) for name, v in block.numbers.items()} | floor
    return {f"{block.name}_{name}": (_shaped(block.axes), v) for name, v in block.numbers.items()} | floor


def _shaped(axes: tuple[str, ...], bounds: str = "") -> str:
    """The type of real numbers over axes."""
    if not axes:
        return f"real{bounds}"
    return ("array[k] " if len(axes) > 1 else "") + f"vector{bounds}[{LENGTHS[axes[-1]]}]"


def _type(block: Block) -> str:
    """How a block's values are declared, bounds included."""
    if block.name == "weight":
        return "simplex[k]"
    if block.is_matrix:
        kind = "corr_matrix[d]" if block.name == "correlation" else "cov_matrix[d]"
        return f"array[k] {kind}" if "component" in block.axes else kind
    bounds = "" if block.name == "mean" else "<lower=0>"
    if isinstance(block.prior, Uniform):
        bounds = f"<lower={block.name}_lower, upper={block.name}_upper>"
    return _shaped(block.axes, bounds)


def _prior(block: Block) -> list[str]:
    """A block's log prior density, component by component where it holds vectors or matrices."""
    looped = len(block.axes) > 1 and block.axes[0] == "component"
    whole = block.is_matrix or isinstance(block.prior, MvNormal)  # its numbers are the same for all components
    numbers = {name: f"{block.name}_{name}" + ("[j]" if looped and not whole else "") for name in block.numbers}
    if block.rate:
        numbers["scale" if block.is_matrix else "beta"] = "rate"
    density = LPDF[type(block.prior)].format(block.name + ("[j]" if looped else ""), **numbers)
    if isinstance(block.prior, HALVES):
        density += " + " + (f"{LENGTHS[block.axes[-1]]} * " if block.axes else "") + "log2()"
    lines = [f"target += {density};"]
    if block.floor is not None:
        spread = block.name + ("[j]" if looped else "")
        floor = "floor[j]" if looped and not block.is_matrix else "floor"
        least = f"sum({floor} ./ {spread})" if block.axes else f"{floor} / {spread}"
        lines.append(f"target += -0.5 * {f'trace(mdivide_left_spd({spread}, floor))' if block.is_matrix else least};")
    return ["for (j in 1 : k) {", *(f"  {line}" for line in lines), "}"] if looped else lines


def _made(declared: Declaration) -> list[str]:
    """What the posterior holds of what was declared: scale of variances, covariance of scales and correlations."""
    blocks = declared.blocks
    if "variance" in blocks:
        return [f"{_type(blocks['variance']._replace(name='scale'))} scale = sqrt(variance);"]
    if "correlation" not in blocks:
        return []
    if declared.model.structure.shared:
        return ["cov_matrix[d] covariance = quad_form_diag(correlation, scale);"]
    return [
        "array[k] cov_matrix[d] covariance;",
        "for (j in 1 : k) {",
        "  covariance[j] = quad_form_diag(correlation[j], scale[j]);",
        "}",
    ]


def _likelihood(declared: Declaration) -> list[str]:
    """The density of the points, allocations summed out."""
    own = "" if declared.model.structure.shared else "[j]"
    density, before = f"normal_lpdf(x[i] | mean[j], scale{own})", []
    if {"covariance", "correlation"} & set(declared.blocks):
        density = f"multi_normal_cholesky_lpdf(x[i] | mean[j], root{own})"
        before = ["matrix[d, d] root = cholesky_decompose(covariance);"]
        if own:
            before = ["array[k] matrix[d, d] root;", "for (j in 1 : k) {"]
            before += ["  root[j] = cholesky_decompose(covariance[j]);", "}"]
    return [
        *before,
        "for (i in 1 : n) {",
        "  vector[k] term = log(weight);",
        "  for (j in 1 : k) {",
        f"    term[j] += {density};",
        "  }",
        "  target += weights[i] * log_sum_exp(term);",
        "}",
    ]
