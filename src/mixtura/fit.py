"""A fit: the posterior's draws in ArviZ's schema, and the verbs that give them meaning."""

from __future__ import annotations

from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mixtura.data import column
from mixtura.model import GaussianMixture
from mixtura.params import Floats, Params
from mixtura.posterior import diagnose, predict, relabel, store
from mixtura.priors import Fixed
from mixtura.sources import opened

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

DEFAULT_PROB = 0.94  # ArviZ's default for highest-density intervals


class Fit:
    """What `GaussianMixture.sample` returns: draws from the posterior and what can be asked of them.

    Printing it shows the summary with any warnings. The draws are an `xarray.DataTree` in ArviZ's schema
    (`to_datatree`), so every ArviZ function works on them.

    Attributes
    ----------
    posterior, sample_stats : xarray.Dataset
        Draws of weight, mean, scale (and rate), and what the algorithm says of each draw.
    model : GaussianMixture
        The model, defaults spelled out.
    x, weights : array (n,)
        The data and how often each point was seen.
    name : str
        What the data were called: the column's name, else "x".

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

    def __repr__(self) -> str:
        table = self.summary()[["mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "r_hat"]]
        shown = table.to_string(float_format=lambda v: f"{v:.4g}")
        chains, draws = self._record.shape
        notes = [self.compression] if self.compression else []
        notes += [f"warning: {fault}" for fault in self.warnings]
        head = f"{self.model}\n{self.algorithm}, {chains} chains of {draws} draws, {self.x.size} points"
        return "\n".join([head, shown, *notes])

    @cached_property
    def _tree(self) -> xr.DataTree:
        return store.tree_of(self._record)

    @property
    def posterior(self) -> xr.Dataset:
        """Draws: weight[chain, draw, component], mean[...], scale[...] (no component axis when tied), rate."""
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
        `certificate` how far, in nats, their log-likelihood is from that of all points."""
        return store.attributes_of(self._record)

    @property
    def algorithm(self) -> str:
        """The algorithm that made the draws."""
        return str(self._record.attributes["algorithm"])

    @property
    def name(self) -> str:
        """What the data were called."""
        return str(self._record.attributes["name"])

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
        """The data (n,)."""
        return self._record.data.x

    @property
    def weights(self) -> Floats:
        """How often each point was seen (n,)."""
        return self._record.data.weights

    @property
    def compression(self) -> str:
        """How the data were read if not point by point, in a line; else empty."""
        n, nodes = self.x.size, self._record.nodes
        within = f"log-likelihood within {self._record.certificate:.1e} nats (certificate)"
        return f"{n:,} points read as {nodes:,} nodes; {within}" if nodes < n else ""

    def params(self) -> Params:
        """Draws as arrays (chains, draws, k), fixed blocks and tied scales filled in; rate is (chains, draws)."""
        return self._record.params

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
        import pandas as pd

        check_prob(prob)
        estimates = self.estimates
        if prob != DEFAULT_PROB:
            estimates = diagnose.summarise(diagnose.rows_of(self._record), prob)
        table = pd.DataFrame(dict(zip(diagnose.COLUMNS, estimates[1:], strict=True)), index=list(estimates.names))
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

    def predict_proba(self, x: Any = None) -> Floats:
        """Posterior probability (n, k) that each point belongs to each component, averaged over all draws.

        Parameters
        ----------
        x : array (n,), optional
            Points, old or new; the data if None.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), draws=200, seed=1)
        >>> fit.predict_proba([9.5, 20.0, 33.0]).round(1)
        array([[1., 0., 0.],
               [0., 1., 0.],
               [0., 0., 1.]])
        """
        return predict.membership(self._points(x), self.params())

    def predict(self, x: Any = None) -> NDArray[np.intp]:
        """Most probable component (n,) of each point; `x` as in `predict_proba`."""
        return predict.labels(self._points(x), self.params())

    def score_samples(self, x: Any = None) -> Floats:
        """Log posterior predictive density (n,) of points: the log of the density averaged over draws."""
        return predict.scores(self._points(x), self.params())

    def density(self, grid: Any = None, prob: float = DEFAULT_PROB) -> xr.Dataset:
        """Posterior of the mixture density along x.

        Parameters
        ----------
        grid : array (g,), optional
            Where to evaluate; if None, 200 even steps over the data and a little beyond, and closer ones about
            each component.
        prob : float
            Probability of the pointwise, equal-tailed credible band.

        Returns
        -------
        xarray.Dataset
            Over coordinate x: `density` (posterior mean), `lower`, `upper`, and `component_density` (component, x), the
            posterior mean of weight times normal density.
        """
        import xarray as xr

        check_prob(prob)
        points = self._points(grid) if grid is not None else self._grid()
        params = predict.flat(self.params())
        each = np.zeros((self.n_components, points.size))
        totals = np.empty((params.means.shape[0], points.size))
        for part in np.array_split(np.arange(points.size), max(1, totals.size * self.n_components // 2_000_000)):
            parts = predict.component_densities(points[part], params)
            each[:, part] = parts.mean(0)
            totals[:, part] = parts.sum(1)
        lower, upper = np.quantile(totals, [(1 - prob) / 2, (1 + prob) / 2], axis=0)
        return xr.Dataset(
            {
                "density": ("x", totals.mean(0)),
                "lower": ("x", lower),
                "upper": ("x", upper),
                "component_density": (("component", "x"), each),
            },
            coords={"x": points, "component": np.arange(self.n_components)},
            attrs={"prob": prob},
        )

    def _grid(self) -> Floats:
        """Even steps over the data and a little beyond, and closer ones about each component, for narrow ones."""
        low, high = self.x.min(), self.x.max()
        even = np.linspace(low - 0.1 * (high - low), high + 0.1 * (high - low), 200)
        params = predict.flat(self.params())
        means, scales = np.median(params.means, axis=0), np.median(params.scales, axis=0)
        about = (means[:, None] + scales[:, None] * np.linspace(-4, 4, 33)).ravel()
        return np.union1d(even, about[(about > even[0]) & (about < even[-1])])

    def sample_predictive(self, draws: int | None = None, seed: int | None = 0) -> Floats:
        """Replicated data sets (draws, n), as many values each as the data have rows, from evenly spaced draws.

        Parameters
        ----------
        draws : int, optional
            How many data sets; one per posterior draw if None.
        seed : int, optional
            Seed of numpy's default generator.
        """
        most = self.params().rate.size
        if draws is not None and not (isinstance(draws, (int, np.integer)) and 1 <= draws <= most):
            raise ValueError(f"draws is a whole number from 1 to {most}, the posterior's; got {draws!r}")
        return predict.replicate(self.params(), draws, self.x.size, np.random.default_rng(seed))

    @property
    def log_likelihood(self) -> xr.DataArray:
        """Log density of each point under each draw (chain, draw, point), per unit of weight."""
        import xarray as xr

        values = predict.log_likelihood(self.x, self.params())
        coords = {name: self.posterior[name] for name in ("chain", "draw")}
        return xr.DataArray(values, dims=("chain", "draw", "point"), coords=coords, name="x")

    def to_datatree(self, log_likelihood: bool = False, posterior_predictive: bool = False) -> xr.DataTree:
        """The fit as an `xarray.DataTree` in ArviZ's schema.

        Parameters
        ----------
        log_likelihood, posterior_predictive : bool
            Whether to add the groups that grow with n times draws.

        Examples
        --------
        >>> import mixtura as mx
        >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, seed=1)
        >>> sorted(fit.to_datatree().children)
        ['constant_data', 'observed_data', 'posterior', 'sample_stats']
        """
        import xarray as xr

        tree = self._tree.copy()
        if log_likelihood:
            tree["log_likelihood"] = xr.DataTree(self.log_likelihood.to_dataset())
        if posterior_predictive:
            shape = (*self._record.shape, self.x.size)
            data = {"x": (("chain", "draw", "point"), self.sample_predictive().reshape(shape))}
            tree["posterior_predictive"] = xr.DataTree(store.with_coordinates(data, shape))
        return tree

    def relabel(self, by: str = "mean") -> Fit:
        """The same draws with components ordered, in every draw, by one of their parameters.

        Parameters
        ----------
        by : {"mean", "scale", "weight"}
            What to order by, smallest first.

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
        sampled = store.free_blocks(self.model, self.params())
        names = [name for name in ("mean", "scale", "weight") if name in sampled and sampled[name].ndim == 3]
        if by not in names:
            raise ValueError(f"by is one of {', '.join(names)}; got {by!r}")
        if any(
            isinstance(prior, Fixed) and not prior.exchangeable
            for prior in (self.model.means, self.model.scales, self.model.variances, self.model.weights)
        ):
            raise ValueError("a block Fixed to different values names the components; they cannot be relabelled")
        return Fit(self._record.reordered(relabel.by_value(sampled[by])))

    def raw(self) -> Fit:
        """The same draws with labels as the sampler had them."""
        return Fit(self._record.reordered(np.argsort(self._record.order, axis=-1)))

    def rename(self, name: str) -> Fit:
        """The same fit of data that are called `name`."""
        return Fit(self._record._replace(attributes=self._record.attributes | {"name": name}))

    def save(self, path: str | PathLike[str]) -> None:
        """Write the fit to a netCDF file, which ArviZ and xarray read too; `mixtura.load` brings it back."""
        try:
            self._tree.to_netcdf(path, engine="h5netcdf")
        except OSError as error:
            raise OSError(f"cannot write {str(path)!r}: no such folder, or no permission") from error

    def _points(self, x: Any) -> Floats:
        return self.x if x is None else column(opened(x))


def load(path: str | PathLike[str]) -> Fit:
    """Read a fit that `Fit.save` wrote. Nothing is unpickled.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If the file is not a fit of mixtura.

    Examples
    --------
    >>> import mixtura as mx, tempfile, pathlib
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, seed=1)
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "fit.nc"
    >>> fit.save(path)
    >>> bool((mx.load(path).posterior["mean"] == fit.posterior["mean"]).all())
    True
    """
    import xarray as xr

    try:
        with xr.open_datatree(path, engine="h5netcdf") as stored:
            return Fit(store.record_in(stored.load()))
    except FileNotFoundError:
        raise FileNotFoundError(f"there is no file {str(path)!r}") from None
    except Exception as error:
        raise ValueError(f"{str(path)!r} is not a fit saved by mixtura (netCDF from Fit.save or --out)") from error


def check_prob(prob: float) -> None:
    """A probability strictly between 0 and 1, or an error."""
    if isinstance(prob, bool) or not isinstance(prob, (float, int, np.number)) or not 0 < prob < 1:
        raise ValueError(f"prob is a probability between 0 and 1; got {prob!r}")
