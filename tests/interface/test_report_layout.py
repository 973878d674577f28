"""What stands where in the report: on screens of three widths, on paper, and without JavaScript."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import warnings
from xml.etree import ElementTree

import numpy as np
import pytest

import mixtura as mx

WIDTHS = [390, 768, 1280]
THUMB = 8  # half of one

PLACES = """() => {
  const slider = document.querySelector("#slider"), box = slider.getBoundingClientRect(), thumb = 8;
  const share = (slider.value - slider.min) / (slider.max - slider.min);
  const middle = (e) => { const b = e.getBoundingClientRect(); return b.left + b.width / 2; };
  const line = (name) => middle([...document.querySelectorAll(`#plot-${name} .mark-rule line`)].find(
    (l) => l.getAttribute("stroke-dasharray")));
  const axis = (name) => [...document.querySelectorAll(`#plot-${name} .role-axis-domain line`)].map(
    (l) => l.getBoundingClientRect()).find((b) => b.width > 50);
  return {
    thumb: box.left + thumb + share * (box.width - 2 * thumb), lines: ["density", "membership"].map(line),
    ends: ["density", "membership", "check"].map((name) => [axis(name).left, axis(name).right]),
  };
}"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", ["column", "rows", "warned"])
def test_the_slider_stands_under_its_line_and_charts_of_one_feature_above_each_other(read, name, width):
    page = read(name, width)
    for step in ("on load", "feature", "narrower"):
        if step == "feature" and page.locator("#density .feature").count():
            page.locator("#density .feature").select_option("1")
        if step == "narrower":
            page.set_viewport_size({"width": width - 60, "height": 900})
        page.wait_for_timeout(300)
        found = page.evaluate(PLACES)
        assert found["lines"] == pytest.approx([found["thumb"]] * 2, abs=1), step
        assert np.ptp(found["ends"], axis=0) == pytest.approx([0, 0], abs=0.5), step


def test_the_thumb_is_seen_under_the_line(read):
    """Pixels, not boxes: the middle of what has the thumb's colour, and of what is dark above it."""
    from PIL import Image

    page = read("column", 768)
    slider = page.locator("#slider")
    slider.scroll_into_view_if_needed()
    page.locator("#place").fill("15.3")
    page.wait_for_timeout(200)
    box = slider.bounding_box()
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)
    strip = shot[int(box["y"]) : int(box["y"] + box["height"])]
    thumb = np.flatnonzero((np.abs(strip - [0, 89, 140]).sum(2) < 12).any(0))
    line = page.evaluate(PLACES)["lines"][1]
    assert (thumb[0] + thumb[-1] + 1) / 2 == pytest.approx(line, abs=1.5)


@pytest.mark.parametrize("width", [390, 1280])
def test_the_table_shows_numbers_beside_names_and_hints_at_what_it_hides(read, width):
    page = read("rows", width)
    table, hint = page.locator("#table .scroll"), page.locator("#table .more-hint")
    table.scroll_into_view_if_needed()
    box = table.bounding_box()
    cell = page.locator("#table tbody tr:nth-child(3) td").first.bounding_box()
    assert cell["x"] + cell["width"] <= box["x"] + box["width"], "the mean is in sight"
    hidden = table.evaluate("e => [e.scrollWidth - e.clientWidth > 2, e.scrollHeight - e.clientHeight > 2]")
    assert ["right" in hint.inner_text(), "below" in hint.inner_text()] == hidden
    if width == 390:
        assert hidden[0]
        table.evaluate("e => (e.scrollLeft = 1000)")
        page.wait_for_timeout(100)
        name = page.locator("#table tbody th").first.bounding_box()
        assert name["x"] >= box["x"] - 1, "names stay"
        assert not page.locator("#table .more-right").count()


def test_without_javascript_the_note_comes_first_and_nothing_that_needs_it_is_there(browser, reports):
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((reports / "rows.html").as_uri())
    note = page.locator(".unscripted")
    assert note.bounding_box()["y"] < page.locator("main").bounding_box()["y"] < 900
    for selector in ("figure", "#theme", ".choice", "#traces", "#priors", "#table .live"):
        assert not page.locator(selector).first.is_visible(), selector
    assert page.locator("#table tbody tr").first.is_visible()


def pages_of(page, folder):
    """Paper, as arrays of ink."""
    from PIL import Image

    if shutil.which("pdftoppm") is None:
        why = "NO pdftoppm, so nobody looks at the paper: apt-get install poppler-utils"
        pytest.fail(why) if os.environ.get("MIXTURA_NEEDS_BROWSER") else pytest.skip(why)
    page.pdf(path=folder / "report.pdf", format="A4")
    subprocess.run(["pdftoppm", "-r", "40", "-gray", folder / "report.pdf", folder / "page"], check=True)
    return [np.asarray(Image.open(file)) < 200 for file in sorted(folder.glob("page*.pgm"))]


@pytest.mark.parametrize("name", ["column", "rows", "one"])
def test_paper_is_used_and_keeps_what_belongs_together(read, tmp_path, name):
    page = read(name)
    paper = pages_of(page, tmp_path)
    filled = [np.flatnonzero(ink.any(1))[-1] / len(ink) for ink in paper if ink.any()]
    assert len(filled) == len(paper), "no page is empty"
    assert min(filled[:-1]) > 0.6, filled
    assert (paper[-1].any(1)).sum() > 20, "more than a stray line on the last"
    page.emulate_media(media="print")
    assert not any(page.locator(selector).first.is_visible() for selector in ("#theme", ".place", ".save", ".live"))


def fit_of_column():
    """The fit that `column` reports."""
    x, quick = mx.datasets.galaxies(), {"draws": 200, "warmup": 200, "seed": 1, "progress": False}
    return mx.GaussianMixture(n_components=3).sample(x, **quick)


def saved(page, button):
    with page.expect_download() as download:
        button.focus()
        page.keyboard.press("Enter")
    return download.value.suggested_filename, download.value.path().read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["column", "rows", "hostile1"])
def test_each_chart_is_saved_by_keyboard_as_a_picture_and_as_numbers(read, name):
    for i in range(read(name).locator("figure:has(.plot):visible").count()):
        figure = read(name).locator("figure:has(.plot):visible").nth(i)  # afresh: browsers limit a page's downloads
        file, picture = saved(figure.page, figure.get_by_role("button", name=re.compile("SVG")))
        assert file.endswith(".svg")
        assert ElementTree.fromstring(picture).tag.endswith("svg")
        assert "var(" not in picture, "colours stand by themselves"
        for button in figure.get_by_role("button", name=re.compile("CSV")).all():
            file, text = saved(figure.page, button)
            assert re.fullmatch(r"[\w-]+\.csv", file)
            head, *lines = csv.reader(io.StringIO(text))
            assert lines
            assert all(len(line) == len(head) for line in lines)


def test_saved_numbers_are_those_of_the_fit(read):
    page = read("column")
    _, text = saved(page, page.get_by_role("button", name="Save CSV: probabilities of membership"))
    head, *lines = csv.reader(io.StringIO(text))
    assert head[:2] == ["velocity (1000 km/s)", "probability_0"]
    x, *rest = np.array(lines, float).T
    mean, lower, upper = np.array(rest).reshape(3, 3, -1)
    fit = mx.GaussianMixture(n_components=3).sample(
        mx.datasets.galaxies(), draws=200, warmup=200, seed=1, progress=False
    )
    expected = fit.membership(x)
    assert mean == pytest.approx(expected.probability.to_numpy().T, abs=0.02)
    assert lower == pytest.approx(expected.lower.to_numpy().T, abs=0.05)
    assert upper == pytest.approx(expected.upper.to_numpy().T, abs=0.05)


def test_the_most_doubtful_points_are_named(read):
    page = read("column")
    fit = mx.GaussianMixture(n_components=3).sample(
        mx.datasets.galaxies(), draws=200, warmup=200, seed=1, progress=False
    )
    named = page.locator(".doubtful tbody th").all_inner_texts()
    assert named == [f"point {row}" for row in fit.doubtful(8).index]
    assert read("one").locator(".doubtful").count() == 0


def test_all_pairs_stand_in_a_grid(read):
    page = read("rows")
    panels = page.locator("#plot-grid svg > g")
    assert panels.count() == 6, "three features: three pairs and three alone"
    panels.nth(1).click()
    page.wait_for_timeout(300)
    assert {page.locator("#across").input_value(), page.locator("#up").input_value()} == {"0", "1"}
    assert page.locator("#plot-grid").get_attribute("aria-label")


def test_what_the_grid_leaves_out_is_said(browser, tmp_path):
    rng = np.random.default_rng(1)
    rows = np.concatenate([rng.normal(m, 1, (60, 8)) for m in (0, 4)])
    fit = mx.GaussianMixture(n_components=2, covariance="diagonal").sample(
        rows, algorithm="gibbs", draws=50, warmup=50, seed=1, progress=False
    )
    fit.report(tmp_path / "wide.html")
    page = browser.new_page()
    page.goto((tmp_path / "wide.html").as_uri())
    page.wait_for_selector("html[data-ready]")
    page.wait_for_selector("#plot-grid svg")
    assert page.locator("#plot-grid svg > g").count() == 21
    assert "the 6 features that tell components apart most, of 8" in page.locator("#pairs").inner_text()


@pytest.fixture(scope="module")
def compared(tmp_path_factory):
    """One page about three fits, one of them of a hostile name."""
    x, quick = mx.datasets.galaxies(), {"draws": 200, "warmup": 200, "seed": 1, "progress": False}
    names = ["k=1", '<script>alert("2")</script> & a name that goes on and on and on', "k=3"]
    fits = {name: mx.GaussianMixture(n_components=k).sample(x, **quick) for k, name in enumerate(names, 1)}
    fits = {name: fit.rename("velocity (1000 km/s)") for name, fit in fits.items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Pareto's k, which some draws have and others do not
        table = mx.compare(fits)
    file = tmp_path_factory.mktemp("compared") / "compared.html"
    mx.report.compare(fits, file, table)
    return file, table, fits


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_several_fits_have_one_page(browser, compared, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    file, table, fits = compared
    page, faults = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page(), []
    page.on("console", lambda message: faults.append(message.text))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("dialog", lambda dialog: faults.append(dialog.message))
    page.goto(file.as_uri())
    page.wait_for_selector("html[data-ready]")
    assert page.locator("#differences tbody th").all_inner_texts() == list(table.index)
    assert page.locator("#plot-density .mark-line path").count() == len(fits)
    assert page.locator("h2 .chip").all_inner_texts() == list(table.index)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert [(v["id"], v["nodes"][0]["html"]) for v in Axe().run(page).response["violations"]] == []
    assert not faults


def test_the_command_writes_one_page_about_several_fits(compared, tmp_path):
    from typer.testing import CliRunner

    from mixtura.cli import app

    for name, fit in zip("abc", compared[2].values(), strict=True):
        fit.save(tmp_path / f"{name}.nc")
    files, out = [str(tmp_path / f"{name}.nc") for name in "abc"], tmp_path / "all.html"
    result = CliRunner().invoke(app, ["compare", *files, "--report", str(out)])
    assert result.exit_code == 0, result.output
    assert "3 fits of velocity" in out.read_text(encoding="utf-8")
    wrong = CliRunner().invoke(app, ["compare", *files, "--report", str(tmp_path / "no" / "all.html")])
    assert wrong.exit_code == 2


def test_a_table_of_other_fits_is_refused(compared, tmp_path):
    _, table, fits = compared
    with pytest.raises(ValueError, match="table compares"):
        mx.report.compare(dict(list(fits.items())[:2]), tmp_path / "x.html", table)
