"""How sure membership is, the points most in doubt, and draws from the prior in the posterior's form."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import multivariate_normal, norm

import mixtura as mx

RNG = np.random.default_rng(0)
COLUMN = np.concatenate([RNG.normal(0, 1, 40), RNG.normal(5, 1, 40)])
ROWS = pd.DataFrame(
    np.concatenate([RNG.normal([0, 0], 1, (40, 2)), RNG.normal([5, 5], 1, (40, 2))]),
    columns=["label", "width"],  # a name that the table of doubts has too
    index=[f"flower {i}" for i in range(80)],
)


def sample(x, k=2, **options):
    short = {"draws": 60, "warmup": 60, "chains": 2, "seed": 1, "progress": False} | options
    return mx.GaussianMixture(n_components=k).sample(x, **short)


@pytest.fixture(scope="module")
def column():
    return sample(COLUMN)


@pytest.fixture(scope="module")
def rows():
    return sample(ROWS)


def by_draw(fit, x):
    """Memberships (s, n, k), straight from the definition."""
    params = fit.params()
    draws = [block.reshape(-1, *block.shape[2:]) for block in params[:3]]
    found = []
    for weights, means, spread in zip(*draws, strict=True):
        if x.ndim == 1:
            each = weights * norm(means, spread).pdf(x[:, None])
        else:
            normals = [multivariate_normal(m, f @ f.T).pdf(x) for m, f in zip(means, spread, strict=True)]
            each = weights * np.stack(normals, axis=1)
        found.append(each / each.sum(1, keepdims=True))
    return np.array(found)


@pytest.mark.parametrize("name", ["column", "rows"])
def test_spread_is_that_of_the_draws(name, request):
    fit = request.getfixturevalue(name)
    found, wanted = fit.membership(prob=0.8), by_draw(fit, fit.x)
    np.testing.assert_allclose(found.probability, fit.predict_proba(), atol=1e-12)
    np.testing.assert_allclose(found.probability, wanted.mean(0), atol=1e-6)
    np.testing.assert_allclose(found["sd"], wanted.std(0), atol=1e-6)
    for end, q in (("lower", 0.1), ("upper", 0.9)):
        np.testing.assert_allclose(found[end], np.quantile(wanted, q, axis=0), atol=1e-6)


def test_far_points_have_memberships_too(column, rows):
    for fit, x in ((column, [1e100, -1e6]), (rows, [[1e6, -1e6], [1e90, 1e90]])):
        found = fit.membership(x)
        assert all(np.isfinite(found[part]).all() for part in ("probability", "sd", "lower", "upper"))
        np.testing.assert_allclose(found.probability.sum("component"), 1)


def test_doubtful_points_come_in_order_and_by_name(rows):
    table = rows.doubtful(5, ROWS)
    assert list(table.columns) == ["label", "probability", "lower", "upper", "second", "label", "width"]
    assert table["probability"].is_monotonic_increasing
    shares = rows.predict_proba().max(1)
    assert list(table.index) == [f"flower {i}" for i in np.argsort(shares, kind="stable")[:5]]
    np.testing.assert_array_equal(table.iloc[:, 5:], ROWS.loc[table.index])
    assert rows.doubtful(5).index.tolist() == [int(name.split()[1]) for name in table.index]


def test_how_many_are_doubtful(column):
    assert len(column.doubtful(500)) == 80
    assert len(column.doubtful(0)) == 0
    assert len(sample(COLUMN, k=1).doubtful()) == 0
    for n in (-1, 2.5, True, "3"):
        with pytest.raises(ValueError, match="n is a whole number of points"):
            column.doubtful(n)
    with pytest.raises(ValueError, match="prob is a probability"):
        column.doubtful(3, prob=2)


def test_a_single_draw_has_no_spread():
    found = sample(COLUMN, draws=1, chains=1).membership()
    np.testing.assert_allclose(found.lower, found.upper)
    np.testing.assert_allclose(found["sd"], 0)


@pytest.mark.parametrize("covariance", ["full", "tied", "diagonal", "spherical"])
def test_the_prior_has_the_posteriors_form(covariance):
    model = mx.GaussianMixture(n_components=2, covariance=covariance)
    fit = model.sample(ROWS, draws=20, warmup=20, chains=1, seed=1, progress=False)
    prior = fit.prior(7)
    assert set(prior.data_vars) == set(fit.posterior.data_vars)
    for name in prior:
        assert prior[name].dims == fit.posterior[name].dims
        assert prior[name].sizes["draw"] == 7


def test_the_prior_is_the_declared_one(column):
    means = column.prior(4000)["mean"].values.ravel()
    prior = column.model.means
    assert abs(means.mean() - prior.mu) < 5 * prior.sigma / 8000**0.5
    assert abs(means.std() / prior.sigma - 1) < 0.05
    np.testing.assert_array_equal(column.prior(3, seed=4)["mean"], column.prior(3, seed=4)["mean"])
    with pytest.raises(ValueError, match="draws is a whole number"):
        column.prior(0)
