"""The least scatter of a component under the default prior: what keeps it from shrinking onto a few equal values.

The default learns the level of the widths from the data. Where values repeat, or components are nearly as many as
points, the density then rises without bound as widths and level shrink together: improper, or proper and without mass
there, but every climb ends in it. So each component counts as if it had been seen to scatter a little more, by F in
all: a factor exp(-F / (2 variance)), of matrices exp(-trace(F covariance^-1) / 2), which beats any power of the
likelihood. F is fixed before any component is looked at: some 1e-4 of the range squared, more where points are few, and
where a column holds a few different values again and again, what rounding to such steps would have hidden.
"""

from __future__ import annotations

import numpy as np

from mixtura.params import Floats

LEAST, FEW_POINTS, MOST = 1e-4, 2.9, 0.1  # F is (FEW_POINTS / n**2 range)**2, between LEAST and MOST
COARSE = 10  # different values at most, each seen twice or more on average, that count as steps
CHUNK = 1 << 16  # points that are looked at together


def floor_of(x: Floats, n: float, owners: int) -> float:
    """F of one column x: n points, weights counted, and so many components that each have a width of their own.

    >>> import numpy as np
    >>> round(floor_of(np.arange(100.0), 100.0, 2), 6)  # (2.9e-4 * 99)**2
    0.000824
    >>> floor_of(np.repeat([0.0, 1.0], 24), 48.0, 2) > 48 / 2 / 12
    True
    """
    span, many = float(x.max()) - float(x.min()), steps(x, n)
    coarse = n / owners / many**2 / 12.0 if many else 0.0
    return (min(max(LEAST, FEW_POINTS / n**2), MOST) ** 2 + coarse) * span * span


def steps(x: Floats, n: float) -> int:
    """How many steps a column (n,) of few values takes from its least to its greatest; 0 if it is no such column."""
    values = len(few_values(x))
    return values - 1 if values <= COARSE and n >= 2 * values else 0


def few_values(x: Floats) -> Floats:
    """The different values of a column (n,), sorted, where there are no more than COARSE; else COARSE + 1 of them.

    >>> few_values(np.array([2.0, 1.0, 2.0, 5.0]))
    array([1., 2., 5.])
    """
    found = np.empty(0)
    for first in range(0, len(x), CHUNK):
        chunk = x[first : first + CHUNK]
        for value in found:
            chunk = chunk[chunk != value]
        if chunk.size:
            found = np.union1d(found, chunk)
        if found.size > COARSE:
            return found[: COARSE + 1]
    return found
