"""Random data, models, options and verbs: each case ends in finite numbers, or in one error that this package raises.

Some dozens here; a longer run, another seed, or one case again:
MIXTURA_FUZZ=2000 MIXTURA_FUZZ_SEED=7 pytest tests/fuzz/test_library.py
MIXTURA_FUZZ_SEED=7 MIXTURA_FUZZ_CASE=123 pytest tests/fuzz/test_library.py
"""

import linecache
import os
import pickle
import signal
import warnings
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mixtura as mx

SOURCE = str(Path(mx.__file__).parent)
SECONDS = 240  # to one case, machine code that is not in the cache yet included
SEED = int(os.environ.get("MIXTURA_FUZZ_SEED", 0))
CASES = int(os.environ.get("MIXTURA_FUZZ", 40))
ONE = os.environ.get("MIXTURA_FUZZ_CASE")
STRUCTURES = ("full", "tied", "diagonal", "spherical")
HOSTILE = (
    10**400, -1, 0, 1e300, 1e-300, 5e-324, 1.7e308, float("nan"), float("inf"), True, None, "2", b"2", 1j, [], {}, [[]],
    [1, None], Decimal("1.5"), Fraction(1, 3), np.ma.array([1.0, 2.0], mask=[0, 1]), np.array([1, "a"], object),
    np.array([10**400, 1], object), np.datetime64("2020-01-01"), mx.Normal(), mx.Gamma(1, 1), [[1, 2], [3]], object(),
)  # fmt: skip


@pytest.mark.parametrize("case", [int(ONE)] if ONE else range(CASES))
def test_a_case_ends_well(case, tmp_path):
    rng, said = np.random.default_rng([SEED, case]), []
    with warnings.catch_warnings(), limited(SECONDS):
        warnings.simplefilter("ignore", UserWarning)  # such as doubtful elpd; numpy's warnings are errors
        try:
            play(rng, tmp_path, said)
        except Exception as error:
            if not is_own(error):
                raise AssertionError(f"{' | '.join(said)}: {error!r}") from error


def test_errors_from_inside_are_told_from_own():
    with pytest.raises(ValueError, match="positive") as own:
        mx.Normal(0, -1)
    with pytest.raises(ValueError, match="bins") as inside:
        np.histogram([1.0], -1)
    assert is_own(own.value)
    assert not is_own(inside.value)


def play(rng, folder, said):
    """One fit, or one mode, of random data, and some verbs on it."""
    x, model = some_data(rng), None
    said.append(f"x={brief(x)}")
    weights = some_weights(rng, len(x)) if rng.random() < 0.25 else None
    said.append(f"weights={brief(weights)}")
    model = some_model(rng, x)
    said.append(repr(model))
    if rng.random() < 0.12:
        mode = model.optimize(x, weights, seed=int(rng.integers(5)))
        check_finite("mode", (*mode.params[:3], mode.loglik, mode.logdensity, mode.bic, mode.icl))
        check_answers(mode, some_points(rng, x))
        return
    options = some_options(rng)
    said.append(f"{options}")
    fit = model.sample(x, weights=weights, progress=False, **options)
    params = fit.params()
    check_finite("draws", (params.weights, params.means, fit.sample_stats["lp"].values))
    check_finite("widths", params.factors if np.ndim(x) == 2 and np.shape(x)[1] > 1 else params.scales)
    for name in rng.choice(list(VERBS), 4, replace=False):
        said.append(str(name))
        try:
            VERBS[name](fit, rng, folder)
        except Exception as error:
            if not is_own(error):
                raise


def some_data(rng):
    """(n,) or (n, d), in a container."""
    n, d = int(rng.choice([1, 2, 3, 5, 8, 30, 60, 210, 400], p=[0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.2, 0.15, 0.1])), 1
    d = int(rng.choice([1, 2, 3, 5], p=[0.4, 0.35, 0.15, 0.1]))
    base = {
        "normal": lambda: rng.normal(size=(n, d)),
        "blobs": lambda: rng.normal(rng.normal(0, 6, (4, d))[rng.integers(4, size=n)]),
        "integers": lambda: rng.integers(-1, 2 + rng.integers(5), (n, d)).astype(float),
        "ties": lambda: rng.normal(size=(n, d))[rng.integers(-(-n // 4), size=n)],
        "cauchy": lambda: rng.standard_cauchy((n, d)),
        "lognormal": lambda: rng.lognormal(0, 5, (n, d)),
        "zeros": lambda: rng.normal(size=(n, d)) * (rng.random((n, d)) < 0.3),
        "steps": lambda: np.arange(n * d).reshape(n, d) * 1.0,
        "plane": lambda: rng.normal(size=(n, 1)) * np.arange(1, d + 1),
        "outlier": lambda: rng.normal(size=(n, d)) * np.where(np.arange(n) == 0, 1e8, 1)[:, None],
        "constant": lambda: np.ones((n, d)),
    }
    x = base[rng.choice(list(base))]()
    if rng.random() < 0.35:
        x = x * 10.0 ** rng.choice([-300, -160, -145, -30, -8, 5, 30, 100, 140, 148], d)
    if rng.random() < 0.2:
        x = x + 10.0 ** rng.choice([-3, 3, 8, 12, 100])
    if rng.random() < 0.06:
        x[rng.integers(n), rng.integers(d)] = rng.choice([np.nan, np.inf, -np.inf, 1e308])
    if rng.random() < 0.03:
        x = x[:0]
    x = x[:, 0] if d == 1 and rng.random() < 0.8 else x
    if rng.random() < 0.9:
        return x
    containers = [np.ndarray.tolist, pd.DataFrame, lambda a: a.astype(object), np.ma.masked_invalid, np.float32]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return pick(rng, containers)(x)


def pick(rng, options):
    return options[rng.integers(len(options))]


def some_weights(rng, n):
    kinds = [
        lambda: rng.integers(1, 5, n),
        lambda: rng.random(n) + 0.1,
        lambda: np.full(n, 5e-324),
        lambda: 10.0 ** rng.uniform(-320, 300, n),
        lambda: 10.0 ** rng.uniform(-12, 12, n),
        lambda: np.full(n, 1e300),
        lambda: rng.integers(0, 2, n),
        lambda: np.ones(n + 1),
        lambda: [pick(rng, HOSTILE)] * n,
    ]
    return kinds[rng.choice(len(kinds), p=[0.2, 0.2, 0.1, 0.1, 0.2, 0.1, 0.04, 0.03, 0.03])]()


def some_model(rng, x):
    k = int(rng.choice([1, 2, 3, 4, 6, 9], p=[0.15, 0.3, 0.25, 0.15, 0.1, 0.05]))
    structure, given, d = pick(rng, STRUCTURES), {}, np.shape(x)[1] if np.ndim(x) == 2 else 1
    values = np.asarray(pd.DataFrame(np.ma.getdata(x) if not isinstance(x, pd.DataFrame) else x), float)
    finite = values[np.isfinite(values)]
    with np.errstate(all="ignore"):
        size = float(np.clip(np.ptp(finite) if finite.size else 1.0, 1e-100, 1e100)) or 1.0
        middle = float(np.median(finite)) if finite.size else 0.0
    if rng.random() < 0.35:
        given["means"] = pick(rng, [
            mx.Normal(middle, size), mx.Normal(np.linspace(-1, 1, k) * size, size), mx.Fixed([middle] * k),
            mx.StudentT(3, middle, size), mx.Uniform(middle - size, middle + size + 1e-300),
            mx.MvNormal([middle] * d, np.eye(d) * min(size, 1e70) ** 2),
        ])  # fmt: skip
    if rng.random() < 0.35:
        given |= some_spread(rng, k, d, size)
    if rng.random() < 0.3:
        a = 10.0 ** rng.uniform(-3, 3)
        given["weights"] = pick(rng, [mx.Dirichlet(a), mx.Fixed([1 / k] * k), mx.Dirichlet([a] * (k - 1) + [1])])
    if rng.random() < 0.08:
        given[rng.choice(["means", "scales", "variances", "weights"])] = some_prior(rng)
    return mx.GaussianMixture(n_components=k, covariance=structure, **given)


def some_spread(rng, k, d, size):
    """A prior of scales, variances, or covariances."""
    square = np.eye(d) * min(size, 1e70) ** 2
    kinds = [
        {"scales": mx.HalfNormal(size)}, {"scales": mx.HalfCauchy(size)}, {"scales": mx.HalfStudentT(3, size)},
        {"scales": mx.Exponential(1 / size)}, {"scales": mx.Gamma(2, 1 / size)}, {"scales": mx.InverseGamma(2, size)},
        {"scales": mx.LogNormal(np.log(size), 1)}, {"scales": mx.Uniform(0, size)}, {"scales": mx.Fixed(size)},
        {"variances": mx.InverseGamma(3, min(size, 1e70) ** 2)}, {"variances": mx.Fixed(min(size, 1e70) ** 2)},
        {"variances": mx.InverseGamma(2, mx.Gamma(0.2, 1))}, {"covariances": mx.InverseWishart(d + 2, square)},
        {"covariances": mx.InverseWishart(d + 2, mx.Wishart(d + 1, square))},
        {"scales": mx.HalfNormal(size), "correlations": mx.LKJ(2)},
    ]  # fmt: skip
    return pick(rng, kinds)


def some_prior(rng):
    """A prior whose numbers nobody should give."""
    one = [mx.Dirichlet, mx.Fixed, mx.LKJ, mx.HalfNormal, mx.Exponential]
    two = [mx.Normal, mx.StudentT, mx.Uniform, mx.HalfStudentT, mx.Gamma, mx.InverseGamma, mx.LogNormal, mx.Wishart,
           mx.InverseWishart, mx.MvNormal]  # fmt: skip
    kind = pick(rng, one + two)
    return kind(*(pick(rng, (*HOSTILE, 1.0, 2.0)) for _ in range(1 if kind in one else 2)))


def some_options(rng):
    return {
        "draws": int(rng.choice([1, 2, 3, 5, 20, 50])),
        "warmup": int(rng.choice([0, 1, 5, 30, 60])),
        "chains": int(rng.choice([1, 2, 3])),
        "algorithm": str(rng.choice(["auto", "nuts", "hmc", "gibbs", "metropolis"], p=[0.4, 0.2, 0.15, 0.2, 0.05])),
        "seed": int(rng.integers(1000)),
        "compress": [None, True][int(rng.random() < 0.1)],
    }


def some_points(rng, x):
    """New points, near or as far as numbers go."""
    shape = (int(rng.integers(1, 6)), *np.shape(x)[1:])
    far = rng.choice([-1, 1], shape) * 10.0 ** rng.uniform(-300, 308, shape)
    near = np.asarray(x, float)[rng.integers(len(x), size=len(far))].reshape(shape)
    return np.where(rng.random(shape) < 0.5, far, near) if rng.random() < 0.8 else near


def check_answers(fit, points):
    shares, scores = fit.predict_proba(points), fit.score_samples(points)
    check_finite("membership", shares)
    np.testing.assert_allclose(shares.sum(1), 1, atol=1e-9)
    assert not np.isnan(scores).any()
    assert not (scores == np.inf).any()
    assert ((fit.predict(points) >= 0) & (fit.predict(points) < shares.shape[1])).all()


def check_finite(what, values):
    for value in values if isinstance(values, tuple) else (values,):
        assert np.isfinite(np.asarray(value, float)).all(), f"{what} are not finite"


def check_no_nan(dataset):
    for name, values in dataset.data_vars.items():
        assert not np.isnan(values.to_numpy()).any(), f"{name} is nan"


def report(fit, rng, folder):
    fit.report(folder / "report.html", prob=float(rng.choice([0.5, 0.94, 0.99])))
    assert (folder / "report.html").stat().st_size > 100_000


def summary(fit, rng, folder):
    check_finite("estimates", fit.summary()[["mean", "sd"] if fit.shape != (1, 1) else ["mean"]].to_numpy())


def saved(fit, rng, folder):
    fit.save(folder / "fit.nc")
    again = mx.load(folder / "fit.nc")
    for name, draws in fit.posterior.data_vars.items():
        size = np.abs(draws.values).max()
        np.testing.assert_allclose(again.posterior[name].values, draws.values, rtol=1e-9, atol=1e-9 * size)
    assert again.warnings is not None
    assert repr(pickle.loads(pickle.dumps(fit))) == repr(fit)


def left_out(fit, rng, folder):
    fit.loo(subsample=int(rng.choice([2, 5, 50])))


def compared(fit, rng, folder):
    mx.compare({"one": fit, "two": fit.raw()})


def part(fit, rng, folder):
    mixtures = fit.marginal(fit.features[-1])
    check_no_nan(mixtures.density(some_points(rng, fit.x.reshape(len(fit.x), -1)[:, -1])))
    check_no_nan(mixtures.moments())


def regression(fit, rng, folder):
    columns = fit.x.reshape(len(fit.x), -1)
    mixtures = fit.conditional({fit.features[0]: some_points(rng, columns[:, 0])})
    check_no_nan(mixtures.moments())
    check_no_nan(mixtures.density(columns[:3, 1:]))


def relabelled(fit, rng, folder):
    repr(fit.relabel(str(rng.choice(["mean", "scale", "weight"]))))


def estimated(fit, rng, folder):
    x = fit.x.reshape(len(fit.x), -1)
    kind = str(rng.choice(["full", "tied", "diag", "spherical"]))
    found = mx.BayesianMixture(fit.n_components, covariance_type=kind, draws=5, warmup=5, chains=1, random_state=1)
    check_answers(found.fit(x), some_points(rng, x))
    check_finite("learnt", (found.means_, found.covariances_, found.precisions_, found.lower_bound_))


def drawn(fit, rng, folder):
    import matplotlib.pyplot as plt

    names = ["histogram", "density", "trace", "rank", "panels", "predictive_check", "uncertainty", "diagram"]
    name = str(rng.choice(names))
    given = {"histogram": fit.x.reshape(len(fit.x), -1)[:, 0], "diagram": fit.model}
    axes = getattr(mx.plots, name)(given.get(name, fit))
    np.ravel(axes)[0].get_figure().savefig(folder / "figure.png", dpi=30)
    plt.close("all")


VERBS = {
    "repr": lambda fit, rng, folder: repr(fit),
    "warnings": lambda fit, rng, folder: fit.warnings,
    "summary": summary,
    "answers": lambda fit, rng, folder: check_answers(fit, some_points(rng, fit.x)),
    "answers about data": lambda fit, rng, folder: check_answers(fit, None),
    "density": lambda fit, rng, folder: check_no_nan(fit.density()),
    "density of points": lambda fit, rng, folder: check_no_nan(fit.density(some_points(rng, fit.x))),
    "log_likelihood": lambda fit, rng, folder: check_finite("log-likelihoods", fit.log_likelihood.values),
    "predictive": lambda fit, rng, folder: check_finite("replicates", fit.sample_predictive(2)),
    "simulate": lambda fit, rng, folder: check_finite("points", fit.simulate(3, seed=1)),
    "tree": lambda fit, rng, folder: fit.to_datatree(log_likelihood=True, posterior_predictive=True),
    "relabel": relabelled,
    "save": saved,
    "loo": left_out,
    "compare": compared,
    "marginal": part,
    "conditional": regression,
    "estimator": estimated,
    "plots": drawn,
    "report": report,
}


def is_own(error):
    """Whether an error comes from a `raise` of this package and is of a kind that callers can expect."""
    trace = error.__traceback__
    while trace.tb_next:
        trace = trace.tb_next
    path = trace.tb_frame.f_code.co_filename
    raised = linecache.getline(path, trace.tb_lineno).strip().startswith("raise ")
    return isinstance(error, TypeError | ValueError) and path.startswith(SOURCE) and raised


def brief(values):
    """Data in a line."""
    found = np.asarray(values, object)
    text = " ".join(np.array2string(found.ravel()[:4]).split())
    return f"{type(values).__name__}{found.shape} {text}"


@contextmanager
def limited(seconds):
    """An error after so many seconds."""

    def stop(*_):
        raise TimeoutError(f"a case took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
