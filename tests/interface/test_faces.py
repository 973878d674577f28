"""What a fit takes and gives where notebooks and other libraries meet it: seeds, single points, ArviZ."""

import numpy as np
import pytest

import mixtura as mx


@pytest.fixture(scope="module")
def fits():
    x = mx.datasets.galaxies()
    return {k: mx.GaussianMixture(n_components=k).sample(x, draws=400, warmup=300, seed=1) for k in (2, 3)}


def test_a_generator_is_a_seed_and_moves_on():
    x = mx.datasets.galaxies()
    one, two = np.random.default_rng(3), np.random.default_rng(3)
    model = mx.GaussianMixture(n_components=2)
    first, again, other = (model.sample(x, draws=10, warmup=10, seed=rng).params().means for rng in (one, two, one))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
    np.testing.assert_array_equal(mx.datasets.book(np.random.default_rng(0)), mx.datasets.book(0))
    model.optimize(x, seed=one)


def test_what_is_no_seed_is_refused(fits):
    for bad in (-1, 1.5, "a", True):
        with pytest.raises(ValueError, match="seed is a whole number of at least 0, a numpy Generator, or None"):
            mx.GaussianMixture(n_components=1).optimize(mx.datasets.galaxies(), seed=bad)
        with pytest.raises(ValueError, match="seed is a whole number"):
            fits[2].simulate(3, seed=bad)


@pytest.mark.filterwarnings("ignore")
def test_fits_are_compared_on_the_same_points_under_a_generator(fits):
    named = {str(k): fit for k, fit in fits.items()}
    drawn = mx.compare(named, subsample=20, seed=np.random.default_rng(5))
    assert drawn["elpd_diff"].iloc[0] == 0
    same = mx.compare(named, subsample=20, seed=np.random.default_rng(5))
    np.testing.assert_array_equal(drawn["elpd"], same["elpd"])


@pytest.mark.filterwarnings("ignore")
def test_a_comparison_has_a_face(fits):
    face = mx.compare({f"k = {k}": fit for k, fit in fits.items()})._repr_html_()
    assert "2 fits by how well they predict" in face
    assert "k = 2" in face
    assert "k = 3" in face
    assert "nan" not in face


@pytest.mark.filterwarnings("ignore")
def test_an_estimator_takes_a_generator():
    pytest.importorskip("sklearn")
    x = mx.datasets.galaxies()[:, None]
    given = {"draws": 20, "warmup": 20, "chains": 2}
    fitted = [mx.BayesianMixture(2, random_state=np.random.default_rng(1), **given).fit(x) for _ in range(2)]
    np.testing.assert_array_equal(fitted[0].means_, fitted[1].means_)
    np.testing.assert_array_equal(fitted[0].sample(3)[0], fitted[1].sample(3)[0])


@pytest.mark.parametrize("point", [20, 20.0, np.float64(20), np.array(20.0)])
def test_a_number_is_one_point(fits, point):
    fit, mode = fits[3], mx.GaussianMixture(n_components=3).optimize(mx.datasets.galaxies())
    np.testing.assert_array_equal(fit.predict_proba(point), fit.predict_proba([20.0]))
    np.testing.assert_array_equal(fit.predict(point), fit.predict([20.0]))
    np.testing.assert_array_equal(fit.score_samples(point), fit.score_samples([20.0]))
    np.testing.assert_array_equal(fit.density(point).density, fit.density([20.0]).density)
    np.testing.assert_array_equal(mode.predict(point), mode.predict([20.0]))


@pytest.mark.filterwarnings("ignore")  # ArviZ's own use of pandas
def test_arviz_leaves_points_out_of_a_tree_as_it_comes(fits):
    from arviz_stats import compare, loo

    trees = {str(k): fit.to_datatree() for k, fit in fits.items()}
    assert loo(trees["3"]).elpd == pytest.approx(fits[3].loo().elpd, abs=1e-8)
    assert compare(trees).index.tolist() == ["3", "2"]


def test_a_tree_of_counts_holds_log_likelihood_of_every_point_and_of_fractions_none():
    x = mx.datasets.galaxies()
    weighted = mx.GaussianMixture(n_components=1).sample(x, draws=10, warmup=10, weights=np.full(x.size, 2.0), seed=1)
    assert weighted.to_datatree()["log_likelihood"].sizes["point"] == 2 * x.size
    weighted = mx.GaussianMixture(n_components=1).sample(x, draws=10, warmup=10, weights=np.full(x.size, 0.5), seed=1)
    assert "log_likelihood" not in weighted.to_datatree().children


def test_a_mode_and_a_simulation_print_for_people():
    model = mx.GaussianMixture(n_components=3)
    printed = repr(model.optimize(mx.datasets.galaxies()))
    assert printed.startswith("Mode of 3 components in 82 points, 8 parameters\ncomponent 0: weight 0.09")
    assert "BIC" in printed
    assert "array(" not in printed
    params = {"weights": [0.5, 0.5], "means": [[0, 0], [5, 5]], "covariances": [[1, 0.5], [0.5, 1]]}
    printed = repr(mx.GaussianMixture(n_components=2).simulate(4, seed=1, params=params))
    assert printed.startswith("Simulation: 4 points of 2 features from 2 components\ncomponent 0: ")
    assert "array(" not in printed


def test_many_points_are_averaged_over_as_many_draws_as_accuracy_needs(fits, monkeypatch):
    from mixtura.posterior import predict

    x = np.tile([9.5, 19.0, 20.0, 22.0, 33.0], 600)
    proba, scores = fits[3].predict_proba(x), fits[3].score_samples(x)
    monkeypatch.setattr(predict, "MOST", 1)
    some = predict._enough(x, predict.flat(fits[3].params()), predict._memberships)
    assert 64 <= len(some.means) < 1600
    np.testing.assert_allclose(fits[3].predict_proba(x), proba, atol=0.015)
    np.testing.assert_allclose(fits[3].score_samples(x), scores, atol=0.015)
