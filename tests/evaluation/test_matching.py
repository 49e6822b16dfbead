from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.evaluation.coherence import matched_words


def best_of_all(one, other):
    """The most words that any pairing shares, by trying them all."""
    pairings = permutations(range(len(other)), len(one))
    return max(
        sum(len(set(a) & set(other[b])) for a, b in zip(one, pairing, strict=True))
        for pairing in pairings
    )


def test_equals_the_best_of_all_pairings():
    random = np.random.default_rng(0)
    for _ in range(20):
        one, other = ([random.choice(12, 4, replace=False) for _ in range(n)] for n in (4, 5))
        found = matched_words(one, other)
        assert sum(found.per_topic) == best_of_all(one, other)
        assert found.mean == sum(found.per_topic) / 4
        for topic, partner, shared in zip(one, found.partner, found.per_topic, strict=True):
            assert shared == len(set(topic) & set(other[partner]))
        assert len(set(found.partner)) == 4


def test_greedy_pairs_would_lose():
    one = [[1, 2, 3, 4, 5], [1, 2, 8]]
    other = [[1, 2, 3, 7], [4, 5, 6]]
    found = matched_words(one, other)
    assert (found.per_topic, found.partner, found.mean) == ((2, 2), (1, 0), 2.0)


def test_the_order_of_topics_and_words_changes_nothing():
    topics = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    turned = [[9, 8, 7], [3, 1, 2], [6, 4, 5]]
    assert matched_words(topics, turned).per_topic == (3, 3, 3)
    assert matched_words(topics, turned, top=1).mean == 0


def test_topics_without_a_counterpart_share_nothing():
    found = matched_words([[1, 2], [3, 4]], [[3, 4]])
    assert (found.per_topic, found.partner) == ((0, 2), (-1, 0))
    assert matched_words([[3, 4]], [[1, 2], [3, 4]]).partner == (1,)


@pytest.mark.parametrize(("one", "other"), [([], [[1]]), ([[1]], []), ([[1]], [[2, 2]])])
def test_bad_topics_get_one_line(one, other):
    with pytest.raises(InputError, match=r"no topics|twice"):
        matched_words(one, other)
