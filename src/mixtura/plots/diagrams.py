"""The model as a picture, in the style of Kruschke (2015): from priors, by arrows, down to the data."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mixtura import priors
from mixtura.data import points
from mixtura.plots import sketches, style
from mixtura.plots.sketches import Card

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.model import GaussianMixture

GREEK = {"mu": "μ", "sigma": "σ", "nu": "ν", "alpha": "α", "beta": "β", "lam": "λ"}
SIDES = (-1, 0, 1)  # left, middle, right
# In inches: the picture's width and middle, prior to prior, a line of text, an arrow, the parameters' height.
WIDTH, CENTER, COLUMN, LINE, ARROW, PARAMETERS = 9.2, 4.6, 3.05, 0.21, 0.55, 2.4
FROM_DATA = {  # the defaults, before there are data to take them from
    priors.Normal: {"mu": "midrange of data", "sigma": "range of data"},
    priors.Gamma: {"beta": "10 / (range of data)²"},
}


class Block(NamedTuple):
    """One of the model's blocks: its prior, its symbol, and whether data have still to set its numbers."""

    prior: priors.Prior
    symbol: str
    pending: bool


def diagram(model: GaussianMixture, x: Any = None, ax: Axes | None = None) -> Axes:
    """Draw a declared model in Kruschke's style: priors above, the mixture below, the data at the bottom.

    Arrows marked ~ are random, those marked = are not. A prior that tells components apart shows a curve for
    each.

    Parameters
    ----------
    model
        Any declared model.
    x
        Data, from which priors that were left out take their numbers; without, the picture says in words what
        they will be.
    ax
        Where to draw; a new figure by default. The drawing is 9.2 inches wide and scales with the axes.

    References
    ----------
    Kruschke (2015), Doing Bayesian Data Analysis, 2nd edition, section 8.1.

    Examples
    --------
    >>> import mixtura as mx
    >>> diagram(mx.GaussianMixture(n_components=2)).axison
    False
    """
    blocks = _blocks(model, x)
    squared = model.scales is None
    cards = [Card(CENTER + side * COLUMN, 3.45 + 0.85 * squared) for side in SIDES]
    height = max(cards[0].head + 0.2 + LINE * len(_numbers(block)) for block in blocks)
    rate = blocks[2].prior.rate if isinstance(blocks[2].prior, priors.InverseGamma) else None
    if rate is not None:
        above = Block(rate, "", blocks[2].pending)
        rate_card = Card(cards[2].center, cards[2].head + 0.22 + ARROW + cards[2].strip)
        height = max(height, rate_card.head + 0.2 + LINE * len(_numbers(above)))
    panel = style.panel(ax, height - 0.3, WIDTH)
    panel.set(xlim=(0, WIDTH), ylim=(0, height), aspect="equal")
    panel.set_axis_off()
    pen = Pen(panel, height)
    _data(pen, model, x)
    for side, card, block in zip(SIDES, cards, blocks, strict=True):
        _prior(pen, block, card, model.n_components)
        _down(pen, block, card, side, squared and side == 1)
    if rate is not None:
        _prior(pen, above, rate_card, 1)
        pen.arrow(rate_card.foot, (rate_card.center, cards[2].head + 0.2), "∼")
    return panel


def _down(pen: Pen, block: Block, card: Card, side: int, squared: bool) -> None:
    """From a prior to the mixture's parameter, for a variance by way of its root."""
    sign = "=" if isinstance(block.prior, priors.Fixed) else "∼"
    slot = CENTER + 1.15 * side
    pen.write((slot, PARAMETERS), block.symbol, 13)
    start = card.foot
    if squared:
        pen.write((card.center, start[1] - 0.85), block.symbol[:-1] + "^2$", 13)
        pen.arrow(start, (card.center, start[1] - 0.68), sign)
        start, sign = (card.center - 0.18, start[1] - 1.0), "="
    pen.arrow(start, (slot + 0.06 * side, PARAMETERS + 0.17), sign)


class Pen:
    """Writes and draws arrows in inches of the picture; its letters shrink and grow with the axes."""

    def __init__(self, ax: Axes, height: float) -> None:
        figure = ax.get_figure(root=True)
        assert figure is not None
        window = ax.get_window_extent()
        self.ax = ax
        self.size = min(window.width / WIDTH, window.height / height) / figure.dpi

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


def _data(pen: Pen, model: GaussianMixture, x: Any) -> None:
    """The mixture and, below, what it makes."""
    card = Card(CENTER, 1.27, 3.5, 0.83, 0.38)
    tied = model.covariance == "tied"
    sketches.draw(pen.ax, sketches.of_mixture(model.n_components, tied), card)
    scale = r"\sigma" if tied else r"\sigma_k"
    formula = rf"$\sum_k\, w_k \; \mathrm{{Normal}}(\mu_k,\, {scale})$"
    pen.write((card.center, card.base - card.strip / 2), formula)
    indices = _range("k", 0, model.n_components - 1)
    pen.write((card.center + card.width / 2 + 0.25, card.base + card.height / 2), indices, ha="left")
    pen.arrow(card.foot, (CENTER, 0.35), "∼")
    pen.write((CENTER, 0.18), "$y_i$", 13)
    pen.write((CENTER + 0.25, 0.18), _range("i", 1, None if x is None else len(points(x).x)), ha="left")


def _range(index: str, first: int, last: int | None) -> str:
    if last is None:
        return f"${index} = {first}, \\ldots, n$"
    if last - first > 2:
        return f"${index} = {first}, \\ldots, {last}$"
    return f"${index} = " + ", ".join(map(str, range(first, last + 1))) + "$"


def _prior(pen: Pen, block: Block, card: Card, n_components: int) -> None:
    """A prior's sketch, its name below and its numbers above."""
    sketches.draw(pen.ax, sketches.of_prior(block.prior, n_components), card)
    name = "known" if isinstance(block.prior, priors.Fixed) else type(block.prior).__name__
    pen.write((card.center, card.base - card.strip / 2), name)
    low = card.head + 0.1
    if isinstance(block.prior, priors.InverseGamma) and block.prior.rate is not None:
        pen.write((card.center - 0.2, low), f"α = {_number(block.prior.alpha)},", ha="right")
        pen.write((card.center, low), "β")  # where the arrow from its own prior ends
        return
    for row, line in enumerate(reversed(_numbers(block))):
        pen.write((card.center, low + row * LINE), line)


def _numbers(block: Block) -> list[str]:
    """A prior's numbers, on one line if it holds them."""
    if isinstance(block.prior, priors.Fixed):
        return [_number(block.prior.value)]
    words = FROM_DATA.get(type(block.prior), {}) if block.pending else {}
    names = [field.name for field in fields(block.prior)]
    values = [words.get(name) or _number(getattr(block.prior, name)) for name in names]
    parts = [f"{GREEK.get(name, name)} = {value}" for name, value in zip(names, values, strict=True)]
    together = ",  ".join(parts)
    return [together] if len(together) < 34 else parts


def _number(value: Any) -> str:
    """A number or a vector; a long one by its first two and its last."""
    if isinstance(value, priors.Prior):
        return ""
    texts = [f"{v:.4g}".replace("-", "−") for v in np.atleast_1d(np.asarray(value, float))]
    if len(set(texts)) == 1:
        return texts[0]
    return "(" + ", ".join(texts if len(texts) < 5 else [*texts[:2], "…", texts[-1]]) + ")"


def _blocks(model: GaussianMixture, x: Any) -> list[Block]:
    """Weights, means and scales (or variances)."""
    whole = model.with_defaults(np.array([-0.5, 0.5]) if x is None else points(x).x)
    scale = whole.scales or whole.variances
    assert whole.weights is not None
    assert whole.means is not None
    assert scale is not None
    each = "" if model.covariance == "tied" else "_k"
    pending = x is None
    weights = whole.weights if model.n_components > 1 else priors.Fixed(1.0)
    return [
        Block(weights, "$w_k$", False),
        Block(whole.means, "$\\mu_k$", pending and model.means is None),
        Block(scale, f"$\\sigma{each}$", pending and model.scales is None and model.variances is None),
    ]
