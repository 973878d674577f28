"""The density with its components as SVG, in colours that stand out on white and on black, and dashes."""

from __future__ import annotations

from html import escape

import numpy as np
from numpy.typing import NDArray

from mixtura.arrays import Floats
from mixtura.digits import plain

COLORS = ("#2f86d6", "#d9730d", "#1a9e77", "#a369c9", "#d6569b", "#8a7a2e")
DASHES = ("none", "7 3", "2 3", "8 3 2 3")
WIDTH, HEIGHT, LEFT, FLOOR = 640, 260, 12, 222
STEPS, POINTS = 240, 300  # of a curve; rows that are drawn
UNSEEN = 1e-4  # of the highest density: a component that lies elsewhere


def curves(x: Floats, total: Floats, parts: Floats, band: Floats | None, name: str) -> str:
    """A density (g,) over x with its components (k, g) and a band (2, g)."""
    across = LEFT + (x - x[0]) / (x[-1] - x[0]) * (WIDTH - 2 * LEFT)
    top = 1.08 * float(total.max() if band is None else max(total.max(), band.max()))

    def line(values: Floats) -> str:
        return " ".join(f"{a:.1f},{FLOOR - v / top * (FLOOR - 10):.1f}" for a, v in zip(across, values, strict=True))

    drawn = []
    if band is not None:
        ends = f"{line(band[0])} {' '.join(reversed(line(band[1]).split()))}"
        drawn.append(f'<polygon points="{ends}" fill="currentColor" opacity=".18"/>')
    drawn.append(f'<polyline points="{line(total)}" fill="none" stroke="currentColor" stroke-width="1.6"/>')
    for j, part in enumerate(parts):
        if not part.max() > UNSEEN * top:
            continue
        drawn.append(f'<polyline points="{line(part)}" fill="none" {_stroke(j)}/>')
        peak = int(part.argmax())
        at = f'x="{across[peak]:.1f}" y="{max(FLOOR - part[peak] / top * (FLOOR - 10) - 5, 12):.1f}"'
        drawn.append(f'<text {at} text-anchor="middle">{j}</text>')
    return _framed(drawn, _ticks(float(x[0]), float(x[-1])), name, "density; numbers name components")


def ellipses(x: Floats, means: Floats, covariances: Floats, names: tuple[str, ...], points: bool = True) -> str:
    """Some rows of two features (n, 2), and of each component the ellipse of one and of two standard deviations.

    Components that lie outside of what the rows span are left out; rows are drawn if `points`.
    """
    low, high = x.min(0), x.max(0)

    def place(points: Floats) -> NDArray[np.float64]:
        z = (points - low) / (high - low)
        return np.stack([LEFT + 20 + z[:, 0] * (WIDTH - 2 * LEFT - 40), FLOOR - 10 - z[:, 1] * (FLOOR - 24)], 1)

    seen = x[np.linspace(0, len(x) - 1, min(POINTS, len(x))).astype(int)]
    dots = place(seen if points else seen[:0])
    drawn = [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="1.8" fill="currentColor" opacity=".4"/>' for a, b in dots]
    turn = np.linspace(0, 2 * np.pi, 49)
    circle = np.stack([np.cos(turn), np.sin(turn)])
    for j, (mean, covariance) in enumerate(zip(means, covariances, strict=True)):
        if ((mean < low - (high - low)) | (mean > high + (high - low))).any():
            continue
        root = np.linalg.cholesky(covariance)
        for width in (1, 2):
            ring = " ".join(f"{a:.1f},{b:.1f}" for a, b in place(mean + width * (root @ circle).T))
            drawn.append(f'<polygon points="{ring}" fill="none" {_stroke(j)}/>')
        ((a, b),) = place(mean[None])
        drawn.append(f'<text x="{a:.1f}" y="{b:.1f}" text-anchor="middle" font-weight="bold">{j}</text>')
    return _framed(drawn, _ticks(float(low[0]), float(high[0]), 20), names[0], f"up: {names[1]}; 1 and 2 sd")


def _stroke(j: int) -> str:
    dash = DASHES[j % len(DASHES)]
    return f'stroke="{COLORS[j % len(COLORS)]}" stroke-width="2" stroke-dasharray="{dash}"'


def _ticks(low: float, high: float, inset: float = 0) -> str:
    inner = WIDTH - 2 * LEFT - 2 * inset
    return "".join(
        f'<text x="{LEFT + inset + share * inner:.1f}" y="{FLOOR + 15}" text-anchor="{anchor}">'
        f"{plain(low + share * (high - low), (high - low) / 10)}</text>"
        for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end"))
    )


def _framed(drawn: list[str], ticks: str, name: str, note: str) -> str:
    axis = f'<line x1="{LEFT}" x2="{WIDTH - LEFT}" y1="{FLOOR}" y2="{FLOOR}" stroke="currentColor"/>'
    title = escape(name if len(name) <= 40 else name[:39] + "…")
    label = f'<text x="{LEFT}" y="{FLOOR + 32}">{title}</text>'
    label += f'<text x="{WIDTH - LEFT}" y="{FLOOR + 32}" text-anchor="end">{escape(note[:70])}</text>'
    box = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" aria-label="density of {title} with components"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{axis}{ticks}{label}{"".join(drawn)}</svg>'
