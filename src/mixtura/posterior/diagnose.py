"""How sure we are: a table of diagnostics, and what is wrong with a fit in plain words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.blocks import either_way
from mixtura.digits import beyond, known
from mixtura.line.propriety import KEEPS_WIDE, can_collapse, distinct, repeats
from mixtura.line.records import Params
from mixtura.posterior import convergence, predict, singular
from mixtura.posterior.piles import piled
from mixtura.posterior.store import Record
from mixtura.posterior.variables import FEATURES, free_blocks
from mixtura.priors import Fixed, InverseGamma
from mixtura.reading.chunks import cores
from mixtura.reading.identifiers import is_identifier

if TYPE_CHECKING:
    import pandas as pd

DEFAULT_PROB = 0.94  # ArviZ's default for highest-density intervals
AT_ONCE = 1 << 17  # numbers to diagnose at a time: a megabyte, which stays in a core's cache
R_HAT_LIMIT = 1.01  # Vehtari et al. 2021
HUGE = 1000  # an R-hat of chains that stand still apart: how large it is is rounding
ESS_PER_CHAIN = 100  # Vehtari et al. 2021: bulk and tail ESS of at least 100 per chain
APART, LONG = 1.5, 5000  # an R-hat of chains that do not meet; draws of a chain after which more are no remedy
RARE = 1e-3  # of transitions; where 7 in 1000 diverged, quantiles from .1 to 99.9 % were still those of Gibbs sampling
CERTIFICATE_LIMIT = 1e-3  # nats
MOST_LOOKS = 1 << 26  # draws times values, to find out which components hold one value only


class Summary(NamedTuple):
    """A fit in numbers: for each of p parameters by name, columns (p,)."""

    names: tuple[str, ...]
    mean: Floats
    sd: Floats
    hdi_lower: Floats
    hdi_upper: Floats
    mcse_mean: Floats
    mcse_sd: Floats
    ess_bulk: Floats
    ess_tail: Floats
    r_hat: Floats

    def rows(self) -> Iterator[tuple[str, dict[str, float]]]:
        """Each parameter's name, and its numbers by column."""
        for name, *numbers in zip(*self, strict=True):
            yield name, dict(zip(COLUMNS, map(float, numbers), strict=True))


COLUMNS = Summary._fields[1:]


def rows_of(record: Record) -> dict[str, Floats]:
    """Every scalar of the posterior by its name in the summary, each (c, s); label-free ones last.

    Of a matrix the lower triangle: `covariance[0,width,length]` is `covariance[0,length,width]`.
    """
    rows: dict[str, Floats] = {}
    for name, (axes, values) in free_blocks(record.model, record.params).items():
        named = [
            record.features if axis in FEATURES else range(size) for axis, size in zip(axes, values.shape, strict=True)
        ][2:]
        places = product(*(range(len(names)) for names in named))
        for place in (place for place in places if axes[-1] != FEATURES[1] or place[-1] <= place[-2]):
            entry = ",".join(str(names[i]) for names, i in zip(named, place, strict=True))
            rows[f"{name}[{entry}]" if entry else name] = np.moveaxis(values, (0, 1), (-2, -1))[place]
    return rows | {"lp": record.stats["lp"], "occupied": record.stats["occupied"].astype(float)}


def summarise(rows: dict[str, Floats], prob: float) -> Summary:
    """Mean, sd, highest-density interval, Monte Carlo standard errors, effective sample sizes and R-hat of each row.

    Diagnostics are NaN for what never moves, and for fewer than 4 draws.
    """
    names, values = tuple(rows), list(rows.values())
    step = max(AT_ONCE // values[0].size, 1)
    parts = [values[first : first + step] for first in range(0, len(values), step)]
    with ThreadPoolExecutor(cores() if len(parts) > 1 else 1) as pool:
        found = list(pool.map(lambda part: _columns(np.stack(part), prob), parts))
    return Summary(names, *np.concatenate(found, axis=1))


def _columns(draws: Floats, prob: float) -> Floats:
    """The columns of a summary (9, p) of draws (p, c, s).

    Worked out in powers of two near the draws' sizes, whose fourth powers are then numbers.
    """
    powers = convergence.powers_near(draws)
    draws = draws / powers[:, None, None]
    summary = Summary((), *np.full((len(COLUMNS), len(draws)), np.nan))
    summary.mean[:] = draws.mean((1, 2))
    if draws[0].size > 1:
        summary.sd[:] = draws.std((1, 2), ddof=1)
    summary.hdi_lower[:] = summary.hdi_upper[:] = draws[:, 0, 0]
    moving = np.ptp(draws, axis=(1, 2)) > 0
    if moving.any() and draws.shape[2] >= 4:
        draws = draws[moving]
        summary.hdi_lower[moving], summary.hdi_upper[moving] = convergence.hdi(draws, prob)
        summary.mcse_mean[moving], summary.mcse_sd[moving] = convergence.mcse(draws)
        summary.ess_bulk[moving], summary.ess_tail[moving] = convergence.ess_bulk(draws), convergence.ess_tail(draws)
        summary.r_hat[moving] = convergence.rhat(draws)
    for column in summary[1:7]:
        column *= powers
    return np.array(summary[1:])


def table_of(summary: Summary) -> pd.DataFrame:
    """A summary as a data frame."""
    from mixtura.posterior.table import Table

    return Table(dict(zip(COLUMNS, summary[1:], strict=True)), index=list(summary.names))


def check_prob(prob: float) -> None:
    """A probability strictly between 0 and 1, or an error."""
    if isinstance(prob, bool | np.timedelta64) or not isinstance(prob, float | int | np.number) or not 0 < prob < 1:
        raise ValueError(f"prob is a probability between 0 and 1; got {prob!r}")


def r_hat_text(value: float) -> str:
    """R-hat in three decimals, or in as many as show that it is above the limit; what is huge only as that.

    >>> r_hat_text(1.0103), r_hat_text(1.0141), r_hat_text(5.7e15)
    ('1.0103', '1.014', '> 1000')
    """
    return f"> {HUGE}" if value > HUGE else beyond(value, R_HAT_LIMIT, 3) if value == value else "NaN"


def find_faults(record: Record, summary: Summary) -> tuple[str, ...]:
    """What is wrong with this fit, which `summary` sums up, and what to do, one sentence each."""
    checks = [_interrupted, _unmixed, _divergent, _uncertified, _empty, _collapsed, _tied]
    found = [check(record, summary) for check in (checks[:-2] if record.of_rows else checks)]
    found += [piled(record), _counting(record)]
    return *either_way(record.model), *(fault for fault in found if fault), *singular.faults(record)


def unconverged(record: Record, summary: Summary) -> tuple[str, ...]:
    """What of these faults is one of the sampling: draws that are not yet those of the posterior, or too few."""
    found = (check(record, summary) for check in (_interrupted, _unmixed, _divergent))
    return tuple(fault for fault in found if fault)


def _interrupted(record: Record, _: Summary) -> str | None:
    if not record.attributes.get("interrupted"):
        return None
    return f"interrupted: each chain kept {record.shape[1]} draws."


def _unmixed(record: Record, summary: Summary) -> str | None:
    judged = np.array([name != "occupied" for name in summary.names])
    names = np.array(summary.names)[judged]
    r_hat, ess = summary.r_hat[judged], np.fmin(summary.ess_bulk, summary.ess_tail)[judged]
    least_wanted = ESS_PER_CHAIN * record.shape[0]
    if (r_hat > R_HAT_LIMIT).any():
        worst = np.nanargmax(r_hat)
        return (
            f"chains disagree: R-hat is {r_hat_text(r_hat[worst])} for {names[worst]} (want {R_HAT_LIMIT} or less). "
            f"{_to_agree(record, r_hat[worst])}"
        )
    if (ess < least_wanted).any():
        least = np.nanargmin(ess)
        enough = math.ceil(1.2 * record.shape[1] * least_wanted / ess[least] / 100) * 100
        return (
            f"few effective draws: {math.floor(ess[least])} for {names[least]} (want {least_wanted}). Draw more, some "
            f"draws={enough}" + ("." if record.attributes["algorithm"] == "nuts" else ", or use algorithm='nuts'.")
        )
    return None


def _to_agree(record: Record, r_hat: float) -> str:
    """What makes chains agree: more draws, unless each stays where it is or there are very many draws already."""
    many = record.model.n_components > 1
    if r_hat < APART and record.shape[1] < LONG:
        return "Draw more, or give priors that say more; fit.summary() and plots.trace(fit) show where."
    return (
        "Each chain stays in a place of its own, and more draws alone would not make them meet: "
        f"{'use fewer components, or ' * many}give priors that say which place is meant; plots.trace(fit) shows where."
    )


def _divergent(record: Record, summary: Summary) -> str | None:
    if "diverging" not in record.stats:
        return None
    n, total = int(record.stats["diverging"].sum()), record.stats["diverging"].size
    if n <= RARE * total and (n == 0 or _unmixed(record, summary) is None):
        return None
    scales, whole = record.model.scales, bool((record.data.weights % 1 == 0).all())
    to_zero = scales is not None and not isinstance(scales, Fixed) and scales.power_at_zero < math.inf
    remedy = f"Give warmup={4 * max(int(record.attributes['tuning_steps']), 250)}, in which steps learn to be shorter"
    if to_zero:
        remedy = "Leave scales out for the default prior, which stays away from 0"
    check = ", or compare with algorithm='gibbs'" * whole
    return (
        f"{n} of {total} transitions diverged: the sampler met a density too steep for its steps and may miss part of "
        f"it. {remedy}{check}."
    )


def _uncertified(record: Record, _: Summary) -> str | None:
    if record.certificate <= CERTIFICATE_LIMIT:
        return None
    near = record.certificate < 1.1 * CERTIFICATE_LIMIT
    rough = beyond(record.certificate, CERTIFICATE_LIMIT, 4) if near else f"{record.certificate:.1e}"
    return (
        f"rough compression: the log-likelihood of {record.nodes:,} nodes is up to {rough} nats from "
        f"that of all {len(record.data.x):,} points (want {CERTIFICATE_LIMIT:g} or less). Give compress=False, which "
        "reads every point for every draw."
    )


def _empty(record: Record, _: Summary) -> str | None:
    k, occupied = record.model.n_components, record.stats["occupied"]
    share = float((occupied < k).mean())
    if k == 1 or share < 0.5:
        return None
    return (
        f"empty components: in {share:.0%} of the draws some of the {k} components hold no point; "
        f"{int(np.median(occupied))} are occupied typically. Fewer components would do."
    )


def _collapsed(record: Record, _: Summary) -> str | None:
    values = distinct(record.data)
    if values.weights.max() < 2:
        return None
    assert isinstance(record.params, Params)
    labels = predict.labels(values.x, _some_draws(record.params, MOST_LOOKS // values.x.size))
    held = [values.weights[labels == j] for j in range(record.model.n_components)]
    on_one_value = [str(j) for j, weights in enumerate(held) if weights.size == 1 and weights[0] >= 2]
    if not on_one_value:
        return None
    widths = record.model.scales or record.model.variances
    if isinstance(widths, Fixed) or (isinstance(widths, InverseGamma) and widths.rate is None):
        return None  # as narrow as somebody said that components may be
    bounded = isinstance(widths, InverseGamma) and np.any(widths.floor)
    width = "; their width is the least that the prior allows, their share is not in doubt" if bounded else ""
    return (
        f"collapsed components: {', '.join(on_one_value)} hold nothing but copies of one value{width}. If values "
        "repeat by rounding, give variances=InverseGamma(alpha, beta) with a beta of about the rounding squared, or "
        "use fewer components."
    )


def _some_draws(params: Params, most: int) -> Params:
    """Evenly spaced draws of every chain, at most about `most` of them: enough to tell who holds a value."""
    step = -(-params.rate.size // max(most, 1))
    return Params(*(block[:, ::step] for block in params))


def _counting(record: Record) -> str | None:
    """Columns that number the rows; if all do, they are what was measured."""
    x = record.data.x
    counting = [j for j in range(x.shape[1]) if is_identifier(x[:, j])] if record.of_rows else []
    if not counting or len(counting) == x.shape[1]:
        return None
    named = ", ".join(f"{record.features[j]!r} (from {x[:, j].min():.12g} to {x[:, j].max():.12g})" for j in counting)
    return f"identifiers: {named} number the rows evenly, each once: leave them out unless they measure something."


def _tied(record: Record, _: Summary) -> str | None:
    model, data = record.model, record.data
    if not can_collapse(model, data):
        return None
    times = repeats(data)
    name, prior = ("scales", model.scales) if model.scales is not None else ("variances", model.variances)
    return (
        f"ties: {int((times > 1).sum())} values repeat, up to {known(times[0])} times, and {name}={prior!r} does not "
        "keep scales from 0 against that, so the posterior is improper: a component can collapse onto them. "
        f"{KEEPS_WIDE}"
    )
