"""The vocabulary: limits, order, ties, and its messages."""

from __future__ import annotations

from collections import Counter, OrderedDict
from types import MappingProxyType

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from tenor.errors import InputError, SourceError, UnknownWordError, VocabularyError
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule, WordStatistics


def statistics(table: dict[str, tuple[int, int]], n_documents: int) -> WordStatistics:
    """From word: (document frequency, word frequency)."""
    frequencies = np.array(list(table.values()), dtype=np.int64).reshape(-1, 2)
    words = pa.array(list(table), pa.string())
    return WordStatistics(words, frequencies[:, 0], frequencies[:, 1], n_documents)


SOME = {
    "zebra": (1, 9),
    "the": (10, 30),
    "cat": (5, 7),
    "dog": (5, 7),
    "ant": (2, 7),
    "bee": (3, 3),
}


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"min_df": 1, "max_df": 1.0}, ("ant", "bee", "cat", "dog", "the", "zebra")),
        ({"min_df": 3, "max_df": 1.0}, ("bee", "cat", "dog", "the")),
        ({"min_df": 0.3, "max_df": 1.0}, ("bee", "cat", "dog", "the")),
        ({"min_df": 1, "max_df": 0.5}, ("ant", "bee", "cat", "dog", "zebra")),
        ({"min_df": 1, "max_df": 4}, ("ant", "bee", "zebra")),
        ({"min_df": 1, "max_df": 1}, ("zebra",)),
        ({"min_df": 1, "max_df": 0.5, "max_words": 3}, ("ant", "cat", "zebra")),
        ({"min_df": 1, "max_df": 1.0, "max_words": 1}, ("the",)),
        ({"min_df": 1, "max_df": 1.0, "max_words": None}, tuple(sorted(SOME))),
        ({"words": ("dog", "unseen", "ant")}, ("dog", "unseen", "ant")),
    ],
)
def test_limits(limits: dict, words: tuple[str, ...]) -> None:
    assert VocabularyRule(**limits).vocabulary_of([statistics(SOME, 10)]).words == words


def test_fractions_are_not_off_by_a_hair() -> None:
    counted = statistics({"three": (3, 3), "two": (2, 2)}, 30)
    assert VocabularyRule(min_df=0.1, max_df=1.0).vocabulary_of([counted]).words == ("three",)
    counted = statistics({"x": (29, 29), "y": (30, 30)}, 100)
    assert VocabularyRule(min_df=1, max_df=0.29).vocabulary_of([counted]).words == ("x",)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (
            {"min_df": 6, "max_df": 0.5},
            "min_df=6 removed 5 of 6 words in 10 documents, max_df=0.5 the other 1; "
            "lower min_df or raise max_df",
        ),
        (
            {"min_df": 11, "max_df": 1.0},
            "min_df=11 removed all 6 words in 10 documents; lower min_df",
        ),
        (
            {"min_df": 1, "max_df": 0.0},
            "max_df=0.0 removed all 6 words in 10 documents; raise max_df",
        ),
    ],
)
def test_pruned_to_nothing_says_which_limit(limits: dict, message: str) -> None:
    with pytest.raises(VocabularyError) as caught:
        VocabularyRule(**limits).vocabulary_of([statistics(SOME, 10)])
    assert str(caught.value) == f"no word is left: {message}"


def test_no_words_at_all() -> None:
    with pytest.raises(VocabularyError, match="there are no words in 3 documents"):
        VocabularyRule().vocabulary_of([statistics({}, 3)])


@pytest.mark.parametrize(
    "limits",
    [
        {"min_df": 0},
        {"min_df": -1},
        {"min_df": 1.5},
        {"min_df": True},
        {"min_df": "5"},
        {"max_df": float("nan")},
        {"max_df": None},
        {"max_words": 0},
        {"max_words": 2.0},
        {"words": ("a", "a")},
        {"words": ()},
    ],
)
def test_bad_limits_give_one_line(limits: dict) -> None:
    (name,) = limits
    with pytest.raises(InputError, match="vocabulary" if name == "words" else name) as caught:
        VocabularyRule(**limits)
    assert "\n" not in str(caught.value)


def test_numpy_numbers_are_numbers() -> None:
    rule = VocabularyRule(min_df=np.int64(2), max_df=np.float64(0.5), max_words=np.int32(7))  # type: ignore[arg-type]
    assert (type(rule.min_df), type(rule.max_df), type(rule.max_words)) == (int, float, int)


def test_unknown_word_offers_near_spellings() -> None:
    vocabulary = Vocabulary(["jesus", "christ", "football", "NASA"])
    assert vocabulary.id_of("christ") == 1
    with pytest.raises(UnknownWordError) as caught:
        vocabulary.id_of("footbal")
    assert str(caught.value) == '"footbal" is not in the vocabulary; near it: football'
    with pytest.raises(UnknownWordError, match="near it: jesus"):
        vocabulary.id_of("Jesus")
    with pytest.raises(UnknownWordError, match="near it: NASA"):
        vocabulary.id_of("nasa")
    with pytest.raises(UnknownWordError) as caught:
        vocabulary.id_of("qqqqq")
    assert str(caught.value) == '"qqqqq" is not in the vocabulary'


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "at least one word"),
        ("abc", "vocabulary must be a list of words, a dict .* not 'abc'"),
        (["a", "b", "a"], "positions 0 and 2"),
        (["a", ""], "word 1"),
        (["a", 3], "word 1 of the vocabulary is 3"),
    ],
)
def test_bad_words(words, message: str) -> None:
    with pytest.raises(VocabularyError, match=message):
        Vocabulary(words)


@pytest.mark.parametrize(
    "words",
    [
        ["dog", "ant"],
        ("dog", "ant"),
        iter(["dog", "ant"]),
        {"ant": 1, "dog": 0},
        {"ant": np.int64(1), "dog": np.int32(0)},
        OrderedDict(ant=1, dog=0),
        MappingProxyType({"ant": 1, "dog": 0}),
        {"dog": 5, "ant": 7}.keys(),
        {1: "dog", 2: "ant"}.values(),
        np.array(["dog", "ant"]),
        pa.array(["dog", "ant"]),
        pa.chunked_array([["dog"], ["ant"]]),
        pd.Series(["dog", "ant"]),
        pd.Index(["dog", "ant"]),
    ],
    ids=lambda words: type(words).__name__,
)
def test_words_in_what_has_an_order(words) -> None:
    vocabulary = Vocabulary(words)
    assert vocabulary.words == ("dog", "ant") and vocabulary.index == {"dog": 0, "ant": 1}
    assert {type(word) for word in vocabulary} == {str}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"a", "b"}, r"vocabulary is a set, which has another order in every run.*sorted\(words"),
        (frozenset("ab"), "vocabulary is a frozenset, which has another order"),
        (Counter("aab"), "vocabulary is a Counter, which says how often"),
        ({"a": 0, "b": 2}, "a whole number from 0 to 1; 'b' has 2"),
        ({"a": 0, "b": -1}, "'b' has -1"),
        ({"a": 0, "b": 0}, "'b' has 0, as another has"),
        ({"a": 0, "b": 1.0}, "'b' has 1.0"),
        ({"a": 0, "b": True}, "'b' has True"),
        ({"a": "b"}, "vocabulary as a dict of 1 word must give .* 'a' has 'b'"),
        ({}, "at least one word"),
        ({2: 0}, "word 0 of the vocabulary is 2, not a word"),
        ({"a": 0}.items(), "word 0 of the vocabulary is a tuple of 2 items"),
        (5, "vocabulary must be a list of words, .* not 5"),
        (b"ab", "not bytes of 2 items"),
        (pd.DataFrame({"word": ["a"]}), "not a DataFrame"),
        (np.array([["a"]]), "not an array"),
        (["a", None], "word 1 of the vocabulary is None"),
        (["a", ["a long list of words", "of somebody"]], "word 1 .* is a list of 2 items"),
        (["a" * 99, 1], "word 1 of the vocabulary is 1"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_words_in_no_order_or_none(words, message: str) -> None:
    with pytest.raises(VocabularyError, match=message) as caught:
        Vocabulary.of(words)
    assert "\n" not in str(caught.value)


def test_a_text_is_not_taken_for_a_path() -> None:
    for text in ("a red\nand a green word", "red " * 2000):
        with pytest.raises(
            VocabularyError, match=r"vocabulary must be .* the path of a file"
        ) as caught:
            Vocabulary.of(text)
        assert "red red" not in str(caught.value)


def test_from_file(tmp_path) -> None:
    file = tmp_path / "vocab.txt"
    file.write_bytes("\ufeffwho\r\nétat\r\nzoo".encode())
    assert Vocabulary.from_file(file).words == ("who", "état", "zoo")
    file.write_text("who\nwhat\nwho\n")
    with pytest.raises(VocabularyError, match='line 3: "who" was already on line 1'):
        Vocabulary.from_file(file)
    file.write_text("who\n\nwhat\n")
    with pytest.raises(VocabularyError, match="line 2: no word"):
        Vocabulary.from_file(file)
    file.write_text("")
    with pytest.raises(VocabularyError, match="holds no words"):
        Vocabulary.from_file(file)
    with pytest.raises(SourceError, match=r"cannot read .*nowhere: No such file"):
        Vocabulary.from_file(tmp_path / "nowhere")


def test_fingerprint_tells_words_and_order() -> None:
    prints = {
        Vocabulary(w).fingerprint() for w in (["a", "b"], ["b", "a"], ["ab"], ["a", "b", "c"])
    }
    assert len(prints) == 4
    assert Vocabulary(["a", "b"]).fingerprint() == Vocabulary(("a", "b")).fingerprint()


def test_a_word_is_found_as_the_tokenizer_writes_it() -> None:
    decomposed = "cafe\u0301"
    vocabulary = Vocabulary(["café", "office", "Don"])
    for written in (decomposed, "Café", "CAFÉ", " café"):
        assert vocabulary.id_of(written, Tokenizer()) == 0
    assert vocabulary.id_of("of\ufb01ce", Tokenizer()) == 1
    assert vocabulary.id_of("Don", Tokenizer()) == 2  # as it is, first
    for tokenizer in (None, Tokenizer(function=str.split)):
        with pytest.raises(UnknownWordError, match=r"near it: café$"):
            vocabulary.id_of(decomposed, tokenizer)
    with pytest.raises(UnknownWordError, match='"office café" is not in the vocabulary'):
        vocabulary.id_of("office café", Tokenizer())


def test_a_file_of_words_that_is_no_utf_8_offers_no_option_of_documents(tmp_path):
    path = tmp_path / "words.txt"
    path.write_bytes(b"caf\xe9\n")
    for read in (Vocabulary.from_file, lambda path: Tokenizer(stop_words=str(path))):
        with pytest.raises(SourceError, match=r"is not UTF-8: byte 0xe9 at offset 3; convert it$"):
            read(path)
