"""Whatever holds numbers, a list, an array or a data frame, becomes one float64 array; what holds none is refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from mixtura.arrays import Floats
from mixtura.reading.amounts import is_missing, number, reading_of, reads

if TYPE_CHECKING:
    import narwhals as nw

Array = np.ndarray[Any, Any]
SHAPES = "shape (n,) or (n, d)"
LISTED = 8  # names that a message lists
DROPS = "; missing='drop' does (--drop-missing in the shell)"  # what a fit can do about missing values


@dataclass(frozen=True, eq=False)
class Columns:
    """Columns of numbers and what they are called: `mixtura.reading.sources` reads files and iterators into it.

    Attributes
    ----------
    names : tuple of str
    values : array (n,) or (n, d)
        One column is (n,). In memory, or mapped from a file and read-only.
    said : str
        Which columns of a file they are, and which were left out and why, where that does not go without saying.
    """

    names: tuple[str, ...]
    values: Floats
    said: str = field(default="", repr=False)

    def labels(self, what: str) -> list[str]:
        """What errors call each column, where `what` is what they call the whole."""
        if self.values.ndim == 1:
            return [what]
        return [f"column {name!r}" + (f" of {what}" if what != "x" else "") for name in self.names]

    def each(self) -> Floats:
        """The columns (d, n), not copied."""
        return self.values[:, None].T if self.values.ndim == 1 else self.values.T


def unpack(x: Any, what: str, first: int | None = None) -> Columns:
    """Return names and numbers, (n,) where there is one column, float64, copied unless mapped; they may be nan.

    Parameters
    ----------
    x : Any
        What a user gave.
    what : str
        What errors call it.
    first : int, optional
        Number of the first row, where x is a part of more.

    Examples
    --------
    >>> unpack([[1], [2]], "x")
    Columns(names=('x',), values=array([1., 2.]))
    """
    x = framed(x)
    if _is_frame(x):
        return _of_frame(x, what, first)
    array = x.values if isinstance(x, Columns) else _array(x, what)
    if array.ndim == 0:
        raise TypeError(f"{what} must be numbers of {SHAPES}; got one {type(x).__name__}")
    if array.ndim > 2:
        raise ValueError(f"{what} must have {SHAPES}, got {array.shape}")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    names = x.names if isinstance(x, Columns) else (_name(x),) if array.ndim == 1 else unnamed(array.shape[1])
    if isinstance(x, np.ma.MaskedArray):
        mask: Array = np.ma.getmaskarray(x).reshape(array.shape)
        _check_mask(Columns(names, mask), what, first)
    return Columns(names, _numbers(Columns(names, array), what, first))


def unmasked(x: Any) -> Any:
    """A masked array with nan for what is masked; anything else as it is."""
    if not isinstance(x, np.ma.MaskedArray) or x.dtype.kind not in "iuf":
        return x
    return np.where(np.ma.getmaskarray(x), np.nan, np.asarray(x.data, np.float64))


def unnamed(d: int) -> tuple[str, ...]:
    """What d columns are called where nobody said.

    Examples
    --------
    >>> unnamed(1), unnamed(2)
    (('x',), ('x0', 'x1'))
    """
    return ("x",) if d == 1 else tuple(f"x{j}" for j in range(d))


def listed(names: Iterable[str]) -> str:
    """Names with commas between, the first few of many.

    Examples
    --------
    >>> listed("abcdefghij")
    'a, b, c, d, e, f, g, h and 2 more'
    """
    names = list(names)
    more = f" and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def framed(x: Any) -> Any:
    """A data frame or series as narwhals sees it, anything else untouched; loaded only where it may be one."""
    if isinstance(x, np.ndarray | list | tuple | range | str | Columns):
        return x
    import narwhals as nw

    if type(x).__name__ == "RecordBatch":
        import pyarrow as pa

        x = pa.Table.from_batches([x])
    if type(x).__module__.startswith("xarray"):
        x = _table(x)
    try:
        frame = nw.from_native(x, allow_series=True, pass_through=True)
        return frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    except nw.exceptions.DuplicateError as error:
        raise ValueError(f"columns of a data frame need different names: {' '.join(str(error).split())}") from None


def labels_of(x: Any) -> tuple[str, ...] | None:
    """Names of the columns of a framed data frame or of `Columns`; None for anything else.

    A column called by a number, as pandas does where nobody said, is called "x" and that number.
    """
    if isinstance(x, Columns):
        return x.names
    if not _is_frame(x):
        return None
    labels = list(x.columns)
    if len(labels) == 1:
        return (labels[0],) if isinstance(labels[0], str) and labels[0] else unnamed(1)
    return tuple(
        f"x{label}" if isinstance(label, int | np.integer) else str(label) or f"x{j}" for j, label in enumerate(labels)
    )


def matched(x: Any, names: tuple[str, ...]) -> Any:
    """The columns called `names` of a data frame or of `Columns`, in that order; x itself where nobody gave names."""
    x = framed(x)
    have = labels_of(x)
    if have is None:
        return x
    if have == unnamed(len(have)) or names == unnamed(len(names)):
        check_width(len(have), names)
        return x
    if missing := [name for name in names if name not in have]:
        raise ValueError(
            f"x has no column {missing[0]!r}, which the model was fitted to; it has {listed(have)}. "
            "An array goes by order, as in x.to_numpy()"
        )
    places = [have.index(name) for name in names]
    if not isinstance(x, Columns):
        return x[:, places]
    return x if have == names else Columns(names, x.values[:, places], x.said)


def check_width(d: int, names: tuple[str, ...]) -> None:
    """An error unless there are d names."""
    if d != len(names):
        s = "s" * (d > 1)
        raise ValueError(f"x has {d} column{s}; the model was fitted to {len(names)}: {listed(names)}")


def is_mapped(array: Array) -> bool:
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


def fail_rows(bad: Array, label: str, fault: str, advice: str, first: int | None = None) -> NoReturn:
    """An error that counts the bad rows of a column; `first` is the number of the first one in a part of more."""
    start = first or 0
    where = "" if first is None else f" in rows {start} to {start + bad.size - 1}"
    raise ValueError(
        f"{label} has {bad.sum()} of {bad.size} values{where} {fault}, the first at row "
        f"{start + np.flatnonzero(bad)[0]}: {advice}"
    )


def _table(x: Any) -> Any:
    """An xarray Dataset, or a DataArray of two dimensions, as a pandas data frame; others as they are."""
    if hasattr(x, "data_vars"):
        if len({values.dims for values in x.data_vars.values()}) != 1 or len(x.dims) != 1:
            axes = ", ".join(f"{name} ({', '.join(values.dims)})" for name, values in x.data_vars.items())
            raise ValueError(f"variables of a Dataset need one dimension, the same for all; got {axes or 'none'}")
        return x.reset_coords(drop=True).to_dataframe()
    return x.to_pandas() if x.ndim == 2 else x


def _is_frame(x: Any) -> bool:
    return type(x).__module__.startswith("narwhals") and hasattr(x, "columns")


def _name(x: Any) -> str:
    name = getattr(x, "name", None)
    return name if isinstance(name, str) and name else "x"


def _of_frame(frame: nw.DataFrame[Any], what: str, first: int | None) -> Columns:
    """Column by column, so that no more than one is held twice."""
    names = labels_of(frame)
    if not names:
        raise ValueError(f"{what} is a data frame without columns")
    columns = [frame[:, j] for j in range(len(names))]
    if len(names) == 1:
        return Columns(names, _numbers(Columns(names, _plain(columns[0])), what, first))
    given = Columns(names, np.empty((len(frame), len(names))))
    for to, column, label in zip(given.each(), columns, given.labels(what), strict=True):
        try:
            to[:] = _numbers(Columns(names, _plain(column)), label, first)
        except TypeError as error:
            numeric = [name for name, column in zip(names, columns, strict=True) if column.dtype.is_numeric()]
            advice = f": choose columns of numbers, here {listed(numeric)}" if numeric else ""
            raise TypeError(f"{error}{advice}") from None
    return given


def _plain(series: nw.Series[Any]) -> Array:
    import narwhals as nw

    if series.dtype.is_numeric():
        return series.cast(nw.Float64).to_numpy()
    values = series.to_numpy()
    return _spelled(values) if values.dtype.kind in "OUT" else values


def _spelled(values: Array) -> Array:
    """Text as pandas leaves it that is all numbers, money, per cent and such, in numbers; anything else as it is."""
    cells = ["" if _is_lacking(value) else value for value in values.tolist()]
    if not all(isinstance(cell, str) and reads(cell) for cell in cells) or all(map(is_missing, cells)):
        return values
    reading = reading_of(cells)
    try:
        return np.array([number(cell, reading) for cell in cells])
    except ValueError:  # not all in one unit, say
        return values


def _is_lacking(value: Any) -> bool:
    return (
        value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and value != value)
    )


def _array(x: Any, what: str) -> Array:
    """Lists, arrays and what turns into one; text among numbers does not make text of them all."""
    if isinstance(x, np.ma.MaskedArray):
        return np.asarray(x.data)
    if type(x).__module__.startswith("narwhals"):
        return _plain(x)
    x = list(x) if isinstance(x, range) else x
    try:
        array = np.asarray(x)
        return np.asarray(x, dtype=object) if array.dtype.kind in "SU" and isinstance(x, list | tuple) else array
    except ValueError as error:
        raise ValueError(f"{what} must have {SHAPES}; its rows differ in length") from error


def _check_mask(mask: Columns, what: str, first: int | None) -> None:
    advice = "x.compressed()" if mask.values.ndim == 1 else "np.ma.compress_rows(x)"
    advice += DROPS
    for label, bad in zip(mask.labels(what), mask.each(), strict=True):
        if bad.any():
            fail_rows(bad, label, "masked", f"drop them first, as in {advice}", first)


def _numbers(given: Columns, what: str, first: int | None) -> Floats:
    """Real numbers as float64, row by row; anything that is not a number is refused, with the first offender."""
    array = given.values
    if is_mapped(array):
        return array.view(np.ndarray)
    kind = array.dtype.kind
    if kind in "iuf":
        with np.errstate(over="ignore", invalid="ignore"):  # inf and nan are reported as such
            return np.array(array, dtype=np.float64, order="C")
    if kind == "c":
        raise TypeError(f"{what} holds complex numbers; real ones are needed, such as {what}.real")
    if kind == "b":
        raise TypeError(f"{what} holds booleans; numbers are needed")
    if array.size == 0:
        return np.empty(array.shape)
    if kind not in "OUST":
        raise TypeError(f"{what} holds {array.dtype.name}; numbers are needed")
    values = np.empty(array.shape)
    for to, column, label in zip(Columns(given.names, values).each(), given.each(), given.labels(what), strict=True):
        to[:] = [_number(value, i, label) for i, value in enumerate(column.tolist(), first or 0)]
    return values


def _number(value: Any, row: int, label: str) -> float:
    """One entry of a column of mixed objects; missing ones become nan, reported with their count later."""
    if _is_lacking(value):
        return np.nan
    if isinstance(value, Real | np.number) and not isinstance(value, bool | np.complexfloating):
        try:
            return float(value)
        except OverflowError:
            return np.inf
    if type(value).__name__ == "Decimal":
        return float(value)
    if isinstance(value, list | tuple | np.ndarray):
        raise ValueError(f"{label} must have {SHAPES}; row {row} holds {value!r}")
    raise TypeError(f"{label} must hold numbers; row {row} holds {value!r}, of type {type(value).__name__}")
