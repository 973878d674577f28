"""What a declared model says in numbers, for data of one column; `rows.beliefs` is its twin for rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mixtura import priors as p
from mixtura.arguments import named, reals
from mixtura.arrays import Floats
from mixtura.floor import draw_rates, floor_of
from mixtura.line.records import Params
from mixtura.model import GaussianMixture

if TYPE_CHECKING:
    from mixtura.reading.data import Points


def with_defaults(model: GaussianMixture, x: Floats, weights: Floats | None = None) -> GaussianMixture:
    """Every prior spelled out: Richardson & Green's, and a floor; see `floor`."""
    model, theirs = reduced(model), of_richardson_green(float(x.min()), float(x.max()))
    variances = model.variances
    if model.scales is None and variances is None:
        floor = floor_of(x, float(x.size if weights is None else weights.sum()), model.n_scales)
        variances = replace(theirs["variances"], floor=floor)
    means, shares = model.means or theirs["means"], model.weights or theirs["weights"]
    return replace(model, means=means, weights=shares, variances=variances)


def richardson_green(x: Any) -> dict[str, p.Prior]:
    """Priors of Richardson & Green (1997, section 2.4) for a column, as they published them: without a floor.

    Means are Normal about the midrange with the range R as their sd, variances InverseGamma(2, beta) with beta a
    Gamma(0.2, 10 / R**2), weights Dirichlet(1). The default is these and a floor, which keeps components off repeated
    values. Under these alone values that repeat often make a posterior improper: a fit then warns.

    Parameters
    ----------
    x : column of numbers (n,)
        Whatever `GaussianMixture.sample` takes as one column.

    Returns
    -------
    dict
        The blocks `means`, `variances` and `weights`, for `GaussianMixture`.

    Raises
    ------
    ValueError
        If x is not one column of at least two different finite numbers.

    References
    ----------
    Richardson & Green 1997, Journal of the Royal Statistical Society B 59:731-792.

    Examples
    --------
    >>> import mixtura as mx
    >>> model = mx.GaussianMixture(n_components=6, **mx.richardson_green(mx.datasets.galaxies()))
    >>> model.means, model.variances, model.weights
    (Normal(mu=21.7255, sigma=25.107), InverseGamma(alpha=2, beta=Gamma(alpha=0.2, beta=0.0158639)), Dirichlet(a=1))
    """
    from mixtura.reading.data import points

    column = points(x).x
    if column.ndim > 1:
        raise ValueError(f"richardson_green takes one column; got {column.shape[1]}: rows have defaults of their own")
    return of_richardson_green(float(column.min()), float(column.max()))


def of_richardson_green(low: float, high: float) -> dict[str, Any]:
    """The same of a column that reaches from `low` to `high`."""
    return {
        "means": p.Normal(low / 2 + high / 2, high - low),
        "variances": p.InverseGamma(2.0, p.Gamma(0.2, 10.0 / (high - low) / (high - low))),
        "weights": p.Dirichlet(1.0),
    }


def reduced(model: GaussianMixture) -> GaussianMixture:
    """The same model of one feature in the words of one dimension: scales or variances, full or tied, plain vectors.

    Examples
    --------
    >>> import mixtura as mx
    >>> reduced(mx.GaussianMixture(n_components=2, covariances=mx.InverseWishart(3, [[4]]))).variances
    InverseGamma(alpha=1.5, beta=2)
    """
    means, variances, covariances = model.means, model.variances, model.covariances
    if isinstance(means, p.MvNormal):
        means = p.Normal(means.mu[0], math.sqrt(means.cov[0][0]))
    if isinstance(covariances, p.Fixed):
        variances = p.Fixed(np.ravel(covariances.value))
    if isinstance(covariances, p.InverseWishart):
        rate, shape = covariances.rate, covariances.df / 2
        unknown = p.Gamma(rate.df / 2, 1 / rate.scale[0][0]) if rate else covariances.scale[0][0] / 2
        variances = p.InverseGamma(shape, unknown, floor=float(np.ravel(covariances.floor)[0]))
    return replace(
        model,
        covariance=model.structure.of_one_feature,
        means=_flat(means),
        scales=_flat(model.scales),
        variances=_flat(variances),
        covariances=None,
        correlations=None,
    )


def _flat(prior: p.Prior | None) -> p.Prior | None:
    """Numbers nested as (components, 1) as vectors; the one rate as a number."""
    if isinstance(prior, p.InverseGamma) and prior.rate is not None and prior.rate.shape:
        prior = replace(prior, beta=p.Gamma(*(float(v[0]) for v in prior.rate.columns(1))))
    if isinstance(prior, p.InverseGamma) and np.size(prior.floor) == 1:
        prior = replace(prior, floor=float(np.ravel(prior.floor)[0]))
    return prior.spread_over(prior.shape) if prior and len(prior.shape) == 2 else prior


def in_units(model: GaussianMixture, shift: float, scale: float) -> GaussianMixture:
    """The same beliefs about (x - shift) / scale."""
    return replace(
        model,
        means=model.means.in_units(shift, scale) if model.means else None,
        scales=model.scales.in_units(0.0, scale) if model.scales else None,
        variances=model.variances.in_units(0.0, scale * scale) if model.variances else None,
    )


def draw_prior(model: GaussianMixture, rng: np.random.Generator) -> Params:
    """One draw of all parameters."""
    if model.n_features is None and (model.correlations or not model.structure.correlated):
        raise ValueError(f"how many features? Nothing in this model says it: give n_features=...; got {model!r}")
    model = reduced(model)
    spread = model.scales or model.variances
    if model.means is None or model.weights is None or spread is None:
        raise ValueError("some priors here follow the data; spell them out, or fill them in with with_defaults(x)")
    k, rate = model.n_components, math.nan
    if isinstance(spread, p.InverseGamma) and spread.rate is not None:
        rate = float(draw_rates(spread, (model.n_scales,), rng))
        spread = spread.given(rate + np.asarray(spread.floor) / 2)
    scales = spread.draw(rng, model.n_scales)
    if model.variances is not None:
        scales = np.sqrt(scales)
    scales = scales[model.structure.scale_of(k)]
    return Params(model.weights.draw(rng, k), model.means.draw(rng, k), scales, np.array(rate))


def draw_points(params: Params, labels: NDArray[np.intp], rng: np.random.Generator) -> Floats:
    """One point of each label's component, (n,)."""
    return rng.normal(params.means[labels], params.scales[labels])


def logprior(model: GaussianMixture, params: Params) -> float:
    """Log prior density at checked parameters; every prior must be spelled out."""
    total = 0.0
    scales = params.scales[: model.n_scales]
    if model.scales is not None and not isinstance(model.scales, p.Fixed):
        total += float(model.scales.logpdf(scales).sum())
    if isinstance(model.variances, p.InverseGamma):
        spread, rate = model.variances, float(params.rate)
        if model.rate is not None:
            if not rate > 0:
                raise ValueError(f"this model samples a rate: params needs a positive rate; got {rate}")
            total += float(model.rate.logpdf(rate).sum())
            total -= float((np.asarray(spread.floor) / (2.0 * scales**2)).sum())
            spread = spread.given(rate)
        total += float(spread.logpdf(scales**2).sum())
    if isinstance(model.weights, p.Dirichlet):
        total += float(model.weights.logpdf(params.weights).sum())
    if model.means is not None and not isinstance(model.means, p.Fixed):
        total += float(model.means.logpdf(params.means).sum())
    return total


def loglik(data: Points, params: Params) -> float:
    """Log-likelihood of points, allocations summed out."""
    from mixtura.line.kernels import expected
    from mixtura.reading.chunks import over_chunks

    return math.fsum(over_chunks(lambda part: float(expected(part, params).loglik[0]), data))


def checked_params(params: Params | Mapping[str, Any], model: GaussianMixture) -> Params:
    """One mixture's parameters from a record, or a mapping of weights, means, scales (or variances) and perhaps rate.

    Raises
    ------
    ValueError
        If a name is unknown or missing, or a value is not what a mixture of so many components can have.
    """
    n_components, given = model.n_components, named(params, Params)
    if "variances" in given:
        with np.errstate(invalid="ignore"):
            given["scales"] = np.sqrt(reals(given.pop("variances"), "variances"))
    unknown, missing = set(given) - set(Params._fields), {"weights", "means", "scales"} - set(given)
    if unknown or missing:
        wrong = f"unknown {sorted(map(str, unknown))}" if unknown else f"missing {sorted(missing)}"
        raise ValueError(f"params holds weights, means, scales (or variances) and perhaps rate; {wrong}")
    blocks = {name: np.array(reals(given.get(name, math.nan), name)) for name in Params._fields}  # never read-only
    for name in ("weights", "means", "scales"):
        if blocks[name].shape not in {(), (n_components,)}:
            raise ValueError(f"{name} has shape {blocks[name].shape}; n_components={n_components} needs as many")
        blocks[name] = np.broadcast_to(blocks[name], (n_components,)).copy()
    if not (np.min(blocks["scales"]) > 0 and np.min(blocks["weights"]) >= 0):
        raise ValueError("scales must be positive and weights not negative")
    if abs(blocks["weights"].sum() - 1) > 1e-8:
        raise ValueError(f"weights sum to 1; these sum to {blocks['weights'].sum():.6g}")
    if not np.isfinite([blocks["means"], blocks["scales"]]).all():
        raise ValueError("means and scales must be finite")
    return Params(**blocks)
