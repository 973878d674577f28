"""The frame of what a notebook shows: its colours follow the notebook's theme, else the reader's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

LONGEST = 40  # rows of a table that are shown
STYLE = """<style>
.mixtura{--mx-ink:#1a1a1a;--mx-paper:#fff;--mx-rule:#bbb;font:13px/1.45 system-ui,sans-serif;padding:8px;
color:var(--jp-content-font-color1,var(--vscode-editor-foreground,var(--mx-ink)));max-width:760px;
background:var(--jp-layout-color0,var(--vscode-editor-background,var(--mx-paper)))}
@media (prefers-color-scheme:dark){.mixtura{--mx-ink:#eee;--mx-paper:#161616;--mx-rule:#555}}
.mixtura .mx-warning{border-left:4px solid #d9730d;padding:2px 8px;margin:4px 0}
.mixtura .mx-scroll{overflow-x:auto}
.mixtura table{color:inherit;font-size:inherit;border-collapse:collapse;font-variant-numeric:tabular-nums;margin:6px 0}
.mixtura th,.mixtura td{text-align:right;padding:2px 8px;color:inherit;background:none;border:0;
border-bottom:1px solid var(--jp-border-color2,var(--mx-rule))}
.mixtura th:first-child,.mixtura td:first-child{text-align:left}
.mixtura svg{max-width:100%;height:auto}.mixtura svg text{font:12px system-ui,sans-serif;fill:currentColor}
</style>"""


def page(head: str, warnings: Iterable[str], picture: str, table: str, notes: Iterable[str] = ()) -> str:
    """Warnings first, then what it is, its picture and its table; `head`, warnings and notes are plain text."""
    faults = "".join(f'<div class="mx-warning" role="note">warning: {escape(fault)}</div>' for fault in warnings)
    said = "".join(f"<div>{escape(note)}</div>" for note in notes)
    return f'{STYLE}<div class="mixtura">{faults}<div><b>{escape(head)}</b></div>{said}{picture}{table}</div>'


def table_of(headings: Sequence[str], rows: Sequence[Sequence[str]], more: str = "") -> str:
    """A table of texts; of many rows the first, and how many `more` there are."""
    top = "".join(f"<th>{escape(heading)}</th>" for heading in headings)
    body = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in rows[:LONGEST])
    rest = f"<div>and {len(rows) - LONGEST} rows more: {escape(more)}</div>" if len(rows) > LONGEST else ""
    scrolled = '<div class="mx-scroll" tabindex="0" role="group" aria-label="table">'  # by keyboard, too
    return f"{scrolled}<table><tr>{top}</tr>{body}</table></div>{rest}"
