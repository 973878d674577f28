"""What is taken for a seed: a whole number, None, or a numpy Generator, from which every use draws anew."""

from __future__ import annotations

import numpy as np

from mixtura.arguments import shown

Seed = int | np.random.Generator | None


def generator_of(seed: Seed) -> np.random.Generator:
    """The Generator itself, or a new one from a number or, for None, from the system's entropy.

    >>> rng = np.random.default_rng(1)
    >>> generator_of(rng) is rng
    True
    """
    return np.random.default_rng(checked(seed))


def entropy_of(seed: Seed) -> int:
    """A whole number that fixes every draw: the seed itself, or 63 bits from a Generator.

    >>> entropy_of(7)
    7
    >>> rng, again = np.random.default_rng(1), np.random.default_rng(1)
    >>> entropy_of(rng) == entropy_of(again) != entropy_of(rng)
    True
    """
    seed = checked(seed)
    if isinstance(seed, np.random.Generator):
        return int(seed.integers(2**63))
    entropy = np.random.SeedSequence(seed).entropy
    assert isinstance(entropy, int)
    return entropy


def checked(seed: Seed) -> Seed:
    """The seed, or an error that says what may be one."""
    if seed is None or isinstance(seed, np.random.Generator):
        return seed
    if isinstance(seed, bool | np.timedelta64) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed is a whole number of at least 0, a numpy Generator, or None; got {shown(seed)}")
    return int(seed)
