"""What an algorithm is to the tests: a name that is known, or a method that is yet to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from mixtura.arrays import Floats
from mixtura.compiled.rng import Stream
from mixtura.model import GaussianMixture
from mixtura.testing import line, rows


@runtime_checkable
class Method(Protocol):
    """What a file in `mixtura.algorithms` offers; a module, or any object with these four names."""

    NAME: str
    INFO: tuple[str, ...]

    def start(self, target: Any, position: Floats, covariance: Floats, swaps: bool, /) -> Any:
        """A chain at `position` (d,), told a guess of the posterior covariance (d, d)."""

    def advance(
        self,
        target: Any,
        chain: Any,
        work: Any,
        stream: Stream,
        first: int,
        last: int,
        warmup: int,
        draws: Any,
        /,
    ) -> None:
        """Run draws first .. last-1 and keep those from `warmup` on."""


def side_of(model: GaussianMixture) -> Any:
    """The module that knows this model's targets: `line`, or `rows` where there are several features."""
    return line if model.n_features in (None, 1) else rows


def method_of(algorithm: str | Method, model: GaussianMixture) -> Method:
    """The method of that name for this model, or the one given.

    Raises
    ------
    ValueError
        If no algorithm has that name.
    TypeError
        If it is neither a name nor has NAME, INFO, start and advance.
    """
    if isinstance(algorithm, str):
        known = side_of(model).METHODS
        if algorithm not in known:
            raise ValueError(f"algorithm is one of {', '.join(known)}, or a method; got {algorithm!r}")
        found: Any = known[algorithm]
        return found  # type: ignore[no-any-return]
    if not isinstance(algorithm, Method):
        raise TypeError(f"algorithm is a name or has NAME, INFO, start and advance; got {algorithm!r}")
    return algorithm


@contextmanager
def registered(method: Method) -> Iterator[str]:
    """Let `GaussianMixture.sample` know a method for a while, under its NAME.

    Parameters
    ----------
    method : Method
        Anything with NAME, INFO, start and advance.

    Yields
    ------
    str
        Its name, to be given as `algorithm`.

    Raises
    ------
    ValueError
        If another method has that name already.

    Examples
    --------
    >>> import mixtura as mx
    >>> from types import SimpleNamespace
    >>> from mixtura.algorithms.line import gibbs
    >>> mine = SimpleNamespace(NAME="mine", INFO=gibbs.INFO, start=gibbs.start, advance=gibbs.advance)
    >>> with registered(mine) as name:
    ...     mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), algorithm=name, seed=1).algorithm
    'mine'
    """
    tables: tuple[dict[str, Any], ...] = (line.METHODS, rows.METHODS)
    known = [table[method.NAME] for table in tables if method.NAME in table]
    if known and not any(found is method for found in known):
        raise ValueError(f"there is an algorithm {method.NAME!r} already; give the method another NAME")
    new = [table for table in tables if method.NAME not in table]
    for table in new:
        table[method.NAME] = method
    try:
        yield method.NAME
    finally:
        for table in new:
            del table[method.NAME]
