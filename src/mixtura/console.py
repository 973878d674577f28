"""What the command prints: tables that fit 80 columns, and warnings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from pandas import DataFrame

    from mixtura.fit import Fit
    from mixtura.params import Params

COLUMNS = ("mean", "sd", "hdi_lower", "hdi_upper", "mcse_mean", "ess_bulk", "ess_tail", "r_hat")


def summary_table(
    summary: DataFrame,
    beside: Mapping[str, Mapping[str, str]] | None = None,
    columns: Sequence[str] = COLUMNS,
) -> Table:
    """Lay a fit's summary out for the terminal.

    Parameters
    ----------
    summary : DataFrame
        What `Fit.summary` returns.
    beside : mapping of heading to {parameter: text}, optional
        Columns to stand left of the estimates, such as the truth.
    columns : sequence of str
        Columns of the summary to show; the default leaves out mcse_sd, for which 80 columns have no room.
    """
    beside = beside or {}
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1))
    table.add_column("", no_wrap=True)
    for heading in (*beside, *columns):
        heading = heading if heading == "r_hat" else heading.replace("_", "\n")
        table.add_column(heading, justify="right", no_wrap=True, vertical="bottom")
    for name, row in summary.iterrows():
        others = [known.get(str(name), "") for known in beside.values()]
        table.add_row(Text(str(name)), *others, *(_cell(column, row[column]) for column in columns))
    return table


def known_values(truth: Params, model_covariance: str) -> dict[str, str]:
    """Name a mixture's parameters as a summary's rows do: {"mean[0]": "9", …}."""
    blocks = {"weight": truth.weights, "mean": truth.means, "scale": truth.scales}
    named = {f"{block}[{i}]": f"{v:.4g}" for block, values in blocks.items() for i, v in enumerate(values)}
    if model_covariance == "tied":
        named["scale"] = f"{truth.scales[0]:.4g}"
    return named


def print_fit(console: Console, fit: Fit, title: str) -> None:
    """Print a fit: what it is, its summary, its warnings (to standard error)."""
    sizes = fit.posterior.sizes
    how = f"{fit.algorithm}, {sizes['chain']} chains of {sizes['draw']} draws"
    console.print(Text(f"{title}, {len(fit.x)} points; {how}"), soft_wrap=True)
    console.print(Text(repr(fit.model)))
    console.print()
    console.print(summary_table(fit.summary()))
    print_warnings(fit)


def print_warnings(fit: Fit) -> None:
    """Print each of a fit's warnings on one line of standard error."""
    errors = Console(stderr=True, highlight=False)
    for warning in fit.warnings:
        errors.print(Text("warning: ", style="yellow").append(warning), soft_wrap=True)


def _cell(column: str, value: Any) -> str:
    if not np.isfinite(value):
        return "-"
    if column.startswith("ess"):
        return f"{value:.0f}"
    return f"{value:.3f}" if column == "r_hat" else f"{value:.4g}"
