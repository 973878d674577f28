"""Trading two components of rows in q; `mixtura.algorithms.swap` proposes it."""

from __future__ import annotations

from mixtura.arrays import Floats
from mixtura.compiled import protocol
from mixtura.compiled.jit import kernel
from mixtura.rows.coordinates import pairs
from mixtura.rows.target import CORRELATIONS, MATRICES, MEANS, OWNERS, SCALES, WEIGHTS, Target


@kernel
def trade(q: Floats, a: int, b: int, size: int) -> None:
    """Exchange two stretches of q."""
    for i in range(size):
        q[a + i], q[b + i] = q[b + i], q[a + i]


@protocol.answers(protocol.exchange, Target)
@kernel
def exchange(target: Target, q: Floats, i: int, j: int) -> None:
    """Trade components i and j in q: a linear map of length-preserving coordinates, with no Jacobian of its own."""
    at, (k, d) = target.at, target.centres.shape
    own = at[OWNERS] == k
    if at[MEANS] >= 0:
        trade(q, at[MEANS] + i * d, at[MEANS] + j * d, d)
    if at[SCALES] >= 0 and target.scale_at[i, 0] != target.scale_at[j, 0]:
        size = 1 + target.scale_at[i, d - 1] - target.scale_at[i, 0]
        trade(q, at[SCALES] + target.scale_at[i, 0], at[SCALES] + target.scale_at[j, 0], size)
    if at[CORRELATIONS] >= 0 and own:
        trade(q, at[CORRELATIONS] + i * pairs(d), at[CORRELATIONS] + j * pairs(d), pairs(d))
    if at[MATRICES] >= 0 and own:
        trade(q, at[MATRICES] + i * pairs(d + 1), at[MATRICES] + j * pairs(d + 1), pairs(d + 1))
    if at[WEIGHTS] >= 0:
        apart = 0.0
        for m in range(k - 1):
            apart += (target.basis[i, m] - target.basis[j, m]) * q[at[WEIGHTS] + m]
        for m in range(k - 1):
            q[at[WEIGHTS] + m] -= apart * (target.basis[i, m] - target.basis[j, m])
