"""How wide a cell may be: log p is analytic up to the nearest complex zero of p.

At a zero of p two Gaussian terms cancel: their logs, both quadratic, differ by i pi. A cell with that zero on its
Bernstein ellipse of size rho is integrated by m Gauss nodes to about rho**(-2m) per point (L. N. Trefethen,
Approximation Theory and Approximation Practice (2013), theorems 8.2 and 19.3). Where one component alone matters log p
is a quadratic, which two nodes integrate exactly, over a cell of any width.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.line.compress.rules import Rules
from mixtura.line.records import Params

MASKED = 4.0  # nats by which a third component drowns the two that cancel
HALVINGS = 20  # at most, of one cell


def zeros_of(params: Params) -> NDArray[np.complex128]:
    """Complex zeros (z,) of the densities nearest to the real line, one of each conjugate pair; params are (s, k)."""
    i, j = np.triu_indices(params.means.shape[-1], 1)
    with np.errstate(all="ignore"):  # components that are equal, or have no weight, have no crossing
        height = np.log(params.weights) - np.log(params.scales)
        precision = params.scales**-2.0
        apart = params.means[..., j] - params.means[..., i]
        a = 0.5 * (precision[..., j] - precision[..., i])
        b = -precision[..., j] * apart
        c = height[..., i] - height[..., j] + 0.5 * precision[..., j] * apart**2 - 1j * np.pi
        root = np.sqrt(b * b - 4 * a * c)
        stable = -0.5 * (b + np.where(b * root.real < 0, -root, root))
        z = params.means[..., i] + np.stack([stable / a, c / stable])
        distance = (z[..., None] - params.means[..., None, :]) / params.scales[..., None, :]
        terms = height[..., None, :] - 0.5 * (distance**2).real
        seen = terms.max(-1) - terms[..., np.arange(i.size), i] < MASKED
    found: NDArray[np.complex128] = z[seen & np.isfinite(z)]
    return found


def ellipse(low: Floats | float, high: Floats | float, zeros: NDArray[np.complex128]) -> Floats:
    """Size rho of the Bernstein ellipse of [low, high] through each zero; inf for a cell of one point."""
    with np.errstate(all="ignore"):
        u = (2 * zeros - low - high) / (high - low)
        rho = np.abs(u + np.sqrt(u * u - 1))
        return np.where(high > low, np.maximum(rho, 1 / rho), np.inf)


def errors(rules: Rules, params: Params) -> Floats:
    """About how far off the log-likelihood of each cell's own rule is, in nats (c,), at the worst of params (s, k)."""
    return gauss_error(rules.low, rules.high, full_weight(rules), rules.x.shape[1], zeros_of(params))


def full_weight(rules: Rules) -> Floats:
    """The weight of each cell that its rule may be wrong about: 0 where it has fewer points than nodes."""
    return np.where((rules.weights > 0).all(1), rules.weights.sum(1), 0.0)


def gauss_error(low: Floats, high: Floats, weight: Floats, size: int, zeros: NDArray[np.complex128]) -> Floats:
    """Error of Gauss rules of so many nodes on cells (c,) of some weight."""
    smallest = np.full(low.shape, np.inf)
    for zero in zeros:
        np.minimum(smallest, ellipse(low, high, zero), out=smallest)
    return weight * smallest ** (-2.0 * size)


def cuts(rules: Rules, params: Params, tolerance: float) -> Floats:
    """Where to cut cells in halves, again and again, for the error of each part to come below the tolerance."""
    low, high, weight, zeros = rules.low, rules.high, full_weight(rules), zeros_of(params)
    found = [np.empty(0)]
    for _ in range(HALVINGS):
        bad = gauss_error(low, high, weight, rules.x.shape[1], zeros) > tolerance
        middle = (low[bad] + high[bad]) / 2
        found.append(middle)
        low, high, weight = np.append(low[bad], middle), np.append(middle, high[bad]), np.tile(weight[bad], 2)
    return np.concatenate(found)
