"""Large data: a fit of a file mapped into memory, of nodes that stand for it, and answers about many points."""

from __future__ import annotations

import tracemalloc
from io import StringIO

import numpy as np
import pytest
import xarray as xr
from rich.console import Console

import mixtura as mx
from mixtura.console import print_fit
from mixtura.fit import Fit
from mixtura.line import propriety
from mixtura.line.propriety import MOST, distinct, repeats
from mixtura.posterior import diagnose, predict, store
from mixtura.reading import chunks
from mixtura.reading.data import Points

N = 3 * MOST
MODEL = mx.GaussianMixture(n_components=2, means=mx.Normal(0, 5), scales=mx.HalfNormal(2), weights=mx.Dirichlet(1))


@pytest.fixture(scope="module")
def small():
    return MODEL.sample(np.random.default_rng(0).normal([-3, 3], 1, (50, 2)).ravel(), draws=400, warmup=200, seed=1)


@pytest.fixture(scope="module")
def mapped(tmp_path_factory):
    """Numbers in a file, read where they lie, each counted once by a weight that takes no room."""
    path = tmp_path_factory.mktemp("data") / "x.npy"
    np.save(path, np.random.default_rng(1).normal(size=N))
    return Points(np.load(path, mmap_mode="r"), np.broadcast_to(1.0, N))


def fit_of(small, data, **attributes):
    """The draws of a small fit as if they were of other data."""
    old = small._record
    return Fit(store.record_of(MODEL, data, old.params, old.stats, old.attributes | {"nodes": N} | attributes))


def test_no_array_as_long_as_the_data_is_made(small, mapped, monkeypatch):
    monkeypatch.setattr(propriety, "MOST", 1 << 16)
    repr(small)  # loads pandas
    tracemalloc.start()
    fit = fit_of(small, mapped, nodes=312, certificate=2.1e-5)
    console = Console(file=StringIO(), width=80)
    print_fit(console, fit)
    shown = repr(fit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert np.shares_memory(fit.x, mapped.x)
    assert fit.weights.strides == (0,)
    assert peak < 8 * N / 3
    line = "3,145,728 points read as 312 nodes; log-likelihood within 2.1e-05 nats (certificate)"
    assert line in shown.splitlines()
    assert line in console.file.getvalue().splitlines()


def test_the_certificate_is_kept_and_judged(small, mapped):
    good, poor = (fit_of(small, mapped, nodes=312, certificate=c) for c in (2.1e-5, 0.2))
    assert (good.attrs["nodes"], good.attrs["certificate"]) == (312, 2.1e-5)
    assert good.summary().attrs["certificate"] == 2.1e-5
    assert good.warnings == ()
    (said,) = poor.warnings
    assert said.startswith("rough compression: the log-likelihood of 312 nodes is up to 2.0e-01 nats from")
    assert "compress=False" in said


def test_a_fit_that_reads_every_point_says_nothing_of_nodes(small):
    assert (small.attrs["nodes"], small.attrs["certificate"]) == (100, 0.0)
    assert small.compression == ""
    assert "nodes" not in repr(small)


def test_files_from_before_compression_are_read(small, tmp_path):
    tree = small.to_datatree()
    for node in tree.subtree:
        node.attrs = {name: value for name, value in node.attrs.items() if name not in ("nodes", "certificate")}
    tree.to_netcdf(tmp_path / "old.nc", engine="h5netcdf")
    with xr.open_datatree(tmp_path / "old.nc", engine="h5netcdf") as stored:
        assert "nodes" not in stored.attrs
    again = mx.load(tmp_path / "old.nc")
    assert (again.attrs["nodes"], again.attrs["certificate"]) == (100, 0.0)
    assert repr(again) == repr(small)


def test_nodes_are_saved(small, mapped, tmp_path):
    few = Points(mapped.x[:500], mapped.weights[:500])
    fit = fit_of(small, few, nodes=12, certificate=3e-6)
    fit.save(tmp_path / "fit.nc")
    again = mx.load(tmp_path / "fit.nc")
    assert again.compression == fit.compression != ""
    np.testing.assert_array_equal(again.weights, np.ones(500))


def test_answers_do_not_depend_on_the_cores(small, monkeypatch):
    x = np.random.default_rng(2).normal(0, 4, 3 * predict.ROWS + 100)
    asked = (small.predict_proba, small.predict, small.score_samples)
    several = [ask(x) for ask in asked]
    monkeypatch.setattr(chunks, "cores", lambda: 1)
    alone = [ask(x) for ask in asked]
    for one, other in zip(alone, several, strict=True):
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(several[1], several[0].argmax(1))
    np.testing.assert_array_equal(small.predict_proba(x[-5:]), several[0][-5:])


def test_the_likelihood_of_many_points_is_that_of_each(small, mapped):
    x = mapped.x[: 2 * predict.ROWS + 7]
    few = fit_of(small, Points(x, np.ones(x.size)))
    whole = few.log_likelihood.to_numpy()
    assert whole.shape == (4, 400, x.size)
    for part in (slice(3), slice(predict.ROWS - 1, predict.ROWS + 2), slice(-3, None)):
        np.testing.assert_array_equal(whole[..., part], predict.log_likelihood(x[part], small.params()))


def test_equal_points_are_read_once_and_answered_each(small, monkeypatch):
    read = []
    real = predict._memberships
    monkeypatch.setattr(predict, "_memberships", lambda x, draws: read.append(x.size) or real(x, draws))
    x = np.random.default_rng(3).integers(-5, 5, 5000).astype(float)
    found = small.predict_proba(x)
    assert sum(read) == 10
    np.testing.assert_array_equal(found[:7], small.predict_proba(x[:7]))


@pytest.mark.parametrize("weights", [np.ones(6), np.array([1.0, 2, 1, 1, 1, 0.5]), np.broadcast_to(3.0, 6)])
def test_distinct_values(weights):
    x = np.array([4.0, 1, 4, 2, 1, 1])
    found = distinct(Points(x, weights))
    np.testing.assert_array_equal(found.x, [1, 2, 4])
    np.testing.assert_array_equal(found.weights, [weights[x == value].sum() for value in (1, 2, 4)])


def test_of_many_points_evenly_spaced_ones_are_looked_at(mapped):
    assert repeats(mapped).size == MOST
    rounded = Points(np.round(mapped.x), mapped.weights)
    np.testing.assert_allclose(repeats(rounded)[0] / MOST, 0.3829, atol=0.003)  # of a normal, within a half of 0


def test_a_component_on_one_of_many_values_is_found(small, monkeypatch):
    """Few draws are asked where values are many, and say the same."""
    x = np.concatenate([np.full(40, -3.0), np.random.default_rng(4).normal(3, 1, 2000)])
    params = small.params()
    spike = params._replace(scales=params.scales * [1e-6, 1.0], means=params.means * [0, 1] + [-3.0, 0])
    record = small._record._replace(data=Points(x, np.ones(x.size)), params=spike)
    said = diagnose._collapsed(record, small.estimates)
    assert said.startswith("collapsed components: 0 hold nothing but copies")
    monkeypatch.setattr(diagnose, "MOST_LOOKS", 10 * x.size)
    assert diagnose._collapsed(record, small.estimates) == said
