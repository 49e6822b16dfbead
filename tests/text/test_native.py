"""Column-wise counting finds the words that the tokenizer finds, in any text."""

from __future__ import annotations

from dataclasses import fields

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenor.corpus import counting
from tenor.corpus.counting import CountedTexts, count
from tenor.text.tokenizer import Tokenizer

# Letters that change when lower-cased or composed, marks, joiners, and all that separates.
SIGNS = [
    *"abzAZ09'’_-.,:;^`\"/\\<>=~ \t\n\r\x00\x1c\x1f\x7f",
    *"\u00ad\ufeff\u200c\u200d\u2028\u00a0\u0085",
    *"éÉßẞİıſKÅΑΣσςДдяåø½²٣Ⅷ",
    *"\u0301\u0308\u0338\u0327\u0345\u093f\u05b0\ufe0f",
    *"한글ㄱ中文日本ไทยہन𝐀😀",
    *"ขมูลកខ្ញុំលာဝမြန်々〆ー・我来到北京\u200b",
]
TEXTS = st.lists(
    st.one_of(
        st.text(st.sampled_from(SIGNS), max_size=25),
        st.text(max_size=20),
        st.text("ab' ", max_size=40),
        st.sampled_from(["", "a" * 7, "b" * 8, "c" * 9, "x'" * 9, "d" * 300]),
    ),
    min_size=1,
    max_size=8,
)
TOKENIZERS = st.builds(
    Tokenizer,
    pattern=st.sampled_from(["unicode", "icu", "a-z"]),
    lowercase=st.booleans(),
    strip_accents=st.booleans(),
    min_token_length=st.integers(1, 3),
    max_token_length=st.sampled_from([None, 3, 8, 9]),
    digits=st.sampled_from(["keep", "drop"]),
    stop_words=st.sampled_from([None, "english", ("a", "Ab", "don’t", "é", "９")]),
    normalisation=st.sampled_from([1, 2]),
)


class TextByText(Tokenizer):
    """Not the class itself, so that its methods are called for every text."""


def by_hand(texts: list[str], tokenizer: Tokenizer) -> CountedTexts:
    settings = {field.name: getattr(tokenizer, field.name) for field in fields(tokenizer)}
    return count(texts, TextByText(**settings))


def assert_equal(found: CountedTexts, expected: CountedTexts) -> None:
    assert found.words.to_pylist() == expected.words.to_pylist()
    for name in ("offsets", "words", "counts"):
        np.testing.assert_array_equal(getattr(found.bag, name), getattr(expected.bag, name))
    assert found.bag.words.dtype == found.bag.counts.dtype == np.int32


@settings(max_examples=300, deadline=None)
@given(TEXTS, TOKENIZERS, st.sampled_from([1, 7, 1 << 20]))
@example(["ΑΣ.Α ΑΣ Σ", "ΟΔΟΣ’"], Tokenizer(), 1 << 20)
@example(["don't 'tis dogs' a''b rock'n'roll '"], Tokenizer(min_token_length=1), 1 << 20)
@example(["=\u0338a <\u0338b", "co\u00adop l\u2019été"], Tokenizer(min_token_length=1), 1 << 20)
@example(["l'été d'é'a ΑΣ'Α ΑΣ.Α", "é!a #é _é"], Tokenizer(min_token_length=1), 1 << 20)
@example(["a\x00b\x00", "\x00"], Tokenizer(min_token_length=1), 1)
@example(["é", "thing naïve-thing"], Tokenizer(strip_accents=True, min_token_length=1), 1 << 20)
def test_native_equals_the_tokenizer(texts: list[str], tokenizer: Tokenizer, block: int) -> None:
    before = counting.BLOCK
    try:
        counting.BLOCK = block
        found = count(texts, tokenizer)
    finally:
        counting.BLOCK = before
    assert_equal(found, by_hand(texts, tokenizer))
    for row, text in enumerate(texts):  # and both are what Tokenizer.tokens says
        own = slice(int(found.bag.offsets[row]), int(found.bag.offsets[row + 1]))
        words = [found.words[int(i)].as_py() for i in found.bag.words[own]]
        tokens = tokenizer.tokens(text)
        assert dict(zip(words, found.bag.counts[own].tolist(), strict=True)) == {
            word: tokens.count(word) for word in tokens
        }


def test_a_slice_of_a_column_is_counted_alone() -> None:
    texts = pa.array(["left out", "ant bee", "café ant", "left out"], pa.string())
    assert_equal(count(texts[1:3], Tokenizer()), count(["ant bee", "café ant"], Tokenizer()))
    assert len(count(texts[:0], Tokenizer())) == 0


def test_many_documents_of_many_words() -> None:
    texts = [f"word{i % 90_000} {i} end" for i in range(200_000)]  # keys beyond 32 bits
    assert_equal(count(texts, Tokenizer()), by_hand(texts, Tokenizer()))


def test_a_tokenizer_function_is_called_for_every_text() -> None:
    shard = count(["b a", "a"], Tokenizer(function=str.split))
    assert shard.words.to_pylist() == ["a", "b"]
    with pytest.raises(ValueError, match="half a surrogate pair"):
        count(["x"], Tokenizer(function=lambda text: ["\ud800"]))
