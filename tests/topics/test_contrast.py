"""Two sets of documents told apart: planted words and topics, and a plain reference of z."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.explore.clusters import name_clusters
from tenor.explore.telling import log_odds, telling_words
from tenor.topics.contrast import compare

WORDS = ["the", "god", "faith", "engine", "wheel", "rare"]


def bag(rows):
    offsets = np.cumsum([0, *(len(row) for row in rows)])
    words = np.array([word for row in rows for word in sorted(row)], dtype=np.int32)
    counts = np.array([row[word] for row in rows for word in sorted(row)], dtype=np.int32)
    return BagOfWords(offsets, words, counts, len(WORDS))


def documents():
    """20 on religion, 20 on cars, 20 with "the" alone, one without words."""
    religion = [{0: 2, 1: 1, 2: 1}] * 10 + [{0: 1, 1: 1}] * 10
    cars = [{0: 1, 3: 1, 4: 1}] * 10 + [{0: 3, 3: 1}] * 9 + [{0: 1, 5: 900}]
    return bag([*religion, *cars, *[{0: 1}] * 20, {}])


def weights():
    rng = np.random.default_rng(0)
    rows = rng.dirichlet([1, 1, 1], size=61)
    rows[:20] = rng.dirichlet([6, 1, 1], size=20)
    rows[60] = 0
    return rows.astype(np.float32)


RELIGION, CARS = np.arange(20), np.arange(20, 40)


def test_log_odds_against_the_formula():
    inside, outside = np.array([5.0, 0, 40, 0]), np.array([1.0, 9, 60, 0])
    z = log_odds(inside, outside)
    n, m = inside.sum(), outside.sum()
    for word in range(3):
        prior, total = 0.05 * (inside[word] + outside[word]), 0.05 * (n + m)
        one, other = inside[word] + prior, outside[word] + prior
        apart = np.log(one / (n + total - one)) - np.log(other / (m + total - other))
        assert z[word] == pytest.approx(apart / np.sqrt(1 / one + 1 / other), rel=1e-12)
    assert z[3] == 0  # in no document: nothing to say
    assert [place for place, _ in telling_words(inside, outside, 5)] == [0, 2] and z[2] > 0
    np.testing.assert_allclose(log_odds(outside, inside), -z)


def test_words_speak_for_their_set_and_shares_are_of_documents():
    found = compare(RELIGION, CARS, documents(), WORDS)
    assert [word.word for word in found.one_words][:2] == ["god", "faith"]
    assert [word.word for word in found.other_words][:2] == ["engine", "wheel"]
    assert (found.one_words[0].inside, found.one_words[0].outside) == (1.0, 0.0)
    assert (found.one_words[1].inside, found.other_words[0].inside) == (0.5, 0.95)
    assert found.documents == (20, 20) and found.wordless == (0, 0) and found.topics == ()


def test_the_words_against_the_rest_are_those_of_a_cluster():
    labels = np.repeat([0, 1], [20, 41])
    (cluster, _) = name_clusters(labels, documents(), WORDS)
    found = compare(RELIGION, None, documents(), WORDS)
    assert tuple((word.word, word.z) for word in found.one_words) == cluster.words
    assert found.documents == (20, 41) and found.wordless == (0, 1)


def test_topics_that_differ_come_first_with_an_interval_of_the_difference():
    found = compare(RELIGION, CARS, documents(), WORDS, weights())
    dense = weights().astype(np.float64)
    assert found.topics[0].topic == 0 and found.topics[0].real
    for topic in found.topics:
        expected = dense[:20, topic.topic].mean(), dense[20:40, topic.topic].mean()
        assert (topic.one, topic.other) == pytest.approx(expected)
        assert topic.difference == pytest.approx(expected[0] - expected[1])
        assert topic.low < topic.difference < topic.high
    assert found.topics[0].low < 0.75 - 1 / 3 < found.topics[0].high
    json.dumps(found.to_json(), allow_nan=False)


def test_topics_keep_their_numbers_and_show_their_names():
    found = compare(RELIGION, CARS, documents(), WORDS, weights(), ids=[7, 0, 3])
    assert found.topics[0].topic == 7 and {topic.topic for topic in found.topics} == {7, 0, 3}
    told = found.to_json({0: "cars", 3: "rest", 7: "religion"})["topics"]
    assert (told[0]["topic"], told[0]["name"]) == (7, "religion")
    assert "name" not in found.to_json()["topics"][0]
    with pytest.raises(InputError, match="topic 7 has none"):
        found.to_json({0: "cars", 3: "rest"})
    with pytest.raises(InputError, match="one number for each of 3 topics, not 2"):
        compare(RELIGION, CARS, documents(), WORDS, weights(), ids=[1, 2])


def test_order_and_direction_change_nothing():
    found = compare(RELIGION, CARS, documents(), WORDS, weights())
    assert compare(RELIGION[::-1], CARS[::-1], documents(), WORDS, weights()) == found
    turned = compare(CARS, RELIGION, documents(), WORDS, weights())
    assert turned.one_words == found.other_words
    for one, other in zip(found.topics, turned.topics, strict=True):
        assert one.topic == other.topic and one.difference == -other.difference
        assert one.p == pytest.approx(other.p, rel=1e-9)


def test_two_parts_of_one_kind_do_not_differ():
    rng = np.random.default_rng(1)
    rows = rng.dirichlet(np.full(20, 0.2), size=60)
    rows = np.concatenate([rows, np.zeros((1, 20))])
    found = compare(np.arange(0, 60, 2), np.arange(1, 60, 2), documents(), WORDS, rows)
    assert not any(topic.real for topic in found.topics)


def test_one_document_has_shares_and_no_test():
    found = compare([0], None, documents(), WORDS, weights())
    assert found.topics[0].low is None and found.topics[0].p is None and not found.topics[0].real


def test_sets_that_are_no_sets_are_refused():
    for one, other, said in (
        ([1, 2, 3], [3, 4], r"must not overlap; row 3 is in both"),
        ([], [3], "the first set is empty"),
        ([3], [], "the second set is empty"),
        (np.arange(61), None, "holds every document"),
        ([1, 1], [3], "holds a row twice"),
        ([1], [61], "asks for row 61: there are rows 0 to 60"),
        ([-1], [3], "asks for row -1"),
        ([0.5], [3], "row numbers"),
        ([60], [3], "no document of the first set has words"),
    ):
        with pytest.raises(InputError, match=said):
            compare(one, other, documents(), WORDS, weights())
    with pytest.raises(InputError, match="weights must have one entry for each of 61 rows"):
        compare([0], [1], documents(), WORDS, weights()[1:])
    with pytest.raises(InputError, match="words must have one entry"):
        compare([0], [1], documents(), WORDS[1:])
