"""The answer: a sentence per component, from draws, and whose the points are."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np

from mixtura.arrays import Floats
from mixtura.line.records import Params
from mixtura.model import GaussianMixture
from mixtura.priors import Fixed
from mixtura.report.findings import SURE, Belonging, Doubt
from mixtura.report.numerals import Estimate, counted, estimate, listed, number, percentage, rough, split_unit
from mixtura.rows.records import Params as RowParams

Sentence = Sequence[str | Estimate]
MOST_NAMED = 4  # features in a sentence
WEAK = 0.1  # correlations below are not worth a sentence


def component_in_words(j: int, params: Params, model: GaussianMixture, unit: str, prob: float) -> list[str | Estimate]:
    """One component's share, place and spread in a sentence."""
    mean = estimate(params.means[..., j], prob, unit)
    scale = estimate(params.scales[..., j], prob, unit)
    shared = ", shared by all" if model.structure.shared and model.n_components > 1 else ""
    return [
        *_share(j, params.weights, model, prob), ", centred at ", mean, _fixed(model.means),
        ", with a standard deviation of ", scale, _fixed(model.scales or model.variances), f"{shared}.",
    ]  # fmt: skip


def component_of_rows_in_words(
    j: int, params: RowParams, model: GaussianMixture, names: Sequence[str], order: Sequence[int], prob: float
) -> list[str | Estimate]:
    """One component's share, its place in the features that tell components apart most, and its closest pair."""
    said = [*_share(j, params.weights, model, prob), ", centred at "]
    named = sorted(order[:MOST_NAMED])
    for place, f in enumerate(named):
        what, unit = split_unit(names[f])
        mean, scale = (estimate(block[..., j, f], prob, unit) for block in (params.means, params.scales))
        interval = f"{mean.interval}; sd {scale.value}" if mean.interval else f"sd {scale.value}"
        glue = "" if place == len(named) - 1 else " and " if place == len(named) - 2 else ", "
        said += [f"{what} ", Estimate(mean.value, interval), glue]
    more = len(names) - len(named)
    rest = f" (and {more} more features)" if more else ""
    return [*said, f"{_fixed(model.means)}{rest}.", *_pair(j, params, names, prob)]


def _pair(j: int, params: RowParams, names: Sequence[str], prob: float) -> list[str | Estimate]:
    """The two features that go together most within a component, if any do."""
    covariance = params.covariances[..., j, :, :].mean((0, 1))
    scales = np.sqrt(np.diagonal(covariance))
    correlation = np.abs(covariance / scales / scales[:, None])
    a, b = max(combinations(range(len(names)), 2), key=lambda pair: correlation[pair])
    if correlation[a, b] < WEAK:
        return []
    rows = params.factors[..., j, (a, b), :]
    values = (rows[..., 0, :] * rows[..., 1, :]).sum(-1) / params.scales[..., j, a] / params.scales[..., j, b]
    first, second = (split_unit(names[f])[0] for f in (a, b))
    return [f" Within it, {first} and {second} go together most: correlation ", estimate(values, prob), "."]


def belonging_in_words(belonging: Belonging, n: float) -> str:
    """How many points are most probably whose, and how many are sure.

    >>> belonging_in_words(Belonging(np.array([3.0, 2.0]), 4.0, True), 5.0)
    '3 of the 5 points most probably belong to component 0 and 2 to component 1. For 4 of them, one component is at \
least 90 % probable.'
    """
    about, k = "" if belonging.exact else "about ", len(belonging.counts)
    if k == 1:
        return ""
    first, *others = [number(float(count), 0) for count in belonging.counts]
    told = [f"{about.capitalize()}{first} of the {counted(n, 'point')} most probably belong to component 0"]
    told += [f"{count} to component {j}" for j, count in enumerate(others, 1)]
    sure = "all" if belonging.sure == n else f"{about}{number(belonging.sure, 0)}"
    return f"{listed(told)}. For {sure} of them, one component is at least {100 * SURE:g} % probable."


def doubt_in_words(belonging: Belonging, doubt: Doubt) -> str:
    """How doubtful the most doubtful points are."""
    found = "Here " if belonging.exact else "Among points drawn at random, "
    least, most = (rough(float(end)) for end in doubt.membership[0].max(1)[[0, -1]])
    told = least if least == most else f"{least} to {most}"
    return f"{found}the most probable component of each has a probability of {told}."


def _share(j: int, weights: Floats, model: GaussianMixture, prob: float) -> list[str | Estimate]:
    if model.n_components == 1:
        return [f"Component {j}", " holds all of the population"]
    share = percentage(weights[..., j], prob)
    return [f"Component {j}", " holds ", share, _fixed(model.weights), " of the population"]


def _fixed(prior: Any) -> str:
    return " (fixed)" if isinstance(prior, Fixed) else ""
