"""Random numbers from a counter: SplitMix64 (Steele, Lea & Flood 2014), keyed by seed, chain, sweep and row.

A stream is an array (1,) of uint64 that each draw moves on; a row's own number is a pure function of (key, row), so
allocations do not depend on chunks or threads (law 5). numpy's Generator works in numba too, but costs every process
0.2 s to load and the first run 0.9 s to compile (measured); these few functions cost 2 ms.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mixtura.compiled.jit import exact

Stream = NDArray[np.uint64]

GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)


def streams(seed: int | None, n: int) -> Stream:
    """One independent stream per chain, shape (n, 1), from numpy's SeedSequence (entropy of the system if None)."""
    return np.array([s.generate_state(1, np.uint64) for s in np.random.SeedSequence(seed).spawn(n)])


@exact
def mix(z: np.uint64) -> np.uint64:
    """SplitMix64's output function: a bijection of 64 bits that passes for random."""
    z = (z ^ (z >> np.uint64(30))) * MIX_1
    z = (z ^ (z >> np.uint64(27))) * MIX_2
    return z ^ (z >> np.uint64(31))


@exact
def row_uniform(key: np.uint64, row: int) -> float:
    """The uniform number in (0, 1) that belongs to (key, row)."""
    return ((mix(key + np.uint64(row + 1) * GOLDEN) >> np.uint64(11)) + 0.5) * 2.0**-53


@exact
def next_key(stream: Stream) -> np.uint64:
    """The stream's next 64 bits."""
    stream[0] += GOLDEN
    return mix(stream[0])


@exact
def uniform(stream: Stream) -> float:
    """Uniform on (0, 1), ends excluded."""
    return ((next_key(stream) >> np.uint64(11)) + 0.5) * 2.0**-53


@exact
def normal(stream: Stream) -> float:
    """Standard normal, by the polar method (Marsaglia & Bray 1964)."""
    while True:
        a = 2.0 * uniform(stream) - 1.0
        b = 2.0 * uniform(stream) - 1.0
        s = a * a + b * b
        if s < 1.0:
            return a * math.sqrt(-2.0 * math.log(s) / s)


@exact
def log_gamma(stream: Stream, shape: float) -> float:
    """Logarithm of a Gamma(shape, 1) variate (Marsaglia & Tsang 2000); the logarithm survives tiny shapes.

    nan of a shape that is not finite, which would never be accepted.
    """
    boost = 0.0
    if not 0.0 <= shape < math.inf:
        return math.nan
    if shape < 1.0:
        boost = math.log(uniform(stream)) / shape
        shape += 1.0
    d = shape - 1.0 / 3.0
    c = 1.0 / math.sqrt(9.0 * d)
    while True:
        z = normal(stream)
        v = 1.0 + c * z
        if v > 0.0:
            v = v * v * v
            if math.log(uniform(stream)) < 0.5 * z * z + d - d * v + d * math.log(v):
                return math.log(d * v) + boost


@exact
def binomial(stream: Stream, n: int, p: float) -> int:
    """Binomial variate in O(log n) by halving at beta order statistics (Devroye 1986, X.4.3), exact for any n."""
    hits = 0
    while n > 24:
        a = 1 + n // 2
        b = n + 1 - a
        median = 1.0 / (1.0 + math.exp(log_gamma(stream, float(b)) - log_gamma(stream, float(a))))
        if median >= p:
            n = a - 1
            p = p / median
        else:
            hits += a
            n = b - 1
            p = (p - median) / (1.0 - median)
    for _ in range(n):
        hits += uniform(stream) < p
    return hits
