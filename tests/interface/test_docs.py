"""The site's pages, short of running them: `.ci/run` does that when it builds the site, where any warning is an error.

Held here is what would go stale without one: names, commands, thresholds and warnings that a page lists by hand.
"""

import ast
import inspect
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

import mixtura as mx
from mixtura import blocks
from mixtura.algorithms.rows import choose
from mixtura.cli import app
from mixtura.posterior import diagnose, piles, singular

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if "_build" not in page.parts)
OPTIONS = re.compile(r"(?:---\n.*?\n---\n)|(?::[^\n]*\n)+", re.DOTALL)


def cells(page):
    """Options and code of each cell."""
    for cell in re.findall(r"^```\{code-cell\}\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE):
        options = OPTIONS.match(cell)
        yield (options[0], cell[options.end() :].strip()) if options else ("", cell.strip())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_cells(page):
    """They are Python or shell, fit the width of the page, and say in words what they draw."""
    for options, code in cells(page):
        if not code.startswith("%%sh\n"):
            ast.parse(code)
        assert max(map(len, code.splitlines())) <= 92, code
        assert ("alt: " in options) == ("mx.plots." in code or "plt." in code), code


def test_every_public_name_is_in_the_api():
    written = "".join(page.read_text() for page in (DOCS / "api").glob("*.md"))
    listed = set(re.findall(r"auto(?:class|function|module):: (?:mixtura\.)?([\w.]+)", written))
    assert set(mx.__all__) | {"BayesianMixture"} <= listed  # modules with all of their members

    verbs = {name for name, _ in inspect.getmembers(mx.GaussianMixture, callable) if not name.startswith("_")}
    shown = re.search(r"GaussianMixture\n   :members: (.*)", (DOCS / "api" / "model.md").read_text())[1].split(", ")
    assert verbs - set(shown) == {"draw_prior", "in_units", "logprior"}  # of use to algorithms only


def test_prose_does_not_stand_among_parameters():
    """Napoleon would take each of its lines for a parameter."""
    names = [getattr(mx, name) for name in mx.__all__]
    verbs = [verb for kind in filter(inspect.isclass, names) for verb in vars(kind).values()]
    for thing in filter(callable, [*names, *verbs]):
        for section in re.split(r"\n\n(?=[A-Z]\w+\n---)", inspect.getdoc(thing) or ""):
            if section.startswith(("Parameters\n", "Attributes\n")):
                assert re.findall(r"\n\n(\S.*)", section) == [], thing


def test_every_command_is_shown():
    page = (DOCS / "api" / "command.md").read_text()
    assert set(re.findall(r"mixtura (\w+) --help", page)) == set(typer.main.get_command(app).commands)


def test_how_to_choose_says_what_is_done():
    page = (DOCS / "choose.md").read_text()
    for said in (f"less than {choose.FORGETS:.0%}", f"more than {choose.REMEMBERS:.0%}"):
        assert said.replace("%", " %") in page
    assert f"more than {choose.DEAR} parameters" in page
    assert f"{choose.FEW:.0f} rows to a parameter" in page
    assert choose.ENOUGH == 0.5
    assert f"more than half, a draw by Gibbs takes several sweeps, {choose.SWEEPS} at most" in page


def test_every_warning_is_explained():
    page = (DOCS / "choose.md").read_text()
    section = page[page.index("(warnings)=") :]
    source = "".join(map(inspect.getsource, (blocks.either_way, diagnose, piles, singular)))
    openings = set(re.findall(r'f?"([a-z][a-z -]+): ', source))
    assert {"chains disagree", "ties", "few points"} <= openings
    assert [opening for opening in openings if opening not in section] == []


def test_the_report_that_the_first_page_links_is_written_into_the_site(tmp_path, monkeypatch):
    monkeypatch.setenv("IPYTHONDIR", "")  # what the site's settings change is put back
    settings = runpy.run_path(str(DOCS / "conf.py"))
    site = SimpleNamespace(outdir=str(tmp_path), builder=SimpleNamespace(format="html"))
    connected = {}
    settings["setup"](SimpleNamespace(connect=lambda event, call, priority=500: connected.update({event: call})))
    page = {"furo_navigation_tree": '<p role="heading">', "body": "<pre>1</pre>"}
    connected["html-page-context"](None, "index", "page.html", page, None)
    assert page == {"furo_navigation_tree": '<p role="heading" aria-level="2">', "body": '<pre tabindex="0">1</pre>'}
    connected["build-finished"](site, ValueError("a page failed"))
    assert not any(tmp_path.iterdir())
    connected["build-finished"](site, None)
    page = (DOCS / "index.md").read_text()
    linked = set(re.findall(r'href="([^"]+)"|:target: (\S+)', page))
    assert {name for pair in linked for name in pair if name} == {written.name for written in tmp_path.iterdir()}


def test_ci_builds_the_site():
    assert "sphinx-build -W" in (ROOT / ".ci" / "run").read_text()
