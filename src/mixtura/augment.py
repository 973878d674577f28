"""A file of points with a fit's answers beside each: the same rows in the same order, every column kept."""

from __future__ import annotations

import csv
import gzip
import itertools
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from numpy.typing import NDArray

from mixtura.outputs import whole
from mixtura.posterior.frames import predictions
from mixtura.reading.sources import read, whole_parts
from mixtura.reading.streams import Read, opened, text_of
from mixtura.reading.tables import read_chunks, read_records

if TYPE_CHECKING:
    from mixtura.fit import Fit

PARQUET, TEXT = (".parquet", ".pq"), "a text table"
DIGITS = ".6g"
AT_ONCE = 1 << 14  # rows


def kind_of(name: str) -> str:
    """What kind of file a name stands for, ".parquet" or a text table; an error for others."""
    suffix = Path(name).suffix.lower()
    if suffix == ".npy" or (name != "-" and Path(name).is_dir()):
        raise ValueError(f"cannot add columns to {name}: give {TEXT} or a .parquet file")
    return PARQUET[0] if suffix in PARQUET else TEXT


def augment(fit: Fit, source: str, out: Path | None) -> int:
    """Write rows with their label, membership probabilities and uncertainty; returns how many.

    Parameters
    ----------
    fit : Fit
        Whose components they are.
    source : str
        A text table, perhaps compressed (.gz), "-" for standard input, or a .parquet file.
    out : path or None
        A file of the same kind; None writes to standard output.

    Raises
    ------
    ValueError
        If the file lacks a feature of the fit, holds something that is no number there, or has a column of that name.
    """
    if kind_of(source) == TEXT:
        return _augment_text(fit, source, out)
    if out is None:
        raise ValueError(f"{source} is not text: give --out a name")
    answers = predictions(fit.predict_proba(read(source, list(fit.features)).values))
    _write_parquet(Path(source), out, answers)
    return len(answers["label"])


def _augment_text(fit: Fit, source: str, out: Path | None) -> int:
    with opened(source) as file:
        text = file if source != "-" and Path(source).is_file() else BytesIO(file.read())  # a pipe cannot be read twice
        name = "standard input" if source == "-" else Path(source).name
        packed = source.endswith(".gz")
        answers = predictions(
            fit.predict_proba(read(read_chunks(text, list(fit.features), name, packed=packed)).values)
        )
        text.seek(0)
        with _output(out) as to:
            _write_text(text_of(text, name, packed), name, to, answers)
    return len(answers["label"])


@contextmanager
def _output(out: Path | None) -> Iterator[TextIO]:
    """Where text goes."""
    if out is None:
        yield sys.stdout or StringIO()  # closed: what is said there goes nowhere
        return
    with whole(out) as place:
        file: Any = gzip.open(place, "wb") if out.suffix == ".gz" else place.open("wb")  # noqa: SIM115
        with TextIOWrapper(file, encoding="utf-8", newline="") as to:
            yield to


def _check_new(names: list[str], answers: Mapping[str, NDArray[Any]], source: str) -> None:
    taken = [name for name in answers if name in names]
    if taken:
        raise ValueError(f"{source} has a column {taken[0]!r} already: rename it, or give the file without it")


def _write_text(read: Read, source: str, to: TextIO, answers: Mapping[str, NDArray[Any]]) -> None:
    """Cells are copied as text, comments and blank lines left out; an answer has six digits."""
    dialect, rows = read_records(read, source)
    _check_new(dialect.names, answers, source)
    writer = csv.writer(to, delimiter=dialect.delimiter, lineterminator="\n")
    writer.writerow([*dialect.names, *answers])
    columns = [
        values.tolist() if values.dtype.kind == "i" else [format(v, DIGITS) for v in values.tolist()]
        for values in answers.values()
    ]
    found = zip(*columns, strict=True)
    writer.writerows(itertools.starmap(_joined, zip(rows, found, strict=True)))


def _joined(row: list[str], found: tuple[Any, ...]) -> list[Any]:
    return [*row, *found]


def _write_parquet(source: Path, out: Path, answers: Mapping[str, NDArray[Any]]) -> None:
    """Group of rows after group, so that no more is held than `AT_ONCE` rows."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(source, memory_map=True) as file:
        _check_new(file.schema_arrow.names, answers, source.name)
        schema, row = file.schema_arrow, 0
        for name, values in answers.items():
            schema = schema.append(pa.field(name, pa.from_numpy_dtype(values.dtype)))
        with whole(out) as place, pq.ParquetWriter(place, schema) as to:
            for batch in whole_parts(file.iter_batches(AT_ONCE), source):
                added = [pa.array(values[row : row + len(batch)]) for values in answers.values()]
                to.write_batch(pa.record_batch([*batch.columns, *added], schema=schema))
                row += len(batch)
