"""Mixtures of rows of several features: problem E."""

from benchmarks.rows.outcome import Run, judged
from benchmarks.rows.peers import PEERS
from benchmarks.rows.problems import NAMES, problem

__all__ = ["NAMES", "PEERS", "Run", "judged", "problem"]
