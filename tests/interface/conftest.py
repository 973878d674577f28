"""A browser, and reports of all kinds to read in it."""

from __future__ import annotations

import os
import shutil

import numpy as np
import pandas as pd
import pytest

import mixtura as mx

HOSTILE = ["<script>alert(1)</script>", """he said "it's" & `${x}` </p>""", "长度 (毫米)"]


@pytest.fixture(scope="session")
def hostile():
    """Names that would do something else if they were not taken for text."""
    return HOSTILE


@pytest.fixture(scope="session")
def browser():
    """Debian's Chromium, driven by Playwright; where CI needs it, its absence is a failure."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        path = None
    if path is None:
        why = "NO BROWSER, so the report goes unseen: apt-get install chromium; pip install '.[test,browser]'"
        if os.environ.get("MIXTURA_NEEDS_BROWSER"):
            pytest.fail(why)
        pytest.skip(why)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def reports(tmp_path_factory):
    """Reports by name: of a column, of a hostile one, of rows, of one component, and of a fit with warnings."""
    folder = tmp_path_factory.mktemp("reports")
    x, quick = mx.datasets.galaxies(), {"draws": 200, "warmup": 200, "seed": 1, "progress": False}
    rng = np.random.default_rng(1)
    rows = np.concatenate([rng.normal(m, 1, (50, 3)) for m in ((0, 0, 0), (4, 4, 0))])
    two = mx.GaussianMixture(n_components=2)
    fits = {
        "column": mx.GaussianMixture(n_components=3).sample(x, **quick).rename("velocity (1000 km/s)"),
        "rows": two.sample(pd.DataFrame(rows, columns=HOSTILE), algorithm="gibbs", **quick),
        "one": mx.GaussianMixture(n_components=1).sample(x, **quick | {"draws": 1000}),
        "warned": mx.GaussianMixture(n_components=6).sample(x, draws=20, warmup=20, seed=1, progress=False),
        **{f"hostile{i}": two.sample(x, **quick).rename(name) for i, name in enumerate(HOSTILE)},
    }
    for name, fit in fits.items():
        fit.report(folder / f"{name}.html")
    return folder


@pytest.fixture
def read(browser, reports):
    """Open a report; at the end nothing may have been complained of, fetched or said in a dialog."""
    opened, faults = [], []

    def open_report(name, width=1280, **look):
        page = browser.new_context(viewport={"width": width, "height": 900}, **look).new_page()
        page.on("console", lambda message: faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: faults.append(f"dialog: {dialog.message}"))
        page.on("request", lambda request: opened.append(request.url))
        page.goto((reports / f"{name}.html").as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_report
    assert not faults
    assert not [url for url in opened if not url.startswith((reports.as_uri(), "data:"))]
