"""Rows only: components whose covariance the data do not hold up, because they are few, flat or a point."""

from __future__ import annotations

import numpy as np

from mixtura.covariance import axes, has_correlations
from mixtura.data import dependent
from mixtura.multivariate.records import Params
from mixtura.params import Floats
from mixtura.posterior.rows import evenly
from mixtura.posterior.store import Record
from mixtura.priors import Dirichlet

FLAT = 1e-6  # smallest over largest eigenvalue of a covariance, features in units of the data's range
POINT = 1e-12  # largest eigenvalue there: a millionth of the range wide
LOOKS = 200  # draws whose eigenvalues are looked at
LOADED = 0.3  # of the largest entry of a direction: from there on a feature is named


def faults(record: Record) -> list[str]:
    """What is wrong and what to do, one sentence each; nothing where points are not rows."""
    if not record.of_rows:
        return []
    found = [few_rows(record) or collinear(record) or flat(record), few_in_component(record), points_only(record)]
    return [fault for fault in found if fault]


def few_rows(record: Record) -> str | None:
    """No more points than features."""
    n, d = record.data.weights.sum(), record.data.x.shape[1]
    if not has_correlations(record.model.covariance) or n > d:
        return None
    return (
        f"few points: {n:g} points in {d} features say nothing of some directions, so covariance matrices rest on "
        "their prior there. Use covariance='diagonal' or 'spherical', or fewer columns."
    )


def collinear(record: Record) -> str | None:
    """Columns that others determine."""
    if not has_correlations(record.model.covariance):
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
    names, d = axes(record.model.covariance), record.data.x.shape[1]
    counts = held(record)
    needed = d if has_correlations(record.model.covariance) else 1
    if counts is None or "component" not in names or record.data.weights.sum() <= d:
        return None
    few = np.flatnonzero((counts >= 0.5) & (counts < needed + 0.5))
    if not few.size:
        return None
    many = few.size > 1
    return (
        f"component{'s' * many} {_listed(few)} hold{'s' * (not many)} about {_listed(counts[few].round().astype(int))} "
        f"points in {d} features: {'their covariances come' if many else 'its covariance comes'} from the prior. Use "
        "fewer components, or covariance='tied', which pools all points."
    )


def flat(record: Record) -> str | None:
    """Components with next to no width in some direction."""
    names = axes(record.model.covariance)
    if "feature" not in names:
        return None
    values, directions = shapes(record)
    ratio = np.median(values[..., 0] / values[..., -1], axis=0)
    worst = int(np.argmin(ratio))
    if ratio[worst] >= FLAT:
        return None
    load = np.abs(directions[worst, :, 0])
    along = [record.features[a] for a in np.argsort(-load) if load[a] > LOADED * load.max()][:4]
    who = f"component {worst} is" if "component" in names else "the components are"
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
    names = axes(record.model.covariance)
    values, _ = shapes(record)
    small = np.flatnonzero(np.median(values[..., -1], axis=0) < POINT)
    if not small.size:
        return None
    who = f"component {_listed(small)}" if "component" in names else "all components"
    return (
        f"collapsed components: {who} of less than a millionth of the data's range, on copies of one row. Leave scales "
        "out for the default prior, or use fewer components."
    )


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
    if "component" not in axes(record.model.covariance):
        factors = factors[:, :1]
    covariances = factors @ factors.swapaxes(-1, -2)
    values, directions = np.linalg.svd(factors, compute_uv=False), np.linalg.eigh(covariances.mean(0))[1]
    return np.asarray(values[..., ::-1] ** 2, float), np.asarray(directions, float)


def _listed(things: object) -> str:
    words = [str(thing) for thing in things]  # type: ignore[attr-defined]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
