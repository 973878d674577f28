"""Several fits of the same data in one file: which predicts best, and what each makes of the data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from html import escape
from os import PathLike
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura import __version__
from mixtura.arrays import Floats
from mixtura.plots.windows import window
from mixtura.posterior import curves, diagnose, predict
from mixtura.posterior.diagnose import DEFAULT_PROB
from mixtura.posterior.variables import along
from mixtura.report import charts, content, data, page
from mixtura.report.findings import MOST_FEATURES, places, seen_bins
from mixtura.report.numerals import counted, number, places_for, rough
from mixtura.report.summaries import Line, crowded, facts, features_of, heads, rows_of, sentences
from mixtura.report.write import put

if TYPE_CHECKING:
    import pandas as pd

    from mixtura.fit import Fit

HEADS = [
    ("Fit", "its name"), ("elpd", "expected log predictive density of points left out"),
    ("Behind", "how far it is behind the best"), ("± SE", "standard error of that"),
    ("p", "effective number of parameters"), ("Weight", "its share in the blend that predicts best"),
]  # fmt: skip


def compare(
    fits: Mapping[str, Fit], path: str | PathLike[str], table: pd.DataFrame | None = None, prob: float = DEFAULT_PROB
) -> None:
    """Write one HTML file about several fits of the same data, that needs no network.

    It shows how far each is behind the best in predicting points left out, with standard errors, the densities of all
    over the data, and the components and parameters of each.

    Parameters
    ----------
    fits
        Fits of the same data by name, two or more.
    path
        The file, such as "compared.html"; replaced if it is there.
    table
        What `mixtura.compare` said of them; worked out if none is given.
    prob
        Probability of the credible intervals.

    Raises
    ------
    ValueError
        If there are fewer than two fits, they are not of the same data, or the table is not of these fits.
    OSError
        If the file cannot be written.

    Examples
    --------
    >>> import mixtura as mx
    >>> data = mx.datasets.book()
    >>> fits = {f"k={k}": mx.GaussianMixture(n_components=k).sample(data, draws=100, seed=1) for k in (2, 3)}
    >>> mx.report.compare(fits, "compared.html")  # doctest: +SKIP
    """
    diagnose.check_prob(prob)
    if table is None:
        from mixtura.posterior import comparison

        table = comparison.compare(fits)
    if set(table.index) != set(fits):
        raise ValueError(f"table compares {', '.join(map(str, table.index))}; these fits are {', '.join(fits)}")
    put(html_of({name: fits[name] for name in table.index}, table, prob), path)


def html_of(fits: Mapping[str, Fit], table: pd.DataFrame, prob: float) -> str:
    """The page; fits come in the order of the table, best first."""
    first, names = next(iter(fits.values())), list(fits)
    columns = [_column(fits, feature) for feature in range(min(len(features_of(first)), MOST_FEATURES))]
    left = len(features_of(first)) - len(columns)
    parts = {
        "title": escape(f"{len(fits)} fits of {content.subject(features_of(first))}"),
        "lead": f"{counted(first.n, 'point')}, fitted by Bayesian Gaussian mixtures and compared.",
        "contents": page.contents(
            [("differences", "Comparison"), ("density", "Densities"), *((f"fit-{i}", n) for i, n in enumerate(names))]
        ),
        "verdict": page.paragraphs(content.comparison_in_words(table)),
        "table": page.table(HEADS, _lines(table)),
        "chips": "".join(page.chip(i, name) for i, name in enumerate(names)),
        "choice": "" if len(columns) == 1 else page.part("choice.html", {
            "options": page.choice(column["name"] for column in columns),
            "left": f"({left} more features are not drawn.)" if left else "",
        }),
        "fits": "\n".join(_section(i, name, fit, prob) for i, (name, fit) in enumerate(fits.items())),
        "prob": f"{100 * prob:g}", "date": f"{date.today():%d %B %Y}".lstrip("0"), "version": escape(__version__),
        "colors": page.colors(len(fits)),
    }  # fmt: skip
    specs = {"differences": charts.differences(names), "density": charts.densities(len(fits))}
    behind = {"name": names, "fit": [*range(len(fits))]} | {
        "behind": [-abs(float(v)) for v in table.elpd_diff], "se": [float(v) for v in table.dse],
    }  # fmt: skip
    return page.fill(parts, {"charts": specs, "data": {"behind": behind, "columns": columns}}, "comparison")


def _column(fits: Mapping[str, Fit], feature: int) -> dict[str, Any]:
    """One feature: the posterior mean density of each fit over the histogram."""
    first = next(iter(fits.values()))
    values = first.x if first.x.ndim == 1 else np.ascontiguousarray(first.x[:, feature])
    name = features_of(first)[feature]
    shown = window(values, None, first.weights)
    heights, edges = seen_bins(values, first.weights, shown)
    alone = [along(fit._record.params, feature) for fit in fits.values()]
    grid: Floats = np.unique(np.concatenate([places(values, params, shown) for params in alone]))
    each = [curves.density(predict, grid, params, (name,), DEFAULT_PROB).density.to_numpy() for params in alone]
    return {
        "name": name, "span": data.short(np.array([min(grid[0], edges[0]), max(grid[-1], edges[-1])])),
        "x": data.short(grid, 5), "density": [data.short(density) for density in each],
        "bars": {"low": data.short(edges[:-1]), "high": data.short(edges[1:]), "height": data.short(heights)},
    }  # fmt: skip


def _lines(table: pd.DataFrame) -> list[Line]:
    """The comparison's rows."""
    lines: list[Line] = []
    for i, (name, row) in enumerate(table.iterrows()):
        places = max(places_for(float(row.dse)), 1) if row.dse else 1
        cells = [(number(float(row[key]), places), float(row[key])) for key in ("elpd", "elpd_diff", "dse")]
        cells += [(number(float(row.p), 1), float(row.p)), (rough(float(row.weight)), float(row.weight))]
        lines.append((str(name), i, cells))
    return lines


def _section(i: int, name: str, fit: Fit, prob: float) -> str:
    """One fit: its model, components, and parameters, folded away."""
    estimates = diagnose.summarise(diagnose.rows_of(fit._record), prob)
    said = "\n".join(f"<li>{page.sentence(sentence)}</li>" for sentence in sentences(fit, prob))
    faults = "".join(f"<li>{escape(fault)}</li>" for fault in fit.warnings)
    return page.part("fit.html", {
        "i": str(i), "name": page.chip(i, name), "model": escape(content.model_in_words(fit.model, fit.x.ndim > 1)),
        "said": said, "warnings": f'<ul class="warned">{faults}</ul>' if faults else "",
        "facts": page.facts(facts(fit)),
        "table": page.table(heads(prob), [(n, None, cells) for n, _, cells in rows_of(fit, estimates)]),
        "omitted": "Matrices are left out; fit.summary() has them." if crowded(estimates) else "",
    })  # fmt: skip
