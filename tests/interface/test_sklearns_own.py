"""scikit-learn's own tests of its mixtures, as they are installed, run with our estimator in the place of theirs.

Every test that names a mixture runs, new ones too, and passes unless it is listed here with the reason. Those that name
none are of functions within scikit-learn.
"""

import warnings
from collections.abc import Iterator
from functools import wraps
from importlib import import_module
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pytest

pytest.importorskip("sklearn")
pytest.importorskip("sklearn.mixture.tests", reason="THIS SCIKIT-LEARN WAS INSTALLED WITHOUT ITS TESTS")

from sklearn import mixture

import mixtura as mx

FILES = ("gaussian_mixture", "bayesian_mixture", "mixture")
MIXTURES = ("GaussianMixture", "BayesianGaussianMixture")
FEW = {"draws": 100, "warmup": 100, "chains": 1}
ENOUGH = ("test_means_for_all_inits",)  # ask whether the fit converged, so they get all the default draws
SLOW = (
    "test_bayesian_mixture_fit_predict",
    "test_check_covariance_precision",
    "test_init",
    "test_invariant_translation",
)

STEPS = "of EM's steps, their number or their limit, and there are none: max_iter, tol, warm_start are not used"
INSIDE = "of attributes and methods within scikit-learn's EM"
VARIATIONAL = "of parameters of a variational posterior; priors are declared as blocks here"
OTHERWISE = {
    "test_gaussian_mixture_fit_best_params": "each fit draws anew where random_state goes on, so that scores differ",
    "test_gaussian_mixture_fit_convergence_warning": STEPS,
    "test_warm_start": STEPS,
    "test_convergence_detected_with_warm_start": STEPS,
    "test_score": "of scores that rise with EM's steps; test_score_samples and our own tests have the rest",
    "test_monotonic_likelihood": STEPS,
    "test_max_iter_zero": STEPS,
    "test_gaussian_mixture_n_iter": STEPS,
    "test_regularisation": "wants an error with reg_covar=0, which is not used: priors keep covariances from 0",
    "test_sample": "samples are of the posterior predictive, wider than one mixture of the posterior means",
    "test_gaussian_mixture_precisions_init": INSIDE,
    "test_gaussian_mixture_all_init_does_not_estimate_gaussian_parameters": INSIDE,
    "test_compare_covar_type": INSIDE,
    "test_bayesian_mixture_weights_prior_initialisation": VARIATIONAL,
    "test_bayesian_mixture_mean_prior_initialisation": VARIATIONAL,
    "test_bayesian_mixture_precisions_prior_initialisation": VARIATIONAL,
    "test_bayesian_mixture_weights": VARIATIONAL,
}
ARRAYS = {  # never called: only arrays of numpy, and what numpy makes one of, are taken
    "test_gaussian_mixture_array_api_compliance",
    "test_gaussian_mixture_raises_where_array_api_not_implemented",
}
WORDS = {  # theirs of an error: ours
    "The parameter 'weights' should be": "weights_init are shares of at least 0 that add up to 1",
    "The parameter 'weights' should have": "weights_init has shape",
    "The parameter 'means' should have": "means_init has shape",
    "precision' should have": "precisions_init has shape",
    "precision' should be": "precisions_init must be",
}


def in_place_of(name, given_always):
    """Ours under the name of one of theirs, with few draws; of variational priors the kind of weights' is borne."""

    class Ours(mx.BayesianMixture):
        _get_param_names = mx.BayesianMixture._get_param_names

        def __init__(self, n_components=1, weight_concentration_prior_type=None, **given):
            super().__init__(n_components, **given_always | given)

    Ours.__name__ = name
    return Ours


def raises(error, match=None, **given):
    said = (match or "").replace("\\", "")
    return pytest.raises(error, match=next((ours for theirs, ours in WORDS.items() if theirs in said), match), **given)


def shimmed(module, name, test):
    """One of their tests in which names and objects of their mixtures are ours."""
    ours = {one: in_place_of(one, {} if name in ENOUGH else FEW) for one in MIXTURES}
    made = tuple(getattr(mixture, one) for one in MIXTURES)
    put = {one: new for one, new in ours.items() if hasattr(module, one)}

    @wraps(test)
    def run(**given):
        given = {name: ours[type(one).__name__]() if isinstance(one, made) else one for name, one in given.items()}
        with mock.patch.multiple(module, pytest=SimpleNamespace(**vars(pytest) | {"raises": raises}), **put):
            test(**given)

    run.pytestmark = [as_lists(mark) for mark in getattr(test, "pytestmark", ())]
    if name in OTHERWISE:
        run = pytest.mark.xfail(reason=OTHERWISE[name], strict=True)(run)
    return pytest.mark.long(run) if name in SLOW or name in OTHERWISE else run


def as_lists(mark):
    """A mark whose parameters are lists; pytest warns of a generator."""
    args = [list(one) if isinstance(one, Iterator) else one for one in mark.args]
    return getattr(pytest.mark, mark.name)(*args, **mark.kwargs).mark


def theirs():
    """Module, name and function of each of their tests that names a mixture."""
    for file in FILES:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of its own dependencies, on import
            module = import_module(f"sklearn.mixture.tests.test_{file}")
        for name, test in vars(module).items():
            if name.startswith("test_") and test.__module__ == module.__name__ and name not in ARRAYS:
                code = test.__code__
                if {*MIXTURES, "estimator"} & {*code.co_names, *code.co_varnames}:
                    yield module, name, test


TESTS = {
    f"{name}__{module.__name__.rpartition('test_')[2]}": shimmed(module, name, test) for module, name, test in theirs()
}
globals().update(TESTS)


def test_there_are_many():
    assert len(TESTS) > 40


@pytest.fixture(params=[np.float32, np.float64])
def global_dtype(request):
    return request.param


@pytest.fixture
def global_random_seed():
    return 42
