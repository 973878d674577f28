"""The page: words, tables and charts set into the template, everything from outside escaped, nothing to fetch."""

from __future__ import annotations

import json
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from mixtura.plots.style import PALETTE
from mixtura.report.answers import Sentence
from mixtura.report.charts import DASHES
from mixtura.report.numerals import Estimate

ASSETS = files("mixtura.report") / "assets"
LONG = 240  # characters of code, beyond which it is folded away
SCRIPTS = {  # of the page about one fit, and about several
    "page": ("page.js", "save.js", "columns.js", "pairs.js", "grid.js", "start.js"),
    "comparison": ("page.js", "save.js", "comparison.js"),
}
LIBRARIES = ("vega.min.js", "vega-lite.min.js")
DARK = ("#4C9FDC", "#F58A4B", "#22BE90", "#E29CC6", "#F0B63A", "#93D0F5", "#B99473")  # the palette on a dark page


def fill(parts: dict[str, str], payload: dict[str, Any], kind: str = "page") -> str:
    """The whole page: `parts` by their names in the kind's template, and what page.js reads."""
    own = {
        "style": asset("page.css"),
        "libraries": "\n".join(without_map(asset(name)) for name in LIBRARIES),
        "script": "\n".join(map(asset, SCRIPTS[kind])),
        "payload": as_script(payload),
    }
    kept = {name: text.replace(" %", "\u00a0%") for name, text in parts.items()}  # no line breaks before a %
    return part(f"{kind}.html", kept | own)


def asset(name: str) -> str:
    """A file that the page is made of."""
    return (ASSETS / name).read_text(encoding="utf-8")


def without_map(script: str) -> str:
    """A script that sends no debugger looking for its source map."""
    return script.split("\n//# sourceMappingURL")[0]


def as_script(value: Any) -> str:
    """JSON that no text in it can end, or turn into a comment.

    >>> as_script("</script><!--")
    '"\\\\u003c/script>\\\\u003c!--"'
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def sentence(said: Sentence) -> str:
    """A sentence whose estimates stand out.

    >>> sentence(["centred at ", Estimate("21", "20–22"), "."])
    'centred at <strong>21</strong> <span class="range">(20–22)</span>.'
    """
    return "".join(_emphasised(part) if isinstance(part, Estimate) else escape(part) for part in said)


def _emphasised(part: Estimate) -> str:
    interval = f' <span class="range">({escape(part.interval)})</span>' if part.interval else ""
    return f"<strong>{escape(part.value)}</strong>{interval}"


def cards(sentences: Iterable[Sentence]) -> str:
    """A sentence per component; its subject is the button that lights the component up."""
    return "\n".join(
        f'<li class="card" data-component="{j}"><p>{chip(j)}{sentence(said[1:])}</p></li>'
        for j, said in enumerate(sentences)
    )


def chip(j: int, name: str | None = None) -> str:
    """A button that lights a component, or what else has its colour, up everywhere."""
    text = escape(name or f"Component {j}")
    return f'<button type="button" class="chip" data-component="{j}" aria-pressed="false">{key(j)}{text}</button>'


def key(j: int) -> str:
    """A component's line, in its colour and dashes."""
    return f'<svg class="key own-{j}" viewBox="0 0 26 8" aria-hidden="true"><path d="M0 4H26"/></svg>'


def paragraphs(lines: Iterable[str]) -> str:
    """Plain text, a paragraph each; the first is the verdict."""
    first, *rest = lines
    body = f"<p>{escape(' '.join(rest))}</p>" if rest else ""
    return f'<p class="verdict">{escape(first)}</p>{body}'


class Code(str):
    """Text that a machine reads."""


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of what is what."""
    return "\n".join(f"<div><dt>{escape(what)}</dt><dd>{_told(is_)}</dd></div>" for what, is_ in pairs)


def _told(text: str) -> str:
    if not isinstance(text, Code):
        return escape(text)
    whole = f"<code>{escape(text)}</code>"
    if len(text) <= LONG:
        return whole
    return f'<details class="fold"><summary><code>{escape(text.split("(")[0])}(…)</code></summary>{whole}</details>'


def code(text: str, label: str) -> str:
    """Lines to copy, or nothing at all."""
    return (
        f'<pre tabindex="0" role="group" aria-label="{escape(label)}"><code>{escape(text)}</code></pre>' if text else ""
    )


def choice(names: Iterable[str]) -> str:
    """Options to choose from, by their number."""
    return "".join(f'<option value="{i}">{escape(name)}</option>' for i, name in enumerate(names))


def warnings(faults: Iterable[str]) -> str:
    """The warnings, or nothing at all."""
    items = "".join(f"<li>{escape(fault)}</li>" for fault in faults)
    if not items:
        return ""
    return (
        '<section id="warnings" class="warnings" aria-labelledby="h-warnings">'
        f'<h2 id="h-warnings">Warnings</h2><ul>{items}</ul></section>'
    )


def table(heads: Iterable[tuple[str, str]], rows: Iterable[tuple[str, int | None, list[tuple[str, float]]]]) -> str:
    """A table to sort: heads with what they mean; rows of a name, its component if any, and cells (text, number)."""
    top = "".join(
        f'<th scope="col" title="{escape(meaning)}"><button type="button">{escape(head)}</button></th>'
        for head, meaning in heads
    )
    return f"<thead><tr>{top}</tr></thead>\n<tbody>{''.join(map(_row, rows))}</tbody>"


def _row(row: tuple[str, int | None, list[tuple[str, float]]]) -> str:
    name, j, cells = row
    own, mark = ("", "") if j is None else (f' data-component="{j}"', key(j))
    body = "".join(f'<td data-value="{value}">{escape(text)}</td>' for text, value in cells)
    head = mark + escape(name).replace(",", ",<wbr>")
    return f'<tr tabindex="-1"{own}><th scope="row" data-value="{escape(name)}">{head}</th>{body}</tr>\n'


def status(faults: int) -> str:
    """Whether there are warnings, in a word."""
    if not faults:
        return '<span class="status good">✓ No warnings.</span>'
    return f'<a class="status" href="#warnings">{faults} warning{"s" * (faults != 1)}.</a>'


def contents(sections: Iterable[tuple[str, str]]) -> str:
    """Links to the page's sections."""
    return "\n    ".join(f'<li><a href="#{at}">{escape(name)}</a></li>' for at, name in sections)


def colors(k: int) -> str:
    """The house's colours as the page's, and which component has which colour and dashes."""
    house = "".join(f"--c{i}: light-dark({a}, {b}); " for i, (a, b) in enumerate(zip(PALETTE, DARK, strict=True)))
    own = [
        f'[data-component="{j}"], .own-{j} {{ --own: var(--c{j % len(PALETTE)}); }} '
        f".own-{j} path {{ stroke-dasharray: {' '.join(map(str, DASHES[j % len(DASHES)]))}; }}"
        for j in range(k)
    ]
    return "\n".join([f":root {{ {house}}}", *own])


def part(name: str, parts: dict[str, str]) -> str:
    """A part of the page, filled in."""
    return Template(asset(name)).substitute(parts)
