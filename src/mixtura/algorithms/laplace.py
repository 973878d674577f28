"""Laplace's approximation: a mode, the normal that touches the posterior there, its mass, and draws from it.

A density here is a function of a position q (d,) that returns the log density and writes its gradient (d,).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from mixtura.arrays import Floats

Density = Callable[[Floats, Floats], float]
NEWTON_STEPS = 30
UNLIKELY = 20.0  # nats by which a mode's mass falls short to be of no account
GUESSES, ROUND = 40, 1.0  # draws from an approximation, and the spread of their log weights that is small
WIDEST = 10.0  # no direction of an approximation is wider than this many units
NARROWEST = 1e-13  # of variances, beside the widest: what a matrix of 64-bit numbers can hold
TOO_UNLIKE = (
    "priors and data are of sizes too unlike for 64-bit numbers: the density has no finite slope at its mode. "
    "Give priors of the size of the data, or leave them to their defaults"
)


class Peak(NamedTuple):
    """A mode in the sampler's coordinates: q (d,), Laplace covariance (d, d), log density, log mass."""

    q: Floats
    covariance: Floats
    logdensity: float
    log_mass: float


def polish(density: Density, q: Floats, step: float) -> Peak:
    """Newton's method with backtracking from q, then Laplace's approximation where it ends.

    Slopes are differenced over `step`.
    """
    grad, scratch = np.empty_like(q), np.empty_like(q)
    for _ in range(NEWTON_STEPS):
        value = density(q, grad)
        covariance, log_det = _inverse(curvature(density, q, step))
        with np.errstate(over="ignore", invalid="ignore"):
            move = covariance @ grad
            gain = float(grad @ move)
        if not math.isfinite(gain):
            raise ValueError(TOO_UNLIKE)
        while gain > 1e-9 and not density(q + move, scratch) > value:
            move, gain = move / 4, gain / 4
        if gain <= 1e-9:
            break
        q = q + move
    log_mass = value + 0.5 * q.size * math.log(2 * math.pi) + 0.5 * log_det
    return Peak(q, covariance, value, log_mass)


def curvature(density: Density, q: Floats, step: float) -> Floats:
    """Minus the Hessian (d, d) of the log density at q, by differences of the gradient."""
    size = q.size
    hessian, up, down = np.empty((size, size)), np.empty(size), np.empty(size)
    for i in range(size):
        moved = q.copy()
        moved[i] = q[i] + step
        density(moved, up)
        moved[i] = q[i] - step
        density(moved, down)
        hessian[i] = (down - up) / (2.0 * step)
    if not np.isfinite(hessian).all():
        raise ValueError(TOO_UNLIKE)
    return 0.5 * (hessian + hessian.T)


def _inverse(negative_hessian: Floats) -> tuple[Floats, float]:
    """Covariance (d, d) and its log determinant, with flat or rising directions held at the widest allowed.

    Directions too narrow beside the widest for the covariance to hold both are widened there: it must have a root.
    """
    values, vectors = np.linalg.eigh(negative_hessian)
    variances = 1.0 / np.maximum(np.abs(values), WIDEST**-2)
    held = np.maximum(variances, NARROWEST * variances.max())
    return (vectors * held) @ vectors.T, float(np.log(variances).sum())


def same(a: Peak, b: Peak) -> bool:
    """Whether two peaks are one, told by height and mass (labels may differ)."""
    return abs(a.logdensity - b.logdensity) < 1e-4 and abs(a.log_mass - b.log_mass) < 1e-2


def likely(peaks: list[Peak]) -> list[Peak]:
    """Those that are worth a thought beside the heaviest."""
    return [peak for peak in peaks if peak.log_mass > peaks[0].log_mass - UNLIKELY]


def is_round(density: Density, peaks: list[Peak], rng: np.random.Generator) -> bool:
    """Whether the posterior is nearly normal about one mode: Laplace's approximation needs little reweighting."""
    return unevenness(density, peaks, rng) < ROUND


def unevenness(density: Density, peaks: list[Peak], rng: np.random.Generator) -> float:
    """How far from normal the posterior about one mode is: the sd of log weights of draws from Laplace's approximation.

    Infinite where there is more than one mode.
    """
    if len(likely(peaks)) > 1:
        return math.inf
    peak, grad = peaks[0], np.empty_like(peaks[0].q)
    factor = np.linalg.cholesky(peak.covariance)
    z = rng.standard_normal((GUESSES, peak.q.size))
    log_weights = [density(peak.q + factor @ step, grad) + 0.5 * step @ step for step in z]
    return float(np.std(log_weights))


def starting_positions(
    density: Density, peaks: list[Peak], chains: int, rng: np.random.Generator
) -> Iterator[tuple[Floats, Peak]]:
    """A position for each chain: modes in proportion to their Laplace mass, spread by their Laplace covariance."""
    mass = np.exp(np.array([peak.log_mass for peak in peaks]) - max(peak.log_mass for peak in peaks))
    shares = np.cumsum(mass / mass.sum())
    slots = (np.arange(chains) + rng.random()) / chains
    grad = np.empty_like(peaks[0].q)
    for index in np.minimum(np.searchsorted(shares, slots), len(peaks) - 1):
        peak = peaks[index]
        step = np.linalg.cholesky(peak.covariance) @ rng.standard_normal(peak.q.size)
        while density(peak.q + step, grad) < peak.logdensity - 3.0 * peak.q.size - 10.0:
            step = step / 2.0
        yield peak.q + step, peak
