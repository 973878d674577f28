"""Saved fits from strangers: what does not fit together, is out of its support, or declares more than it holds, is
refused in one line, with the reason, in little memory."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys

import h5py
import numpy as np
import pytest

import mixtura as mx

MEMORY = 3_000_000_000  # bytes of addresses, libraries included, that reading a small file may take


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Fits of a column and of rows, saved."""
    folder, rng = tmp_path_factory.mktemp("fits"), np.random.default_rng(1)
    options = {"draws": 8, "warmup": 8, "chains": 2, "seed": 1, "progress": False}
    x = np.r_[rng.normal(size=20), rng.normal(9, 1, 20)]
    mx.GaussianMixture(n_components=2).sample(x, **options).save(folder / "column.nc")
    rows = np.column_stack([x, rng.normal(size=40)])
    for kind in ("full", "diagonal"):
        model = mx.GaussianMixture(n_components=2, covariance=kind)
        model.sample(rows, algorithm="gibbs", **options).save(folder / f"{kind}.nc")
    return folder


@pytest.fixture
def changed(saved, tmp_path):
    """A copy of a file after a change."""

    def change(name, how):
        path = tmp_path / name
        shutil.copy(saved / name, path)
        with h5py.File(path, "r+") as file:
            how(file)
        return path

    return change


def put(block, value, at=(0, 0)):
    def how(file):
        values = file[block][...]
        values[at] = value
        file[block][...] = values

    return how


def shape(block, *shape, **options):
    """Another dataset under that name, whose numbers are not there."""

    def how(file):
        kind = file[block].dtype
        del file[block]
        file.create_dataset(block, shape, kind, **options)

    return how


def attribute(name, value):
    return lambda file: file.attrs.__setitem__(name, value)


def model(**changes):
    def how(file):
        file.attrs["model"] = json.dumps(json.loads(file.attrs["model"]) | changes)

    return how


def drop(name):
    def how(file):
        if name in file:
            del file[name]
        else:
            del file.attrs[name]

    return how


def elsewhere(file):
    values = file["posterior/mean"].shape
    del file["posterior/mean"]
    file.create_dataset("posterior/mean", values, "f8", external=[("/dev/zero", 0, h5py.h5f.UNLIMITED)])


def linked(file):
    del file["posterior"]
    file["posterior"] = h5py.ExternalLink("full.nc", "/posterior")


HOSTILE = {
    "weights of 7": ("column.nc", put("posterior/weight", 7), "weights are not within 0 and 1"),
    "weights of less than 0": ("column.nc", put("posterior/weight", [-0.5, 1.5]), "weights are not within 0 and 1"),
    "weights that do not add up": ("full.nc", put("posterior/weight", 0.25), "weights do not add up to 1"),
    "a mean of nan": ("column.nc", put("posterior/mean", np.nan), "mean holds numbers that are not finite"),
    "an infinite mean": ("full.nc", put("posterior/mean", -np.inf), "mean holds numbers that are not finite"),
    "a negative scale": ("column.nc", put("posterior/scale", -1), "scales are not positive"),
    "a scale of 0": ("diagonal.nc", put("posterior/scale", 0), "scales are not positive"),
    "a matrix that is no covariance": ("full.nc", put("posterior/covariance", -np.eye(2)), ""),
    "a matrix that is askew": ("full.nc", put("posterior/covariance", [[2, 0.9], [0, 2]]), "a matrix is not symmetric"),
    "a negative rate": ("column.nc", put("posterior/rate", -1), "rates are not positive"),
    "infinite data": ("column.nc", put("observed_data/x", np.inf, 3), "its data are none that can be fitted"),
    "data of nan": ("full.nc", put("observed_data/x", np.nan, 3), "its data are none that can be fitted"),
    "constant data": ("full.nc", put("observed_data/x", 1.0, slice(None)), "its data are none that can be fitted"),
    "negative frequencies": ("column.nc", put("constant_data/weights", -1, 3), "its data are none that can be fitted"),
    "a log density of nan": ("column.nc", put("sample_stats/lp", np.nan), "lp holds numbers that are not finite"),
    "an order that is none": ("column.nc", put("sample_stats/order", 1), "order is not made of permutations"),
    "components that are not there": ("column.nc", put("sample_stats/occupied", 3), "occupied counts no components"),
    "other means": ("column.nc", shape("posterior/mean", 2, 8, 3), ""),
    "means of one chain": ("column.nc", shape("posterior/mean", 1, 8, 2), "mean is (1, 8, 2), where its model has"),
    "other draws": ("column.nc", shape("sample_stats/lp", 2, 9), "lp is not (chain, draw)"),
    "other data": ("column.nc", shape("constant_data/weights", 41), "its data are none"),
    "no order": ("column.nc", drop("sample_stats/order"), ""),
    "no weights": ("column.nc", drop("posterior/weight"), ""),
    "no data": ("column.nc", drop("observed_data"), ""),
    "no seed": ("column.nc", drop("seed"), "seed is None"),
    "nodes of text": ("column.nc", attribute("nodes", "abc"), "nodes is 'abc'"),
    "a certificate of nan": ("column.nc", attribute("certificate", np.nan), "certificate is nan"),
    "a seed of text": ("column.nc", attribute("seed", "abc"), "seed is 'abc'"),
    "a name that is a number": ("column.nc", attribute("name", 3), "name is 3"),
    "three features": ("full.nc", attribute("features", ["a", "b", "c"]), "features are"),
    "a feature twice": ("full.nc", attribute("features", ["a", "a"]), "features are"),
    "no JSON": ("column.nc", attribute("model", "{"), ""),
    "deep JSON": ("column.nc", attribute("model", "[" * 60000), ""),
    "10**9 components": ("column.nc", model(n_components=10**9), "its model has 1000000000 components, its draws 2"),
    "10**9 features": ("full.nc", model(n_features=10**9), "its model has 1000000000 features"),
    "a prior left out": ("column.nc", model(means=None), "its model does not say every prior"),
    "3e8 points": ("column.nc", shape("observed_data/x", 300_000_000), "it declares 2.4e+09 bytes of numbers"),
    "3e8 points in chunks": (
        "column.nc", shape("observed_data/x", 300_000_000, chunks=(1000,), compression="gzip"), "it declares 2.4e+09",
    ),
    "10**9 draws": ("column.nc", shape("sample_stats/order", 2, 10**9, 2), "it declares"),
    "numbers from another file": ("column.nc", elsewhere, "/posterior/mean lies in another file"),
    "a link to another file": (
        "column.nc", linked, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "how", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_what_no_fit_holds_is_refused(changed, name, how, reason):
    path = changed(name, how)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match="is not a fit saved by mixtura") as refused:
        mx.load(path)
    assert reason in str(refused.value)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000, "kB"


@pytest.mark.parametrize("name", ["column.nc", "full.nc", "diagonal.nc"])
def test_what_was_saved_comes_back(saved, name, tmp_path):
    fit = mx.load(saved / name)
    fit.save(tmp_path / "again.nc")
    again = mx.load(tmp_path / "again.nc")
    assert again.model == fit.model
    assert again.attrs == fit.attrs
    for group in ("posterior", "sample_stats"):
        for block, values in getattr(fit, group).data_vars.items():
            assert getattr(again, group)[block].dtype == values.dtype
            np.testing.assert_allclose(getattr(again, group)[block], values, rtol=1e-12, atol=1e-15)


def test_a_file_that_xarray_compressed_is_read(saved, tmp_path):
    tree = mx.load(saved / "full.nc").to_datatree()
    packed = {"zlib": True, "complevel": 9}
    encoding = {path: dict.fromkeys(node.data_vars, packed) for path, node in tree.subtree_with_keys if node.data_vars}
    tree.to_netcdf(tmp_path / "packed.nc", engine="h5netcdf", encoding={f"/{path}": v for path, v in encoding.items()})
    np.testing.assert_array_equal(mx.load(tmp_path / "packed.nc").x, mx.load(saved / "full.nc").x)


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, 0.999])
def test_a_damaged_file_is_one_line(saved, tmp_path, at):
    content = (saved / "column.nc").read_bytes()
    (tmp_path / "cut.nc").write_bytes(content[: int(at * len(content))])
    done = subprocess.run(
        [sys.executable, "-m", "mixtura", "show", tmp_path / "cut.nc"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert "is not a fit saved by mixtura" in line
