"""A fit at a glance, in lines as wide as the terminal: of one column the summary, of rows a block per component."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mixtura.arrays import Floats
from mixtura.digits import places, plain, written
from mixtura.posterior.diagnose import COLUMNS as ALL
from mixtura.posterior.diagnose import DEFAULT_PROB, Summary, r_hat_text
from mixtura.posterior.rows import evenly
from mixtura.posterior.store import Record
from mixtura.rows.records import Params

WIDTH = 80  # where there is no terminal
LONG = 120  # letters of a prior, from where on its matrices are left out
LONGEST = 16  # letters of a feature's name
MOST = 12  # features that are shown
LOOKS = 400  # draws that correlations are averaged over
ESTIMATES = ("mean", "sd", "hdi_lower", "hdi_upper")
COLUMNS = ["mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "r_hat"]
MORE = (["mcse_mean", "ess_tail", "mcse_sd"], ["mcse_mean", "ess_tail"], ["mcse_mean"])  # where it is wider than WIDTH
FEWER = (["ess_bulk"], ["ess_bulk", "hdi_lower", "hdi_upper"])  # where not all of COLUMNS have room


def text_of(record: Record, summary: Summary, width: int = WIDTH) -> str:
    """What a fit shows of its posterior when it is printed, in lines of so many characters."""
    if record.of_rows:
        return "\n".join(blocks(record, summary, width))
    wider = [[name for name in ALL if name in (*COLUMNS, *more)] for more in MORE if width > WIDTH]
    choices = [*wider, COLUMNS, *([name for name in COLUMNS if name not in fewer] for fewer in FEWER)]
    texts = (_columns(summary, columns) for columns in choices)
    last = ""
    for text in texts:
        last = text
        if max(map(len, text.split("\n"))) <= width:
            break
    return last


def heading(column: str, prob: float = DEFAULT_PROB) -> str:
    """A column's name where people read it: whose interval it is.

    >>> heading("hdi_lower"), heading("r_hat")
    ('hdi94_lower', 'r_hat')
    """
    return column.replace("hdi", f"hdi{100 * prob:g}")


def cells(row: Mapping[str, float], columns: Sequence[str]) -> list[str]:
    """One parameter's numbers as text: its estimates to the digits that its sd leaves standing."""
    return [
        plain(row[c], row["sd"] if c in ESTIMATES else math.nan) if c != "r_hat" else r_hat_text(row[c])
        for c in columns
    ]


def _columns(summary: Summary, columns: Sequence[str]) -> str:
    """Some columns of a summary as text."""
    rows = [["", *map(heading, columns)], *([name, *cells(row, columns)] for name, row in summary.rows())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])] for row in rows)
    return "\n".join("  ".join(line) for line in lines)


def brief(said: object) -> str:
    """A prior or a model in words, the numbers of its matrices left out where that gets long.

    >>> brief("Wishart(df=10, scale=[[" + "1, " * 50 + "1]])")
    'Wishart(df=10, scale=[[…]])'
    """
    text = str(said)
    return text if len(text) < LONG else re.sub(r"\[\[.*?\]\]", "[[…]]", text)


def blocks(record: Record, summary: Summary, width: int = WIDTH) -> Iterator[str]:
    """Lines about rows: each component's weight, means, standard deviations and correlations, and the diagnostics.

    Means are followed by the posterior's standard deviation. Correlations are the triangle below the diagonal, where it
    fits, else each feature's strongest.
    """
    params = record.params
    assert isinstance(params, Params)
    structure = record.model.structure
    shown = min(len(record.features), MOST)
    labels = ["", *(_short(feature) for feature in record.features[:shown])]
    scales, correlations = params.scales, _correlations(params)
    for j in range(record.model.n_components):
        columns = [labels, ["mean", *_estimates(params.means[..., j, :shown])]]
        if not structure.shared:
            columns += _spread(scales[..., j, :shown], correlations[j] if structure.correlated else None, record, width)
        yield f"component {j}: weight {_estimates(params.weights[..., j, None])[0]}"
        yield from _aligned(columns)
    if structure.shared:
        yield "all components"
        yield from _aligned([labels, *_spread(scales[..., 0, :shown], correlations[0], record, width)])
    if shown < len(record.features):
        yield f"(and {len(record.features) - shown} features more: see fit.summary())"
    yield _diagnostics(summary)


def _spread(scales: Floats, correlations: Floats | None, record: Record, width: int) -> list[list[str]]:
    """Columns of standard deviations and, if there are any, correlations."""
    columns = [["sd", *_estimates(scales)]]
    if correlations is None:
        return columns
    d, shown = len(correlations), scales.shape[-1]
    if 2 * LONGEST + 2 * 18 + 5 * (d - 1) <= width + LONGEST:
        triangle = [" ".join(f"{value:5.2f}" for value in row[:a]) for a, row in enumerate(correlations)]
        return [*columns, ["correlations", *triangle]]
    off = correlations - np.eye(d)
    strongest = np.abs(off).argmax(1)[:shown]
    return [
        *columns,
        ["strongest correlation", *(f"{off[a, b]:5.2f} {_short(record.features[b])}" for a, b in enumerate(strongest))],
    ]


def _diagnostics(summary: Summary) -> str:
    """The worst R-hat and the least effective sample size, and whose they are."""
    judged = np.array([name != "occupied" for name in summary.names])
    said = []
    for values, what, worst, text in (
        (summary.r_hat, "R-hat at most", np.nanargmax, r_hat_text),
        (summary.ess_bulk, "bulk-ESS at least", np.nanargmin, "{:.0f}".format),
    ):
        if not np.isnan(values[judged]).all():
            at = np.flatnonzero(judged)[worst(values[judged])]
            said.append(f"{what} {text(values[at])} ({summary.names[at]})")
    return "\n".join(said) or "too few draws for R-hat and effective sample sizes"


def _estimates(draws: Floats) -> list[str]:
    """Posterior mean and standard deviation of each of (c, s, p) in two digits of the latter."""
    apart = draws - draws[0, 0]  # sums of numbers far from 0 lose what tells them apart
    both = zip(draws[0, 0] + apart.mean((0, 1)), apart.std((0, 1)), strict=True)
    return [f"{written(m, places(sd))} ± {written(sd, places(sd))}" if sd > 0 else plain(m, 0.0) for m, sd in both]


def _correlations(params: Params) -> Floats:
    """Posterior mean correlations (k, d, d)."""
    draws = evenly(params, LOOKS)
    unit = draws.factors / draws.scales[..., None]
    correlations: Floats = (unit @ unit.swapaxes(-1, -2)).mean(0)
    return correlations


def _aligned(columns: Sequence[Sequence[str]]) -> Iterator[str]:
    """Lines of a table; numbers are set flush right, the first and the last of more than two columns flush left."""
    widths = [max(map(len, column)) for column in columns]
    for row in zip(*columns, strict=True):
        cells = [text.rjust(width) for text, width in zip(row, widths, strict=True)]
        cells[0] = row[0].ljust(widths[0])
        if len(row) > 3 or (len(row) == 3 and "±" not in row[-1] and row[-1] != "sd"):
            cells[-1] = row[-1].ljust(widths[-1])
        yield ("  " + "  ".join(cells)).rstrip()


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"
