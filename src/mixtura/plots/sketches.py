"""Small drawings of distributions, the building blocks of the model's diagram."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mixtura import priors
from mixtura.plots import style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.covariance import Structure

POINTS, DRAWS = 160, 12


class Sketch(NamedTuple):
    """Curves `(curves, m)` over `x` (m,), both from 0 to 1; or lines at `x` where `curves` is None.

    Outlines have an `x` (curves, m) too; in units of the height, from the middle.
    """

    x: np.ndarray
    curves: np.ndarray | None
    shared: bool = False  # whether all curves are of one thing, not of a component each


def of_prior(prior: priors.Prior, n_components: int) -> Sketch:
    """A prior's density, one curve per component where the prior tells components apart."""
    count = 1 if prior.exchangeable else n_components
    if isinstance(prior, priors.Fixed):
        values = prior.columns(n_components)[0][:count]
        span = np.ptp(values)
        return Sketch(0.15 + 0.7 * (values - values.min()) / span if span else np.array([0.5]), None)
    if isinstance(prior, priors.Dirichlet):
        a = prior.columns(n_components)[0]
        return _dirichlet(a[:count, None], float(a.sum()))
    parts = _parts(prior, count)
    rng = np.random.default_rng(0)
    ends = [np.quantile(part.draw(rng, 2000), (0.005, 0.93, 0.995)) for part in parts]
    if prior.support == priors.POSITIVE:
        low, high = 0.0, max(end[1] for end in ends)
    else:
        low, high = min(end[0] for end in ends), max(end[2] for end in ends)
        low, high = low - 0.12 * (high - low), high + 0.12 * (high - low)
    x = np.linspace(low, high, POINTS + 2)[1:-1]
    return _scaled((x - low) / (high - low), np.exp([part.logpdf(x) for part in parts]))


def of_matrix(prior: priors.Prior, d: int) -> Sketch:
    """Ellipses of the first two of d features: of some draws, known matrices, or where a normal holds 50 % and 95 %."""
    rng, center = np.random.default_rng(0), np.eye(d)
    if isinstance(prior, priors.Fixed):
        matrices = np.asarray(prior.value, float).reshape(-1, d, d)[:7]
        return _ellipses(matrices[:, :2, :2], matrices[:, :2, :2].max(), len(matrices) == 1)
    if isinstance(prior, priors.MvNormal):
        center, matrices = np.array(prior.cov), np.array(prior.cov) * np.array([1.4, 6.0])[:, None, None]
    elif isinstance(prior, priors.LKJ):
        matrices = prior.draw(rng, DRAWS, d)
    elif isinstance(prior, priors.InverseWishart):
        center = np.array(prior.scale if prior.rate is None else prior.rate.df * np.array(prior.rate.scale))
        matrices = prior.draw(rng, DRAWS, center if prior.rate else None)
    else:
        assert isinstance(prior, priors.Wishart)
        center = np.array(prior.scale)
        matrices = prior.draw(rng, DRAWS)
    sds = np.sqrt(np.diagonal(center))
    matrices = (matrices / sds / sds[:, None])[:, :2, :2]
    reach = np.diagonal(matrices, axis1=1, axis2=2).max(1)
    most = np.quantile(reach, 0.8) if isinstance(prior, priors.InverseWishart) else reach.max()  # its tails are long
    return _ellipses(matrices[reach <= most], most, True)


def _ellipses(matrices: np.ndarray, most: float, shared: bool) -> Sketch:
    """Ellipses about the middle, in a height that holds a variance of `most`."""
    angle = np.linspace(0, 2 * np.pi, 61)
    curves = 0.5 * np.linalg.cholesky(matrices / most) @ np.array([np.cos(angle), np.sin(angle)])
    return Sketch(curves[:, 0], 0.5 + curves[:, 1], shared)


def of_mixture(n_components: int, tied: bool) -> Sketch:
    """A mixture's weighted components, at most 7 of them."""
    k = min(n_components, 7)
    x = np.linspace(0, 1, 200)
    centers = (np.arange(k) + 0.5)[:, None] / k
    widths = (np.full(k, 1.0) if tied else np.resize([0.8, 1.2, 1.0], k))[:, None] * 0.2 / (k + 0.4)
    heights = np.resize([0.8, 1.0, 0.7], k)[:, None]
    parts = heights * np.exp(-0.5 * ((x - centers) / widths) ** 2)
    return _scaled(x, parts)


def of_groups(n_components: int, structure: Structure) -> Sketch:
    """A mixture's components where rows have several features, at most 7 of them."""
    k = min(n_components, 7)
    index = np.zeros(k, int) if structure.shared else np.arange(k)
    height, width = np.resize([0.42, 0.3, 0.36], k)[index], np.resize([0.5, 0.62, 0.4], k)[index]
    tilt = np.resize([0.7, -0.8, 0.3], k)[index] * structure.correlated
    width = height if structure.isotropic else np.minimum(width, 2 / k)
    angle = np.linspace(0, 2 * np.pi, 61)[:, None]
    center = np.linspace(-1.5, 1.5, k) if k > 1 else np.zeros(1)
    x = center + width * np.cos(angle)
    y = np.resize([0.45, 0.55], k) + height * (tilt * np.cos(angle) + np.sqrt(1 - tilt**2) * np.sin(angle))
    return Sketch(x.T, y.T)


def _parts(prior: priors.Prior, count: int) -> list[priors.Prior]:
    """The priors of the first `count` components, an unknown rate replaced by its mean, without a floor."""
    if isinstance(prior, priors.InverseGamma) and prior.rate is not None:
        alpha, beta = prior.rate.columns(1)
        prior = prior.given(float(alpha[0] / beta[0]) + np.max(prior.floor) / 2)
    names = [field.name for field in fields(prior)]
    rows = zip(*(column[:count].tolist() for column in prior.columns(prior.length or 1)), strict=True)
    return [replace(prior, **dict(zip(names, row, strict=True))) for row in rows]


def _dirichlet(a: np.ndarray, total: float) -> Sketch:
    """The weights' marginal densities, Beta(a, total - a)."""
    x = (np.arange(POINTS) + 0.5) / POINTS
    return _scaled(x, np.exp((a - 1) * np.log(x) + (total - a - 1) * np.log1p(-x)), separately=True)


def _scaled(x: np.ndarray, curves: np.ndarray, separately: bool = False) -> Sketch:
    """Curves of height 1; what rises without end at an end of the support is cut off."""
    inner = curves[:, 3:-3].max(axis=1, keepdims=True)
    whole = curves.max(axis=1, keepdims=True)
    top = np.where(whole > 1.5 * inner, inner, whole)
    return Sketch(x, np.minimum(curves / (top if separately else top.max()), 1.0))


class Card(NamedTuple):
    """Where a sketch lies: its baseline's middle and height, its size, and strips below and above for words."""

    center: float
    base: float
    width: float = 1.8
    height: float = 0.75
    strip: float = 0.28
    top: float = 0.1

    @property
    def foot(self) -> tuple[float, float]:
        """The middle of the lower edge, where an arrow starts."""
        return self.center, self.base - self.strip

    @property
    def head(self) -> float:
        """The height of the upper edge."""
        return self.base + self.height + self.top


def draw(ax: Axes, sketch: Sketch, card: Card) -> None:
    """Draw a sketch on its baseline, over a pale card."""
    from matplotlib.patches import FancyBboxPatch

    left, base = card.center - card.width / 2, card.base
    corner, width, height = (left - 0.08, base - card.strip), card.width + 0.16, card.head - base + card.strip
    box = FancyBboxPatch(corner, width, height, boxstyle="round,pad=0,rounding_size=0.08")
    box.set(facecolor="#F3F4F6", edgecolor="#C9CDD3", linewidth=0.8, zorder=1)
    ax.add_patch(box)
    number = len(sketch.x) if sketch.curves is None else len(sketch.curves)
    looks = [style.component(index) for index in range(number)]
    if number == 1 or sketch.shared:
        looks = [{"color": style.SHARED}] * number
    if sketch.x.ndim > 1 and sketch.curves is not None:
        for look, x, y in zip(looks, sketch.x, sketch.curves, strict=True):
            x, y = card.center + x * card.height, base + 0.04 + y * 0.95 * card.height
            ax.plot(x, y, linewidth=0.7 if sketch.shared and number > 2 else 1.3, zorder=3, **look)
        return
    ax.hlines(base, left, left + card.width, color="0.35", linewidth=0.8, zorder=2)
    x = left + sketch.x * card.width
    if sketch.curves is None:
        colors = [look["color"] for look in looks]
        ax.vlines(x, base, base + 0.8 * card.height, colors, linewidth=2, zorder=3)
        return
    for look, curve in zip(looks, sketch.curves, strict=True):
        near = np.convolve(curve > 0.005, [1, 1, 1], "same") > 0
        seen = np.where(near, base + card.height * curve, np.nan)
        ax.fill_between(x, base, seen, color=look["color"], alpha=0.15, linewidth=0, zorder=2)
        ax.plot(x, seen, linewidth=1.3, zorder=3, **look)
