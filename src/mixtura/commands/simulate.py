"""`mixtura simulate`: new points, as a fit expects them."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Annotated, TextIO

import typer

from mixtura.commands.files import Saved, check_outputs
from mixtura.outputs import whole


def simulate(
    fit: Saved,
    n: Annotated[int, typer.Option("-n", "--points", help="How many points.")] = 1000,
    seed: Annotated[int | None, typer.Option(help="Same seed, same points.")] = None,
    out: Annotated[Path | None, typer.Option(help="A .csv file; by default they are printed.")] = None,
) -> None:
    """Draw new points from a fit's posterior predictive distribution, each with the component that made it."""
    from mixtura.fit import load

    if n < 1:
        raise ValueError(f"-n is a whole number of at least 1; got {n}")
    check_outputs([out], [fit])
    found = load(fit)
    x, labels = found.simulate(n, seed)
    table = [*found.features, "component"], x.reshape(n, -1).tolist(), labels.tolist()
    if out is None:
        _write(sys.stdout, *table)
        return
    with whole(out) as place, place.open("w", newline="", encoding="utf-8") as to:
        _write(to, *table)
    typer.echo(f"wrote {n} points to {out}")


def _write(to: TextIO | None, names: list[str], rows: list[list[float]], labels: list[int]) -> None:
    """Rows and labels as a table; nowhere if standard output is closed."""
    if to is None:
        return
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([*row, label] for row, label in zip(rows, labels, strict=True))
