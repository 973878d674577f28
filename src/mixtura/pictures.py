"""Figures into files: an album is a folder, and every fit has the same standard set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mixtura.outputs import whole

if TYPE_CHECKING:
    import pandas as pd

    from mixtura.fit import Fit

FORMATS = (".png", ".svg", ".pdf")


class Album:
    """A folder of PNG files.

    Parameters
    ----------
    folder : Path
        Made if it is not there; figures of the same name are replaced.

    Attributes
    ----------
    paths : list of Path
        What was written, in order.
    """

    def __init__(self, folder: Path) -> None:
        import matplotlib

        matplotlib.use("Agg")  # files only: no display is looked for
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.paths: list[Path] = []

    def add(self, name: str, axes: Any) -> None:
        """Write the figure that holds the axes as `name`.png and close it."""
        path = self.folder / f"{name}.png"
        save(axes, path)
        self.paths.append(path)


def save(axes: Any, path: Path) -> None:
    """Write the figure that holds the axes and close it."""
    import matplotlib.pyplot as plt

    figure = np.ravel(axes)[0].get_figure(root=True)
    quick: Any = {"pil_kwargs": {"compress_level": 3}} if path.suffix == ".png" else {}  # half the time of 6
    with whole(path) as place:
        figure.savefig(place, dpi=120, **quick)
    plt.close(figure)


def check_format(path: Path) -> None:
    """Fail before the work where a figure cannot be written under this name."""
    if path.suffix not in FORMATS:
        raise ValueError(
            f"cannot write a figure to {path}: its name ends in {', '.join(FORMATS)}, such as compared.png"
        )


def of_comparison(fits: Mapping[str, Fit], table: pd.DataFrame, path: Path) -> None:
    """Draw fits side by side into a file."""
    import matplotlib

    matplotlib.use("Agg")
    from mixtura import plots

    save(plots.compare(fits, table), path)


def of_fit(fit: Fit, album: Album) -> None:
    """Draw everything there is to see of a fit."""
    from mixtura import plots

    album.add("model", plots.diagram(fit.model))
    if fit.x.ndim == 1:
        _of_column(fit, album)
    else:
        album.add("pairs", plots.pairs(fit))
        if len(fit.features) == 2:
            album.add("uncertainty", plots.uncertainty(fit))
    album.add("forest", plots.forest(fit))
    album.add("prior-posterior", plots.prior_posterior(fit))
    album.add("trace", plots.trace(fit))
    album.add("rank", plots.rank(fit))
    album.add("predictive-check", plots.predictive_check(fit))


def _of_column(fit: Fit, album: Album) -> None:
    """What only a single column has."""
    from pandas import Series

    from mixtura import plots

    album.add("data", plots.histogram(Series(fit.x, name=fit.name), fit.weights))
    album.add("density", plots.density(fit))
    album.add("panels", plots.panels(fit))
    album.add("uncertainty", plots.uncertainty(fit))
