"""What a report says, in words: pure functions of a fit's declaration, draws and findings."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import floor
from typing import TYPE_CHECKING

import numpy as np

from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.posterior.diagnose import ESS_PER_CHAIN, R_HAT_LIMIT, Summary, r_hat_text
from mixtura.report.check import DRAWS, Check
from mixtura.report.findings import Curves
from mixtura.report.numerals import counted, listed, number, places_for, split_unit, value_among, with_unit

if TYPE_CHECKING:
    import pandas as pd

BLOCKS = {
    "means": "means", "scales": "standard deviations", "variances": "variances", "covariances": "covariances",
    "correlations": "correlations", "weights": "weights",
}  # fmt: skip
SPREAD = {  # of one column, and of rows
    "full": ("each with its own standard deviation", "each with its own covariance matrix"),
    "tied": ("with one standard deviation shared by all", "with one covariance matrix shared by all"),
    "diagonal": ("each with its own standard deviation", "each with its own standard deviations and no correlations"),
    "spherical": ("each with its own standard deviation", "each with one standard deviation for every feature"),
}
UNLIKELY = 0.05
NAMED = 8  # features whose range is told
FEW = 3  # features named in a heading
LITTLE = 4.0  # elpd differences below it say little (Sivula et al. 2020)


def headline(features: Sequence[str], k: int) -> str:
    """What the page is called.

    >>> headline(["velocity (km/s)"], 3)
    'velocity as a mixture of 3 components'
    """
    return f"{subject(features)} as {'one component' if k == 1 else f'a mixture of {k} components'}"


def subject(features: Sequence[str]) -> str:
    """What the data are of, in a heading.

    >>> subject(["length (mm)", "width (mm)"])
    'length and width'
    """
    names = [split_unit(name)[0] for name in features]
    return listed(names) if len(names) <= FEW else f"{len(names)} features"


def comparison_in_words(table: pd.DataFrame) -> list[str]:
    """Which fit predicts best, and how far the others are behind: a verdict, then each."""
    best, *others = map(str, table.index)
    rows = [table.iloc[i] for i in range(1, len(table))]
    close = [name for name, row in zip(others, rows, strict=True) if -row.elpd_diff < max(LITTLE, row.dse)]
    verdict = f"{best} predicts points left out best."
    if close:
        verdict = f"{best} predicts points left out best, but {listed(close)} {'do' if len(close) > 1 else 'does'} "
        verdict += "about as well."
    behind = [
        f"{name} is {number(-float(row.elpd_diff), 1)} ± {number(float(row.dse), 1)} behind"
        for name, row in zip(others, rows, strict=True)
    ]
    doubts = [str(name) for name in table.index if table.diag_elpd[name]]
    less = f" The numbers of {listed(doubts)} are less sure than they seem: high Pareto k." if doubts else ""
    return [
        verdict,
        f"{listed(behind)}. A difference below {LITTLE:g}, or of the size of its error, says little.{less}",
    ]


def model_in_words(model: GaussianMixture, of_rows: bool) -> str:
    """The declared model in a sentence or two."""
    if model.n_components == 1:
        return "Each point comes from one normal distribution."
    spread = SPREAD[model.covariance][of_rows]
    told = (
        "The priors say the same of every component, so labels carry no meaning of their own: components are numbered "
        f"from 0 in order of their posterior means{' of the first feature' if of_rows else ''}, as in fit.predict."
        if model.exchangeable
        else "The priors tell the components apart, which gives them their numbers, from 0, as in fit.predict."
    )
    return f"Each point comes from one of {model.n_components} normal components, {spread}. {told}"


def priors_of(model: GaussianMixture) -> list[tuple[str, str]]:
    """Each block of parameters and what was believed of it beforehand."""
    found = [(words, getattr(model, block)) for block, words in BLOCKS.items()]
    return [(words, repr(prior)) for words, prior in found if prior is not None]


def data_in_words(x: Floats, weights: Floats, features: Sequence[str]) -> str:
    """How many points there are, and where.

    >>> data_in_words(np.array([1.0, 4.0]), np.ones(2), ["length (km)"])
    '2 points: length from 1 to 4 km'
    """
    count = counted(len(x), "point")
    if (weights != 1).any():
        count = f"{counted(len(x), 'value')} that stand for {counted(float(weights.sum()), 'point')} (weights)"
    ranges = [_range(*pair) for pair in zip(features[:NAMED], x.reshape(len(x), -1).T, strict=False)]
    more = len(features) - len(ranges)
    return f"{count}: {listed([*ranges, f'{more} more features'] if more else ranges)}"


def _range(feature: str, values: Floats) -> str:
    name, unit = split_unit(feature)
    span = float(np.ptp(values))
    low, high = value_among(float(values.min()), span), value_among(float(values.max()), span)
    return f"{name} from {low} to {with_unit(high, unit)}"


def unseen_in_words(note: str) -> str:
    """What charts leave out, as a sentence after others; empty where they show everything.

    >>> unseen_in_words("1 of 301 points is outside (25000)")
    ' 1 of 301 points is outside (25000) and not drawn.'
    """
    return f" {note} and not drawn." if note else ""


def peaks_in_words(curves: Curves, unit: str) -> str:
    """Where the posterior mean density peaks."""
    inner = curves.density[1:-1]
    at = 1 + np.flatnonzero((inner > curves.density[:-2]) & (inner >= curves.density[2:]))
    if not at.size:
        return "The density has no peak inside the picture."
    places = _along(curves)
    top = number(float(curves.x[at[np.argmax(curves.density[at])]]), places)
    where = listed([number(float(v), places) for v in curves.x[at]])
    if at.size == 1:
        return f"The posterior mean density has one peak, at {with_unit(top, unit)}."
    return f"The posterior mean density has {at.size} peaks, at {with_unit(where, unit)}, the highest at {top}."


def regions_in_words(curves: Curves, note: str = "") -> str:
    """Which component is the most probable where along x; a note says that some of the data are not drawn."""
    best, places = curves.membership[0].argmax(0), _along(curves)
    starts = np.append(0, 1 + np.flatnonzero(np.diff(best)))
    edges = [number(float(curves.x[i - 1] + curves.x[i]) / 2, places) for i in starts[1:]]
    if not edges:
        return f"Component {best[0]} is the most probable {'in all that is drawn' if note else 'everywhere'}."
    where = [f"below {edges[0]}", *(f"from {a} to {b}" for a, b in pairwise(edges))]
    where.append(f"above {edges[-1]}")
    parts = [f"component {best[i]} {place}" for i, place in zip(starts, where, strict=True)]
    return f"The most probable: {listed(parts)}."


def check_in_words(check: Check, draws: int, prob: float) -> list[str]:
    """Whether data simulated from the fit look like the data: a verdict, and how it was reached."""
    out, bins = int(check.outside.sum()), len(check.counts)
    likely = check.p >= UNLIKELY
    verdict = "Data simulated from the fit look like the data."
    if not likely:
        verdict = "Data simulated from the fit do not look like the data: the model misses something about their shape."
    inside = f"{bins - out} of {bins} bins hold a number of points within the {100 * prob:g} % range of simulated data."
    stray = round(check.p * draws)
    share = "none" if not stray else f"{number(100 * check.p, 0 if 1 <= 100 * check.p <= 99 else 1)} %"
    p = f"p = {check.p:.2g}" if stray else f"p < {1 / draws:.2g}"
    strays = (
        f"Of {counted(draws, 'simulated data set')}, {share} stray from what the model expects at least as far as the "
        f"data do (posterior predictive {p}; below {UNLIKELY:g} speaks against the model)."
    )
    return [verdict, inside, strays]


def joint_check_in_words(likely: float) -> str:
    """Whether whole simulated rows look like the data's."""
    share = f"{number(100 * likely, 0)} %"
    fits = UNLIKELY / 2 <= likely <= 1 - UNLIKELY / 2
    verdict = "as is to be expected of a model that fits" if fits else "so the model misses how features go together"
    return (
        f"All features at once: of {DRAWS} data sets simulated from the fit, {share} are less probable under it than "
        f"the data, {verdict} (between {100 * UNLIKELY / 2:g} and {100 - 100 * UNLIKELY / 2:g} % is usual). Below, one "
        "feature at a time."
    )


def convergence_in_words(summary: Summary, chains: int, draws: int, diverging: int | None) -> list[str]:
    """Whether the draws can be trusted: a verdict, then what it rests on."""
    judged = [row for name, row in summary.rows() if name != "occupied" and np.isfinite(row["ess_bulk"])]
    if not judged:
        return ["Too few draws to judge."]
    r_hat = max((row["r_hat"] for row in judged), default=np.nan)
    ess = min(min(row["ess_bulk"], row["ess_tail"]) for row in judged)
    error = max(row["mcse_mean"] / row["sd"] for row in judged)
    wanted = ESS_PER_CHAIN * chains
    agree, enough = not r_hat > R_HAT_LIMIT, ess >= wanted
    verdict = "The draws can be trusted." if agree and enough and not diverging else "Read the numbers with care."
    said = [verdict]
    if np.isnan(r_hat):
        said.append("With a single chain, nothing says whether another would agree.")
    elif agree:
        said.append(f"The {chains} chains agree: R-hat is at most {r_hat_text(r_hat)} (want {R_HAT_LIMIT} or less).")
    else:
        said.append(f"The {chains} chains disagree: R-hat goes up to {r_hat_text(r_hat)} (want {R_HAT_LIMIT} or less).")
    worth = f"Of {counted(chains * draws, 'draw')}, the least certain number has the worth of {number(floor(ess), 0)} "
    worth += f"independent ones (want {wanted} or more)"
    blur = f", so chance in sampling blurs no mean by more than {number(100 * error, 1)} % of its posterior sd"
    said.append(worth + blur * agree + ".")
    if diverging is not None:
        said.append("No transition diverged." if not diverging else f"{counted(diverging, 'transition')} diverged.")
    return said


def _along(curves: Curves) -> int:
    """Decimals for places along x."""
    return places_for(float(curves.x[-1] - curves.x[0]) / 100)
