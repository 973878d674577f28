"""Tests for algorithms: three ways to find out that a sampler draws from something other than the posterior.

    exact_posterior(model, x)   what it should be, by enumeration of every allocation of a few points
    geweke(model, algorithm)    one transition at a time: do parameters and data, redrawn in turn, follow the prior?
    sbc(model, algorithm)       whole fits: does the truth rank evenly among the draws, over many simulated data sets?

The first needs a model with closed forms; the others take any model whose priors are spelled out. `algorithm` is a name
that `GaussianMixture.sample` knows, or a method of one's own: anything with NAME, INFO, start and advance, as in
`mixtura.algorithms`. Both tests answer with a p-value; reject below 0.001 and be wrong once in a thousand times.

>>> import mixtura as mx
>>> model = mx.GaussianMixture(
...     n_components=2, means=mx.Normal([-1, 1], 0.5), scales=mx.LogNormal(0, 0.5), weights=mx.Dirichlet(2)
... )
>>> geweke(model, "gibbs", draws=1000).p_value > 0.001
True
"""

from mixtura.testing.calibration import Calibration, sbc
from mixtura.testing.exact import Exact, exact_posterior
from mixtura.testing.joint import Joint, geweke
from mixtura.testing.methods import Method, registered

__all__ = ["Calibration", "Exact", "Joint", "Method", "exact_posterior", "geweke", "registered", "sbc"]
