"""Which priors each block of parameters takes, and how a declaration is written down and read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np

from mixtura import priors as p

ALLOWED: dict[str, tuple[type[p.Prior], ...]] = {
    "means": (p.Normal, p.StudentT, p.Uniform, p.Fixed),
    "scales": (
        p.HalfNormal, p.HalfCauchy, p.HalfStudentT, p.Exponential, p.Gamma, p.InverseGamma, p.LogNormal, p.Uniform,
        p.Fixed,
    ),
    "variances": (p.InverseGamma, p.Fixed),
    "weights": (p.Dirichlet, p.Fixed),
}  # fmt: skip


def check_block(block: str, prior: Any, n_components: int, n_scales: int) -> None:
    """A block's prior is of an allowed kind, of the right length, and within the block's range."""
    if prior is None:
        return
    if not isinstance(prior, ALLOWED[block]):
        names = ", ".join(kind.__name__ for kind in ALLOWED[block])
        raise TypeError(f"{block} takes a prior, one of {names}; got {prior!r}")
    wanted = n_scales if block in ("scales", "variances") else n_components
    if prior.length is not None and prior.length != wanted:
        why = "one scale when tied" if wanted == 1 < n_components else f"n_components={n_components}"
        raise ValueError(f"{block}={prior!r} has {prior.length} entries, but there is {why}")
    if isinstance(prior, p.InverseGamma) and prior.rate is not None and block != "variances":
        raise TypeError(f"a rate that is itself a Gamma belongs to variances=InverseGamma(...), not to {block}")
    if isinstance(prior, p.Uniform) and block == "scales" and np.min(prior.lower) < 0:
        raise ValueError(f"scales are positive: Uniform needs lower >= 0; got {prior!r}")
    if isinstance(prior, p.Fixed) and block != "means":
        values = prior.columns(wanted)[0]
        if values.min() <= 0:
            raise ValueError(f"{block}={prior!r}: fixed {block} must be positive")
        if block == "weights" and abs(values.sum() - 1) > 1e-8:
            raise ValueError(f"weights={prior!r}: fixed weights sum to 1; these sum to {values.sum():.6g}")


def plain(value: Any) -> Any:
    """A prior or a number as plain names, numbers and lists."""
    if isinstance(value, p.Prior):
        return {"prior": type(value).__name__} | {f.name: plain(getattr(value, f.name)) for f in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def declared(value: Any) -> Any:
    """What `plain` wrote down."""
    if not isinstance(value, Mapping):
        return value
    numbers = {name: declared(v) for name, v in value.items() if name != "prior"}
    known = {kind.__name__: kind for kinds in ALLOWED.values() for kind in kinds}
    if value.get("prior") not in known:
        raise ValueError(f"unknown prior {value.get('prior')!r}; the known ones are {', '.join(sorted(known))}")
    return known[value["prior"]](**numbers)
