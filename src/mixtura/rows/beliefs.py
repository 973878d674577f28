"""What a declared model says in numbers, for rows of d > 1 features: the twin of `mixtura.line.beliefs`.

Numbers of priors broadcast to (k, d); scales of tied covariances to (d,), of spherical ones to (k,).
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mixtura import priors as p
from mixtura.arrays import Floats
from mixtura.covariance import Structure
from mixtura.digits import known
from mixtura.floor import draw_rates, draw_scale_matrices, floor_of
from mixtura.model import GaussianMixture
from mixtura.priors.factors import log_inverse_wishart
from mixtura.rows.checks import checked_params, size_of, spread_shape
from mixtura.rows.records import Params

if TYPE_CHECKING:
    from mixtura.reading.data import Points

__all__ = [
    "checked_params", "declared_rate", "declared_scales", "draw_points", "draw_prior", "exchangeable", "in_units",
    "loglik", "logprior", "with_defaults",
]  # fmt: skip


def with_defaults(model: GaussianMixture, x: Floats, weights: Floats | None = None) -> GaussianMixture:
    """Every prior spelled out: Fruehwirth-Schnatter & Malsiner-Walli (2019, section 2.2), or `GaussianMixture`."""
    spans = np.ptp(x, axis=0)
    if not (spans > 0).all():
        column = int(np.flatnonzero(spans <= 0)[0])
        raise ValueError(
            f"column {column} of x holds one value, {known(x[0, column])}: leave it out, no groups differ in it"
        )
    means = model.means or p.Normal(_medians(x, weights)[None], spans[None])
    blocks: dict[str, p.Prior | None] = {"means": means, "weights": model.weights or p.Dirichlet(1.0)}
    if model.scales is not None and model.structure.correlated:
        blocks["correlations"] = model.correlations or p.LKJ(1.0)
    if not (model.scales or model.variances or model.covariances):
        n = float(len(x) if weights is None else weights.sum())
        floor = np.array([floor_of(column, n, model.n_scales) for column in x.T])
        blocks |= _default_spread(model.structure, spans, floor)
    return replace(model, **blocks)  # type: ignore[arg-type]


def _default_spread(structure: Structure, spans: Floats, floor: Floats) -> dict[str, p.Prior | None]:
    """Priors of covariances or variances that follow the ranges of the features, with the least scatter of each."""
    d = spans.size
    if structure.isotropic:  # one variance for all: its trace
        return {"variances": p.InverseGamma(2.0, p.Gamma(0.2, 10.0 / (spans**2).mean()), floor=floor.sum())}
    if not structure.correlated:
        return {"variances": p.InverseGamma(2.0, p.Gamma(0.2, 10.0 / spans**2), floor=floor)}
    c, g = 2.5 + (d - 1) / 2, 0.5 + (d - 1) / 2
    scale = p.Wishart(2 * g, np.diag(c / (100 * g) * spans**2))
    return {"covariances": p.InverseWishart(2 * c, scale, floor=floor)}


def _medians(x: Floats, weights: Floats | None) -> Floats:
    """Median of each feature (d,), each row seen as often as its weight says."""
    if weights is None or weights.min() == weights.max():
        return np.asarray(np.median(x, axis=0), float)
    order = np.argsort(x, axis=0)
    rising, counts = np.take_along_axis(x, order, 0), np.cumsum(weights[order], axis=0)
    half = 0.5 * counts[-1]
    low, high = (counts < half * (1 - 1e-12)).sum(0), (counts <= half * (1 + 1e-12)).sum(0)
    features = np.arange(x.shape[1])
    return np.asarray((rising[low, features] + rising[np.minimum(high, len(x) - 1), features]) / 2, float)


def exchangeable(model: GaussianMixture) -> bool:
    """Whether the priors say the same of every component."""
    k, d = size_of(model)
    spread = spread_shape(model)
    tables = [(model.means, (k, d)), (model.weights, (k,)), (model.covariances, (k, d, d))]
    tables += [] if model.structure.shared else [(model.scales, spread), (model.variances, spread)]
    for prior, shape in tables:
        if prior is None or isinstance(prior, p.MatrixPrior):
            continue
        if any((table != table[0]).any() for table in prior.table(shape)):
            return False
    return True


def in_units(model: GaussianMixture, shift: float | Floats, scale: float | Floats) -> GaussianMixture:
    """The same beliefs about (x - shift) / scale; shift and scale are numbers or (d,), one scale where spherical."""
    _, d = size_of(model)
    scales = np.broadcast_to(np.asarray(scale, float), (d,))
    unit: float | Floats = scales
    if (scales == scales[0]).all():
        unit = float(scales[0])
    elif model.structure.isotropic:
        raise ValueError(f"spherical covariances stay so only in one scale for all features; got {scales.tolist()}")
    covariances = model.covariances
    if isinstance(covariances, p.Fixed):
        covariances = p.Fixed(np.asarray(covariances.value) / scales[:, None] / scales)
    elif covariances is not None:
        covariances = covariances.in_units(0.0, unit)
    return replace(
        model,
        means=model.means.in_units(shift, unit) if model.means else None,
        scales=model.scales.in_units(0.0, unit) if model.scales else None,
        variances=model.variances.in_units(0.0, unit * unit) if model.variances else None,
        covariances=covariances,
    )


def draw_prior(model: GaussianMixture, rng: np.random.Generator, level: Floats | None = None) -> Params:
    """One draw of all parameters; `level` is a scale matrix (d, d) that was drawn before, see `draw_levels`."""
    k, d = size_of(model)
    means, weights = model.means, model.weights
    if means is None or weights is None or not (model.scales or model.variances or model.covariances):
        raise ValueError("some priors here follow the data; spell them out, or fill them in with with_defaults(x)")
    rate: Any = np.full((d, d), math.nan)
    if isinstance(model.covariances, p.InverseWishart) and model.rate is not None:
        rate = draw_levels(model, 1, rng)[0] if level is None else level
    elif isinstance(model.variances, p.InverseGamma) and model.rate is not None:
        rate = np.diag(np.broadcast_to(draw_rates(model.variances, spread_shape(model), rng), (d,)))
    centres = means.draw(rng, k) if isinstance(means, p.MatrixPrior) else _draw(means, rng, (k, d))
    return Params(weights.draw(rng, k), centres, _draw_factors(model, rate, rng), rate)


def draw_levels(model: GaussianMixture, n: int, rng: np.random.Generator) -> Floats | list[None]:
    """Draws (n, d, d) of the unknown scale matrix of covariances, which are quickly made together; None without one."""
    if not isinstance(model.covariances, p.InverseWishart) or model.rate is None:
        return [None] * n
    return draw_scale_matrices(model.covariances, model.structure.owners(model.n_components), n, rng)


def _draw(prior: p.Prior, rng: np.random.Generator, shape: tuple[int, ...]) -> Floats:
    return prior.spread_over(shape).draw(rng, math.prod(shape)).reshape(shape)


def _draw_factors(model: GaussianMixture, rate: Floats, rng: np.random.Generator) -> Floats:
    """Lower Cholesky factors (k, d, d) of the covariances."""
    k, d = size_of(model)
    own = model.structure.owners(k)
    if isinstance(model.covariances, p.InverseWishart):
        level = None if model.rate is None else rate + model.covariances.scatter
        factors = model.covariances.draw_factors(rng, own, level)
    elif isinstance(model.covariances, p.Fixed):
        factors = np.linalg.cholesky(np.array(model.covariances.value))
    else:
        shapes = model.correlations or p.LKJ(1.0)
        factors = np.eye(d)
        if model.structure.correlated and isinstance(shapes, p.LKJ):
            factors = shapes.draw_factors(rng, own, d)
        factors = _draw_scales(model, rate, rng)[..., None] * factors
    return np.broadcast_to(factors, (k, d, d)).copy()


def _draw_scales(model: GaussianMixture, rate: Floats, rng: np.random.Generator) -> Floats:
    """Scales that broadcast to (k, d)."""
    shape = spread_shape(model)
    if model.scales is not None:
        scales = _draw(model.scales, rng, shape)
    elif isinstance(model.variances, p.InverseGamma) and model.rate is not None:
        unit = _draw(model.variances.given(1.0), rng, shape)
        scales = np.sqrt(unit * (declared_rate(model, rate) + np.asarray(model.variances.floor) / 2))
    else:
        scales = np.sqrt(_draw(model.variances or p.Fixed(1.0), rng, shape))
    return model.structure.spread(scales)


def draw_points(params: Params, labels: NDArray[np.intp], rng: np.random.Generator) -> Floats:
    """One row of each label's component, (n, d)."""
    x, d = np.empty((labels.size, params.means.shape[1])), params.means.shape[1]
    for j in range(len(params.weights)):  # never an (n, d, d) array
        own = labels == j
        x[own] = params.means[j] + rng.standard_normal((int(own.sum()), d)) @ params.factors[j].T
    return x


def declared_scales(model: GaussianMixture, params: Params) -> Floats:
    """Standard deviations as declared: (..., k, d), tied (..., d), spherical (..., k)."""
    return model.structure.declared(params.scales)


def declared_rate(model: GaussianMixture, rate: Floats) -> Floats:
    """The unknown rate as declared: (..., d, d) of covariances; of variances (..., d), spherical (..., 1)."""
    if model.structure.correlated:
        return rate
    rates = np.diagonal(rate, axis1=-2, axis2=-1)
    return rates[..., :1] if model.structure.isotropic else rates


def logprior(model: GaussianMixture, params: Params) -> Floats:
    """Log prior density (...) of parameters with leading axes (...); every prior must be spelled out.

    It is over the parameters as declared: means, covariance matrices (lower triangles), or scales and correlation
    matrices, or variances, k-1 weights, and the unknown rate. Fixed blocks add nothing.
    """
    total = np.zeros(params.weights.shape[:-1])
    if isinstance(model.weights, p.Dirichlet):
        total += model.weights.logpdf(params.weights).reshape(total.shape)
    if isinstance(model.means, p.MvNormal):
        total += model.means.logpdf(params.means).sum(-1)
    elif model.means is not None and not isinstance(model.means, p.Fixed):
        total += model.means.logpdf(params.means).sum((-2, -1))
    rate = declared_rate(model, params.rate)
    if isinstance(model.rate, p.Wishart):
        total += model.rate.logpdf(rate)
    elif model.rate is not None:
        total += model.rate.logpdf(rate).sum(-1)
    if isinstance(model.covariances, p.InverseWishart):
        total += _log_covariances(model, model.covariances, params)
    if isinstance(model.variances, p.InverseGamma):
        total += _log_variances(model, model.variances, declared_scales(model, params) ** 2, rate)
    if model.scales is not None and not isinstance(model.scales, p.Fixed):
        total += model.scales.logpdf(declared_scales(model, params)).sum(_own_axes(model))
    if isinstance(model.correlations, p.LKJ):
        factors = params.factors / params.scales[..., None]
        total += model.correlations.of_factors(_own(model, factors)).sum(-1)
    return total


def _own_axes(model: GaussianMixture) -> tuple[int, ...]:
    """The last axes of declared scales: all but those of chains and draws."""
    return tuple(range(-len(spread_shape(model)), 0))


def _own(model: GaussianMixture, factors: Floats) -> Floats:
    """Factors (..., k, d, d) of the covariances that are parameters: one where tied."""
    return factors[..., : model.structure.owners(model.n_components), :, :]


def _log_covariances(model: GaussianMixture, prior: p.InverseWishart, params: Params) -> Floats:
    scale = params.rate if model.rate is not None else np.array(prior.scale)
    root = np.linalg.cholesky(scale)[..., None, :, :]
    own = _own(model, params.factors)
    densities: Floats = log_inverse_wishart(own, prior.df, root).sum(-1)
    if np.any(prior.floor):
        densities = densities - 0.5 * (np.linalg.solve(own, np.sqrt(prior.scatter)) ** 2).sum((-3, -2, -1))
    return densities


def _log_variances(model: GaussianMixture, prior: p.InverseGamma, variances: Floats, rate: Floats) -> Floats:
    if prior.rate is None:
        densities = prior.logpdf(variances)
    else:  # variance / rate is InverseGamma(alpha, 1)
        rate = rate if model.structure.isotropic else rate[..., None, :]
        densities = prior.given(1.0).logpdf(variances / rate) - np.log(rate) - np.asarray(prior.floor) / (2 * variances)
    total: Floats = densities.sum(_own_axes(model))
    return total


def loglik(data: Points, params: Params) -> float:
    """Log-likelihood of rows, allocations summed out."""
    from mixtura.reading.chunks import over_chunks
    from mixtura.rows.kernels import expected

    return math.fsum(over_chunks(lambda part: float(expected(part.x, part.weights, params).loglik[0]), data))
