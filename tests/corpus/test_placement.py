"""Where words stand: every way of counting texts gives the numbers that plain Python gives."""

from __future__ import annotations

import pickle
from collections import Counter
from fractions import Fraction
from functools import reduce
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tenor.corpus import counting
from tenor.corpus.choosing import placement_over
from tenor.corpus.corpus import Corpus
from tenor.corpus.counting import count
from tenor.corpus.folder import recorded
from tenor.corpus.placement import Placement
from tenor.errors import ArtifactError, InputError
from tenor.storage.sealed import read_sealed, write_sealed
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

PIECES = [
    *("ant", "bee", "of", "the", "x", "12", "!!", "signature", "internationally", "don't"),
    *("l'été", "naïve-thing", "ΑΣ.Α", "über", "中文"),
]
TEXTS = st.lists(
    st.lists(st.sampled_from(PIECES), max_size=70).map(" ".join)
    | st.lists(st.sampled_from(PIECES), min_size=18, max_size=23).map(" ".join),
    min_size=1,
    max_size=8,
)
TOKENIZERS = st.builds(
    Tokenizer,
    pattern=st.sampled_from(["unicode", "icu", "a-z"]),
    min_token_length=st.integers(1, 2),
    digits=st.sampled_from(["keep", "drop"]),
    stop_words=st.sampled_from([None, "english"]),
)
WORDS = Vocabulary(["été", "unseen", "the", "ant", "signature", "naïve", "bee"])
ALL = VocabularyRule(1, 1.0)
COLUMNS = ["early_frequency", "late_frequency", "placed_frequency"]
LONG = ["hdr hdr hdr", *["ant bee cat dog"] * 5, "sig sig sig"]  # 26 tokens: ends of 4


def expected(texts, tokenizer) -> dict[str, tuple[int, int, int]]:
    """Early, late and placed frequency by word, by the definition."""
    early, late, placed = Counter(), Counter(), Counter()
    for text in texts:
        tokens = tokenizer.tokens(text)
        if len(tokens) < 20:
            continue
        placed.update(tokens)
        middle = [Fraction(2 * i + 1, 2 * len(tokens)) for i in range(len(tokens))]
        early.update(w for w, at in zip(tokens, middle, strict=True) if at <= Fraction(15, 100))
        late.update(w for w, at in zip(tokens, middle, strict=True) if at >= Fraction(85, 100))
    return {word: (early[word], late[word], n) for word, n in placed.items()}


def found(words, placement: Placement) -> dict[str, tuple[int, int, int]]:
    numbers = placement.early_frequency, placement.late_frequency, placement.placed_frequency
    assert {array.dtype for array in numbers} == {np.dtype(np.int64)}
    rows = zip(*(array.tolist() for array in numbers), strict=True)
    return {word: row for word, row in zip(words, rows, strict=True) if any(row)}


def assert_placed(corpus: Corpus, texts, tokenizer: Tokenizer | None = None) -> None:
    """A corpus says what plain Python says, of the words it has."""
    by_hand = expected(texts, tokenizer or Tokenizer())
    assert corpus.placement is not None
    assert found(corpus.words, corpus.placement) == {
        word: row for word, row in by_hand.items() if word in corpus.vocabulary
    }


@settings(max_examples=200, deadline=None)
@given(TEXTS, TOKENIZERS, st.sampled_from([1, 60, 1 << 20]))
@example(["ant " * 19, "bee " * 20, "x " * 30 + "über " * 3], Tokenizer(), 1 << 20)
@example(["été 中文 " * 9 + "bee l'été x ant", "", "ant"], Tokenizer(), 1 << 20)
def test_native_and_by_function(texts: list[str], tokenizer: Tokenizer, block: int) -> None:
    before = counting.BLOCK
    try:
        counting.BLOCK = block
        native = count(texts, tokenizer)
    finally:
        counting.BLOCK = before
    by_hand = expected(texts, tokenizer)
    assert found(native.words.to_pylist(), native.placement) == by_hand
    one_by_one = count(texts, Tokenizer(function=tokenizer.tokens))
    assert found(one_by_one.words.to_pylist(), one_by_one.placement) == by_hand


@settings(deadline=None)
@given(TEXTS, st.integers(1, 4))
def test_parts_and_other_words_change_nothing(texts: list[str], size: int) -> None:
    parts = [count(texts[at : at + size], Tokenizer()) for at in range(0, len(texts), size)]
    whole = placement_over(WORDS, ((part.words, part.placement) for part in parts))
    by_hand = expected(texts, Tokenizer())
    assert found(WORDS.words, whole) == {w: p for w, p in by_hand.items() if w in WORDS}
    assert_placed(Corpus.from_texts(texts, vocabulary=WORDS), texts)


def test_both_ends_of_a_text_are_15_percent_on_average() -> None:
    sizes = range(20, 220)
    shards = [count([" ".join(["word"] * size)], Tokenizer()) for size in sizes]
    ends = [int(shard.placement.late_frequency[0]) for shard in shards]
    assert ends == [int(shard.placement.early_frequency[0]) for shard in shards]
    assert ends == [(3 * size + 10) // 20 for size in sizes]
    assert np.mean([n / size for n, size in zip(ends, sizes, strict=True)]) == pytest.approx(
        0.15, abs=0.001
    )


def test_a_share_is_nan_where_no_text_is_long_enough() -> None:
    corpus = Corpus.from_texts([" ".join(LONG), "short sig hdr"], rule=ALL)
    assert list(corpus.words) == ["ant", "bee", "cat", "dog", "hdr", "short", "sig"]
    nan = np.nan
    np.testing.assert_array_equal(corpus.early_share, [0.2, 0, 0, 0, 1, nan, 0])
    np.testing.assert_array_equal(corpus.late_share, [0, 0, 0, 0.2, 0, nan, 1])


def test_every_corpus_of_texts_has_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(PIECES, size)) for size in rng.integers(0, 60, 300)]
    whole = Corpus.from_texts(texts, rule=ALL)
    assert_placed(whole, texts)
    assert_placed(whole.encode_like(WORDS), texts)
    assert_placed(pickle.loads(pickle.dumps(whole)), texts)
    function = Tokenizer(function=str.split)
    assert_placed(Corpus.from_texts(texts, tokenizer=function, rule=ALL), texts, function)
    whole.save(tmp_path / "corpus")
    for corpus in (
        Corpus.open(tmp_path / "corpus"),
        Corpus.read(tmp_path / "corpus", keep_text=False),
        Corpus.read(tmp_path / "corpus", vocabulary=WORDS),
    ):
        assert_placed(corpus, texts)
    (tmp_path / "in.txt").write_text("\n".join(texts) + "\n")
    for name in (
        "sources.batches.BATCH_BYTES",
        "corpus.pieces.PIECE_BYTES",
        "corpus.piece_folder.SHARD_BYTES",
    ):
        monkeypatch.setattr(f"tenor.{name}", 4_000)
    for given_words in (None, WORDS):
        for spills in (1 << 28, 8_000):
            monkeypatch.setattr("tenor.corpus.pipeline.SPILL_BYTES", spills)
            read = Corpus.read(tmp_path / "in.txt", rule=ALL, vocabulary=given_words)
            assert_placed(read, texts)
    assert len(read.table.to_batches()) > 3


def test_it_is_unknown_rather_than_false() -> None:
    corpus = Corpus.from_texts([" ".join(LONG), "ant"], rule=ALL)
    ready = Corpus.from_counts(corpus.counts, corpus.words)
    for unknown in (corpus[:1], corpus[[0, 1]], ready):
        assert unknown.early_share is None and unknown.late_share is None


def test_the_benchmark_set_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its posts without words are left out, of whose tokens none is counted."""
    from tenor.corpus import datasets
    from tenor.sources.columns import RawDocument

    texts = ["unknown " * 40, " ".join(LONG)]
    posts = [RawDocument(str(n), f"h: v\n\n{text}", None, "") for n, text in enumerate(texts)]
    monkeypatch.setattr("tenor.sources.newsgroups.documents", lambda _: iter(posts))
    corpus = datasets.load("nvdm-20news", vocabulary=["ant", "sig"])
    assert corpus.ids == ["1"]
    assert_placed(corpus, texts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Corpus.from_texts([" ".join(LONG), "ant"], rule=ALL).save(tmp_path / "corpus")
    return tmp_path / "corpus"


def rewrite(folder: Path, table: pa.Table) -> None:
    """Another vocabulary.parquet, with a manifest that says so."""
    pq.write_table(table, folder / "vocabulary.parquet")
    manifest = read_sealed(folder / "manifest.json")
    manifest["vocabulary"] = recorded(folder / "vocabulary.parquet")
    write_sealed(folder / "manifest.json", manifest)


def test_a_folder_of_before_opens(folder: Path, tmp_path: Path) -> None:
    before = Corpus.open(folder)
    table = pq.read_table(folder / "vocabulary.parquet")
    assert table.column_names == ["word", *COLUMNS]
    rewrite(folder, table.select(["word"]))
    corpus = Corpus.open(folder)
    assert corpus.placement is None and corpus.fingerprint() == before.fingerprint()
    corpus.save(tmp_path / "again")
    assert pq.read_table(tmp_path / "again" / "vocabulary.parquet").column_names == ["word"]


@pytest.mark.parametrize(
    ("early", "late", "placed", "said"),
    [
        ([0] * 6, [9] * 6, [5] * 6, "and late_frequency must be at least 0 and in sum at most"),
        ([9] * 6, [0] * 6, [5] * 6, "early_frequency and .* in sum at most placed_frequency"),
        ([3] * 6, [3] * 6, [5] * 6, "in sum at most placed_frequency"),
        ([0] * 6, [-1] * 6, [5] * 6, "late_frequency must be at least 0"),
        ([-1] * 6, [0] * 6, [5] * 6, "early_frequency and late_frequency must be at least 0"),
        ([0.5] * 6, [0] * 6, [5] * 6, 'column "early_frequency" must hold whole numbers only'),
        ([0] * 6, [0] * 6, [*[5] * 5, None], '"placed_frequency" must hold whole numbers only'),
        (None, [0] * 6, [5] * 6, 'placed_frequency it has no column "early_frequency"'),
        ([0] * 6, None, None, 'placed_frequency it has no column "late_frequency"'),
    ],
)
def test_columns_that_cannot_be_are_refused(folder: Path, early, late, placed, said: str) -> None:
    columns = {"word": pq.read_table(folder / "vocabulary.parquet").column("word")}
    given = zip(COLUMNS, (early, late, placed), strict=True)
    columns |= {name: pa.array(numbers) for name, numbers in given if numbers is not None}
    rewrite(folder, pa.table(columns))
    with pytest.raises(ArtifactError, match=said) as caught:
        Corpus.open(folder)
    assert "\n" not in str(caught.value)


def test_sums() -> None:
    one = Placement(np.array([2, 0]), np.array([1, 0]), np.array([4, 0]))
    whole = reduce(Placement.plus, [one, Placement.of_nothing(2), one])
    assert found("ab", whole) == {"a": (4, 2, 8)}
    with pytest.raises(InputError):
        Placement.of_columns(pa.table({"placed_frequency": [1]}))
