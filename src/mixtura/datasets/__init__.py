"""Data to try things on: two made by recipe, two observed and shipped with the package."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from mixtura.params import Floats, Params

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


def book(seed: int = 0) -> Floats:
    """Simulate the book's data: 215 points of three Gaussians, 90, 50 and 75 of them in turn.

    Parameters
    ----------
    seed : int, default 0
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
    return np.random.default_rng(seed).normal(np.repeat(BOOK.means, [90, 50, 75]), 2.0)


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
        Two columns by name; `np.column_stack(faithful())` is the array (272, 2).

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


def _shipped(name: str) -> Floats:
    """A CSV beside this file, (n, columns)."""
    return np.loadtxt(Path(__file__).with_name(f"{name}.csv"), delimiter=",", skiprows=1, ndmin=2)
