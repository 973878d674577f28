"""From a fit to a file: findings, words and charts brought together."""

from __future__ import annotations

from datetime import date
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any

from mixtura import __version__
from mixtura.multivariate.records import Params as RowParams
from mixtura.outputs import whole
from mixtura.report import answers, charts, content, data, page, reproduce
from mixtura.report.findings import Column, Findings, find
from mixtura.report.numerals import counted, number, places_for, split_unit

if TYPE_CHECKING:
    from mixtura.fit import Fit

SECTIONS = [
    ("warnings", "Warnings"), ("what", "What was fitted"), ("answer", "The answer"), ("pairs", "Pairs of features"),
    ("density", "Density"), ("membership", "Membership"), ("table", "Parameters"), ("check", "Fit to the data"),
    ("convergence", "Draws"), ("reproduce", "Reproduce"),
]  # fmt: skip
MOST_ROWS, MATRICES = 300, ("covariance[", "rate[")  # of the table; what longer ones leave out


def write(fit: Fit, path: str | PathLike[str], prob: float) -> None:
    """Write the report of a fit to an HTML file."""
    text = html_of(fit, prob)
    with whole(path) as place:
        place.write_text(text, encoding="utf-8")


def html_of(fit: Fit, prob: float) -> str:
    """The report of a fit as a page."""
    found, k = find(fit, prob), fit.n_components
    parts = _frame(fit, found, prob) | _panels(fit, found, prob)
    specs = {"density": charts.density(k), "check": charts.check(), "trace": charts.trace(), "rank": charts.rank()}
    if k > 1:
        specs["membership"] = charts.membership(k)
    numbers: dict[str, Any] = {"traces": data.traces(found, fit.model), "columns": []}
    for column in found.columns:
        numbers["columns"].append(data.column(column) | {"said": _said(fit, column, prob)})
    if found.cloud is not None:
        specs["pair"], numbers["cloud"] = charts.pair(k), data.cloud(found.cloud)
    return page.fill(parts, {"charts": specs, "data": numbers})


def _frame(fit: Fit, found: Findings, prob: float) -> dict[str, str]:
    """What every report has."""
    k, (chains, draws) = fit.n_components, fit.shape
    diverging = int(fit.sample_stats["diverging"].sum()) if "diverging" in fit.sample_stats else None
    here = {
        "warnings": bool(fit.warnings), "pairs": found.cloud is not None, "membership": k > 1,
    }  # fmt: skip
    return {
        "title": escape(content.headline(_features(fit), k)),
        "lead": f"{counted(len(fit.x), 'point')}, fitted by a Bayesian Gaussian mixture.",
        "status": page.status(len(fit.warnings)),
        "contents": page.contents(section for section in SECTIONS if here.get(section[0], True)),
        "warnings": page.warnings(fit.warnings),
        "model": escape(content.model_in_words(fit.model, found.cloud is not None)),
        "facts": page.facts(_facts(fit)),
        "cards": page.cards(_sentences(fit, found, prob)),
        "belonging": escape(answers.belonging_in_words(found.belonging, float(fit.weights.sum()))),
        "intervals": escape(
            f"In parentheses: the narrowest range that holds the true value with {100 * prob:g} % probability, given "
            "the data and the model."
        ),
        "table": page.table(_heads(prob), _rows(fit, found)),
        "omitted": " Matrices are left out; fit.summary() has them." if _crowded(found) else "",
        "convergence": page.paragraphs(content.convergence_in_words(found.estimates, chains, draws, diverging)),
        "worst": "every parameter" if len(found.traces) <= data.MOST_TRACES else
                 f"the {data.MOST_TRACES} parameters with the fewest effective draws",
        "code": page.code(reproduce.code(fit), "Python code"),
        "command": page.code(reproduce.command(fit), "Shell commands"),
        "reproduce": page.facts([
            ("Seed", str(fit.attrs["seed"])), *reproduce.versions(fit),
            ("SHA-256 of the data, as little-endian float64", page.Code(reproduce.fingerprint(fit.x))),
        ]),
        "date": f"{date.today():%d %B %Y}".lstrip("0"),
        "version": escape(__version__),
        "colors": page.colors(k),
    }  # fmt: skip


def _panels(fit: Fit, found: Findings, prob: float) -> dict[str, str]:
    """The panels with charts: of the first feature, with a choice where there are more."""
    k, column = fit.n_components, found.columns[0]
    said, (what, unit) = _said(fit, column, prob), split_unit(column.name)
    names = [each.name for each in found.columns]
    left = len(fit.features) - len(names)
    parts = {
        "chips": "".join(page.chip(j) for j in range(k)), "prob": f"{100 * prob:g}", "choice": "", "joint": "",
        "density_caption": escape(said["density"]), "membership_caption": escape(said["membership"]),
        "words": page.paragraphs(said["check"]), "what": escape(what), "unit": escape(unit), "alone": "",
        "options": page.choice(names), "left": f"({left} more features are not drawn.)" if left > 0 else "",
    }  # fmt: skip
    panels = {"pairs": "", "membership": ""}
    if found.cloud is not None:
        assert found.likely is not None
        parts["choice"] = page.part("choice.html", parts)
        parts["alone"] = ", going by this feature alone"
        parts["joint"] = f"<p>{escape(content.joint_check_in_words(found.likely))}</p>"
        panels["pairs"] = page.part("pairs.html", parts)
    if k > 1:
        panels["membership"] = page.part("membership.html", parts)
    return panels | {name: page.part(f"{name}.html", parts) for name in ("density", "check")}


def _said(fit: Fit, column: Column, prob: float) -> dict[str, Any]:
    """What is said of one feature's charts."""
    draws = fit.shape[0] * fit.shape[1]
    return {
        "density": content.peaks_in_words(column.curves, split_unit(column.name)[1]),
        "membership": content.regions_in_words(column.curves),
        "check": content.check_in_words(column.check, draws, prob),
    }


def _sentences(fit: Fit, found: Findings, prob: float) -> list[answers.Sentence]:
    """A sentence per component."""
    params, every = fit.params(), range(fit.n_components)
    if isinstance(params, RowParams):
        order = [fit.features.index(column.name) for column in found.columns]
        return [answers.component_of_rows_in_words(j, params, fit.model, fit.features, order, prob) for j in every]
    unit = split_unit(fit.name)[1]
    return [answers.component_in_words(j, params, fit.model, unit, prob) for j in every]


def _features(fit: Fit) -> list[str]:
    """What the data's columns are called."""
    return [fit.name] if fit.x.ndim == 1 else list(fit.features)


def _facts(fit: Fit) -> list[tuple[str, str]]:
    """What was fitted, and how."""
    (chains, draws), warmup = fit.shape, int(fit.attrs["tuning_steps"])
    priors = [(f"Prior of {words}", page.Code(text)) for words, text in content.priors_of(fit.model)]
    read = [("Read as", fit.compression)] if fit.compression else []
    drawn = f"{fit.algorithm}: {counted(chains, 'chain')} of {counted(draws, 'draw')}"
    drawn += f" after {counted(warmup, 'warm-up draw')}, in {fit.attrs['sampling_time']:.2g} s"
    said = content.data_in_words(fit.x, fit.weights, _features(fit))
    return [("Data", said), *read, *priors, ("Drawn by", drawn)]


def _heads(prob: float) -> list[tuple[str, str]]:
    """The table's headings, and what they mean."""
    return [
        ("Parameter", "as in fit.summary()"), ("Mean", "posterior mean"), ("SD", "posterior standard deviation"),
        ("Low", f"lower end of the {100 * prob:g} % highest-density interval"),
        ("High", f"upper end of the {100 * prob:g} % highest-density interval"),
        ("MCSE", "Monte Carlo standard error of the mean"), ("ESS bulk", "effective draws for the mean"),
        ("ESS tail", "effective draws for the ends"), ("R-hat", "how far chains disagree; 1 is not at all"),
    ]  # fmt: skip


def _rows(fit: Fit, found: Findings) -> list[tuple[str, int | None, list[tuple[str, float]]]]:
    """The table's rows: estimates to two digits of their sd."""
    rows, many = [], _crowded(found)
    for name, row in found.estimates.rows():
        if many and name.startswith(MATRICES):
            continue
        places = places_for(row["sd"]) + 1 if row["sd"] > 0 else None
        cells = [(number(row[column], places), row[column]) for column in ("mean", "sd", "hdi_lower", "hdi_upper")]
        cells.append((number(row["mcse_mean"], places_for(row["mcse_mean"]) + 1), row["mcse_mean"]))
        cells += [(number(row[column], 0), row[column]) for column in ("ess_bulk", "ess_tail")]
        rows.append((name, data.component_of(name, fit.model), [*cells, (number(row["r_hat"], 3), row["r_hat"])]))
    return rows


def _crowded(found: Findings) -> bool:
    """Whether the table leaves matrices out."""
    return len(found.estimates.names) > MOST_ROWS
