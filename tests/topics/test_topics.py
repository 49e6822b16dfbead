"""What topics answer: θ and β against loops, merged centres, no dependence on batch-mates."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.topics.topics import KAPPA, SHARPNESS


@pytest.fixture
def wordless(planted):
    return planted.bag.distinct == 0


def test_weights_are_the_softmax_of_cosines(planted, wordless):
    topics, space = planted.topics, planted.space
    got = topics.weights(planted.vectors, wordless)
    for d in range(0, len(got), 97):
        doubled = np.concatenate([space.documents[d]] * 2) / np.sqrt(2)
        density = np.exp([KAPPA * doubled @ c for c in topics.centres.astype(float)])
        np.testing.assert_allclose(got[d], density / density.sum(), rtol=1e-5)


def test_a_document_without_words_has_no_topic(planted):
    got = planted.topics.weights(planted.vectors[:3], np.array([False, True, False]))
    assert not got[1].any()
    np.testing.assert_allclose(got[[0, 2]].sum(axis=1), 1.0, atol=1e-6)


def test_weights_do_not_depend_on_batch_mates(planted, wordless):
    whole = planted.topics.weights(planted.vectors, wordless)
    for rows in ([5], [7, 5, 900 - 1]):
        alone = planted.topics.weights(planted.vectors[rows], wordless[rows])
        np.testing.assert_allclose(alone, whole[rows], rtol=1e-4, atol=1e-5)


def test_word_distributions_are_the_equation(planted):
    topics = planted.topics
    got = topics.word_distributions()
    density = topics.frequency * np.exp(
        SHARPNESS * topics.centres.astype(float) @ topics.words.astype(float).T
    )
    np.testing.assert_allclose(got, density / density.sum(axis=1, keepdims=True), rtol=1e-5)
    np.testing.assert_allclose(got.sum(axis=1), 1.0, atol=1e-5)


def test_scores_are_cosine_and_frequency(planted):
    topics = planted.topics
    f = topics.frequency
    alpha = min(0.3, 0.03 + 1.7 / planted.space.typical_length)
    expected = topics.centres.astype(float) @ topics.words.astype(float).T
    expected += alpha * (np.log(f) - np.log(f).mean())
    np.testing.assert_allclose(topics.scores(), expected, atol=1e-10)


def test_a_topic_of_two_centres_has_the_sum_of_both(planted, wordless):
    topics = planted.topics
    owner = np.array([0, 1, 2, 3, 4, 0])
    merged = replace(topics, owner=owner, ids=topics.ids[:5], names=topics.names[:5])
    before, after = (t.weights(planted.vectors, wordless) for t in (topics, merged))
    np.testing.assert_allclose(after[:, 0], before[:, 0] + before[:, 5], atol=1e-6)
    np.testing.assert_allclose(after[:, 1:], before[:, 1:5], atol=1e-6)
    assert merged.topic_sizes[0] == pytest.approx(topics.topic_sizes[[0, 5]].sum())
    both = {word for place in (0, 5) for word, _ in topics.top_words(12)[place]}
    assert {word for word, _ in merged.top_words(24)[0]} == both
    mixed = topics.word_distributions()[[0, 5]]
    sizes = topics.sizes[[0, 5]] / topics.sizes[[0, 5]].sum()
    np.testing.assert_allclose(merged.word_distributions()[0], sizes @ mixed, rtol=1e-4)


def test_the_digest_is_of_what_makes_the_weights(planted):
    topics = planted.topics
    assert topics.digest() == replace(topics, names=("a",) * 6).digest()
    assert topics.digest() != replace(topics, centres=topics.centres[::-1].copy()).digest()


def test_an_unknown_topic_is_one_line(planted):
    with pytest.raises(InputError, match="there is no topic 9; the topics are 0 to 5"):
        planted.topics.place(9)
