"""`mixtura compare`: which of several fits predicts points left out best."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Annotated

import typer

from mixtura.commands.files import check_outputs


def compare(
    fits: Annotated[list[Path], typer.Argument(metavar="FIT.nc...", help="Saved fits of the same data, two or more.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    plot: Annotated[Path | None, typer.Option(help="Draw them side by side into this file (compared.png).")] = None,
    report: Annotated[Path | None, typer.Option(help="Write a page about them all here (compared.html).")] = None,
) -> None:
    """Compare fits by leave-one-out cross-validation (PSIS-LOO), best first."""
    from rich.console import Console

    from mixtura.console import print_comparison
    from mixtura.fit import load
    from mixtura.pictures import check_format, of_comparison
    from mixtura.posterior.comparison import compare as compared

    if plot is not None:
        check_format(plot)
    check_outputs([plot, report], fits)
    stems = [path.stem for path in fits]
    loaded = {path.stem if stems.count(path.stem) == 1 else str(path): load(path) for path in fits}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = compared(loaded)
    wrote = []
    if plot is not None:
        of_comparison(loaded, table, plot)
        wrote.append(plot)
    if report is not None:
        from mixtura.report import compare as written

        written(loaded, report, table)
        wrote.append(report)
    if as_json:
        typer.echo(table.to_json(orient="index", indent=2))
    else:
        print_comparison(Console(highlight=False), table)
    for warning in caught:
        typer.echo(f"warning: {warning.message}", err=True)
    for path in wrote:
        typer.echo(f"wrote {path}", err=as_json)
