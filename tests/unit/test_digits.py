"""Digits follow the standard deviation wherever a number is printed."""

import re

import numpy as np
import pytest
from rich.console import Console

import mixtura as mx
from mixtura.console import print_fit
from mixtura.digits import plain, written
from mixtura.posterior.diagnose import r_hat_text


def halves(places, width, n=60, seed=0):
    """Two groups of n points about two places."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.normal(place, width, n) for place in places])


FAR = {  # means that differ by many of their sds, and by little of their size
    "julian dates": halves((2452000.0, 2452030.0), 3.0),
    "northings": np.column_stack([halves((499990.0, 500020.0), 4.0), halves((5412300.0, 5412360.0), 4.0, seed=1)]),
    "nanoseconds": halves((1.7e18, 1.7e18 + 1e9), 5e7),
    "noise": 1e8 + halves((0.0, 2e-6), 1e-7),
    "nanometres": halves((5e-7, 5.001e-7), 1e-11),
}


def printed(fit):
    console = Console(width=200)
    with console.capture() as capture:
        print_fit(console, fit)
    return capture.get()


def of_report(fit, tmp_path):
    fit.report(tmp_path / "report.html")
    return (tmp_path / "report.html").read_text()


WAYS = {
    "print": lambda fit, _: repr(fit),
    "command": lambda fit, _: printed(fit),
    "table": lambda fit, _: repr(fit.summary()),
    "notebook": lambda fit, _: fit._repr_html_(),
    "mode": lambda fit, _: repr(mx.GaussianMixture(n_components=2).optimize(fit.x)),
    "simulation": lambda fit, _: repr(mx.GaussianMixture(**truth_of(fit)).simulate(50, seed=0)),
    "report": of_report,
}


def middle(draws):
    """The mean of draws, whose sum would lose what tells them apart."""
    return draws[0, 0] + (draws - draws[0, 0]).mean((0, 1))


def truth_of(fit):
    """The posterior means as what is known."""
    means, scales = middle(fit.params().means), middle(fit.params().scales)
    blocks = {"means": mx.Fixed(means), "scales": mx.Fixed(scales), "weights": mx.Fixed([0.5, 0.5])}
    return {"n_components": 2, "covariance": "full" if fit.x.ndim == 1 else "diagonal", **blocks}


@pytest.fixture(scope="module")
def fits():
    return {
        name: mx.GaussianMixture(n_components=2).sample(x, draws=100, warmup=100, chains=2, seed=1)
        for name, x in FAR.items()
    }


def numbers_in(text):
    """Every number of a text, powers of ten multiplied out."""
    plainly = re.sub(r"[,\s]*×\s*10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", lambda m: "e" + m[1].translate(RAISED), text.replace("−", "-"))
    plainly = re.sub(r"(?<=\d),(?=\d{3})", "", plainly)
    return np.array([float(each) for each in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", plainly)])


RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("data", FAR)
def test_means_are_told_apart(way, data, fits, tmp_path):
    """Each posterior mean stands there to within half of its sd (or of what a double tells apart)."""
    fit = fits[data]
    text = WAYS[way](fit, tmp_path)
    found = numbers_in(text[: text.find("<script")] if way == "report" else text)
    draws = fit.params().means
    means, sds = np.ravel(middle(draws)), np.ravel((draws - draws[0, 0]).std((0, 1)))
    if way == "mode":
        means = np.ravel(mx.GaussianMixture(n_components=2).optimize(fit.x).params.means)
    for mean, sd in zip(means, sds, strict=True):
        assert np.abs(found - mean).min() <= max(0.5 * sd, 4 * np.spacing(abs(mean)))


def test_small_ordinary_data_print_as_ever():
    fit = mx.GaussianMixture(n_components=3).sample(mx.datasets.galaxies(), draws=100, warmup=100, seed=1)
    for line, (_, row) in zip(repr(fit).splitlines()[3:9], fit.estimates.rows(), strict=False):
        assert line.split()[1:5] == [f"{row[c]:.4g}" for c in ("mean", "sd", "hdi_lower", "hdi_upper")]
    assert "e+" not in repr(fit)
    assert repr(fit.summary()) == repr(fit.summary().copy())


@pytest.mark.parametrize(("value", "sd"), [(0.0, 0.0), (0.0, 1e-300), (-0.0, 2.0), (np.inf, 1.0), (np.nan, np.nan)])
def test_corners_of_numbers_have_a_text(value, sd):
    assert plain(value, sd)
    assert written(0.0, 3) == "0.000"
    assert float(plain(9999.96)) == 10000


@pytest.mark.parametrize("value", [1.0100001, 1.0104, 1.0149, 1.6, 999.0, 1001.0, 5740653679991943.0, np.inf])
def test_an_r_hat_above_the_limit_reads_so(value):
    text = r_hat_text(value)
    assert float(text.lstrip("> ")) > 1.01
    assert len(text) < 12
    assert float(r_hat_text(1.01)) == 1.01
