"""Many points on a line become few weighted nodes: the cost of a draw need not grow with the data.

The log-likelihood is a sum over the points of log p, which is analytic: where the points of one cell of the axis are
replaced by their Gauss rule (m nodes within the cell, positive weights, exact for polynomials of degree 2m - 1), the
error falls as rho**(-2m), where rho says how far the nearest complex zero of p is, in cell widths (`smoothness`).

    fine       one pass over the data: moments of some thousand narrow cells, then each cell's Gauss rule (`cells`)
    coarsen    neighbouring cells merged, by Lanczos on the union of their nodes, while log p stays smooth on them
    nodes      what remains: weighted points, which everything else reads as it reads data
    certificate  how far compressed and exact log-likelihood are apart, over posterior draws, from one more pass
    refine     cells cut finer where that is not close enough, from another pass

Everything is in standardised units and additive, so it streams; chunks are added in order, so no bit depends on cores.
"""

from mixtura.line.compress.cells import apart, fine, refine
from mixtura.line.compress.certificate import certificate
from mixtura.line.compress.coarse import TOLERANCE, coarsen
from mixtura.line.compress.rules import Rules, merge, nodes

__all__ = ["TOLERANCE", "Rules", "apart", "certificate", "coarsen", "fine", "merge", "nodes", "pays", "refine"]

PAYS = 200  # points, from where on the fine pass costs less than the draws save


def pays(n: int) -> bool:
    """Whether compressing n points costs less than it saves over a few thousand draws."""
    return n >= PAYS
