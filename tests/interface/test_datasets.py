"""The shipped and the simulated data are those of their sources."""

from __future__ import annotations

import numpy as np

from mixtura import datasets
from mixtura.reading.data import dependent, names_of, points


def test_book():
    x = datasets.book()
    np.testing.assert_array_equal(x, np.random.default_rng(0).normal(np.repeat([9, 21, 35], [90, 50, 75]), 2))
    assert not np.array_equal(x, datasets.book(seed=1))


def test_gallery_is_exactly_the_gallerys():
    x = datasets.gallery()
    assert x.shape == (500,)
    np.testing.assert_allclose(x[0], 4.59121749, atol=5e-9)
    rng = np.random.default_rng(8927)
    idx = rng.integers(0, 3, 500)
    np.testing.assert_array_equal(x, rng.normal(np.array([-5, 0, 5])[idx], np.array([0.5, 2, 0.75])[idx]))


def test_galaxies():
    x = datasets.galaxies()
    assert x.shape == (82,)
    assert x[77] == 26.96
    assert (x.min(), x.max()) == (9.172, 34.279)
    np.testing.assert_allclose([np.mean(x), np.median(x)], [20.8315, 20.8335], atol=5e-4)


def test_faithful():
    data = datasets.faithful()
    assert np.column_stack(data).shape == (272, 2)
    np.testing.assert_allclose(data.eruptions.mean(), 3.4878, atol=5e-5)
    np.testing.assert_allclose(data.waiting.mean(), 70.897, atol=5e-4)
    assert data.waiting.flags.c_contiguous
    assert data.x.columns.tolist() == ["eruptions", "waiting"]
    np.testing.assert_array_equal(data.x, np.column_stack(data))


def test_iris():
    x, species = datasets.iris()
    assert x.shape == (150, 4)
    np.testing.assert_allclose(x.mean(), [5.843333, 3.057333, 3.758, 1.199333], atol=5e-7)
    np.testing.assert_array_equal(x.iloc[34], [4.9, 3.1, 1.5, 0.2])  # where the UCI repository's slips are
    np.testing.assert_array_equal(x.iloc[37], [4.9, 3.6, 1.4, 0.1])
    np.testing.assert_array_equal(species, np.repeat(["setosa", "versicolor", "virginica"], 50))


def test_wine():
    x, cultivar = datasets.wine()
    assert x.shape == (178, 13)
    assert {dtype.kind for dtype in x.dtypes} == {"f"}
    np.testing.assert_allclose(x[["alcohol", "magnesium", "proline"]].mean(), [13.000618, 99.741573, 746.893258])
    np.testing.assert_array_equal(cultivar, np.repeat(["Barolo", "Grignolino", "Barbera"], [59, 71, 48]))


def test_rows_pass_the_boundary():
    for given in (datasets.faithful(), datasets.iris(), datasets.wine()):
        read = points(given.x)
        np.testing.assert_array_equal(read.x, given.x)
        assert names_of(given.x) == tuple(given.x.columns)
        assert dependent(read, given.x.columns) == ()


def test_truth_agrees_with_the_data():
    for truth in (datasets.BOOK, datasets.GALLERY):
        np.testing.assert_allclose(truth.weights.sum(), 1)
        assert truth.weights.shape == truth.means.shape == truth.scales.shape == (3,)


def test_no_two_callers_share_an_array():
    for read in (datasets.galaxies, lambda: datasets.faithful().waiting):
        read()[:] = 0
        assert read().min() > 0
    x = datasets.iris().x
    x[:] = 0.0
    assert datasets.iris().x.min().min() > 0
