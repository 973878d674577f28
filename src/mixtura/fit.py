"""A fit: the posterior's draws in ArviZ's schema, and the verbs that give them meaning."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike
from shutil import get_terminal_size
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np
from numpy.typing import NDArray

from mixtura.arguments import shown, whole
from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.posterior import comparison, curves, diagnose, frames, membership, netcdf, overview, parts, relabel, store
from mixtura.posterior.diagnose import DEFAULT_PROB, check_prob
from mixtura.posterior.variables import Draws, Variable
from mixtura.reading.data import like_fitted
from mixtura.reading.sources import opened
from mixtura.seeds import Seed, generator_of

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr
    from arviz_stats.utils import ELPDData

MOST_LOGLIK = 1 << 24  # log densities that a tree holds unasked: 128 MB
MOST_NUMBERS = 1 << 28  # of replicated data sets, or of log densities that a tree holds: 2 GB


class Fit:
    """What `GaussianMixture.sample` returns: draws from the posterior and what can be asked of them.

    Printing it shows the summary with any warnings. The draws are an `xarray.DataTree` in ArviZ's schema
    (`to_datatree`), so every ArviZ function works on them.

    Attributes
    ----------
    posterior, sample_stats : xarray.Dataset
        Draws of weight, mean, scale or covariance (and rate), and what the algorithm says of each draw.
    model : GaussianMixture
        The model, defaults spelled out.
    x, weights : array (n,)
        The data, (n, d) where they are rows of d features, and how often each point was seen.
    name : str
        What the data were called: the column's name, else "x".
    features : tuple of str
        What each column of the data was called.

    Examples
    --------
    >>> import mixtura as mx
    >>> model = mx.GaussianMixture(n_components=3, covariance="tied", means=mx.Normal([10, 20, 35], 2))
    >>> fit = model.sample(mx.datasets.book(), seed=1)
    >>> fit.predict([9.0, 22.0, 36.0])
    array([0, 1, 2])
    """

    def __init__(self, record: store.Record) -> None:
        self._record = record

    def __getstate__(self) -> dict[str, Any]:
        return store.plain_of(self._record)

    def __setstate__(self, plain: dict[str, Any]) -> None:
        self._record = store.record_from(plain)

    def __repr__(self) -> str:
        chains, draws = self._record.shape
        notes = [note for note in (self.columns_said, self.compression) if note]
        notes += [f"warning: {fault}" for fault in self.warnings]
        why = f" ({self.reason})" if self.reason else ""
        how = f"{self.algorithm}{why}, {chains} chains of {draws} draws, {self.counted}{self.left_out}"
        head, terminal = f"{overview.brief(self.model)}\n{how}", get_terminal_size((overview.WIDTH, 24)).columns
        return "\n".join([head, overview.text_of(self._record, self.estimates, terminal), *notes])

    def _repr_html_(self) -> str:
        from mixtura.notebook.faces import of_fit

        return of_fit(self)

    @cached_property
    def _held(self) -> store.Record:
        """What is shown to the outside: writing to it would change what the fit says."""
        return store.held(self._record)

    @cached_property
    def _tree(self) -> xr.DataTree:
        return store.tree_of(self._held)

    @property
    def posterior(self) -> xr.Dataset:
        """Draws: weight[chain, draw, component], mean[...], scale[...] (no component axis when tied), rate.

        Of rows, mean[..., feature]; covariance[..., feature, feature_bis] where it is full or tied, scale[..., feature]
        where diagonal, scale[...] where spherical; the rate has the same axes without that of components.
        """
        return self._tree["posterior"].to_dataset()

    @property
    def sample_stats(self) -> xr.Dataset:
        """What the algorithm says of each draw; `lp` is the log density of the declared parameters, `occupied` the
        number of components that hold at least half a point (at least one where allocations are sampled)."""
        return self._tree["sample_stats"].to_dataset()

    @property
    def model(self) -> GaussianMixture:
        """The model, defaults spelled out."""
        return self._record.model

    @property
    def attrs(self) -> dict[str, Any]:
        """Algorithm, seed, times, versions; `nodes` is the number of weighted points that each draw looked at, and
        `certificate` how far, in nats, their log-likelihood is from that of all points; `dropped` is the number of rows
        that were left out for missing values, `columns` what `columns_said` says."""
        return store.attributes_of(self._record)

    @property
    def algorithm(self) -> str:
        """The algorithm that made the draws."""
        return str(self._record.attributes["algorithm"])

    @property
    def reason(self) -> str:
        """Why "auto" took that algorithm, in a line; empty where it was asked for by name."""
        return str(self._record.attributes.get("reason", ""))

    @property
    def name(self) -> str:
        """What the data were called."""
        return str(self._record.attributes["name"])

    @property
    def features(self) -> tuple[str, ...]:
        """What each column of the data was called."""
        return self._record.features

    @property
    def shape(self) -> tuple[int, int]:
        """Number of chains, and of draws of each."""
        return self._record.shape

    @property
    def n_components(self) -> int:
        """Number of components."""
        return self.model.n_components

    @property
    def x(self) -> Floats:
        """The data (n,), or rows (n, d); not to be written to."""
        return self._held.data.x

    @property
    def weights(self) -> Floats:
        """How often each point was seen (n,); not to be written to."""
        return self._held.data.weights

    @property
    def n(self) -> int:
        """How many points the data stand for: the sum of the weights, rounded, at least 1."""
        return max(round(float(self.weights.sum())), 1)

    @property
    def counted(self) -> str:
        """How many points there are, in words, and how many values they are where these differ."""
        return f"{self.n} points ({len(self.x)} values, counted by weights)" if self._weighted else f"{self.n} points"

    @property
    def _weighted(self) -> bool:
        """Whether any value of the data counts other than once."""
        return bool((self.weights != 1).any())

    @property
    def compression(self) -> str:
        """How the data were read if not point by point, in a line; else empty."""
        n, nodes = len(self.x), self._record.nodes
        within = f"log-likelihood within {self._record.certificate:.1e} nats (certificate)"
        return (
            f"{n:,} {'values' if self._weighted else 'points'} read as {nodes:,} nodes; {within}" if nodes < n else ""
        )

    @property
    def left_out(self) -> str:
        """How many rows were dropped for missing values, in brackets; empty where none was."""
        n = self._record.attributes.get("dropped", 0)
        return f" ({n:,} row{'s' * (n != 1)} with missing values left out)" if n else ""

    @property
    def columns_said(self) -> str:
        """Which columns of a file were used, which were left out, and why, in a line; empty where all were used."""
        return str(self._record.attributes.get("columns", ""))

    def params(self) -> Draws:
        """Draws as arrays (chains, draws, k), fixed blocks and tied scales filled in; rate is (chains, draws).

        Of rows, means (..., k, d), Cholesky factors of covariances (..., k, d, d) and rate (..., d, d). They cannot be
        written to; to change one, copy it.
        """
        return self._held.params

    def summary(self, prob: float = DEFAULT_PROB) -> pd.DataFrame:
        """Table of the posterior: one row per parameter, then the log density and the number of occupied components.

        Parameters
        ----------
        prob : float
            Probability of the highest-density interval; 0.94 is ArviZ's default.

        Returns
        -------
        pandas.DataFrame
            Columns mean, sd, hdi_lower, hdi_upper, mcse_mean, mcse_sd, ess_bulk, ess_tail, r_hat; `attrs["warnings"]`
            holds what `fit.warnings` says, `attrs["certificate"]` what `fit.attrs` does.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=1).sample(mx.datasets.galaxies(), draws=200, seed=1)
        >>> fit.summary().index.tolist()
        ['mean[0]', 'scale[0]', 'rate', 'lp', 'occupied']
        """
        check_prob(prob)
        estimates = self.estimates
        if prob != DEFAULT_PROB:
            estimates = diagnose.summarise(diagnose.rows_of(self._record), prob)
        table = diagnose.table_of(estimates)
        table.attrs = {"warnings": list(self.warnings), "certificate": self._record.certificate}
        return table

    @cached_property
    def estimates(self) -> diagnose.Summary:
        """What `summary` shows, as plain arrays."""
        return diagnose.summarise(diagnose.rows_of(self._record), DEFAULT_PROB)

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What is wrong with this fit and what to do, one sentence each; empty when nothing is."""
        return diagnose.find_faults(self._record, self.estimates)

    @overload
    def predict_proba(self, x: Any = None, output: Literal["array"] = "array") -> Floats: ...
    @overload
    def predict_proba(self, x: Any = None, *, output: Literal["frame"]) -> Any: ...
    def predict_proba(self, x: Any = None, output: str = "array") -> Any:
        """Posterior probability (n, k) that each point belongs to each component, averaged over draws.

        In a column over all draws up to 2**28 points times draws times components, a second or two; beyond, over
        evenly spaced ones, 64 at least and as many as leave each membership of 256 of the points within .01 of the
        average over all (each log density, in `score_samples`). Of rows, over all draws where that takes less than a
        second (some 10**10 operations), else over evenly spaced ones, at least 64: of 20,000 rows of 10 features and 8
        components some 300. The Monte Carlo standard error is then at most 0.5 / sqrt(draws), and far less for most
        points.

        Parameters
        ----------
        x : array (n,) or (n, d), or data frame, optional
            Points, old or new, as far out as fitting takes them (1e150); if None `fit.x`, each value once, however
            often it was seen. The columns of a data frame are found by name.
        output : {"array", "frame"}
            "frame" gives a data frame of the kind of x (pandas, polars, pyarrow, an xarray Dataset; pandas where x is
            none), with its index: columns probability_0, probability_1, ...

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), draws=200, seed=1)
        >>> fit.predict_proba([9.5, 20.0, 33.0]).round(1)
        array([[1., 0., 0.],
               [0., 1., 0.],
               [0., 0., 1.]])
        """
        x, shares = self._membership(x, output)
        return shares if output == "array" else frames.frame_like(x, frames.probabilities(shares))

    @overload
    def predict(self, x: Any = None, output: Literal["array"] = "array") -> NDArray[np.intp]: ...
    @overload
    def predict(self, x: Any = None, *, output: Literal["frame"]) -> Any: ...
    def predict(self, x: Any = None, output: str = "array") -> Any:
        """Most probable component (n,) of each point; `x` and draws as in `predict_proba`.

        Parameters
        ----------
        x : array (n,) or (n, d), or data frame, optional
            Points, old or new; the data if None.
        output : {"array", "frame"}
            "frame" gives a data frame of the kind of x, with its index: columns label, probability_0, probability_1,
            ..., and uncertainty, which is 1 less the largest of them.

        Examples
        --------
        >>> import mixtura as mx, pandas as pd
        >>> fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), draws=200, seed=1)
        >>> new = pd.DataFrame({"velocity": [9.5, 33.0]}, index=["first", "last"])
        >>> fit.predict(new, output="frame").round(1)
               label  probability_0  probability_1  probability_2  uncertainty
        first      0            1.0            0.0            0.0          0.0
        last       2            0.0            0.0            1.0          0.0
        """
        frames.check_output(output)
        if output == "array":
            return self._answers.labels(self._points(x), self._record.params)
        x, shares = self._membership(x, output)
        return frames.frame_like(x, frames.predictions(shares))

    def _membership(self, x: Any, output: str) -> tuple[Any, Floats]:
        """What x holds, once read, and the membership of its points."""
        frames.check_output(output)
        x = opened(x)
        return x, self._answers.membership(self._points(x), self._record.params)

    def membership(self, x: Any = None, prob: float = DEFAULT_PROB) -> xr.Dataset:
        """How sure membership is: the spread over draws of the probabilities whose mean `predict_proba` gives.

        Parameters
        ----------
        x : array (n,) or (n, d), or data frame, optional
            Points, old or new; the data if None.
        prob : float
            Probability of the equal-tailed credible interval.

        Returns
        -------
        xarray.Dataset
            Over (point, component): `probability`, what `predict_proba` says, and `sd`, `lower` and `upper` of its
            draws (evenly spaced ones, at least 400, where points are very many); x is a coordinate.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=200, seed=1)
        >>> sure = fit.membership([9.5, 16.0])
        >>> (sure.upper - sure.lower).sel(component=0).round(1).values.tolist()
        [0.0, 0.6]
        """
        check_prob(prob)
        points, params = self._points(x), self._record.params
        shares = self._answers.membership(points, params)
        return membership.spread(points, params, shares, self.features, prob)

    def doubtful(self, n: int = 10, x: Any = None, prob: float = DEFAULT_PROB) -> pd.DataFrame:
        """The points whose component is least sure, the most doubtful first.

        Parameters
        ----------
        n : int
            How many, at most.
        x : array (n,) or (n, d), or data frame, optional
            Points, old or new; the data if None.
        prob : float
            Probability of the equal-tailed credible interval.

        Returns
        -------
        pandas.DataFrame
            Under the index of x, or row numbers: `label`, its `probability`, with `lower` and `upper` end over draws,
            `second`, the next probable component, and the point itself. Empty where there is one component.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), draws=200, seed=1)
        >>> fit.doubtful(3)["label"].size
        3
        """
        check_prob(prob)
        if isinstance(n, bool | np.timedelta64) or not isinstance(n, int | np.integer) or n < 0:
            raise ValueError(f"n is a whole number of points; got {n!r}")
        x = opened(x)
        points, params = self._points(x), self._record.params
        shares = self._answers.membership(points, params)
        rows = membership.in_doubt(shares, int(n))
        found = membership.spread(points[rows], params, shares[rows], self.features, prob)
        return membership.table(found, rows, x, self.features)

    def prior(self, draws: int = 1000, seed: int | None = 0) -> xr.Dataset:
        """Draws from the prior, under the names and axes of `posterior`, in one chain.

        Parameters
        ----------
        draws : int
            How many.
        seed : int, optional
            Seed of numpy's default generator.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, seed=1)
        >>> list(fit.prior(20).data_vars), dict(fit.prior(20)["mean"].sizes)
        (['weight', 'mean', 'scale', 'rate'], {'chain': 1, 'draw': 20, 'component': 2})
        """
        from mixtura.posterior.prior import prior_of

        return prior_of(self._record, draws, seed)

    def score_samples(self, x: Any = None) -> Floats:
        """Log posterior predictive density (n,) of points: the log of the density averaged over draws.

        `x` and draws as in `predict_proba`; of `fit.x` it is that of each value once, whatever its weight. It is -inf
        where points are so far out that no number holds it.
        """
        scores: Floats = self._answers.scores(self._points(x), self._record.params)
        return scores

    def density(self, grid: Any = None, prob: float = DEFAULT_PROB) -> xr.Dataset:
        """Posterior of the mixture density along x, or at rows.

        Parameters
        ----------
        grid : array (g,) or (g, d), optional
            Where to evaluate; if None, 200 even steps over the data and a little beyond, and closer ones about
            each component. Of rows, the data; draws as in `predict_proba`.
        prob : float
            Probability of the pointwise, equal-tailed credible band.

        Returns
        -------
        xarray.Dataset
            Over coordinate x, or dimension point with x (point, feature): `density` (posterior mean), `lower`, `upper`,
            and `component_density` (component, ...), the posterior mean of weight times normal density.
        """
        check_prob(prob)
        points = self._points(grid) if grid is not None else curves.grid(self._record.data.x, self._record.params)
        return curves.density(self._answers, points, self._record.params, self.features, prob)

    def sample_predictive(self, draws: int | None = None, seed: Seed = 0) -> Floats:
        """Replicated data sets (draws, n) or (draws, n, d), from evenly spaced draws; n is `fit.n`, weights counted.

        A data set holds as many points as the data stand for: where 35 values were seen 5,000 times in all, 5,000 (the
        sum of the weights, rounded). They are the model's, not rounded where the data are.

        Parameters
        ----------
        draws : int, optional
            How many data sets; if None one per posterior draw, or as many as 2 GB hold.
        seed : int or numpy.random.Generator, optional
            Seed of numpy's default generator, or the generator itself.

        Raises
        ------
        ValueError
            If draws is none that is there, or the data sets together take more than 2 GB.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=1).sample([1.0, 2.0, 3.0], weights=[20, 50, 30], draws=50, seed=1)
        >>> fit.sample_predictive(10).shape
        (10, 100)
        """
        most = self.shape[0] * self.shape[1]
        counted = isinstance(draws, int | np.integer) and not isinstance(draws, bool | np.timedelta64)
        if draws is not None and not (counted and 1 <= draws <= most):
            raise ValueError(f"draws is a whole number from 1 to {most}, the posterior's; got {shown(draws)}")
        held = MOST_NUMBERS // (self.n * len(self.features))
        if held < (draws or 1):
            raise ValueError(
                f"{draws or 'any'} data sets of {self.n:,} points are more than 2 GB: "
                + (f"take {held} draws or fewer, or " if held else "")
                + "simulate(n) gives as many points as you say"
            )
        wanted = draws if draws is not None or held >= most else held
        sets: Floats = self._answers.replicate(self._record.params, wanted, self.n, generator_of(seed))
        return sets

    def simulate(self, n: int, seed: Seed = None) -> tuple[Floats, NDArray[np.intp]]:
        """New points (n,) or (n, d) and their components (n,): each from a posterior draw picked at random.

        Parameters
        ----------
        n : int
            How many.
        seed : int or numpy.random.Generator, optional
            Seed of numpy's default generator, or the generator itself.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, seed=1)
        >>> x, labels = fit.simulate(3, seed=1)
        >>> x.shape, labels.shape
        ((3,), (3,))
        """
        x, labels = self._answers.simulate(self._record.params, whole(n, "n", 1), generator_of(seed))
        return x, labels

    @property
    def log_likelihood(self) -> xr.DataArray:
        """Log density of each value of `x` under each draw (chain, draw, point), per unit of weight.

        As long as `x`, not as the counts: a value that was seen 100 times is here once. In `to_datatree`, of which
        ArviZ's functions take sums, it is there 100 times.
        """
        import xarray as xr

        values = self._answers.log_likelihood(self._record.data.x, self._record.params)
        coords = {name: self.posterior[name] for name in ("chain", "draw")}
        return xr.DataArray(values, dims=("chain", "draw", "point"), coords=coords, name="x")

    def to_datatree(
        self, log_likelihood: bool | None = None, posterior_predictive: bool = False, prior: bool = False
    ) -> xr.DataTree:
        """The fit as an `xarray.DataTree` in ArviZ's schema.

        Parameters
        ----------
        log_likelihood : bool, optional
            Whether to add the group that `arviz.loo` and `arviz.compare` need. None adds it where it takes at most
            128 MB (points times draws up to 2**24: 4,194 points at 4 x 1000 draws). `fit.loo` and `mixtura.compare`
            take any weights, and any number of points.
        posterior_predictive : bool
            Whether to add replicated data sets, one to a draw.
        prior : bool
            Whether to add a thousand draws from the prior, and the log prior density of the posterior's draws.

        Raises
        ------
        ValueError
            If what is asked for takes more than 2 GB, or log densities of points whose weights are no whole numbers.

        Notes
        -----
        ArviZ knows no weights. Where these are whole numbers and points times draws fit into 2 GB, every group holds
        each point as often as it was seen: 35 values that stand for 5,000 points are 5,000. Else `observed_data` holds
        each value once, and `constant_data` how often it was seen; replicated data sets have the size of what they
        stand for.

        Functions that set points beside their predictions one number at a time (`loo_pit`, `loo_score`, plots of
        predictive checks) take one feature of rows: `tree.sel(feature="waiting")`.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, seed=1)
        >>> sorted(fit.to_datatree().children)
        ['constant_data', 'log_likelihood', 'observed_data', 'posterior', 'sample_stats']
        """
        import xarray as xr

        from mixtura.posterior.prior import prior_of
        from mixtura.posterior.sensitivity import log_prior_of

        tree, numbers = self._tree.copy(), self.n * self.shape[0] * self.shape[1]
        spread = numbers <= MOST_NUMBERS and bool((self.weights == np.round(self.weights)).all())
        if self._weighted and spread:
            dims = ("point", "feature")[: self.x.ndim]
            values: dict[str, Variable] = {"x": (dims, np.repeat(self.x, self._times, axis=0))}
            tree["observed_data"] = xr.DataTree(store.with_coordinates(values, self._record))
            tree["constant_data"] = xr.DataTree(xr.Dataset({"weights": ("point", np.ones(self.n))}))
        if (spread and numbers <= MOST_LOGLIK) if log_likelihood is None else log_likelihood:
            self._check_spread(spread, numbers)
            tree["log_likelihood"] = xr.DataTree(self.log_likelihood.isel(point=self._seen).to_dataset())
        if posterior_predictive:
            axes = ("chain", "draw", *self._tree["observed_data"]["x"].dims)
            shape = (*self.shape, self.n, *self.x.shape[1:])
            data = {"x": (axes, self.sample_predictive(self.shape[0] * self.shape[1]).reshape(shape))}
            tree["posterior_predictive"] = xr.DataTree(store.with_coordinates(data, self._record))
        if prior:
            tree["prior"] = xr.DataTree(prior_of(self._record, 1000, 0))
            tree["log_prior"] = xr.DataTree(log_prior_of(self._record))
        return tree

    @property
    def _times(self) -> NDArray[np.int64]:
        """How often each value was seen, a whole number."""
        return self.weights.astype(np.int64)

    @property
    def _seen(self) -> slice | NDArray[np.intp]:
        """Which value each of the points is that the data stand for."""
        return np.repeat(np.arange(len(self.x)), self._times) if self._weighted else slice(None)

    def _check_spread(self, spread: bool, numbers: int) -> None:
        """Log densities for ArviZ, of each point as often as it was seen: few enough, and seen a number of times."""
        if numbers > MOST_NUMBERS:
            raise ValueError(
                f"log densities of {self.n:,} points under {numbers // self.n:,} draws are more than 2 GB; fit.loo and "
                "mixtura.compare take any number of points, fit.log_likelihood has each value of fit.x once"
            )
        if not spread:
            raise ValueError(
                "ArviZ knows no weights, and these are no whole numbers, so that no group log_likelihood can stand for "
                "them; fit.loo and mixtura.compare take any weights, fit.log_likelihood has each value of fit.x once"
            )

    def relabel(self, by: str | tuple[str, str] = "mean") -> Fit:
        """The same draws with components ordered, in every draw, by one of their parameters.

        A fit comes with labels under which draws agree most on what each component is, in order of their posterior
        means. Where means are much alike, such as about one centre, an order by "scale" or "weight" says more.

        Parameters
        ----------
        by : {"mean", "scale", "weight"} or (one of the first two, feature)
            What to order by, smallest first; of rows, the mean or the standard deviation of the first feature or of
            the one that is named.

        Raises
        ------
        ValueError
            If `by` is not sampled per component, or the model names components by fixing a block to different values.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, seed=1)
        >>> bool((fit.relabel("weight").posterior["weight"].diff("component") >= 0).all())
        True
        """
        values = store.per_component(self._record, by)
        return Fit(self._record.reordered(relabel.by_value(values)))

    def raw(self) -> Fit:
        """The same draws with labels as the sampler had them."""
        return Fit(self._record.reordered(np.argsort(self._record.order, axis=-1)))

    def rename(self, name: str) -> Fit:
        """The same fit of data that are called `name`."""
        return Fit(self._record._replace(attributes=self._record.attributes | {"name": name}))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the fit to a netCDF file, which ArviZ and xarray read too; `mixtura.load` brings it back."""
        netcdf.write(self._tree, path)

    @property
    def _answers(self) -> ModuleType:
        return self._record.answers

    def report(self, path: str | PathLike[str], prob: float = DEFAULT_PROB) -> None:
        """Write a report of the fit: one HTML file that needs no network, to read in a minute and to pass on.

        Parameters
        ----------
        path : str or path
            The file, such as "report.html"; replaced if it is there.
        prob : float
            Probability of every interval and band.
        """
        from mixtura.report import write

        check_prob(prob)
        write(self, path, prob)

    def loo(self, subsample: int | None = None, seed: Seed = 0) -> ELPDData:
        """How well points are predicted that are left out in turn (PSIS-LOO; Vehtari et al. 2017).

        Parameters
        ----------
        subsample : int, optional
            How many random points to leave out in turn; the sum over all then comes from the difference estimator of
            Magnusson et al. (2019, 2020). None leaves out all of up to 5,000 points, and 1,000 of more.
        seed : int or numpy.random.Generator
            Seed of the random choice of points.

        Returns
        -------
        arviz_stats.ELPDData
            elpd, se, p (effective number of parameters), and `elpd_i` and `pareto_k` by point (nan where it was not
            left out). A point of weight w counts w times, each copy left out by itself; its `elpd_i` is w times that of
            a copy. `mixtura.compare` sets fits side by side.

        Warns
        -----
        UserWarning
            If points shape the posterior so much that elpd is doubtful (high Pareto k).

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.book(), seed=1)
        >>> round(fit.loo().elpd)
        -683
        """
        return comparison.loo(self, subsample, seed)

    def _points(self, x: Any) -> Floats:
        if x is None:
            return self._record.data.x
        return like_fitted(opened(x), self.features, self._record.of_rows)

    def marginal(self, features: Sequence[str] | str) -> parts.Mixtures:
        """The posterior of the mixture of some features: its density, moments, memberships and samples, with bands.

        Parameters
        ----------
        features : sequence of str
            Names of features, in the order wanted.

        Raises
        ------
        ValueError
            If a feature is not there or is named twice, or none is named.

        Examples
        --------
        >>> import mixtura as mx, pandas as pd
        >>> data = pd.DataFrame(mx.datasets.faithful()._asdict())
        >>> fit = mx.GaussianMixture(n_components=2).sample(data, draws=50, warmup=50, seed=1)
        >>> fit.marginal("waiting").density([54.5, 80.0]).density.round(2).values
        array([0.02, 0.04])
        """
        return parts.joint(self._record.params, self.features).marginal(features)

    def conditional(self, values: Mapping[str, Any]) -> parts.Mixtures:
        """The posterior of the mixture of the other features where some have given values.

        With an array of values this is mixture regression: `fit.conditional({"x": grid}).moments()` holds the mean of
        the others at each, with its credible band.

        Parameters
        ----------
        values : mapping of str to float or array (g,)
            Values of some features, but not of all; arrays run side by side.

        Raises
        ------
        ValueError, TypeError
            If a feature is not there, none is given or none left, or values are no finite numbers or differ in length.

        Examples
        --------
        >>> import mixtura as mx, pandas as pd
        >>> data = pd.DataFrame(mx.datasets.faithful()._asdict())
        >>> fit = mx.GaussianMixture(n_components=2).sample(data, draws=50, warmup=50, seed=1)
        >>> waiting = fit.conditional({"eruptions": [2.0, 4.5]}).moments()["mean"]
        >>> waiting.sel(eruptions=4.5, feature="waiting").round().item()
        81.0
        """
        return parts.joint(self._record.params, self.features).conditional(values)


def load(path: str | PathLike[str]) -> Fit:
    """Read a fit that `Fit.save` wrote.

    Nothing is unpickled, and nothing is believed: what a file declares is held to its size, and draws and data to what
    those of a fit can be, so that a file from a stranger does no harm.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not a fit of mixtura, is damaged, or holds what no fit does (weights that do not add up to 1).

    Examples
    --------
    >>> import mixtura as mx, tempfile, pathlib
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, seed=1)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "fit.nc"
    >>> fit.save(path)
    >>> bool((mx.load(path).posterior["mean"] == fit.posterior["mean"]).all())
    True
    """
    return Fit(netcdf.read(path))
