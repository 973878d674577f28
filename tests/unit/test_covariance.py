"""Structures say what they share, and nobody else compares their words."""

import ast
from pathlib import Path

import numpy as np
import pytest

import mixtura as mx
from mixtura.covariance import STRUCTURES

SOURCE = Path(__file__).parents[2] / "src" / "mixtura"
K, D = 3, 4
# what is shared and correlated, axes, shape of scales, covariances that are parameters, numbers of scales, correlations
SAID = {
    "full": (False, True, ("component", "feature", "feature_bis"), (K, D), K, K * D, K * D * (D - 1) // 2),
    "tied": (True, True, ("feature", "feature_bis"), (D,), 1, D, D * (D - 1) // 2),
    "diagonal": (False, False, ("component", "feature"), (K, D), K, K * D, 0),
    "spherical": (False, False, ("component",), (K,), K, K, 0),
}
structures = pytest.mark.parametrize("word", STRUCTURES)


@structures
def test_what_a_structure_says(word):
    s = mx.GaussianMixture(n_components=K, covariance=word).structure
    assert s is STRUCTURES[word]
    numbers = s.owners(K), s.n_scales(K, D), s.n_correlations(K, D)
    assert (s.shared, s.correlated, s.axes, s.scales_shape(K, D), *numbers) == SAID[word]
    assert s.isotropic == (word == "spherical")
    assert s.of_one_feature == ("tied" if word == "tied" else "full")
    assert s.n_scales(K, 1) == s.owners(K)
    assert s.n_correlations(K, 1) == 0


@structures
def test_scales_are_found_where_features_use_them(word):
    s = STRUCTURES[word]
    at = s.scale_at(K, D)
    assert at.shape == (K, D)
    assert np.array_equal(np.unique(at), np.arange(s.n_scales(K, D)))
    assert np.array_equal(s.scale_of(K), np.zeros(K) if s.shared else np.arange(K))
    drawn = np.random.default_rng(0).uniform(1, 2, (2, s.n_scales(K, D)))
    declared, every = drawn.reshape(2, *s.scales_shape(K, D)), drawn[:, at]
    assert np.array_equal(s.declared(every), declared)
    assert np.array_equal(np.broadcast_to(s.spread(declared), every.shape), every)


@structures
def test_any_covariances_take_a_shape(word):
    s, rng = STRUCTURES[word], np.random.default_rng(1)
    weights, roots = np.array([0.2, 0.3, 0.5]), rng.normal(size=(K, D, D))
    factors = np.linalg.cholesky(roots @ roots.transpose(0, 2, 1) + np.eye(D))
    shaped = s.shaped(weights, factors)
    scales = np.sqrt((shaped**2).sum(-1))
    assert np.allclose(scales, np.broadcast_to(s.spread(s.declared(scales)), (K, D)))
    assert (shaped == shaped[0]).all() == s.shared
    assert bool(np.tril(shaped, -1).any()) == s.correlated
    volume = weights @ np.trace(factors @ factors.transpose(0, 2, 1), axis1=1, axis2=2)
    assert weights @ (shaped**2).sum((1, 2)) == pytest.approx(volume)  # the pooled trace stays
    assert np.allclose(s.shaped(weights, shaped), shaped)


# words to print of each structure, and scikit-learn's names for them
FACES = {"report/content.py", "estimator.py", "steering.py"}


def told_apart(source):
    """Lines of a program that compare something with a structure's word, or look it up in a dictionary of them."""
    for node in ast.walk(ast.parse(source)):
        told = {ast.Compare: [node], ast.Dict: getattr(node, "keys", []), ast.MatchValue: [node]}.get(type(node), [])
        leaves = [leaf for part in told if part is not None for leaf in ast.walk(part)]
        if any(isinstance(leaf, ast.Constant) and leaf.value in STRUCTURES for leaf in leaves):
            yield node.lineno


@pytest.mark.parametrize("test", ["w == 'tied'", "w in ('full', 'tied')", "'full' != m.w", "{'tied': 1}.get(w, 2)"])
def test_words_that_are_compared_are_found(test):
    assert list(told_apart(f"\nknown = {test}")) == [2]


def test_no_other_file_tells_structures_apart():
    files = {str(path.relative_to(SOURCE)): path for path in SOURCE.rglob("*.py")}
    assert files.keys() > FACES
    for name in files.keys() - FACES - {"covariance.py"}:
        lines = list(told_apart(files[name].read_text()))
        assert not lines, f"{name} tells structures apart in lines {lines}: ask model.structure"
