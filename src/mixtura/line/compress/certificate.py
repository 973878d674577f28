"""The certificate: how far the compressed log-likelihood is from the exact one, over draws, by one pass of the data."""

from __future__ import annotations

import math

import numpy as np

from mixtura.line.kernels import empty_stats, expect, tile_for
from mixtura.line.records import Params
from mixtura.line.units import Units
from mixtura.reading.chunks import over_chunks
from mixtura.reading.data import Points


def certificate(points: Points, units: Units, nodes: Points, draws: Params) -> float:
    """The largest absolute difference of exact and compressed log-likelihood, in nats.

    Parameters
    ----------
    points : Points
        The data, in the user's units.
    units : Units
    nodes : Points
        What stands for them, in standardised units.
    draws : Params
        Parameters (s, k), in standardised units.
    """
    blocks = zip(draws.weights, draws.means, draws.scales, strict=True)
    mixtures = [Params(w.copy(), m.copy(), s.copy(), np.full(1, np.nan)) for w, m, s in blocks]

    def read(chunk: Points) -> list[float]:
        return logliks(Points(units.into(chunk.x), chunk.weights), mixtures)

    exact = [math.fsum(parts) for parts in zip(*over_chunks(read, points), strict=True)]
    return float(np.max(np.abs(np.subtract(exact, logliks(nodes, mixtures)))))


def logliks(points: Points, mixtures: list[Params]) -> list[float]:
    """Log-likelihood of the points under each mixture."""
    k = mixtures[0].means.size
    tile, stats = tile_for(k), empty_stats(k)
    found = []
    for params in mixtures:
        expect(points, params, tile, stats)
        found.append(float(stats.loglik[0]))
    return found
