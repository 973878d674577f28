"""Pictures: each function draws one idea on the axes it is given, or on a new figure, and returns the axes.

The libraries that draw are loaded when something is first drawn.
"""

from mixtura.plots.bands import density
from mixtura.plots.checks import predictive_check
from mixtura.plots.diagrams import diagram
from mixtura.plots.histograms import histogram
from mixtura.plots.maps import uncertainty
from mixtura.plots.memberships import panels
from mixtura.plots.pairs import pairs
from mixtura.plots.ranks import rank
from mixtura.plots.simplexes import simplex
from mixtura.plots.traces import trace

__all__ = [
    "density", "diagram", "histogram", "pairs", "panels", "predictive_check", "rank", "simplex", "trace", "uncertainty",
]  # fmt: skip
