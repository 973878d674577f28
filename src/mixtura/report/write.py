"""From a fit to a file: findings, words and charts brought together."""

from __future__ import annotations

from datetime import date
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any

from mixtura import __version__
from mixtura.outputs import whole
from mixtura.report import answers, charts, content, data, page, reproduce
from mixtura.report.findings import Column, Findings, find
from mixtura.report.numerals import counted, split_unit
from mixtura.report.priors import MOST
from mixtura.report.summaries import crowded, doubt_heads, doubtful, facts, features_of, heads, rows_of, sentences

if TYPE_CHECKING:
    from mixtura.fit import Fit

SECTIONS = [
    ("warnings", "Warnings"), ("what", "What was fitted"), ("answer", "The answer"), ("pairs", "Pairs of features"),
    ("density", "Density"), ("membership", "Membership"), ("table", "Parameters"), ("check", "Fit to the data"),
    ("convergence", "Draws"), ("reproduce", "Reproduce"),
]  # fmt: skip

PAIR, IN_GRID = 2, 6  # features in a picture of a pair, and at most in the grid of all


def write(fit: Fit, path: str | PathLike[str], prob: float) -> None:
    """Write the report of a fit to an HTML file."""
    put(html_of(fit, prob), path)


def put(text: str, path: str | PathLike[str]) -> None:
    """Write a page to a file."""
    with whole(path) as place:
        place.write_text(text, encoding="utf-8")


def html_of(fit: Fit, prob: float) -> str:
    """The report of a fit as a page."""
    found, k = find(fit, prob), fit.n_components
    parts = _frame(fit, found, prob) | _panels(fit, found, prob)
    specs = {"density": charts.density(k), "check": charts.check(), "trace": charts.trace(), "rank": charts.rank()}
    specs["beside"] = charts.beside()
    if k > 1:
        specs["membership"] = charts.membership(k)
    numbers: dict[str, Any] = {
        "traces": data.traces(found, fit.model), "priors": data.priors(found, fit.model), "columns": [],
    }  # fmt: skip
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
        "title": escape(content.headline(features_of(fit), k)),
        "lead": f"{counted(fit.n, 'point')}, fitted by a Bayesian Gaussian mixture.",
        "status": page.status(len(fit.warnings)),
        "contents": page.contents(section for section in SECTIONS if here.get(section[0], True)),
        "warnings": page.warnings(fit.warnings),
        "model": escape(content.model_in_words(fit.model, found.cloud is not None)),
        "facts": page.facts(facts(fit)),
        "cards": page.cards(sentences(fit, prob)),
        "belonging": escape(answers.belonging_in_words(found.belonging, float(fit.weights.sum()))),
        "intervals": escape(
            f"In parentheses: the narrowest range that holds the true value with {100 * prob:g} % probability, given "
            "the data and the model."
        ),
        "table": page.table(heads(prob), rows_of(fit, found.estimates)),
        "omitted": " Matrices are left out; fit.summary() has them." if crowded(found.estimates) else "",
        "convergence": page.paragraphs(content.convergence_in_words(found.estimates, chains, draws, diverging)),
        "taught": "every weight, mean and standard deviation" if len(found.priors) < MOST else
                  f"the first {MOST} weights, means and standard deviations",
        "worst": "every parameter" if len(found.traces) <= data.MOST_TRACES else
                 f"the {data.MOST_TRACES} parameters with the fewest effective draws",
        "code": page.code(reproduce.code(fit), "Python code"),
        "command": page.code(reproduce.command(fit), "Shell commands"),
        "reproduce": page.facts([
            ("Seed", str(fit.attrs["seed"])), *reproduce.versions(fit), ("Written on", _today()),
            ("SHA-256 of the data, as little-endian float64", page.Code(reproduce.fingerprint(fit.x))),
        ]),
        "date": _today(),
        "version": escape(__version__),
        "colors": page.colors(k),
    }  # fmt: skip


def _today() -> str:
    return f"{date.today():%d %B %Y}".lstrip("0")


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
        notes = [f"{each.name}: {each.note}" for each in found.columns if each.note]
        parts["unseen"] = escape(content.unseen_in_words("; ".join(notes)))
        parts["alone"] = ", going by this feature alone"
        parts["joint"] = f"<p>{escape(content.joint_check_in_words(found.likely))}</p>"
        parts["grid"] = page.part("grid.html", {"beyond": _beyond(len(fit.features))}) if len(names) > PAIR else ""
        panels["pairs"] = page.part("pairs.html", parts)
    if k > 1:
        parts["doubt"] = page.table(doubt_heads(fit, prob), doubtful(fit, found.doubt))
        parts["doubt_caption"] = escape(answers.doubt_in_words(found.belonging, found.doubt))
        panels["membership"] = page.part("membership.html", parts)
    return panels | {name: page.part(f"{name}.html", parts) for name in ("density", "check")}


def _beyond(d: int) -> str:
    """What the grid of pairs leaves out."""
    return f"It shows the {IN_GRID} features that tell components apart most, of {d}." if d > IN_GRID else ""


def _said(fit: Fit, column: Column, prob: float) -> dict[str, Any]:
    """What is said of one feature's charts."""
    draws = fit.shape[0] * fit.shape[1]
    return {
        "density": content.peaks_in_words(column.curves, split_unit(column.name)[1])
        + content.unseen_in_words(column.note),
        "membership": content.regions_in_words(column.curves, column.note),
        "check": content.check_in_words(column.check, draws, prob),
    }
