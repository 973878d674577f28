"""The boundary: whatever the user holds becomes checked points; nothing further inside checks data again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.digits import known
from mixtura.reading.containers import (
    DROPS,
    Columns,
    check_width,
    fail_rows,
    framed,
    labels_of,
    listed,
    matched,
    unmasked,
    unnamed,
    unpack,
)

LARGEST, SMALLEST = 1e150, 1e-150  # a size and a span whose squares a 64-bit float still holds
MOST_WEIGHT, LEAST_WEIGHT = 1e15, 1e-15  # of all points together, and of one: beyond, sums lose the lighter ones
UNEXPLAINED = 1e-6  # share of its variance by which a column counts as one of its own
ROUNDING = 1e-12  # share that arithmetic may leave of a column that is not
MANY = 1 << 20  # points: beyond, weights that are all 1 take no memory


class Points(NamedTuple):
    """Weighted points on a line, or rows of several features.

    Attributes
    ----------
    x : array (n,) or (n, d)
        Positions, float64, finite, row by row; one column is always (n,).
    weights : array (n,)
        Frequencies, float64, positive; a point of weight 3 is three equal points.
    """

    x: Floats
    weights: Floats


def points(x: Any, weights: Any = None, n_components: int = 1) -> Points:
    """Check data for a fit and return them as float64 arrays of their own.

    Arrays mapped from a file (`numpy.load(path, mmap_mode="r")`) that hold float64 in one piece are taken as they are,
    not copied: a file that is written to while a fit runs changes the fit. Beyond a million points, weights that are
    all 1 are one number, seen n times (stride 0, read-only).

    Parameters
    ----------
    x : array-like (n,) or (n, d)
        Array, sequence of numbers or of rows, pandas/polars/pyarrow series or data frame, or `Columns`.
    weights : array-like (n,), optional
        Frequency of each point, a positive number from 1e-15 on, no more than 1e15 in all; every point counts once by
        default.
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
        than components, a column is constant, or numbers are so large or so close that their squares would be lost.

    Examples
    --------
    >>> points([1, 2, 4], weights=[1, 1, 3])
    Points(x=array([1., 2., 4.]), weights=array([1., 1., 3.]))
    """
    given = _some(x, "x")
    x, labels = given.values, given.labels("x")
    low, high = _extent(given, "x")
    weights = _ones(len(x)) if weights is None else _frequencies(weights, len(x))
    _check_enough(x, weights, n_components)
    _check_range(low, high, labels, len(x))
    return Points(x, weights)


def column(x: Any, name: str = "x") -> Floats:
    """Return one column of finite numbers (n,), float64, copied unless mapped; `name` is what the errors call it.

    Unlike `points`, it takes any number of points from one up, also equal ones: new data for a fitted model. Like it,
    it refuses what reaches beyond 1e150.

    Examples
    --------
    >>> column([[1], [2]])
    array([1., 2.])
    """
    given = _some(x, name)
    if given.values.ndim > 1:
        raise ValueError(
            f"{name} has {len(given.names)} columns, {listed(given.names)}; one is needed, such as {name}[:, 0]"
        )
    _check_size(*_extent(given, name), given.labels(name))
    return given.values


def rows(x: Any, names: Sequence[str]) -> Floats:
    """Return finite rows (n, d), float64, copied unless mapped: new data for a model fitted to columns of these names.

    A data frame's columns are found by name, in any order among any others. Where the columns of either side have no
    names but those that `names_of` gives, their order counts.

    Parameters
    ----------
    x : array-like (n, d)
        As in `points`; a single row is (1, d).
    names : sequence of str (d,)
        What the fit's columns are called.

    Raises
    ------
    TypeError, ValueError
        As in `points`, and where a column is missing or the number of columns is not that of the names.

    Examples
    --------
    >>> import pandas as pd
    >>> rows(pd.DataFrame({"b": [1, 2], "kind": "u", "a": [3, 4]}), ["a", "b"])
    array([[3., 1.],
           [4., 2.]])
    """
    names = tuple(names)
    given = _some(matched(x, names), "x")
    if len(given.names) == len(names) == 1:
        given = Columns(given.names, given.values[:, None])
    if given.values.ndim == 1 and len(given.values) == len(names):
        raise ValueError(f"x has shape {given.values.shape}; give one row as (1, {len(names)}), such as x[None, :]")
    check_width(len(given.names), names)
    named = Columns(names, given.values)
    _check_size(*_extent(named, "x"), named.labels("x"))
    return given.values


def like_fitted(x: Any, names: Sequence[str], of_rows: bool) -> Floats:
    """New points as those that were fitted: (n,), or (n, d) if `of_rows`. Errors are those of `rows` and `column`.

    A number is one point on a line.
    """
    single = isinstance(x, int | float | np.number) or (isinstance(x, np.ndarray) and x.ndim == 0)
    if single and not of_rows:
        x = np.reshape(x, 1)
    if not of_rows and len(names_of(x)) == 1:
        return column(x)
    found = rows(x, names)
    return found if of_rows else found[:, 0].copy()


def chunk(x: Any, name: str, first: int, missing: str = "refuse") -> Columns:
    """Return one chunk of longer columns, finite numbers; it may be empty, and its rows count from `first`.

    With `missing` "drop" numbers may be nan, too, for somebody else to drop.

    Examples
    --------
    >>> chunk([], "x", 100).values
    array([], dtype=float64)
    """
    given = unpack(unmasked(x) if missing == "drop" else x, name, first)
    if given.values.size:
        _extent(given, name, first, missing)
    return given


def name_of(x: Any) -> str:
    """What a series, or the one column of a data frame, is called; "x" where nobody said, or of several columns.

    Examples
    --------
    >>> name_of([1, 2, 4])
    'x'
    """
    names = names_of(x)
    return names[0] if len(names) == 1 else "x"


def names_of(x: Any) -> tuple[str, ...]:
    """What the columns of data that `points` takes are called; "x0", "x1", … where nobody said (one alone: "x").

    Examples
    --------
    >>> names_of([[1, 2], [3, 4], [5, 0]])
    ('x0', 'x1')
    """
    x = framed(x)
    names = labels_of(x)
    if names is not None:
        return names
    name = getattr(x, "name", None)
    shape = (0, *np.shape(x[0])) if isinstance(x, list | tuple) and x else getattr(x, "shape", ())
    d = shape[1] if len(shape) > 1 else 1
    return (name,) if d == 1 and isinstance(name, str) and name else unnamed(d)


def dependent(points: Points, names: Sequence[str]) -> tuple[str, ...]:
    """Say which columns are linear combinations of those before them, exactly or nearly; one sentence each.

    Column after column leaves what the ones before it explain, by Cholesky's steps on the correlations, which take one
    pass over the points in chunks. A column is explained if less than `UNEXPLAINED` of its variance is left.

    Parameters
    ----------
    points : Points
        With x (n, d); a single column depends on nothing. Weights do not matter.
    names : sequence of str (d,)
        What the columns are called.

    Examples
    --------
    >>> dependent(points([[1, 2, 3], [2, 2, 4], [3, 5, 8], [4, 1, 5]]), ["a", "b", "sum"])
    ("column 'sum' is a linear combination of 'a', 'b'",)
    """
    x = points.x
    if x.ndim == 1:
        return ()
    n, d = x.shape
    if n <= d:
        return (f"each of the {d} columns is a linear combination of the others, as there are only {n} rows",)
    correlation = _correlation(x)
    kept: list[int] = []
    found = []
    for j in range(d):
        among = correlation[np.ix_(kept, kept)]
        slopes = np.linalg.solve(among, correlation[kept, j])
        left = 1.0 - float(slopes @ correlation[kept, j])
        if left > UNEXPLAINED:
            kept.append(j)
            continue
        without = left + slopes**2 / np.diag(np.linalg.inv(among))  # unexplained variance if one of them were not there
        least, nearly = (ROUNDING, "") if left < ROUNDING else (UNEXPLAINED, "nearly ")
        of = listed(f"{names[i]!r}" for i, rest in zip(kept, without, strict=True) if rest > least)
        found.append(f"column {names[j]!r} is {nearly}a linear combination of {of}")
    return tuple(found)


def _correlation(x: Floats) -> Floats:
    """Correlations of the columns (d, d), none of them constant."""
    low, high = x.min(axis=0), x.max(axis=0)
    total, products = np.zeros(x.shape[1]), np.zeros((x.shape[1], x.shape[1]))
    step = max(1, MANY // x.shape[1])
    for start in range(0, len(x), step):
        part = (x[start : start + step] - low) / (high - low)
        total += part.sum(axis=0)
        products += part.T @ part
    scatter = products - np.outer(total, total) / len(x)
    size = np.sqrt(np.diag(scatter))
    correlation: Floats = scatter / np.outer(size, size)
    return correlation


def _some(x: Any, name: str) -> Columns:
    """Columns of at least one number, not yet known to be finite."""
    given = unpack(x, name)
    if given.values.size == 0:
        raise ValueError(f"{name} is empty; at least one point is needed")
    return given


def _ones(n: int) -> Floats:
    return np.ones(n) if n <= MANY else np.broadcast_to(1.0, n)


def _frequencies(weights: Any, n: int) -> Floats:
    values = column(weights, "weights")
    if len(values) != n:
        raise ValueError(f"weights has {len(values)} values for {n} points; give one for each point")
    if values.min() <= 0:
        bad = values <= 0
        first = np.flatnonzero(bad)[0]
        raise ValueError(
            f"weights must be positive: {bad.sum()} of {n} are not, the first at row {first} "
            f"({known(values[first])}); leave out points that do not count"
        )
    return weighable(values, "weights")


def weighable(weights: Floats, name: str) -> Floats:
    """Positive weights, none so small nor all so large that sums of them would be lost; or an error."""
    with np.errstate(over="ignore"):
        least, total = weights.min(), weights.sum()
    if least < LEAST_WEIGHT:
        raise ValueError(
            f"{name} says how often each point was seen; {least:.3g} is too seldom to count: leave out points of less "
            f"than {LEAST_WEIGHT:g}"
        )
    if total > MOST_WEIGHT:
        raise ValueError(f"{name} adds up to {total:.3g} points; no more than {MOST_WEIGHT:g} can be told apart")
    return weights


def _extent(given: Columns, what: str, first: int | None = None, missing: str = "refuse") -> tuple[Floats, Floats]:
    """Each column's smallest and largest value, or an error unless all are finite: nan and infinities show in them."""
    with np.errstate(invalid="ignore"):
        low, high = np.atleast_1d(given.values.min(axis=0)), np.atleast_1d(given.values.max(axis=0))
    faulty = ~(np.isfinite(low) & np.isfinite(high))
    for j in np.flatnonzero(faulty):
        values, label = given.each()[j], given.labels(what)[j]
        bad = np.isinf(values) if missing == "drop" else ~np.isfinite(values)
        if not bad.any():
            continue
        drop = "them, as in x[np.isfinite(x)]" if len(faulty) == 1 else "those rows, or the column"
        offender = values[np.flatnonzero(bad)[0]]
        drop += "" if np.isinf(offender) else DROPS
        fail_rows(bad, label, "NaN or infinite", f"it is {offender:g}; drop {drop}", first)
    return low, high


def _check_enough(x: Floats, weights: Floats, n_components: int) -> None:
    if len(x) < n_components and weights.sum() < n_components:
        raise ValueError(
            f"x has {len(x)} point{'s' * (len(x) > 1)} for {n_components} components; "
            f"give more points or lower n_components"
        )


def _check_range(low: Floats, high: Floats, labels: list[str], n: int) -> None:
    """Each column must vary, by no more and no less than squares can hold."""
    if n == 1:
        raise ValueError(f"x has one point ({', '.join(map(known, low))}); a mixture needs points that differ")
    constant = np.flatnonzero(low == high)
    if constant.size and len(labels) == 1:
        raise ValueError(f"all {n} points of x equal {known(low[0])}; a mixture needs points that differ")
    if constant.size:
        same = listed(f"{labels[j]} ({known(low[j])})" for j in constant)
        are, them = ("are", "them") if constant.size > 1 else ("is", "it")
        raise ValueError(f"{same} {are} constant; a mixture needs values that differ: leave {them} out")
    _check_size(low, high, labels)
    for label, span in zip(labels, high - low, strict=True):
        if span < SMALLEST:
            raise ValueError(f"{label} spans {span:.3g}, less than {SMALLEST:g}: rescale it, as in x * {LARGEST:g}")


def _check_size(low: Floats, high: Floats, labels: list[str]) -> None:
    """No column reaches farther than squares can hold."""
    for label, size in zip(labels, np.maximum(-low, high), strict=True):
        if size > LARGEST:
            raise ValueError(f"{label} reaches {size:.3g}, beyond {LARGEST:g}: rescale it, as in x / {LARGEST:g}")
