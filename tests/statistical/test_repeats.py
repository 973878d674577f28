"""Data as people keep them: repeated rows, zeros, class columns, ratings, more components than points bear.

Every one of them has corners in which the density of the default without its floor is unbounded.
"""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

import mixtura as mx
from mixtura.floor import floor_of
from mixtura.posterior.piles import pile

ISSUE = np.array(
    [
        [-0.29362926452308835, 0.7235541895902242], [0.7445890039328765, -0.9466869487642574],
        [-1.2883394362557548, 0.6734126262134916], [1.4359038611336628, 0.7169130134122332],
        [-0.21088655371477089, -0.715226598522138], [-0.8988789448805902, 0.250755333318094],
        [-0.515457433029438, 0.05673355779986345], [0.943845092823085, 1.0427987912231518],
    ]
)  # fmt: skip


def groups(rng, n, d, k):
    """Rows of k unit clouds six apart, and who is in which."""
    of = rng.integers(k, size=n)
    return rng.normal(size=(n, d)) + 6 * np.eye(k, d)[of], of


def some_zero(rng, n, share):
    return np.where(rng.random(n) < share, 0.0, rng.gamma(2, 1, n))


def planted():
    """Data with groups that scikit-learn finds, by what people would call them: (x, k, groups)."""
    rng = np.random.default_rng(1)
    x, of = groups(rng, 210, 3, 3)
    yield "class as a last column", np.c_[x, of + 1.0], 3, of
    x, of = groups(rng, 300, 2, 2)
    yield "0/1 column of its own", np.c_[x, rng.integers(2, size=300)], 2, of
    yield "0/1 column that is the group", np.c_[x, of], 2, of
    yield "zeros in 60 %", np.c_[x, some_zero(rng, 300, 0.6)], 2, of
    yield "zeros in two columns", np.c_[x, some_zero(rng, 300, 0.4), some_zero(rng, 300, 0.4)], 2, of
    yield "a code for missing", np.c_[x, np.where(rng.random(300) < 0.1, -999.0, rng.normal(size=300))], 2, of
    yield "every row three times", np.repeat(x, 3, axis=0), 2, np.repeat(of, 3)
    x, of = groups(rng, 200, 3, 2)
    yield "constant in one group", np.c_[x, np.where(of == 1, 0.0, rng.normal(size=200))], 2, of
    of = rng.integers(3, size=200)
    yield "one-hot", np.c_[rng.normal(5 * of, 1), np.eye(3)[of]], 3, of
    of = rng.integers(2, size=300)
    yield "saturated", np.minimum(rng.normal(200 + 40 * of[:, None], 12, (300, 3)), 255), 2, of
    yield "counts", rng.poisson(2 + 10 * of[:, None], (300, 3)).astype(float), 2, of
    yield "ratings 1 to 5", np.clip(np.round(rng.normal(2 + 2 * of[:, None], 0.7, (300, 4))), 1, 5), 2, of
    yield "ten copies of a row", np.r_[np.full((10, 2), 10.0), rng.normal(size=(100, 2))], 2, np.arange(110) < 10
    yield "ten copies of a value", np.r_[np.full(10, 10.0), rng.normal(size=100)], 2, np.arange(110) < 10


@pytest.mark.parametrize(("x", "k", "of"), [pytest.param(*case, id=name) for name, *case in planted()])
def test_groups_are_found_beside_repeated_values(x, k, of):
    fit = mx.GaussianMixture(n_components=k).sample(x, draws=200, warmup=200, seed=1, progress=False)
    assert all(np.isfinite(block).all() for block in fit.params()[:3])
    assert np.isfinite(fit.sample_stats["lp"]).all()
    assert adjusted_rand_score(of, fit.predict(x)) > 0.85


def test_the_share_of_copies_is_a_beta():
    x = np.r_[np.full(10, 10.0), np.random.default_rng(0).normal(size=100)]
    weights = mx.GaussianMixture(n_components=2).sample(x, seed=1).params().weights[..., 1]
    exact = 11 / 112  # Beta(11, 101)
    assert abs(weights.mean() - exact) < 4 * np.sqrt(exact * (1 - exact) / 113) / np.sqrt(1000)


@pytest.mark.parametrize("seed", range(4))
def test_more_components_than_rows_bear(seed):
    """One seed in four held NaN in a quarter of its draws, and could not be printed."""
    fit = mx.GaussianMixture(n_components=5).sample(ISSUE, draws=200, warmup=200, seed=seed, progress=False)
    assert all(np.isfinite(block).all() for block in fit.params()[:3])
    assert "nan" not in repr(fit)


@pytest.mark.parametrize(("seed", "k"), [(0, 5), (1, 5), (0, 2), (0, 3), (1, 3)])
def test_small_whole_numbers(seed, k, tmp_path):
    x = np.random.default_rng(seed).integers(-1, 2, size=(210, 2)).astype(float)
    fit = mx.GaussianMixture(n_components=k).sample(x, draws=200, warmup=200, seed=1, progress=False)
    assert all(np.isfinite(block).all() for block in fit.params()[:3])
    fit.report(tmp_path / "report.html")


def test_columns_of_a_few_values_are_named():
    x = np.c_[np.random.default_rng(0).normal(size=(60, 2)), np.arange(60) % 2]
    fit = mx.GaussianMixture(n_components=1).sample(x, draws=50, warmup=50, seed=1, progress=False)
    assert any("x2 holds only 2 different values (0, 1)" in warning for warning in fit.warnings)


PILED = {
    "clipped below": lambda rng: np.maximum(rng.normal([10, 90], 20, (200, 2)).ravel(), 0),
    "clipped above": lambda rng: np.minimum(rng.normal([10, 90], 20, (200, 2)).ravel(), 99),
    "zeros": lambda rng: some_zero(rng, 400, 0.3),
    "a code for missing": lambda rng: np.where(rng.random(400) < 0.1, -999.0, rng.normal(5, 1, 400)),
}


@pytest.mark.parametrize("make", PILED.values(), ids=PILED)
@pytest.mark.parametrize("seed", range(3))
def test_a_value_that_far_more_points_have_than_any_near_is_named(make, seed):
    rng = np.random.default_rng(seed)
    x = make(rng)
    model, short = mx.GaussianMixture(n_components=2), {"draws": 50, "warmup": 100, "progress": False}
    assert any("piles: " in told for told in model.sample(x, **short).warnings)
    rows = model.sample(np.c_[rng.normal(size=x.size), x], **short)
    assert any("% of the points have x1 = " in told for told in rows.warnings)


def test_ordinary_columns_have_no_pile():
    rng = np.random.default_rng(1)
    columns = [mx.datasets.galaxies(), mx.datasets.gallery(), *mx.datasets.faithful().x.to_numpy().T]
    columns += [*mx.datasets.iris().x.to_numpy().T, *mx.datasets.wine().x.to_numpy().T]
    columns += [np.round(rng.normal(20, 2, 1000)), np.round(rng.normal(0, 1, 500), 1), rng.poisson(20.0, 300)]
    columns += [np.repeat(rng.normal(size=100), 15), rng.integers(18, 90, 400), rng.geometric(0.1, 400) - 1]
    assert [pile(np.asarray(x, float), np.ones(len(x))) for x in columns] == [None] * len(columns)


def test_a_declared_level_without_a_floor_is_warned_of_or_stopped():
    x = np.r_[np.full((9, 2), 10.0), np.random.default_rng(0).normal(size=(100, 2))]
    prior = mx.InverseWishart(6, mx.Wishart(2.1, [[0.1, 0], [0, 0.1]]))
    with pytest.raises(ValueError, match=r"(?s)chain \d met a density that is not finite at draw .* floor="):
        mx.GaussianMixture(n_components=2, covariances=prior).sample(x, algorithm="gibbs", seed=1, progress=False)
    prior = mx.InverseGamma(2, mx.Gamma(0.2, 0.02))
    fit = mx.GaussianMixture(n_components=2, variances=prior).sample(x[:, 0], draws=50, seed=1, progress=False)
    assert any(warning.startswith("ties: ") and "floor=" in warning for warning in fit.warnings)


@pytest.mark.parametrize("d", [1, 2])
def test_bic_of_one_normal_takes_one_component(d):
    chosen = []
    for seed in range(3):
        x = np.random.default_rng(seed).normal(size=(12, d))
        modes = [mx.GaussianMixture(n_components=k).optimize(x[:, 0] if d == 1 else x) for k in (1, 2, 5, 8, 10)]
        chosen.append(int(np.argmin([mode.bic for mode in modes])))
    assert max(chosen) <= 1
    assert sum(chosen) <= 1


def test_the_floor_says_nothing_of_continuous_columns():
    x = np.random.default_rng(0).normal(size=300)
    assert floor_of(x, 300.0, 3) == pytest.approx((1e-4 * np.ptp(x)) ** 2)
    assert floor_of(np.round(x, 1), 300.0, 3) == pytest.approx((1e-4 * np.ptp(np.round(x, 1))) ** 2)
    assert floor_of(np.round(x), 300.0, 3) > 300 / 3 / 12 * 0.9
    assert floor_of(x[:8], 8.0, 3) == pytest.approx((2.9 / 64 * np.ptp(x[:8])) ** 2)


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (lambda: mx.InverseGamma(2, 1, floor=0.1), r"floor=...\) goes with a beta that is a Gamma"),
        (lambda: mx.InverseGamma(2, mx.Gamma(1, 1), floor=-1), r"floor=...\) must not be negative; got -1"),
        (lambda: mx.InverseWishart(4, [[1, 0], [0, 1]], floor=0.1), "beside a scale that is a Wishart"),
        (lambda: mx.InverseWishart(4, mx.Wishart(3, [[1, 0], [0, 1]]), floor=[1, 2, 3]), "for 2 features"),
    ],
)
def test_floors_that_cannot_be(prior, message):
    with pytest.raises(ValueError, match=message):
        prior()
