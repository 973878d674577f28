"""What reports say of a fit in lists and tables: its facts, a sentence per component, its parameters, its doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mixtura import digits
from mixtura.posterior.diagnose import Summary, r_hat_text
from mixtura.report import answers, content, data, page
from mixtura.report.findings import Doubt
from mixtura.report.numerals import counted, number, rough, split_unit, value_among
from mixtura.report.pairs import separation
from mixtura.rows.records import Params as RowParams

if TYPE_CHECKING:
    from mixtura.fit import Fit

Line = tuple[str, int | None, list[tuple[str, float]]]  # of a table: a name, its component if any, cells
MOST_ROWS, MATRICES = 300, ("covariance[", "rate[")  # of the table; what longer ones leave out


def sentences(fit: Fit, prob: float) -> list[answers.Sentence]:
    """A sentence per component."""
    params, every = fit.params(), range(fit.n_components)
    if isinstance(params, RowParams):
        order = np.argsort(-separation(params), kind="stable").tolist()
        return [answers.component_of_rows_in_words(j, params, fit.model, fit.features, order, prob) for j in every]
    unit = split_unit(fit.name)[1]
    return [answers.component_in_words(j, params, fit.model, unit, prob) for j in every]


def features_of(fit: Fit) -> list[str]:
    """What the data's columns are called."""
    return [fit.name] if fit.x.ndim == 1 else list(fit.features)


def facts(fit: Fit) -> list[tuple[str, str]]:
    """What was fitted, and how."""
    (chains, draws), warmup = fit.shape, int(fit.attrs["tuning_steps"])
    priors = [(f"Prior of {words}", page.Code(text)) for words, text in content.priors_of(fit.model)]
    read = [("Read as", fit.compression)] if fit.compression else []
    drawn = f"{fit.algorithm}: {counted(chains, 'chain')} of {counted(draws, 'draw')}"
    drawn += f" after {counted(warmup, 'warm-up draw')}, in {fit.attrs['sampling_time']:.2g} s"
    said = content.data_in_words(fit.x, fit.weights, features_of(fit))
    read = [("Columns", fit.columns_said.removeprefix("columns: ")), *read] if fit.columns_said else read
    return [("Data", said), *read, *priors, ("Drawn by", drawn)]


def heads(prob: float) -> list[tuple[str, str]]:
    """The table's headings, and what they mean."""
    return [
        ("Parameter", "as in fit.summary()"), ("Mean", "posterior mean"), ("SD", "posterior standard deviation"),
        ("Low", f"lower end of the {100 * prob:g} % highest-density interval"),
        ("High", f"upper end of the {100 * prob:g} % highest-density interval"),
        ("MCSE", "Monte Carlo standard error of the mean"), ("ESS bulk", "effective draws for the mean"),
        ("ESS tail", "effective draws for the ends"), ("R-hat", "how far chains disagree; 1 is not at all"),
    ]  # fmt: skip


def rows_of(fit: Fit, estimates: Summary) -> list[Line]:
    """The table's rows: estimates to two digits of their sd."""
    rows, many = [], crowded(estimates)
    for name, row in estimates.rows():
        if many and name.startswith(MATRICES):
            continue
        places = digits.places(row["sd"]) if row["sd"] > 0 else None
        cells = [(number(row[column], places), row[column]) for column in ("mean", "sd", "hdi_lower", "hdi_upper")]
        cells.append((number(row["mcse_mean"], digits.places(row["mcse_mean"])), row["mcse_mean"]))
        cells += [(number(row[column], 0), row[column]) for column in ("ess_bulk", "ess_tail")]
        rows.append((name, data.component_of(name, fit.model), [*cells, (r_hat_text(row["r_hat"]), row["r_hat"])]))
    return rows


def doubt_heads(fit: Fit, prob: float) -> list[tuple[str, str]]:
    """The headings of the table of doubtful points."""
    return [
        ("Point", "its row in the data, from 0"), *[("Place", fit.name)] * (fit.x.ndim == 1),
        ("Component", "the most probable"), ("Probability", "posterior mean"),
        ("Low", f"lower end of the {100 * prob:g} % interval"), ("High", f"upper end of the {100 * prob:g} % interval"),
        ("Next", "the component that comes second"), ("Probability", "posterior mean of the next"),
    ]  # fmt: skip


def doubtful(fit: Fit, doubt: Doubt) -> list[Line]:
    """The most doubtful points by name, and whose they may be."""
    rows: list[Line] = []
    span = float(np.median(fit.params().scales))
    for i, (row, point) in enumerate(zip(doubt.rows, doubt.points, strict=True)):
        mean, low, high = doubt.membership[:, i]
        first, second = (int(j) for j in np.argsort(-mean, kind="stable")[:2])
        cells = [(value_among(float(point), span), float(point))] if fit.x.ndim == 1 else []
        cells.append((str(first), first))
        cells += [(rough(float(v)), float(v)) for v in (mean[first], low[first], high[first])]
        cells += [(str(second), second), (rough(float(mean[second])), float(mean[second]))]
        rows.append((f"point {row}", first, cells))
    return rows


def crowded(estimates: Summary) -> bool:
    """Whether the table leaves matrices out."""
    return len(estimates.names) > MOST_ROWS
