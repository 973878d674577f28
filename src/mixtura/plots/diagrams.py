"""The model as a picture, in the style of Kruschke (2015): from priors, by arrows, down to the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura import priors
from mixtura.plots import sketches, style
from mixtura.plots.declarations import Block, blocks_of, formula, spelled_out
from mixtura.plots.sketches import Card
from mixtura.reading.data import points

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.model import GaussianMixture

# In inches: the width of three blocks, prior to prior, a line of text, an arrow, the height of the formula, where it
# stands, and the space between its pieces.
WIDTH, COLUMN, LINE, ARROW, FORMULA, SPACE = 9.2, 3.05, 0.21, 0.55, 2.24, 0.05
SYMBOL = 13  # points


def diagram(model: GaussianMixture, x: Any = None, ax: Axes | None = None) -> Axes:
    """Draw a declared model in Kruschke's style: priors above, the mixture below, the data at the bottom.

    Arrows lead to the letters of the mixture's formula. Those marked ~ are random, those marked = are not. A prior that
    tells components apart shows a curve for each. Where there are several features, a curve is the first one's, and
    ellipses are draws of matrices, of the first two.

    Parameters
    ----------
    model
        Any declared model.
    x
        Data, from which priors that were left out take their numbers; without, the picture says in words what
        they will be.
    ax
        Where to draw; a new figure by default. The drawing is 9.2 inches wide (12.25 with correlations) and scales
        with the axes.

    References
    ----------
    Kruschke (2015), Doing Bayesian Data Analysis, 2nd edition, section 8.1.

    Examples
    --------
    >>> import mixtura as mx
    >>> diagram(mx.GaussianMixture(n_components=2)).axison
    False
    """
    if not hasattr(model, "with_defaults"):
        raise TypeError(f"plots.diagram draws a model, a GaussianMixture, such as fit.model; got {model!r:.80}")
    whole = spelled_out(model, x)
    blocks = blocks_of(whole, model, pending=x is None)
    width = WIDTH + COLUMN * (len(blocks) - 3)
    sides = np.arange(len(blocks)) - (len(blocks) - 1) / 2
    squared = whole.variances is not None
    cards = [Card(width / 2 + side * COLUMN, 3.45 + 0.85 * squared) for side in sides]
    height = max(cards[0].head + 0.2 + LINE * len(block.lines) for block in blocks)
    above = blocks[2].above
    if above is not None:
        above_card = Card(cards[2].center, cards[2].head + 0.22 + ARROW + cards[2].strip)
        height = max(height, above_card.head + 0.2 + LINE * len(above.lines))
    panel = style.panel(ax, height - 0.3, width)
    panel.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    panel.set_axis_off()
    pen = Pen(panel, width, height)
    _data(pen, whole, None if x is None else len(points(x).x))
    letters = _formula(pen, formula(whole, blocks))
    for place, card, block in zip(letters, cards, blocks, strict=True):
        _prior(pen, block, card)
        _down(pen, block, card, place, squared and block is blocks[2])
    if above is not None:
        _prior(pen, above, above_card)
        pen.arrow(above_card.foot, (above_card.center, cards[2].head + 0.2), "∼")
    return panel


def _formula(pen: Pen, pieces: list[tuple[str, Block | None]]) -> list[float]:
    """Write the formula about the middle; where the letters of the blocks stand, in their order."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.mathtext import MathTextParser

    parser, font = MathTextParser("path"), FontProperties(size=SYMBOL)
    widths = np.array([parser.parse(text, 72, font).width / 72 for text, _ in pieces]) + SPACE
    middles = pen.center - widths.sum() / 2 + np.cumsum(widths) - widths / 2
    for middle, (text, _) in zip(middles, pieces, strict=True):
        pen.write((float(middle), FORMULA), text, SYMBOL, va="baseline")
    return [float(middle) for middle, (_, block) in zip(middles, pieces, strict=True) if block is not None]


def _down(pen: Pen, block: Block, card: Card, place: float, squared: bool) -> None:
    """From a prior to its letter in the formula, for a variance by way of its root."""
    sign = "=" if isinstance(block.prior, priors.Fixed) else "∼"
    start = card.foot
    if squared:
        pen.write((card.center, start[1] - 0.85), block.symbol[:-1] + "^2$", SYMBOL)
        pen.arrow(start, (card.center, start[1] - 0.7), sign)
        start, sign = (card.center - 0.18, start[1] - 1.0), "="
    pen.arrow(start, (place, FORMULA + 0.15), sign)


class Pen:
    """Writes and draws arrows in inches of the picture; its letters shrink and grow with the axes."""

    def __init__(self, ax: Axes, width: float, height: float) -> None:
        figure = ax.get_figure(root=True)
        assert figure is not None
        window = ax.get_window_extent()
        self.ax = ax
        self.center = width / 2
        self.size = min(window.width / width, window.height / height) / figure.dpi

    def write(self, where: tuple[float, float], text: str, size: float = 10.5, **look: Any) -> None:
        """Put text around a point."""
        look = {"ha": "center", "va": "center", "zorder": 4, **look}
        self.ax.text(*where, text, fontsize=size * self.size, **look)

    def arrow(self, start: tuple[float, float], end: tuple[float, float], sign: str) -> None:
        """Draw an arrow, and beside its middle what it means."""
        look = {"arrowstyle": "-|>", "color": "0.2", "linewidth": 1.1, "shrinkA": 0, "shrinkB": 0}
        self.ax.annotate("", end, start, arrowprops=look, zorder=3)
        along = np.subtract(end, start)
        aside = np.array([-along[1], along[0]]) / np.hypot(*along)
        aside *= -1 if aside[1] < -1e-6 else 1
        middle = np.add(start, end) / 2 + 0.15 * aside
        self.write((float(middle[0]), float(middle[1])), sign, 14)


def _data(pen: Pen, whole: GaussianMixture, n: int | None) -> None:
    """The mixture, with room for its formula, and, below, what it makes."""
    card, k = Card(pen.center, 1.12, 3.5, 0.83, 0.14, 0.58), whole.n_components
    several, structure = (whole.n_features or 1) > 1, whole.structure
    groups = sketches.of_groups(k, structure) if several else sketches.of_mixture(k, structure.shared)
    sketches.draw(pen.ax, groups, card)
    side = card.center + card.width / 2 + 0.25
    pen.write((side, card.base + card.height / 2), _range("k", 0, k - 1), ha="left")
    pen.arrow(card.foot, (pen.center, 0.31), "∼")
    pen.write((pen.center, 0.18), "$y_i$", SYMBOL)
    pen.write((pen.center + 0.25, 0.18), _range("i", 1, n), ha="left")


def _range(index: str, first: int, last: int | None) -> str:
    if last is None:
        return f"${index} = {first}, \\ldots, n$"
    if last - first > 2:
        return f"${index} = {first}, \\ldots, {last}$"
    return f"${index} = " + ", ".join(map(str, range(first, last + 1))) + "$"


def _prior(pen: Pen, block: Block, card: Card) -> None:
    """A prior's sketch, its name below and its numbers above."""
    sketches.draw(pen.ax, block.sketch, card)
    name = "known" if isinstance(block.prior, priors.Fixed) else type(block.prior).__name__
    pen.write((card.center, card.base - card.strip / 2), name)
    low = card.head + 0.1
    if block.above is not None:
        pen.write((card.center - 0.2, low), f"{block.lines[0]},", ha="right")
        pen.write((card.center, low), block.unknown)  # where the arrow from its own prior ends
        return
    for row, line in enumerate(reversed(block.lines)):
        pen.write((card.center, low + row * LINE), line)
