"""Expectation-maximisation for rows: soft statistics, then each block at its conditional maximum.

Covariances are set to (scale + scatter) / (df + count): the maximum of the posterior in log-Cholesky coordinates up to
terms that do not grow with the data, and never singular.
"""

from __future__ import annotations

import math

from mixtura.jit import copy, entry, kernel
from mixtura.matrices import add_precision, backward, cholesky, forward
from mixtura.multivariate.gibbs import Beliefs, Chain
from mixtura.multivariate.kernels import expect
from mixtura.multivariate.records import Rows


@kernel
def set_weights(beliefs: Beliefs, chain: Chain) -> None:
    """Weights in proportion to concentration and counts."""
    total, weights = 0.0, chain.params.weights
    for j in range(weights.size):
        weights[j] = beliefs.concentration[j] + chain.stats.counts[j]
        total += weights[j]
    for j in range(weights.size):
        weights[j] /= total


@kernel
def set_means(beliefs: Beliefs, chain: Chain) -> None:
    """Means at the centre of their normal given the covariances; the scatter moves along."""
    k, d = chain.params.means.shape
    total, scratch, pull, stats = chain.matrices[0], chain.matrices[1], chain.vector, chain.stats
    for j in range(k):
        count, mean, factor = stats.counts[j], chain.params.means[j], chain.params.factors[j]
        for a in range(d):
            pull[a] = stats.sums[j, a]
        forward(factor, pull)
        backward(factor, pull)
        for a in range(d):
            for b in range(d):
                total[a, b] = beliefs.precisions[j, a, b]
                pull[a] += beliefs.precisions[j, a, b] * (beliefs.centres[j, b] - mean[b])
        add_precision(factor, scratch, count, total)
        cholesky(total, scratch)
        forward(scratch, pull)
        backward(scratch, pull)
        for a in range(d):
            for b in range(d):
                moved = count * pull[a] * pull[b] - stats.sums[j, a] * pull[b] - pull[a] * stats.sums[j, b]
                stats.scatter[j, a, b] += moved
        for a in range(d):
            mean[a] += pull[a]


@kernel
def set_factors(beliefs: Beliefs, chain: Chain) -> None:
    """Covariances given the means, at which the scatter was taken; tied ones pool it."""
    k, d = chain.params.means.shape
    known, total = beliefs.scale_df[0] == 0.0, chain.matrices[0]
    for j in range(k):
        if beliefs.owner[j] != j:
            for a in range(d):
                copy(chain.params.factors[j, a], chain.params.factors[beliefs.owner[j], a])
            continue
        df = beliefs.df[0]
        for a in range(d):
            copy(total[a], beliefs.scale[a] if known else chain.params.rate[a])
        for other in range(j, k):
            if beliefs.owner[other] == j:
                df += chain.stats.counts[other]
                for a in range(d):
                    for b in range(a + 1):
                        total[a, b] += chain.stats.scatter[other, a, b]
        for a in range(d):
            for b in range(a + 1):
                total[a, b] /= df
        cholesky(total, chain.params.factors[j])


@kernel
def set_spread(beliefs: Beliefs, chain: Chain) -> None:
    """The scale at the mean of its Wishart: df times the inverse of the summed precisions."""
    k, d = chain.params.means.shape
    total, factor, scratch = chain.matrices[0], chain.matrices[1], chain.matrices[2]
    for a in range(d):
        copy(total[a], beliefs.scale[a])
    df = beliefs.scale_df[0]
    for j in range(k):
        if beliefs.owner[j] == j:
            df += beliefs.df[0]
            add_precision(chain.params.factors[j], scratch, 1.0, total)
    cholesky(total, factor)
    spread = chain.params.rate
    for a in range(d):
        for b in range(d):
            spread[a, b] = 0.0
    add_precision(factor, scratch, df, spread)


@entry
def em(rows: Rows, beliefs: Beliefs, chain: Chain, iterations: int, tolerance: float) -> float:
    """Iterate in place until the log-likelihood gains less than `tolerance`; returns the log-likelihood."""
    before = now = -math.inf
    for _ in range(iterations):
        expect(rows, chain.params, chain.look, chain.stats)
        now = chain.stats.loglik[0]
        if not abs(now - before) > tolerance:
            break
        before = now
        set_weights(beliefs, chain)
        set_means(beliefs, chain)
        set_factors(beliefs, chain)
        if beliefs.scale_df[0] > 0.0:
            set_spread(beliefs, chain)
    return now
