"""Names that follow from the posterior: not from the sampler's labels, the order of chains, or the seed."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.stats import multivariate_normal

import mixtura as mx
from mixtura.line.records import Params
from mixtura.posterior import relabel
from mixtura.rows.records import Params as RowParams

SHAPE = (3, 120)
KINDS = ["apart", "along the last", "concentric", "overlapping", "tied", "emptying"]


def problem(seed, d=None):
    """Draws (c, s, k) about k components of 1 to 4 features, labels scrambled in each, and the same unscrambled."""
    rng = np.random.default_rng(seed)
    kind, k = KINDS[seed % len(KINDS)], int(rng.integers(2, 8))
    d = int(rng.integers(1, 5)) if d is None else d
    spread = {"concentric": 0.0, "overlapping": 1.0}.get(kind, 6.0) * np.ones(d)
    if kind == "along the last":
        spread[:-1] = 0
    centres, sizes = rng.normal(size=(k, d)) * spread, np.exp(rng.normal(size=k) * (kind != "tied"))
    empty = (kind == "emptying") * (rng.random(SHAPE) < 0.3)[..., None] * (np.arange(k) == 0)  # as one too many does
    weights = rng.dirichlet(np.full(k, 20.0), SHAPE) * np.where(empty, 0.01, 1)
    weights /= weights.sum(-1, keepdims=True)
    means = centres + (np.where(empty, 8, 0.2 * sizes)[..., None]) * rng.normal(size=(*SHAPE, k, d))
    scales = sizes * np.exp(0.1 * rng.normal(size=(*SHAPE, 1 if kind == "tied" else k)))
    if d == 1:
        straight = Params(weights, means[..., 0], scales, np.full(SHAPE, np.nan))
    else:
        root = np.linalg.cholesky(0.3 + 0.7 * np.eye(d))
        straight = RowParams(weights, means, scales[..., None, None] * root, np.full((*SHAPE, d, d), np.nan))
    return scrambled(straight, rng), straight


def scrambled(params, rng):
    k = params.weights.shape[-1]
    return params.permute(rng.permuted(np.broadcast_to(np.arange(k), params.weights.shape), axis=-1))


def first_means(params):
    return params.means if isinstance(params, Params) else params.means[..., 0]


def loss(params):
    """Up to a constant, what the labels of draws cost."""
    components = relabel.components_of(params)
    labels = np.broadcast_to(np.arange(len(components.weights))[:, None], components.weights.shape)
    cost = relabel.divergences(components, relabel.reference(components, labels))
    return np.take_along_axis(cost, labels[None], 0).sum() / labels.shape[1]


@pytest.mark.parametrize("seed", range(18))
def test_the_reported_means_ascend(seed):
    draws, _ = problem(seed)
    found = first_means(draws.permute(relabel.by_divergence(draws)))
    assert (np.diff(found.mean((0, 1))) >= 0).all()


@pytest.mark.parametrize("seed", range(18))
def test_neither_labels_nor_the_order_of_chains_and_draws_changes_names(seed):
    draws, straight = problem(seed)
    found, same = (params.permute(relabel.by_divergence(params)) for params in (draws, straight))
    rng = np.random.default_rng(seed)
    chains, places = rng.permutation(SHAPE[0]), np.sort(rng.permutation(SHAPE[1]))[::-1]
    turned = type(draws)(*(block[chains] for block in scrambled(draws, rng)))
    turned = turned.permute(relabel.by_divergence(turned))
    back = type(draws)(*(block[:, places] for block in draws))
    back = back.permute(relabel.by_divergence(back))
    for block, one, two, three in zip(found[:3], same[:3], turned[:3], back[:3], strict=True):
        np.testing.assert_array_equal(one, block)
        np.testing.assert_array_equal(two, block[chains])
        assert (three != block[:, places]).mean() < 0.02  # other draws were looked at first


@pytest.mark.parametrize("seed", range(18))
def test_no_other_start_finds_labels_that_cost_less(seed):
    """The true labels, those by each parameter, and chance ones, followed until they settle."""
    draws, straight = problem(seed)
    found = loss(draws.permute(relabel.by_divergence(draws)))
    rng = np.random.default_rng(seed)
    starts = [straight, draws, scrambled(draws, rng)]
    starts += [draws.permute(relabel.by_value(values)) for values in (first_means(draws), draws.weights)]
    for start in starts:
        components = relabel.components_of(start)
        here = np.broadcast_to(np.arange(len(components.weights))[:, None], components.weights.shape)
        labels, _ = relabel.settled(components, here)
        other = start.permute(np.argsort(labels, axis=0).T.reshape(start.weights.shape))
        assert found <= loss(other) + 2e-3 * abs(found)


@pytest.mark.parametrize("seed", range(0, 18, 5))
def test_every_step_lowers_the_loss(seed):
    """The reference is the best for its labels, and the labels are the best for their reference."""
    components = relabel.components_of(problem(seed)[0])
    labels = np.broadcast_to(np.arange(len(components.weights))[:, None], components.weights.shape)
    rng, before = np.random.default_rng(seed), np.inf
    for _ in range(4):
        best = relabel.reference(components, labels)
        cost = relabel.divergences(components, best)
        now = np.take_along_axis(cost, labels[None], 0).sum()
        assert now <= before
        moved = best._replace(means=best.means + 0.05 * rng.normal(size=best.means.shape))
        tilted = best._replace(weights=best.weights ** rng.uniform(0.5, 0.9) / (best.weights**0.9).sum())
        wider = best._replace(covariances=best.covariances * rng.uniform(0.7, 1.4, (len(best.weights), 1, 1)))
        tilted = tilted._replace(weights=tilted.weights / tilted.weights.sum())
        for other in (moved, tilted, wider):
            worse = np.take_along_axis(relabel.divergences(components, other), labels[None], 0).sum()
            assert worse > now
        labels = relabel.nearest(cost)
        before = np.take_along_axis(cost, labels[None], 0).sum()
        assert before <= now
        for s in range(0, labels.shape[1], 40):
            np.testing.assert_array_equal(labels[:, s], linear_sum_assignment(cost[:, :, s].T)[1])


def test_the_cost_of_a_label_is_a_divergence():
    """Kullback and Leibler's, of a component with its weight, by its textbook integral over a grid of draws' points."""
    draws, _ = problem(3 + 2 * len(KINDS))
    components = relabel.components_of(draws)
    d, k, _ = components.means.shape
    best = relabel.reference(components, np.argsort(np.argsort(components.weights, axis=0), axis=0))
    cost, rng = relabel.divergences(components, best), np.random.default_rng(0)
    for i in range(k):
        mean = components.means[:, i, 7]
        covariance = components.covariances[:, i, 7].reshape(d, d)
        points = rng.multivariate_normal(mean, covariance, 100_000)
        logs = [
            multivariate_normal(best.means[j], best.covariances[j]).logpdf(points) + np.log(best.weights[j])
            for j in range(k)
        ]
        wanted = -2 * components.weights[i, 7] * np.mean(logs, axis=-1)  # the constant: d log(2 pi) and an entropy
        apart = cost[:, i, 7] - wanted
        np.testing.assert_allclose(apart - apart.mean(), 0, atol=0.02 * np.abs(wanted).max())


def test_a_component_on_a_point_and_one_without_weight_move_no_label():
    draws, straight = problem(0, d=1)
    found = draws.permute(relabel.by_divergence(draws))
    for block, value in (("scales", 1e-150), ("weights", 0.0)):
        spoilt = getattr(straight, block).copy()
        spoilt[1, 3, 0] = value
        other = straight._replace(**{block: spoilt})
        other = other.permute(relabel.by_divergence(other))
        kept = np.ones(SHAPE, bool)
        kept[1, 3] = False
        np.testing.assert_array_equal(other.means[kept], found.means[kept])


@pytest.mark.parametrize("scale", [1e-140, 1.0, 1e140])
def test_units_and_places_change_no_names(scale):
    draws, _ = problem(18, d=1)
    moved = draws._replace(means=(draws.means + 1e6) * scale, scales=draws.scales * scale)
    np.testing.assert_array_equal(relabel.by_divergence(moved), relabel.by_divergence(draws))


REPEATED = mx.GaussianMixture(
    n_components=2, means=mx.Normal(1, 3), variances=mx.InverseGamma(3, 2), weights=mx.Dirichlet(2)
)


def test_names_do_not_change_with_the_seed():
    """Every value twice: names once followed whether a mean lay 1 sd beside another, to which seeds said yes or no."""
    rng = np.random.default_rng(1)
    x = np.repeat(rng.normal(np.array([0, 2.2])[rng.choice(2, 40)], 1), 2)
    tables = [REPEATED.sample(x, draws=2000, seed=seed).summary() for seed in range(5)]
    for name in ("mean[0]", "mean[1]", "weight[0]", "scale[0]", "scale[1]"):
        means, errors = (np.array([table.loc[name, column] for table in tables]) for column in ("mean", "mcse_mean"))
        assert np.abs(means - means.mean()).max() < 4.5 * errors.max(), name
    assert all(table.loc["mean[0]", "mean"] < table.loc["mean[1]", "mean"] - 0.5 for table in tables)


@pytest.mark.parametrize("k", [2, 3, 4, 6])
def test_galaxies_come_in_order_of_their_means(k):
    fit = mx.GaussianMixture(n_components=k).sample(mx.datasets.galaxies(), draws=250, warmup=250, seed=k)
    means = fit.posterior["mean"].mean(("chain", "draw")).to_numpy()
    assert (np.diff(means) > 0).all()
    table = fit.summary()
    assert (np.diff([table.loc[f"mean[{j}]", "mean"] for j in range(k)]) > 0).all()


def test_means_that_are_one_number_leave_the_order_to_the_size():
    rng = np.random.default_rng(2)
    x = np.concatenate([rng.normal(0, 1, 80), rng.normal(0, 6, 80)])
    model = mx.GaussianMixture(n_components=2, means=mx.Fixed(0.0), scales=mx.HalfNormal(5))
    for seed in range(3):
        scales = model.sample(x, draws=100, warmup=200, seed=seed).posterior["scale"].mean(("chain", "draw"))
        assert scales[0] < 0.5 * scales[1]
