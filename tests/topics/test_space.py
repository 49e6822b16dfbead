"""The shared space against loops in plain double precision."""

from __future__ import annotations

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.topics.space import decoder_side, directions_from, shared_space

D, V, K = 40, 30, 5


@pytest.fixture
def parts(random_bag):
    rng = np.random.default_rng(3)
    bag = random_bag(D, V, 0)
    return rng.normal(size=(V, K)) + 2.0, rng.normal(size=(D, K)), bag


def unit(v):
    norm = np.sqrt((v * v).sum())
    return v / norm if norm else v


def reference(rows, z, dense):
    """(words, documents, r, w) by loops over documents and words."""
    rows = rows - rows.mean(axis=0)
    filled = [d for d in range(len(dense)) if dense[d].sum()]
    centred = z[filled] - z[filled].mean(axis=0)
    covariance = centred.T @ centred / len(filled)
    directions = np.array([unit(v) for v in z])
    mean = np.mean([directions[d] for d in filled], axis=0)
    t = np.log1p(dense)
    overall = sum(t[d, v] * directions[d] for d in filled for v in range(V)) / t.sum()
    f, lengths = dense.sum(axis=0), dense.sum(axis=1)
    words, spread, r = np.zeros((V, 2 * K)), np.zeros(V), np.zeros(V)
    for v in range(V):
        if not f[v]:
            continue
        spread[v] = np.sqrt(rows[v] @ covariance @ rows[v])
        read = sum(t[d, v] * directions[d] for d in filled) / t[:, v].sum() - overall
        words[v] = np.concatenate([unit(rows[v]), unit(read)]) / np.sqrt(2)
        expected = sum(1 - np.exp(-f[v] * lengths[d] / lengths.sum()) for d in filled)
        r[v] = np.log((dense[:, v] > 0).sum() / expected)
    occurring = f > 0
    above = np.maximum(r - np.median(r[occurring]), 0) / r[occurring].std()
    w = spread**3 * np.sqrt(f) * np.exp(-2 * above)
    documents = np.array([unit(directions[d] - mean) * (d in filled) for d in range(len(dense))])
    return words, documents, r, w / w.sum()


def test_it_is_the_equations(parts, as_dense):
    rows, z, bag = parts
    dense = as_dense(bag)
    assert (dense.sum(axis=1) == 0).any()
    words, documents, r, w = reference(rows, z, dense)
    space = shared_space(rows, z, bag)
    np.testing.assert_allclose(space.words, words, atol=1e-7)
    np.testing.assert_allclose(space.documents, documents, atol=1e-12)
    np.testing.assert_allclose(
        space.poisson_likeness, r, atol=0.02
    )  # lengths are counted in groups
    np.testing.assert_allclose(space.weights, w, rtol=0.05, atol=1e-4)
    np.testing.assert_array_equal(space.frequency, dense.sum(axis=0))
    assert space.typical_length == np.median(dense.sum(axis=1)[dense.sum(axis=1) > 0])


def test_lengths_in_groups_are_exact_where_they_differ_little(as_bag):
    rng = np.random.default_rng(0)
    dense = rng.poisson(0.4, size=(60, V)) + np.eye(60, V, dtype=int)
    rows, z = rng.normal(size=(V, K)), rng.normal(size=(60, K))
    space = shared_space(rows, z, as_bag(dense))
    np.testing.assert_allclose(space.poisson_likeness, reference(rows, z, dense)[2], atol=5e-4)


def test_a_multiplicity_is_as_good_as_copies(parts):
    rows, z, bag = parts
    times = np.random.default_rng(1).poisson(1.0, D)
    copies = np.repeat(np.arange(D), times)
    weighted = shared_space(rows, z, bag, times)
    copied = shared_space(rows, z[copies], bag.take(copies))
    for name in ("words", "mean", "frequency", "poisson_likeness", "weights"):
        got, expected = getattr(weighted, name), getattr(copied, name)
        np.testing.assert_allclose(got, expected, atol=1e-6, err_msg=name)


def test_new_documents_are_measured_from_the_same_mean(parts):
    rows, z, bag = parts
    space = shared_space(rows, z, bag)
    again = directions_from(space.mean, z, bag.distinct == 0)
    np.testing.assert_allclose(again, space.documents, atol=1e-12)


def test_what_is_added_to_every_word_vector_changes_nothing(parts):
    rows, z, bag = parts
    moved = shared_space(rows + np.arange(K), z, bag)
    np.testing.assert_allclose(moved.words, shared_space(rows, z, bag).words, atol=1e-6)


def test_the_decoders_side_needs_the_weights_alone(parts):
    rows, z, bag = parts
    space = shared_space(rows, z, bag)
    side = decoder_side(rows, space.frequency > 0)
    np.testing.assert_array_equal(space.words[:, :K].astype(np.float32), side)


def test_bad_parts_are_one_line(parts):
    rows, z, bag = parts
    empty = BagOfWords(np.zeros(D + 1, int), np.zeros(0, int), np.zeros(0, int), V)
    for arguments, said in (
        ((rows, z[:-1], bag), "vectors"),
        ((rows[:-1], z, bag), "word_vectors"),
        ((rows, np.full((D, K), np.nan), bag), "finite"),
        ((rows, z, empty), "no document has a word"),
        ((rows, z, bag, np.zeros(D)), "no document has a word"),
    ):
        with pytest.raises(InputError, match=said):
            shared_space(*arguments)
