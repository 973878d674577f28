"""What a notebook shows: small, safe, without script; and a notebook that is executed."""

import re
from xml.etree import ElementTree

import numpy as np

import mixtura as mx

CELLS = (
    "import mixtura as mx\nmodel = mx.GaussianMixture(n_components=2)\nmodel",
    "fit = model.sample(mx.datasets.galaxies(), draws=50, warmup=50, seed=1, progress=False)\nfit",
    "model.optimize(mx.datasets.galaxies())",
    "import warnings\nwarnings.simplefilter('ignore')\n"
    "three = mx.GaussianMixture(n_components=3).sample(fit.x, draws=50, warmup=50, seed=1, progress=False)\n"
    "mx.compare({'<b>two</b>': fit, 'three': three})",
)


def checked(html):
    assert len(html) < 60_000
    assert "<script" not in html
    assert "prefers-color-scheme:dark" in html
    assert "--jp-" in html
    for picture in re.findall(r"<svg.*?</svg>", html):
        ElementTree.fromstring(picture)
        assert "nan" not in picture
    return html


def test_a_fit_shows_warnings_first_and_names_are_escaped():
    fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=10, warmup=10, seed=1)
    html = checked(fit.rename("<img src=x>")._repr_html_())
    assert "<img" not in html
    assert html.index("warning:") < html.index("<svg") < html.index("<table")


def test_many_components_of_rows_stay_small():
    x = np.random.default_rng(0).normal(size=(200, 3))
    fit = mx.GaussianMixture(n_components=8).sample(x, draws=10, warmup=10, seed=1)
    assert "rows more: fit.summary()" in checked(fit._repr_html_())
    checked(mx.GaussianMixture(n_components=3).optimize(x)._repr_html_())


def test_a_notebook_runs_and_shows_faces(executed):
    for cell in executed(*CELLS).cells:
        (shown,) = (out.data for out in cell.outputs if out.output_type == "execute_result")
        assert 'class="mixtura"' in checked(shown["text/html"])
        assert "<b>two</b>" not in shown["text/html"]
