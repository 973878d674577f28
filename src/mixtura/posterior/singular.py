"""Rows only: components whose covariance the data do not hold up, because they are few, flat or a point."""

from __future__ import annotations

import numpy as np

from mixtura.arrays import Floats
from mixtura.digits import known
from mixtura.floor import few_values, steps
from mixtura.line.propriety import KEEPS_WIDE, MOST
from mixtura.posterior.rows import evenly
from mixtura.posterior.store import Record
from mixtura.priors import Dirichlet, Fixed, InverseWishart
from mixtura.reading.data import dependent
from mixtura.rows.records import Params

FLAT = 1e-6  # smallest over largest eigenvalue of a covariance, features in units of the data's range
POINT = 1e-12  # largest eigenvalue there: a millionth of the range wide
LOOKS = 200  # draws whose eigenvalues are looked at
LOADED = 0.3  # of the largest entry of a direction: from there on a feature is named


def faults(record: Record) -> list[str]:
    """What is wrong and what to do, one sentence each; nothing where points are not rows."""
    if not record.of_rows:
        return []
    held_up = (lambda r: few_rows(r) or collinear(r) or flat(r)), few_in_component, points_only
    found = [] if _fixed(record) else [check(record) for check in held_up]
    found += [stepped(record), crowded(record), set_aside(record)]
    return [fault for fault in found if fault]


def few_rows(record: Record) -> str | None:
    """No more points than features."""
    n, d = record.data.weights.sum(), record.data.x.shape[1]
    if not record.model.structure.correlated or n > d:
        return None
    return (
        f"few points: {known(n)} points in {d} features say nothing of some directions, so covariance matrices rest on "
        "their prior there. Use covariance='diagonal' or 'spherical', or fewer columns."
    )


def collinear(record: Record) -> str | None:
    """Columns that others determine."""
    if not record.model.structure.correlated:
        return None
    found = dependent(record.data, record.features)
    if not found:
        return None
    return (
        f"collinear columns: {'; '.join(found)}. Covariance matrices rest on their prior in such a direction. Leave "
        "out what others determine, or use covariance='diagonal'."
    )


def few_in_component(record: Record) -> str | None:
    """Components that hold no more points than a covariance of their own needs."""
    structure, d = record.model.structure, record.data.x.shape[1]
    counts = held(record)
    needed = d if structure.correlated else 1
    if counts is None or structure.shared or record.data.weights.sum() <= d:
        return None
    few = np.flatnonzero((counts >= 0.5) & (counts < needed + 0.5))
    if not few.size:
        return None
    many, sizes = few.size > 1, counts[few].round().astype(int)
    points = "point" if sizes.max() == 1 else "points"
    return (
        f"component{'s' * many} {_listed(few)} hold{'s' * (not many)} about {_listed(sizes)} {points} in {d} features: "
        f"{'their covariances come' if many else 'its covariance comes'} from the prior. Use fewer components, or "
        "covariance='tied', which pools all points."
    )


def flat(record: Record) -> str | None:
    """Components with next to no width in some direction."""
    structure = record.model.structure
    if structure.isotropic:
        return None
    values, directions = shapes(record)
    ratio = np.median(values[..., 0] / values[..., -1], axis=0)
    worst = int(np.argmin(ratio))
    if ratio[worst] >= FLAT:
        return None
    load = np.abs(directions[worst, :, 0])
    along = [record.features[a] for a in np.argsort(-load) if load[a] > LOADED * load.max()][:4]
    who = "the components are" if structure.shared else f"component {worst} is"
    cause = (
        f"{_listed(along)} nearly determine each other there: leave one out, or use covariance='diagonal'."
        if len(along) > 1
        else f"{along[0]} hardly varies there: leave it out, or use fewer components."
    )
    return (
        f"near-singular components: {who} {np.sqrt(ratio[worst]):.0e} times as wide in one direction as in another "
        f"(features in units of their range). {cause}"
    )


def points_only(record: Record) -> str | None:
    """Components that have collapsed onto one row and its copies."""
    values, _ = shapes(record)
    small = np.flatnonzero(np.median(values[..., -1], axis=0) < POINT)
    if not small.size:
        return None
    who = "all components" if record.model.structure.shared else f"component {_listed(small)}"
    return (
        f"collapsed components: {who} of less than a millionth of the data's range, on copies of one row. {KEEPS_WIDE}"
    )


def stepped(record: Record) -> str | None:
    """Columns of a few values, which the default prior takes for steps."""
    if not _floor(record).any():
        return None
    said = []
    for name, column in zip(record.features, record.data.x.T, strict=True):
        values = few_values(column)
        if steps(column, float(record.data.weights.sum())):
            said.append(f"{name} holds only {values.size} different values ({', '.join(map(known, values + 0))})")
    if not said:
        return None
    return f"{'; '.join(said)}: taken as rounded to whole steps. Leave out what groups should not depend on."


def crowded(record: Record) -> str | None:
    """Values or rows that repeat so often that the posterior is improper where the level of covariances is learned."""
    prior, (n, d) = record.model.covariances, record.data.x.shape
    if not isinstance(prior, InverseWishart) or prior.rate is None or _floor(record).any() or n > MOST:
        return None
    room = prior.df + prior.rate.df
    found = []
    for name, column in zip(record.features, record.data.x.T, strict=True):
        value, times = most_frequent(column[:, None], record.data.weights)
        found += [f"{known(value[0])} occurs {known(times)} times in {name}"] if times - 1 >= room else []
    row, times = most_frequent(record.data.x, record.data.weights)
    found += [f"row {row.tolist()} occurs {known(times)} times"] if times - 1 >= room - (d - 1) else []
    if not found or record.model.n_components < 2:
        return None
    return (
        f"ties: {'; '.join(found)}, and {prior!r} does not keep covariances from shrinking onto that, so the posterior "
        f"is improper. {KEEPS_WIDE}"
    )


def set_aside(record: Record) -> str | None:
    """Places of higher density that were no candidates, since a component is flat there."""
    above = float(record.attributes.get("set_aside", 0.0))
    if not above > 0:
        return None
    told = [most_frequent(column[:, None], record.data.weights) for column in record.data.x.T]
    at = int(np.argmax([times for _, times in told]))
    value, times = told[at]
    return (
        f"set aside: a component that is flat where rows share a value ({known(value[0])} occurs {known(times)} times "
        f"in {record.features[at]}) has a density higher by {above:.0f} nats, and is no group. Draws are from what is "
        "left; leave that column out, or give covariances=InverseWishart(df, scale) with a scale that is known."
    )


def most_frequent(x: Floats, weights: Floats) -> tuple[Floats, float]:
    """The row of (n, d) that occurs most often, and how often, weights counted.

    >>> most_frequent(np.array([[0.0], [1.0], [0.0]]), np.ones(3))
    (array([0.]), 2.0)
    """
    order = np.lexsort(x.T[::-1])
    rows, first = x[order], np.append(True, (np.diff(x[order], axis=0) != 0).any(1))
    counts = np.add.reduceat(weights[order], np.flatnonzero(first))
    most = int(np.argmax(counts))
    return rows[np.flatnonzero(first)[most]], float(counts[most])


def _fixed(record: Record) -> bool:
    """Whether the widths of components are what the user said they are, which no data can hold up or not."""
    return any(isinstance(getattr(record.model, block), Fixed) for block in ("scales", "variances", "covariances"))


def _floor(record: Record) -> Floats:
    """What the prior adds to each component's scatter, if it does."""
    prior = record.model.covariances or record.model.variances
    return np.atleast_1d(np.asarray(getattr(prior, "floor", 0.0), float))


def held(record: Record) -> Floats | None:
    """Posterior mean of how many points each component holds (k,); None where weights are fixed.

    Given allocations the mean weight is (a + count) / (sum a + n), so the mean count follows from the mean weight.
    """
    n, k = record.data.weights.sum(), record.model.n_components
    if not isinstance(record.model.weights, Dirichlet):
        return None
    (a,) = record.model.weights.columns(k)
    counts: Floats = record.params.weights.mean((0, 1)) * (a.sum() + n) - a
    return counts


def shapes(record: Record) -> tuple[Floats, Floats]:
    """Eigenvalues (s, k, d) of some draws' covariances and the mean's directions (k, d, d), smallest first.

    Features are in units of the data's range.
    """
    params = record.params
    assert isinstance(params, Params)
    low, high = record.data.x.min(0), record.data.x.max(0)
    units = np.where(high > low, high - low, 1.0)
    factors = evenly(params, LOOKS).factors / units[:, None]
    if record.model.structure.shared:
        factors = factors[:, :1]
    covariances = factors @ factors.swapaxes(-1, -2)
    values, directions = np.linalg.svd(factors, compute_uv=False), np.linalg.eigh(covariances.mean(0))[1]
    return np.asarray(values[..., ::-1] ** 2, float), np.asarray(directions, float)


def _listed(things: object) -> str:
    words = [str(thing) for thing in things]  # type: ignore[attr-defined]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
