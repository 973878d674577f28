"""The two documents, reproduced: reference values from long runs, bounds in Monte Carlo standard errors.

And held against other samplers of the same posterior: NUTS without preconditioning, and nutpie's.
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

import mixtura as mx
from mixtura.algorithms import nuts
from mixtura.posterior import convergence
from mixtura.testing import registered

ALGORITHMS = ("nuts", "hmc", "gibbs", "metropolis")
GALLERY = {
    "mean": [(-4.990, 0.0472), (0.1227, 0.1838), (4.991, 0.0721)],
    "scale": [(0.5522, 0.0350), (1.859, 0.1797), (0.7218, 0.0567)],
    "weight": [(0.3194, 0.0219), (0.3719, 0.0268), (0.3086, 0.0240)],
}
GALLERY_X = mx.datasets.gallery()
GALLERY_MODEL = mx.GaussianMixture(
    n_components=3, means=mx.Normal(0, 5), scales=mx.HalfNormal(1), weights=mx.Dirichlet(1)
)
BOOK = {
    "mean": [(9.233, 0.2063), (20.98, 0.2741), (34.82, 0.2238)],
    "scale": [(1.947, 0.0957)],
    "weight": [(0.4177, 0.0332), (0.2337, 0.0286), (0.3487, 0.0321)],
}
BOOK_X = np.random.default_rng(0).normal(np.repeat([9, 21, 35], [90, 50, 75]), 2)
BOOK_MODEL = mx.GaussianMixture(
    n_components=3,
    covariance="tied",
    means=mx.Normal([10, 20, 35], 2),
    scales=mx.HalfCauchy(5),
    weights=mx.Dirichlet(1),
)


def agree(table, reference):
    """Means within 4 MCSE + .002 (half a unit of the references' last digit or more), sds within 6 %."""
    for name, rows in reference.items():
        for j, (mean, sd) in enumerate(rows):
            row = table.loc[f"{name}[{j}]" if len(rows) > 1 else name]
            assert abs(row["mean"] - mean) < 4 * row["mcse_mean"] + 0.002, row
            assert row["sd"] == pytest.approx(sd, rel=0.06), row
    assert (table["r_hat"].drop("occupied") <= 1.01).all()


@pytest.mark.parametrize("seed", [1, 2])
def test_gallery(seed):
    fit = GALLERY_MODEL.sample(GALLERY_X, algorithm="nuts", seed=seed)
    agree(fit.summary(), GALLERY)
    assert not fit.sample_stats["diverging"].any()
    assert fit.warnings == ()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_book(algorithm):
    fit = BOOK_MODEL.sample(BOOK_X, algorithm=algorithm, draws=2000, seed=1)
    agree(fit.summary(), BOOK)
    assert fit.warnings == ()
    np.testing.assert_array_equal(fit.predict(), np.repeat([0, 1, 2], [90, 50, 75]))


def test_algorithms_agree_where_components_overlap():
    """The galaxies, three components under the default priors: no reference, but three ways to one posterior."""
    model, x = mx.GaussianMixture(n_components=3), mx.datasets.galaxies()
    fits = [
        model.sample(x, algorithm=algorithm, draws=draws, seed=1)
        for algorithm, draws in zip(ALGORITHMS, (2000, 4000, 8000, 8000), strict=True)
    ]
    assert set(fits[0].posterior) == {"weight", "mean", "scale", "rate"}
    for fit in fits[1:]:
        assert_one_posterior(blocks(fit), blocks(fits[0]))


def start_unpreconditioned(target, position, covariance, swaps):
    """As NUTS starts, but blind to the curvature at the mode."""
    return nuts.start(target, position, np.eye(position.size), swaps)


@pytest.mark.parametrize(("model", "x"), [(GALLERY_MODEL, GALLERY_X), (BOOK_MODEL, BOOK_X)], ids=["gallery", "book"])
def test_preconditioning_leaves_the_posterior_alone(model, x):
    plain = SimpleNamespace(NAME="plain", INFO=nuts.INFO, start=start_unpreconditioned, advance=nuts.advance)
    with registered(plain) as name:
        other = model.sample(x, algorithm=name, draws=5000, seed=1)
    for algorithm in ("auto", "nuts"):
        assert_one_posterior(blocks(model.sample(x, algorithm=algorithm, draws=5000, seed=2)), blocks(other))


def gallery_in_pymc(pm):
    """The gallery's model, with the means in order, as mixtura labels them."""
    with pm.Model() as model:
        ordered = pm.distributions.transforms.ordered
        mean = pm.Normal("mean", 0, 5, shape=3, transform=ordered, initval=np.array([-4.0, 0.0, 4.0]))
        scale = pm.HalfNormal("scale", 1, shape=3)
        pm.NormalMixture("x", w=pm.Dirichlet("weight", np.ones(3)), mu=mean, sigma=scale, observed=GALLERY_X)
    return model


def book_in_pymc(pm):
    """The book's model as mixtura writes it."""
    return BOOK_MODEL.to_pymc(BOOK_X)


@pytest.mark.parametrize(
    ("model", "x", "written"),
    [(GALLERY_MODEL, GALLERY_X, gallery_in_pymc), (BOOK_MODEL, BOOK_X, book_in_pymc)],
    ids=["gallery", "book"],
)
@pytest.mark.filterwarnings("ignore")  # of PyMC, nutpie and their dependencies
def test_nutpie_draws_from_the_same_posterior(model, x, written, pymc, nutpie):
    compiled = nutpie.compile_pymc_model(written(pymc))
    posterior = nutpie.sample(compiled, draws=4000, tune=500, chains=4, seed=1, progress_bar=False).posterior
    fit = model.sample(x, draws=5000, seed=1)
    names = list(fit.posterior)
    assert_one_posterior(*([draws[name].to_numpy() for name in names] for draws in (fit.posterior, posterior)))


@pytest.mark.filterwarnings("ignore")
def test_nutpie_draws_from_the_same_posterior_of_rows(pymc, nutpie):
    """Default priors on Old Faithful: no prior tells components apart, so each draw is put in order of its means."""
    model, x = mx.GaussianMixture(n_components=2), mx.datasets.faithful().x
    compiled = nutpie.compile_pymc_model(model.to_pymc(x))
    posterior = nutpie.sample(compiled, draws=1500, tune=600, chains=4, seed=1, progress_bar=False).posterior
    order = np.argsort(posterior["mean"].to_numpy()[..., 0], axis=-1)
    fit, theirs = model.sample(x, draws=5000, seed=1), {"rate": posterior["rate"].to_numpy()}
    for name in ("weight", "mean", "covariance"):
        draws = posterior[name].to_numpy()
        theirs[name] = np.take_along_axis(draws, order.reshape(*order.shape, *[1] * (draws.ndim - 3)), axis=2)
    assert_one_posterior([fit.posterior[name].to_numpy() for name in theirs], list(theirs.values()))


def blocks(fit):
    """Draws (c, s, ...) of every parameter, and the log density at each."""
    return [*(block.to_numpy() for block in fit.posterior.values()), fit.sample_stats["lp"].to_numpy()]


def assert_one_posterior(ours, theirs):
    """Means and sds of all numbers in blocks of draws (c, s, ...) are those of the other within 4 MCSE."""
    (mean, error), (other, its_error) = moments(ours), moments(theirs)
    z = (mean - other) / np.hypot(error, its_error)
    assert (abs(z) < 4).all(), z.round(1)


def moments(draws):
    """Means and variances (2, p) over chains and draws, and their Monte Carlo standard errors.

    A variance is taken as a mean of squares, whose error ArviZ's of sds takes for that of the mean.
    """
    rows = np.concatenate([np.moveaxis(block.reshape(*block.shape[:2], -1), 2, 0) for block in draws])
    squares = (rows - rows.mean((1, 2), keepdims=True)) ** 2
    parts = rows, squares
    return np.array([part.mean((1, 2)) for part in parts]), np.array([convergence.mcse(part)[0] for part in parts])
