"""The face of each object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.algorithms.optimize import Mode, in_words
from mixtura.model import GaussianMixture
from mixtura.notebook.page import page, table_of
from mixtura.notebook.pictures import STEPS, curves, ellipses
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
        picture = ellipses(fit.x[:, :2], means, covariances, fit.features)
    else:
        low, high = fit.x.min(), fit.x.max()
        grid = np.linspace(low - 0.1 * (high - low), high + 0.1 * (high - low), STEPS)
        found = fit.density(grid)
        band = np.stack([found["lower"].to_numpy(), found["upper"].to_numpy()])
        picture = curves(grid, found["density"].to_numpy(), found["component_density"].to_numpy(), band, fit.name)
    rows = [[name, *cells(row, COLUMNS)] for name, row in fit.estimates.rows()]
    chains, draws = fit.shape
    head = f"Fit of {fit.n_components} components to {len(fit.x):,} points: {fit.algorithm}, {chains} x {draws} draws"
    notes = [note for note in (fit.reason, fit.compression) if note]
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
    if p.means.ndim == 1:
        low, high = (p.means - 4 * p.scales).min(), (p.means + 4 * p.scales).max()
        grid = np.linspace(low, high, STEPS)
        parts = predict.component_densities(grid, type(p)(*(np.asarray(block)[None, None] for block in p)))[0]
        picture = curves(grid, parts.sum(0), parts, None, mode.features[0])
    else:
        reach = 2.5 * p.scales[:, :2]
        corners = np.concatenate([p.means[:, :2] - reach, p.means[:, :2] + reach])
        picture = ellipses(corners, p.means[:, :2], p.covariances[:, :2, :2], mode.features)
    lines = repr(mode).splitlines()
    rows = [[str(j), *texts] for j, texts in enumerate(in_words(p, mode.n))]
    return page(lines[0], [], picture, table_of(["component", "weight", "mean", "sd"], rows, "mode.params"), lines[-2:])


def of_comparison(table: Any) -> str:
    """ArviZ's columns, best first; what makes an elpd doubtful before them."""
    doubtful = [
        f"elpd of {name} is less sure than its se says (high Pareto k)" for name in table.index[table["warning"]]
    ]
    columns = [column for column in table.columns if column not in ("rank", "warning")]
    rows = [
        [str(name), *(f"{row[c]:.2f}" if c == "weight" else f"{row[c]:.1f}" for c in columns)]
        for name, row in table.iterrows()
    ]
    return page(
        f"{len(table)} fits by how well they predict points left out, best first",
        doubtful,
        "",
        table_of(["", *columns], rows),
    )
