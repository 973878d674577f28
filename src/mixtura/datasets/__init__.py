"""Data to try things on: two made by recipe, four observed and shipped with the package."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mixtura.arrays import Floats
from mixtura.line.records import Params
from mixtura.seeds import Seed, generator_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["BOOK", "GALLERY", "Faithful", "Iris", "Wine", "book", "faithful", "galaxies", "gallery", "iris", "wine"]

BOOK = Params(
    weights=np.array([90, 50, 75]) / 215,
    means=np.array([9.0, 21.0, 35.0]),
    scales=np.array([2.0, 2.0, 2.0]),
    rate=np.array(np.nan),
)
"""The parameters that `book` draws from."""

GALLERY = Params(
    weights=np.array([1.0, 1.0, 1.0]) / 3,
    means=np.array([-5.0, 0.0, 5.0]),
    scales=np.array([0.5, 2.0, 0.75]),
    rate=np.array(np.nan),
)
"""The parameters that `gallery` draws from."""


class Faithful(NamedTuple):
    """Old Faithful's eruptions, in minutes: how long each lasted and how long the next took to come.

    Attributes
    ----------
    eruptions, waiting : array (272,)
    """

    eruptions: Floats
    waiting: Floats

    @property
    def x(self) -> pd.DataFrame:
        """Both columns, a data frame (272, 2)."""
        import pandas as pd

        return pd.DataFrame(self._asdict())


class Iris(NamedTuple):
    """Fisher's irises.

    Attributes
    ----------
    x : DataFrame (150, 4)
        Length and width of sepals and petals, in cm.
    species : array (150,) of str
        "setosa", "versicolor", "virginica": 50 of each, in turn.
    """

    x: pd.DataFrame
    species: np.ndarray[Any, Any]


class Wine(NamedTuple):
    """Wines of one region by three cultivars.

    Attributes
    ----------
    x : DataFrame (178, 13)
        What the chemical analysis found, each column in its own unit.
    cultivar : array (178,) of str
        "Barolo" (59), "Grignolino" (71), "Barbera" (48), in turn.
    """

    x: pd.DataFrame
    cultivar: np.ndarray[Any, Any]


def book(seed: Seed = 0) -> Floats:
    """Simulate the book's data: 215 points of three Gaussians, 90, 50 and 75 of them in turn.

    Parameters
    ----------
    seed : int or numpy.random.Generator, default 0
        The book does not give its own, so its data and ours are close, not equal.

    Returns
    -------
    array (215,)

    See Also
    --------
    BOOK : the true parameters.

    References
    ----------
    O. Martin, Bayesian Analysis with Python (2016), chapter on mixture models.

    Examples
    --------
    >>> book().shape
    (215,)
    """
    return generator_of(seed).normal(np.repeat(BOOK.means, [90, 50, 75]), 2.0)


def gallery() -> Floats:
    """Return the data of "Gaussian Mixture Model" in PyMC's example gallery: 500 points of three Gaussians.

    Returns
    -------
    array (500,)

    See Also
    --------
    GALLERY : the true parameters.

    Examples
    --------
    >>> round(float(gallery()[0]), 8)
    4.59121749
    """
    rng = np.random.default_rng(8927)
    labels = rng.integers(0, 3, 500)
    return rng.normal(GALLERY.means[labels], GALLERY.scales[labels])


def galaxies() -> Floats:
    """Return the velocities of 82 galaxies from six sections of the Corona Borealis region, in 1000 km/s.

    The 78th is 26.960 as in the papers on mixtures; R's MASS has 26.690.

    Returns
    -------
    array (82,)

    References
    ----------
    K. Roeder (1990), Density estimation with confidence sets exemplified by superclusters and voids in the
    galaxies, J. Am. Stat. Assoc. 85, 617-624.

    Examples
    --------
    >>> galaxies()[77]
    np.float64(26.96)
    """
    return _shipped("galaxies")[:, 0].copy()


def faithful() -> Faithful:
    """Return 272 eruptions of the Old Faithful geyser, Yellowstone.

    Returns
    -------
    Faithful
        Two columns by name; its `x` has both, as a data frame (272, 2).

    References
    ----------
    A. Azzalini and A. W. Bowman (1990), A look at some data on the Old Faithful geyser, Appl. Stat. 39,
    357-365.

    Examples
    --------
    >>> faithful().waiting[:3]
    array([79., 54., 74.])
    """
    return Faithful(*_shipped("faithful").T.copy())


def iris() -> Iris:
    """Return 150 irises of three species: setosa stands apart, the other two overlap.

    The numbers are Fisher's, as in R and scikit-learn; the UCI repository's have two slips.

    Returns
    -------
    Iris
        A data frame `x` and the array `species`.

    References
    ----------
    R. A. Fisher (1936), The use of multiple measurements in taxonomic problems, Annals of Eugenics 7, 179-188.

    Examples
    --------
    >>> iris().x.columns.tolist()
    ['sepal_length', 'sepal_width', 'petal_length', 'petal_width']
    >>> iris().species[[0, 50, 100]].tolist()
    ['setosa', 'versicolor', 'virginica']
    """
    return Iris(*_labelled("iris"))


def wine() -> Wine:
    """Return the chemical analysis of 178 wines from Piedmont: 13 measures, three cultivars.

    Returns
    -------
    Wine
        A data frame `x` and the array `cultivar`.

    References
    ----------
    M. Forina, C. Armanino, M. Castino and M. Ubigli (1986), Multivariate data analysis as a discriminating method of
    the origin of wines, Vitis 25, 189-201; 13 of the 27 measures, as the UCI repository has them.

    Examples
    --------
    >>> wine().x.shape
    (178, 13)
    """
    return Wine(*_labelled("wine"))


def _labelled(name: str) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """The columns of a CSV beside this file, as floats, and its last one, as text."""
    import pandas as pd

    with files(__name__).joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        table = pd.read_csv(file)
    return table.iloc[:, :-1].astype(float), np.array(table.iloc[:, -1].tolist())


def _shipped(name: str) -> Floats:
    """A CSV beside this file, (n, columns)."""
    with files(__name__).joinpath(f"{name}.csv").open(encoding="utf-8") as file:
        return np.loadtxt(file, delimiter=",", skiprows=1, ndmin=2)


def __dir__() -> list[str]:
    return sorted(__all__)
