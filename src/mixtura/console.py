"""What the command prints: tables that fit the terminal, and warnings."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mixtura.covariance import STRUCTURES
from mixtura.digits import places, plain, written
from mixtura.posterior.diagnose import COLUMNS as EVERY
from mixtura.posterior.diagnose import r_hat_text
from mixtura.posterior.overview import brief, heading, text_of

if TYPE_CHECKING:
    import pandas as pd

    from mixtura.fit import Fit
    from mixtura.line.records import Params
    from mixtura.model import GaussianMixture
    from mixtura.posterior.diagnose import Summary

FIRST_TO_GO = (
    ["mcse_sd"],
    ["ess_tail"],
    ["mcse_mean"],
    ["ess_bulk"],
    ["hdi_lower", "hdi_upper"],
)  # where the terminal has no room
COLUMNS = ("mean", "sd", "hdi_lower", "hdi_upper", "mcse_mean", "ess_bulk", "ess_tail", "r_hat")


def summary_table(
    summary: Summary,
    beside: Mapping[str, Mapping[str, str]] | None = None,
    columns: Sequence[str] = COLUMNS,
) -> Table:
    """Lay a fit's summary out for the terminal.

    Parameters
    ----------
    summary : Summary
        What `Fit.estimates` holds.
    beside : mapping of heading to {parameter: text}, optional
        Columns to stand left of the estimates, such as the truth.
    columns : sequence of str
        Columns of the summary to show; the default leaves out mcse_sd, for which 80 columns have no room.
    """
    beside = beside or {}
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("", no_wrap=True)
    for name in (*beside, *map(heading, columns)):
        broken = name if name == "r_hat" else name.replace("_", "\n")
        table.add_column(broken, justify="right", no_wrap=True, vertical="bottom")
    for name, row in summary.rows():
        others = [known.get(name, "") for known in beside.values()]
        table.add_row(Text(name), *others, *_cells(row, columns))
    return table


def known_values(truth: Params, covariance: str) -> dict[str, str]:
    """Name a mixture's parameters as a summary's rows do: {"mean[0]": "9", …}."""
    blocks = {"weight": truth.weights, "mean": truth.means, "scale": truth.scales}
    named = {f"{block}[{i}]": plain(v) for block, values in blocks.items() for i, v in enumerate(values)}
    if STRUCTURES[covariance].shared:
        named["scale"] = plain(truth.scales[0])
    return named


def print_summary(
    console: Console,
    summary: Summary,
    beside: Mapping[str, Mapping[str, str]] | None = None,
    columns: Sequence[str] = COLUMNS,
) -> None:
    """Print a summary as `summary_table` lays it out, with fewer columns where it would not fit."""
    table = summary_table(summary, beside, columns)
    for dropped in FIRST_TO_GO:
        if console.measure(table, options=console.options.update(width=1000)).maximum <= console.width:
            break
        columns = [column for column in columns if column not in dropped]
        table = summary_table(summary, beside, columns)
    console.print(table)


def print_model(console: Console, model: GaussianMixture) -> None:
    """Print what is believed, one block after the other."""
    believed = Table.grid(padding=(0, 1, 0, 0))
    believed.add_row("covariance", Text(model.covariance))
    for block in ("means", "scales", "variances", "covariances", "correlations", "weights"):
        if (prior := getattr(model, block)) is not None:
            believed.add_row(block, Text(brief(prior)))
    console.print(believed)


def print_fit(console: Console, fit: Fit) -> None:
    """Print a fit: what it is, its summary, its warnings (to standard error)."""
    chains, draws = fit.shape
    points = _count(fit.n, "point") + (f" of {len(fit.features)} features" if fit.x.ndim > 1 else "")
    what = f"{points}{fit.left_out}, {_count(fit.n_components, 'component')}"
    how = f"{fit.algorithm}, {_count(chains, 'chain')} of {_count(draws, 'draw')}"
    console.print(Text(f"{fit.name}: {what}; {how}"), soft_wrap=True)
    if fit.columns_said:
        console.print(Text(fit.columns_said), soft_wrap=True)
    if fit.reason:
        console.print(Text(f"{fit.algorithm}: {fit.reason}"), soft_wrap=True)
    if fit.compression:
        console.print(Text(fit.compression), soft_wrap=True)
    print_model(console, fit.model)
    console.print()
    if fit.x.ndim > 1:
        console.print(Text(text_of(fit._record, fit.estimates, console.width)), soft_wrap=True)
    else:
        print_summary(console, fit.estimates, columns=EVERY)
    print_warnings(fit)


def json_of(fit: Fit) -> str:
    """A fit's head, summary and warnings as JSON; what is no number is null."""
    chains, draws = fit.shape
    rows = {name: {c: v if math.isfinite(v) else None for c, v in row.items()} for name, row in fit.estimates.rows()}
    told = {
        "name": fit.name,
        "features": list(fit.features),
        "points": fit.n,
        "dropped": fit.attrs.get("dropped", 0),
        "columns": fit.columns_said,
        "chains": chains,
        "draws": draws,
    }
    told |= {"algorithm": fit.algorithm, "reason": fit.reason, "model": fit.model.to_dict(), "summary": rows}
    return json.dumps(told | {"warnings": list(fit.warnings)}, indent=2)


def print_comparison(console: Console, table: pd.DataFrame) -> None:
    """Print what `mx.compare` found, best first."""
    printed = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    printed.add_column("", no_wrap=True)
    shown = [column for column in table.columns if column not in ("rank", "diag_diff", "diag_elpd")]
    for column in shown:
        printed.add_column(column, justify="right", no_wrap=True)
    for name, row in table.iterrows():
        printed.add_row(Text(str(name)), *(_compared(row[c], c) for c in shown))
    console.print(printed)


def _compared(value: float, column: str) -> str:
    """A number of a comparison: shares and probabilities to two decimals, log densities to one, none for the best."""
    return "" if math.isnan(value) else f"{value:.2f}" if column in ("p_worse", "weight") else f"{value:.1f}"


def print_warnings(fit: Fit) -> None:
    """Print each of a fit's warnings on one line of standard error."""
    errors = Console(stderr=True, highlight=False)
    for warning in fit.warnings:
        errors.print(Text("warning: ", style="yellow").append(warning), soft_wrap=True)


def _cells(row: Mapping[str, float], columns: Sequence[str]) -> list[str]:
    """One parameter's numbers: as many decimals as show three digits of its sd, or four digits in all."""
    return [_cell(row[c], c, row["sd"]) for c in columns]


def _cell(value: float, column: str, sd: float) -> str:
    if math.isnan(value):
        return "-"
    if column == "r_hat":
        return r_hat_text(value)
    if column.startswith("ess"):
        return f"{value:.0f}"
    if column.startswith("mcse"):
        return plain(value, least=2)
    return written(value, places(sd, 3)) if sd > 0 else plain(value, sd)


def _count(n: int, what: str) -> str:
    return f"{n} {what}{'s' * (n != 1)}"
