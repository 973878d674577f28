"""Arguments that any verb takes, checked in one place: whole numbers, plain numbers, one of a few names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import numpy as np

from mixtura.arrays import Floats

MOST = 10**9  # of anything that is counted
Algorithm = Literal["auto", "nuts", "hmc", "gibbs", "metropolis"]
Missing = Literal["refuse", "drop"]  # what to do about missing values
LONG = 200  # letters of a value in a message


def shown(value: object) -> str:
    """A value as messages show it: one line, never long, and never an error of its own.

    >>> shown(2.5), shown(np.eye(2)), len(shown("x" * 1000)), shown(10**9999)
    ('2.5', 'array([[1., 0.], [0., 1.]])', 200, 'a number of type int')
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # numbers of more digits than Python writes, objects that cannot be printed
        text = f"a number of type {type(value).__name__}"
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"


def whole(value: Any, name: str, least: int, most: int = MOST) -> int:
    """A whole number within bounds, or an error that names it.

    >>> whole(np.int64(3), "draws", 1)
    3
    """
    asked = f"{name} is a whole number of at least {least}"
    if isinstance(value, bool | np.timedelta64) or not isinstance(value, int | np.integer):
        raise TypeError(f"{asked}; got {shown(value)}")
    if value < least:
        raise ValueError(f"{asked}; got {shown(value)}")
    if value > most:
        raise ValueError(f"{name} is a whole number of at most {most:,}; got {shown(value)}")
    return int(value)


def reals(value: Any, name: str) -> Floats:
    """Numbers of any shape as float64; missing ones are nan.

    Raises
    ------
    TypeError, ValueError
        For text, booleans, dates, complex numbers, objects, and rows of different lengths.

    Examples
    --------
    >>> reals([1, 2], "means")
    array([1., 2.])
    """
    try:
        return real(value)
    except OverflowError:
        raise ValueError(f"{name} must be finite; got a number beyond {np.finfo(float).max:.3g}") from None
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be numbers; got {shown(value)}") from None


def real(value: Any) -> Floats:
    """As `reals`, with errors that a caller gives words to: TypeError, ValueError, OverflowError."""
    if np.ma.isMaskedArray(value):
        value = np.ma.filled(np.ma.asarray(value, dtype=float), np.nan)
    array = np.asarray(value)
    if array.dtype.kind == "O":  # fractions and decimals are numbers, and so are integers of any size
        for entry in array.ravel().tolist():
            if isinstance(entry, bool | str | bytes) or entry is None:
                raise TypeError
    elif array.dtype.kind not in "iuf" and array.size:
        raise TypeError
    return np.asarray(array, float)


def named(params: Any, kind: type) -> dict[str, Any]:
    """Parameters by name, from a record of that kind or a mapping."""
    if isinstance(params, kind):
        return dict(params._asdict())  # type: ignore[attr-defined]
    if not isinstance(params, Mapping):
        raise TypeError(f"params are numbers by name, or what a mode or a simulation has; got {shown(params)}")
    return dict(params)


def one_of(value: Any, names: Iterable[str], name: str) -> str:
    """One of a few names, or an error that lists them.

    >>> one_of("mean", ("mean", "scale"), "by")
    'mean'
    """
    names = list(names)
    if not isinstance(value, str) or value not in names:
        raise ValueError(f"{name} is one of {', '.join(names)}; got {shown(value)}")
    return value
