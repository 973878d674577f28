"""What nobody should give, given to every verb and constructor: an answer, or one error that this package raises."""

import linecache
import warnings
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

import mixtura as mx

SOURCE = str(Path(mx.__file__).parent)
WRONG = (
    10**400, -(10**400), -1, 0, 1.5, 1e300, 5e-324, float("nan"), float("inf"), True, np.True_, None, "2", "", b"2", 1j,
    [], {}, [[]], [1, None], [True, False], ["1", "2"], [1j], [[1, 2], [3]], Decimal("1.5"), Decimal("NaN"),
    Fraction(1, 3), np.array([]), np.array([1, "a"], object), np.array([10**400, 1], object), np.array(["a"]),
    np.ma.array([1.0, 2.0], mask=[False, True]), np.datetime64("2020-01-01"), np.timedelta64(1, "D"), np.float32(2),
    np.zeros((2, 2, 2)), mx.Normal(), mx.Gamma(1, 1), [mx.Normal()], pd.Series(["a", "b"]), pd.DataFrame({"a": []}),
    pd.to_datetime(["2020-01-01"]), (value for value in [1.0]), {1, 2}, object(), print, mx, range(0),
)  # fmt: skip
PRIORS = {
    mx.Normal: 2, mx.StudentT: 3, mx.Uniform: 2, mx.HalfNormal: 1, mx.HalfCauchy: 1, mx.HalfStudentT: 2, mx.Gamma: 2,
    mx.Exponential: 1, mx.InverseGamma: 2, mx.LogNormal: 2, mx.Dirichlet: 1, mx.Fixed: 1, mx.Wishart: 2,
    mx.InverseWishart: 2, mx.LKJ: 1, mx.MvNormal: 2,
}  # fmt: skip
BLOCKS = ("means", "scales", "variances", "covariances", "correlations", "weights", "covariance", "n_features")
OPTIONS = ("draws", "warmup", "chains", "algorithm", "seed", "compress", "weights")
X = np.array([0.0, 0.5, 1.0, 7.0, 8.0, 9.5])
FEW = {"draws": 30, "warmup": 10, "chains": 1, "seed": 1, "progress": False}


@pytest.fixture(scope="module")
def fits():
    rows = np.column_stack([X, X[::-1] ** 2 + np.sin(X)])
    return mx.GaussianMixture(n_components=2).sample(X, **FEW), mx.GaussianMixture(n_components=2).sample(rows, **FEW)


@pytest.mark.parametrize("prior", PRIORS, ids=lambda prior: prior.__name__)
def test_priors(prior):
    usual = [2.0, 1.0, 3.0][: PRIORS[prior]]
    for place in range(PRIORS[prior]):
        for wrong in WRONG:
            ends_well(wrong, prior, *usual[:place], wrong, *usual[place + 1 :])
    ends_well("priors", prior, *[mx.Normal()] * PRIORS[prior])


@pytest.mark.parametrize("block", ["n_components", *BLOCKS])
def test_models(block):
    for wrong in WRONG:
        ends_well(wrong, mx.GaussianMixture, **{"n_components": 2} | {block: wrong})


@pytest.mark.parametrize("option", ["x", *OPTIONS])
def test_sampling(option):
    model = mx.GaussianMixture(n_components=2)
    for wrong in WRONG:
        ends_well(wrong, model.sample, **{"x": X} | FEW | {option: wrong})


VERBS_OF_MODELS = {
    "optimize": lambda model, wrong: model.optimize(wrong),
    "optimize, weights": lambda model, wrong: model.optimize(X, weights=wrong),
    "optimize, seed": lambda model, wrong: model.optimize(X, seed=wrong),
    "simulate": lambda model, wrong: model.simulate(wrong),
    "simulate, seed": lambda model, wrong: model.simulate(2, seed=wrong),
    "simulate, params": lambda model, wrong: model.simulate(2, params=wrong),
    "simulate, means": lambda model, wrong: model.simulate(2, params=TRUTH | {"means": wrong}),
    "simulate, scales": lambda model, wrong: model.simulate(2, params=TRUTH | {"scales": wrong}),
    "logdensity": lambda model, wrong: model.logdensity(wrong, TRUTH),
    "logdensity, params": lambda model, wrong: model.logdensity(X, wrong),
    "logdensity, weights": lambda model, wrong: model.logdensity(X, TRUTH, weights=wrong),
    "with_defaults": lambda model, wrong: model.with_defaults(wrong),
    "to_stan": lambda model, wrong: model.to_stan(wrong),
    "from_dict": lambda model, wrong: mx.GaussianMixture.from_dict(wrong),
    "diagram": lambda model, wrong: mx.plots.diagram(wrong),
    "diagram, x": lambda model, wrong: mx.plots.diagram(model, wrong),
    "simplex": lambda model, wrong: mx.plots.simplex(wrong),
    "histogram": lambda model, wrong: mx.plots.histogram(wrong),
}
TRUTH = {"weights": [0.5, 0.5], "means": [0, 8], "scales": [1, 2]}


@pytest.mark.parametrize("verb", VERBS_OF_MODELS)
def test_verbs_of_models(verb):
    priors = {"means": mx.Normal(0, 5), "scales": mx.HalfNormal(1), "weights": mx.Dirichlet(1)}
    model = mx.GaussianMixture(n_components=2, **priors)
    for wrong in WRONG:
        ends_well(wrong, VERBS_OF_MODELS[verb], model, wrong)
    plt.close("all")


VERBS_OF_FITS = {
    "summary": lambda fit, wrong: fit.summary(wrong),
    "predict": lambda fit, wrong: fit.predict(wrong),
    "predict, output": lambda fit, wrong: fit.predict(X[:2, None] * [[1, 1]], output=wrong),
    "predict_proba": lambda fit, wrong: fit.predict_proba(wrong),
    "score_samples": lambda fit, wrong: fit.score_samples(wrong),
    "density": lambda fit, wrong: fit.density(wrong),
    "density, prob": lambda fit, wrong: fit.density(prob=wrong),
    "sample_predictive": lambda fit, wrong: fit.sample_predictive(wrong),
    "sample_predictive, seed": lambda fit, wrong: fit.sample_predictive(1, seed=wrong),
    "simulate": lambda fit, wrong: fit.simulate(wrong),
    "simulate, seed": lambda fit, wrong: fit.simulate(1, seed=wrong),
    "relabel": lambda fit, wrong: fit.relabel(wrong),
    "loo": lambda fit, wrong: fit.loo(wrong),
    "loo, seed": lambda fit, wrong: fit.loo(3, seed=wrong),
    "compare": lambda fit, wrong: mx.compare(wrong),
    "compare, one": lambda fit, wrong: mx.compare({"a": fit, "b": wrong}),
    "compare, subsample": lambda fit, wrong: mx.compare({"a": fit, "b": fit}, subsample=wrong),
    "marginal": lambda fit, wrong: fit.marginal(wrong),
    "marginal, density": lambda fit, wrong: fit.marginal(fit.features[0]).density(wrong),
    "marginal, prob": lambda fit, wrong: fit.marginal(fit.features[0]).moments(prob=wrong),
    "marginal, sample": lambda fit, wrong: fit.marginal(fit.features[0]).sample(wrong),
    "marginal, draws": lambda fit, wrong: fit.marginal(fit.features[0]).predict_proba([1.0], draws=wrong),
    "conditional": lambda fit, wrong: fit.conditional(wrong),
    "conditional, values": lambda fit, wrong: fit.conditional({fit.features[0]: wrong}).moments(),
    "trace": lambda fit, wrong: mx.plots.trace(wrong),
    "trace, names": lambda fit, wrong: mx.plots.trace(fit, wrong),
    "rank": lambda fit, wrong: mx.plots.rank(wrong),
    "density, fit": lambda fit, wrong: mx.plots.density(wrong),
    "predictive_check": lambda fit, wrong: mx.plots.predictive_check(wrong),
    "predictive_check, draws": lambda fit, wrong: mx.plots.predictive_check(fit, wrong),
    "panels": lambda fit, wrong: mx.plots.panels(wrong),
    "pairs": lambda fit, wrong: mx.plots.pairs(wrong),
    "trace, truth": lambda fit, wrong: mx.plots.trace(fit, "mean", true_values={"mean": wrong}),
    "trace, features": lambda fit, wrong: mx.plots.trace(fit, "mean", features=wrong),
    "pairs, features": lambda fit, wrong: mx.plots.pairs(fit, wrong),
    "uncertainty, features": lambda fit, wrong: mx.plots.uncertainty(fit, wrong),
    "uncertainty": lambda fit, wrong: mx.plots.uncertainty(wrong),
}


@pytest.mark.parametrize("verb", VERBS_OF_FITS)
def test_verbs_of_fits(verb, fits):
    for fit in fits:
        for wrong in WRONG:
            ends_well(wrong, VERBS_OF_FITS[verb], fit, wrong)
        plt.close("all")


def test_reports_and_estimators(fits, tmp_path):
    few = {"draws": 5, "warmup": 5, "chains": 1, "random_state": 1}
    for wrong in WRONG:
        ends_well(wrong, fits[0].report, tmp_path / "report.html", prob=wrong)
        ends_well(wrong, mx.BayesianMixture(wrong, **few).fit, X[:, None])
        ends_well(wrong, mx.BayesianMixture(2, **few).fit, X[:, None], sample_weight=wrong)


def ends_well(wrong, play, *args, **kwargs):
    """It answers, or one of this package's own `raise` statements says what was wrong."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        try:
            repr(play(*args, **kwargs))
        except Exception as error:
            if not (isinstance(error, TypeError | ValueError | OSError) and is_own(error)):
                raise AssertionError(f"{wrong!r:.80}: not an error of this package's own: {error!r:.400}") from error


def is_own(error):
    """Whether an error comes from a `raise` of this package, or of scikit-learn, whose checks the estimator calls."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    path = trace.tb_frame.f_code.co_filename
    line = linecache.getline(path, trace.tb_lineno).strip()
    return (path.startswith(SOURCE) or "sklearn" in path) and line.startswith("raise ")
