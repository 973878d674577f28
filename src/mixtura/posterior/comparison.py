"""How well a fit predicts points that it has not seen: leave-one-out by importance sampling, and fits side by side."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mixtura.params import Floats
from mixtura.posterior import predict, rows
from mixtura.seeds import Seed, entropy_of, generator_of

if TYPE_CHECKING:
    import pandas as pd
    from arviz_stats.utils import ELPDData

    from mixtura.fit import Fit

ALL = 5000  # points up to which each is left out in turn (a millisecond each)
SOME = 1000  # beyond: random points that are left out in turn, for the difference estimator
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
    def complaint(self) -> str:
        """What makes elpd doubtful, in a sentence; empty if nothing does."""
        heavy = self.chosen[self.pareto_k > self.good_k]
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
    from arviz_stats.utils import ELPDData
    from xarray import DataArray

    left = left_out(fit, subsample, seed)
    total = sum_of(left, left.elpd, left.approx)
    if left.complaint:
        warnings.warn(left.complaint, stacklevel=3)

    def over_points(values: Floats, name: str) -> DataArray:
        every = np.full(left.weights.size, np.nan)
        every[left.chosen] = values
        return DataArray(every, dims="point", name=name)

    found = ELPDData(
        kind="loo",
        elpd=total.value,
        se=total.se,
        p=left.p,
        n_samples=left.n_draws,
        n_data_points=left.weights.size,
        scale="log",
        warning=bool(left.complaint),
        good_k=left.good_k,
        elpd_i=over_points(left.weights[left.chosen] * left.elpd, "elpd_i"),
        pareto_k=over_points(left.pareto_k, "pareto_k"),
    )
    if not left.whole:
        found.subsample_size, found.subsampling_se = left.chosen.size, total.subsampling_se
        found.loo_subsample_observations = left.chosen
        found.elpd_loo_approx = DataArray(left.weights * left.approx, dims="point")
    return found


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
        ArviZ's columns, best first: rank, elpd, p (effective number of parameters), elpd_diff (how far behind the
        best), weight (stacking: shares of the fits in the blend that predicts best; Yao et al. 2018), se and dse
        (standard errors of elpd and of elpd_diff), warning; with a subsample, subsampling_dse. A difference below 4,
        or of the size of its dse, says little (Sivula et al. 2020).

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

    _check_same_data(fits)
    seed = entropy_of(seed)  # the same points of every fit
    every = {name: left_out(fit, subsample, seed) for name, fit in fits.items()}
    totals = {name: sum_of(left, left.elpd, left.approx) for name, left in every.items()}
    names = sorted(every, key=lambda name: -totals[name].value)
    best = every[names[0]]
    shares = stacking(np.stack([every[name].elpd for name in names], axis=1), best.weights[best.chosen])
    table = []
    for rank, name in enumerate(names):
        left, (elpd, se, _) = every[name], totals[name]
        behind = sum_of(left, best.elpd - left.elpd, best.approx - left.approx)
        if left.complaint:
            warnings.warn(f"{name}: {left.complaint}", stacklevel=2)
        row = {"rank": rank, "elpd": elpd, "p": left.p, "elpd_diff": behind.value, "weight": shares[rank]}
        row |= {"se": se, "dse": behind.se, "warning": bool(left.complaint)}
        table.append(row if left.whole else row | {"subsampling_dse": behind.subsampling_se})
    return Comparison(table, index=names)


def left_out(fit: Fit, subsample: int | None, seed: Seed) -> LeftOut:
    """Points left out in turn, by Pareto smoothed importance sampling (Vehtari et al. 2017), in chunks of points."""
    x, weights, params = fit.x, fit.weights, fit.params()
    answers: Any = rows if x.ndim > 1 else predict
    n, (c, s) = len(x), fit.shape
    m = _how_many(subsample, n)
    chosen = np.arange(n) if m == n else np.sort(generator_of(seed).choice(n, m, replace=False))
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
    spread = squares - (total**2 - chance) / size
    return Total(float(total + centre * size), float(np.sqrt(max(spread, 0.0))), float(np.sqrt(chance)))


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
    """Rows elpd, lpd and Pareto k (3, m) of points with log densities (c, s, m); at most what is there is left out."""
    from arviz_stats.base.array import array_stats
    from scipy.special import logsumexp

    per_point = np.moveaxis(loglik, -1, 0)
    taken = np.minimum(weights, 1.0)[:, None, None]
    importance, pareto_k = array_stats.psislw(taken * per_point, r_eff=efficiency, axis=[-2, -1])
    return np.stack([logsumexp(importance + per_point, axis=(1, 2)), _lpd(loglik), pareto_k])


def _lpd(loglik: Floats) -> Floats:
    """Log of the mean density (m,) over draws (c, s, m)."""
    from scipy.special import logsumexp

    return np.asarray(logsumexp(loglik, axis=(0, 1)) - np.log(loglik.shape[0] * loglik.shape[1]))


def _efficiency(fit: Fit) -> float:
    """Effective draws per draw, the mean over all parameters, as ArviZ's `loo` takes it."""
    from arviz_stats.sampling_diagnostics import ess

    chains, draws = fit.shape
    if chains == 1:
        return 1.0
    found = ess(fit.posterior, method="mean")
    return float(np.concatenate([found[name].to_numpy().ravel() for name in found.data_vars]).mean() / (chains * draws))


def _how_many(subsample: int | None, n: int) -> int:
    """How many of n points are left out in turn."""
    if subsample is None:
        return n if n <= ALL else SOME
    if isinstance(subsample, bool) or not isinstance(subsample, (int, np.integer)) or subsample < 2:
        raise ValueError(f"subsample is a whole number of points, at least 2; got {subsample!r}")
    return min(int(subsample), n)


def _check_same_data(fits: Mapping[str, Fit]) -> None:
    """At least two fits, of the same points with the same weights."""
    if len(fits) < 2:
        raise ValueError(f"compare takes at least two fits by name, {{'two': fit, 'three': other}}; got {len(fits)}")
    (first, one), *rest = fits.items()
    for name, other in rest:
        if not (np.array_equal(one.x, other.x) and np.array_equal(one.weights, other.weights)):
            raise ValueError(
                f"{first!r} and {name!r} are fits of different data; compare takes fits of the same points"
            )
