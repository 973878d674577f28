"""Mixtures of one column: problems A to C, and B's generator at sizes up to 10^8."""

from benchmarks.column.outcome import Run, judged
from benchmarks.column.peers import PEERS
from benchmarks.column.problems import NAMES, SIZES, problem

__all__ = ["NAMES", "PEERS", "SIZES", "Run", "judged", "problem"]
