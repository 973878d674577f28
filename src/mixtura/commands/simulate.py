"""`mixtura simulate`: new points, as a fit expects them."""

from __future__ import annotations

import csv
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from mixtura.commands.files import Saved, check_writable


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
    if out is not None:
        check_writable(out)
    found = load(fit)
    x, labels = found.simulate(n, seed)
    with out.open("w", newline="", encoding="utf-8") if out else nullcontext(sys.stdout) as to:
        writer = csv.writer(to, lineterminator="\n")
        writer.writerow([*found.features, "component"])
        for row, label in zip(x.reshape(n, -1).tolist(), labels.tolist(), strict=True):
            writer.writerow([*row, label])
    if out is not None:
        typer.echo(f"wrote {n} points to {out}")
