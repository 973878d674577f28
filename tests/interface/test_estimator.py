"""scikit-learn's face: its own checks, its pipelines and searches, and a script in which one word is changed."""

import io
import json
import os
import pickle
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import ConvergenceWarning, NotFittedError
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import estimator_checks_generator

import mixtura as mx

RNG = np.random.default_rng(4)
CENTRES = np.array([[0.0, 0.0], [6.0, 1.0], [0.0, 8.0]])
Z = RNG.choice(3, 240, p=[0.5, 0.3, 0.2])
X = CENTRES[Z] + RNG.normal(size=(240, 2)) * [1.0, 0.7]
TYPES = ("full", "tied", "diag", "spherical")
MIXTURE = mx.BayesianMixture(n_components=3, random_state=0)


@pytest.fixture(scope="module")
def fitted():
    return clone(MIXTURE).fit(X)


# In a process of its own, because a check is skipped unless scipy was imported with this set.
CHECKS = """
import json, sys, warnings
from sklearn.utils.estimator_checks import check_estimator
import mixtura as mx
warnings.simplefilter("ignore")  # scikit-learn's checks ask for some
said = check_estimator(mx.BayesianMixture(), on_fail=None, on_skip=None)
json.dump([[one["check_name"], one["status"], repr(one["exception"])] for one in said], sys.stdout)
"""


@pytest.fixture(scope="module")
def checked():
    environment = os.environ | {"SCIPY_ARRAY_API": "1"}
    done = subprocess.run([sys.executable, "-c", CHECKS], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_all_of_scikit_learns_checks_pass(checked):
    assert [check for check in checked if check[1] != "passed"] == []
    names = {re.search(r"check_\w+", repr(check)).group() for _, check in estimator_checks_generator(MIXTURE)}
    assert {name for name, _, _ in checked} >= names
    assert len(checked) > 40


@pytest.mark.parametrize("structure", TYPES)
@pytest.mark.parametrize("d", [1, 2])
def test_what_is_learnt_has_scikit_learns_shapes_and_is_the_posterior_mean(structure, d):
    ours = mx.BayesianMixture(2, covariance_type=structure, draws=300, warmup=300, random_state=3).fit(X[:, :d])
    theirs = GaussianMixture(2, covariance_type=structure, random_state=3).fit(X[:, :d])
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        assert getattr(ours, name).shape == getattr(theirs, name).shape, name
    params = ours.fit_.params()
    np.testing.assert_allclose(ours.weights_, params.weights.mean((0, 1)))
    np.testing.assert_allclose(ours.means_, params.means.mean((0, 1)).reshape(2, d))
    full = params.scales[..., None, None] ** 2 if d == 1 else params.covariances
    full = full.mean((0, 1))
    matrices = {
        "full": full,
        "tied": full[0],
        "diag": np.diagonal(full, axis1=1, axis2=2),
        "spherical": full[:, 0, 0],
    }
    np.testing.assert_allclose(ours.covariances_, matrices[structure])
    if structure in ("full", "tied"):
        eye = np.broadcast_to(np.eye(d), ours.covariances_.shape)
        np.testing.assert_allclose(ours.precisions_ @ ours.covariances_, eye, atol=1e-10)
        np.testing.assert_array_equal(np.tril(ours.precisions_cholesky_, -1), 0)
    else:
        np.testing.assert_allclose(ours.precisions_ * ours.covariances_, 1)
    assert theirs._n_parameters() == pytest.approx((ours.aic(X[:, :d]) - ours.bic(X[:, :d])) / (2 - np.log(len(X))))


def test_predictions_are_those_of_the_fit(fitted):
    new = X[:50] + 0.5
    np.testing.assert_array_equal(fitted.predict(new), fitted.fit_.predict(new))
    np.testing.assert_array_equal(fitted.predict_proba(new), fitted.fit_.predict_proba(new))
    np.testing.assert_array_equal(fitted.score_samples(new), fitted.fit_.score_samples(new))
    assert fitted.score(new) == fitted.score_samples(new).mean()
    np.testing.assert_array_equal(clone(MIXTURE).fit_predict(X), fitted.predict(X))
    same = (fitted.predict(X)[:, None] == fitted.predict(X)) == (Z[:, None] == Z)
    assert same.mean() > 0.98


def test_criteria_climb_once_for_each_fit(monkeypatch):
    from mixtura.model import GaussianMixture as Model

    climbs, optimize = [], Model.optimize
    monkeypatch.setattr(Model, "optimize", lambda *a, **k: climbs.append(1) or optimize(*a, **k))
    mixture = clone(MIXTURE).set_params(draws=20, warmup=20, chains=1).fit(X)
    assert mixture.aic(X) != mixture.bic(X) == mixture.bic(X)
    assert len(climbs) == 1
    assert mixture.fit(X[::2]).bic(X) != 0
    assert len(climbs) == 2


def test_criteria_and_bounds_are_close_to_those_of_maximum_likelihood(fitted):
    theirs = GaussianMixture(3, n_init=5, tol=1e-9, max_iter=1000, reg_covar=0, random_state=0).fit(X)
    for name in ("aic", "bic"):  # a mode of the posterior is no higher than that of the likelihood, but nearly
        assert 0 < getattr(fitted, name)(X) - getattr(theirs, name)(X) < 2
    logliks = fitted.fit_.log_likelihood.mean("point").to_numpy().ravel()
    assert fitted.lower_bound_ == pytest.approx(logliks.mean(), abs=4 * logliks.std() / 10)
    assert fitted.lower_bound_ < theirs.lower_bound_
    assert fitted.converged_
    assert fitted.n_iter_ == 1000


def test_samples_follow_the_posterior_predictive(fitted):
    x, labels = fitted.sample(40_000)
    assert x.shape == (40_000, 2)
    np.testing.assert_allclose(np.bincount(labels) / labels.size, fitted.weights_, atol=4 * 0.5 / 200)
    for j in range(3):
        mine = x[labels == j]
        error = np.sqrt(np.diag(fitted.covariances_[j]) / len(mine))
        np.testing.assert_array_less(abs(mine.mean(0) - fitted.means_[j]), 5 * error)
        np.testing.assert_allclose(np.cov(mine.T), fitted.covariances_[j], atol=0.12)
    assert np.array_equal(fitted.sample(5)[0], fitted.sample(5)[0])
    with pytest.raises(ValueError, match="Invalid value for 'n_samples': 0"):
        fitted.sample(0)


def test_weights_repeat_rows():
    weights = RNG.integers(0, 4, len(X))
    repeated = clone(MIXTURE).fit(np.repeat(X, weights, axis=0))
    shuffled = RNG.permutation(len(X))
    weighted = clone(MIXTURE).fit(X[shuffled], sample_weight=weights[shuffled])
    np.testing.assert_array_equal(weighted.fit_.params().means, repeated.fit_.params().means)
    np.testing.assert_array_equal(weighted.predict_proba(X), repeated.predict_proba(X))
    assert (weighted.fit_.weights > 0).all()
    np.testing.assert_array_equal(weighted.fit_.x, X[shuffled][weights[shuffled] > 0])
    plain = mx.GaussianMixture(n_components=3).sample(np.repeat(X, weights, axis=0), seed=5).estimates
    ours = weighted.fit_.estimates
    apart = np.abs(np.subtract(ours.mean, plain.mean)) / np.hypot(ours.mcse_mean, plain.mcse_mean)
    assert apart[:-2].max() < 4.5


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        (np.zeros(240), "Sample weights must contain at least one non-zero number"),
        (np.ones(3), "sample_weight has 3 values for 240 rows"),
        (-np.ones(240), "Negative values in data passed to `sample_weight`: the least is -1"),
        (np.full(240, np.nan), "sample_weight has 240 of 240 values NaN"),
    ],
)
def test_weights_that_are_none(weights, says):
    with pytest.raises(ValueError, match=says):
        clone(MIXTURE).fit(X, sample_weight=weights)


def test_pipeline_search_and_scores():
    mixture = mx.BayesianMixture(draws=200, warmup=200, random_state=0)
    pipeline = make_pipeline(StandardScaler(), mixture)
    grid = {"bayesianmixture__n_components": [1, 2, 3], "bayesianmixture__covariance_type": ["diag"]}
    search = GridSearchCV(pipeline, grid, cv=3).fit(X)
    assert search.best_params_["bayesianmixture__n_components"] == 3
    assert search.best_estimator_.predict(X).shape == (240,)
    scores = cross_val_score(pipeline, X, cv=3)
    assert np.isfinite(scores).all()
    assert scores.mean() == pytest.approx(search.cv_results_["mean_test_score"][0], abs=0.2)


def test_memberships_are_features_with_names():
    frame = pd.DataFrame(X, columns=["length", "width"], index=np.arange(240) + 7)
    mixture = clone(MIXTURE).set_output(transform="pandas").fit(frame)
    assert mixture.feature_names_in_.tolist() == ["length", "width"]
    assert mixture.fit_.features == ("length", "width")
    out = mixture.transform(frame)
    assert out.columns.tolist() == ["bayesianmixture0", "bayesianmixture1", "bayesianmixture2"]
    assert out.index.equals(frame.index)
    np.testing.assert_array_equal(out, mixture.predict_proba(frame))
    with pytest.raises(ValueError, match="feature names should match"):
        mixture.predict(frame[["width", "length"]])


def test_columns_that_others_determine_are_borne(fitted):
    frame = pd.DataFrame(X, columns=["a", "b"]).assign(c=X.sum(1))
    mixture = clone(MIXTURE).fit(frame)
    assert any("column 'c' is a linear combination of 'a', 'b'" in fault for fault in mixture.fit_.warnings)
    assert (mixture.predict(frame) == fitted.predict(X)).mean() > 0.95
    assert np.linalg.eigvalsh(mixture.covariances_).min() > 0


def test_a_vector_that_could_speak_of_components_or_of_features_is_named():
    x = X[:, :2]
    short = {"n_components": 2, "draws": 50, "warmup": 50, "random_state": 0}
    with pytest.warns(UserWarning, match="either way: means=") as caught:
        mixture = mx.BayesianMixture(means=mx.Normal([0, 3], 5), **short).fit(x)
    assert __file__ in {warning.filename for warning in caught if "either way" in str(warning.message)}
    assert mixture.fit_.warnings[0].startswith("either way: ")


def test_copies_of_few_rows_are_borne():
    x = RNG.normal(size=(4, 6))
    mixture = mx.BayesianMixture(draws=200, warmup=200, random_state=0).fit(np.repeat(x, 9, axis=0))
    assert np.isfinite(mixture.score(x))
    fit = mx.GaussianMixture(n_components=1).sample(x, weights=[9] * 4, draws=50, warmup=50, progress=False)
    assert any("only 4 rows" in warning for warning in fit.warnings)
    declared = fit.model.covariances
    without = mx.InverseWishart(declared.df, declared.scale)  # as published, without the floor
    with pytest.raises(ValueError, match="there are only 4 rows: covariances would shrink to nothing"):
        mx.GaussianMixture(n_components=1, covariances=without).sample(x, weights=[9] * 4)


class Known(pickle.Unpickler):
    """Notes what a pickle asks for by name."""

    def find_class(self, module, name):
        self.asked.add((module, name))
        return super().find_class(module, name)


@pytest.mark.parametrize("columns", [1, 2])
def test_a_pickle_holds_parameters_and_arrays_only(columns):
    mixture = mx.BayesianMixture(columns + 1, means=mx.Normal(0, 10), random_state=0).fit(X[:, :columns])
    stored = io.BytesIO(pickle.dumps(mixture))
    reader = Known(stored)
    reader.asked = set()
    back = reader.load()
    ours = {(module, name) for module, name in reader.asked if not module.startswith("numpy")}
    assert ours <= {
        ("mixtura.estimator", "BayesianMixture"),
        ("mixtura.fit", "Fit"),
        ("mixtura.priors.location", "Normal"),
        ("copyreg", "_reconstructor"),
        ("builtins", "object"),
    }
    np.testing.assert_array_equal(back.predict_proba(X[:, :columns]), mixture.predict_proba(X[:, :columns]))
    assert back.fit_.model == mixture.fit_.model
    assert str(back.fit_) == str(mixture.fit_)
    np.testing.assert_array_equal(back.fit_.posterior["mean"], mixture.fit_.posterior["mean"])


def test_clone_forgets_what_was_learnt(fitted):
    fresh = clone(fitted)
    assert fresh.get_params() == MIXTURE.get_params()
    with pytest.raises(NotFittedError):
        fresh.predict(X)


def test_parameters_reach_the_model_and_the_run():
    priors = {"means": mx.Normal([[0, 0], [6, 1], [0, 8]], 1), "scales": mx.HalfNormal(2), "weights": mx.Dirichlet(2)}
    options = {"draws": 50, "warmup": 60, "chains": 2, "algorithm": "gibbs", "random_state": np.random.RandomState(1)}
    mixture = mx.BayesianMixture(3, covariance_type="diag", **priors, **options).fit(X)
    assert mixture.fit_.shape == (2, 50)
    assert mixture.fit_.algorithm == "gibbs"
    assert mixture.fit_.model.covariance == "diagonal"
    assert all(getattr(mixture.fit_.model, name) == prior for name, prior in priors.items())
    assert not mixture.converged_  # so few draws
    np.testing.assert_allclose(mixture.means_, CENTRES, atol=0.5)


def test_chains_at_odds_are_warned_of():
    priors = {"means": mx.Normal([[-9, 0], [9, 0]], 9), "scales": mx.HalfNormal(0.5)}
    x = np.r_[CENTRES[[0] * 30], CENTRES[[1] * 30]] + np.random.default_rng(5).normal(size=(60, 2))
    few = {"draws": 4, "warmup": 0, "chains": 8, "algorithm": "nuts", "random_state": 1}
    mixture = mx.BayesianMixture(2, covariance_type="diag", **few, **priors)
    with pytest.warns(ConvergenceWarning, match="chains disagree: R-hat is"):
        assert not mixture.fit(x).converged_


def test_given_means_number_the_components(fitted):
    order = [2, 0, 1]
    mixture = clone(MIXTURE).set_params(means_init=CENTRES[order]).fit(X)
    np.testing.assert_allclose(mixture.means_, CENTRES[order], atol=0.5)
    np.testing.assert_allclose(np.sort(mixture.weights_), np.sort(fitted.weights_))
    with pytest.raises(ValueError, match=r"means_init has shape \(2, 2\); \(3, 2\) is needed"):
        clone(MIXTURE).set_params(means_init=CENTRES[:2]).fit(X)


@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ({"n_components": 0}, "n_components is a whole number of at least 1; got 0"),
        ({"covariance_type": "diagonal"}, "covariance_type is one of full, tied, diag, spherical; got 'diagonal'"),
        ({"n_components": 241}, "Expected n_samples >= n_components but got n_components = 241, n_samples = 240"),
        ({"algorithm": "vb"}, "algorithm is one of auto"),
        ({"random_state": -1}, "seed is a whole number of at least 0"),
        ({"init_params": "kmean"}, "'init_params' parameter of BayesianMixture must be a str among"),
        ({"tol": -1.0}, "'tol' parameter of BayesianMixture must be a float in the range"),
        ({"max_iter": -1}, "'max_iter' parameter"),
        ({"warm_start": "yes"}, "'warm_start' parameter"),
        ({"weights_init": [0.5, 0.5]}, r"weights_init has shape \(2,\); \(3,\) is needed"),
        ({"weights_init": [0.5, 0.5, 0.5]}, "shares of at least 0 that add up to 1"),
        ({"means_init": [[0, 0], [1, 1], [2, np.nan]]}, "means_init must be finite"),
        ({"means_init": [["a", "b"]] * 3}, "means_init must be numbers"),
        ({"precisions_init": np.ones((3, 2, 2))}, "symmetric and positive definite"),
        ({"precisions_init": np.ones((3, 2))}, r"\(3, 2, 2\) is needed, covariance_type 'full'"),
        ({"precisions_init": -np.ones(3), "covariance_type": "spherical"}, "precisions_init must be positive"),
    ],
)
def test_what_cannot_be_fitted(parameters, says):
    with pytest.raises(ValueError, match=says):
        clone(MIXTURE).set_params(**parameters).fit(X)


def test_parameters_are_checked_before_anything_is_sampled(monkeypatch):
    monkeypatch.setattr(mx.BayesianMixture, "_sampled", lambda *_: pytest.fail("sampled first"))
    with pytest.raises(ValueError, match="means_init has shape"):
        clone(MIXTURE).set_params(means_init=CENTRES[:2]).fit(X)


@pytest.mark.parametrize("name", ["fit_", "means_", "weights_", "covariances_", "precisions_cholesky_", "converged_"])
def test_what_is_learnt_cannot_be_set(fitted, name):
    for mixture in (fitted, clone(fitted)):
        with pytest.raises(AttributeError, match=f"{name} is learnt by fit and cannot be set.*Give means_init"):
            setattr(mixture, name, np.zeros(3))
    if isinstance(getattr(fitted, name), np.ndarray):
        with pytest.raises(ValueError, match="read-only"):
            getattr(fitted, name)[:] = 0


def test_single_precision_in_and_out():
    single = X.astype(np.float32)
    mixture = mx.BayesianMixture(3, draws=100, warmup=100, random_state=0).fit(single)
    for name in ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_"):
        assert getattr(mixture, name).dtype == np.float32, name
    assert mixture.predict_proba(single).dtype == mixture.score_samples(single).dtype == np.float32
    assert mixture.predict_proba(X).dtype == np.float64


@pytest.mark.parametrize("structure", TYPES)
def test_clients_count_parameters(structure):
    settings = {"covariance_type": structure, "random_state": 0}
    theirs = GaussianMixture(3, **settings).fit(X)
    ours = mx.BayesianMixture(3, draws=20, warmup=20, **settings).fit(X)
    assert ours._n_parameters() == theirs._n_parameters()


def test_data_that_cannot_be_fitted():
    with pytest.raises(ValueError, match=r"column 'x1' \(5\) is constant"):
        clone(MIXTURE).fit(np.c_[X[:, 0], np.full(240, 5.0)])
    with pytest.raises(ValueError, match="Found array with 1 sample"):
        clone(MIXTURE).fit(X[:1])
    with pytest.raises(ValueError, match="X contains NaN"):
        clone(MIXTURE).fit(np.where(X > 5, np.nan, X))


SCRIPT = """
import numpy as np
from sklearn.datasets import make_blobs
from sklearn.mixture import GaussianMixture
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

np.random.seed(0)
X, truth = make_blobs(150, centers=[[0, 0], [7, 0], [0, 7]], random_state=1)
mixture = GaussianMixture(
    n_components=3, covariance_type="full", tol=1e-4, reg_covar=1e-5, max_iter=200, n_init=3, init_params="k-means++",
    weights_init=[0.4, 0.3, 0.3], means_init=[[0, 0], [7, 0], [0, 7]], precisions_init=np.stack([np.eye(2)] * 3),
    random_state=np.random.RandomState(3), warm_start=True, verbose=0, verbose_interval=5,
)
labels = mixture.fit(X).predict(X)
bic = {k: GaussianMixture(k, random_state=0).fit(X).bic(X) for k in (1, 2, 3, 4)}
best = min(bic, key=bic.get)
one = GaussianMixture(n_components=1).fit(X[:, :1])
steps = [("scale", StandardScaler()), ("mixture", GaussianMixture(random_state=0))]
search = GridSearchCV(Pipeline(steps), {"mixture__n_components": [1, 2, 3]}, scoring=None, cv=3)
search.fit(X)
found = search.best_params_["mixture__n_components"]
widths = [np.sqrt(np.linalg.eigvalsh(covariance)) for covariance in mixture.covariances_]
sampled, components = mixture.sample(20)
said = [mixture.converged_, mixture.n_iter_, mixture.lower_bound_, mixture.weights_.sum(), mixture.score(X)]
outliers = X[mixture.score_samples(X) < np.percentile(mixture.score_samples(X), 4)]
"""


@pytest.mark.parametrize("changed", [False, True], ids=["GaussianMixture", "BayesianMixture"])
@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_script_runs_with_one_word_changed(changed):
    source = SCRIPT
    if changed:
        source = source.replace("from sklearn.mixture import", "from mixtura import")
        source = source.replace("GaussianMixture", "BayesianMixture")
    names = {}
    exec(compile(source, "script.py", "exec"), names)
    assert (names["labels"] == names["truth"]).mean() > 0.98  # numbered as means_init says
    assert names["best"] == names["found"] == 3
    np.testing.assert_allclose(np.array(names["widths"]), 1, atol=0.35)
    assert len(names["outliers"]) == 6
    assert names["one"].means_.shape == (1, 1)
    assert names["sampled"].shape == (20, 2)
    assert names["said"][3] == pytest.approx(1)


def test_without_scikit_learn_the_error_says_what_to_install():
    code = """
import sys
import mixtura as mx
assert "sklearn" not in sys.modules
assert "BayesianMixture" in dir(mx) and "BayesianMixture" not in mx.__all__
sys.modules["sklearn"] = None
try:
    mx.BayesianMixture
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    wanted = "mixtura.BayesianMixture needs scikit-learn, 1.6 or newer: pip install 'mixtura[sklearn]'\n"
    assert done.stdout == wanted
