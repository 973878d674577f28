"""scikit-learn's face: an estimator that takes the place of `sklearn.mixture.GaussianMixture`, one word changed."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mixtura import steering
from mixtura.arguments import Algorithm
from mixtura.arrays import Floats
from mixtura.blocks import either_way, n_parameters
from mixtura.covariance import Word
from mixtura.fit import Fit
from mixtura.model import GaussianMixture
from mixtura.posterior import diagnose, moments
from mixtura.priors import Prior
from mixtura.reading.containers import Columns
from mixtura.reading.data import Points, column

try:
    from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, DensityMixin, TransformerMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import check_is_fitted, validate_data
except ImportError as error:
    raise ImportError(
        "mixtura.BayesianMixture needs scikit-learn, 1.6 or newer: pip install 'mixtura[sklearn]'"
    ) from error

STRUCTURES: dict[str, Word] = {"full": "full", "tied": "tied", "diag": "diagonal", "spherical": "spherical"}
PRECISIONS = (np.float64, np.float32)
FEWEST = 2  # rows, as scikit-learn has it
APART = 1.1  # R-hat of the log density (Gelman et al., Bayesian Data Analysis) beyond which chains are at odds
LOOKS = 100  # draws at which the log-likelihood is taken
LEARNT = (
    "fit_", "weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_", "converged_", "n_iter_",
    "lower_bound_", "lower_bounds_",
)  # fmt: skip


class BayesianMixture(ClassNamePrefixFeaturesOutMixin, TransformerMixin, DensityMixin, BaseEstimator):
    """A Bayesian Gaussian mixture as a scikit-learn estimator.

    It takes the place of `sklearn.mixture.GaussianMixture`: parameters and attributes have its names, predictions
    are averages over the whole posterior, and what it learns are posterior means. The same data, in any order, once or
    by weight, and the same `random_state` give the same draws, bit for bit.

    Parameters
    ----------
    n_components : int
        Number of components, k.
    covariance_type : {"full", "tied", "diag", "spherical"}
        Each component its own covariance matrix, one for all, a diagonal one each, one variance each.
    means_init : array (k, d), optional
        Components are numbered so that their means lie closest to these; in order of `means_`, the first feature's,
        if None. Where priors tell components apart, their numbers are those of the priors.
    random_state : int, RandomState, numpy Generator or None
        Seed of the draws, and of `sample`.
    verbose : int
        Above 0, a progress bar is shown when standard error is a terminal.
    draws, warmup, chains : int
        Draws kept and warm-up draws dropped per chain, and chains.
    algorithm : {"auto", "nuts", "hmc", "gibbs", "metropolis"}
        How to sample; "metropolis" takes one feature only.
    means, scales, variances, covariances, correlations, weights : prior, optional
        What is believed of each block of parameters, as in `mixtura.GaussianMixture`, whose defaults follow the data.
        Where columns determine each other exactly, the default of full and tied covariances has a known scale matrix.
    tol, reg_covar, max_iter, n_init, init_params, weights_init, precisions_init, warm_start, verbose_interval
        Taken, and checked, so that code for `GaussianMixture` runs, and not used: they steer EM, and there is none.
        Chains start at modes that are searched for from many places, and end after `draws`; priors keep covariances
        from 0.

    Attributes
    ----------
    fit_ : Fit
        The whole fit: draws, summary, warnings, everything else `mixtura` can say.
    weights_ : array (k,)
        Posterior means of the weights.
    means_ : array (k, d)
        Posterior means of the component means.
    covariances_ : array (k, d, d), (d, d) if tied, (k, d) if diag, (k,) if spherical
        Posterior means of covariance matrices, or variances.
    precisions_, precisions_cholesky_ : array
        Their inverses, and upper triangular roots of those, in the same shape.
    converged_ : bool
        Whether nothing in `fit_.warnings` is about the sampling: every R-hat at most 1.01, effective draws enough, no
        divergences. `fit` gives a ConvergenceWarning where chains are at odds: R-hat of the log density above 1.1.
    n_iter_ : int
        Draws per chain, without warm-up.
    lower_bounds_ : array
        Log-likelihood per point at each of up to 100 evenly spaced draws.
    lower_bound_ : float
        Its mean, which by Jensen's inequality is a bound on the log posterior predictive density of the data.
    n_features_in_ : int
    feature_names_in_ : array (d,)
        If the data had names for all columns.

    Notes
    -----
    What is learnt cannot be set, since predictions are averages over draws: setting `means_` raises an AttributeError
    that says what to do instead. Of data in single precision attributes and predictions are in single precision too;
    draws are in double.

    Examples
    --------
    >>> import mixtura as mx
    >>> x = mx.datasets.galaxies()[:, None]
    >>> mixture = mx.BayesianMixture(n_components=3, random_state=1).fit(x)
    >>> mixture.predict([[9.5], [20.0], [33.0]])
    array([0, 1, 2])
    >>> mixture.means_.shape, mixture.covariances_.shape
    ((3, 1), (3, 1, 1))
    """

    fit_: Fit
    weights_: Floats
    means_: Floats
    covariances_: Floats
    precisions_: Floats
    precisions_cholesky_: Floats
    converged_: bool
    n_iter_: int
    lower_bounds_: Floats
    lower_bound_: float
    n_features_in_: int

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-3,
        reg_covar: float = 1e-6,
        max_iter: int = 100,
        n_init: int = 1,
        init_params: str = "kmeans",
        weights_init: Any = None,
        means_init: Any = None,
        precisions_init: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
        draws: int = 1000,
        warmup: int = 1000,
        chains: int = 4,
        algorithm: Algorithm = "auto",
        means: Prior | None = None,
        scales: Prior | None = None,
        variances: Prior | None = None,
        covariances: Prior | None = None,
        correlations: Prior | None = None,
        weights: Prior | None = None,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval
        self.draws = draws
        self.warmup = warmup
        self.chains = chains
        self.algorithm = algorithm
        self.means = means
        self.scales = scales
        self.variances = variances
        self.covariances = covariances
        self.correlations = correlations
        self.weights = weights

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Draw from the posterior of rows X (n, d); y is ignored.

        Parameters
        ----------
        X : array-like (n, d)
            The data.
        y : None
            Ignored; there for scikit-learn's conventions.
        sample_weight : array-like (n,), optional
            How often each row was seen; rows of weight 0 are left out.
        """
        steering.check(self.get_params(deep=False))
        given = validate_data(self, X, dtype=PRECISIONS, ensure_min_samples=FEWEST)
        x = np.asarray(given, float)
        model = self.declared()
        steering.check_starts(self.get_params(deep=False), x.shape[1])
        data = seen(x, sample_weight)
        if data.weights.sum() < model.n_components:
            raise ValueError(
                f"Expected n_samples >= n_components but got n_components = {model.n_components}, "
                f"n_samples = {data.weights.sum():g}"
            )
        self._keep(self._numbered(self._sampled(model, data)), given.dtype)
        return self

    def declared(self) -> GaussianMixture:
        """The model that these parameters declare."""
        if self.covariance_type not in STRUCTURES:
            raise ValueError(f"covariance_type is one of {', '.join(STRUCTURES)}; got {self.covariance_type!r}")
        return GaussianMixture(
            n_components=self.n_components,
            covariance=STRUCTURES[self.covariance_type],
            means=self.means,
            scales=self.scales,
            variances=self.variances,
            covariances=self.covariances,
            correlations=self.correlations,
            weights=self.weights,
        )

    def _sampled(self, model: GaussianMixture, data: Points) -> Fit:
        """The fit of each different row, read once with the weight of all that equal it."""
        names = getattr(self, "feature_names_in_", None)
        x, weights = merged(data)
        flat = x[:, 0] if x.shape[1] == 1 else x
        seed = self.random_state
        if not isinstance(seed, (int, np.integer, np.random.Generator)):
            seed = check_random_state(seed).randint(np.iinfo(np.int32).max)
        fit = model.sample(
            flat if names is None else Columns(tuple(map(str, names)), flat),
            draws=self.draws,
            warmup=self.warmup,
            chains=self.chains,
            algorithm=self.algorithm,
            weights=weights,
            seed=seed,
            progress=bool(self.verbose),
        )
        return Fit(fit._record._replace(data=data._replace(x=data.x[:, 0] if flat.ndim == 1 else data.x)))

    def _numbered(self, fit: Fit) -> Fit:
        """The fit with components in the order of `means_init`, where it is given."""
        if self.means_init is None or not fit.model.exchangeable:
            return fit
        wanted, means = np.asarray(self.means_init, float), moments.draws_of(fit._record.params).means.mean(0)
        from scipy.optimize import linear_sum_assignment

        apart = (((wanted[:, None] - means) / fit.x.reshape(-1, means.shape[1]).std(0)) ** 2).sum(-1)
        order = linear_sum_assignment(apart)[1]
        return Fit(fit._record.reordered(np.broadcast_to(order, (*fit.shape, order.size))))

    def _keep(self, fit: Fit, precision: np.dtype[Any]) -> None:
        """What scikit-learn's mixtures know after a fit, as numbers of the data's precision."""
        record, structure = fit._record, self.declared().structure
        draws = moments.draws_of(record.params)
        covariances = moments.covariances(draws, structure)
        roots = moments.roots_of_precisions(covariances, structure)
        bounds = moments.loglikelihoods(record.answers, record.data, record.params, LOOKS) / fit.weights.sum()
        faults = diagnose.unconverged(record, fit.estimates)
        arrays = {
            "weights_": draws.weights.mean(0),
            "means_": draws.means.mean(0),
            "covariances_": covariances,
            "precisions_cholesky_": roots,
            "precisions_": roots @ roots.swapaxes(-1, -2) if structure.correlated else roots**2,
            "lower_bounds_": bounds,
        }
        self._mode: Any = None  # of `aic` and `bic`, once it is asked for
        self.__dict__.update({name: fixed(numbers, precision) for name, numbers in arrays.items()})
        numbers = {"lower_bound_": float(bounds.mean()), "n_iter_": fit.shape[1], "converged_": not faults}
        self.__dict__.update(numbers, fit_=fit)
        heights = fit.estimates.r_hat[fit.estimates.names.index("lp")]
        for said in either_way(fit.model):
            warnings.warn(said, stacklevel=3)
        if heights > APART or fit.attrs["interrupted"]:
            warnings.warn(" ".join(faults), ConvergenceWarning, stacklevel=3)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in LEARNT:
            raise AttributeError(
                f"{name} is learnt by fit and cannot be set: predictions are averages over the draws in fit_. Give "
                "means_init to number components; priors such as means=mixtura.Fixed(...) for what is known; "
                "for a mixture of given parameters take sklearn.mixture.GaussianMixture"
            )
        super().__setattr__(name, value)

    def __sklearn_is_fitted__(self) -> bool:
        return "fit_" in vars(self)

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> NDArray[np.intp]:
        """Fit, and say of each row which component it most likely comes from."""
        return self.fit(X, y, sample_weight).predict(X)

    def predict(self, X: Any) -> NDArray[np.intp]:
        """Most probable component (n,) of each row."""
        x = self._checked(X)
        labels: NDArray[np.intp] = self.fit_.predict(x)
        return labels

    def predict_proba(self, X: Any) -> Floats:
        """Posterior probability (n, k) that each row belongs to each component, averaged over draws."""
        x = self._checked(X)
        return self._as_learnt(self.fit_.predict_proba(x), X)

    def transform(self, X: Any) -> Floats:
        """As `predict_proba`: memberships (n, k) as features for whatever comes next in a pipeline."""
        return self.predict_proba(X)

    def score_samples(self, X: Any) -> Floats:
        """Log posterior predictive density (n,) of each row."""
        x = self._checked(X)
        return self._as_learnt(self.fit_.score_samples(x), X)

    def score(self, X: Any, y: Any = None) -> float:
        """Mean log posterior predictive density of rows; y is ignored."""
        return float(self.score_samples(X).mean())

    def sample(self, n_samples: int = 1) -> tuple[Floats, NDArray[np.intp]]:
        """New rows (n_samples, d) and the component (n_samples,) of each, each row from a draw of its own."""
        check_is_fitted(self)
        if isinstance(n_samples, bool | np.timedelta64) or not isinstance(n_samples, int | np.integer) or n_samples < 1:
            raise ValueError(f"Invalid value for 'n_samples': {n_samples!r}; a whole number of at least 1 is needed")
        seed = self.random_state
        if isinstance(seed, np.random.Generator):
            seed = int(seed.integers(2**32 - 1))
        draws = moments.draws_of(self.fit_._record.params)
        return moments.sample(draws, int(n_samples), check_random_state(seed))

    def aic(self, X: Any) -> float:
        """Akaike's criterion of rows: twice the number of free parameters, less twice the log-likelihood at the mode.

        The mode is the posterior's, as `fit_.model.optimize` finds it: a mixture's likelihood has no maximum.
        """
        x = self._checked(X)
        return 2.0 * self._n_parameters() - 2.0 * self._loglik_at_mode(x)

    def bic(self, X: Any) -> float:
        """Bayesian information criterion of rows, at the posterior mode (Fraley & Raftery 2007).

        Less is better. `fit_.loo` needs no mode and no asymptotics.
        """
        x = self._checked(X)
        return float(self._n_parameters() * np.log(len(x)) - 2.0 * self._loglik_at_mode(x))

    def _n_parameters(self) -> int:
        """Number of free parameters, under the name by which clients ask scikit-learn's mixtures for it."""
        check_is_fitted(self)
        return n_parameters(self.fit_.model)

    def _loglik_at_mode(self, x: Floats) -> float:
        model = self.fit_.model
        if self._mode is None:
            self._mode = model.optimize(self.fit_.x, self.fit_.weights).params
        return model.logdensity(x, self._mode) - model.logprior(self._mode)

    def _checked(self, X: Any) -> Floats:
        """New rows (n, d) for the fitted model."""
        check_is_fitted(self)
        x: Floats = validate_data(self, X, dtype=np.float64, reset=False)
        return x

    def _as_learnt(self, numbers: Floats, X: Any) -> Floats:
        """Numbers in single precision where both what was learnt and what is asked about are."""
        single = self.means_.dtype == np.float32 == getattr(X, "dtype", None)
        return numbers.astype(np.float32) if single else numbers

    @property
    def _n_features_out(self) -> int:
        """What names the columns of `transform`."""
        return len(self.weights_)


def fixed(numbers: Floats, precision: np.dtype[Any]) -> Floats:
    """A copy in some precision that cannot be written to."""
    copy = np.array(numbers, precision)
    copy.flags.writeable = False
    return copy


def seen(x: Floats, sample_weight: Any) -> Points:
    """Rows (n, d) and how often each was seen, those of weight 0 left out."""
    if sample_weight is None:
        return Points(x, np.ones(len(x)))
    weights = column(sample_weight, "sample_weight")
    if len(weights) != len(x):
        raise ValueError(f"sample_weight has {len(weights)} values for {len(x)} rows; give one for each row")
    if weights.min() < 0:
        raise ValueError(f"Negative values in data passed to `sample_weight`: the least is {weights.min():g}")
    if not weights.any():
        raise ValueError("Sample weights must contain at least one non-zero number.")
    return Points(x[weights > 0], weights[weights > 0])


def merged(data: Points) -> Points:
    """The different rows, sorted, each with the weight of all that equal it.

    >>> merged(Points(np.array([[2.0, 1.0], [1.0, 3.0], [2.0, 1.0]]), np.ones(3)))
    Points(x=array([[1., 3.],
           [2., 1.]]), weights=array([1., 2.]))
    """
    order = np.lexsort(data.x.T[::-1])
    x, weights = data.x[order], data.weights[order]
    first = np.flatnonzero(np.append(True, (x[1:] != x[:-1]).any(1)))
    return Points(x[first], np.add.reduceat(weights, first))
