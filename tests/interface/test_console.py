"""The tables of the command: digits that the sd deserves, in no more columns than the terminal has."""

from __future__ import annotations

import math
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

from mixtura.console import known_values, print_summary
from mixtura.datasets import BOOK, GALLERY
from mixtura.model import GaussianMixture
from mixtura.posterior.diagnose import Summary


def printed(mean: float, sd: float, width: int = 80, **beside: dict[str, str]) -> list[str]:
    """The lines of a table of one parameter."""
    row = [mean, sd, mean - 2 * sd, mean + 2 * sd, sd / 60, sd / 80, 3612.4, 2871.9, 1.00149]
    console = Console(file=StringIO(), width=width)
    print_summary(console, Summary(("mean[10]",), *np.array(row)[:, None]), beside)
    return console.file.getvalue().rstrip("\n").split("\n")


@pytest.mark.parametrize(
    ("mean", "sd", "shown"),
    [
        (20.9831, 0.27412, ["20.983", "0.274", "20.435", "21.531", "0.0046"]),
        (-4.99012, 0.04717, ["-4.9901", "0.0472", "-5.0845", "-4.8958", "0.00079"]),
        (-698.1234, 2.3456, ["-698.12", "2.35", "-702.81", "-693.43", "0.039"]),
        (123456.7, 2345.6, ["123457", "2346", "118766", "128148", "39"]),
        (1e6 + 21.25, 0.5, ["1000021.250", "0.500", "1000020.250", "1000022.250", "0.0083"]),
        (2.1e13, 2.5e11, ["2.1e+13", "2.5e+11", "2.05e+13", "2.15e+13", "4.2e+09"]),
        (9.7e-9, 3.6e-10, ["9.7e-09", "3.6e-10", "8.98e-09", "1.042e-08", "6e-12"]),
        (3.0, 0.0, ["3", "0", "3", "3", "0"]),
    ],
)
def test_digits_follow_the_sd(mean, sd, shown):
    *numbers, bulk, tail, r_hat = printed(mean, sd, 120)[-1].split()[1:]
    assert numbers == shown
    assert [bulk, tail, r_hat] == ["3612", "2872", "1.001"]


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("mean", [1.0, -1.234e-9, 1234567.891])
def test_nothing_is_cut_off(mean, width):
    lines = printed(mean, abs(mean) / 1000, width, truth={"mean[10]": "1"})
    assert max(map(len, lines)) <= width
    assert "…" not in "".join(lines)
    assert "r_hat" in lines[1]


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (40, "mean sd r_hat"),
        (54, "mean sd lower upper bulk r_hat"),
        (66, "mean sd lower upper mean bulk tail r_hat"),
        (120, "mean sd lower upper mean sd bulk tail r_hat"),
    ],
)
def test_columns_follow_the_terminal(width, columns):
    row = np.array([21.0, 0.25, 20.5, 21.5, 0.004, 0.003, 3612.4, 2871.9, 1.00149])
    console = Console(file=StringIO(), width=width)
    print_summary(console, Summary(("mean[10]",), *row[:, None]), columns=Summary._fields[1:])
    lines = console.file.getvalue().rstrip("\n").split("\n")
    head = next(line for line in lines if "r_hat" in line)
    assert head.split() == columns.split()
    assert max(map(len, lines)) <= width


def test_intervals_say_whose_they_are():
    assert printed(1.0, 0.1)[0].split()[:2] == ["hdi94", "hdi94"]


@pytest.mark.parametrize(("width", "shown"), [(50, 3), (80, 6), (130, 9)])
def test_a_printed_fit_is_as_wide_as_the_terminal(monkeypatch, width, shown):
    monkeypatch.setenv("COLUMNS", str(width))
    fit = GaussianMixture(n_components=1).sample([1.0, 2.0, 4.0, 4.5, 9.0], draws=50, warmup=50, seed=1, progress=False)
    lines = repr(fit).split("\n")
    at = next(i for i, line in enumerate(lines) if line.split()[:2] == ["mean", "sd"])
    assert len(lines[at].split()) == shown
    assert "hdi94_lower" in lines[at] or shown == 3
    assert max(map(len, lines[at : at + 5])) <= width


def test_what_is_not_known_is_a_dash():
    assert printed(1.0, math.nan)[-1].split()[1:5] == ["1", "-", "-", "-"]


def test_true_values_stand_beside_their_parameter():
    assert known_values(BOOK, "tied")["scale"] == "2"
    assert known_values(GALLERY, "full") | {"mean[0]": "-5", "scale[2]": "0.75", "weight[1]": "0.3333"} == known_values(
        GALLERY, "full"
    )
    assert "9.25" in printed(9.0, 0.2, truth={"mean[10]": "9.25"})[-1].split()
