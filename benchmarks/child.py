"""One run of one peer in a process of its own: `python -m benchmarks.child PEER PROBLEM DATA SEED RUN.npz [warm]`.

The run goes into a file; the parent judges it, so that a peer's time and memory are its own.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

import numpy as np

from benchmarks.shapes import shape_of


def main() -> None:
    peer, name, data, seed, out, *warm = sys.argv[1:]
    shape = shape_of(name)
    module = importlib.import_module(f"{shape.__name__}.peers.{peer}")
    run = module.sample(shape.problem(name, Path(data)), int(seed), bool(warm))
    np.savez(out, **run._asdict() | {"notes": json.dumps(dict(run.notes), default=float)})


if __name__ == "__main__":
    main()
