"""A file of points with a fit's answers beside each: the same rows in the same order, every column kept."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from mixtura.posterior.frames import predictions
from mixtura.sources import read
from mixtura.tables import layout

if TYPE_CHECKING:
    from mixtura.fit import Fit

PARQUET = ".parquet"
DIGITS = ".6g"


def augment(fit: Fit, source: Path, out: Path) -> int:
    """Write the rows of a file with their label, membership probabilities and uncertainty; returns how many.

    Raises
    ------
    ValueError
        If the file lacks a feature of the fit, holds something that is no number there, or has a column of that name.
    """
    if (source.suffix == PARQUET) != (out.suffix == PARQUET):
        raise ValueError(f"{out.name} is to be the same kind of file as {source.name}: text or .parquet")
    points = read(str(source), list(fit.features))
    answers = predictions(fit.predict_proba(points.values))
    write = _write_parquet if source.suffix == PARQUET else _write_text
    write(source, out, answers)
    return len(points.values)


def _check_new(names: list[str], answers: Mapping[str, NDArray[Any]], source: Path) -> None:
    taken = [name for name in answers if name in names]
    if taken:
        raise ValueError(f"{source.name} has a column {taken[0]!r} already: rename it, or give the file without it")


def _write_text(source: Path, out: Path, answers: Mapping[str, NDArray[Any]]) -> None:
    """Cells are copied as text; an answer has six digits."""
    with source.open(encoding="utf-8-sig", newline="") as lines, out.open("w", encoding="utf-8", newline="") as to:
        names, delimiter, header = layout(lines, source.name)
        _check_new(names, answers, source)
        lines.seek(0)
        rows = filter(None, csv.reader(lines, delimiter=delimiter))
        if header:
            next(rows)
        writer = csv.writer(to, delimiter=delimiter, lineterminator="\n")
        writer.writerow([*names, *answers])
        columns = [
            values.tolist() if values.dtype.kind == "i" else [format(v, DIGITS) for v in values.tolist()]
            for values in answers.values()
        ]
        found = zip(*columns, strict=True)
        writer.writerows(itertools.starmap(_joined, zip(rows, found, strict=False)))


def _joined(row: list[str], found: tuple[Any, ...]) -> list[Any]:
    return [*row, *found]


def _write_parquet(source: Path, out: Path, answers: Mapping[str, NDArray[Any]]) -> None:
    import pandas as pd

    frame = pd.read_parquet(source)
    _check_new(list(map(str, frame.columns)), answers, source)
    frame.assign(**answers).to_parquet(out)
