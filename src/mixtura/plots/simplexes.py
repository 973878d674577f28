"""The Dirichlet density over the weights of three components."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.arguments import real, shown
from mixtura.plots import style
from mixtura.priors.base import lgamma

if TYPE_CHECKING:
    from matplotlib.axes import Axes

CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.75**0.5]])


def simplex(concentrations: Sequence[float | Sequence[float]], ax: Any = None) -> np.ndarray:
    """Density of Dirichlet distributions over three weights, one triangle per concentration.

    At a corner, the weight it names is 1; on the opposite side it is 0.

    Parameters
    ----------
    concentrations
        One panel each: a number, the same for the three weights, or three numbers.
    ax
        Where to draw, as many axes as concentrations; a new figure by default.

    Returns
    -------
    ndarray of Axes
        One per concentration.

    Raises
    ------
    ValueError
        If a concentration is not one or three positive numbers.

    Examples
    --------
    >>> simplex([0.5, 1, 10, (2, 5, 10)]).shape
    (4,)
    """
    alphas = [_checked(concentration) for concentration in np.atleast_1d(np.asarray(concentrations, object))]
    if not alphas:
        raise ValueError("concentrations is empty; give at least one, such as [1, (2, 5, 10)]")
    panels: np.ndarray = style.axes(ax, 1, len(alphas), (2.9, 2.8))[0]
    for panel, alpha in zip(panels, alphas, strict=True):
        _triangle(panel, alpha)
    return panels


def _checked(concentration: Any) -> np.ndarray:
    try:
        alpha = real(concentration)
    except (TypeError, ValueError, OverflowError):
        alpha = np.array([np.nan])
    if alpha.shape not in ((), (1,), (3,)) or not np.all(np.isfinite(alpha) & (alpha > 0)):
        raise ValueError(
            f"a concentration is {shown(concentration)}; the simplex is drawn for three components, "
            f"so give one positive number or three, such as 1 or (2, 5, 10)"
        )
    return np.broadcast_to(alpha, 3).copy()


def _triangle(ax: Axes, alpha: np.ndarray) -> None:
    """One density as an image, cut along the triangle's sides."""
    from matplotlib.patches import Polygon
    from matplotlib.ticker import MaxNLocator

    width, height = 180, 156
    right, top = 1.0, CORNERS[2, 1]
    x, y = np.meshgrid((np.arange(width) + 0.5) / width * right, (np.arange(height) + 0.5) / height * top)
    last = y / top
    weights = np.stack([1 - x - last / 2, x - last / 2, last])
    inside = np.all(weights > 0, axis=0)
    values = np.zeros(inside.shape)
    values[inside] = density(weights[:, inside], alpha)
    infinite = bool(np.any(alpha < 1))  # at a side: the scale then ends below
    highest = float(np.quantile(values[inside], 0.95 if infinite else 1.0))
    image = ax.imshow(values, extent=(0, right, 0, top), origin="lower", vmin=0, vmax=highest, cmap="cividis")
    outline = Polygon(CORNERS.tolist(), closed=True, fill=False, edgecolor="black", linewidth=1)
    ax.add_patch(outline)
    image.set_clip_path(outline)
    figure = ax.get_figure(root=True)
    assert figure is not None
    bar: dict[str, Any] = {"orientation": "horizontal", "shrink": 0.8, "pad": 0.04, "label": "density"}
    figure.colorbar(image, ax=ax, extend="max" if infinite else "neither", ticks=MaxNLocator(4), **bar)
    for index, (x0, y0) in enumerate(CORNERS):
        off, va = ((0, -4), "top") if index < 2 else ((0, 4), "bottom")
        ax.annotate(f"$w_{index}$", (x0, y0), off, textcoords="offset points", ha="center", va=va)
    same = np.all(alpha == alpha[0])
    inner = f"{alpha[0]:g}" if same else "(" + ", ".join(f"{a:g}" for a in alpha) + ")"
    ax.set_title(f"Dirichlet(a = {inner})", fontsize="medium", pad=14)
    ax.set_axis_off()
    ax.set(xlim=(-0.08, 1.08), ylim=(-0.08, top + 0.08), aspect="equal")


def density(weights: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Dirichlet density at `weights` (3, m), over the first two weights."""
    norm = math.lgamma(alpha.sum()) - lgamma(alpha).sum()
    return np.asarray(np.exp(norm + ((alpha[:, None] - 1) * np.log(weights)).sum(axis=0)))
