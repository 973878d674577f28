"""What a fit and a mode show of themselves cannot be written to, and nobody needs that they could be."""

from __future__ import annotations

import re
from itertools import chain

import arviz_stats as az
import numpy as np
import pandas as pd
import pytest
from sklearn.mixture import GaussianMixture
from sklearn.preprocessing import StandardScaler

import mixtura as mx
from mixtura.arrays import read_only
from mixtura.line import kernels as threads
from mixtura.posterior import predict, rows
from mixtura.rows import kernels

RNG = np.random.default_rng(2)
X = np.concatenate([RNG.normal(-3, 1, 30), RNG.normal(3, 1, 30)])
ROWS = np.stack([X, RNG.normal(0, 1, 60)], axis=1)
MODEL = mx.GaussianMixture(n_components=2)
shapes = pytest.mark.parametrize("x", [X, ROWS], ids=["column", "rows"])


def fitted(x):
    return MODEL.sample(x, draws=40, warmup=40, chains=2, seed=1, algorithm="gibbs")


def compiled_for_read_only():
    """Kinds of arguments that compiled entries have met, arrays among them that cannot be written to."""
    held = chain.from_iterable(vars(module).items() for module in (threads, kernels, predict, rows))
    met = {(name, str(kind)) for name, entry in held for kind in getattr(entry, "signatures", ())}
    assert met
    return {each for each in met if re.search("readonly|'[ACF]', True", each[1])}


@shapes
def test_writing_to_what_is_shown_is_refused(x):
    fit, mode = fitted(x), MODEL.optimize(x, seed=0)
    arrays = [fit.x, fit.weights, *fit.params(), *fit.raw().params(), *mode.params]
    for array in arrays:
        if isinstance(array, np.ndarray):
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 0.0


@shapes
def test_arrays_of_a_simulation_are_its_own(x):
    mode = MODEL.optimize(x, seed=0)
    made = MODEL.simulate(20, 1, mode.params)
    before, again = mode.predict_proba(x), made.x.copy()
    made.x[0] = 100.0
    for array in made.params:
        np.asarray(array)[...] = 0.0
    np.testing.assert_array_equal(mode.predict_proba(x), before)
    np.testing.assert_array_equal(MODEL.simulate(20, 1, mode.params).x, again)
    known = mx.GaussianMixture(2, means=mx.Normal(0, 1), scales=mx.Fixed(1.0), weights=mx.Fixed([0.3, 0.7]))
    known.simulate(5, 1).params.weights[:] = 0.5
    assert known.weights == mx.Fixed([0.3, 0.7])
    np.testing.assert_array_equal(known.simulate(5, 1).params.weights, [0.3, 0.7])


@pytest.mark.filterwarnings("ignore:.*left out")  # so few draws
@shapes
def test_nothing_is_compiled_again_for_arrays_that_cannot_be_written_to(x):
    fit, mode = fitted(x), MODEL.optimize(x, seed=0)
    copied = type(mode.params)(*(np.array(block) for block in mode.params))
    own = x.copy()
    wanted = [fit.predict_proba(own), fit.score_samples(own), fit.model.logdensity(own, copied), mode.predict(own)]
    before = compiled_for_read_only()
    found = [fit.predict_proba(fit.x), fit.score_samples(), fit.model.logdensity(fit.x, mode.params, fit.weights)]
    found.append(mode.predict(fit.x))
    for one, other in zip(found, wanted, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)
    fit.loo()
    MODEL.sample(fit.x, weights=fit.weights, start=mode, draws=5, warmup=5, chains=2, seed=1, algorithm="gibbs")
    MODEL.sample(fit.x, start=fit, draws=5, warmup=5, chains=2, seed=1, algorithm="gibbs")
    locked = type(mode.params)(*(read_only(np.asarray(block)) for block in mode.params))
    assert fit.model.logdensity(fit.x, locked) == pytest.approx(wanted[2], rel=1e-12)
    MODEL.simulate(5, 1, locked)
    assert compiled_for_read_only() == before


@shapes
def test_other_libraries_take_them(x):
    fit, mode = fitted(x), MODEL.optimize(x, seed=0)
    table = np.reshape(fit.x, (60, -1))
    frame = pd.DataFrame(table)
    frame.iloc[0] = 5.0
    assert fit.x.flat[0] == x.flat[0]
    assert np.isfinite(GaussianMixture(2, means_init=np.reshape(mode.params.means, (2, -1))).fit(table).score(table))
    assert np.isfinite(StandardScaler().fit_transform(table)).all()
    assert np.isfinite(az.ess(fit.params().weights[..., 0])).all()
    assert mx.BayesianMixture(2, random_state=0).fit(table).predict(table).size == 60
