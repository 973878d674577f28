"""The charts as Vega-Lite specifications: what is drawn where. Colours are the page's own CSS variables.

Each names its data sets, which `data.py` fills in. Three parameters come from the page: `lit`, the component that the
reader points at (null for none), `at`, the place along x whose membership is asked for, and `gutter`, the room that all
charts of one feature leave for the labels on their left, so that the same x stands at the same place in each.
"""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]

DASHES = ([1, 0], [7, 2.5], [2, 2], [7, 2.5, 2, 2.5])  # as plots.style.LINES
COLORS = 7  # as plots.style.PALETTE
NAME, SPAN = "{name}", "{span}"  # what the page fills in: the feature shown, and from where to where it is shown
SHOWN = {"nice": False, "zero": False, "domain": SPAN}
LIT, LIT_FIT = "lit === null || lit === datum.component", "lit === null || lit === datum.fit"
SHAPES = ["circle", "square", "triangle-up", "diamond", "cross", "triangle-down"]


def density(k: int) -> Spec:
    """Posterior mean density, its band and components, over the data's histogram."""
    along = {
        "field": "x",
        "type": "quantitative",
        "title": NAME,
        "scale": SHOWN,
    }
    up = {"type": "quantitative", "title": "density"}
    parts: Spec = {"x": along, "y": up | {"field": "part"}, "color": _color(k), "strokeDash": _dash(k)}
    layers = [
        _layer("bars", {"type": "rect", "fill": "var(--bars)", "stroke": "var(--page)", "strokeWidth": 1, "clip": True},
               x=along | {"field": "low"}, x2={"field": "high"}, y=up | {"field": "height"}, y2={"datum": 0}),
        _layer("curves", {"type": "area", "fill": "var(--band)", "fillOpacity": 0.45, "clip": True},
               x=along, y=up | {"field": "lower"}, y2={"field": "upper"}),
        _layer("parts", {"type": "area", "clip": True},
               x=along, y=up | {"field": "part", "stack": None}, color=_color(k),
               fillOpacity=_if_lit(0.3, 0.0, "lit === datum.component")),
        _layer("curves", {"type": "line", "stroke": "var(--ink)", "strokeWidth": 2.4, "clip": True},
               x=along, y=up | {"field": "density"}),
        _layer("parts", {"type": "line", "clip": True},
               **parts, opacity=_if_lit(1, 0.25), strokeWidth=_if_lit(3, 1.8, "lit === datum.component")),
        *[_place(along)] * (k > 1),
    ]  # fmt: skip
    return _chart(layers, 320)


def membership(k: int) -> Spec:
    """The probability of each component along x: the posterior mean, and the band of its draws."""
    along = {"field": "x", "type": "quantitative", "title": NAME, "scale": SHOWN}
    up = {
        "type": "quantitative", "title": "membership probability", "scale": {"domain": [0, 1]},
        "axis": {"format": "%", "values": [0, 0.25, 0.5, 0.75, 1]},
    }  # fmt: skip
    band, line = {"type": "area", "clip": True}, {"type": "line", "clip": True}
    names = {"type": "text", "fontSize": 13, "fontWeight": 700, "fill": "var(--ink)", "dy": 14, "clip": True}
    return _chart([
        _layer("parts", band, x=along, y=up | {"field": "lower"}, y2={"field": "upper"}, color=_color(k),
               fillOpacity=_if_lit(0.25, 0.05)),
        _layer("parts", line, x=along, y=up | {"field": "share"}, color=_color(k), strokeDash=_dash(k),
               opacity=_if_lit(1, 0.25), strokeWidth=_if_lit(3, 2, "lit === datum.component")),
        _layer("names", names, x=along, y=up | {"field": "share"}, text={"field": "component"},
               opacity=_if_lit(1, 0.4)),
        _place(along),
    ], 220)  # fmt: skip


def check() -> Spec:
    """Counts of the data in bins (bars), and of data sets simulated from the fit (ranges and medians)."""
    along = {
        "field": "low",
        "type": "quantitative",
        "title": NAME,
        "scale": SHOWN,
    }
    middle = along | {"field": "x"}
    up = {"type": "quantitative", "title": "points per bin"}
    color = {"condition": {"test": "datum.outside", "value": "var(--alert)"}, "value": "var(--range)"}
    shape = {"condition": {"test": "datum.outside", "value": "diamond"}, "value": "circle"}
    bars = {"type": "rect", "fill": "var(--bars)", "stroke": "var(--page)", "strokeWidth": 1}
    layers = [
        _layer("bins", bars, x=along, x2={"field": "high"}, y=up | {"field": "count"}, y2={"datum": 0}),
        _layer("bins", {"type": "rule", "strokeWidth": 2},
               x=middle, y=up | {"field": "lower"}, y2={"field": "upper"}, color=color),
        _layer("bins", {"type": "point", "filled": True, "opacity": 1, "size": 56},
               x=middle, y=up | {"field": "median"}, color=color, shape=shape),
    ]  # fmt: skip
    return _chart(layers, 280)


def differences(names: list[str]) -> Spec:
    """How far each fit is behind the best, with its standard error; grey where that says little."""
    down = {"field": "name", "type": "nominal", "title": None, "sort": names, "axis": {"labelLimit": 160}}
    along = {"type": "quantitative", "title": "elpd behind the best"}
    color = _color(len(names), "fit")
    shape = {"field": "fit", "type": "nominal", "scale": {"domain": [*range(len(names))], "range": SHAPES},
             "legend": None}  # fmt: skip
    return _chart([
        _layer("little", {"type": "rect", "fill": "var(--bars)"}, x=along | {"field": "low"}, x2={"field": "high"}),
        _layer("behind", {"type": "rule", "strokeWidth": 2}, y=down, x=along | {"field": "low"}, x2={"field": "high"},
               color=color, opacity=_if_lit(1, 0.25, LIT_FIT)),
        _layer("behind", {"type": "point", "filled": True, "size": 90, "opacity": 1}, y=down,
               x=along | {"field": "behind"}, color=color, shape=shape, opacity=_if_lit(1, 0.25, LIT_FIT)),
    ], 50 + 34 * len(names))  # fmt: skip


def densities(n: int) -> Spec:
    """Posterior mean density of each of n fits, over the data's histogram."""
    along = {"field": "x", "type": "quantitative", "title": NAME, "scale": SHOWN}
    up = {"type": "quantitative", "title": "density"}
    return _chart([
        _layer("bars", {"type": "rect", "fill": "var(--bars)", "stroke": "var(--page)", "strokeWidth": 1, "clip": True},
               x=along | {"field": "low"}, x2={"field": "high"}, y=up | {"field": "height"}, y2={"datum": 0}),
        _layer("curves", {"type": "line", "clip": True}, x=along, y=up | {"field": "density"}, color=_color(n, "fit"),
               strokeDash=_dash(n, "fit"), opacity=_if_lit(1, 0.2, LIT_FIT),
               strokeWidth=_if_lit(3.2, 2.2, "lit === datum.fit")),
    ], 320)  # fmt: skip


def pair(k: int) -> Spec:
    """Two features: points by membership, and ellipses of the components, faint ones of single draws."""
    loose = {"zero": False, "nice": False}
    across = {"field": "x", "type": "quantitative", "title": "{x}", "scale": loose | {"domain": "{x span}"}}
    up = {"field": "y", "type": "quantitative", "title": "{y}", "scale": loose | {"domain": "{y span}"}}
    place: Spec = {"x": across, "y": up, "color": _color(k)}
    loop: Spec = place | {"order": {"field": "order"}, "strokeDash": _dash(k)}
    names: Spec = {"x": across, "y": up, "text": {"field": "component"}, "opacity": _if_lit(1, 0.25)}
    return _chart([
        _layer("points", {"type": "circle", "size": 26, "clip": True}, **place,
               opacity={"condition": {"test": LIT, "field": "sure", "type": "quantitative", "legend": None,
                                      "scale": {"domain": [0, 1], "range": [0.15, 0.75]}}, "value": 0.06}),
        _layer("draws", {"type": "line", "strokeWidth": 0.7, "clip": True}, **loop,
               detail={"field": "draw"}, opacity=_if_lit(0.3, 0.06)),
        _layer("means", {"type": "line", "strokeWidth": 2.4, "clip": True}, **loop, opacity=_if_lit(1, 0.25)),
        _layer("names", {"type": "text", "fontSize": 15, "fontWeight": 700, "fill": "var(--ink)", "clip": True},
               **names),
        _layer("here", {"type": "point", "size": 160, "stroke": "var(--ink)", "strokeWidth": 2, "clip": True},
               x=across, y=up),
    ], 460)  # fmt: skip


def trace() -> Spec:
    """One parameter's draws, a line per chain, later chains fainter."""
    along = {"field": "draw", "type": "quantitative", "title": "draw", "scale": {"nice": False}}
    up = {"field": "value", "type": "quantitative", "title": None, "scale": {"zero": False}, "axis": {"tickCount": 4}}
    mark = {"type": "line", "stroke": "var(--own)", "strokeWidth": 0.7}
    return _chart([_layer("draws", mark, x=along, y=up, detail={"field": "chain"}, opacity=_fainter())], 90, top=6)


def beside() -> Spec:
    """One parameter's posterior, and its prior (dashed, grey) as far as it is in sight."""
    along = {"field": "x", "type": "quantitative", "title": None, "scale": {"nice": False, "zero": False},
             "axis": {"tickCount": 3}}  # fmt: skip
    up = {"type": "quantitative", "title": None, "axis": None}
    return _chart([
        _layer("densities", {"type": "area", "fill": "var(--own)", "fillOpacity": 0.25, "clip": True},
               x=along, y=up | {"field": "posterior"}),
        _layer("densities", {"type": "line", "stroke": "var(--own)", "strokeWidth": 1.8, "clip": True},
               x=along, y=up | {"field": "posterior"}),
        _layer("densities", {"type": "line", "stroke": "var(--ink)", "strokeWidth": 1.4, "strokeDash": [5, 3],
                             "clip": True}, x=along, y=up | {"field": "prior"}),
    ], 84, top=4)  # fmt: skip


def rank() -> Spec:
    """One parameter's ranks, a line per chain, within the band that chains which agree keep to."""
    along = {"field": "rank", "type": "quantitative", "title": "fractional rank", "axis": {"values": [0, 0.5, 1]}}
    up = {"field": "difference", "type": "quantitative", "title": None, "axis": {"tickCount": 4}}
    band = {
        "data": {"name": "band"}, "mark": {"type": "rect", "fill": "var(--bars)"},
        "encoding": {"y": {"field": "low", "type": "quantitative"}, "y2": {"field": "high"}},
    }  # fmt: skip
    line = _layer("ranks", {"type": "line", "stroke": "var(--own)", "strokeWidth": 1.2}, x=along, y=up,
                  strokeDash=_dash(len(DASHES), "chain"), detail={"field": "chain"})  # fmt: skip
    return _chart([band, line], 90, top=6)


def _chart(layers: list[Spec], height: int, top: int = 24) -> Spec:
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container", "height": height, "autosize": {"type": "fit-x", "contains": "padding"},
        "padding": {"left": 0, "right": 10, "top": top, "bottom": 5}, "background": None,
        "params": [{"name": "lit", "value": None}, {"name": "at", "value": 0}, {"name": "gutter", "value": 0}],
        "config": {"axisY": {"minExtent": {"expr": "gutter"}}}, "layer": layers,
    }  # fmt: skip


def _layer(data: str, mark: Spec, **encoding: Spec) -> Spec:
    return {"data": {"name": data}, "mark": mark, "encoding": encoding}


def _place(along: Spec) -> Spec:
    """The line that stands where membership is asked for."""
    return {
        "data": {"values": [{}]}, "transform": [{"calculate": "at", "as": "x"}],
        "mark": {"type": "rule", "stroke": "var(--ink)", "strokeWidth": 1.2, "strokeDash": [3, 3], "clip": True},
        "encoding": {"x": along},
    }  # fmt: skip


def _color(k: int, field: str = "component") -> Spec:
    colors = [f"var(--c{j % COLORS})" for j in range(k)]
    return {"field": field, "type": "nominal", "scale": {"domain": [*range(k)], "range": colors}, "legend": None}


def _dash(k: int, field: str = "component") -> Spec:
    dashes = [DASHES[j % len(DASHES)] for j in range(k)]
    return {"field": field, "type": "nominal", "scale": {"domain": [*range(k)], "range": dashes}, "legend": None}


def _if_lit(yes: float, no: float, test: str = LIT) -> Spec:
    return {"condition": {"test": test, "value": yes}, "value": no}


def _fainter() -> Spec:
    return {"field": "chain", "type": "ordinal", "scale": {"range": [0.9, 0.65, 0.45, 0.3]}, "legend": None}
