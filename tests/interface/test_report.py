"""The report as a reader meets it: a file in a real browser, by pointer, by keyboard and by screen reader's rules."""

from __future__ import annotations

import re

import numpy as np
import pytest
from typer.testing import CliRunner

import mixtura as mx
from mixtura.cli import app

WIDTHS = {"desk": 1280, "phone": 390}


ALL = ["column", "rows", "one", "warned", "hostile0", "hostile1", "hostile2"]


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wrong_with_it_for_screen_readers_nor_on_a_phone(read, name, scheme):
    from axe_playwright_python.sync_playwright import Axe

    for width in WIDTHS.values():
        page = read(name, width, color_scheme=scheme)
        for folded in ("traces", "priors"):
            if page.locator(f"#{folded}").count():
                page.locator(f"#{folded} summary").click()
                page.wait_for_selector(f"#plot-{folded} svg")
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["impact"], v["nodes"][0]["html"]) for v in found] == []


@pytest.mark.parametrize("number", range(3))
def test_a_name_is_text_and_nothing_else(read, hostile, number):
    page, name = read(f"hostile{number}"), hostile[number]
    title = re.sub(r" \(毫米\)$", "", name)
    assert page.locator("h1").inner_text() == f"{title} as a mixture of 2 components"
    assert page.title() == f"{title} as a mixture of 2 components · mixtura"
    assert name in page.locator("#plot-density svg").text_content()
    assert page.evaluate("document.scripts.length") == 3


def test_names_of_rows_are_text(read, hostile):
    page = read("rows")
    assert sorted(page.locator("#across option").all_inner_texts()) == sorted(hostile)
    assert f"mean[0,{hostile[0]}]" in page.locator("#table tbody").inner_text()


def lit(page):
    """Which components are lit: by sentences, rows of the table, buttons, and in the density chart."""
    where = [".card", "#table tr[data-component]", ".legend .chip"]
    marked = [{e.get_attribute("data-component") for e in page.locator(f"{selector}.lit").all()} for selector in where]
    opaque = page.evaluate(
        "[...document.querySelectorAll('#plot-density .mark-line path')].filter(p => p.getAttribute('stroke-width') "
        "=== '3').map(p => p.getAttribute('stroke'))"
    )
    return marked, opaque


def test_a_component_lights_up_everywhere_under_the_pointer(read):
    page = read("column")
    everywhere = ([{"1"}] * 3, ["var(--c1)"])
    for selector in (".card >> nth=1", "#table tbody tr >> nth=1", "#density .chip >> nth=1", "#shares li >> nth=1"):
        page.locator(selector).hover()
        page.wait_for_timeout(50)
        assert lit(page) == everywhere, selector
    page.locator("h1").hover()
    page.wait_for_timeout(50)
    assert lit(page) == ([set()] * 3, [])
    box = page.locator("#plot-membership svg").bounding_box()
    page.locator("#plot-membership").scroll_into_view_if_needed()
    box = page.locator("#plot-membership svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(50)
    assert lit(page) == everywhere


def test_a_component_is_lit_by_keyboard_and_stays_when_pressed(read):
    page = read("column")
    page.locator(".card .chip >> nth=2").focus()
    page.wait_for_timeout(50)
    assert lit(page) == ([{"2"}] * 3, ["var(--c2)"])
    page.keyboard.press("Enter")
    page.locator("#theme").focus()
    page.wait_for_timeout(50)
    assert lit(page) == ([{"2"}] * 3, ["var(--c2)"])
    assert page.locator(".chip[aria-pressed=true]").count() == page.locator(".chip[data-component='2']").count()
    page.keyboard.press("Escape")
    page.wait_for_timeout(50)
    assert lit(page) == ([set()] * 3, [])


def shares(page):
    return [text.replace("\u00a0", " ") for text in page.locator("#shares .amount").all_inner_texts()]


def test_membership_follows_the_slider_the_number_and_a_click(read):
    page = read("column")
    page.locator("#slider").focus()
    page.keyboard.press("Home")
    assert shares(page)[0] in ("100 %", "> 99 %", "99 %", "98 %", "97 %", "96 %", "95 %", "94 %", "93 %")
    assert "component 0" in page.locator("#slider").get_attribute("aria-valuetext")
    before = float(page.locator("#place").input_value())
    page.keyboard.press("ArrowRight")
    step = float(page.locator("#slider").get_attribute("step"))
    assert float(page.locator("#place").input_value()) == pytest.approx(before + step)
    page.locator("#place").fill("21")
    assert shares(page) == ["0 %", "100 %", "0 %"] or shares(page)[1] == "> 99 %"
    plot = page.locator("#plot-membership svg")
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.click(box["x"] + box["width"] - 30, box["y"] + box["height"] / 2)
    assert float(page.locator("#place").input_value()) > 30
    assert int(re.sub(r"\D", "", shares(page)[2])) > 90


def test_the_table_sorts_by_any_column_and_is_walked_by_arrows(read):
    page = read("column")
    head = page.locator("#table thead th").nth(1)
    for direction, expected in (("ascending", sorted), ("descending", lambda v: sorted(v, reverse=True))):
        head.get_by_role("button").press("Enter")
        assert head.get_attribute("aria-sort") == direction
        values = [
            float(cell.get_attribute("data-value")) for cell in page.locator("#table tbody tr td:nth-child(2)").all()
        ]
        assert values == expected(values)
    page.locator("#table tbody tr[tabindex='0']").focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("[...document.querySelectorAll('#table tbody tr')].indexOf(document.activeElement)") == 1


def test_the_theme_follows_the_system_until_it_is_chosen(read):
    page = read("column", color_scheme="dark")
    shade = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(shade)
    assert page.locator("#theme").inner_text() == "Light mode"
    page.locator("#theme").click()
    assert page.evaluate(shade) == "rgb(255, 255, 255)" != dark
    page.locator("#theme").press("Enter")
    page.emulate_media(media="print")
    assert page.evaluate(shade) == "rgb(255, 255, 255)", "paper is white"


def test_features_and_points_of_rows_are_chosen(read):
    page = read("rows")
    first = page.locator("#said-check").inner_text()
    page.locator("#density .feature").select_option("2")
    page.wait_for_timeout(300)
    assert page.locator("#check .feature").input_value() == "2"
    assert page.locator("#said-check").inner_text() != first
    page.locator("#across").select_option("1")
    page.wait_for_timeout(300)
    assert page.locator("#up").input_value() == "0", "two different features"
    page.locator("#row").fill("0")
    before = page.locator("#shares-pair").inner_text()
    page.locator("#row").fill("99")
    assert page.locator("#shares-pair").inner_text() != before


def test_traces_are_folded_away_until_asked_for(read):
    page = read("column")
    assert page.locator("#plot-traces svg").count() == 0
    page.locator("#traces summary").press("Enter")
    page.wait_for_function("document.querySelectorAll('#plot-traces svg').length === 22")


def test_warnings_come_first_and_only_where_there_are_any(read):
    assert read("warned").locator("main section").first.get_attribute("id") == "warnings"
    assert read("one").locator("#warnings").count() == 0


def test_a_hundred_thousand_points_stay_below_three_megabytes(tmp_path):
    x = np.random.default_rng(0).normal(size=100_000)
    fit = mx.GaussianMixture(n_components=3).sample(x, draws=100, warmup=200, seed=1, progress=False)
    fit.report(tmp_path / "big.html")
    assert (tmp_path / "big.html").stat().st_size < 3e6


def test_the_command_writes_it(tmp_path):
    fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, seed=1, progress=False)
    fit.save(tmp_path / "fit.nc")
    out = tmp_path / "report.html"
    result = CliRunner().invoke(app, ["report", str(tmp_path / "fit.nc"), "--out", str(out)])
    assert result.exit_code == 0, result.output
    assert out.read_text(encoding="utf-8").startswith("<!doctype html>")
    wrong = CliRunner().invoke(app, ["report", str(tmp_path / "fit.nc"), "--out", str(tmp_path / "no" / "r.html")])
    assert wrong.exit_code == 2
    assert len(wrong.stderr.strip().splitlines()) == 1


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    fit = mx.GaussianMixture(n_components=1).sample(mx.datasets.galaxies(), draws=50, seed=1, progress=False)
    with pytest.raises(OSError, match="cannot write"):
        fit.report(tmp_path / "no" / "report.html")
