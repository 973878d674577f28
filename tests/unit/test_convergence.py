"""Diagnostics are ArviZ's: every number, for every shape that draws come in."""

from __future__ import annotations

import numpy as np
import pytest
from arviz_stats.base import array_stats

from mixtura.posterior import convergence
from mixtura.posterior.diagnose import COLUMNS, summarise

SHAPES = [(1, 4), (1, 5), (1, 1000), (2, 4), (2, 7), (3, 50), (4, 101), (4, 1000), (8, 250)]
AXES = {"chain_axis": 1, "draw_axis": 2}


def _walk(rng, noise):
    return noise.cumsum(-1)


def _sticky(rng, noise):
    """An autoregression whose draws swing from side to side (an ESS above the number of draws)."""
    out = noise.copy()
    for s in range(1, out.shape[-1]):
        out[..., s] -= 0.6 * out[..., s - 1]
    return out


KINDS = {
    "independent": lambda rng, noise: noise,
    "walk": _walk,
    "swinging": _sticky,
    "far from zero": lambda rng, noise: 1e7 + 1e-2 * noise,
    "large": lambda rng, noise: 1e70 * noise,
    "heavy tails": lambda rng, noise: noise / rng.random(noise.shape),
    "chains apart": lambda rng, noise: noise + 3 * rng.standard_normal((*noise.shape[:2], 1)),
    "one chain stuck": lambda rng, noise: noise * (np.arange(noise.shape[1]) != 1)[:, None],
    "ties": lambda rng, noise: np.round(2 * noise),
    "mostly equal": lambda rng, noise: (
        3.0 - ((rng.random(noise.shape) < 0.02) | (noise == noise.max((1, 2))[:, None, None]))
    ),
}


@pytest.fixture(params=KINDS)
def draws(request):
    """A function of the shape of chains: rows that move."""

    def make(chains, length):
        rng = np.random.default_rng([chains, length])
        rows = KINDS[request.param](rng, rng.standard_normal((12, chains, length)))
        assert (np.ptp(rows, axis=(1, 2)) > 0).all()
        return rows

    return make


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize(("chains", "length"), SHAPES)
def test_every_number_is_arviz(draws, chains, length):
    rows = draws(chains, length)
    found = {
        "rhat": convergence.rhat(rows),
        "ess_bulk": convergence.ess_bulk(rows),
        "ess_tail": convergence.ess_tail(rows),
        **dict(zip(("mcse_mean", "mcse_sd"), convergence.mcse(rows), strict=True)),
    }
    wanted = {
        "rhat": array_stats.rhat(rows, **AXES),
        "ess_bulk": array_stats.ess(rows, method="bulk", **AXES),
        "ess_tail": array_stats.ess(rows, method="tail", prob=(0.05, 0.95), **AXES),
        "mcse_mean": array_stats.mcse(rows, method="mean", **AXES),
        "mcse_sd": mcse_sd(rows),
    }
    for name, numbers in wanted.items():
        np.testing.assert_allclose(found[name], numbers, rtol=1e-10, err_msg=name)


def mcse_sd(rows):
    """The error of the standard deviation as ArviZ 1 defines it, from numbers on which every ArviZ agrees."""
    squares = (rows - rows.mean((1, 2), keepdims=True)) ** 2
    variance = squares.mean((1, 2))
    excess = (squares**2).mean((1, 2)) - variance**2
    return np.sqrt(excess / variance / 4 / array_stats.ess(squares, method="mean", **AXES))


@pytest.mark.filterwarnings("ignore:divide by zero:RuntimeWarning", "ignore:invalid value:RuntimeWarning")
@pytest.mark.parametrize(("chains", "length"), SHAPES)
@pytest.mark.usefixtures("present_arviz")
def test_the_error_of_the_standard_deviation_is_the_present_one(draws, chains, length):
    rows = draws(chains, length)
    wanted = array_stats.mcse(rows, method="sd", **AXES)
    np.testing.assert_allclose(convergence.mcse(rows)[1], wanted, rtol=1e-10)


@pytest.mark.parametrize("prob", [0.01, 0.5, 0.94, 0.999])
@pytest.mark.parametrize(("chains", "length"), SHAPES)
def test_intervals_are_arviz(draws, chains, length, prob):
    rows = draws(chains, length)
    wanted = [array_stats.hdi(row.ravel(), prob) for row in rows]
    np.testing.assert_array_equal(np.transpose(convergence.hdi(rows, prob)), np.reshape(wanted, (-1, 2)))


def test_a_summary_has_one_row_for_each_parameter_also_where_nothing_moves():
    rng = np.random.default_rng(0)
    rows = {"moves": rng.standard_normal((2, 100)), "stands": np.full((2, 100), 7.0)}
    summary = summarise(rows, 0.94)
    (name, moves), (other, stands) = summary.rows()
    assert (name, other) == ("moves", "stands")
    assert all(np.isfinite(list(moves.values())))
    known = {"mean": 7.0, "sd": 0.0, "hdi_lower": 7.0, "hdi_upper": 7.0}
    np.testing.assert_equal(stands, {column: known.get(column, np.nan) for column in COLUMNS})


def test_units_do_not_matter():
    """ArviZ calls draws constant that span less than 1e-15; here only those are that do not move at all."""
    rows = np.random.default_rng(1).standard_normal((3, 4, 200)).cumsum(-1)
    for unit in (2.0**-80, 2.0**490):
        np.testing.assert_array_equal(convergence.mcse(rows * unit), np.multiply(convergence.mcse(rows), unit))
        for diagnostic in (convergence.rhat, convergence.ess_bulk, convergence.ess_tail):
            np.testing.assert_array_equal(diagnostic(rows * unit), diagnostic(rows))
