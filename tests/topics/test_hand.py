"""Seed words and words kept out, when topics are found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.topics.finding import HELD, Hand, _held_weights, find
from tenor.topics.space import shared_space


def named(topics, name):
    return topics.names.index(name)


def shown(planted, topics, place, n=10):
    return [planted.vocabulary[word] for word, _ in topics.top_words(n)[place]]


def test_held_words_stay_with_their_topic_and_come_first(planted):
    ids = planted.ids("space0", "car9")  # of two themes
    topics = find(planted.space, 6, Hand({"mine": ids}))
    place = named(topics, "mine")
    assert set(shown(planted, topics, place)[:2]) == {"space0", "car9"}
    assert set(np.flatnonzero(topics.held == place)) == set(ids)
    owners = np.argmax(topics.scores(), axis=0)
    assert set(owners[ids]) == {place}
    assert (np.delete(topics.scores()[:, ids], place, axis=0) == -np.inf).all()


def test_held_words_are_first_though_others_are_far_more_frequent(planted):
    topics = find(planted.space, 6, Hand({"mine": planted.ids("the3")}))
    rare = topics.rarity.copy()
    rare[planted.ids("the3")] = -9.0  # texts of one word: α log f outweighs every cosine
    topics = replace(topics, rarity=rare)
    assert shown(planted, topics, named(topics, "mine"))[0] == "the3"


def test_words_that_only_start_a_topic_may_leave_it(planted):
    hand = Hand({"mine": planted.ids("space0", "car9")}, hold=False)
    topics = find(planted.space, 6, hand)
    assert (topics.held == -1).all()
    owners = np.argmax(topics.scores(), axis=0)
    assert len(set(owners[planted.ids("space0", "car9")])) == 2


def test_seeds_make_the_topic_that_is_asked_for(planted):
    for theme in ("space", "faith", "health"):
        topics = find(planted.space, 3, Hand({theme: planted.ids(f"{theme}2")}))
        words = shown(planted, topics, named(topics, theme))
        assert sum(word.startswith(theme) for word in words) >= 6


def test_held_words_weigh_half_of_a_mean_topic_at_least():
    weights, pinned = np.array([0.5, 0.3, 0.15, 0.05, 0.0]), np.array([-1, 0, 1, 1, 2])
    raised = _held_weights(weights, pinned, 4)
    np.testing.assert_allclose(raised[:2], weights[:2])
    assert raised[2:4].sum() == pytest.approx(max(0.2, HELD / 4))
    assert raised[4] == pytest.approx(HELD / 4)
    np.testing.assert_allclose(_held_weights(weights, np.full(5, -1), 4), weights)
    few = _held_weights(weights, np.array([-1, -1, -1, 0, -1]), 2)
    assert few[3] == pytest.approx(HELD / 2)


def test_a_rare_seed_is_not_carried_off(planted):
    """Without a weight of its own a topic that begins with one light word drifts."""
    space = planted.space
    (word,) = planted.ids("faith3")
    weights = space.weights.copy()
    weights[word] *= 1e-4
    topics = find(replace(space, weights=weights), 3, Hand({"faith": [word]}))
    words = shown(planted, topics, named(topics, "faith"))
    assert sum(own.startswith("faith") for own in words) >= 6


@pytest.mark.parametrize("hold", [True, False])
def test_words_kept_out_are_never_shown(planted, hold):
    out = planted.ids("space0", "space1", "the0")
    hand = Hand({"space": planted.ids("space0", "space2")}, hold, out)
    topics = find(planted.space, 6, hand)
    assert not set(out) & {word for own in topics.top_words(100) for word, _ in own}
    assert shown(planted, topics, named(topics, "space"))[0].startswith("space")
    only = find(planted.space, 6, Hand({"space": planted.ids("space0")}, hold, out))
    assert not set(out) & {word for own in only.top_words(100) for word, _ in own}


def test_everything_kept_out(planted):
    with pytest.raises(InputError, match="no word is left"):
        find(planted.space, 3, Hand(excluded=range(len(planted.vocabulary))))


def without(planted, word):
    """The space of the documents without a word."""
    (gone,) = planted.ids(word)
    bag = planted.bag
    keep = bag.words != gone
    offsets = np.concatenate([[0], np.cumsum(keep)])[bag.offsets]
    left = type(bag)(offsets, bag.words[keep], bag.counts[keep], bag.n_words)
    return shared_space(planted.word_vectors, planted.vectors, left)


def test_a_seed_word_in_no_document(planted):
    space = without(planted, "space0")
    topics = find(space, 6, Hand({"mine": planted.ids("space0", "space1")}))
    words = shown(planted, topics, named(topics, "mine"))
    assert words[0] == "space1" and "space0" not in words
    with pytest.raises(InputError, match="no seed word of the topic 'mine' is in any document"):
        find(space, 6, Hand({"mine": planted.ids("space0")}))
    with pytest.raises(InputError, match="no seed word of the topic 'mine'"):
        find(space, 6, Hand({"mine": []}))


@pytest.mark.parametrize(
    ("hand", "says"),
    [
        (Hand({"a": [0], "b": [1], "c": [2]}), "3 seeded topics do not fit into 2"),
        (Hand({"a": [0, 1], "b": [1]}), "word 1 is a seed of 'a' and of 'b'"),
        (Hand({"a": [0], " a ": [1]}), "two seeded topics have the name 'a'"),
        (Hand({"a": [-1]}), "seed words of 'a' must be ids from 0 to 83, not -1"),
        (Hand({"a": [84]}), "not 84"),
        (Hand(excluded=[84]), "words to keep out must be ids"),
        (Hand({" ": [0]}), "must not be empty"),
    ],
)
def test_what_cannot_be_asked_for_is_said(planted, hand, says):
    with pytest.raises(InputError, match=says):
        find(planted.space, 2, hand)


def test_as_many_seeds_as_topics(planted):
    seeds = {theme: planted.ids(f"{theme}0") for theme in ("space", "car", "chip")}
    topics = find(planted.space, 3, Hand(seeds))
    assert set(topics.names) == {"space", "car", "chip"}
    for (
        name,
        ids,
    ) in seeds.items():  # names and held words moved together when the largest came first
        assert set(np.flatnonzero(topics.held == named(topics, name))) == set(ids)
        assert shown(planted, topics, named(topics, name))[0] == f"{name}0"


def test_no_hand_is_an_empty_hand(planted):
    plain, empty = planted.topics, find(planted.space, 6, Hand())
    np.testing.assert_array_equal(plain.centres, empty.centres)
