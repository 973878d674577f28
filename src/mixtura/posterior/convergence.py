"""How far draws can be trusted: R-hat, effective sample sizes, Monte Carlo errors and highest-density intervals.

The definitions are those of Vehtari, Gelman, Simpson, Carpenter & Bürkner (2021), and the numbers those of ArviZ, which
the tests compare them with. They are written out because ArviZ's take half a second to import, more than a fit takes.
Every function takes draws (p, c, s) of p parameters that move, at least 4 a chain, and answers for each of them.
"""

from __future__ import annotations

from functools import lru_cache
from statistics import NormalDist

import numpy as np

from mixtura.arrays import Floats

TAILS = (0.05, 0.95)


def rhat(draws: Floats) -> Floats:
    """Rank-normalised split R-hat, the larger of that of location and that of scale; nan for a single chain.

    Section 4.1 there: equations 1-4 on the normal scores of the draws' halves, and on those of their distance from the
    median.

    >>> rhat(np.arange(16.0).reshape(1, 2, 8)).round(2)
    array([3.09])
    """
    if draws.shape[1] < 2:
        return np.full(len(draws), np.nan)
    halves = _halves(draws)
    folded = np.abs(halves - np.median(halves, axis=(1, 2), keepdims=True))
    return np.fmax(_rhat(_normal_scores(halves)), _rhat(_normal_scores(folded)))


def ess_bulk(draws: Floats) -> Floats:
    """Effective sample size in the bulk: of the normal scores (section 4.1).

    >>> ess_bulk(np.sin(np.arange(800.0) ** 2).reshape(1, 2, 400)).round()
    array([786.])
    """
    return _ess(_normal_scores(_halves(draws)))


def ess_tail(draws: Floats) -> Floats:
    """Effective sample size in the tails: the lower of those of the 5 % and the 95 % quantile (section 4.3).

    >>> ess_tail(np.sin(np.arange(800.0) ** 2).reshape(1, 2, 400)).round()
    array([808.])
    """
    quantiles = np.quantile(draws.reshape(len(draws), -1), TAILS, axis=1)
    low, high = (_ess(_halves((draws <= q[:, None, None]).astype(float))) for q in quantiles)
    return np.minimum(low, high)


def ess_mean(draws: Floats) -> Floats:
    """Effective sample size for the mean: of the draws themselves (section 3.2).

    >>> ess_mean(np.sin(np.arange(800.0) ** 2).reshape(1, 2, 400)).round()
    array([761.])
    """
    return _ess(_halves(draws))


def mcse(draws: Floats) -> tuple[Floats, Floats]:
    """Monte Carlo standard errors of the mean and of the standard deviation.

    That of the deviation follows from that of the mean of squared deviations, whose own effective sample size counts.

    >>> mcse(np.arange(8.0).reshape(1, 2, 4))
    (array([0.91130786]), array([0.37203988]))
    """
    flat = draws.reshape(len(draws), -1)
    squares = (flat - flat.mean(1, keepdims=True)) ** 2
    variance = squares.mean(1)
    relative = squares / variance[:, None]
    excess = np.maximum((relative**2).mean(1) - 1.0, 0.0)
    ess = ess_mean(relative.reshape(draws.shape))
    return flat.std(1, ddof=1) / np.sqrt(ess_mean(draws)), np.sqrt(variance * excess / ess / 4)


def hdi(draws: Floats, prob: float) -> tuple[Floats, Floats]:
    """Ends of the narrowest interval between two draws that holds `prob` of them.

    >>> hdi(np.array([[[0.0, 5.0, 6.0, 7.0]]]), 0.5)
    (array([5.]), array([7.]))
    """
    flat = np.sort(draws.reshape(len(draws), -1), axis=1)
    inside = int(np.floor(prob * flat.shape[1]))
    first = np.argmin(flat[:, inside:] - flat[:, : flat.shape[1] - inside], axis=1)
    rows = np.arange(len(flat))
    return flat[rows, first], flat[rows, first + inside]


def powers_near(draws: Floats) -> Floats:
    """The power of two (p,) near the largest of the draws (p, c, s): divided by it, their fourth powers are numbers.

    >>> powers_near(np.array([[[-3.0, 5.0]], [[0.0, 0.0]]]))
    array([4., 1.])
    """
    largest = np.abs(draws).max((1, 2))
    usable = np.isfinite(largest) & (largest > 0)
    return np.asarray(np.exp2(np.round(np.log2(largest, where=usable, out=np.zeros_like(largest)))), float)


def _halves(draws: Floats) -> Floats:
    """Each chain as two, its first half and its last; of an odd number of draws the middle one is left out."""
    half = draws.shape[2] // 2
    return np.concatenate([draws[:, :, :half], draws[:, :, -half:]], axis=1)


def _normal_scores(draws: Floats) -> Floats:
    """Normal quantiles of the draws' ranks among all chains, equal draws sharing a rank (equation 14)."""
    flat = draws.reshape(len(draws), -1)
    order = np.argsort(flat, axis=1)
    ranked = np.take_along_axis(flat, order, 1)
    begins = np.ones(flat.shape, bool)
    begins[:, 1:] = ranked[:, 1:] != ranked[:, :-1]
    first = np.flatnonzero(begins)
    times = np.diff(first, append=flat.size)
    twice = 2 * (first % flat.shape[1]) + times + 1  # the mean rank of each run of equal draws, doubled
    scores: Floats = np.empty_like(flat)
    ordered = np.repeat(_quantiles(flat.shape[1])[twice - 2], times)
    np.put_along_axis(scores, order, ordered.reshape(flat.shape), 1)
    return scores.reshape(draws.shape)


@lru_cache(maxsize=2)
def _quantiles(n: int) -> Floats:
    """Normal quantiles at the ranks 1, 3/2, 2, ..., n of n draws (Blom's offset of 3/8)."""
    inverse = NormalDist().inv_cdf
    lower = [inverse((0.5 * twice - 0.375) / (n + 0.25)) for twice in range(2, n + 2)]
    return np.array(lower + [-value for value in lower[-2::-1]])


def _rhat(draws: Floats) -> Floats:
    """Potential scale reduction (equations 1-4); infinite where chains stand still apart."""
    n = draws.shape[2]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = draws.mean(2).var(1, ddof=1) / draws.var(2, ddof=1).mean(1)
    reduction: Floats = np.sqrt(ratio + (n - 1) / n)
    return reduction


def _ess(draws: Floats) -> Floats:
    """Effective sample size from autocorrelations (equations 7-12), cut by Geyer's initial monotone sequence.

    What never moves counts in full, and no chain counts for more than log10 of its number of draws times them.
    """
    p, chains, n = draws.shape
    draws = draws / powers_near(draws)[:, None, None]
    covariance = np.stack([_autocovariance(series) for series in draws])
    total = covariance[:, :1] + draws.mean(2).var(1, ddof=1)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = 1.0 - (covariance[:, :1] * n / (n - 1) - covariance) / total
    correlation[:, 0] = 1.0
    last = max(0, (n - 3) // 2)  # pairs of lags (0, 1), (2, 3), ..., as many as are estimated
    even = correlation[:, 0 : 2 * last + 1 : 2]
    pairs = even + correlation[:, 1 : 2 * last + 2 : 2]
    ends = pairs <= 0
    end = np.where(ends.any(1), ends.argmax(1), last)
    kept = np.where(np.arange(last + 1) < end[:, None], np.minimum.accumulate(pairs, axis=1), 0.0).sum(1)
    rows = np.arange(p)
    beyond = np.where((even[rows, end] > 0) | (pairs[rows, end] >= 0), even[rows, end], 0.0)
    time = np.maximum(2.0 * kept + beyond - 1.0, 1.0 / np.log10(chains * n))
    size: Floats = np.where(np.ptp(draws, axis=(1, 2)) > 0, chains * n / time, chains * n)
    return size


def _autocovariance(chains: Floats) -> Floats:
    """Autocovariance (n,) at every lag, averaged over chains (m, n)."""
    n = chains.shape[1]
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(chains - chains.mean(1, keepdims=True), size)
    power = (spectrum.real**2 + spectrum.imag**2).mean(0)
    covariance: Floats = np.fft.irfft(power, size)[:n] / n
    return covariance
