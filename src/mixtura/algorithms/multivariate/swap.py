"""Trading two components of rows in q; `mixtura.algorithms.swap` proposes it."""

from __future__ import annotations

from mixtura import questions
from mixtura.jit import kernel
from mixtura.multivariate.target import (
    CORRELATIONS,
    MATRICES,
    MEANS,
    SCALES,
    WEIGHTS,
    Target,
    correlations_at,
    matrices_at,
)
from mixtura.params import Floats


@kernel
def trade(q: Floats, a: int, b: int, size: int) -> None:
    """Exchange two stretches of q."""
    for i in range(size):
        q[a + i], q[b + i] = q[b + i], q[a + i]


@questions.answers(questions.exchange, Target)
@kernel
def exchange(target: Target, q: Floats, i: int, j: int) -> None:
    """Trade components i and j in q: a linear map of length-preserving coordinates, with no Jacobian of its own."""
    at, (k, d), own = target.at, target.centres.shape, target.owner[i] != target.owner[j]
    if at[MEANS] >= 0:
        trade(q, at[MEANS] + i * d, at[MEANS] + j * d, d)
    if at[SCALES] >= 0 and target.scale_at[i, 0] != target.scale_at[j, 0]:
        size = 1 + target.scale_at[i, d - 1] - target.scale_at[i, 0]
        trade(q, at[SCALES] + target.scale_at[i, 0], at[SCALES] + target.scale_at[j, 0], size)
    if at[CORRELATIONS] >= 0 and own:
        trade(q, correlations_at(target, i), correlations_at(target, j), d * (d - 1) // 2)
    if at[MATRICES] >= 0 and own:
        trade(q, matrices_at(target, i), matrices_at(target, j), d * (d + 1) // 2)
    if at[WEIGHTS] >= 0:
        apart = 0.0
        for m in range(k - 1):
            apart += (target.basis[i, m] - target.basis[j, m]) * q[at[WEIGHTS] + m]
        for m in range(k - 1):
            q[at[WEIGHTS] + m] -= apart * (target.basis[i, m] - target.basis[j, m])
