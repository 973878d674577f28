"""One run of one peer in a process of its own: `python -m benchmarks.child PEER PROBLEM DATA SEED DRAWS.npz [warm]`.

The draws go into a file; the parent judges them, so that a peer's time and memory are its own.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.problems import problem


def main() -> None:
    peer, name, data, seed, out, *warm = sys.argv[1:]
    module = importlib.import_module(f"benchmarks.peers.{peer}")
    run = module.sample(problem(name, Path(data)), int(seed), bool(warm))
    said = json.dumps({"seconds": run.seconds, **run.notes}, default=float)
    np.savez(out, weights=run.weights, means=run.means, scales=run.scales, said=said)


if __name__ == "__main__":
    main()
