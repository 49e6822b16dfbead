"""Topics found in planted spaces: whatever the order, few or many, and without any chance."""

from __future__ import annotations

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.topics.finding import carried, find
from tenor.topics.space import shared_space


def shown(topics, n=10):
    return [[word for word, _ in words] for words in topics.top_words(n)]


def test_the_planted_themes_come_out(planted):
    topics = planted.topics
    themes = [
        {planted.vocabulary[w].rstrip("0123456789") for w in words} for words in shown(topics)
    ]
    assert all(len(theme) == 1 for theme in themes)
    assert len(set.union(*themes)) == 6 and "the" not in set.union(*themes)
    weights = topics.weights(planted.vectors, planted.bag.distinct == 0)
    strongest = weights.argmax(axis=1)
    of_theme = [np.bincount(strongest[planted.theme == t], minlength=6).max() for t in range(6)]
    assert sum(of_theme) > 0.98 * len(planted.theme)


def test_the_order_of_documents_and_words_changes_nothing(planted):
    rng = np.random.default_rng(0)
    rows = rng.permutation(len(planted.vectors))
    words = rng.permutation(len(planted.vocabulary))
    place = np.argsort(words)
    bag = planted.bag.take(rows)
    order = np.lexsort((place[bag.words], np.repeat(np.arange(len(bag)), bag.distinct)))
    moved = type(bag)(bag.offsets, place[bag.words][order], bag.counts[order], bag.n_words)
    space = shared_space(planted.word_vectors[words], planted.vectors[rows], moved)
    again = find(space, 6)
    assert [[int(words[w]) for w in own] for own in shown(again)] == shown(planted.topics)
    got = again.weights(planted.vectors, planted.bag.distinct == 0)
    expected = planted.topics.weights(planted.vectors, planted.bag.distinct == 0)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_the_same_twice(planted):
    again = find(planted.space, 6)
    np.testing.assert_array_equal(again.centres, planted.topics.centres)


def test_no_word_is_in_two_topics_and_the_largest_comes_first(planted):
    words = [word for own in shown(planted.topics, 30) for word in own]
    assert len(words) == len(set(words))
    assert (np.diff(planted.topics.topic_sizes) <= 1e-12).all()
    assert planted.topics.topic_sizes.sum() == pytest.approx(1.0)


@pytest.mark.parametrize("n", [1, 2, 20, 84])
def test_any_number_can_be_asked_for(planted, n):
    topics = find(planted.space, n)
    assert len(topics) == n
    assert np.isfinite(topics.centres).all()
    rows = topics.weights(planted.vectors, planted.bag.distinct == 0).sum(axis=1)
    np.testing.assert_allclose(rows, 1.0, atol=1e-5)


def test_more_than_words_are_as_many_as_words(planted):
    assert len(find(planted.space, 1000)) <= len(planted.vocabulary)


def test_a_corpus_carries_as_many_as_it_has_room_for(planted):
    assert carried(planted.space, 50) == len(planted.vocabulary) // 8
    assert carried(planted.space, 3) == 3


def test_one_document_has_one_topic(as_bag):
    bag = as_bag([[2, 1, 0]])
    space = shared_space(np.eye(3), np.ones((1, 3)), bag)
    assert carried(space, 50) == 1
    topics = find(space, 1)
    assert sorted(shown(topics)[0]) == [0, 1]
    assert topics.weights(np.ones((1, 3)), np.array([False])).tolist() == [[1.0]]


def test_a_bad_number_is_one_line(planted):
    for n in (0, -1, 2.5, True):
        with pytest.raises(InputError, match="n_topics"):
            find(planted.space, n)
