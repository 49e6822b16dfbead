"""The three steps agree with plain Python, however the documents are dealt into shards."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.corpus import counting
from tenor.corpus.corpus import Corpus
from tenor.corpus.counting import count, encode, merged_by_range
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

WORDS = ["ant", "bee", "cat", "dog", "eel", "x", "1990"]
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join), min_size=1, max_size=12
)
TOKENIZER = Tokenizer(min_token_length=2, digits="drop")


def rows(bag) -> list[dict[int, int]]:
    ends = bag.offsets.tolist()
    return [
        dict(zip(bag.words[a:b].tolist(), bag.counts[a:b].tolist(), strict=True))
        for a, b in pairwise(ends)
    ]


@given(TEXTS, st.permutations(["bee", "dog", "ant", "unseen"]))
def test_encode_equals_a_plain_counter(texts: list[str], words: list[str]) -> None:
    bag = encode(count(texts, TOKENIZER), Vocabulary(words))
    expected = [Counter(TOKENIZER.tokens(text)) for text in texts]
    assert rows(bag) == [
        {words.index(w): n for w, n in row.items() if w in words} for row in expected
    ]
    for row in rows(bag):
        assert list(row) == sorted(row)
    assert bag.words.dtype == bag.counts.dtype == np.int32


@given(TEXTS, st.integers(1, 5))
def test_shards_do_not_matter(texts: list[str], size: int) -> None:
    shards = [count(texts[i : i + size], TOKENIZER) for i in range(0, len(texts), size)]
    (whole,) = merged_by_range([count(texts, TOKENIZER).statistics])
    (parts,) = merged_by_range([shard.statistics for shard in shards])
    assert parts.n_documents == whole.n_documents == len(texts)
    tokens = [TOKENIZER.tokens(text) for text in texts]
    for merged in (whole, parts):
        words = merged.words.to_pylist()
        found = dict(zip(words, merged.document_frequency.tolist(), strict=True))
        assert found == Counter(word for row in tokens for word in set(row))
        found = dict(zip(words, merged.word_frequency.tolist(), strict=True))
        assert found == Counter(word for row in tokens for word in row)


def test_rows_are_sorted_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["dog cat bee ant", "", "eel ant", "cat bee", ""] * 3
    shard, vocabulary = count(texts, TOKENIZER), Vocabulary(sorted(WORDS))
    whole = rows(encode(shard, vocabulary))
    for size in (1, 3, 7):
        monkeypatch.setattr(counting, "_SORTED_AT_ONCE", size)
        bag = encode(shard, vocabulary)
        assert rows(bag) == whole
        assert all(list(row) == sorted(row) for row in rows(bag))


def test_a_token_is_judged_once() -> None:
    asked: list[str] = []

    class Counting(Tokenizer):
        def keeps(self, token: str) -> bool:
            asked.append(token)
            return super().keeps(token)

    count(["ant x ant x"] * 10, Counting())
    assert sorted(asked) == ["ant", "x"]


@pytest.mark.parametrize("texts", [[""], ["", "", ""], ["1 2 3", "x"], ["", "ant", ""]])
def test_documents_without_words(texts: list[str]) -> None:
    bag = encode(count(texts, TOKENIZER), Vocabulary(["ant"]))
    assert len(bag) == len(texts)
    assert bag.lengths.tolist() == [text.count("ant") for text in texts]


def test_memory_grows_with_the_text_and_not_with_documents_times_vocabulary() -> None:
    documents, words, length = 20_000, 50_000, 8
    rng = np.random.default_rng(0)
    draws = rng.integers(0, words, size=(documents, length))
    draws.ravel()[:words] = np.arange(words)
    texts = [" ".join(f"word{i}" for i in row) for row in draws.tolist()]
    tracemalloc.start()
    corpus = Corpus.from_texts(texts, rule=VocabularyRule(1, 1.0, None), keep_text=False)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert corpus.shape == (documents, words)
    assert peak < documents * words / 20  # a byte each would be 1,000 MB; measured 14 MB


@pytest.mark.filterwarnings("ignore:.*that put no blanks:tenor.errors.TenorWarning")
@settings(max_examples=25)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=8))
def test_any_unicode_keeps_its_row(texts: list[str]) -> None:
    texts = [text.encode("utf-8", "replace").decode() for text in texts] + ["anchor"]
    corpus = Corpus.from_texts(texts, rule=VocabularyRule(1, 1.0))
    assert corpus.texts == texts
    expected = [len(Tokenizer().tokens(text)) for text in texts]
    assert corpus.bag.lengths.tolist() == expected
    assert corpus.empty.tolist() == [n == 0 for n in expected]
