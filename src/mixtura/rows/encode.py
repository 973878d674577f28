"""A declared model and rows, in standardised units, as the arrays that compiled code explores; and the way back."""

from __future__ import annotations

import math
from itertools import accumulate

import numpy as np

from mixtura import priors as p
from mixtura.arrays import Floats
from mixtura.line.coordinates import simplex_basis, unplace
from mixtura.line.target import HIGH, KIND, LOW, NORM, A
from mixtura.model import GaussianMixture
from mixtura.rows.coordinates import correlation_coordinates, factor_coordinates, log_lkj_constant
from mixtura.rows.records import Params, Rows
from mixtura.rows.target import (
    CONSTANT,
    CORRELATIONS,
    GROUPS,
    INVERSE,
    MATRICES,
    MEANS,
    OWNERS,
    RATE,
    RATE_AT,
    SCALES,
    SIZE,
    WEIGHTS,
    Target,
)

LOG_2, LOG_2PI = math.log(2.0), math.log(2.0 * math.pi)
BEYOND = 1e150  # what is wider has no square


def target_of(model: GaussianMixture, rows: Rows) -> Target:
    """Encode a model whose priors are all spelled out, for rows of d features."""
    k, d = model.n_components, model.n_features or 1
    scales, rates = _scale_rows(model, k, d)
    centres, precisions = _normals(model.means, k, d)
    inverse, numbers = _wishart_numbers(model, d)
    target = Target(
        rows=rows,
        at=_layout(model, len(scales), len(rates), d),
        numbers=numbers,
        concentration=model.weights.columns(k)[0] if isinstance(model.weights, p.Dirichlet) else np.ones(k),
        basis=simplex_basis(k),
        centres=centres,
        precisions=np.concatenate([precisions, _floor(model, d)[None], inverse[None]]),
        scales=np.concatenate([scales, rates]),
        scale_at=model.structure.scale_at(k, d),
        known=np.concatenate([block.ravel() for block in _fixed(model, k, d)]),
        diagonal=not model.structure.correlated,
    )
    return target._replace(numbers=(*numbers[:CONSTANT], _constant(target)))


def _layout(model: GaussianMixture, n_scales: int, n_rates: int, d: int) -> tuple[int, ...]:
    """What `Target.at` holds."""
    k = model.n_components
    owners = model.structure.owners(k)
    sizes = dict.fromkeys((MEANS, SCALES, CORRELATIONS, MATRICES, WEIGHTS, RATE), 0)
    spread = model.scales or model.variances
    matrices = isinstance(model.covariances, p.InverseWishart)
    if not isinstance(model.means, p.Fixed):
        sizes[MEANS] = k * d
    if spread is not None and not isinstance(spread, p.Fixed):
        sizes[SCALES] = n_scales
    if isinstance(model.correlations, p.LKJ):
        sizes[CORRELATIONS] = owners * (d * (d - 1) // 2)
    if matrices:
        sizes[MATRICES] = owners * (d * (d + 1) // 2)
    if not isinstance(model.weights, p.Fixed):
        sizes[WEIGHTS] = k - 1
    if model.rate is not None:
        sizes[RATE] = d * (d + 1) // 2 if matrices else n_rates
    ends = list(accumulate(sizes.values()))
    starts = (end - size if size else -1 for end, size in zip(ends, sizes.values(), strict=True))
    return (*starts, n_scales, owners, ends[-1])


def _normals(prior: p.Prior | None, k: int, d: int) -> tuple[Floats, Floats]:
    """Centres (k, d) and precisions (k, d, d) of the means."""
    if isinstance(prior, p.MvNormal):
        precision = np.linalg.inv(np.array(prior.cov, float))
        centres = np.broadcast_to(np.array(prior.mu, float), (k, d))
        return centres.copy(), np.broadcast_to(precision, (k, d, d)).copy()
    if isinstance(prior, p.Normal):
        mu, sigma = prior.table((k, d))
        if sigma.max() > BEYOND or sigma.min() < 1 / BEYOND:
            raise ValueError(
                "priors and data are of sizes too unlike for 64-bit numbers: in units of the data, means have a prior "
                f"from {sigma.min():.1g} to {sigma.max():.1g} wide. Give priors of the size of the data"
            )
        return mu, np.eye(d) / sigma[..., None] ** 2
    return np.zeros((k, d)), np.zeros((k, d, d))


def _scale_rows(model: GaussianMixture, k: int, d: int) -> tuple[Floats, Floats]:
    """A row for each scale parameter, and for each unknown rate."""
    g, shape = model.structure.n_scales(k, d), model.structure.scales_shape(k, d)
    spread, rate = model.scales or model.variances, model.rate
    if spread is None:
        return np.zeros((0, 8)), np.zeros((0, 8))
    if isinstance(spread, p.Fixed):
        values = spread.table(shape)[0].ravel()
        rows = np.zeros((g, 8))
        rows[:, A] = values if model.variances is None else np.sqrt(values)
        return rows, np.zeros((0, 8))
    unknown = isinstance(spread, p.InverseGamma) and rate is not None
    rows = _rows(spread.spread_over(shape), g)
    if model.variances is not None:
        rows[:, KIND] = p.VARIANCE_INVERSE_GAMMA
        rows[:, NORM] += LOG_2
    if not unknown or not isinstance(rate, p.Gamma):
        return rows, np.zeros((0, 8))
    if model.structure.isotropic:
        rows[:, RATE_AT] = 0
        return rows, _rows(rate, 1)
    rows[:, RATE_AT] = np.tile(np.arange(d), k)
    return rows, _rows(rate.spread_over((d,)), d)


def _rows(prior: p.Prior, n: int) -> Floats:
    """One row of kind, numbers, normaliser and bounds for each of n parameters; no unknown rate."""
    return np.hstack([np.full((n, 1), float(prior.kind)), prior.encode(n), prior.bounds(n), np.full((n, 1), -1.0)])


def _floor(model: GaussianMixture, d: int) -> Floats:
    """What the covariances' prior adds to every component's scatter (d, d)."""
    return model.covariances.scatter if isinstance(model.covariances, p.InverseWishart) else np.zeros((d, d))


def _wishart_numbers(model: GaussianMixture, d: int) -> tuple[Floats, tuple[float, ...]]:
    """The inverse (d, d) of the scale of the scale matrix's Wishart; what `Target.numbers` holds but the constant."""
    inverse, eta, df, rate_df = np.zeros((d, d)), 0.0, 0.0, 0.0
    if isinstance(model.correlations, p.LKJ):
        eta = float(model.correlations.eta)
    if isinstance(model.covariances, p.InverseWishart):
        df = float(model.covariances.df)
        if isinstance(model.rate, p.Wishart):
            rate_df, inverse = float(model.rate.df), np.linalg.inv(np.array(model.rate.scale, float))
    return inverse, (eta, df, rate_df, 0.0)


def _fixed(model: GaussianMixture, k: int, d: int) -> Params:
    """Values of the blocks taken as known; what is free gets a value that does no harm."""
    weights = model.weights.columns(k)[0] if isinstance(model.weights, p.Fixed) else np.ones(k) / k
    means = model.means.table((k, d))[0] if isinstance(model.means, p.Fixed) else np.zeros((k, d))
    factors = np.broadcast_to(np.eye(d), (k, d, d)).copy()
    spread = model.scales or model.variances
    if isinstance(model.covariances, p.Fixed):
        factors = np.asarray(np.linalg.cholesky(model.covariances.table((k, d, d))[0]), float)
    if isinstance(spread, p.Fixed):
        values = _scale_rows(model, k, d)[0][:, A][model.structure.scale_at(k, d)]
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
    owners, total = at[OWNERS], 0.0
    if at[WEIGHTS] >= 0:
        total += math.lgamma(target.concentration.sum()) - sum(math.lgamma(a) for a in target.concentration)
        total += 0.5 * math.log(k)
    if at[MEANS] >= 0:
        total += 0.5 * float(np.linalg.slogdet(target.precisions[:k])[1].sum()) - 0.5 * k * d * LOG_2PI
    if at[CORRELATIONS] >= 0:
        total += owners * log_lkj_constant(eta, d)
    if at[MATRICES] >= 0:
        total -= owners * (0.5 * df * d * LOG_2 + log_multigamma(0.5 * df, d) - d * LOG_2)
        if at[RATE] >= 0:
            log_scale = -float(np.linalg.slogdet(target.precisions[INVERSE])[1])
            total -= 0.5 * rate_df * (d * LOG_2 + log_scale) + log_multigamma(0.5 * rate_df, d) - d * LOG_2
    return total


def log_multigamma(a: float, d: int) -> float:
    """Logarithm of the multivariate gamma function."""
    return d * (d - 1) / 4 * math.log(math.pi) + sum(math.lgamma(a - 0.5 * i) for i in range(d))


def can_trade(target: Target) -> bool:
    """Whether two components can exchange labels at all: nothing fixed and no bound tells them apart."""
    k = len(target.centres)
    bounds = target.scales[: target.at[GROUPS], LOW : HIGH + 1]
    own = bounds.reshape(k, -1) if len(bounds) and target.scale_at[0, 0] != target.scale_at[-1, 0] else bounds[:0]
    fixed = [block.reshape(k, -1) for block in target.fixed[:3]]
    return all(bool((block == block[:1]).all()) for block in [own, *fixed])


def position_of(target: Target, params: Params) -> Floats:
    """The coordinates q of given standardised parameters: the inverse of `place_all`."""
    at, (k, d) = target.at, target.centres.shape
    q, owners = np.empty(at[SIZE]), at[OWNERS]
    if at[MEANS] >= 0:
        q[at[MEANS] : at[MEANS] + k * d] = params.means.ravel()
    if at[SCALES] >= 0:
        values = np.empty(at[GROUPS])
        values[target.scale_at.ravel()] = params.scales.ravel()
        bounds = target.scales[:, LOW : HIGH + 1]
        q[at[SCALES] : at[SCALES] + len(values)] = [
            unplace(bounds[g : g + 1], values[g : g + 1])[0] for g in range(len(values))
        ]
    if at[CORRELATIONS] >= 0:
        correlations = (params.factors / params.scales[..., None])[:owners]
        found = np.concatenate([correlation_coordinates(factor) for factor in correlations])
        q[at[CORRELATIONS] : at[CORRELATIONS] + found.size] = found
    if at[MATRICES] >= 0:
        found = np.concatenate([factor_coordinates(factor) for factor in params.factors[:owners]])
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
        size = found.size if matrix else len(target.scales) - at[GROUPS]
        q[at[RATE] : at[RATE] + size] = found[:size]
    return q
