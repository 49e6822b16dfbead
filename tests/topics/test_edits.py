"""A person's edits: what they do to topics, that they can be taken back, and outlive a refit."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import numpy as np
import pytest

from tenor.errors import InputError, TenorError, UnknownWordError
from tenor.text.vocabulary import Vocabulary
from tenor.topics import edits as hand
from tenor.topics.edit import Drop, Named, Split
from tenor.topics.edits import Edits
from tenor.topics.finding import Hand, find
from tenor.topics.space import directions_from
from tenor.topics.topics import measured


def themes(edited):
    """For each topic its number and the theme of its best word."""
    return {
        topic: words[0].rstrip("0123456789")
        for topic, words in zip(edited.topics.ids, edited.shown, strict=True)
    }


def number_of(edited, theme):
    return next(topic for topic, own in themes(edited).items() if own == theme)


def same(one, other):
    return all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name))
        for field in fields(one)
    )


@pytest.fixture
def found(planted):
    return Edits().apply(planted.topics, planted.vocabulary)


def after(edits, planted):
    return edits.apply(planted.topics, planted.vocabulary)


def keep_out(now, words):
    return hand.keep_out(now, words, Vocabulary(now.vocabulary).id_of)


def many_edits(planted):
    """One of each, each made on what the ones before it left."""
    edits = Edits()
    for make in (
        lambda now: hand.rename(now, number_of(now, "space"), " outer space "),
        lambda now: hand.merge(now, [number_of(now, "car"), number_of(now, "chip")]),
        lambda now: hand.split(now, number_of(now, "faith")),
        lambda now: hand.drop(now, number_of(now, "sport")),
        lambda now: keep_out(now, ["health0", "health1"]),
        lambda now: hand.rename(now, now.topics.ids[-1], "last"),
    ):
        edits = edits.adding(make(after(edits, planted)))
    return edits


def test_a_name_changes_nothing_else(planted, found):
    edited = after(Edits().adding(hand.rename(found, 2, "  cars ")), planted)
    assert edited.topics.names[2] == "cars" and not edited.lost
    assert same(replace(edited.topics, names=planted.topics.names), planted.topics)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("", "empty"),
        ("  ", "empty"),
        ("a\nb", "one line"),
        ("a\x1b[0m", "printable"),
        (3, "string"),
    ],
)
def test_a_bad_name_is_refused(found, name, says):
    with pytest.raises(InputError, match=says):
        hand.rename(found, 0, name)


def test_two_topics_do_not_get_one_name(planted, found):
    edits = Edits().adding(hand.rename(found, 0, "one"))
    with pytest.raises(InputError, match="topic 0 has the name 'one' already"):
        hand.rename(after(edits, planted), 1, "one")
    again = edits.adding(hand.rename(after(edits, planted), 0, "one"))  # its own
    assert after(again, planted).topics.names[0] == "one"


def test_a_merged_topic_has_the_sum_of_its_parts(planted, found):
    edits = Edits().adding(hand.rename(found, 4, "second"))
    edits = edits.adding(hand.merge(after(edits, planted), [3, 1, 4]))
    edited = after(edits, planted)
    assert edited.topics.ids == (0, 2, 3, 5)
    wordless = np.zeros(len(planted.vectors), dtype=np.bool_)
    directions = directions_from(planted.topics.mean, planted.vectors, wordless)
    before = planted.topics.weights_of_directions(directions)
    np.testing.assert_array_equal(edited.topics.weights_of_directions(directions), before)
    weights = edited.topics.weights(planted.vectors, wordless)
    whole = planted.topics.weights(planted.vectors, wordless)
    merged = before[:, 1] + before[:, 3] + before[:, 4]
    np.testing.assert_array_equal(weights[:, 2], merged.astype(np.float32))
    np.testing.assert_array_equal(weights[:, [0, 1, 3]], whole[:, [0, 2, 5]])
    np.testing.assert_allclose(
        edited.topics.topic_sizes[2], planted.topics.topic_sizes[[1, 3, 4]].sum(), rtol=1e-12
    )
    assert edited.topics.names == (None, None, "second", None)
    assert [(part.id, part.name) for part in edited.parts[3]] == [
        (3, None),
        (1, None),
        (4, "second"),
    ]
    assert list(edited.parts[3][1].words) == found.shown[1]


def test_parts_of_parts_are_remembered(planted, found):
    edits = Edits().adding(hand.merge(found, [0, 1]))
    edits = edits.adding(hand.merge(after(edits, planted), [2, 0]))
    edited = after(edits, planted)
    assert [part.id for part in edited.parts[2]] == [2, 0, 1] and set(edited.parts) == {2}


@pytest.mark.parametrize("topics", [[], [1], [1, 1], [0, 1, 1]])
def test_merging_takes_two_different_topics(found, topics):
    with pytest.raises(InputError, match="at least two topics"):
        hand.merge(found, topics)


def test_a_split_topic_becomes_its_halves_with_new_numbers(planted, found):
    place = planted.topics.place(number_of(found, "space"))
    edits = Edits().adding(hand.split(found, number_of(found, "space")))
    edited = after(edits, planted)
    assert edited.topics.ids[place : place + 2] == (6, 7)
    assert number_of(found, "space") not in edited.topics.ids
    halves = [
        {
            int(word.removeprefix("space")) < 6
            for word in edited.shown[at]
            if word.startswith("space")
        }
        for at in (place, place + 1)
    ]
    assert sorted(map(sorted, halves)) == [[False], [True]]
    assert edited.topics.topic_sizes.sum() == pytest.approx(1.0)
    assert edited.topics.topic_sizes[place] >= edited.topics.topic_sizes[place + 1]
    others = [other for other in range(len(edited.topics)) if other not in (place, place + 1)]
    assert [edited.topics.ids[other] for other in others] == [
        topic for topic in planted.topics.ids if topic != planted.topics.ids[place]
    ]
    np.testing.assert_array_equal(
        edited.topics.centres[others], np.delete(planted.topics.centres, place, axis=0)
    )


def test_numbers_are_never_used_twice(planted, found):
    edits = Edits().adding(hand.split(found, 0))
    edits = edits.adding(hand.drop(after(edits, planted), 7))
    edits = edits.adding(hand.split(after(edits, planted), 1))
    assert {8, 9} <= set(after(edits, planted).topics.ids) and edits.highest == 9


def test_what_cannot_be_split_says_so(found):
    with pytest.raises(InputError, match="too few words"):
        hand.split(found, 0, 40)
    with pytest.raises(InputError, match="at least 2"):
        hand.split(found, 0, 1)


def test_without_a_topic_the_others_share_its_weight(planted, found):
    edited = after(Edits().adding(hand.drop(found, 2)), planted)
    directions = planted.space.documents
    left = np.delete(planted.topics.weights_of_directions(directions), 2, axis=1)
    np.testing.assert_allclose(
        edited.topics.weights_of_directions(directions),
        left / left.sum(axis=1, keepdims=True),
        rtol=1e-12,
    )
    assert edited.topics.ids == (0, 1, 3, 4, 5)
    assert edited.topics.topic_sizes.sum() == pytest.approx(1.0)
    owners = np.argmax(edited.topics.scores(), axis=0)
    assert np.isfinite(edited.topics.scores()[owners, np.arange(len(owners))]).all()


def test_the_only_topic_stays(planted):
    alone = find(planted.space, 1)
    with pytest.raises(InputError, match="only one"):
        hand.drop(Edits().apply(alone, planted.vocabulary), 0)


def test_sizes_can_be_taken_anew(planted):
    edited = after(many_edits(planted), planted).topics
    anew = measured(edited, planted.space.documents)
    weights = edited.weights_of_directions(planted.space.documents)
    np.testing.assert_allclose(anew.sizes, weights.mean(axis=0), rtol=1e-12)
    assert same(measured(planted.topics, planted.space.documents), planted.topics)
    with pytest.raises(InputError, match="no size"):
        measured(edited, np.zeros((3, planted.vectors.shape[1])))


def test_words_kept_out_are_shown_nowhere(planted, found):
    edits = Edits().adding(keep_out(found, ["space0", "faith1"]))
    shown = after(edits, planted).topics.top_words(100)
    assert not set(planted.ids("space0", "faith1")) & {word for own in shown for word, _ in own}
    assert edits.kept_out == ("space0", "faith1")
    with pytest.raises(UnknownWordError, match="space0"):
        keep_out(found, ["spce0"])
    for words in ("space0", []):
        with pytest.raises(InputError, match="list of words"):
            keep_out(found, words)


def test_a_topic_that_is_not_there(found):
    for make in (
        lambda: hand.rename(found, 9, "x"),
        lambda: hand.merge(found, [0, 9]),
        lambda: hand.split(found, 9),
        lambda: hand.drop(found, 9),
    ):
        with pytest.raises(InputError, match="there is no topic 9"):
            make()


def test_a_topic_without_words_is_still_known_by_its_number(planted, found):
    place = planted.topics.place(number_of(found, "space"))
    words = [planted.vocabulary[word] for word, _ in planted.topics.top_words(100)[place]]
    edits = Edits().adding(keep_out(found, words))
    edits = edits.adding(hand.rename(after(edits, planted), planted.topics.ids[place], "silent"))
    edited = after(edits, planted)
    assert not edited.lost and edited.shown[place] == [] and edited.topics.names[place] == "silent"


def test_undo_gives_back_the_very_topics(planted):
    edits = many_edits(planted)
    seen = [after(Edits(edits.edits[:n]), planted).topics for n in range(len(edits))]
    for before in reversed(seen):
        edits = edits.undo()
        assert same(after(edits, planted).topics, before)
    assert same(seen[0], planted.topics)
    with pytest.raises(InputError, match="no edit of the topics to undo"):
        edits.undo()


def test_held_words_go_with_their_topic(planted):
    seeds = {"a": planted.ids("space0", "space7"), "b": planted.ids("car1")}
    topics = find(planted.space, 6, Hand(seeds))
    found = Edits().apply(topics, planted.vocabulary)
    a, b = (topics.ids[topics.names.index(name)] for name in "ab")
    space, car = planted.ids("space0", "space7"), planted.ids("car1")
    merged = Edits().adding(hand.merge(found, [b, a])).apply(topics, planted.vocabulary).topics
    assert set(merged.held[space + car]) == {merged.place(b)}
    edits = Edits().adding(hand.split(found, a))
    parts = edits.apply(topics, planted.vocabulary).topics
    assert [parts.ids[place] for place in parts.held[space]] in ([6, 7], [7, 6])
    assert parts.ids[parts.held[car][0]] == b
    without = Edits().adding(hand.drop(found, a)).apply(topics, planted.vocabulary).topics
    assert (without.held[space] == -1).all() and without.ids[without.held[car][0]] == b


def test_edits_are_the_same_after_json(planted):
    edits = many_edits(planted)
    again = Edits.from_json(json.loads(json.dumps(edits.to_json())))
    assert again == edits
    assert same(after(again, planted).topics, after(edits, planted).topics)
    assert not after(again, planted).lost


def test_edits_are_applied_to_the_same_content_after_a_refit(planted, planted_again):
    edits = many_edits(planted)
    before, now = after(edits, planted), edits.apply(planted_again.topics, planted_again.vocabulary)
    assert not now.lost
    assert themes(now)[now.topics.ids[now.topics.names.index("outer space")]] == "space"
    merged = {part.words[0].rstrip("0123456789") for part in next(iter(now.parts.values()))}
    assert merged == {"car", "chip"} and "sport" not in themes(now).values()
    for edited in (before, now):
        assert set(themes(edited).values()) - {"car", "chip"} == {"space", "faith", "health"}
        assert len(edited.topics) == 5
    renewed = Edits(now.edits)
    assert renewed.edits != edits.edits
    again = renewed.apply(planted_again.topics, planted_again.vocabulary)
    assert same(again.topics, now.topics) and again.edits == renewed.edits


def test_what_is_not_there_any_more_is_said(planted, found):
    space, car, chip = (number_of(found, theme) for theme in ("space", "car", "chip"))
    edits = Edits().adding(hand.rename(found, space, "outer space"))
    edits = edits.adding(hand.merge(after(edits, planted), [car, space, chip]))
    others = [
        word if not word.startswith("space") else f"other{word}" for word in planted.vocabulary
    ]
    now = edits.apply(planted.topics, others)
    shown = " ".join(found.shown[planted.topics.place(space)][:3])
    gone = f"topic {space} ({shown} …) is not there any more"
    assert now.lost == (
        f"{gone}: its name 'outer space' was not applied",
        f"{gone}: it was not merged",
    )
    assert [part.id for part in now.parts[car]] == [car, chip]
    assert now.edits[0] == edits.edits[0]  # it waits
    for edit in (hand.split(found, space), hand.drop(found, space)):
        edited = Edits().adding(edit).apply(planted.topics, others)
        assert len(edited.lost) == 1 and same(edited.topics, planted.topics)
    pair = Edits().adding(hand.merge(found, [space, car])).apply(planted.topics, others)
    assert len(pair.lost) == 1 and same(pair.topics, planted.topics) and not pair.parts


def test_a_name_that_another_topic_has_meanwhile_is_not_given_twice(planted, found):
    edits = Edits().adding(hand.rename(found, 0, "one"))
    named = replace(planted.topics, names=(None, "one", *[None] * 4))
    now = edits.apply(named, planted.vocabulary)
    assert "topic 1 has the name 'one' already" in now.lost[0]
    assert now.topics.names == named.names


def test_numbers_that_are_taken_meanwhile_are_not_given_twice(planted, found):
    edits = Edits().adding(hand.split(found, 0))
    taken = replace(planted.topics, ids=(0, 1, 2, 3, 4, 7))
    ids = edits.apply(taken, planted.vocabulary).topics.ids
    assert len(set(ids)) == 7 and {8, 9} <= set(ids)


def test_numbers_of_edits_that_wait_are_kept_for_them(planted, found):
    edits = Edits().adding(hand.split(found, number_of(found, "space")))
    others = [f"other{word}" if word.startswith("space") else word for word in planted.vocabulary]
    now = edits.apply(planted.topics, others)
    assert now.lost and hand.split(now, number_of(now, "car")).made == (8, 9)
    later = edits.apply(planted.topics, others, highest=30)
    assert hand.split(later, number_of(later, "car")).made == (31, 32)


NAMED = {"id": 0, "words": ["a"]}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (None, "must be an object"),
        ([], "must be an object"),
        ({"edits": []}, "has no 'version'"),
        ({"version": 1}, "has no 'edits'"),
        ({"version": 2, "edits": []}, "version 2, this tenor reads version 1"),
        ({"version": True, "edits": []}, "version True"),
        ({"version": 1, "edits": {}}, "must hold a list of edits"),
        ({"version": 1, "edits": [], "more": 1}, "unknown 'more'"),
    ],
)
def test_what_is_no_edits_is_refused(value, says):
    with pytest.raises(TenorError, match=says) as refused:
        Edits.from_json(value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        ("rename", "edit 1 must be an object whose kind is one of rename, merge"),
        ({"kind": "explode"}, "whose kind is one of"),
        ({"kind": ["rename"]}, "whose kind is one of"),
        ({"kind": "rename", "topic": NAMED}, "edit 1 has no 'name'"),
        ({"kind": "rename", "topic": NAMED, "name": 3}, "must be a string"),
        ({"kind": "rename", "topic": NAMED, "name": "a\nb"}, "one line"),
        ({"kind": "rename", "topic": 3, "name": "a"}, "edit 1, topic must be an object"),
        ({"kind": "rename", "topic": {"id": -1, "words": []}, "name": "a"}, "whole number"),
        ({"kind": "rename", "topic": {"id": True, "words": []}, "name": "a"}, "whole number"),
        ({"kind": "rename", "topic": {"id": 0, "words": "abc"}, "name": "a"}, "list of words"),
        ({"kind": "rename", "topic": {"id": 0, "words": ["a", 1]}, "name": "a"}, "word 2 must be"),
        ({"kind": "merge", "topics": [NAMED]}, "at least two topics"),
        ({"kind": "merge", "topics": [NAMED, NAMED]}, "at least two topics, each once"),
        ({"kind": "split", "topic": NAMED, "made": [1]}, "at least two numbers"),
        ({"kind": "split", "topic": NAMED, "made": [1, 1]}, "each once"),
        ({"kind": "split", "topic": NAMED, "made": [1, 2.5]}, "whole number"),
        ({"kind": "drop", "topic": NAMED, "made": []}, "unknown 'made'"),
        ({"kind": "keep_out", "words": []}, "names no word"),
        ({"kind": "keep_out", "words": [""]}, "not empty"),
    ],
)
def test_an_edit_that_is_wrong_is_refused_where_it_stands(edit, says):
    with pytest.raises(TenorError, match=says) as refused:
        Edits.from_json({"version": 1, "edits": [edit]})
    assert "\n" not in str(refused.value)


def test_right_edits_are_read():
    edits = Edits.from_json(
        {
            "version": 1,
            "edits": [
                {"kind": "drop", "topic": NAMED},
                {"kind": "split", "topic": NAMED, "made": [5, 4]},
            ],
        }
    )
    assert edits.edits == (Drop(Named(0, ("a",))), Split(Named(0, ("a",)), (5, 4)))
