"""Answers about points as a data frame of the kind that the points came in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mixtura.arguments import one_of
from mixtura.arrays import Floats
from mixtura.reading.containers import framed

OUTPUTS = ("array", "frame")


def check_output(output: str) -> None:
    """One of OUTPUTS, or an error."""
    one_of(output, OUTPUTS, "output")


def probabilities(shares: Floats) -> dict[str, NDArray[Any]]:
    """Memberships (n, k) as columns.

    >>> list(probabilities(np.array([[0.25, 0.75]])))
    ['probability_0', 'probability_1']
    """
    return {f"probability_{j}": np.ascontiguousarray(shares[:, j]) for j in range(shares.shape[1])}


def predictions(shares: Floats) -> dict[str, NDArray[Any]]:
    """Memberships (n, k), the label that each row makes most probable, and how uncertain that is: 1 less the largest.

    >>> {name: values.tolist() for name, values in predictions(np.array([[0.25, 0.75]])).items()}
    {'label': [1], 'probability_0': [0.25], 'probability_1': [0.75], 'uncertainty': [0.25]}
    """
    return {"label": shares.argmax(1), **probabilities(shares), "uncertainty": 1.0 - shares.max(1)}


def frame_like(x: Any, columns: Mapping[str, NDArray[Any]]) -> Any:
    """Columns as a data frame of the kind of x, with its index: pandas, polars, pyarrow, or an xarray Dataset.

    A series makes a data frame of its library. What comes from no library of data frames makes a pandas one.

    >>> import polars as pl
    >>> frame_like(pl.Series([0.5, 2.5]), {"label": np.array([0, 1])}).shape
    (2, 1)
    """
    if type(x).__module__.startswith("xarray"):
        import xarray as xr

        along = x.dims[0] if isinstance(x, xr.DataArray) else next(iter(x.dims))
        kept = {name: values for name, values in x.coords.items() if values.dims == (along,)}
        return xr.Dataset({name: (along, values) for name, values in columns.items()}, coords=kept)
    import narwhals as nw

    like = framed(x)
    if not isinstance(like, nw.DataFrame | nw.Series):
        import pandas as pd

        return pd.DataFrame(dict(columns))
    frame = nw.from_dict(dict(columns), backend=like.implementation).to_native()
    index = nw.maybe_get_index(like)
    if index is not None:
        frame.index = index
    return frame
