"""What a diagram shows of a model: its blocks in the order of the formula, their sketches, and numbers in words."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mixtura import priors
from mixtura.digits import known
from mixtura.plots import sketches
from mixtura.plots.sketches import Sketch
from mixtura.reading.data import points

if TYPE_CHECKING:
    from mixtura.model import GaussianMixture

GREEK = {"mu": "μ", "sigma": "σ", "nu": "ν", "alpha": "α", "beta": "β", "lam": "λ", "eta": "η", "df": "ν", "cov": "Σ"}
GREEK |= {"scale": "S"}
FROM_DATA = {  # the defaults, before there are data to take them from
    priors.Normal: {"mu": "midrange of data", "sigma": "range of data"},
    priors.Gamma: {"beta": "10 / (range of data)²"},
    priors.InverseGamma: {"floor": ""},  # too small to be worth words
    priors.InverseWishart: {"floor": ""},
}


class Block(NamedTuple):
    """One of the model's blocks.

    Attributes
    ----------
    prior : Prior
    symbol : str
        As the formula has it.
    sketch : Sketch
    words : dict
        What its numbers are called that are still to be taken from data.
    above : Block or None
        The prior of its unknown number, if it has one.
    """

    prior: priors.Prior
    symbol: str
    sketch: Sketch
    words: dict[str, str]
    above: Block | None = None

    @property
    def unknown(self) -> str:
        """The letter of the number that has a prior of its own."""
        return next(GREEK[f.name] for f in fields(self.prior) if isinstance(getattr(self.prior, f.name), priors.Prior))

    @property
    def lines(self) -> list[str]:
        """Its numbers, on one line if it holds them; of those with an unknown one, the first."""
        if isinstance(self.prior, priors.Fixed):
            return [_number(self.prior.value)]
        values = {f.name: getattr(self.prior, f.name) for f in fields(self.prior)}
        values = {name: value for name, value in values.items() if name != "floor" or np.any(value)}
        known = {
            name: self.words.get(name, _number(v)) for name, v in values.items() if not isinstance(v, priors.Prior)
        }
        parts = [f"{GREEK.get(name, name)} = {value}" for name, value in known.items() if value]
        together = ",  ".join(parts)
        return [together] if len(together) < 34 else parts


def spelled_out(model: GaussianMixture, x: Any) -> GaussianMixture:
    """The model with every prior: numbers of the data, or where there are none, of something in their place."""
    if x is not None:
        return model.with_defaults(points(x).x)
    d = model.n_features or (1 if model.structure.correlated else 2)
    ends = np.array([-0.5, 0.5])
    return model.with_defaults(ends if d == 1 else np.tile(ends[:, None], d))


def blocks_of(whole: GaussianMixture, model: GaussianMixture, pending: bool) -> list[Block]:
    """Weights, means, then scales, variances or covariances, and maybe correlations, of a model spelled out.

    `model` is what the user declared, and where `pending` the rest has still to be taken from data.
    """
    k, d = whole.n_components, whole.n_features or 1
    each = "" if whole.structure.shared else "_k"
    spread = whole.scales or whole.variances or whole.covariances
    assert whole.weights is not None
    assert whole.means is not None
    assert spread is not None
    weights = whole.weights if k > 1 else priors.Fixed(1.0)
    letter = r"\Sigma" if whole.covariances is not None else r"\sigma"
    declared = model.scales or model.variances or model.covariances
    shape, width = whole.structure.scales_shape(k, d), 1 if whole.structure.isotropic else d
    found = [
        Block(weights, "$w_k$", sketches.of_prior(weights, k), {}),
        _block(whole.means, r"$\mu_k$", k, (k, d), d, pending and model.means is None),
        _block(spread, f"${letter}{each}$", k, shape, width, pending and declared is None),
    ]
    if whole.correlations is not None and d > 1:
        found.append(Block(whole.correlations, f"$R{each}$", sketches.of_matrix(whole.correlations, d), {}))
    return found


def formula(whole: GaussianMixture, blocks: list[Block]) -> list[tuple[str, Block | None]]:
    """The mixture in pieces of symbols, each with the block that it is of, if it is of one."""
    spread: list[tuple[str, Block | None]] = [(blocks[2].symbol, blocks[2])]
    if len(blocks) > 3:
        letter = blocks[2].symbol.strip("$")
        spread += [(rf"${letter}^\top \circ$", None), (blocks[3].symbol, blocks[3])]
    elif not whole.structure.correlated and (whole.n_features or 1) > 1:
        of_each = [(r"$\mathrm{diag}($", None), *spread, ("$)^2$", None)]
        spread = [*spread, ("${}^2 I$", None)] if whole.structure.isotropic else of_each
    start = [(r"$\sum_k$", None), (blocks[0].symbol, blocks[0]), (r"$\mathrm{Normal}($", None)]
    return [*start, (blocks[1].symbol, blocks[1]), ("$,$", None), *spread, ("$)$", None)]


def _block(prior: priors.Prior, symbol: str, k: int, shape: tuple[int, ...], d: int, pending: bool) -> Block:
    """A block of means or scales of `shape`, whose last axis is that of d features if there are several.

    Its sketch then shows the first feature, or of a matrix the first two.
    """
    rate: priors.Prior | None = getattr(prior, "rate", None)
    above = None if rate is None else _block(rate, "", 1, shape[-1:] if d > 1 else (), d, pending)
    if isinstance(prior, priors.MatrixPrior) or np.ndim(getattr(prior, "value", 0)) > len(shape):
        sketch = sketches.of_matrix(prior, d)
    else:
        sketch = sketches.of_prior(_of_first_feature(prior, shape) if d > 1 else prior, k)
    return Block(prior, symbol, sketch, _words(prior, d) if pending else {}, above)


def _of_first_feature(prior: priors.Prior, shape: tuple[int, ...]) -> priors.Prior:
    """The same prior of the first feature alone."""
    names = [f.name for f in fields(prior)]
    inner = {name: getattr(prior, name) for name in names if isinstance(getattr(prior, name), priors.Prior)}
    tables = zip([name for name in names if name not in inner], prior.table(shape), strict=True)
    firsts: dict[str, Any] = {name: _of_first_feature(value, shape[-1:]) for name, value in inner.items()}
    return replace(prior, **firsts, **{name: table[..., 0] for name, table in tables})


def _words(prior: priors.Prior, d: int) -> dict[str, str]:
    words = FROM_DATA.get(type(prior), {})
    if d == 1:
        return words
    if isinstance(prior, priors.Normal):
        return words | {"mu": "median of data"}
    if isinstance(prior, priors.Wishart):
        return {"scale": f"{prior.scale[0][0]:.2g} diag(range of data)²"}
    return words


def _number(value: Any) -> str:
    """A number or a vector, a long one by its first two and its last; of a matrix how large it is."""
    array = np.asarray(value, float)
    texts = [(f"{v:.4g}" if abs(v) < 1e4 else known(v)).replace("-", "−") for v in array.ravel()]
    if len(set(texts)) == 1:
        return texts[0]
    if array.ndim > 1 and len(array) > 1:
        return " × ".join(map(str, array.shape)) + " values"
    return "(" + ", ".join(texts if len(texts) < 5 else [*texts[:2], "…", texts[-1]]) + ")"
