"""How every picture looks: colours that a colour-blind eye tells apart, and line styles as a second cue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from mixtura.arguments import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit

# Okabe & Ito (2008), a brown in place of yellow (the band) and black: seven colours. With four line styles,
# the first 28 components all differ.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#6B4C35")
MARKERS = ("o", "^", "s", "v", "D", "P", "X", "<")
LINES: tuple[Any, ...] = ("-", (0, (5, 1.5)), (0, (1, 1)), (0, (5, 1.5, 1, 1.5)))
SHARED = "0.25"  # what belongs to no single component
FEW = 6  # features in a picture, unless more are asked for
DATA, REPLICATES, FILL, BAND = "black", "#9CCBEB", "#E0E0E0", "#F0E442"


def color(index: int) -> str:
    """The colour of a component."""
    return PALETTE[index % len(PALETTE)]


def line(index: int) -> Any:
    """The line style of a component or chain."""
    return LINES[index % len(LINES)]


def marker(index: int) -> str:
    """The shape of a component's points."""
    return MARKERS[index % len(MARKERS)]


def component(index: int) -> dict[str, Any]:
    """The colour and line style of a component."""
    return {"color": color(index), "linestyle": line(index)}


def name(data: object) -> str:
    """What the horizontal axis is called: the data's own name, or x."""
    return str(getattr(data, "name", None) or "x")


def features(fit: Fit) -> list[str]:
    """What the columns of a fit's data are called; one for what lies on a line."""
    check_fit(fit)
    return [name(fit)] if fit.x.ndim == 1 else list(fit.features)


def check_fit(fit: object) -> None:
    """An error unless it is a fit."""
    if not hasattr(fit, "x"):
        raise TypeError(f"pictures are of a fit, what GaussianMixture.sample returns; got {fit!r:.80}")


def chosen(fit: Fit, asked: Sequence[str] | str | None, at_least: int = 1) -> list[str]:
    """The features asked for, checked; by default the first few."""
    known = features(fit)
    several = isinstance(asked, Iterable) and not isinstance(asked, str)
    names: list[Any] = known[:FEW] if asked is None else list(asked) if several else [asked]
    right = all(isinstance(name, str) and name in known for name in names)
    if not right or not len(set(names)) == len(names) >= at_least:
        raise ValueError(
            f"features is {shown(asked)}; name {at_least} or more of {', '.join(known)}, none of them twice"
        )
    return names


def left_out(fit: Fit, names: Sequence[str]) -> str:
    """A note where not all features are shown."""
    number = len(features(fit))
    return f"{len(names)} of {number} features: features=[...] chooses" if len(names) < number else ""


def check_one_column(fit: Fit, picture: str) -> None:
    """An error that says what to draw instead where there are several features."""
    if len(names := features(fit)) > 1:
        raise ValueError(
            f"plots.{picture} draws one column, and this fit has {len(names)} features ({', '.join(names)}): "
            f"draw plots.pairs(fit), or plots.uncertainty(fit) for two of them"
        )


def axes(ax: object, rows: int, columns: int, size: tuple[float, float], **kwargs: Any) -> np.ndarray:
    """Axes to draw on, `(rows, columns)`: those given, checked for their number, or those of a new figure.

    `size` is one panel's width and height in inches; `kwargs` go to `matplotlib.pyplot.subplots`.
    """
    if ax is None:
        import matplotlib.pyplot as plt

        figsize = (columns * size[0], rows * size[1] + 0.3)
        figure = plt.figure(figsize=figsize, layout="constrained")
        return cast(np.ndarray, figure.subplots(rows, columns, squeeze=False, **kwargs))
    given = np.atleast_1d(np.asarray(ax, dtype=object))
    if given.size != rows * columns:
        raise ValueError(
            f"ax holds {given.size} axes, but this picture has {rows * columns} panels ({rows} x {columns}); "
            f"pass as many, or none to have a figure made"
        )
    return given.reshape(rows, columns)


def wrapped(ax: object, number: int, columns: int, size: tuple[float, float], **kwargs: Any) -> np.ndarray:
    """So many axes: those given, or a new figure's, in rows of a few; `size` and `kwargs` as in `axes`."""
    if ax is not None:
        return axes(ax, 1, number, size).ravel()
    columns = min(columns, number)
    made = axes(None, -(-number // columns), columns, size, **kwargs)
    for idle in made.flat[number:]:
        idle.remove()
    return np.array(made.flat[:number])


def panel(ax: Axes | None, height: float = 3.7, width: float = 6.4) -> Axes:
    """The axes of a picture that needs only one."""
    return cast("Axes", axes(ax, 1, 1, (width, height))[0, 0])


def tidy(ax: Axes, xlabel: str = "", ylabel: str = "") -> None:
    """Name the axes and take the frame's idle sides away; a density starts at 0."""
    if "density" in ylabel:
        ax.set_ylim(bottom=0)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.spines[["top", "right"]].set_visible(False)


def note(ax: Axes, text: str) -> None:
    """What to know of a picture, above its right end."""
    if text:
        ax.set_title(text, fontsize="small", color=SHARED, loc="right")


def legend(ax: Axes, handles: Sequence[Any] | None = None, outside: bool = False) -> None:
    """A legend that hides nothing: outside, above all panels, in a figure made here, whose layout makes room.

    Inside axes that a user passed, the vertical axis is stretched to make room above the data.
    """
    entries = ax.get_legend_handles_labels()[0] if handles is None else list(handles)
    if not entries:
        return
    figure = ax.get_figure(root=True)
    assert figure is not None
    box = figure.bbox if outside else ax.get_window_extent()
    rows = _rows([str(entry.get_label()) for entry in entries], box.width / figure.dpi)
    look: dict[str, Any] = {"handles": entries, "ncols": -(-len(entries) // rows), "columnspacing": 1.2}
    look |= {"fontsize": "small", "frameon": False}
    if outside:
        figure.set_figheight(figure.get_figheight() + 0.17 * (rows - 1))
        figure.legend(loc="outside upper center", **look)
        return
    room = min(0.75, (0.12 + 0.17 * rows) * figure.dpi / box.height)
    low, high = ax.get_ylim()
    ax.set_ylim(low, low + (high - low) / (1 - room))
    ax.legend(loc="upper center", borderaxespad=0.1, **look)


def _rows(labels: list[str], width: float) -> int:
    """The fewest rows in which a legend fits into `width` inches; it is filled column by column."""
    for rows in range(1, len(labels)):
        columns = [labels[start : start + rows] for start in range(0, len(labels), rows)]
        if sum(0.5 + 0.068 * max(map(len, column)) for column in columns) < width:
            return rows
    return len(labels)
