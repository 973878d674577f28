"""`mixtura predict`: which component each row of a file belongs to."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mixtura.commands.files import Saved, check_outputs
from mixtura.commands.spare import spare_scipy


def predict(
    fit: Saved,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="A text table that has its columns (- reads standard input), or a .parquet file."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="Where to; by default FILE-predicted beside FILE, or standard output where - is read."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE-predicted if it is there.")] = False,
) -> None:
    """Add label, probability and uncertainty columns to a file's rows."""
    spare_scipy()
    from mixtura.augment import augment, kind_of
    from mixtura.fit import load

    kind, target = kind_of(file), out or _beside(file, force)
    check_outputs([target], [file, fit])
    if target is not None and kind_of(str(target)) != kind:
        raise ValueError(f"{target.name} is to be the same kind of file as {file}: text or .parquet")
    rows = augment(load(fit), file, target)
    if target is not None:
        typer.echo(f"wrote {rows} row{'s' * (rows != 1)} to {target}")


def _beside(file: str, force: bool) -> Path | None:
    """The name that a file's answers get where none is given; none for standard input and pipes."""
    path = Path(file)
    if file == "-" or (path.exists() and not path.is_file() and not path.is_dir()):
        return None
    ends = path.suffixes[-2:] if path.suffix == ".gz" else path.suffixes[-1:]
    end = "".join(ends)
    found = path.with_name(f"{path.name.removesuffix(end)}-predicted{end}")
    if found.exists() and not force:
        raise ValueError(f"{found} is there already: --force replaces it, --out writes elsewhere")
    return found
