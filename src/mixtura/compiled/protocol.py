"""What an algorithm asks of a target, whichever it is: six questions, answered by the target's type when compiled.

A target holds a model and its data. Whoever knows a type of target registers compiled answers with `answers`, and
`nuts`, `hmc`, `swap` and slice steps work on it as they are.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from numba.extending import overload

from mixtura.arrays import Floats
from mixtura.compiled.jit import FLAGS, KERNEL, SUMS_VECTORISE

F = TypeVar("F", bound=Callable[..., Any])
OPTIONS: Any = FLAGS | KERNEL | {"fastmath": SUMS_VECTORISE}
OPTIONS.pop("cache")


def logdensity(target: Any, q: Floats, grad: Floats, work: Any) -> float:
    """Log posterior density at q (d,), with its gradient into `grad`: the data are read once, into `work.stats`."""
    raise NotImplementedError


def place(target: Any, q: Floats, work: Any) -> float:
    """Parameters at q into `work.params`; returns log prior density plus log-Jacobian. No look at the data."""
    raise NotImplementedError


def keep(target: Any, q: Floats, work: Any, density: float, occupied: float, draws: Any, s: int) -> None:
    """Write draw s, placed from q, where the log density is `density` and so many components are occupied."""
    raise NotImplementedError


def exchange(target: Any, q: Floats, i: int, j: int) -> None:
    """Trade components i and j in q."""
    raise NotImplementedError


def conditional(target: Any, work: Any, block: int, j: int, q: float) -> tuple[float, float]:
    """Log density of coordinate q of a block's parameter j given all else, and its slope."""
    raise NotImplementedError


def width(target: Any, work: Any, block: int, j: int) -> float:
    """About three standard deviations of that density."""
    raise NotImplementedError


def answers(question: Callable[..., Any], kind: type) -> Callable[[F], F]:
    """Register a compiled function of the same arguments as the answer for targets of one class."""

    def register(answer: F) -> F:
        compiled: Any = answer

        @functools.wraps(compiled.py_func)
        def choose(target: Any, *others: Any) -> Any:
            return compiled.py_func if getattr(target, "instance_class", None) is kind else None

        overload(question, jit_options=OPTIONS)(choose)
        return answer

    return register
