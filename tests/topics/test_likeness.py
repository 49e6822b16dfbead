"""Whether a document is like any topic."""

from __future__ import annotations

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.topics.edit import joined
from tenor.topics.topics import chance_limit, likeness


def test_likeness_is_the_cosine_to_the_nearest_topic(planted):
    topics, n = planted.topics, 40
    wordless = np.arange(n) % 7 == 0
    found = likeness(topics, planted.vectors[:n], wordless)
    half = planted.vectors.shape[1]
    z = planted.vectors[:n] / np.linalg.norm(planted.vectors[:n], axis=1, keepdims=True)
    d = z - topics.mean.astype(np.float64)
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    centres = topics.centres.astype(np.float64)
    expected = (np.hstack([d, d]) / np.sqrt(2) @ centres.T).max(axis=1)
    np.testing.assert_allclose(found, np.where(wordless, 0.0, expected), atol=1e-6)
    assert centres.shape[1] == 2 * half and found.dtype == np.float32


def test_the_limit_is_what_nine_of_ten_random_directions_stay_below(planted):
    rng = np.random.default_rng(5)
    drawn = rng.normal(size=(40_000, planted.vectors.shape[1]))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    limit = chance_limit(planted.topics)
    below = (planted.topics.cosines(drawn).max(axis=1) < limit).mean()
    assert below == pytest.approx(0.9, abs=0.01)
    assert chance_limit(planted.topics) == limit
    assert chance_limit(joined(planted.topics, [0, 1])) == pytest.approx(limit, abs=1e-12)


def test_documents_of_topics_are_like_one_and_the_wordless_are_not(planted):
    wordless = np.zeros(len(planted.vectors), dtype=np.bool_)
    wordless[0] = True
    found = likeness(planted.topics, planted.vectors, wordless) >= chance_limit(planted.topics)
    assert not found[0] and found[1:].all()


def test_a_document_between_all_topics_is_like_none(planted):
    topics = planted.topics
    away = -topics.centres[:, : planted.vectors.shape[1]].sum(axis=0)[None]
    found = likeness(topics, away, np.zeros(1, dtype=np.bool_))
    assert found[0] < chance_limit(topics)


def test_shapes_must_fit(planted):
    with pytest.raises(InputError, match="vectors"):
        likeness(planted.topics, np.ones((2, 3)), np.zeros(2, dtype=np.bool_))
    with pytest.raises(InputError, match="wordless"):
        likeness(planted.topics, planted.vectors[:2], np.zeros(3, dtype=np.bool_))
