"""The gallery's three panels: the data, their density, and who belongs where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.plots import style
from mixtura.plots.bands import means
from mixtura.plots.histograms import bars

if TYPE_CHECKING:
    from mixtura.fit import Fit


def panels(fit: Fit, grid: Any = None, ax: Any = None) -> np.ndarray:
    """Data, posterior mean density and membership probabilities, one above the other over the same x.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    grid
        Where the curves are computed, `(m,)`; by default over the data and a little beyond.
    ax
        Where to draw, three axes; a new figure by default.

    Returns
    -------
    ndarray of Axes, (3,)

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> panels(fit).shape
    (3,)
    """
    style.check_one_column(fit, "panels")
    data, density, membership = three = style.axes(ax, 3, 1, (6.4, 2.2), sharex=True)[:, 0]
    curves = fit.density(grid)
    at = curves.x.values
    bars(data, fit.x, fit.weights)
    means(density, at, curves)
    for index, probability in enumerate(fit.predict_proba(at).T):
        membership.plot(at, probability, **style.component(index))
    membership.set_ylim(-0.03, 1.03)
    for panel in three:
        panel.set_xlim(at[0], at[-1])
    style.tidy(data, "", "data (density)")
    style.tidy(density, "", "posterior density")
    style.tidy(membership, style.name(fit), "membership\nprobability")
    style.legend(density, outside=ax is None)
    return three
