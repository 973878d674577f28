"""One file per peer: `sample(problem, seed, warm) -> Run`, the same model as a competent user writes it.

A run's seconds count warm-up and draws, not imports or compilation. Where a peer cannot tell them apart by itself
(mixtura, whose first call loads compiled code), `warm` asks for a small run first; whole processes are measured
without it.
"""

from __future__ import annotations

from benchmarks.peers import Peer

PEERS = {
    "mixtura": Peer("mixtura", 10**8, warms=True),
    "pymc": Peer("pymc", 10**4),
    "nutpie": Peer("nutpie", 10**5),
    "numpyro": Peer("numpyro", 10**5),
    "jags": Peer("rjags", 10**4, "R"),  # its graph takes a minute a chain at 10^4 points, and grows with their square
    "bayesm": Peer("bayesm", 10**5, "R", not_for=("book",)),  # keeps every allocation: 16 GB a chain at 10^6 points
    "sklearn_em": Peer("scikit-learn", 10**7),
    "sklearn_vb": Peer("scikit-learn", 10**7),
}
