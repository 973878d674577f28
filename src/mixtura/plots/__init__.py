"""Pictures: each function draws one idea on the axes it is given, or on a new figure, and returns the axes.

The libraries that draw are loaded when something is first drawn.
"""

from mixtura.plots.bands import density
from mixtura.plots.checks import predictive_check
from mixtura.plots.comparisons import compare
from mixtura.plots.diagrams import diagram
from mixtura.plots.forests import forest
from mixtura.plots.histograms import histogram
from mixtura.plots.memberships import panels
from mixtura.plots.pairs import pairs
from mixtura.plots.prior_posterior import prior_posterior
from mixtura.plots.ranks import rank
from mixtura.plots.simplexes import simplex
from mixtura.plots.traces import trace
from mixtura.plots.uncertainties import uncertainty

__all__ = [
    "compare", "density", "diagram", "forest", "histogram", "pairs", "panels", "predictive_check", "prior_posterior",
    "rank", "simplex", "trace", "uncertainty",
]  # fmt: skip


def __dir__() -> list[str]:
    return sorted(__all__)
