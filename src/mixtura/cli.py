"""The command: `mixtura fit`, `show`, `predict`, `simulate`, `compare`, `export`, `report` and `demo`.

Whatever is wrong with what the user gave ends as one line on standard error and exit status 2: the
library's errors (ValueError, TypeError), the system's and the parser's are all caught in `OneLine.main`.
Nothing heavy is imported before a command runs, so `--help` answers at once.
"""

from __future__ import annotations

import csv
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer
from typer.core import TyperGroup

from mixtura import __version__
from mixtura.commands import interrupt
from mixtura.commands.compare import compare
from mixtura.commands.counts import counted, wanted
from mixtura.commands.export import export
from mixtura.commands.files import Saved, check_outputs
from mixtura.commands.predict import predict
from mixtura.commands.simulate import simulate
from mixtura.commands.spare import spare_scipy
from mixtura.outputs import finished

if TYPE_CHECKING:
    from mixtura.arguments import Algorithm, Missing
    from mixtura.covariance import Word
    from mixtura.fit import Fit

WRONG_INPUT = 2
UNHEARD = 141  # as shells have it for a program whose output nobody reads to the end


class OneLine(TyperGroup):
    """A command whose errors are one line each."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command and leave with its exit status."""
        finished.clear()
        try:
            status = super().main(*args, **{**kwargs, "standalone_mode": False})
            if sys.stdout is not None:
                sys.stdout.flush()
        except BrokenPipeError:
            status = UNHEARD
        except SystemExit as left:  # typer's and rich's answer to a broken pipe is 1
            status = UNHEARD if left.code == 1 else left.code
        except (typer.TyperException, ValueError, TypeError, OSError, MemoryError) as error:
            _say(_one_line(error))
            status = WRONG_INPUT
        if status == interrupt.STATUS:
            _say(interrupt.told())
        elif status in (UNHEARD, WRONG_INPUT):
            _hush()
        sys.exit(status)


def _say(message: str) -> None:
    """A line on standard error, if anybody is there to read it."""
    with suppress(OSError):
        typer.echo(f"mixtura: {message}", err=True)


def _hush() -> None:
    """Nothing more goes to standard output: Python would fail again on leaving, over what it could not print."""
    with suppress(OSError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _one_line(error: Exception) -> str:
    if isinstance(error, typer.TyperException):
        message = error.format_message()
    elif isinstance(error, OSError) and error.strerror:
        message = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    elif isinstance(error, MemoryError):
        message = f"out of memory: {error}"
    else:
        message = str(error)
    return " ".join(message.split())


app = typer.Typer(cls=OneLine, pretty_exceptions_enable=False, rich_markup_mode="rich")


@app.callback(invoke_without_command=True)
def _main(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    """Bayesian Gaussian mixture models: the full posterior of weights, means and scales."""
    if version:
        typer.echo(f"mixtura {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def fit(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            help="A text table (- reads standard input), perhaps .gz, a .npy or .parquet file, or a folder of such.",
        ),
    ],
    components: Annotated[int, typer.Option("-k", "--components", parser=_whole, help="Number of components.")],
    columns: Annotated[
        str | None,
        typer.Option("--columns", "--column", help="Columns to model, as a,b,c; by default all that measure."),
    ] = None,
    counts: Annotated[
        str | None, typer.Option(help="The column that says how often each row was seen; it is not modelled.")
    ] = None,
    algorithm: Annotated[str, typer.Option(help="auto, nuts, hmc, gibbs or metropolis.")] = "auto",
    covariance: Annotated[
        str, typer.Option(help="full (one per component), tied (one for all), diagonal or spherical.")
    ] = "full",
    draws: Annotated[int, typer.Option(help="Draws to keep per chain.")] = 1000,
    warmup: Annotated[int, typer.Option(help="Warm-up draws per chain.")] = 1000,
    chains: Annotated[int, typer.Option(help="Number of chains.")] = 4,
    seed: Annotated[int | None, typer.Option(help="Same seed, same draws.")] = None,
    out: Annotated[Path | None, typer.Option(help="Save the fit here, as netCDF (fit.nc).")] = None,
    plots: Annotated[Path | None, typer.Option(help="Write the fit's figures into this folder.")] = None,
    page: Annotated[Path | None, typer.Option("--report", help="Write the fit's report here (report.html).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and notes to standard error.")] = False,
    drop_missing: Annotated[
        bool, typer.Option("--drop-missing", help="Leave out rows where a value is missing, and say how many.")
    ] = False,
) -> None:
    """Fit a mixture to one or more columns of numbers and print its posterior.

    Ctrl-C while draws are kept ends the chains: what they hold by then, from 4 draws each on, is saved and printed as
    a whole run's would be. After the last draw the command leaves as soon as --out is saved. Before that, and at a
    second Ctrl-C, it leaves at once. Its status is 130 then, and its last line says what was saved.
    """
    from mixtura.reading.sources import read

    check_outputs((out, page), [file], plots)
    missing = "drop" if drop_missing else "refuse"
    x, weights = read(file, wanted(None if columns is None else _names(columns), counts), missing), None
    if counts is not None:
        x, weights = counted(x, counts)
    if plots is not None:
        plots.mkdir(parents=True, exist_ok=True)
    if out is not None:
        interrupt.save_first()

    from mixtura.model import GaussianMixture

    spare_scipy()
    model = GaussianMixture(n_components=components, covariance=cast("Word", covariance))
    result = model.sample(
        x,
        draws=draws,
        warmup=warmup,
        chains=chains,
        algorithm=cast("Algorithm", algorithm),
        weights=weights,
        seed=seed,
        missing=cast("Missing", missing),
    )
    said = list(_written(result, out, plots, page))
    _print(result, as_json)
    for line in said:
        typer.echo(line, err=as_json)
    if result.attrs["interrupted"]:
        raise typer.Exit(interrupt.STATUS)


@app.command()
def show(
    file: Saved,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print a saved fit."""
    from mixtura.fit import load

    _print(load(file), as_json)


for verb in (predict, simulate, compare, export):
    app.command()(verb)


@app.command()
def report(
    file: Saved,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("report.html"),
) -> None:
    """Write a saved fit's report: one HTML file that needs no network."""
    from mixtura.fit import load

    check_outputs([out], [file])
    load(file).report(out)
    typer.echo(f"wrote {out}")


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Folder for the figures.")] = Path("mixtura-demo"),
) -> None:
    """Fit the mixtures of the book, the gallery and the galaxies; print them beside the truth; draw all."""
    out.mkdir(parents=True, exist_ok=True)
    from rich.console import Console

    from mixtura.demo import run

    run(out, Console(highlight=False))


def _written(result: Fit, out: Path | None, plots: Path | None, page: Path | None) -> Iterator[str]:
    """Write a fit's files, before anything is printed, since a reader may leave early; says which."""
    if out is not None:
        result.save(out)
        interrupt.saved()
        yield f"saved {out}"
    if plots is not None:
        from mixtura.pictures import Album, of_fit

        of_fit(result, album := Album(plots))
        yield f"wrote {len(album.paths)} figures to {plots}"
    if page is not None:
        result.report(page)
        yield f"wrote {page}"


def _print(found: Fit, as_json: bool) -> None:
    """A fit as a table, or as JSON; warnings go to standard error."""
    from rich.console import Console

    from mixtura import console

    if as_json:
        typer.echo(console.json_of(found))
        console.print_warnings(found)
    else:
        console.print_fit(Console(highlight=False), found)


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a whole number") from None


def _names(text: str) -> list[str]:
    """What stands between commas; a name that holds one stands in double quotes."""
    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True), [])]
    if not all(names) or not names:
        raise ValueError(f"--columns takes names with commas between them, such as a,b,c; got {text!r}")
    return names
