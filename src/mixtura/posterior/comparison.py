"""How well a fit predicts points that it has not seen: leave-one-out by importance sampling, and fits side by side."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from mixtura.arguments import shown
from mixtura.arrays import Floats
from mixtura.posterior import predict, rows
from mixtura.posterior.convergence import ess_mean
from mixtura.seeds import Seed, entropy_of, generator_of

if TYPE_CHECKING:
    import pandas as pd
    from arviz_stats.utils import ELPDData

    from mixtura.fit import Fit

ALL = 5000  # points up to which each is left out in turn (a millisecond each)
SOME = 1000  # beyond: random points that are left out in turn, for the difference estimator
TAIL = 5  # draws in the tail of importance weights, at least: a fifth of few draws
FEWEST = 100  # draws behind the approximation of the other points, at least
MOST = 1 << 30  # points times draws for that approximation: a second or two
AT_ONCE = 1 << 22  # log-likelihoods in memory at a time: 32 MB


class LeftOut(NamedTuple):
    """What leaving points out in turn says of each, per unit of weight.

    Attributes
    ----------
    weights, approx : array (n,)
        How often each point was seen, and about how well it is predicted; exactly so where all are left out in turn.
    chosen : array (m,)
        The points that were left out in turn.
    elpd, lpd, pareto_k : array (m,)
        Log predictive density of each without itself and with itself, and how heavy the tail of its importance is.
    n_draws : int
    """

    weights: Floats
    approx: Floats
    chosen: NDArray[np.intp]
    elpd: Floats
    lpd: Floats
    pareto_k: Floats
    n_draws: int

    @property
    def whole(self) -> bool:
        """Whether every point was left out in turn."""
        return self.chosen.size == self.weights.size

    @property
    def good_k(self) -> float:
        """The Pareto k up to which so many draws suffice (Vehtari et al. 2024)."""
        return float(min(1 - 1 / np.log10(self.n_draws), 0.7))

    @property
    def p(self) -> float:
        """Effective number of parameters: how much better points are predicted with themselves left in."""
        excess = self.weights[self.chosen] * (self.lpd - self.elpd)
        return float(self.weights.size * excess.mean())

    @property
    def heavy(self) -> NDArray[np.intp]:
        """Points left out whose importance has too heavy a tail."""
        return self.chosen[self.pareto_k > self.good_k]

    @property
    def total(self) -> Total:
        """The sum of elpd over all points; its standard error that of a sample where all are left out, as in ArviZ."""
        found, size = sum_of(self, self.elpd, self.approx), float(self.weights.sum())
        unbiased = np.sqrt(size / (size - 1)) if size > 1 else 0.0
        return found._replace(se=float(found.se * unbiased)) if self.whole else found

    @property
    def complaint(self) -> str:
        """What makes elpd doubtful, in a sentence; empty if nothing does."""
        heavy = self.heavy
        if not heavy.size:
            return ""
        rows = ", ".join(map(str, heavy[:5])) + (", ..." if heavy.size > 5 else "")
        return (
            f"{heavy.size} of {self.chosen.size} points left out (rows {rows}) shape the posterior so much that these "
            f"draws cannot tell what it is without them (Pareto k above {self.good_k:.2f}), so elpd is less sure than "
            "its se says: look at these points, or give the model more components or firmer priors"
        )


class Total(NamedTuple):
    """A sum over all points, its standard error over data, and over which points were left out."""

    value: float
    se: float
    subsampling_se: float


def loo(fit: Fit, subsample: int | None, seed: Seed) -> ELPDData:
    """Leave-one-out predictive density; see `Fit.loo`."""
    from xarray import DataArray

    left = left_out(fit, subsample, seed)
    total = left.total
    if left.complaint:
        warnings.warn(left.complaint, stacklevel=3)

    def over_points(values: Floats, name: str) -> DataArray:
        every = np.full(left.weights.size, np.nan)
        every[left.chosen] = values
        return DataArray(every, dims="point", name=name)

    found: dict[str, Any] = {
        "elpd": total.value,
        "se": total.se,
        "p": left.p,
        "n_samples": left.n_draws,
        "n_data_points": round(float(left.weights.sum())),
        "scale": "log",
        "warning": bool(left.complaint),
        "good_k": left.good_k,
        "elpd_i": over_points(left.weights[left.chosen] * left.elpd, "elpd_i"),
        "pareto_k": over_points(left.pareto_k, "pareto_k"),
    }
    if not left.whole:
        found |= {
            "subsample_size": left.chosen.size,
            "subsampling_se": total.subsampling_se,
            "loo_subsample_observations": left.chosen,
            "elpd_loo_approx": DataArray(left.weights * left.approx, dims="point"),
        }
    return _elpd_data(found)


def _elpd_data(found: dict[str, Any]) -> ELPDData:
    """What was found as ArviZ keeps it: in a class for each way of leaving out; before ArviZ 1 in one for all."""
    from arviz_stats import utils

    classes = vars(utils)
    if "ELPDDataLOO" not in classes:
        return cast("ELPDData", classes["ELPDData"](kind="loo", **found))
    way = "ELPDDataLOOSubsample" if "subsample_size" in found else "ELPDDataLOO"
    return cast("ELPDData", classes[way](**found))


def compare(fits: Mapping[str, Fit], subsample: int | None = None, seed: Seed = 0) -> pd.DataFrame:
    """Compare fits of the same data by how well they predict points left out.

    Parameters
    ----------
    fits : mapping of str to Fit
        Fits of the same points with the same weights, by name.
    subsample : int, optional
    seed : int or numpy.random.Generator, optional
        As in `Fit.loo`; the same points are left out of every fit.

    Returns
    -------
    pandas.DataFrame
        ArviZ's columns, best first: rank, elpd_diff (how far behind the best, below 0), dse (its standard error),
        p_worse (how probable it is that the fit predicts worse than the best, by a normal approximation), diag_diff and
        diag_elpd (what makes the difference or elpd doubtful; empty if nothing does), p (effective number of
        parameters), elpd, se and weight (stacking: shares of the fits in the blend that predicts best; Yao et al.
        2018); with a subsample, subsampling_dse. A difference below 4, or of the size of its dse, says little (Sivula
        et al. 2020).

    Raises
    ------
    ValueError
        If there are fewer than two fits, or they are not of the same data.

    Examples
    --------
    >>> import mixtura as mx
    >>> fits = {f"k={k}": mx.GaussianMixture(n_components=k).sample(mx.datasets.book(), seed=1) for k in (2, 3)}
    >>> mx.compare(fits)[["rank", "elpd", "p", "weight"]].round(0)
         rank   elpd    p  weight
    k=3     0 -683.0  7.0     1.0
    k=2     1 -746.0  4.0     0.0
    """
    from mixtura.posterior.compared import Comparison

    if not isinstance(fits, Mapping):
        raise TypeError(f"compare takes fits by name, {{'two': fit, 'three': other}}; got a {type(fits).__name__}")
    _check_same_data(fits)
    seed = entropy_of(seed)  # the same points of every fit
    every = {name: left_out(fit, subsample, seed) for name, fit in fits.items()}
    names = sorted(every, key=lambda name: -every[name].total.value)
    best = every[names[0]]
    shares = stacking(np.stack([every[name].elpd for name in names], axis=1), best.weights[best.chosen])
    table = []
    for rank, name in enumerate(names):
        left = every[name]
        if left.complaint:
            warnings.warn(f"{name}: {left.complaint}", stacklevel=2)
        behind = sum_of(left, left.elpd - best.elpd, left.approx - best.approx)
        row = {"rank": rank} | _beside(left, behind) | {"weight": shares[rank]}
        table.append(row if left.whole else row | {"subsampling_dse": behind.subsampling_se})
    return Comparison(table, index=names)


def left_out(fit: Fit, subsample: int | None, seed: Seed) -> LeftOut:
    """Points left out in turn, by Pareto smoothed importance sampling (Vehtari et al. 2017), in chunks of points."""
    if fit.shape[0] * fit.shape[1] < 5 * TAIL:
        raise ValueError(
            f"leaving points out needs at least {5 * TAIL} draws in all; this fit has {fit.shape[0] * fit.shape[1]}"
        )
    (x, weights), params = fit._record.data, fit._record.params
    answers: Any = rows if x.ndim > 1 else predict
    n, (c, s) = len(x), fit.shape
    m, rng = _how_many(subsample, n), generator_of(seed)
    chosen = np.arange(n) if m == n else np.sort(rng.choice(n, m, replace=False))
    efficiency = _efficiency(fit)
    parts = np.array_split(chosen, -(-m * c * s // AT_ONCE))
    found = [_leave(answers.log_likelihood(x[part], params), weights[part], efficiency) for part in parts]
    elpd, lpd, pareto_k = np.concatenate(found, axis=1)
    approx = elpd if m == n else answers.scores(x, _thinned(params, max(FEWEST, MOST // n)))
    return LeftOut(weights, approx, chosen, elpd, lpd, pareto_k, c * s)


def sum_of(left: LeftOut, values: Floats, approx: Floats) -> Total:
    """Sum over all points of what is known of the chosen ones, `values` (m,), and roughly of all, `approx` (n,).

    The difference estimator of Magnusson et al. (2019, 2020), with a point of weight w counted w times.
    """
    weights, n, m = left.weights, left.weights.size, left.chosen.size
    size = weights.sum()
    centre = (weights @ approx) / size
    rough, known = approx - centre, values - centre
    own, near = weights[left.chosen], rough[left.chosen]
    apart = own * (known - near)
    total = weights @ rough + n * apart.mean()
    chance = n**2 * (1 - m / n) * apart.var(ddof=1) / m if m < n else 0.0
    squares = weights @ rough**2 + n * (own * (known**2 - near**2)).mean()
    spread = max(float(squares - (total**2 - chance) / size), 0.0)
    return Total(float(total + centre * size), spread**0.5, float(np.sqrt(chance)))


def _beside(left: LeftOut, behind: Total) -> dict[str, Any]:
    """A row of ArviZ's table: how far a fit is behind the best, and how sure that is."""
    from scipy.stats import norm

    gap, near = behind.value, abs(behind.value) < 4
    doubt = "N < 100" if left.weights.sum() < 100 else "|elpd_diff| < 4" if near else ""
    return {
        "elpd_diff": gap,
        "dse": behind.se,
        "p_worse": float(norm.cdf(0, gap, behind.se + 1e-12)) if gap else np.nan,
        "diag_diff": doubt if gap else "",
        "diag_elpd": f"{left.heavy.size} k̂ > {left.good_k:.2f}" if left.heavy.size else "",
        "p": left.p,
        "elpd": left.total.value,
        "se": left.total.se,
    }


def stacking(elpd: Floats, weights: Floats) -> Floats:
    """Shares (f,) of fits in the blend that best predicts points of log densities (m, f) (Yao et al. 2018)."""
    from scipy.optimize import minimize
    from scipy.special import log_softmax, logsumexp

    each = weights / weights.sum()

    def loss(q: Floats) -> tuple[float, Floats]:
        parts = elpd + log_softmax(q)
        blend = logsumexp(parts, axis=1, keepdims=True)
        return -float(each @ blend[:, 0]), np.exp(log_softmax(q)) - each @ np.exp(parts - blend)

    found = minimize(loss, np.zeros(elpd.shape[1]), jac=True, method="BFGS", options={"gtol": 1e-7})
    return np.asarray(np.exp(log_softmax(found.x)))


def _thinned(params: Any, at_most: int) -> Any:
    """About so many evenly spaced draws, of all chains, if there are more."""
    chains, draws = params.weights.shape[:2]
    return type(params)(*(block[:, :: -(-chains * draws // at_most)] for block in params))


def _leave(loglik: Floats, weights: Floats, efficiency: float) -> Floats:
    """Rows elpd, lpd and Pareto k (3, m) of points with log densities (c, s, m); at most what is there is left out.

    Where the most important draws are copies of one, they say nothing of the tail: k is infinite.
    """
    from arviz_stats.base.array import array_stats
    from scipy.special import logsumexp

    per_point = np.moveaxis(loglik, -1, 0)
    taken = np.minimum(weights, 1.0)[:, None, None] * per_point
    importance, pareto_k = -taken, np.full(len(taken), np.inf)
    importance -= logsumexp(importance, axis=(1, 2), keepdims=True)
    telling = _tail_varies(taken.reshape(len(taken), -1), efficiency)
    if telling.any():
        with np.errstate(divide="ignore", invalid="ignore"):  # a tail of few different draws
            smoothed, k = array_stats.psislw(taken[telling], r_eff=efficiency, axis=[-2, -1])
        known = np.isfinite(k) & np.isfinite(smoothed).all((1, 2))
        at = np.flatnonzero(telling)[known]
        importance[at], pareto_k[at] = smoothed[known], k[known]
    return np.stack([logsumexp(importance + per_point, axis=(1, 2)), _lpd(loglik), pareto_k])


def _tail_varies(logliks: Floats, efficiency: float) -> NDArray[np.bool_]:
    """Whether a point's (m,) lowest log densities (m, draws) differ, as many as PSIS takes for the tail."""
    draws = logliks.shape[1]
    size = int(3 * (draws / efficiency) ** 0.5) if draws * efficiency > 225 else draws // 5
    return np.asarray(np.ptp(np.sort(logliks, axis=1)[:, :size], axis=1) >= np.finfo(float).tiny, bool)


def _lpd(loglik: Floats) -> Floats:
    """Log of the mean density (m,) over draws (c, s, m)."""
    from scipy.special import logsumexp

    return np.asarray(logsumexp(loglik, axis=(0, 1)) - np.log(loglik.shape[0] * loglik.shape[1]))


def _efficiency(fit: Fit) -> float:
    """Effective draws per draw, the mean over all parameters, as ArviZ's `loo` takes it."""
    chains, draws = fit.shape
    if chains == 1 or draws < 4:
        return 1.0
    blocks = [np.moveaxis(values.to_numpy(), (0, 1), (-2, -1)) for values in fit.posterior.data_vars.values()]
    found = [ess_mean(block.reshape(-1, chains, draws)) for block in blocks]
    return float(np.concatenate(found).mean() / (chains * draws)) if found else 1.0


def _how_many(subsample: int | None, n: int) -> int:
    """How many of n points are left out in turn."""
    if subsample is None:
        return n if n <= ALL else SOME
    if isinstance(subsample, bool | np.timedelta64) or not isinstance(subsample, int | np.integer) or subsample < 2:
        raise ValueError(f"subsample is a whole number of points, at least 2; got {shown(subsample)}")
    return min(int(subsample), n)


def _check_same_data(fits: Mapping[str, Fit]) -> None:
    """At least two fits, of the same points with the same weights."""
    if len(fits) < 2:
        raise ValueError(f"compare takes at least two fits by name, {{'two': fit, 'three': other}}; got {len(fits)}")
    for name, fit in fits.items():
        if not hasattr(fit, "log_likelihood"):
            raise TypeError(f"compare takes fits, what GaussianMixture.sample returns; {name!r} is {shown(fit)}")
    (first, one), *rest = fits.items()
    for name, other in rest:
        if not (np.array_equal(one.x, other.x) and np.array_equal(one.weights, other.weights)):
            raise ValueError(
                f"{first!r} and {name!r} are fits of different data; compare takes fits of the same points"
            )
