"""One file per peer, as for one column: `sample(problem, seed, warm) -> Run`.

A run's seconds leave out who belongs where, which every peer says afterwards.
"""

from __future__ import annotations

from benchmarks.peers import Peer

PEERS = {
    "mixtura": Peer("mixtura", 10**6, warms=True),
    "mixtura_lkj": Peer("mixtura", 20_000, warms=True),
    "numpyro": Peer("numpyro", 20_000),
    "bayesm": Peer("bayesm", 20_000, "R"),
    "mixtura_mode": Peer("mixtura", 10**6, warms=True),
    "sklearn_em": Peer("scikit-learn", 20_000),
    "sklearn_em10": Peer("scikit-learn", 20_000),
    "sklearn_vb": Peer("scikit-learn", 20_000),
    "mclust": Peer("mclust", 20_000, "R"),
}
