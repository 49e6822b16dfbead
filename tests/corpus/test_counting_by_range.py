"""Sums over stretches of the alphabet are the sums over all of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor.corpus import counting
from tenor.corpus.counting import count, merged_by_range
from tenor.errors import VocabularyError
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

WORDS = st.sampled_from(["a", "ab", "b", "ba", "é", "z", "中", "𝐀", "zz", "zé", "ﬁ"])
SHARDS = st.lists(st.lists(st.lists(WORDS).map(" ".join), min_size=1), min_size=1, max_size=6)
TOKENIZER = Tokenizer(min_token_length=1)


def table(parts) -> dict[str, tuple[int, int]]:
    found = {}
    for part in parts:
        columns = (part.document_frequency.tolist(), part.word_frequency.tolist())
        for word, *frequencies in zip(part.words.to_pylist(), *columns, strict=True):
            assert word not in found
            found[word] = tuple(frequencies)
    return found


@settings(deadline=None)
@given(SHARDS, st.integers(1, 12), st.integers(1, 3))
def test_stretches_add_up(shards, at_once: int, max_words: int) -> None:
    counted = [count(texts, TOKENIZER) for texts in shards]
    (whole,) = merged_by_range([shard.statistics for shard in counted])
    before = counting.WORDS_AT_ONCE
    try:
        counting.WORDS_AT_ONCE = at_once
        parts = list(merged_by_range([shard.statistics for shard in counted]))
    finally:
        counting.WORDS_AT_ONCE = before
    assert table(parts) == table([whole])
    assert {part.n_documents for part in parts} == {whole.n_documents}
    rule = VocabularyRule(1, 1.0, max_words)
    if len(whole.words):
        assert rule.vocabulary_of(parts) == rule.vocabulary_of([whole])
    else:
        with pytest.raises(VocabularyError, match="there are no words in"):
            rule.vocabulary_of(parts)


def test_no_stretch_holds_much_more_than_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [" ".join(f"w{i}x{part}" for i in range(500)) for part in range(20)]
    shards = [count([text], TOKENIZER).statistics for text in texts]
    monkeypatch.setattr(counting, "WORDS_AT_ONCE", 1000)
    sizes = [len(part.words) for part in merged_by_range(shards)]
    assert sum(sizes) == 10_000 and max(sizes) < 1600 and len(sizes) > 6
