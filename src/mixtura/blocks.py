"""Which priors each block of parameters takes, and how a declaration is written down and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura import priors as p
from mixtura.arguments import shown
from mixtura.priors.factors import square

if TYPE_CHECKING:
    from mixtura.model import GaussianMixture

ALLOWED: dict[str, tuple[type[p.Prior], ...]] = {
    "means": (p.Normal, p.StudentT, p.Uniform, p.Fixed, p.MvNormal),
    "scales": (
        p.HalfNormal, p.HalfCauchy, p.HalfStudentT, p.Exponential, p.Gamma, p.InverseGamma, p.LogNormal, p.Uniform,
        p.Fixed,
    ),
    "variances": (p.InverseGamma, p.Fixed),
    "covariances": (p.InverseWishart, p.Fixed),
    "correlations": (p.LKJ,),
    "weights": (p.Dirichlet, p.Fixed),
}  # fmt: skip
LINES = (p.StudentT, p.Uniform)  # of means: for one column only
REMEDY = "give covariances=InverseWishart(df, scale), or scales= and correlations=LKJ(eta)"


def check_blocks(model: GaussianMixture) -> None:
    """Each block's prior is of an allowed kind and within its range, and the blocks go together."""
    given = {block: getattr(model, block) for block in ALLOWED if getattr(model, block) is not None}
    for block, prior in given.items():
        if not isinstance(prior, ALLOWED[block]):
            names = ", ".join(kind.__name__ for kind in ALLOWED[block])
            raise TypeError(f"{block} takes a prior, one of {names}; got {prior!r}")
        if isinstance(prior, p.InverseGamma) and prior.rate is not None and block != "variances":
            raise TypeError(f"a rate that is itself a Gamma belongs to variances=InverseGamma(...), not to {block}")
        if isinstance(prior, p.Uniform) and block == "scales" and np.min(prior.lower) < 0:
            raise ValueError(f"scales are positive: Uniform needs lower >= 0; got {prior!r}")
        if isinstance(prior, p.Fixed) and block not in ("means", "covariances") and np.min(prior.value) <= 0:
            raise ValueError(f"{block}={prior!r}: fixed {block} must be positive")
        if isinstance(prior, p.Fixed) and block != "covariances" and len(prior.shape) > 2:
            raise ValueError(f"{block}={prior!r} is nested too deep; (components, features) is the most")
    spread = [block for block in ("scales", "variances", "covariances") if block in given]
    if len(spread) > 1:
        raise ValueError(f"{' and '.join(spread)} are {len(spread)} names for one block: give a prior to one of them")
    matrices = [block for block in ("covariances", "correlations") if block in given]
    if matrices and not model.structure.correlated:
        raise ValueError(
            f"{matrices[0]} belong to covariance='full' or 'tied', not to {model.covariance!r}, where features are "
            f"not correlated: give scales= or variances= instead"
        )
    if "correlations" in given and "scales" not in given:
        raise ValueError("correlations=LKJ(...) go with scales=: give those a prior too, such as HalfNormal(1)")


def check_shapes(model: GaussianMixture) -> None:
    """Each prior's numbers fit the numbers of components and features."""
    if model.n_features is None or model.n_features == 1:
        _check_column(model)
    else:
        _check_rows(model, model.n_features)
    if isinstance(model.weights, p.Fixed):
        with np.errstate(over="ignore"):
            total = model.weights.columns(model.n_components)[0].sum()
        if abs(total - 1) > 1e-8:
            raise ValueError(f"weights={model.weights!r}: fixed weights sum to 1; these sum to {total:.6g}")


def _check_column(model: GaussianMixture) -> None:
    k = model.n_components
    for block, wanted in _lengths(model).items():
        prior = getattr(model, block)
        if isinstance(prior, p.MatrixPrior) or prior is None or prior.shape in ((), (wanted,), (wanted, 1)):
            continue
        if len(prior.shape) == 1:
            why = "one scale when tied" if wanted == 1 < k else f"n_components={k}"
            raise ValueError(f"{block}={prior!r} has {prior.length} entries, but there is {why}")
        raise ValueError(f"{block}={prior!r} has shape {prior.shape}, but there is n_components={k} and one column")
    if model.rate is not None and model.rate.length not in (None, 1):
        raise ValueError(f"one column has one rate: Gamma(alpha, beta) takes scalars; got {model.rate!r}")
    _check_matrices(model, 1)


def _check_rows(model: GaussianMixture, d: int) -> None:
    k, structure = model.n_components, model.structure
    if isinstance(model.means, LINES):
        raise ValueError(f"means={model.means!r} is for one column; for n_features={d} give Normal, MvNormal or Fixed")
    if model.variances is not None and model.structure.correlated:
        raise ValueError(
            f"variances belong to covariance='diagonal' or 'spherical'; for covariance={model.covariance!r} and "
            f"n_features={d}, {REMEDY}"
        )
    spread = structure.scales_shape(k, d)
    for block, shape in {"means": (k, d), "scales": spread, "variances": spread, "weights": (k,)}.items():
        prior = getattr(model, block)
        if prior is not None and not isinstance(prior, p.MatrixPrior) and not fits(prior.shape, shape):
            axes = {(k, d): "(components, features)", (d,): "(features,)"}.get(shape, "(components,)")
            raise ValueError(
                f"{block}={prior!r} has shape {prior.shape}, which does not broadcast to {axes} = {shape}, "
                f"covariance={model.covariance!r}"
            )
    if isinstance(model.rate, p.Gamma):
        rates, has = (1, "one rate in all") if structure.isotropic else (d, f"{d} rates, one per feature")
        if not fits(model.rate.shape, (rates,)):
            raise ValueError(f"covariance={model.covariance!r} has {has}; got {model.rate!r}")
    _check_matrices(model, d)


def _check_matrices(model: GaussianMixture, d: int) -> None:
    """Matrices have d rows, and fixed covariances are covariances."""
    for block in ("means", "covariances"):
        prior = getattr(model, block)
        if isinstance(prior, p.MatrixPrior) and prior.n_features not in (None, d):
            raise ValueError(f"{block}={prior!r} is of {prior.n_features} features, but there are {d}")
    if isinstance(model.covariances, p.Fixed):
        own = () if model.structure.shared else (model.n_components,)
        if model.covariances.shape != (*own, d, d):
            raise ValueError(
                f"covariances=Fixed(...) has shape {model.covariances.shape}, but covariance={model.covariance!r} and "
                f"{d} feature{'s' * (d > 1)} need {(*own, d, d)}"
            )
        for matrix in np.reshape(model.covariances.value, (-1, d, d)):
            square(model.covariances, "value", matrix)


def features_of(model: GaussianMixture) -> int | None:
    """Number of features that the priors' numbers speak of, None where they leave it open.

    Matrices say it, nested numbers by their last axis, and vectors that are not of one number per component.
    """
    said: dict[int, str] = {}
    for block in ALLOWED:
        prior = getattr(model, block)
        size = prior.n_features if isinstance(prior, p.MatrixPrior) else _features_of_numbers(model, block, prior)
        if size is not None:
            said.setdefault(size, f"{block}={prior!r}")
    if len(said) > 1:
        raise ValueError(" but ".join(f"{text} speaks of {d} features" for d, text in said.items()))
    return next(iter(said), None)


def _features_of_numbers(model: GaussianMixture, block: str, prior: p.Prior | None) -> int | None:
    if prior is None or block == "weights" or (block == "means" and isinstance(prior, LINES)):
        return None
    if block == "covariances":
        return prior.shape[-1] if prior.shape else None
    if model.structure.isotropic and block != "means":
        return None
    rate = prior.rate if isinstance(prior, p.InverseGamma) else None
    for numbers in (prior, rate):
        shape = numbers.shape if numbers else ()
        per_component = len(shape) == 1 and shape[0] == _lengths(model)[block] and numbers is prior
        if shape and shape[-1] > 1 and not per_component:
            return shape[-1]
    return None


def _lengths(model: GaussianMixture) -> dict[str, int]:
    """How many numbers each block has for one column."""
    k, g = model.n_components, model.n_scales
    return {"means": k, "scales": g, "variances": g, "weights": k}


def n_parameters(model: GaussianMixture) -> int:
    """Number of free weights, means and (co)variances; what priors leave unknown beside (a rate) is not counted.

    Examples
    --------
    >>> import mixtura as mx
    >>> n_parameters(mx.GaussianMixture(n_components=3, n_features=2)), n_parameters(mx.GaussianMixture(n_components=3))
    (17, 8)
    """
    k, d, structure = model.n_components, model.n_features or 1, model.structure
    counts = [
        (k - 1, model.weights),
        (k * d, model.means),
        (structure.n_scales(k, d), model.scales or model.variances or model.covariances),
        (structure.n_correlations(k, d), model.covariances),
    ]
    return sum(count for count, prior in counts if not isinstance(prior, p.Fixed))


def either_way(model: GaussianMixture) -> list[str]:
    """Vectors that would do for components as well as for features, since there are as many: how each is read.

    Examples
    --------
    >>> import mixtura as mx
    >>> (said,) = either_way(mx.GaussianMixture(n_components=2, n_features=2, means=mx.Normal([30, 60], 5)))
    >>> said.split(". ")[1]
    'Write Normal(mu=[[30], [60]], sigma=5) for components, or Normal(mu=[[30, 60]], sigma=5) for features.'
    """
    k, d = model.n_components, model.n_features
    if d != k or k == 1:
        return []
    spread = model.structure.scales_shape(k, k)
    said = []
    for block, shape in {"means": (k, k), "scales": spread, "variances": spread}.items():
        prior = getattr(model, block)
        vectors = prior.vectors if prior and shape == (k, k) else {}
        if not vectors:
            continue
        components = replace(prior, **{name: [[v] for v in vector] for name, vector in vectors.items()})
        features = replace(prior, **{name: [vector] for name, vector in vectors.items()})
        said.append(
            f"either way: {block}={shown(prior)} has {k} numbers, and there are {k} components and {k} features; they "
            f"are read as one per feature. Write {shown(components)} for components, or {shown(features)} for features."
        )
    return said


def fits(shape: tuple[int, ...], into: tuple[int, ...]) -> bool:
    """Whether an array of one shape broadcasts to another.

    >>> fits((2,), (3, 2)), fits((3,), (3, 2))
    (True, False)
    """
    try:
        return np.broadcast_shapes(shape, into) == into
    except ValueError:
        return False


def plain(value: Any) -> Any:
    """A prior or a number as plain names, numbers and lists."""
    if isinstance(value, p.Prior):
        return {"prior": type(value).__name__} | {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return [plain(v) for v in value] if isinstance(value, tuple) else value


def declared(value: Any) -> Any:
    """What `plain` wrote down."""
    if not isinstance(value, Mapping):
        return value
    numbers = {name: declared(v) for name, v in value.items() if name != "prior"}
    known = {kind.__name__: kind for kinds in ALLOWED.values() for kind in kinds} | {"Wishart": p.Wishart}
    if value.get("prior") not in known:
        raise ValueError(f"unknown prior {value.get('prior')!r}; the known ones are {', '.join(sorted(known))}")
    return known[value["prior"]](**numbers)
