"""Matrices in PyMC, which has none that its samplers can move in: inverse Wishart, Wishart, LKJ.

Each is a `CustomDist` over the matrices that this library declares; chains move in the entries of a Cholesky factor, as
Stan's do. PyMC is imported inside functions, because only an extra installs it.
"""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from mixtura.arrays import Floats
from mixtura.export.declaration import Block
from mixtura.priors import LKJ, InverseWishart, Wishart


def matrices(block: Block, number: Any, matrix: Any) -> Any:
    """A block of matrices (d, d), one or one per component; LKJ takes the identity for a scale."""
    import pymc as pm
    import pytensor.tensor as pt

    prior, shape = block.prior, block.shape
    assert isinstance(prior, InverseWishart | Wishart | LKJ)
    log_density: Any = log_inverse_wishart if isinstance(prior, InverseWishart) else log_wishart
    if isinstance(prior, LKJ):
        log_density = partial(log_lkj, normalizer=prior.log_normalizer(shape[-1]))

    def draw(number: Any, matrix: Any, rng: np.random.Generator, size: Any = None) -> Floats:
        many = np.shape(number) if size is None else tuple(size)
        numbers, scales = np.broadcast_to(number, many), np.broadcast_to(matrix, (*many, *shape[-2:]))
        draws = [_drawn(prior, numbers[at], scales[at], rng) for at in np.ndindex(many)]
        return np.reshape(draws, scales.shape)

    def start(variable: Any, size: Any, number: Any, matrix: Any) -> Any:
        return pt.broadcast_to(matrix if isinstance(prior, LKJ) else matrix / number, shape)

    return pm.CustomDist(
        block.name,
        number,
        matrix,
        logp=log_density,
        random=draw,
        support_point=start,
        signature="(),(d,d)->(d,d)",
        default_transform=_correlations(shape[-1]) if isinstance(prior, LKJ) else _covariances(shape[-1]),
        shape=shape,
        dims=block.axes,
    )


def _drawn(prior: InverseWishart | Wishart | LKJ, number: Any, matrix: Floats, rng: np.random.Generator) -> Floats:
    """One matrix (d, d)."""
    if isinstance(prior, LKJ):
        return prior.draw(rng, d=len(matrix))
    return type(prior)(float(number), matrix).draw(rng)


def log_inverse_wishart(value: Any, df: Any, scale: Any) -> Any:
    """Log density of covariance matrices, of their lower triangles."""
    import pytensor.tensor as pt

    root, known = pt.linalg.cholesky(value), pt.linalg.cholesky(scale)
    white = pt.linalg.solve_triangular(root, pt.broadcast_to(known, value.shape), lower=True)
    d = value.shape[-1]
    density = 0.5 * df * _log_det(known) - 0.5 * (df + d + 1) * _log_det(root) - 0.5 * (white**2).sum((-2, -1))
    return density - 0.5 * df * d * math.log(2) - _log_multigamma(0.5 * df, value)


def log_wishart(value: Any, df: Any, scale: Any) -> Any:
    """Log density of a matrix, of its lower triangle."""
    import pytensor.tensor as pt

    root, known = pt.linalg.cholesky(value), pt.linalg.cholesky(scale)
    white = pt.linalg.solve_triangular(known, root, lower=True)
    d = value.shape[-1]
    density = 0.5 * (df - d - 1) * _log_det(root) - 0.5 * df * _log_det(known) - 0.5 * (white**2).sum((-2, -1))
    return density - 0.5 * df * d * math.log(2) - _log_multigamma(0.5 * df, value)


def log_lkj(value: Any, eta: Any, identity: Any, normalizer: float) -> Any:
    """Log density of correlation matrices, of their lower triangles."""
    import pytensor.tensor as pt

    return (eta - 1) * _log_det(pt.linalg.cholesky(value)) - normalizer


def _log_det(root: Any) -> Any:
    """Log determinant of matrices with these lower Cholesky factors (..., d, d)."""
    import pytensor.tensor as pt

    return 2 * pt.log(pt.diagonal(root, axis1=-2, axis2=-1)).sum(-1)


def _log_multigamma(a: Any, value: Any) -> Any:
    """Log of the gamma function of matrices like `value` (..., d, d) at a."""
    import pytensor.tensor as pt

    d = value.type.shape[-1]
    return 0.25 * d * (d - 1) * math.log(math.pi) + pt.gammaln(a - 0.5 * np.arange(d)).sum()


def _covariances(d: int) -> Any:
    """Covariance matrices by the entries of their Cholesky factor, those of its diagonal as logarithms."""
    import pytensor.tensor as pt
    from pymc.logprob.transforms import Transform

    below, across = np.tril_indices(d)
    at = np.flatnonzero(below == across)

    class Covariances(Transform):
        name = "cholesky"

        def forward(self, value: Any, *inputs: Any) -> Any:
            entries = pt.linalg.cholesky(value)[..., below, across]
            return pt.set_subtensor(entries[..., at], pt.log(entries[..., at]))

        def backward(self, value: Any, *inputs: Any) -> Any:
            entries = pt.set_subtensor(value[..., at], pt.exp(value[..., at]))
            root = pt.zeros((*(value.shape[i] for i in range(value.ndim - 1)), d, d))
            root = pt.set_subtensor(root[..., below, across], entries)
            return root @ pt.swapaxes(root, -1, -2)

        def log_jac_det(self, value: Any, *inputs: Any) -> Any:
            return (value[..., at] * np.arange(d + 1, 1, -1)).sum(-1) + d * math.log(2)

    return Covariances()


def _correlations(d: int) -> Any:
    """Correlation matrices by canonical partial correlations (Lewandowski et al. 2009), each as its area tangent."""
    import pytensor.tensor as pt
    from pymc.logprob.transforms import Transform

    below, across = np.tril_indices(d, -1)

    def left(partial: Any) -> Any:
        """What correlations before leave of each row's square, as half a logarithm (..., d, d)."""
        lost = 0.5 * pt.log1p(-(partial**2))
        return pt.cumsum(lost, axis=-1) - lost

    class Correlations(Transform):
        name = "partial"

        def forward(self, value: Any, *inputs: Any) -> Any:
            root = pt.linalg.cholesky(value)
            rest = 1 - pt.cumsum(root**2, axis=-1) + root**2
            return pt.arctanh(root[..., below, across] / pt.sqrt(rest[..., below, across]))

        def backward(self, value: Any, *inputs: Any) -> Any:
            partial = self._partial(value)
            root = (partial + np.eye(d)) * pt.exp(left(partial))
            return root @ pt.swapaxes(root, -1, -2)

        def log_jac_det(self, value: Any, *inputs: Any) -> Any:
            partial = self._partial(value)
            lost = left(partial)
            rows = pt.diagonal(lost, axis1=-2, axis2=-1) * np.arange(d - 1, -1, -1)
            return pt.log1p(-(pt.tanh(value) ** 2)).sum(-1) + lost[..., below, across].sum(-1) + rows.sum(-1)

        def _partial(self, value: Any) -> Any:
            zeros = pt.zeros((*(value.shape[i] for i in range(value.ndim - 1)), d, d))
            return pt.set_subtensor(zeros[..., below, across], pt.tanh(value))

    return Correlations()
