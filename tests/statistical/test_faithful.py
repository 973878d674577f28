"""Old Faithful, both columns: every algorithm against a long run of the same model in NumPyro."""

import json
from pathlib import Path

import numpy as np
import pytest

import mixtura as mx

REFERENCE = json.loads((Path(__file__).parent / "references" / "faithful.json").read_text())


@pytest.mark.parametrize("algorithm", ["auto", "nuts", "hmc", "gibbs"])
def test_posterior_is_that_of_the_reference(algorithm):
    """Means and sds within 4 Monte Carlo standard errors and 1 % of an sd."""
    fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.faithful().x, draws=2000, algorithm=algorithm, seed=1)
    table = fit.summary()
    assert set(table.index) == {*REFERENCE["rows"], "lp", "occupied"}
    for name, wanted in REFERENCE["rows"].items():
        found = table.loc[name]
        for moment in ("mean", "sd"):
            error = np.hypot(found[f"mcse_{moment}"], wanted[f"mcse_{moment}"])
            assert abs(found[moment] - wanted[moment]) < 4 * error + 0.01 * wanted["sd"], (name, moment)
