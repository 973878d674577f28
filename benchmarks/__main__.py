"""Run mixtura and whichever peers are installed, alone and in turn; write RESULTS.md, results.json and cost.png.

    python -m benchmarks                                               everything, an hour or more
    python -m benchmarks --problems gallery --peers mixtura,numpyro    these again; the rest stays as it is
    python -m benchmarks --problems E --longest 200                    rows, with ten minutes for whom it takes that
    python -m benchmarks --resume                                      only what is missing
    python -m benchmarks --render                                      tables and plot from results.json

Problems are book, gallery, overlap, 1e3 ... 1e8 (points of the gallery's generator), E and E-1e6 (rows of ten
features), command (whole processes) and kernel (beside C++). Data are made once, into benchmarks/data: 1e8 points take
800 MB.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.command import whole_processes
from benchmarks.peers import version
from benchmarks.race import Limits, race
from benchmarks.report import write_report
from benchmarks.shapes import NAMES, PEERS
from benchmarks.store import HERE, Store

SECTIONS = (*NAMES, "command", "kernel")


def main() -> None:
    options = parsed()
    limits = Limits(options.repeats, options.longest, options.resume)
    store = Store(options.results, only_read=options.render)
    if not options.render:
        peers = installed(options.peers.split(","), store)
        for section in options.problems.split(","):
            if section == "kernel":
                from benchmarks.kernel.measure import kernel_speed

                store.content["kernel"] = kernel_speed(limits.repeats)
                store.save()
            elif section == "command":
                whole_processes(peers, options.data, limits, store)
            else:
                race(section, peers, options.data, limits, store)
    write_report(store, options.results.with_name("RESULTS.md"))


def installed(names: list[str], store: Store) -> list[str]:
    """The peers that are there, their versions noted; the others are named in a line each."""
    found = {name: version(PEERS[name]) for name in names}
    for name in names:
        if found[name] is None:
            print(f"{name}: not installed, left out")
    store.content["versions"] |= {name: here for name, here in found.items() if here}
    return [name for name in names if found[name]]


def parsed() -> argparse.Namespace:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__, formatter_class=shape)
    parser.add_argument("--problems", default=",".join(SECTIONS))
    parser.add_argument("--peers", default=",".join(PEERS))
    parser.add_argument("--repeats", type=int, default=5, help="runs that count (default: 5)")
    parser.add_argument(
        "--longest",
        type=float,
        default=120,
        help="seconds: a peer begins no run on a problem once it has spent these, is ended at three times them, and is "
        "not begun on a size where they would not do (default: 120)",
    )
    parser.add_argument("--resume", action="store_true", help="keep results that are complete")
    parser.add_argument("--render", action="store_true", help="run nothing")
    parser.add_argument("--data", type=Path, default=HERE / "data", help="where data files are kept")
    parser.add_argument("--results", type=Path, default=HERE / "results.json", help="where raw results go")
    options = parser.parse_args()
    for given, known in ((options.problems, SECTIONS), (options.peers, PEERS)):
        if unknown := set(given.split(",")) - set(known):
            parser.error(f"unknown: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    return options


if __name__ == "__main__":
    main()
