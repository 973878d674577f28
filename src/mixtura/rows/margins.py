"""Marginal and conditional mixtures of draws, in closed form: arrays in, arrays out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.rows.records import Params


class Conditioned(NamedTuple):
    """s draws of g mixtures of d features: log_weights (s, k, g), means (s, k, d, g), factors (s, k, d, d)."""

    log_weights: Floats
    means: Floats
    factors: Floats


def arranged(params: Params, chosen: Sequence[int]) -> Params:
    """The mixtures (s, k) of some features, in another order: rows of the factors, made triangular again."""
    upper = np.linalg.qr(np.swapaxes(params.factors[:, :, chosen], -1, -2)).R
    signs = np.where(np.diagonal(upper, axis1=-2, axis2=-1) < 0, -1.0, 1.0)
    factors = np.swapaxes(upper * signs[..., None], -1, -2)
    return Params(params.weights, params.means[:, :, chosen], factors, params.rate[:, chosen][:, :, chosen])


def conditioned(params: Params, values: Floats, near: Floats) -> Conditioned:
    """The mixtures (s, k) of the last features at g values (m, g) of the first m, weighed by the density there.

    Of values that are far out, `near` (m, g) are nearer ones, whose weights are the same.
    """
    m = len(values)
    corner = params.factors[..., :m, :m]
    z, weighed = (whitened(corner, at - params.means[..., :m, None]) for at in (values, near))
    with np.errstate(divide="ignore"):  # a weight of 0
        terms = np.log(params.weights)[..., None] + log_normal(corner, weighed)
    terms -= terms.max(1, keepdims=True)
    terms -= np.log(np.exp(terms).sum(1, keepdims=True))
    means = params.means[..., m:, None] + params.factors[..., m:, :m] @ z
    return Conditioned(terms, means, params.factors[..., m:, m:])


def log_terms(mixtures: Conditioned, x: Floats) -> Floats:
    """Log of weight times normal density (s, k, g, n) at points (n, d)."""
    means = mixtures.means
    z = whitened(mixtures.factors, (x.T[:, None] - means[..., None]).reshape(*means.shape[:3], -1))
    return mixtures.log_weights[..., None] + log_normal(mixtures.factors, z).reshape(*mixtures.log_weights.shape, -1)


def moments(mixtures: Conditioned) -> tuple[Floats, Floats]:
    """Means (s, g, d) and covariances (s, g, d, d) of the mixtures."""
    shares = np.exp(mixtures.log_weights)[:, :, None]
    mean = (shares * mixtures.means).sum(1)
    apart = np.moveaxis(np.sqrt(shares) * (mixtures.means - mean[:, None]), -1, 1)
    within = mixtures.factors @ np.swapaxes(mixtures.factors, -1, -2)
    covariance = np.einsum("skg,skij->sgij", shares[:, :, 0], within) + np.swapaxes(apart, -1, -2) @ apart
    return np.swapaxes(mean, 1, 2), covariance


def draw(mixtures: Conditioned, rng: np.random.Generator) -> Floats:
    """A point (s, g, d) of each mixture."""
    s, _, d, g = mixtures.means.shape
    edges = np.exp(mixtures.log_weights).cumsum(1)
    labels = (rng.random((s, 1, g)) * edges[:, -1:] > edges[:, :-1]).sum(1)
    means = np.take_along_axis(mixtures.means, labels[:, None, None], 1)[:, 0]
    factors = mixtures.factors[np.arange(s)[:, None], labels]
    points: Floats = np.swapaxes(means, 1, 2) + (factors @ rng.standard_normal((s, g, d, 1)))[..., 0]
    return points


def whitened(factors: Floats, apart: Floats) -> Floats:
    """Solve factors @ z = apart, (..., d, d) and (..., d, n), by forward substitution."""
    z = np.empty_like(apart)
    for i in range(apart.shape[-2]):
        known = factors[..., i, None, :i] @ z[..., :i, :]
        z[..., i, :] = (apart[..., i, :] - known[..., 0, :]) / factors[..., i, i, None]
    return z


def log_normal(factors: Floats, z: Floats) -> Floats:
    """Log normal density (..., n) of whitened points (..., d, n)."""
    d = z.shape[-2]
    top = np.log(np.diagonal(factors, axis1=-2, axis2=-1)).sum(-1) + 0.5 * d * math.log(2 * math.pi)
    with np.errstate(over="ignore"):  # far out: a density of 0
        density: Floats = -0.5 * (z * z).sum(-2) - top[..., None]
    return density
