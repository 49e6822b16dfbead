"""Words of a vocabulary that no text can hold."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tenor
from tenor.errors import TenorWarning
from tenor.text.tokenizer import Tokenizer
from tenor.text.uncountable import uncountable


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({}, ["Red", "new york", "a", "nai\u0308ve ", "--", "x-ray", "don\u2019t", " cat"]),
        ({"lowercase": False}, ["new york", "a"]),
        ({"min_token_length": 5}, ["cat"]),
        ({"max_token_length": 3}, ["house"]),
        ({"stop_words": "english"}, ["the"]),
        ({"stop_words": ("cat",)}, ["cat"]),
        ({"digits": "drop"}, ["1984"]),
        ({"strip_accents": True}, ["\u00e9t\u00e9", "e\u0301te\u0301"]),
        ({"pattern": "a-z"}, ["\u00e9t\u00e9", "r2d2", "don't"]),
    ],
)
def test_what_the_tokenizer_never_makes(settings: dict[str, Any], words: list[str]) -> None:
    tokenizer = Tokenizer(**settings)
    assert uncountable(words, tokenizer) == words
    for word in words:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", TenorWarning)
            texts = [word, f"more of {word}"]
            corpus = tenor.Corpus.from_texts(texts, tokenizer=tokenizer, vocabulary=[word])
        assert corpus.empty.all()


@given(st.text(), st.booleans(), st.sampled_from(["unicode", "a-z"]))
def test_what_it_made_it_makes_again(text: str, lowercase: bool, pattern: str) -> None:
    tokenizer = Tokenizer(pattern, lowercase=lowercase, min_token_length=1)
    assert uncountable(tokenizer.tokens(text), tokenizer) == []


def test_phrases_are_made_of_two_words() -> None:
    words = ["new york", "New york", "the a", "one two three", "york"]
    assert uncountable(words, Tokenizer(phrases=5)) == ["New york", "the a", "one two three"]
    assert uncountable(words, Tokenizer()) == words[:4]


def test_of_a_function_nobody_knows() -> None:
    assert uncountable(["New York"], Tokenizer(function=str.split)) == []


def test_a_given_vocabulary_is_looked_at_once(tmp_path: Path) -> None:
    texts = ["red new york", "blue red"]
    words = ["red", "New York", "Blue", "a", "Z" * 50]
    said = (
        r'^4 of 5 words of the vocabulary can never be counted: the tokenizer makes "new" and '
        r'"york" of "New York", "blue" of "Blue", nothing of "a", .*; write them as it cuts texts'
    )
    path = tmp_path / "words.txt"
    path.write_text("\n".join(words))
    tiny: dict[str, Any] = {"n_components": 2, "encoder_sizes": (4,), "epochs": 1, "device": "cpu"}
    for given_words in (words, dict(zip(words, range(5), strict=True)), path, str(path)):
        with pytest.warns(TenorWarning, match=said) as caught:
            model = tenor.NVDM(**tiny, vocabulary=given_words).fit(texts)
        assert len(caught) == 1
        assert model.vocabulary_ == words
    # Not of what a model or a corpus has already.
    assert model.transform(texts).shape == (2, 2)
    tenor.Corpus.from_texts(texts, vocabulary=tenor.Vocabulary(words))
    with pytest.warns(TenorWarning, match=said):
        tenor.Corpus.read(path, vocabulary=path)
