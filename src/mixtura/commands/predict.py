"""`mixtura predict`: which component each row of a file belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mixtura.commands.files import Saved, check_outputs
from mixtura.commands.spare import spare_scipy


def predict(
    fit: Saved,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A text table or .parquet file that has its columns.")],
    out: Annotated[Path | None, typer.Option(help="Where to; by default FILE-predicted beside FILE.")] = None,
) -> None:
    """Add label, probability and uncertainty columns to a file's rows."""
    spare_scipy()
    from mixtura.augment import augment
    from mixtura.fit import load

    target = out or file.with_name(f"{file.stem}-predicted{file.suffix}")
    check_outputs([target], [file, fit])
    rows = augment(load(fit), file, target)
    typer.echo(f"wrote {rows} row{'s' * (rows != 1)} to {target}")
