"""The boundary: whatever the user holds becomes checked points; nothing further inside checks data again."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any, NamedTuple, NoReturn

import numpy as np

from mixtura.params import Floats

LARGEST, SMALLEST = 1e150, 1e-150  # a size and a span whose squares a 64-bit float still holds
MANY = 1 << 20  # points: beyond, weights that are all 1 take no memory


class Points(NamedTuple):
    """Weighted points on a line.

    Attributes
    ----------
    x : array (n,)
        Positions, float64, finite.
    weights : array (n,)
        Frequencies, float64, positive; a point of weight 3 is three equal points.
    """

    x: Floats
    weights: Floats


@dataclass(frozen=True, eq=False)
class Column:
    """One column of numbers and what it is called: `mixtura.sources` reads files and iterators into it.

    Attributes
    ----------
    name : str
    values : array (n,)
        In memory, or mapped from a file and read-only.
    """

    name: str
    values: Floats


def points(x: Any, weights: Any = None, n_components: int = 1) -> Points:
    """Check data for a fit and return them as float64 arrays of their own.

    Arrays mapped from a file (`numpy.load(path, mmap_mode="r")`) that hold float64 in one piece are taken as they are,
    not copied: a file that is written to while a fit runs changes the fit. Beyond a million points, weights that are
    all 1 are one number, seen n times (stride 0, read-only).

    Parameters
    ----------
    x : array-like (n,) or (n, 1)
        Array, sequence, pandas/polars/pyarrow series or data frame of one column, or a `Column`.
    weights : array-like (n,), optional
        Frequency of each point, any positive number; every point counts once by default.
    n_components : int, default 1
        Components that are to be fitted: a mixture needs at least as many points.

    Returns
    -------
    Points

    Raises
    ------
    TypeError
        Where x or weights hold text, complex numbers, booleans, dates or other objects.
    ValueError
        Where the shape is wrong, values are missing or infinite, weights are not positive, points are fewer
        than components or all equal, or numbers are so large or so close that their squares would be lost.

    Examples
    --------
    >>> points([1, 2, 4], weights=[1, 1, 3])
    Points(x=array([1., 2., 4.]), weights=array([1., 1., 3.]))
    """
    x = _values(x, "x")
    low, high = _extent(x, "x")
    weights = _ones(len(x)) if weights is None else _frequencies(weights, len(x))
    _check_enough(x, weights, n_components)
    _check_range(low, high, len(x))
    return Points(x, weights)


def column(x: Any, name: str = "x") -> Floats:
    """Return one column of finite numbers (n,), float64, copied unless mapped; `name` is what the errors call it.

    Unlike `points`, it takes any number of points from one up, also equal ones: new data for a fitted model.

    Examples
    --------
    >>> column([[1], [2]])
    array([1., 2.])
    """
    values = _values(x, name)
    _extent(values, name)
    return values


def chunk(x: Any, name: str, first: int) -> Floats:
    """Return one chunk of a longer column, checked like `column`; it may be empty, and its rows count from `first`.

    Examples
    --------
    >>> chunk([], "x", 100)
    array([], dtype=float64)
    """
    values = _one_column(x, name, first)
    if values.size:
        _extent(values, name, first)
    return values


def name_of(x: Any) -> str:
    """What a series, or the one column of a data frame, is called; "x" where nobody said.

    Examples
    --------
    >>> name_of([1, 2, 4])
    'x'
    """
    columns = list(getattr(x, "columns", ()))
    name = columns[0] if len(columns) == 1 else getattr(x, "name", None)
    return name if isinstance(name, str) and name else "x"


def _values(x: Any, name: str) -> Floats:
    """One column of at least one number, not yet known to be finite."""
    values = _one_column(x, name)
    if values.size == 0:
        raise ValueError(f"{name} is empty; at least one point is needed")
    return values


def _one_column(x: Any, name: str, first: int | None = None) -> Floats:
    array = _array(x, name, first)
    if array.ndim == 0:
        raise TypeError(f"{name} must be a column of numbers, shape (n,) or (n, 1); got one {type(x).__name__}")
    values = _numbers(array, name, first)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim == 2:
        raise ValueError(
            f"{name} has {values.shape[1]} columns, shape {values.shape}; one variable is modelled: "
            f"give one column, such as {name}[:, 0]"
        )
    if values.ndim != 1:
        raise ValueError(f"{name} must have shape (n,) or (n, 1), got {values.shape}")
    return values


def _array(x: Any, name: str, first: int | None) -> np.ndarray[Any, Any]:
    """Any container as an array of whatever it holds; data frames through narwhals, loaded only for them."""
    if isinstance(x, np.ma.MaskedArray):
        if x.mask.any():
            _fail_rows(np.ravel(x.mask), name, "masked", "drop them first, as in x.compressed()", first)
        return np.asarray(x.data)
    if isinstance(x, Column):
        return x.values
    if not isinstance(x, np.ndarray | list | tuple):
        x = _unframed(x, name)
    try:
        return np.asarray(x)
    except ValueError as error:
        raise ValueError(f"{name} must have shape (n,) or (n, 1); its rows differ in length") from error


def _unframed(x: Any, name: str) -> Any:
    """The single column of a data frame or series; anything else untouched."""
    import narwhals as nw

    frame = nw.from_native(x, allow_series=True, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, nw.DataFrame):
        if len(frame.columns) != 1:
            columns = ", ".join(map(str, frame.columns)) or "none"
            raise ValueError(f"{name} is a data frame with columns {columns}; give one column, one variable")
        frame = frame[frame.columns[0]]
    if not isinstance(frame, nw.Series):
        return list(x) if isinstance(x, range) else x
    return frame.cast(nw.Float64).to_numpy() if frame.dtype.is_numeric() else frame.to_numpy()


def is_mapped(array: np.ndarray[Any, Any]) -> bool:
    """Whether an array is one piece of aligned float64 in a mapped file, which is read where it lies.

    Examples
    --------
    >>> is_mapped(np.zeros(3))
    False
    """
    as_stored = array.dtype == np.float64 and array.flags.c_contiguous and array.flags.aligned
    base: Any = array
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    return as_stored and isinstance(base, np.memmap)


def _numbers(array: np.ndarray[Any, Any], name: str, first: int | None) -> Floats:
    """Real numbers as float64; anything that is not a number is refused, with the first offender."""
    if is_mapped(array):
        return array.view(np.ndarray)
    kind = array.dtype.kind
    if kind in "iuf":
        with np.errstate(over="ignore"):  # a long double too large becomes inf, which is reported as such
            return np.array(array, dtype=np.float64)
    if kind == "c":
        raise TypeError(f"{name} holds complex numbers; real ones are needed, such as {name}.real")
    if kind == "b":
        raise TypeError(f"{name} holds booleans; numbers are needed")
    if kind not in "OUST" or array.size == 0:
        if array.size == 0:
            return np.empty(array.shape)
        raise TypeError(f"{name} holds {array.dtype.name}; numbers are needed")
    return np.array([_number(v, i, name) for i, v in enumerate(array.ravel().tolist(), first or 0)]).reshape(
        array.shape
    )


def _number(value: Any, row: int, name: str) -> float:
    """One entry of a column of mixed objects; missing ones become nan, reported with their count later."""
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return np.nan
    if isinstance(value, Real | np.number) and not isinstance(value, bool | np.complexfloating):
        try:
            return float(value)
        except OverflowError:
            return np.inf
    if type(value).__name__ == "Decimal":
        return float(value)
    if isinstance(value, list | tuple | np.ndarray):
        raise ValueError(f"{name} must have shape (n,) or (n, 1); row {row} holds {value!r}")
    raise TypeError(f"{name} must hold numbers; row {row} holds {value!r}, of type {type(value).__name__}")


def _ones(n: int) -> Floats:
    return np.ones(n) if n <= MANY else np.broadcast_to(1.0, n)


def _frequencies(weights: Any, n: int) -> Floats:
    values = _values(weights, "weights")
    if len(values) != n:
        raise ValueError(f"weights has {len(values)} values for {n} points; give one for each point")
    if _extent(values, "weights")[0] <= 0:
        bad = values <= 0
        first = np.flatnonzero(bad)[0]
        raise ValueError(
            f"weights must be positive: {bad.sum()} of {n} are not, the first at row {first} "
            f"({values[first]:g}); leave out points that do not count"
        )
    return values


def _extent(values: Floats, name: str, first: int | None = None) -> tuple[float, float]:
    """Smallest and largest value, or an error unless all are finite: nan and infinities show in them."""
    with np.errstate(invalid="ignore"):
        low, high = float(values.min()), float(values.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        bad = ~np.isfinite(values)
        offender = values[np.flatnonzero(bad)[0]]
        _fail_rows(bad, name, "NaN or infinite", f"it is {offender:g}; drop them, as in x[np.isfinite(x)]", first)
    return low, high


def _fail_rows(bad: np.ndarray[Any, Any], name: str, what: str, advice: str, first: int | None = None) -> NoReturn:
    """An error that counts the bad rows; `first` is the number of the first one where they are a part of more."""
    start = first or 0
    where = "" if first is None else f" in rows {start} to {start + bad.size - 1}"
    raise ValueError(
        f"{name} has {bad.sum()} of {bad.size} values{where} {what}, the first at row "
        f"{start + np.flatnonzero(bad)[0]}: {advice}"
    )


def _check_enough(x: Floats, weights: Floats, n_components: int) -> None:
    if len(x) < n_components and weights.sum() < n_components:
        raise ValueError(
            f"x has {len(x)} point{'s' * (len(x) > 1)} for {n_components} components; "
            f"give more points or lower n_components"
        )


def _check_range(low: float, high: float, n: int) -> None:
    if low == high:
        raise ValueError(
            f"all {n} points of x equal {low:g}; a mixture needs points that differ"
            if n > 1
            else f"x has one point ({low:g}); a mixture needs points that differ"
        )
    size, span = max(-low, high), high - low
    if size > LARGEST:
        raise ValueError(f"x reaches {size:.3g}, beyond {LARGEST:g}: rescale it, as in x / {LARGEST:g}")
    if span < SMALLEST:
        raise ValueError(f"x spans {span:.3g}, less than {SMALLEST:g}: rescale it, as in x * {LARGEST:g}")
