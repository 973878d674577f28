"""What an algorithm is to the tests: a name that is known, or a method that is yet to be."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, runtime_checkable

from mixtura.algorithms.record import Draws
from mixtura.algorithms.run import METHODS
from mixtura.params import Floats
from mixtura.rng import Stream
from mixtura.target import Target, Work


@runtime_checkable
class Method(Protocol):
    """What a file in `mixtura.algorithms` offers; a module, or any object with these four names."""

    NAME: str
    INFO: tuple[str, ...]

    def start(self, target: Target, position: Floats, covariance: Floats, swaps: bool, /) -> Any:
        """A chain at `position` (d,), told a guess of the posterior covariance (d, d)."""

    def advance(
        self,
        target: Target,
        chain: Any,
        work: Work,
        stream: Stream,
        first: int,
        last: int,
        warmup: int,
        draws: Draws,
        /,
    ) -> None:
        """Run draws first .. last-1 and keep those from `warmup` on."""


def method_of(algorithm: str | Method) -> Method:
    """The method of that name, or the one given.

    Raises
    ------
    ValueError
        If no algorithm has that name.
    TypeError
        If it is neither a name nor has NAME, INFO, start and advance.
    """
    if isinstance(algorithm, str):
        if algorithm not in METHODS:
            raise ValueError(f"algorithm is one of {', '.join(METHODS)}, or a method; got {algorithm!r}")
        found: Any = METHODS[algorithm]
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
    >>> from mixtura.algorithms import gibbs
    >>> mine = SimpleNamespace(NAME="mine", INFO=gibbs.INFO, start=gibbs.start, advance=gibbs.advance)
    >>> with registered(mine) as name:
    ...     mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), algorithm=name, seed=1).algorithm
    'mine'
    """
    known: dict[str, Any] = METHODS
    if known.get(method.NAME, method) is not method:
        raise ValueError(f"there is an algorithm {method.NAME!r} already; give the method another NAME")
    new = method.NAME not in known
    known[method.NAME] = method
    try:
        yield method.NAME
    finally:
        if new:
            del known[method.NAME]
