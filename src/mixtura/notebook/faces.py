"""The face of each object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.algorithms.optimize import Mode, in_words
from mixtura.arrays import Floats
from mixtura.model import GaussianMixture
from mixtura.notebook.page import page, table_of
from mixtura.notebook.pictures import STEPS, curves, ellipses
from mixtura.plots.windows import window
from mixtura.posterior import predict
from mixtura.posterior.overview import COLUMNS, brief, cells

if TYPE_CHECKING:
    from mixtura.fit import Fit

BLOCKS = ("means", "scales", "variances", "covariances", "correlations", "weights")


def of_fit(fit: Fit) -> str:
    """Warnings, density with band and components (of rows the first two features), summary."""
    if fit.x.ndim > 1:
        params: Any = fit.params()
        means, covariances = params.means.mean((0, 1))[:, :2], params.covariances.mean((0, 1))[:, :2, :2]
        views = [window(column, None, fit.weights) for column in fit.x[:, :2].T]
        inside = views[0].holds(fit.x[:, 0]) & views[1].holds(fit.x[:, 1])
        unseen = [f"{name}: {view.note}" for name, view in zip(fit.features, views, strict=False) if view.note]
        picture = ellipses(fit.x[inside][:, :2], means, covariances, fit.features)
    else:
        view = window(fit.x, None, fit.weights)
        unseen = [view.note] if view.note else []
        grid = np.linspace(view.low, view.high, STEPS)
        found = fit.density(grid)
        band = np.stack([found["lower"].to_numpy(), found["upper"].to_numpy()])
        picture = curves(grid, found["density"].to_numpy(), found["component_density"].to_numpy(), band, fit.name)
    rows = [[name, *cells(row, COLUMNS)] for name, row in fit.estimates.rows()]
    chains, draws = fit.shape
    head = f"Fit of {fit.n_components} components to {fit.n:,} points: {fit.algorithm}, {chains} x {draws} draws"
    notes = [note for note in (fit.reason, fit.compression, *unseen) if note]
    return page(head, fit.warnings, picture, table_of(["", *COLUMNS], rows, "fit.summary()"), notes)


def of_model(model: GaussianMixture) -> str:
    """What is believed of each block."""
    rows = [[name, brief(prior)] for name in BLOCKS if (prior := getattr(model, name)) is not None]
    width = f", {model.n_features} features" if model.n_features else ""
    head = f"GaussianMixture: {model.n_components} components, {model.covariance} covariance{width}"
    notes = [] if len(rows) > 2 else ["what is not said here follows the data"]
    return page(head, [], "", table_of(["block", "prior"], rows) if rows else "", notes)


def of_mode(mode: Mode) -> str:
    """The density at the mode and its components, their parameters, the criteria."""
    p: Any = mode.params
    means, scales = (np.reshape(block, (p.weights.size, -1))[:, :2] for block in (p.means, p.scales))
    views = [window(_stand_ins(p.weights, *side)) for side in zip(means.T, scales.T, strict=True)]
    if p.means.ndim == 1:
        grid = np.linspace(views[0].low, views[0].high, STEPS)
        parts = predict.component_densities(grid, type(p)(*(np.asarray(block)[None, None] for block in p)))[0]
        picture = curves(grid, parts.sum(0), parts, None, mode.features[0])
    else:
        corners = np.array([[view.low, view.high] for view in views]).T
        picture = ellipses(corners, means, p.covariances[:, :2, :2], mode.features, points=False)
    lines = repr(mode).splitlines()
    rows = [[str(j), *texts] for j, texts in enumerate(in_words(p, mode.n))]
    seen = np.all([view.holds(side) for view, side in zip(views, means.T, strict=True)], axis=0)
    unseen = [f"component {j} is outside" for j in np.flatnonzero(~seen)]
    table = table_of(["component", "weight", "mean", "sd"], rows, "mode.params")
    return page(lines[0], [], picture, table, [*lines[-2:], *unseen])


def _stand_ins(weights: Floats, means: Floats, scales: Floats) -> Floats:
    """Points of one feature where components are, as many for each as its weight says, out of a thousand."""
    shares = np.maximum(np.round(1000 * weights), 1).astype(int)
    each = zip(shares, means, scales, strict=True)
    return np.concatenate([mean + scale * np.linspace(-3.3, 3.3, n) for n, mean, scale in each])


def _told(value: float, places: int) -> str:
    """A number, or nothing where there is none: the best fit is not worse than itself."""
    return "" if np.isnan(value) else f"{value:.{places}f}"


def of_comparison(table: Any) -> str:
    """ArviZ's columns, best first; what makes an elpd doubtful before them."""
    doubtful = [
        f"elpd of {name} is less sure than its se says (high Pareto k)"
        for name in table.index[table["diag_elpd"] != ""]
    ]
    columns = [column for column in table.columns if column not in ("rank", "diag_diff", "diag_elpd")]
    places = [2 if column in ("weight", "p_worse") else 1 for column in columns]
    rows = [[str(name), *map(_told, row[columns], places)] for name, row in table.iterrows()]
    return page(
        f"{len(table)} fits by how well they predict points left out, best first",
        doubtful,
        "",
        table_of(["", *columns], rows),
    )
