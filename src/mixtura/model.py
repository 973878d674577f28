"""The model that a user declares: how many components, what is believed of each, and three verbs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mixtura import priors as p
from mixtura.arguments import Algorithm, Missing, one_of, reals, shown, whole
from mixtura.arrays import Floats
from mixtura.blocks import check_blocks, check_shapes, declared, features_of, plain
from mixtura.covariance import STRUCTURES, Structure, Word
from mixtura.digits import vector
from mixtura.seeds import Seed, generator_of

if TYPE_CHECKING:
    import pymc

    from mixtura.algorithms.optimize import Mode
    from mixtura.export.stan import Stan
    from mixtura.fit import Fit
    from mixtura.line.records import Params

MOST, MOST_POINTS = 10**6, 10**9  # components, and features; points to simulate


class Simulation(NamedTuple):
    """Data made by a mixture: x (n,) or (n, d), the component of each (n,), and the parameters that made them."""

    x: Floats
    labels: NDArray[np.intp]
    params: Params

    def __repr__(self) -> str:
        n, k = len(self.x), self.params.weights.size
        of = f" of {self.x.shape[1]} features" if self.x.ndim > 1 else ""
        counts = np.bincount(self.labels, minlength=k)
        lines = [f"Simulation: {n} point{'s' * (n != 1)}{of} from {k} component{'s' * (k != 1)}"]
        for j, count in enumerate(counts):
            mean, sd = (
                vector(np.atleast_1d(block[j]), np.atleast_1d(self.params.scales[j]) / 10)
                for block in (self.params.means, self.params.scales)
            )
            made = f"{count} point" if count == 1 else f"{count} points"
            lines.append(f"component {j}: {made}; weight {self.params.weights[j]:.3g}, mean {mean}, sd {sd}")
        return "\n".join(lines)


@dataclass(frozen=True)
class GaussianMixture:
    """A Bayesian mixture of Gaussians, declared.

    Parameters
    ----------
    n_components : int
        Number of components, k.
    covariance : {"full", "tied", "diagonal", "spherical"}
        "full" gives each component its own covariance matrix (one column: standard deviation), "tied" one to all,
        "diagonal" its own standard deviation of each feature, "spherical" one for all features.
    n_features : int, optional
        Number of features, d; as many as the data have if None.
    means : Normal, MvNormal or Fixed; StudentT or Uniform for one column
        Prior of the component means.
    scales : HalfNormal, HalfCauchy, HalfStudentT, Exponential, Gamma, InverseGamma, LogNormal, Uniform or Fixed
        Prior of the standard deviations. Give this, `variances` or `covariances`.
    variances : InverseGamma or Fixed
        Prior of the variances; the rate of an InverseGamma may itself be a Gamma, sampled along. For one column, or
        diagonal and spherical covariances.
    covariances : InverseWishart or Fixed
        Prior of full and tied covariance matrices; the scale of an InverseWishart may itself be a Wishart.
    correlations : LKJ
        Prior of the correlations beside `scales` (the separation strategy, Barnard et al. 2000); LKJ(1) if left out.
    weights : Dirichlet or Fixed
        Prior of the mixing weights.

    Raises
    ------
    TypeError, ValueError
        If a number or a prior cannot be what is asked for; the message says what is allowed.

    Notes
    -----
    One column: scalars hold for every component, sequences (k,) give each its own. Rows of d features: numbers
    broadcast to (components, features), so that sequences (d,) speak of features and nested ones (k, 1) or (k, d) of
    components; scales of tied covariances are (d,), scales and variances of spherical ones (k,). With as many
    components as features a plain vector is read as (d,) with a warning: write [[30], [60]] for components and
    [[30, 60]] for features.

    What is left out follows the data. One column, Richardson & Green (1997, section 2.4): means Normal(midrange,
    range), variances InverseGamma(2, b) with b ~ Gamma(0.2, 10 / range**2), weights Dirichlet(1). Rows,
    Fruehwirth-Schnatter & Malsiner-Walli (2019, Advances in Data Analysis and Classification 13:33-64): means
    Normal(median, range), covariances InverseWishart(2 c, S) with S ~ Wishart(2 g, diag(range**2) c / (100 g)),
    c = 2.5 + (d - 1) / 2, g = 0.5 + (d - 1) / 2; diagonal and spherical ones have variances as in one column, with a
    rate for each feature or (mean of range**2) one for all. To these published priors a `floor` is added, a small fixed
    scatter of every component in each column, (1e-4 range)**2 (and more where points are few or a column holds a few
    values only): without it repeated values make them improper.

    Examples
    --------
    >>> import mixtura as mx
    >>> mx.GaussianMixture(n_components=3, covariance="tied", means=mx.Normal([10, 20, 35], 2))
    GaussianMixture(n_components=3, covariance='tied', means=Normal(mu=[10, 20, 35], sigma=2))
    >>> mx.GaussianMixture(n_components=3, scales=mx.HalfNormal([1, 5]), correlations=mx.LKJ(2)).n_features
    2
    """

    n_components: int
    _: KW_ONLY
    covariance: Word = "full"
    n_features: int | None = None
    means: p.Prior | None = None
    scales: p.Prior | None = None
    variances: p.Prior | None = None
    covariances: p.Prior | None = None
    correlations: p.Prior | None = None
    weights: p.Prior | None = None

    def __post_init__(self) -> None:
        for name in ("n_components", "n_features"):
            number = getattr(self, name)
            if name == "n_features" and number is None:
                continue
            object.__setattr__(self, name, whole(number, name, 1, MOST))
        one_of(self.covariance, STRUCTURES, "covariance")
        check_blocks(self)
        if self.n_features is None:
            object.__setattr__(self, "n_features", features_of(self))
        check_shapes(self)

    def __repr__(self) -> str:
        shown = [(f.name, getattr(self, f.name)) for f in fields(self)]
        return f"GaussianMixture({', '.join(f'{name}={value!r}' for name, value in shown if value is not None)})"

    def _repr_html_(self) -> str:
        from mixtura.notebook.faces import of_model

        return of_model(self)

    @property
    def exchangeable(self) -> bool:
        """Whether the priors say the same of every component, so that labels carry no meaning."""
        if self.n_features in (None, 1):
            blocks = (self.means, self.scales, self.variances, self.weights)
            return all(prior is None or prior.exchangeable for prior in blocks)
        from mixtura.rows.beliefs import exchangeable

        return exchangeable(self)

    @property
    def structure(self) -> Structure:
        """What `covariance` means: what components and features share."""
        return STRUCTURES[self.covariance]

    @property
    def n_scales(self) -> int:
        """Number of scale parameters for one column: k, or 1 when tied."""
        return self.structure.owners(self.n_components)

    @property
    def rate(self) -> p.Gamma | p.Wishart | None:
        """Prior of the rate of the variances' InverseGamma, or the covariances' scale matrix, where it is unknown."""
        spread = self.variances or self.covariances
        return spread.rate if isinstance(spread, (p.InverseGamma, p.InverseWishart)) else None

    @property
    def _beliefs(self) -> Any:
        """The module that knows what these priors say in numbers: of one column, or of rows."""
        if self.n_features in (None, 1):
            from mixtura.line import beliefs

            return beliefs
        from mixtura.rows import beliefs as of_rows

        return of_rows

    def with_defaults(self, x: ArrayLike, weights: Floats | None = None) -> GaussianMixture:
        """The same model with every prior spelled out, defaults taken from the data: see the class.

        Examples
        --------
        >>> import mixtura as mx
        >>> mx.GaussianMixture(n_components=2).with_defaults([0.0, 1.0, 4.0]).means
        Normal(mu=2, sigma=4)
        >>> mx.GaussianMixture(n_components=2).with_defaults([[0.0, 7.0], [1.0, 9.0], [4.0, 8.0]]).means
        Normal(mu=[[1, 8]], sigma=[[4, 2]])
        """
        values = reals(x, "x")
        if values.ndim not in (1, 2) or not values.size or not np.isfinite(values).all():
            raise ValueError(f"x must hold finite numbers of shape (n,) or (n, d); got {shown(x)}")
        d = values.shape[1] if values.ndim == 2 else 1
        if self.n_features not in (None, d):
            raise ValueError(
                f"x has {d} column{'s' * (d > 1)}, but n_features={self.n_features}, given or read off the shapes of "
                f"the priors (for one column they hold a number or {self.n_components}, one per component): {self!r}"
            )
        model = self if d == 1 else replace(self, n_features=d)
        full: GaussianMixture = model._beliefs.with_defaults(model, values if d > 1 else values.ravel(), weights)
        return full

    def in_units(self, shift: float | Floats, scale: float | Floats) -> GaussianMixture:
        """The same beliefs about (x - shift) / scale, which for rows may be (d,); every prior must be spelled out."""
        try:
            with np.errstate(over="ignore"):
                moved: GaussianMixture = self._beliefs.in_units(self, shift, scale)
        except ValueError as error:
            raise ValueError(
                f"priors and data are of sizes too unlike for 64-bit numbers: in units of the data, {error}"
            ) from None
        return moved

    def sample(
        self,
        x: Any,
        draws: int = 1000,
        warmup: int = 1000,
        chains: int = 4,
        algorithm: Algorithm = "auto",
        weights: Any = None,
        seed: Seed = None,
        progress: bool = True,
        compress: bool | None = None,
        missing: Missing = "refuse",
        start: Any = None,
    ) -> Fit:
        """Draw from the posterior.

        Parameters
        ----------
        x : array, Series or DataFrame, (n,) or (n, d)
            The data, in any unit; standardised inside. Columns keep their names. Also a file (.npy, .csv, .parquet), a
            folder of files, or an iterator of arrays, read once, chunk by chunk; a memory-mapped array is never copied
            whole.
        draws, warmup, chains : int
            Draws kept and warm-up draws dropped per chain, and chains, which run side by side on the cores. Four chains
            of 1000 + 1000 are what ArviZ's diagnostics were calibrated for. Warm-up ends early where nothing is left to
            learn.
        algorithm : {"auto", "nuts", "hmc", "gibbs", "metropolis"}
            "nuts": allocations summed out, gradients from the statistics, trajectories as long as need be. "hmc": the
            same with trajectories of one length, in a third of the time, for a posterior that is nearly normal about
            one mode. "gibbs": allocations sampled, conjugate blocks drawn exactly, others by a slice step.
            "metropolis" (one column): allocations sampled beside random-walk Metropolis on everything else. "auto"
            takes "hmc" where the posterior is nearly normal, else "nuts"; of several features "gibbs" where components
            are apart or have few rows, modes compete, or parameters are too many for trajectories; there a draw takes
            several sweeps where one forgets little. `fit.algorithm` and `fit.reason` say which and why.
        weights : array (n,), optional
            How often each point was seen: any positive number from 1e-15 on, 1e15 in all, whole numbers where
            allocations are sampled.
        seed : int or numpy.random.Generator, optional
            Same seed, same draws, bit for bit; None takes entropy from the system. A Generator moves on: it gives the
            same draws from the same state.
        progress : bool
            Whether to show a progress bar when standard error is a terminal.
        compress : bool, optional
            Whether draws read a few hundred weighted nodes (Gauss rules of narrow cells) instead of all points, which
            makes a draw cost the same at a thousand points and at a hundred million; None does so where it pays.
            Not where allocations are sampled, nor of several features. `fit.attrs["certificate"]` says how far the
            log-likelihood is from the exact one, in nats; at more than 1e-3 the run is repeated with a closer look.
        missing : {"refuse", "drop"}
            What becomes of rows where a value is missing (NaN, None, masked). "drop" fits the others; `fit.x` holds
            them, and `fit.attrs["dropped"]` the number of rows that went. Infinite values are refused in any case.
        start : Params, mapping, Mode, labels (n,) or Fit, optional
            Where chains begin; None looks for modes. From parameters (a Params, or by name as in `logdensity`; a rate
            may be left out), a Mode, or labels 0 to k-1 of the points that are fitted, each there, the mode uphill is
            climbed to, and chains begin about it. From a Fit of the same components, covariance and columns they go on:
            each begins at the last draw of one of its chains, or, where the number of chains is another, at draws
            spread evenly over all of them; "nuts" and "hmc" adapt anew. The posterior is the same from wherever chains
            begin. But other modes are not looked for, and chains that all begin in one may agree and never see them.

        Returns
        -------
        Fit
            The posterior and what it means. Ctrl-C, once every chain has kept 4 draws, returns the draws so far, as
            many of each chain, and `fit.warnings` says so; before that it raises KeyboardInterrupt. Chains stop within
            a tenth of a second or two. While machine code is made Python may be deaf for seconds, or lose the
            interrupt: press again.

        Raises
        ------
        ValueError, TypeError
            If data, weights, options or a start cannot be used; the message says what is allowed.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), draws=100, warmup=100, seed=1)
        >>> fit.posterior["mean"].shape
        (4, 100, 3)
        >>> longer = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), start=fit, seed=2)
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
            missing=missing,
            start=start,
        )
        return sample(self, x, weights, options)

    def optimize(
        self, x: Any, weights: Any = None, seed: Seed = 0, missing: Missing = "refuse", start: Any = None
    ) -> Mode:
        """Find the posterior mode by EM from several starts.

        The mode is that of the density in the coordinates in which chains move (softmax of weights, logarithm of
        scales: Stan's `optimize` with `jacobian=True`). There a mode exists where, in the natural parameters, a
        component on a single point can make the density infinite; and it does not depend on whether scales or
        variances were declared.

        Parameters
        ----------
        x : array, Series or DataFrame, (n,) or (n, d)
            The data.
        weights : array (n,), optional
            How often each point was seen; any positive numbers.
        seed : int or numpy.random.Generator, optional
            Seed of the random starts.
        missing : {"refuse", "drop"}
            As in `sample`; `mode.n` counts what is left.
        start : Params, mapping, Mode, labels (n,) or Fit, optional
            The one place to climb from, as in `sample`; of a Fit the last draw of each chain. The mode uphill need not
            be the highest one.

        Returns
        -------
        Mode
            Parameters, log-likelihood, log density and log Laplace mass.

        Raises
        ------
        ValueError, TypeError
            If data, weights or a start cannot be used.

        Examples
        --------
        >>> import mixtura as mx
        >>> mode = mx.GaussianMixture(n_components=3).optimize(mx.datasets.book())
        >>> mode.params.means.round(1)
        array([ 9.2, 21. , 34.8])
        """
        from mixtura.algorithms.optimize import optimize

        return optimize(self, x, weights, seed, missing, start)

    def simulate(self, n: int, seed: Seed = None, params: Params | Mapping[str, Any] | None = None) -> Simulation:
        """Make data: parameters from the prior (or given), then n points from the mixture.

        Parameters
        ----------
        n : int
            Number of points.
        seed : int or numpy.random.Generator, optional
            Seed of numpy's default generator, or the generator itself.
        params : Params or mapping with weights, means and scales (for rows, covariances), optional
            Parameters to use; drawn from the prior if None, which needs every prior to be spelled out, and the number
            of features: `n_features` or vectors that say it.

        Returns
        -------
        Simulation
            x (n,) or (n, d), labels (n,), params.

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
        >>> params = {"weights": [0.5, 0.5], "means": [[0, 0], [5, 5]], "covariances": [[1, 0.5], [0.5, 1]]}
        >>> mx.GaussianMixture(n_components=2).simulate(4, seed=1, params=params).x.shape
        (4, 2)
        """
        if isinstance(n, bool | np.timedelta64) or not isinstance(n, int | np.integer) or not 1 <= n <= MOST_POINTS:
            raise ValueError(f"n is a whole number of at least 1, and at most {MOST_POINTS:,}; got {shown(n)}")
        rng = generator_of(seed)
        model = self if params is None else self._as_wide_as(params)
        beliefs = model._beliefs
        chosen = beliefs.draw_prior(model, rng) if params is None else beliefs.checked_params(params, model)
        labels = rng.choice(self.n_components, size=int(n), p=chosen.weights / chosen.weights.sum())
        return Simulation(beliefs.draw_points(chosen, labels, rng), labels, chosen)

    def _as_wide_as(self, params: Any) -> GaussianMixture:
        """The same model of as many features as these parameters have, where it leaves that open."""
        means: Any = params.get("means") if isinstance(params, Mapping) else getattr(params, "means", None)
        means = 0.0 if means is None else reals(means, "means")
        return replace(self, n_features=np.shape(means)[1]) if np.ndim(means) == 2 and not self.n_features else self

    def draw_prior(self, rng: np.random.Generator) -> Any:
        """One draw of all parameters from the prior: `Params`, for rows those of `rows.records`."""
        return self._beliefs.draw_prior(self, rng)

    def logdensity(self, x: Any, params: Params | Mapping[str, Any], weights: Any = None) -> float:
        """Unnormalised log posterior density: log-likelihood plus log prior, all normalisers included.

        The density is over the parameters as declared: means, scales, variances or covariances (lower triangles),
        correlations, weights (k-1 of them), rate. Fixed blocks add nothing. It equals PyMC's for the same model.

        Parameters
        ----------
        x : array (n,) or (n, d)
            The data.
        params : Params or mapping with weights, means, scales (or variances; for rows, covariances), rate
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
        >>> model = mx.GaussianMixture(n_components=1, covariances=mx.InverseWishart(4, [[1, 0], [0, 1]]))
        >>> here = {"weights": 1, "means": [0, 0], "covariances": [[1, 0], [0, 1]]}
        >>> round(model.logdensity([[0.5, -0.5], [0.0, 1.0], [-1.0, 0.0]], here), 4)
        -13.6366
        """
        from mixtura.reading.data import points
        from mixtura.reading.sources import opened

        data = points(opened(x), opened(weights))
        full = self.with_defaults(data.x, data.weights)
        beliefs = full._beliefs
        checked = beliefs.checked_params(params, full)
        prior = float(beliefs.logprior(full, checked))
        return prior if prior == -math.inf else prior + float(beliefs.loglik(data, checked))

    def logprior(self, params: Any) -> float:
        """Log prior density at one set of checked parameters; every prior must be spelled out."""
        return float(self._beliefs.logprior(self, params))

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
        known = [f.name for f in fields(cls)]
        if not isinstance(written, Mapping) or not set(written) <= set(known) or "n_components" not in written:
            raise ValueError(f"a model is written down as {', '.join(known)}; got {shown(written)}")
        return cls(**{name: declared(value) for name, value in written.items()})

    def to_pymc(self, x: Any, weights: Any = None) -> pymc.Model:
        """The same model in PyMC, ready to extend: the posterior's names, the same density, allocations summed out.

        Variables are those of `fit.posterior` (weight, mean, scale or covariance, rate) over its dimensions, with
        variance, or scale and correlation, where those were declared; fixed blocks are named data. Defaults are
        spelled out. Points that count once are the observed variable x; otherwise x is a Potential, each point's log
        density times its weight. In these variables its log density equals `logdensity`. Chains that start at one
        place (means of one prior do) are slow to part: give `pm.sample` initvals, say {"mean": quantiles of x}.

        Parameters
        ----------
        x : array (n,) or (n, d)
            The data, as in `sample`.
        weights : array (n,), optional
            How often each point was seen.

        Raises
        ------
        ImportError
            If PyMC is not installed: ``pip install 'mixtura[pymc]'``.

        Examples
        --------
        >>> import mixtura as mx
        >>> model = mx.GaussianMixture(n_components=3, covariance="tied", scales=mx.HalfNormal(5))
        >>> with model.to_pymc(mx.datasets.galaxies()) as theirs:  # doctest: +SKIP
        ...     sorted(variable.name for variable in theirs.free_RVs)
        ['mean', 'scale', 'weight']
        """
        from mixtura.export.pymc import to_pymc

        return to_pymc(self, x, weights)

    def to_stan(self, x: Any, weights: Any = None) -> Stan:
        """The same model in Stan: program and data, the posterior's names, the same density, allocations summed out.

        Parameters
        ----------
        x : array (n,) or (n, d)
            The data, as in `sample`.
        weights : array (n,), optional
            How often each point was seen.

        Returns
        -------
        Stan
            `program`, the text, which depends on the kinds of priors only, and `data`, numbers and lists ready for
            JSON. Its `target`, without Jacobians, equals `logdensity`, constants included.

        Examples
        --------
        >>> import mixtura as mx
        >>> model = mx.GaussianMixture(n_components=2, means=mx.Fixed([10, 22]), scales=mx.HalfNormal(3))
        >>> export = model.to_stan([9.0, 21.5, 22.0])
        >>> export.data["scale_sigma"], export.data["weight_a"]
        ([3.0, 3.0], [1.0, 1.0])
        >>> print(export.program[export.program.index("parameters") :])
        parameters {
          simplex[k] weight;
          vector<lower=0>[k] scale;
        }
        model {
          target += dirichlet_lpdf(weight | weight_a);
          target += normal_lpdf(scale | 0, scale_sigma) + k * log2();
          for (i in 1 : n) {
            vector[k] term = log(weight);
            for (j in 1 : k) {
              term[j] += normal_lpdf(x[i] | mean[j], scale[j]);
            }
            target += weights[i] * log_sum_exp(term);
          }
        }
        <BLANKLINE>
        """
        from mixtura.export.stan import to_stan

        return to_stan(self, x, weights)
