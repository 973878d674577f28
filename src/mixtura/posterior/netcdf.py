"""A fit's file, netCDF: xarray writes it, h5py reads it, and nothing in it is believed before it is checked.

A file may come from a stranger, or be damaged. What it declares is compared with its size before a number is read; what
it holds is then held to the supports of what it says it is (`sound`).
"""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.model import GaussianMixture
from mixtura.outputs import reserve, whole
from mixtura.posterior import sound
from mixtura.posterior.heaps import check_heaps
from mixtura.posterior.sound import Unsound, need
from mixtura.posterior.store import Record, usual
from mixtura.posterior.variables import DIMS, FEATURES, filled
from mixtura.reading.data import Points

if TYPE_CHECKING:
    import h5py
    import xarray as xr

Block = np.ndarray[Any, Any]
GROUPS = ("posterior", "sample_stats", "observed_data", "constant_data")
AXES = (*DIMS, *FEATURES, "point")  # variables of these names number an axis
OVERHEAD = 1 << 18  # bytes of a file beside its numbers
ROOM, RATIO = 1 << 26, 32  # bytes of numbers that any file may hold, and more for each of its own, if compressed
MOST_FEATURES = 4096
ROOM_OF_FACTORS = 1 << 30


def write(tree: xr.DataTree, path: str | PathLike[str]) -> None:
    """Write a tree to a netCDF file, once there is room for it: HDF5 crashes on a full disk."""
    with whole(path) as place:
        reserve(place, tree.nbytes + OVERHEAD)
        tree.to_netcdf(place, engine="h5netcdf")


def read(path: str | PathLike[str]) -> Record:
    """The record in a netCDF file that `write` wrote.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it is not a whole one, or holds what no fit of mixtura does; the message says what.
    """
    import h5py

    path = Path(path)
    try:
        if not path.exists():
            raise FileNotFoundError(f"there is no file {str(path)!r}")
        need(path.is_file(), "it is no ordinary file")
        check_heaps(path)
        with h5py.File(path, "r") as file:
            attributes = {str(name): _plain(file.attrs[name]) for name in file.attrs if name[0] != "_"}
            return record_in(_blocks(file, path.stat().st_size), attributes, path.stat().st_size)
    except FileNotFoundError:
        raise
    except Exception as error:  # whatever HDF5, JSON or numpy say of what is not there
        reason = f": {error}" if isinstance(error, Unsound) else ""
        raise ValueError(
            f"{str(path)!r} is not a fit saved by mixtura (netCDF from Fit.save or --out){reason}"
        ) from error


def record_in(blocks: dict[str, dict[str, Block]], attributes: dict[str, Any], size: int) -> Record:
    """What `store.tree_of` put into a tree, from its groups' arrays and its attributes, checked."""
    x, weights = blocks["observed_data"]["x"], blocks["constant_data"]["weights"]
    stats, draws = dict(blocks["sample_stats"]), blocks["posterior"]
    order = stats.pop("order")
    need(order.ndim == 3 and order.dtype.kind == "i" and order.size > 0, "order is not (chain, draw, component)")
    shape = (*order.shape, *x.shape[1:])
    model = _model(attributes.pop("model"), shape)
    data = sound.data(Points(x, weights), model)
    if len(shape) == 4:
        d = shape[-1]
        need(d <= MOST_FEATURES and 8 * order.size * d * d <= ROOM_OF_FACTORS + d * size, f"{d} features are too many")
    params = filled(model, draws, shape)
    record = Record(model, data, params, stats, order, usual(data) | attributes)
    sound.check(record, draws)
    return record


def _model(text: Any, shape: tuple[int, ...]) -> GaussianMixture:
    """The model, whose size is compared with that of the draws before arrays are made."""
    written = json.loads(text)
    k, d = shape[2], shape[3] if len(shape) == 4 else 1
    need(written["n_components"] == k, f"its model has {written['n_components']} components, its draws {k}")
    need(written["n_features"] in (None, d), f"its model has {written['n_features']} features, its data {d}")
    model = GaussianMixture.from_dict(written)
    spread = model.scales or model.variances or model.covariances
    need(None not in (model.means, model.weights, spread), "its model does not say every prior")
    return model


def _blocks(file: h5py.File, size: int) -> dict[str, dict[str, Block]]:
    """Arrays of numbers by group and name, if all together are no more than a file of this size can tell."""
    import h5py

    found = {
        group: {
            str(name): file[group][name]
            for name in file[group]
            if name not in AXES and isinstance(file[group].get(name, getlink=True), h5py.HardLink)
        }
        for group in GROUPS
        if isinstance(file.get(group, getlink=True), h5py.HardLink)
    }
    datasets = [block for blocks in found.values() for block in blocks.values()]
    for block in datasets:
        need(isinstance(block, h5py.Dataset) and block.dtype.kind in "iufb", f"{block.name} holds no numbers")
        need(not block.is_virtual and block.external is None, f"{block.name} lies in another file")
    total = sum(block.size * max(block.dtype.itemsize, 8) for block in datasets)
    need(total <= ROOM + RATIO * size, f"it declares {total:.2g} bytes of numbers, and has {size}")
    return {group: {name: _values(block) for name, block in blocks.items()} for group, blocks in found.items()}


def _values(block: h5py.Dataset) -> Block:
    values = np.asarray(block[()])
    if block.attrs.get("dtype") == "bool":
        return values.astype(bool)
    return values.astype(np.float64 if values.dtype.kind == "f" else np.int64)


def _plain(value: Any) -> Any:
    """An attribute as text, a number or a list of them."""
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.ndarray) and value.dtype.kind in "OSUif":
        values = [_plain(each) for each in value.ravel().tolist()]
        return values[0] if len(values) == 1 and not isinstance(values[0], str) else values
    return value.item() if isinstance(value, np.generic) else value
