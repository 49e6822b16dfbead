"""Topics matched to earlier ones by the words they show."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest

from tenor.errors import InputError
from tenor.topics.naming import carry_ids, match, shown_words


def test_pairs_share_as_many_words_as_can_be_in_all():
    rng = np.random.default_rng(3)
    for _ in range(20):
        old, new = ([list(map(str, rng.permutation(14)[:6])) for _ in range(4)] for _ in range(2))
        found = match(old, new, least=1)
        shared = sum(len(set(old[o]) & set(new[n])) for o, n in enumerate(found) if n is not None)
        best = max(
            sum(len(set(old[o]) & set(new[n])) for o, n in enumerate(order))
            for order in permutations(range(4))
        )
        assert shared == best and len(set(found)) == 4


def test_too_few_shared_words_are_no_match():
    old, new = [list("abcdefghij")], [list("abcdefghij")]
    assert match(old, [list("abcdqrstuv")]) == [0]
    assert match(old, [list("abcpqrstuv")]) == [None]
    assert match(old, [list("abcpqrstuv")], least=3) == [0]
    assert match([list("ab")], [list("abcpqrstuv")]) == [0]  # all that it shows
    assert match([[]], new) == [None] and match([], new) == [] and match(old, []) == [None]
    with pytest.raises(InputError, match="least"):
        match(old, new, least=0)


def test_more_topics_than_before_and_fewer():
    a, b, c = list("abcdef"), list("ghijkl"), list("mnopqr")
    assert match([a, b], [c, b, a]) == [2, 1]
    assert match([a, b, c], [c]) == [None, None, 0]


def test_of_equals_the_pair_with_the_better_words_matches():
    assert match([list("abcdefgh")], [list("efghwxyz"), list("abcdwxyz")]) == [1]


def test_ids_and_names_stay_where_the_topic_did(planted, planted_again):
    old = replace(planted.topics, ids=(7, 3, 0, 9, 4, 5), names=("a", None, "c", None, None, "f"))
    other = {w: f"x{w}" for w in planted.vocabulary if w.startswith("chip")}
    vocabulary = [other.get(word, word) for word in planted_again.vocabulary]
    new = carry_ids(old, planted_again.topics, planted.vocabulary, vocabulary, highest=20)

    def by_theme(topics, words):
        shown = shown_words(topics, words)
        return {own[0].rstrip("0123456789"): place for place, own in enumerate(shown)}

    was, now = by_theme(old, planted.vocabulary), by_theme(new, vocabulary)
    for theme in ("space", "faith", "sport", "car", "health"):
        assert new.ids[now[theme]] == old.ids[was[theme]]
        assert new.names[now[theme]] == old.names[was[theme]]
    assert new.ids[now["xchip"]] == 21 and new.names[now["xchip"]] is None
    np.testing.assert_array_equal(new.centres, planted_again.topics.centres)
    assert max(carry_ids(old, planted_again.topics, planted.vocabulary, vocabulary).ids) == 10


def test_a_new_name_wins_and_stays_one_topic_s(planted):
    old = replace(planted.topics, names=("a", "b", *[None] * 4))
    new = replace(planted.topics, names=("b", None, "c", *[None] * 3))
    carried = carry_ids(old, new, planted.vocabulary, planted.vocabulary)
    assert carried.names == ("b", None, "c", None, None, None)
