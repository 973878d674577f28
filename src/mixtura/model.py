"""The model that a user declares: how many components, what is believed of each, and three verbs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mixtura import priors as p
from mixtura.blocks import ALLOWED, check_block, declared, plain
from mixtura.covariance import STRUCTURES, n_scales, scale_of
from mixtura.params import Floats, Params, checked_params

if TYPE_CHECKING:
    from mixtura.algorithms.optimize import Mode
    from mixtura.fit import Fit


class Simulation(NamedTuple):
    """Data made by a mixture: values (n,), the component of each (n,), and the parameters that made them."""

    x: Floats
    labels: NDArray[np.intp]
    params: Params


@dataclass(frozen=True, kw_only=True)
class GaussianMixture:
    """A Bayesian mixture of Gaussians, declared.

    Parameters
    ----------
    n_components : int
        Number of components, k.
    covariance : {"full", "tied"}
        "full" gives each component its own standard deviation, "tied" one to all.
    means : Normal, StudentT, Uniform or Fixed
        Prior of the component means.
    scales : HalfNormal, HalfCauchy, HalfStudentT, Exponential, Gamma, InverseGamma, LogNormal, Uniform or Fixed
        Prior of the standard deviations. Give this or `variances`, not both.
    variances : InverseGamma or Fixed
        Prior of the variances; the rate of an InverseGamma may itself be a Gamma, sampled along.
    weights : Dirichlet or Fixed
        Prior of the mixing weights.

    Scalars hold for every component, sequences give each component its own. What is left out follows the data, as in
    Richardson & Green (1997, section 2.4): means Normal(midrange, range), variances InverseGamma(2, b) with
    b ~ Gamma(0.2, 10 / range**2), weights Dirichlet(1). That prior keeps the posterior proper when values repeat.

    Raises
    ------
    TypeError, ValueError
        If a number or a prior cannot be what is asked for; the message says what is allowed.

    Examples
    --------
    >>> import mixtura as mx
    >>> mx.GaussianMixture(n_components=3, covariance="tied", means=mx.Normal([10, 20, 35], 2))
    GaussianMixture(n_components=3, covariance='tied', means=Normal(mu=[10, 20, 35], sigma=2))
    """

    n_components: int
    covariance: str = "full"
    means: p.Prior | None = None
    scales: p.Prior | None = None
    variances: p.Prior | None = None
    weights: p.Prior | None = None

    def __post_init__(self) -> None:
        k = self.n_components
        if isinstance(k, bool) or not isinstance(k, (int, np.integer)):
            raise TypeError(f"n_components is a whole number of at least 1; got {k!r}")
        if k < 1:
            raise ValueError(f"n_components is a whole number of at least 1; got {k}")
        object.__setattr__(self, "n_components", int(k))
        if self.covariance not in STRUCTURES:
            raise ValueError(f"covariance is one of {', '.join(STRUCTURES)}; got {self.covariance!r}")
        if self.scales is not None and self.variances is not None:
            raise ValueError("scales and variances are two names for one block: give a prior to one of them")
        for block in ALLOWED:
            check_block(block, getattr(self, block), self.n_components, self.n_scales)

    def __repr__(self) -> str:
        shown = [(f.name, getattr(self, f.name)) for f in fields(self)]
        return f"GaussianMixture({', '.join(f'{name}={value!r}' for name, value in shown if value is not None)})"

    @property
    def exchangeable(self) -> bool:
        """Whether the priors say the same of every component, so that labels carry no meaning."""
        blocks = (self.means, self.scales, self.variances, self.weights)
        return all(prior is None or prior.exchangeable for prior in blocks)

    @property
    def n_scales(self) -> int:
        """Number of scale parameters: k, or 1 when tied."""
        return n_scales(self.covariance, self.n_components)

    @property
    def rate(self) -> p.Gamma | None:
        """Prior of the rate of the variances' InverseGamma, where it is unknown."""
        return self.variances.rate if isinstance(self.variances, p.InverseGamma) else None

    def with_defaults(self, x: ArrayLike) -> GaussianMixture:
        """The same model with every prior spelled out, defaults taken from the data's midrange and range.

        Examples
        --------
        >>> import mixtura as mx
        >>> mx.GaussianMixture(n_components=2).with_defaults([0.0, 1.0, 4.0]).means
        Normal(mu=2, sigma=4)
        """
        values = np.asarray(x, float)
        low, high = float(values.min()), float(values.max())
        means = self.means or p.Normal(low / 2 + high / 2, high - low)
        weights = self.weights or p.Dirichlet(1.0)
        variances = self.variances
        if self.scales is None and variances is None:
            variances = p.InverseGamma(2.0, p.Gamma(0.2, 10.0 / (high - low) / (high - low)))
        return replace(self, means=means, weights=weights, variances=variances)

    def in_units(self, shift: float, scale: float) -> GaussianMixture:
        """The same beliefs about (x - shift) / scale; every prior must be spelled out."""
        means, weights = self.means, self.weights
        scales = self.scales.in_units(0.0, scale) if self.scales else None
        variances = self.variances.in_units(0.0, scale * scale) if self.variances else None
        means = means.in_units(shift, scale) if means else None
        return replace(self, means=means, scales=scales, variances=variances, weights=weights)

    def sample(
        self,
        x: Any,
        draws: int = 1000,
        warmup: int = 1000,
        chains: int = 4,
        algorithm: str = "auto",
        weights: Any = None,
        seed: int | None = None,
        progress: bool = True,
        compress: bool | None = None,
    ) -> Fit:
        """Draw from the posterior.

        Parameters
        ----------
        x : array, Series or one-column DataFrame (n,)
            The data, in any unit; standardised inside. Also a file (.npy, .csv, .parquet), a folder of files, or an
            iterator of arrays, read once, chunk by chunk; a memory-mapped array is never copied whole.
        draws, warmup, chains : int
            Draws kept and warm-up draws dropped per chain, and chains, which run side by side on the cores. Four chains
            of 1000 + 1000 are what ArviZ's diagnostics were calibrated for.
        algorithm : {"auto", "nuts", "hmc", "gibbs", "metropolis"}
            "nuts": allocations summed out, gradients from the statistics, trajectories as long as need be. "hmc": the
            same with trajectories of one length, in a third of the time, for a posterior that is nearly normal about
            one mode. "auto" takes "hmc" where it is, else "nuts"; `fit.algorithm` says which. "gibbs": allocations
            sampled, conjugate blocks drawn exactly, others by a slice step. "metropolis": allocations sampled beside
            random-walk Metropolis on everything else.
        weights : array (n,), optional
            How often each point was seen: any positive number, whole numbers where allocations are sampled.
        seed : int, optional
            Same seed, same draws, bit for bit; None takes entropy from the system.
        progress : bool
            Whether to show a progress bar when standard error is a terminal.
        compress : bool, optional
            Whether draws read a few hundred weighted nodes (Gauss rules of narrow cells) instead of all points, which
            makes a draw cost the same at a thousand points and at a hundred million; None does so where it pays.
            Not where allocations are sampled. `fit.attrs["certificate"]` says how far the log-likelihood is from the
            exact one, in nats; at more than 1e-3 the run is repeated with a closer look.

        Returns
        -------
        Fit
            The posterior and what it means. Interrupting (Ctrl-C) returns the draws made so far.

        Raises
        ------
        ValueError, TypeError
            If data, weights or options cannot be used; the message says what is allowed.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), draws=100, warmup=100, seed=1)
        >>> fit.posterior["mean"].shape
        (4, 100, 3)
        """
        from mixtura.algorithms.run import Options
        from mixtura.algorithms.sample import sample

        options = Options(
            draws=draws,
            warmup=warmup,
            chains=chains,
            algorithm=algorithm,
            seed=seed,
            progress=progress,
            compress=compress,
        )
        return sample(self, x, weights, options)

    def optimize(self, x: Any, weights: Any = None, seed: int | None = 0) -> Mode:
        """Find the posterior mode by EM from several starts.

        The mode is that of the density in the coordinates in which chains move (softmax of weights, logarithm of
        scales: Stan's `optimize` with `jacobian=True`). There a mode exists where, in the natural parameters, a
        component on a single point can make the density infinite; and it does not depend on whether scales or
        variances were declared.

        Parameters
        ----------
        x : array, Series or one-column DataFrame (n,)
            The data.
        weights : array (n,), optional
            How often each point was seen; any positive numbers.
        seed : int, optional
            Seed of the random starts.

        Returns
        -------
        Mode
            Parameters, log-likelihood, log density and log Laplace mass.

        Raises
        ------
        ValueError, TypeError
            If data or weights cannot be used.

        Examples
        --------
        >>> import mixtura as mx
        >>> mode = mx.GaussianMixture(n_components=3).optimize(mx.datasets.book())
        >>> mode.params.means.round(1)
        array([ 9.2, 21. , 34.8])
        """
        from mixtura.algorithms.optimize import optimize

        return optimize(self, x, weights, seed)

    def simulate(self, n: int, seed: int | None = None, params: Params | Mapping[str, Any] | None = None) -> Simulation:
        """Make data: parameters from the prior (or given), then n points from the mixture.

        Parameters
        ----------
        n : int
            Number of points.
        seed : int, optional
            Seed of numpy's default generator.
        params : Params or mapping with weights, means and scales, optional
            Parameters to use; drawn from the prior if None, which needs every prior to be spelled out.

        Returns
        -------
        Simulation
            x (n,), labels (n,), params.

        Raises
        ------
        ValueError
            If n < 1, or priors that follow the data are asked for a draw without data.

        Examples
        --------
        >>> import mixtura as mx
        >>> priors = {"means": mx.Normal(0, 5), "scales": mx.HalfNormal(1), "weights": mx.Dirichlet(1)}
        >>> model = mx.GaussianMixture(n_components=2, **priors)
        >>> model.simulate(4, seed=1).x.shape
        (4,)
        """
        if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
            raise ValueError(f"n is a whole number of at least 1; got {n!r}")
        rng = np.random.default_rng(seed)
        chosen = self.draw_prior(rng) if params is None else checked_params(params, self.n_components)
        labels = rng.choice(self.n_components, size=int(n), p=chosen.weights / chosen.weights.sum())
        return Simulation(rng.normal(chosen.means[labels], chosen.scales[labels]), labels, chosen)

    def draw_prior(self, rng: np.random.Generator) -> Params:
        """One draw of all parameters from the prior."""
        spread = self.scales or self.variances
        if self.means is None or self.weights is None or spread is None:
            raise ValueError("some priors here follow the data; spell them out, or fill them in with with_defaults(x)")
        k, rate = self.n_components, math.nan
        if self.rate is not None and isinstance(spread, p.InverseGamma):
            rate = float(self.rate.draw(rng, 1)[0])
            spread = replace(spread, beta=rate)
        scales = spread.draw(rng, self.n_scales)
        if self.variances is not None:
            scales = np.sqrt(scales)
        scales = scales[scale_of(self.covariance, k)]
        return Params(self.weights.draw(rng, k), self.means.draw(rng, k), scales, np.array(rate))

    def logdensity(self, x: Any, params: Params | Mapping[str, Any], weights: Any = None) -> float:
        """Unnormalised log posterior density: log-likelihood plus log prior, all normalisers included.

        The density is over the parameters as declared: means, scales or variances, weights (k-1 of them), rate. Fixed
        blocks add nothing. It equals PyMC's for the same model.

        Parameters
        ----------
        x : array (n,)
            The data.
        params : Params or mapping with weights, means, scales (or variances), rate
            Where to evaluate.
        weights : array (n,), optional
            How often each point was seen.

        Returns
        -------
        float
            Log density; -inf outside the support.

        Examples
        --------
        >>> import mixtura as mx
        >>> model = mx.GaussianMixture(n_components=1, means=mx.Normal(0, 1), scales=mx.Fixed(1), weights=mx.Fixed(1))
        >>> round(model.logdensity([0.5, -0.5], {"weights": 1, "means": 0, "scales": 1}), 4)
        -3.0068
        """
        from mixtura.chunks import over_chunks
        from mixtura.data import points
        from mixtura.engines.threads import expected
        from mixtura.sources import opened

        checked = checked_params(params, self.n_components)
        data = points(opened(x), opened(weights))
        prior = self.with_defaults(data.x).logprior(checked)
        if prior == -math.inf:
            return prior
        return prior + math.fsum(over_chunks(lambda part: float(expected(part, checked).loglik[0]), data))

    def logprior(self, params: Params) -> float:
        """Log prior density at checked parameters; every prior must be spelled out."""
        total = 0.0
        scales = params.scales[: self.n_scales]
        if self.scales is not None and not isinstance(self.scales, p.Fixed):
            total += float(self.scales.logpdf(scales).sum())
        if isinstance(self.variances, p.InverseGamma):
            spread, rate = self.variances, float(params.rate)
            if self.rate is not None:
                if not rate > 0:
                    raise ValueError(f"this model samples a rate: params needs a positive rate; got {rate}")
                total += float(self.rate.logpdf(rate).sum())
                spread = replace(spread, beta=rate)
            total += float(spread.logpdf(scales**2).sum())
        if isinstance(self.weights, p.Dirichlet):
            total += float(self.weights.logpdf(params.weights).sum())
        if self.means is not None and not isinstance(self.means, p.Fixed):
            total += float(self.means.logpdf(params.means).sum())
        return total

    def to_dict(self) -> dict[str, Any]:
        """The declaration as plain numbers and names, ready for JSON.

        Examples
        --------
        >>> import mixtura as mx
        >>> mx.GaussianMixture(n_components=2, weights=mx.Dirichlet(1)).to_dict()["weights"]
        {'prior': 'Dirichlet', 'a': 1.0}
        """
        return {f.name: plain(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_dict(cls, written: Mapping[str, Any]) -> GaussianMixture:
        """The model that `to_dict` wrote down.

        Examples
        --------
        >>> import mixtura as mx
        >>> mx.GaussianMixture.from_dict(mx.GaussianMixture(n_components=2).to_dict())
        GaussianMixture(n_components=2, covariance='full')
        """
        return cls(**{name: declared(value) for name, value in written.items()})
