"""The demonstration: models of the book, the gallery and the galaxies, beside the truth, with all figures."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.text import Text

from mixtura import datasets, plots
from mixtura.arrays import Floats
from mixtura.console import known_values, print_model, print_summary, print_warnings
from mixtura.fit import Fit
from mixtura.line.records import Params
from mixtura.model import GaussianMixture
from mixtura.pictures import Album
from mixtura.priors import Dirichlet, Fixed, HalfCauchy, HalfNormal, Normal

SEED = 1
COLUMNS = ("mean", "sd", "hdi_lower", "hdi_upper", "ess_bulk", "r_hat")

KNOWN_COMPONENTS = GaussianMixture(
    n_components=3, covariance="tied", means=Fixed([10, 20, 35]), scales=Fixed(2), weights=Dirichlet(1)
)
UNKNOWN_MEANS = GaussianMixture(
    n_components=3,
    covariance="tied",
    means=Normal([10, 20, 35], 2),
    scales=HalfCauchy(5),
    weights=Dirichlet(1),
)
GALLERY = GaussianMixture(n_components=3, means=Normal(0, 5), scales=HalfNormal(1), weights=Dirichlet(1))
GALAXIES = GaussianMixture(n_components=3)

BOOK_PRINTS = {
    "mean[0]": "8.96 (0.24)", "mean[1]": "21.05 (0.31)", "mean[2]": "35.29 (0.25)", "scale": "2.16 (0.11)",
    "weight[0]": ".415", "weight[1]": ".236 (.030)", "weight[2]": ".350 (.034)",
}  # fmt: skip
BOOK_NOTE = (
    "The book drew its data with a seed of its own, so its results are close, not equal. "
    "For weight[0] it prints .347, a misprint: the three sum to 1, which leaves about .415."
)


def run(folder: Path, console: Console) -> None:
    """Fit the four models, print each summary beside the truth, and write every figure into `folder`."""
    begun = time.perf_counter()
    album = Album(folder)
    _book_known(album, console)
    _book_unknown(album, console)
    _gallery(album, console)
    _galaxies(album, console)
    console.print(Rule(style="dim"))
    for path in album.paths:
        console.print(Text(str(path)), soft_wrap=True)
    console.print(f"{len(album.paths)} figures in {folder}; {time.perf_counter() - begun:.1f} s")


def _book_known(album: Album, console: Console) -> None:
    x = datasets.book()
    fit = KNOWN_COMPONENTS.sample(x, seed=SEED)
    _print(console, "The book, components known: 215 points", fit, {"truth": _truth(datasets.BOOK, fit)})
    album.add("book-1-data", plots.histogram(x))
    album.add("book-2-dirichlet", plots.simplex([0.5, 1, 5, 10]))
    album.add("book-3-known-model", plots.diagram(KNOWN_COMPONENTS))
    album.add("book-4-known-trace", plots.trace(fit, true_values=_by_variable(datasets.BOOK, fit)))


def _book_unknown(album: Album, console: Console) -> None:
    fit = UNKNOWN_MEANS.sample(datasets.book(), seed=SEED)
    beside = {"truth": _truth(datasets.BOOK, fit), "book (sd)": BOOK_PRINTS}
    _print(console, "The book, means and sd unknown: 215 points", fit, beside)
    console.print(BOOK_NOTE, style="dim")
    album.add("book-5-unknown-model", plots.diagram(UNKNOWN_MEANS))
    album.add("book-6-unknown-trace", plots.trace(fit, true_values=_by_variable(datasets.BOOK, fit)))
    album.add("book-7-predictive-check", plots.predictive_check(fit))


def _gallery(album: Album, console: Console) -> None:
    x = datasets.gallery()
    fit = GALLERY.sample(x, seed=SEED)
    _print(console, "The gallery: 500 points", fit, {"truth": _truth(datasets.GALLERY, fit)})
    album.add("gallery-1-data", plots.histogram(x))
    album.add("gallery-2-trace", plots.trace(fit, true_values=_by_variable(datasets.GALLERY, fit)))
    album.add("gallery-3-panels", plots.panels(fit))


def _galaxies(album: Album, console: Console) -> None:
    fit = GALAXIES.sample(datasets.galaxies(), seed=SEED).rename("velocity (1000 km/s)")
    _print(console, "The galaxies, default priors: 82 velocities in 1000 km/s", fit, {})
    album.add("galaxies-1-density", plots.density(fit))
    album.add("galaxies-2-rank", plots.rank(fit))
    album.add("galaxies-3-predictive-check", plots.predictive_check(fit))


def _print(console: Console, title: str, fit: Fit, beside: Mapping[str, Mapping[str, str]]) -> None:
    console.print(Rule(title, align="left", style="dim"))
    print_model(console, fit.model)
    console.print()
    print_summary(console, fit.estimates, beside, COLUMNS)
    console.print()
    print_warnings(fit)


def _truth(truth: Params, fit: Fit) -> dict[str, str]:
    return known_values(truth, fit.model.covariance)


def _by_variable(truth: Params, fit: Fit) -> dict[str, Floats]:
    """Name the sampled blocks as the posterior does, which is how the trace plot takes true values."""
    scales = truth.scales[: fit.model.n_scales]
    blocks = {"weight": truth.weights, "mean": truth.means, "scale": scales}
    return {name: values for name, values in blocks.items() if name in fit.posterior}
