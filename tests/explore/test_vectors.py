"""Neighbours, spaces and topics against their plain definitions."""

from __future__ import annotations

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.explore import neighbours
from tenor.explore.dimensions import top_word_ids, top_words
from tenor.explore.neighbours import nearest
from tenor.explore.spaces import SMOOTHED, SPACES, document_vectors


def cosines(a, b):
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    return a @ b.T / np.linalg.norm(a, axis=1)[:, None] / np.linalg.norm(b, axis=1)


def test_nearest_is_the_sorted_cosine(monkeypatch):
    monkeypatch.setattr(neighbours, "BLOCK", 7)  # several blocks, the last one short
    rng = np.random.default_rng(0)
    matrix, query = rng.normal(size=(100, 8)).astype(np.float32), rng.normal(size=8)
    expected = cosines(query[None], matrix)[0]
    found = nearest(query, matrix, 10)
    assert [row for row, _ in found] == np.argsort(-expected)[:10].tolist()
    np.testing.assert_allclose(
        [value for _, value in found], np.sort(expected)[::-1][:10], atol=1e-12
    )


def test_ties_come_by_row_and_zero_rows_after_the_opposite():
    matrix = np.array([[0, 0], [-1, 0], [2, 0], [1, 0], [0, 0], [3, 0]], dtype=np.float32)
    found = nearest([1.0, 0.0], matrix, 10)
    assert found == [(2, 1.0), (3, 1.0), (5, 1.0), (1, -1.0), (0, 0.0), (4, 0.0)]
    assert nearest([1.0, 0.0], matrix, 2) == found[:2]


def test_equal_rows_tie_wherever_they_stand():
    row = np.random.default_rng(1).normal(size=50).astype(np.float32)
    matrix = np.repeat(row[None], 1001, axis=0)
    assert [found for found, _ in nearest(row, matrix, 5)] == [0, 1, 2, 3, 4]


def test_tiny_and_huge_rows_keep_their_direction():
    matrix = np.array([[1e-30, 0], [0, 1e30], [1e30, 1e30]], dtype=np.float32)
    assert nearest([1e-30, 0.0], matrix, 1) == [(0, 1.0)]
    assert nearest([0.0, 1e30], matrix, 1) == [(1, 1.0)]


def test_exclude_one_or_several():
    matrix = np.eye(4)
    assert [row for row, _ in nearest(matrix[0], matrix, 9, exclude=0)] == [1, 2, 3]
    assert [row for row, _ in nearest(matrix[0], matrix, 9, exclude=[0, 2])] == [1, 3]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([1.0, np.nan], np.eye(2), 1), "finite"),
        (([1.0], np.eye(2), 1), r"\(2,\)"),
        (([1.0, 0.0], [[1.0, 0.0], [np.inf, 0.0]], 1), "row 1"),
        (([1.0, 0.0], np.eye(2), 0), "at least 1"),
        (([1.0, 0.0], np.eye(2), 1, 2), "row 2 cannot be excluded"),
        ((["a", "b"], np.eye(2), 1), "numbers"),
    ],
)
def test_bad_queries_get_one_line(arguments, says):
    with pytest.raises(InputError, match=says) as raised:
        nearest(*arguments)
    assert "\n" not in str(raised.value)


def decoder(seed=0, documents=20, words=300, size=6):
    rng = np.random.default_rng(seed)
    latent = rng.normal(size=(documents, size))
    word_vectors = rng.normal(size=(words, size)) * np.arange(1, size + 1) + 3.0  # not centred
    return latent, word_vectors, rng.uniform(0.5, 6, words)


def test_logits_space_has_the_cosines_of_the_whole_matrix(monkeypatch):
    monkeypatch.setattr("tenor.explore.spaces.BLOCK", 77)
    latent, words, idf = decoder()
    logits = latent @ words.T
    naive = idf * (logits - logits.mean(axis=1, keepdims=True))  # D x V
    found = document_vectors("logits", latent, words, idf)
    assert found.shape == latent.shape and found.dtype == np.float32
    np.testing.assert_allclose(cosines(found, found), cosines(naive, naive), atol=2e-6)
    np.testing.assert_allclose(
        np.linalg.norm(found, axis=1), np.linalg.norm(naive, axis=1), rtol=1e-5
    )


def test_metric_space_scales_each_dimension_by_its_centred_column():
    latent, words, idf = decoder()
    scale = np.linalg.norm(words - words.mean(axis=0), axis=0)
    np.testing.assert_allclose(
        document_vectors("metric", latent, words, idf), latent * scale, rtol=1e-5
    )


def test_no_space_changes_when_one_vector_is_added_to_every_word():
    latent, words, idf = decoder()
    for space in set(SPACES) - {SMOOTHED}:
        np.testing.assert_allclose(
            document_vectors(space, latent, words, idf),
            document_vectors(space, latent, words + 5.0, idf),
            rtol=1e-4,
        )
    np.testing.assert_array_equal(
        document_vectors("latent", latent, words, idf), latent.astype(np.float32)
    )


def test_logits_of_a_dimension_no_word_reads_are_finite():
    latent, words, idf = decoder()
    words[:, 2] = 1.0
    assert np.isfinite(document_vectors("logits", latent, words, idf)).all()


def test_unknown_space_names_the_others():
    with pytest.raises(InputError, match="latent, metric, logits, smoothed"):
        document_vectors("plain", *decoder())


def test_the_smoothed_space_needs_other_documents():
    with pytest.raises(InputError, match="needs documents to smooth over"):
        document_vectors(SMOOTHED, *decoder())


def test_top_words_of_both_poles():
    components = np.array([[0.5, -2.0, 3.0, -1.0], [1.0, 1.0, 0.0, 1.0]])
    first, second = top_words(components, ["a", "b", "c", "d"], n=2)
    assert first.positive == (("c", 3.0), ("a", 0.5))
    assert first.negative == (("b", -2.0), ("d", -1.0))
    assert second.words == ("a", "b")  # ties in the order of the vocabulary
    assert str(first) == "  0 + c a\n    - b d"
    assert first.to_json()["negative"][0] == {"word": "b", "weight": -2.0}


def test_one_pole_and_ids():
    components = np.array([[0.1, 0.7, 0.2]])
    (topic,) = top_words(components, ["a", "b", "c"], n=9, both_poles=False)
    assert topic.words == ("b", "c", "a") and topic.negative == ()
    assert top_word_ids(components, 2).tolist() == [[1, 2]]
    with pytest.raises(InputError, match="words must have one entry"):
        top_words(components, ["a"])
