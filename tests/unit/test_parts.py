"""Marginal and conditional mixtures: against integrals of the joint density, draw by draw."""

import tracemalloc

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import multivariate_normal

from mixtura.line import records as line
from mixtura.posterior import parts
from mixtura.posterior.parts import joint
from mixtura.rows.records import Params

NAMES = ["a", "b", "c"]
SIDE = np.linspace(-25, 25, 101)  # for the trapezoid rule, which is exact to rounding for what is normal and smooth
STEP = SIDE[1] - SIDE[0]


def draws_of(s=5, k=2, d=3, seed=0):
    """Noise about the parameters of a mixture, two chains."""
    rng = np.random.default_rng(seed)
    roots = rng.normal(size=(2, s, k, d, d))
    factors = np.linalg.cholesky(roots @ roots.swapaxes(-1, -2) + np.eye(d))
    means = rng.normal(0, 3, (k, d)) + rng.normal(0, 0.3, (2, s, k, d))
    return Params(rng.dirichlet(np.full(k, 5.0), (2, s)), means, factors, np.full((2, s, d, d), np.nan))


DRAWS = draws_of()


def joint_density(points, draws=DRAWS):
    """Weight times density (draws, k, ...) at points (..., d)."""
    k, d = draws.means.shape[-2:]
    flat = (draws.weights.reshape(-1, k), draws.means.reshape(-1, k, d), draws.covariances.reshape(-1, k, d, d))
    each = (zip(*draw, strict=True) for draw in zip(*flat, strict=True))
    return np.array([[w * multivariate_normal(m, c).pdf(points) for w, m, c in draw] for draw in each])


def points_of(**values):
    """Points (..., d), by features that broadcast against each other."""
    return np.stack(np.broadcast_arrays(*(values[name] for name in NAMES)), axis=-1)


def check_band(found, draws, prob=0.94):
    """A dataset's density and band are those of draws (s, ...)."""
    lower, upper = np.quantile(draws, [(1 - prob) / 2, (1 + prob) / 2], axis=0)
    for name, wanted in {"density": draws.mean(0), "lower": lower, "upper": upper}.items():
        assert_allclose(found[name], wanted, rtol=1e-10, atol=1e-13)


def test_marginals_are_integrals_of_the_joint_density():
    grid = np.linspace(-6, 6, 7)
    over_b = joint_density(points_of(a=grid[:, None], b=SIDE, c=grid[::-1, None])).sum(-1) * STEP
    found = joint(DRAWS, NAMES).marginal(["c", "a"]).density(np.column_stack([grid[::-1], grid]), prob=0.8)
    check_band(found, over_b.sum(1), 0.8)
    assert_allclose(found.component_density, over_b.mean(0), rtol=1e-10, atol=1e-13)
    assert found.density.dims == ("point",)
    assert_allclose(found.a, grid)
    over_both = joint_density(points_of(a=SIDE[:, None, None], b=grid, c=SIDE[:, None])).sum((2, 3)) * STEP**2
    found = joint(DRAWS, NAMES).marginal("b").density(grid)
    check_band(found, over_both.sum(1))
    assert_allclose(found.density.sel(b=2.0), over_both.sum(1).mean(0)[4])


def test_conditionals_are_ratios_of_the_joint_density_and_its_integral():
    grid, at = np.linspace(-5, 5, 6), np.array([-3.0, 0.5, 2.0])
    heights = joint_density(points_of(a=at[:, None, None], b=SIDE, c=grid[:, None]))
    whole = joint_density(points_of(a=at[:, None, None], b=SIDE, c=SIDE[:, None])).sum((1, 3, 4)) * STEP**2
    wanted = heights.sum(-1) * STEP / whole[:, None, :, None]
    found = joint(DRAWS, NAMES).conditional({"a": at}).marginal("c").density(grid)
    check_band(found, wanted.sum(1))
    assert_allclose(found.component_density, wanted.mean(0), rtol=1e-10, atol=1e-13)
    assert found.density.dims == ("a", "c")


def test_moments_are_integrals_of_the_conditional_density():
    at = np.array([-2.0, 1.0])
    points = points_of(a=at[:, None, None], b=SIDE, c=SIDE[:, None])
    heights = joint_density(points).sum(1)
    heights /= heights.sum((2, 3), keepdims=True)
    mean = np.einsum("sgij,gijd->sgd", heights, points)[..., 1:]
    square = np.einsum("sgij,gijd,gije->sgde", heights, points, points)[..., 1:, 1:]
    covariance = square - mean[..., None] * mean[..., None, :]
    sd = np.sqrt(np.diagonal(covariance, axis1=-2, axis2=-1))
    found = joint(DRAWS, NAMES).conditional({"a": at}).moments(0.5)
    for name, draws in {"mean": mean, "sd": sd, "covariance": covariance}.items():
        check = {name: draws.mean(0)}
        check |= dict(zip([f"{name}_lower", f"{name}_upper"], np.quantile(draws, [0.25, 0.75], axis=0), strict=True))
        for label, values in check.items():
            assert_allclose(found[label], values, rtol=1e-9, atol=1e-10)
    assert found.covariance.dims == ("a", "feature", "feature_bis")
    assert found.feature.values.tolist() == ["b", "c"]


def test_the_order_of_steps_does_not_matter():
    whole = joint(DRAWS, NAMES)
    once = whole.conditional({"c": 1.0, "a": 2.0})
    twice = whole.conditional({"a": 2.0}).conditional({"c": 1.0})
    narrowed = whole.marginal(["c", "a"]).conditional({"c": 1.0})
    for ours, theirs in [
        (once, twice),
        (whole.conditional({"c": 1.0}).marginal("a"), narrowed),
        (whole.marginal(["a", "b", "c"]), whole),
    ]:
        for one, other in zip(ours.params()[:3], theirs.params()[:3], strict=True):
            assert_allclose(one, other, rtol=1e-10, atol=1e-12)


def test_arrays_of_values_are_so_many_mixtures():
    at, grid = np.array([-1.0, 4.0, 0.0]), np.linspace(-3, 3, 5)
    many = joint(DRAWS, NAMES).conditional({"a": at, "b": 1.0}).density(grid)
    assert many.density.sizes == {"a": 3, "c": 5}
    assert many.b.item() == 1.0
    each = [joint(DRAWS, NAMES).conditional({"a": value, "b": 1}).density(grid).upper for value in at]
    assert_allclose(many.upper, each, rtol=1e-12)
    assert each[0].a.item() == -1.0
    both = joint(DRAWS, NAMES).conditional({"a": at}).conditional({"b": [1.0, 1.0, 2.0]}).moments()
    assert both["mean"].dims == ("at", "feature")
    assert both.a.dims == both.b.dims == ("at",)
    assert_allclose(both["mean"][1], joint(DRAWS, NAMES).conditional({"a": 4, "b": 1}).moments()["mean"])


def test_a_grid_finds_its_columns_by_name():
    pandas = pytest.importorskip("pandas")
    grid = np.random.default_rng(0).normal(size=(6, 2))
    pair = joint(DRAWS, NAMES).marginal(["c", "a"])
    framed = pandas.DataFrame({"a": grid[:, 1], "other": 0.0, "c": grid[:, 0]})
    assert_allclose(pair.density(framed).density, pair.density(grid).density)


def test_params_of_the_mixtures_have_their_moments():
    at = np.array([0.0, 2.0])
    mixtures = joint(DRAWS, NAMES).conditional({"b": at})
    params = mixtures.params()
    assert params.factors.shape == (10, 2, 2, 2, 2)
    assert_allclose(params.weights.sum(-1), 1)
    mean = np.einsum("sgk,sgkd->gd", params.weights, params.means) / 10
    assert_allclose(mean, mixtures.moments()["mean"])
    alone = joint(DRAWS, NAMES).conditional({"b": 2.0}).params()
    assert_allclose(alone.covariances, params.covariances[:, 1])


def test_weights_hold_far_away():
    factors = np.array([[[1.0, 0.0], [0.5, 1.0]], [[2.0, 0.0], [-2.0, 1.0]]])
    draws = Params(np.array([[0.9, 0.1]]), np.zeros((1, 2, 2)), factors[None], np.full((1, 2, 2), np.nan))
    far = joint(draws, ["a", "b"]).conditional({"a": [-1e9, 40.0, 1e9]})
    assert_allclose(far.moments()["mean"][:, 0], [1e9, -40.0, -1e9])  # the wider component alone
    near = joint(draws, ["a", "b"]).conditional({"a": 40.0}).params().weights[0]
    assert_allclose(np.log(near[0]), np.log(9 * 2) - 0.5 * 40**2 + 0.5 * 20**2)
    empty = draws._replace(weights=np.array([[1.0, 0.0]]))
    assert_allclose(joint(empty, ["a", "b"]).conditional({"a": 1e9}).params().weights, [[1, 0]])


def test_membership_is_each_components_share_averaged_over_draws():
    x = np.random.default_rng(1).normal(0, 3, (20, 3))
    heights = joint_density(x)
    shares = (heights / heights.sum(1, keepdims=True)).mean(0).T
    assert_allclose(joint(DRAWS, NAMES).predict_proba(x), shares, rtol=1e-9, atol=1e-12)
    given = joint(DRAWS, NAMES).conditional({"a": x[:, 0], "b": x[:, 1]}).predict_proba(x[:, 2])
    assert given.shape == (20, 20, 2)
    assert_allclose(np.diagonal(given).T, shares, rtol=1e-9, atol=1e-12)
    assert_allclose(joint(DRAWS, NAMES).predict_proba(x, draws=10), shares, rtol=1e-9)


def test_samples_have_the_moments_of_the_predictive():
    mixtures = joint(DRAWS, NAMES).conditional({"a": [-2.0, 1.0]})
    n, params = 40_000, mixtures.params()
    points = mixtures.sample(n, seed=1)
    assert points.shape == (n, 2, 2)
    mean = mixtures.moments()["mean"].values
    second = params.covariances + params.means[..., None] * params.means[..., None, :]
    covariance = np.einsum("sgk,sgkde->gde", params.weights, second) / 10 - mean[..., None] * mean[..., None, :]
    for g in range(2):
        cloud, sd = points[:, g], np.sqrt(np.diagonal(covariance[g]))
        assert_allclose((cloud.mean(0) - mean[g]) / sd * np.sqrt(n), 0, atol=4)
        assert_allclose(np.cov(cloud.T) / np.outer(sd, sd), covariance[g] / np.outer(sd, sd), atol=0.04)
    assert joint(DRAWS, NAMES).marginal("b").sample(3).shape == (3, 1)
    assert np.array_equal(mixtures.sample(5, seed=2), mixtures.sample(5, seed=2))


def test_pieces_add_up(monkeypatch):
    mixtures = joint(DRAWS, NAMES).conditional({"a": np.linspace(-3, 3, 7)})
    x = np.random.default_rng(0).normal(size=(9, 2))
    before = (mixtures.density(x), mixtures.moments(), mixtures.predict_proba(x))
    monkeypatch.setattr(parts, "AT_ONCE", 100)
    monkeypatch.setattr(parts, "KEPT", 40)
    after = (mixtures.density(x), mixtures.moments(), mixtures.predict_proba(x))
    for ours, theirs in zip(before[:2], after[:2], strict=True):
        for name in ours:
            assert_allclose(ours[name], theirs[name], rtol=1e-12)
    assert_allclose(before[2], after[2], rtol=1e-12)


def test_memory_is_bounded():
    mixtures = joint(draws_of(1000, 3, 4), list("abcd")).conditional({"a": np.linspace(-5, 5, 200)})
    tracemalloc.start()
    mixtures.moments()
    mixtures.marginal("b").density(np.linspace(-5, 5, 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100e6


def test_near_singular_components_keep_their_digits():
    """The factor of a part is found from the factor, not from the covariance, whose condition is the square."""
    root = np.array([[1.0, 0.0], [1.0, 1e-9]])
    draws = Params(np.ones((1, 1)), np.zeros((1, 1, 2)), root[None, None], np.full((1, 2, 2), np.nan))
    given = joint(draws, ["a", "b"]).conditional({"b": 2.0}).params()
    assert_allclose(given.means[0, 0], 2.0)
    assert_allclose(given.factors[0, 0], 1e-9, rtol=1e-6)


def test_a_mixture_over_a_line_has_one_feature():
    draws = line.Params(np.full((2, 3, 2), 0.5), np.zeros((2, 3, 2)), np.ones((2, 3, 2)), np.full((2, 3), np.nan))
    found = joint(draws, ["x"]).marginal("x").density([0.0])
    assert_allclose(found.density, 1 / np.sqrt(2 * np.pi))
    with pytest.raises(ValueError, match="but not of all; got those of x"):
        joint(draws, ["x"]).conditional({"x": 3.0})


def test_names_that_datasets_use_themselves_are_no_trouble():
    names = ["mean", "density", "at"]
    found = joint(DRAWS, names).conditional({"mean": [0.0, 1.0]})
    assert found.density(np.zeros((3, 2))).density.dims == ("mean_", "point")
    assert found.moments()["mean"].sel(feature="density").dims == ("mean_",)


def test_it_says_what_it_is():
    mixtures = joint(DRAWS, NAMES).conditional({"a": 3.0, "b": [1, 2]})
    assert repr(mixtures) == "<Mixtures of c given a = 3, 2 values of b: 10 draws, 2 components>"


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda m: m.marginal(["a", "z"]), "no feature 'z'; there are a, b, c"),
        (lambda m: m.marginal([]), "one or more of a, b, c"),
        (lambda m: m.marginal(["a", "a"]), "none of them twice"),
        (lambda m: m.conditional({"z": 1}), "no feature 'z'"),
        (lambda m: m.conditional({"a": 1}).marginal("a"), "no feature 'a'; there are b, c"),
        (lambda m: m.conditional({}), "got those of none"),
        (lambda m: m.conditional({"a": 1, "b": 2, "c": 3}), "not of all; got those of a, b, c"),
        (lambda m: m.conditional({"a": [1, 2], "b": [1, 2, 3]}), "one length; got 2 of a, 3 of b"),
        (lambda m: m.conditional({"a": [[1.0, 2.0]]}), "a has 2 columns"),
        (lambda m: m.conditional({"a": []}), "a is empty"),
        (lambda m: m.conditional({"a": [1, np.nan]}), "a has 1 of 2 values NaN"),
        (lambda m: m.conditional({"a": np.inf}), "a has 1 of 1 values NaN"),
        (lambda m: m.density([1.0, 2.0, 3.0]), r"x has shape \(3,\); give one row as \(1, 3\)"),
        (lambda m: m.density(np.zeros((4, 2))), "fitted to 3: a, b, c"),
        (lambda m: m.density([[np.inf, 1, 2]]), "infinite"),
        (lambda m: m.density(np.zeros((2, 3)), prob=1), "prob is a probability"),
        (lambda m: m.moments(0), "prob is a probability"),
        (lambda m: m.sample(0), "n is a whole number"),
        (lambda m: joint(DRAWS, ["a", "b"]), "give 3 different ones"),
    ],
)
def test_what_cannot_be_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        wrong(joint(DRAWS, NAMES))


def test_text_is_refused():
    with pytest.raises(TypeError, match="a must hold numbers"):
        joint(DRAWS, NAMES).conditional({"a": "three"})
