"""A declared model and rows, in standardised units, as the arrays that compiled code explores; and the way back."""

from __future__ import annotations

import math

import numpy as np

from mixtura import priors as p
from mixtura.coordinates import simplex_basis, unplace
from mixtura.covariance import scale_at, scale_of
from mixtura.model import GaussianMixture
from mixtura.multivariate.coordinates import correlation_coordinates, factor_coordinates, log_lkj_constant
from mixtura.multivariate.records import Params, Rows
from mixtura.multivariate.target import CORRELATIONS, MATRICES, MEANS, RATE, SCALES, SIZE, WEIGHTS, Target
from mixtura.params import Floats
from mixtura.target import HIGH, KIND, LOW, NORM, Ints

LOG_2, LOG_2PI = math.log(2.0), math.log(2.0 * math.pi)


def target_of(model: GaussianMixture, rows: Rows) -> Target:
    """Encode a model whose priors are all spelled out, for rows of d features."""
    k, d = model.n_components, model.n_features or 1
    scales, rate_at, rates = _scale_rows(model, k, d)
    at = _layout(model, len(scales), len(rates), d)
    centres, precisions = _normals(model.means, k, d)
    owner = scale_of("tied" if model.covariance == "tied" else "full", k)
    inverse, numbers = _wishart_numbers(model, d)
    concentration = model.weights.columns(k)[0] if isinstance(model.weights, p.Dirichlet) else np.ones(k)
    target = Target(
        rows=rows,
        at=at,
        concentration=concentration,
        centres=centres,
        precisions=precisions,
        scales=scales,
        scale_at=scale_at(model.covariance, k, d),
        rate_at=rate_at,
        rates=rates,
        owner=owner,
        inverse=inverse,
        numbers=numbers,
        fixed=_fixed(model, k, d),
        basis=simplex_basis(k),
        diagonal=model.covariance in ("diagonal", "spherical"),
    )
    target.numbers[-1] = _constant(target)
    return target


def _layout(model: GaussianMixture, n_scales: int, n_rates: int, d: int) -> Ints:
    """Where each block starts in q, -1 for those that are not there; and q's size."""
    k = model.n_components
    owners = 1 if model.covariance == "tied" else k
    sizes = np.zeros(7, np.int64)
    spread = model.scales or model.variances
    sizes[MEANS] = 0 if isinstance(model.means, p.Fixed) else k * d
    sizes[SCALES] = n_scales if spread is not None and not isinstance(spread, p.Fixed) else 0
    sizes[CORRELATIONS] = owners * (d * (d - 1) // 2) if isinstance(model.correlations, p.LKJ) else 0
    matrices = isinstance(model.covariances, p.InverseWishart)
    sizes[MATRICES] = owners * (d * (d + 1) // 2) if matrices else 0
    sizes[WEIGHTS] = 0 if isinstance(model.weights, p.Fixed) else k - 1
    sizes[RATE] = 0 if model.rate is None else d * (d + 1) // 2 if matrices else n_rates
    ends = np.cumsum(sizes)
    return np.where(sizes > 0, ends - sizes, np.where(np.arange(7) == SIZE, ends, -1))


def _normals(prior: p.Prior | None, k: int, d: int) -> tuple[Floats, Floats]:
    """Centres (k, d) and precisions (k, d, d) of the means."""
    if isinstance(prior, p.MvNormal):
        precision = np.linalg.inv(np.array(prior.cov, float))
        centres = np.broadcast_to(np.array(prior.mu, float), (k, d))
        return centres.copy(), np.broadcast_to(precision, (k, d, d)).copy()
    if isinstance(prior, p.Normal):
        mu, sigma = prior.table((k, d))
        return mu, np.eye(d) / sigma[..., None] ** 2
    return np.zeros((k, d)), np.zeros((k, d, d))


def _scale_rows(model: GaussianMixture, k: int, d: int) -> tuple[Floats, Ints, Floats]:
    """A row for each scale parameter, which unknown rate each has, and a row for each of those."""
    at = scale_at(model.covariance, k, d)
    g = int(at.max()) + 1
    spread, rate = model.scales or model.variances, model.rate
    if spread is None:
        return np.zeros((0, 7)), np.zeros(0, np.int64), np.zeros((0, 7))
    shape = {"tied": (d,), "spherical": (k,)}.get(model.covariance, (k, d))
    if isinstance(spread, p.Fixed):
        rows, values = np.zeros((g, 7)), spread.table(shape)[0].ravel()
        rows[:, 1] = values if model.variances is None else np.sqrt(values)
        return rows, np.full(g, -1), np.zeros((0, 7))
    unknown = isinstance(spread, p.InverseGamma) and rate is not None
    known = p.InverseGamma(spread.alpha, 1.0) if unknown and isinstance(spread, p.InverseGamma) else spread
    rows = _rows(known.spread_over(shape), g)
    if model.variances is not None:
        rows[:, KIND] = p.VARIANCE_INVERSE_GAMMA
        rows[:, NORM] += LOG_2
    if not unknown or not isinstance(rate, p.Gamma):
        return rows, np.full(g, -1), np.zeros((0, 7))
    if model.covariance == "spherical":
        return rows, np.zeros(g, np.int64), _rows(rate, 1)
    return rows, np.tile(np.arange(d), k), _rows(rate.spread_over((d,)), d)


def _rows(prior: p.Prior, n: int) -> Floats:
    """One row of kind, numbers, normaliser and bounds for each of n parameters."""
    return np.hstack([np.full((n, 1), float(prior.kind)), prior.encode(n), prior.bounds(n)])


def _wishart_numbers(model: GaussianMixture, d: int) -> tuple[Floats, Floats]:
    """The inverse (d, d) of the scale of the scale matrix's Wishart; what `Target.numbers` holds but the constant."""
    inverse, numbers = np.zeros((d, d)), np.zeros(4)
    if isinstance(model.correlations, p.LKJ):
        numbers[0] = model.correlations.eta
    if isinstance(model.covariances, p.InverseWishart):
        numbers[1] = model.covariances.df
        if isinstance(model.rate, p.Wishart):
            numbers[2], inverse = model.rate.df, np.linalg.inv(np.array(model.rate.scale, float))
    return inverse, numbers


def _fixed(model: GaussianMixture, k: int, d: int) -> Params:
    """Values of the blocks taken as known; what is free gets a value that does no harm."""
    weights = model.weights.columns(k)[0] if isinstance(model.weights, p.Fixed) else np.ones(k) / k
    means = model.means.table((k, d))[0] if isinstance(model.means, p.Fixed) else np.zeros((k, d))
    factors = np.broadcast_to(np.eye(d), (k, d, d)).copy()
    spread = model.scales or model.variances
    if isinstance(model.covariances, p.Fixed):
        factors = np.asarray(np.linalg.cholesky(model.covariances.table((k, d, d))[0]), float)
    if isinstance(spread, p.Fixed):
        values = _scale_rows(model, k, d)[0][:, 1][scale_at(model.covariance, k, d)]
        factors = values[..., None] * np.eye(d)
    rate = np.full((d, d), np.nan)
    if isinstance(model.covariances, p.InverseWishart):
        rate = np.eye(d) if model.rate is not None else np.array(model.covariances.scale, float)
    elif model.rate is not None:
        rate = np.eye(d)
    return Params(weights, means, factors, rate)


def _constant(target: Target) -> float:
    """What the log density gains by normalisers that rows of numbers do not hold, and by Jacobians' factors of 2."""
    (k, d), at, (eta, df, rate_df, _) = target.centres.shape, target.at, target.numbers
    owners, total = len(set(target.owner.tolist())), 0.0
    if at[WEIGHTS] >= 0:
        total += math.lgamma(target.concentration.sum()) - sum(math.lgamma(a) for a in target.concentration)
        total += 0.5 * math.log(k)
    if at[MEANS] >= 0:
        total += 0.5 * float(np.linalg.slogdet(target.precisions)[1].sum()) - 0.5 * k * d * LOG_2PI
    if at[CORRELATIONS] >= 0:
        total += owners * log_lkj_constant(eta, d)
    if at[MATRICES] >= 0:
        total -= owners * (0.5 * df * d * LOG_2 + log_multigamma(0.5 * df, d) - d * LOG_2)
        if at[RATE] >= 0:
            log_scale = -float(np.linalg.slogdet(target.inverse)[1])
            total -= 0.5 * rate_df * (d * LOG_2 + log_scale) + log_multigamma(0.5 * rate_df, d) - d * LOG_2
    return total


def log_multigamma(a: float, d: int) -> float:
    """Logarithm of the multivariate gamma function."""
    return d * (d - 1) / 4 * math.log(math.pi) + sum(math.lgamma(a - 0.5 * i) for i in range(d))


def can_trade(target: Target) -> bool:
    """Whether two components can exchange labels at all: nothing fixed and no bound tells them apart."""
    k = len(target.owner)
    bounds = target.scales[:, LOW:]
    own = bounds.reshape(k, -1) if len(bounds) and target.scale_at[0, 0] != target.scale_at[-1, 0] else bounds[:0]
    fixed = [block.reshape(k, -1) for block in target.fixed[:3]]
    return all(bool((block == block[:1]).all()) for block in [own, *fixed])


def position_of(target: Target, params: Params) -> Floats:
    """The coordinates q of given standardised parameters: the inverse of `place_all`."""
    at, (k, d) = target.at, target.centres.shape
    q, owners = np.empty(at[SIZE]), np.unique(target.owner)
    if at[MEANS] >= 0:
        q[at[MEANS] : at[MEANS] + k * d] = params.means.ravel()
    if at[SCALES] >= 0:
        values = np.empty(len(target.scales))
        values[target.scale_at.ravel()] = params.scales.ravel()
        bounds = target.scales[:, LOW : HIGH + 1]
        q[at[SCALES] : at[SCALES] + len(values)] = [
            unplace(bounds[g : g + 1], values[g : g + 1])[0] for g in range(len(values))
        ]
    if at[CORRELATIONS] >= 0:
        correlations = (params.factors / params.scales[..., None])[owners]
        found = np.concatenate([correlation_coordinates(factor) for factor in correlations])
        q[at[CORRELATIONS] : at[CORRELATIONS] + found.size] = found
    if at[MATRICES] >= 0:
        found = np.concatenate([factor_coordinates(factor) for factor in params.factors[owners]])
        q[at[MATRICES] : at[MATRICES] + found.size] = found
    if at[WEIGHTS] >= 0:
        q[at[WEIGHTS] : at[WEIGHTS] + k - 1] = np.log(params.weights) @ target.basis
    if at[RATE] >= 0:
        matrix = at[MATRICES] >= 0
        found = (
            factor_coordinates(np.asarray(np.linalg.cholesky(params.rate), float))
            if matrix
            else np.log(np.diag(params.rate))
        )
        size = found.size if matrix else len(target.rates)
        q[at[RATE] : at[RATE] + size] = found[:size]
    return q
