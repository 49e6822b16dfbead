"""Names of topics: distinct, a person's first, a namer's cleaned."""

from __future__ import annotations

import pytest

from tenor.errors import InputError
from tenor.topics.naming import checked_name, name_topics

WORDS = [list("abcd"), list("abce"), list("xyz"), []]


def test_the_three_most_telling_words_name_a_topic():
    assert name_topics(WORDS, ids=[4, 5, 6, 9]) == [
        "a · b · c",
        "a · b · c · e",
        "x · y · z",
        "topic 9",
    ]


def test_a_person_s_name_wins_and_is_nobody_else_s():
    named = name_topics(WORDS, [None, "a · b · c", None, "mine"])
    assert named == ["a · b · c · d", "a · b · c", "x · y · z", "mine"]


def test_a_namer_is_asked_for_the_others():
    asked = []

    def namer(words, documents):
        asked.append((words, documents))
        return "  Letters,\n\tthe\x00first \n"

    named = name_topics(WORDS[:2], [None, "mine"], [["one", "two"], ["three"]], namer)
    assert named == ["Letters, the first", "mine"]
    assert asked == [(list("abcd"), ["one", "two"])]


def test_equal_answers_are_told_apart():
    named = name_topics(WORDS, ["same", None, None, None], namer=lambda words, documents: "same")
    assert named == ["same", "same · a", "same · x", "same · 3"]
    named = name_topics(WORDS[:2], namer=lambda words, documents: "same")
    assert named == ["same", "same · a"]


@pytest.mark.parametrize(
    ("answer", "says"), [("", "empty"), (" \n", "empty"), (None, "NoneType"), (3, "int")]
)
def test_an_answer_that_is_no_name_is_refused(answer, says):
    with pytest.raises(InputError, match=says) as refused:
        name_topics(WORDS[:1], namer=lambda words, documents: answer, ids=[7])
    assert "topic 7 (a b c …)" in str(refused.value) and "\n" not in str(refused.value)


def test_lists_must_be_as_long_as_the_topics():
    with pytest.raises(InputError, match="given"):
        name_topics(WORDS, [None])
    with pytest.raises(InputError, match="documents"):
        name_topics(WORDS, documents=[[]])


def test_a_name_is_stripped():
    assert checked_name("  ∂ space · 2 ") == "∂ space · 2"
