"""The least scatter of a component under the default prior: what keeps it from shrinking onto a few equal values.

The default learns the level of the widths from the data. Where values repeat, or components are nearly as many as
points, the density then rises without bound as widths and level shrink together: improper, or proper and without mass
there, but every climb ends in it. So each component counts as if it had been seen to scatter a little more, by F in
all: a factor exp(-F / (2 variance)), of matrices exp(-trace(F covariance^-1) / 2), which beats any power of the
likelihood. F is fixed before any component is looked at: some 1e-4 of the range squared, more where points are few, and
where a column holds a few different values again and again, what rounding to such steps would have hidden.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.priors import InverseGamma, InverseWishart
from mixtura.priors.factors import bartlett

LEAST, FEW_POINTS, MOST = 1e-4, 2.9, 0.1  # F is (FEW_POINTS / n**2 range)**2, between LEAST and MOST
COARSE = 10  # different values at most, each seen twice or more on average, that count as steps
CHUNK = 1 << 16  # points that are looked at together
GRID = (-80.0, 6.0, 8192)  # of the logarithm of a rate, about that of a large one
TRIES, FORGOTTEN = 128, 6.0  # draws to choose from, and how often a chain forgets what it began with


def floor_of(x: Floats, n: float, owners: int) -> float:
    """F of one column x: n points, weights counted, and so many components that each have a width of their own.

    >>> import numpy as np
    >>> round(floor_of(np.arange(100.0), 100.0, 2), 6)  # (2.9e-4 * 99)**2
    0.000824
    >>> floor_of(np.repeat([0.0, 1.0], 24), 48.0, 2) > 48 / 2 / 12
    True
    """
    span, many = float(x.max()) - float(x.min()), steps(x, n)
    coarse = n / owners / many**2 / 12.0 if many else 0.0
    return (min(max(LEAST, FEW_POINTS / n**2), MOST) ** 2 + coarse) * span * span


def steps(x: Floats, n: float) -> int:
    """How many steps a column (n,) of few values takes from its least to its greatest; 0 if it is no such column."""
    values = len(few_values(x))
    return values - 1 if values <= COARSE and n >= 2 * values else 0


def few_values(x: Floats) -> Floats:
    """The different values of a column (n,), sorted, where there are no more than COARSE; else COARSE + 1 of them.

    >>> few_values(np.array([2.0, 1.0, 2.0, 5.0]))
    array([1., 2., 5.])
    """
    found = np.empty(0)
    for first in range(0, len(x), CHUNK):
        chunk = x[first : first + CHUNK]
        for value in found:
            chunk = chunk[chunk != value]
        if chunk.size:
            found = np.union1d(found, chunk)
        if found.size > COARSE:
            return found[: COARSE + 1]
    return found


def draw_rates(prior: InverseGamma, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """One draw of the unknown rates of variances (k, ...), one for each of the other axes.

    A floor f makes the density of a rate b, variances integrated out, that of its Gamma times (b / (b + f / 2))**alpha
    for each variance; drawn by inverting its distribution function on a fine grid of log b.
    """
    assert prior.rate is not None
    own = shape[1:]
    alpha, floor = (
        np.broadcast_to(np.asarray(v, float), shape).reshape(shape[0], -1) for v in (prior.alpha, prior.floor)
    )
    found = []
    for at, (a, b) in enumerate(zip(*prior.rate.columns(max(math.prod(own), 1)), strict=True)):
        if not floor[:, at].any():
            found.append(rng.standard_gamma(a) / b)
            continue
        logs = np.log(a + alpha[:, at].sum()) - math.log(b) + np.linspace(*GRID)
        rates = np.exp(logs)
        density = a * logs - b * rates
        with np.errstate(divide="ignore", over="ignore"):  # far below the floor there is nothing
            density -= (alpha[:, at] * np.log1p(floor[:, at] / 2 / rates[:, None])).sum(1)
        below = np.cumsum(np.exp(density - density.max()))
        found.append(math.exp(np.interp(rng.random() * below[-1], below, logs)))
    return np.asarray(found, float).reshape(own)


def draw_scale_matrices(prior: InverseWishart, owners: int, n: int, rng: np.random.Generator) -> Floats:
    """Draws (n, d, d) of the unknown scale matrix of so many covariances.

    A floor F makes its density, covariances integrated out, that of its Wishart times (|S| / |S + F|)**(df / 2) for
    each of them. By rejection, where enough of many draws pass; else by Gibbs sampling of S and the covariances, each
    draw a chain of its own that has forgotten its start (a sweep keeps of the level what covariances say of it).
    """
    assert prior.rate is not None
    wishart, floor, df = prior.rate, prior.scatter, owners * prior.df
    scales = wishart.draw(rng, n * TRIES)
    above = np.linalg.slogdet(scales + floor)[1] - np.linalg.slogdet(scales)[1]
    passed = scales[np.log(rng.random(len(scales))) < -0.5 * df * above]
    if len(passed) >= n:
        return np.asarray(passed[:n], float)
    scales, known = scales[:n], np.linalg.inv(np.array(wishart.scale))
    for _ in range(math.ceil(FORGOTTEN * (1 + df / wishart.df))):
        precisions = _wisharts(df, np.linalg.inv(scales + floor), rng)
        scales = _wisharts(wishart.df + df, np.linalg.inv(known + precisions), rng)
    return scales


def _wisharts(df: float, scales: NDArray[np.floating], rng: np.random.Generator) -> Floats:
    """One draw of a Wishart for each of its scales (n, d, d)."""
    n, d = scales.shape[:2]
    factors = np.linalg.cholesky(scales) @ bartlett(rng, df, d, n)
    return np.asarray(factors @ factors.swapaxes(-1, -2), float)
