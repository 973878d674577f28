"""The posterior predictive check: would this model have made data like these?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mixtura.plots import style
from mixtura.plots.kde import kde

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from mixtura.fit import Fit


def predictive_check(fit: Fit, draws: int = 50, seed: int = 0, ax: Axes | None = None) -> Axes:
    """Kernel density estimates of replicated data sets (light blue) under the data's (black).

    All have the data's bandwidth, so that what differs is the data. The dashed line is the replicates' mean.

    Parameters
    ----------
    fit
        What `GaussianMixture.sample` returned.
    draws
        Number of replicated data sets, each from its own draw of the posterior; at most as many as there are.
    seed
        Of the replicates.
    ax
        Where to draw; a new figure by default.

    Raises
    ------
    ValueError
        If `draws` is not a positive whole number.

    Examples
    --------
    >>> import mixtura as mx
    >>> fit = mx.GaussianMixture(n_components=2).sample(mx.datasets.galaxies(), draws=50, warmup=100, seed=1)
    >>> predictive_check(fit).get_ylabel()
    'density'
    """
    if draws != int(draws) or draws < 1:
        raise ValueError(f"draws is {draws!r}; how many data sets to replicate is a whole number, at least 1")
    from matplotlib.collections import LineCollection

    panel = style.panel(ax)
    data = kde(fit.x, fit.weights)
    most = fit.posterior.sizes["chain"] * fit.posterior.sizes["draw"]
    replicates = kde(fit.sample_predictive(min(int(draws), most), seed=seed), like=data)
    curves = np.stack(np.broadcast_arrays(data.grid, replicates.density), axis=-1)
    label = f"{len(curves)} replicated data sets"
    panel.add_collection(LineCollection(list(curves), colors=style.REPLICATES, linewidths=0.7, label=label))
    mean = replicates.density.mean(axis=0)
    panel.plot(data.grid, mean, color=style.PALETTE[0], linestyle="--", label="mean of the replicates")
    panel.plot(data.grid, data.density, color=style.DATA, linewidth=1.5, label="data")
    style.tidy(panel, style.name(fit), "density")
    style.legend(panel, outside=ax is None)
    return panel
