"""From a fit to a file: findings, words and charts brought together."""

from __future__ import annotations

import hashlib
import platform
import re
from datetime import date
from html import escape
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura import __version__
from mixtura.model import GaussianMixture
from mixtura.posterior import diagnose
from mixtura.report import charts, content, data, page
from mixtura.report.findings import Findings, find
from mixtura.report.numerals import counted, number, places_for, split_unit

if TYPE_CHECKING:
    from mixtura.fit import Fit

LIBRARIES = ("numpy", "numba", "scipy")
SECTIONS = [
    ("warnings", "Warnings"), ("what", "What was fitted"), ("answer", "The answer"), ("density", "Density"),
    ("membership", "Membership"), ("table", "Parameters"), ("check", "Fit to the data"), ("convergence", "Draws"),
    ("reproduce", "Reproduce"),
]  # fmt: skip


def write(fit: Fit, path: str | PathLike[str], prob: float) -> None:
    """Write the report of a fit to an HTML file."""
    text = html_of(fit, prob)
    try:
        Path(path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise OSError(f"cannot write {str(path)!r}: no such folder, or no permission") from error


def html_of(fit: Fit, prob: float) -> str:
    """The report of a fit as a page."""
    found = find(fit, prob)
    parts, specs, numbers = _frame(fit, found, prob), charts.of_draws(), {"traces": data.traces(found)}
    for panel in (_density, _membership, _check):
        said, drawn, shown = panel(fit, found, prob)
        parts, specs, numbers = parts | said, specs | drawn, numbers | shown
    return page.fill(parts, {"charts": specs, "data": numbers, "unit": split_unit(fit.name)[1]})


def _frame(fit: Fit, found: Findings, prob: float) -> dict[str, str]:
    """What every report has."""
    k, unit, (chains, draws) = fit.n_components, split_unit(fit.name)[1], fit.shape
    sentences = [content.component_in_words(j, fit.params(), fit.model, unit, prob) for j in range(k)]
    diverging = int(fit.sample_stats["diverging"].sum()) if "diverging" in fit.sample_stats else None
    trusted = content.convergence_in_words(found.estimates, chains, draws, diverging)
    return {
        "title": escape(content.headline(fit.name, k)),
        "lead": f"{counted(fit.x.size, 'point')}, fitted by a Bayesian Gaussian mixture.",
        "status": page.status(len(fit.warnings)),
        "contents": page.contents(_contents(fit)),
        "warnings": page.warnings(fit.warnings),
        "model": escape(content.model_in_words(fit.model)),
        "facts": page.facts(_facts(fit)),
        "cards": page.cards(sentences),
        "belonging": escape(content.belonging_in_words(found.belonging, float(fit.weights.sum()))),
        "intervals": escape(
            f"In parentheses: the narrowest range that holds the true value with {100 * prob:g} % probability, given "
            "the data and the model."
        ),
        "table": page.table(_heads(prob), _rows(found.estimates)),
        "convergence": page.paragraphs(trusted),
        "code": escape(content.call_in_code(fit.model, _options(fit))),
        "command": _command(fit),
        "reproduce": page.facts(_origins(fit)),
        "date": f"{date.today():%d %B %Y}".lstrip("0"),
        "version": escape(__version__),
        "colors": page.colors(k),
    }


Panel = tuple[dict[str, str], dict[str, Any], dict[str, Any]]  # parts of the page, charts, their numbers


def _density(fit: Fit, found: Findings, prob: float) -> Panel:
    """The density over the data."""
    caption = content.peaks_in_words(found.curves, split_unit(fit.name)[1])
    chips = "".join(map(page.chip, range(fit.n_components)))
    parts = {"chips": chips, "prob": f"{100 * prob:g}", "caption": escape(caption)}
    chart = page.described(charts.density(fit.name, fit.n_components), caption)
    numbers = {"curves": data.curves(found), "bars": data.bars(found)}
    return {"density": page.part("density.html", parts)}, {"density": chart}, numbers


def _membership(fit: Fit, found: Findings, prob: float) -> Panel:
    """Membership along x, where there is more than one component to belong to."""
    if fit.n_components == 1:
        return {"membership": ""}, {}, {}
    what, unit = split_unit(fit.name)
    caption = content.regions_in_words(found.curves)
    parts = {"what": escape(what), "unit": escape(unit), "caption": escape(caption)}
    chart = page.described(charts.membership(fit.name, fit.n_components), caption)
    numbers = {"names": data.names(found), "start": data.start(found)}
    return {"membership": page.part("membership.html", parts)}, {"membership": chart}, numbers


def _check(fit: Fit, found: Findings, prob: float) -> Panel:
    """The check against the data."""
    said = content.check_in_words(found.check, fit.shape[0] * fit.shape[1], prob)
    parts = {"words": page.paragraphs(said), "prob": f"{100 * prob:g}"}
    chart = page.described(charts.check(fit.name), " ".join(said))
    return {"check": page.part("check.html", parts)}, {"check": chart}, {"bins": data.bins(found)}


def _contents(fit: Fit) -> list[tuple[str, str]]:
    """The sections that this report has."""
    idle = {"warnings": not fit.warnings, "membership": fit.n_components == 1}
    return [section for section in SECTIONS if not idle.get(section[0])]


def _facts(fit: Fit) -> list[tuple[str, str]]:
    """What was fitted, and how."""
    (what, unit), (chains, draws) = split_unit(fit.name), fit.shape
    warmup = fit.attrs.get("tuning_steps")
    drawn = f"{fit.algorithm}: {counted(chains, 'chain')} of {counted(draws, 'draw')}"
    drawn += f" after {counted(int(warmup), 'warm-up draw')}" if warmup is not None else ""
    priors = [(f"Prior of {words}", page.Code(text)) for words, text in content.priors_of(fit.model)]
    read = [("Read as", fit.compression)] if fit.compression else []
    data_ = f"{what}: {content.data_in_words(fit.x, fit.weights, unit)}"
    return [("Data", data_), *read, *priors, ("Drawn by", f"{drawn}, in {fit.attrs['sampling_time']:.2g} s")]


def _heads(prob: float) -> list[tuple[str, str]]:
    return [
        ("Parameter", "as in fit.summary()"), ("Mean", "posterior mean"), ("SD", "posterior standard deviation"),
        ("Low", f"lower end of the {100 * prob:g} % highest-density interval"),
        ("High", f"upper end of the {100 * prob:g} % highest-density interval"),
        ("MCSE", "Monte Carlo standard error of the mean"), ("ESS bulk", "effective draws for the mean"),
        ("ESS tail", "effective draws for the ends"), ("R-hat", "how far chains disagree; 1 is not at all"),
    ]  # fmt: skip


def _rows(summary: diagnose.Summary) -> list[tuple[str, int | None, list[tuple[str, float]]]]:
    """The table's rows: estimates to two digits of their sd."""
    rows = []
    for name, row in summary.rows():
        component = re.match(r"(?:weight|mean|scale|covariance)\[(\d+)", name)
        places = places_for(row["sd"]) + 1 if row["sd"] > 0 else None
        cells = [(number(row[column], places), row[column]) for column in ("mean", "sd", "hdi_lower", "hdi_upper")]
        cells.append((number(row["mcse_mean"], places_for(row["mcse_mean"]) + 1), row["mcse_mean"]))
        cells += [(number(row[column], 0), row[column]) for column in ("ess_bulk", "ess_tail")]
        rows.append((name, int(component[1]) if component else None, [*cells, (number(row["r_hat"], 3), row["r_hat"])]))
    return rows


def _options(fit: Fit) -> dict[str, Any]:
    """What `sample` was told."""
    chains, draws = fit.shape
    options: dict[str, Any] = {"draws": draws, "warmup": fit.attrs.get("tuning_steps"), "chains": chains}
    return options | {"algorithm": fit.algorithm, "seed": int(fit.attrs["seed"])}


def _command(fit: Fit) -> str:
    """The same in the shell, where the command can say it: with the default priors."""
    model = fit.model
    plain = GaussianMixture(n_components=model.n_components, covariance=model.covariance)
    if plain.with_defaults(fit.x) != model or (fit.weights != 1).any():
        return ""
    given = {"components": model.n_components, "covariance": model.covariance} | _options(fit)
    options = " ".join(f"--{name} {value}" for name, value in given.items())
    lines = f"mixtura fit DATA.csv \\\n    {options} \\\n    --out fit.nc\nmixtura report fit.nc --out report.html"
    return f'<pre tabindex="0" aria-label="Shell commands"><code>{escape(lines)}</code></pre>'


def _origins(fit: Fit) -> list[tuple[str, str]]:
    """What else decides every bit: versions, the seed, the data."""
    versions = [f"{library} {version(library)}" for library in LIBRARIES]
    print_ = hashlib.sha256(np.ascontiguousarray(fit.x, "<f8").tobytes()).hexdigest()
    return [
        ("Seed", str(fit.attrs["seed"])),
        ("Drawn with", f"mixtura {fit.attrs['inference_library_version']}"),
        ("Reported with", ", ".join([f"mixtura {__version__}", f"Python {platform.python_version()}", *versions])),
        ("SHA-256 of the data, as little-endian float64", page.Code(print_)),
    ]
