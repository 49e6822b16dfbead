"""Phrases against a plain reference, and along every road that documents take."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from math import log
from pathlib import Path

import numpy as np
import pytest

from tenor import Corpus, Tokenizer, Vocabulary, VocabularyRule
from tenor.cli import main
from tenor.corpus import counting, phrases, piece_folder, pieces, pipeline, preparing

ALL = VocabularyRule(min_df=2, max_df=1.0)


def texts(n: int = 200, seed: int = 0) -> list[str]:
    """Words by chance, and three pairs that stand together far more often."""
    draw = np.random.default_rng(seed)
    words = [f"w{letter}{other}" for letter in "abcdefgh" for other in "xyz"]
    pairs = ["new york", "york city", "machine learning", "the the"]
    made = []
    for _ in range(n):
        some = draw.choice([*words, *pairs * 2], draw.integers(0, 12))
        made.append(", ".join(some.tolist()) if draw.random() < 0.5 else " ".join(some.tolist()))
    return made


def plainly(documents: list[list[str]], known: set[str], least: int, most: int) -> set[str]:
    """The definition, word for word."""
    pairs = Counter(pair for words in documents for pair in pairwise(words) if set(pair) <= known)
    n = pairs.total()
    before, after = Counter(), Counter()
    for (a, b), count in pairs.items():
        before[a] += count
        after[b] += count
    strength = {
        (a, b): log(count * n / (before[a] * after[b])) / -log(count / n)
        for (a, b), count in pairs.items()
    }
    strong = [
        pair
        for pair, count in pairs.items()
        if count >= least and strength[pair] >= phrases.STRONG and pair[0] != pair[1]
    ]
    order = sorted(known)
    strong.sort(key=lambda pair: (-pairs[pair], order.index(pair[0]), order.index(pair[1])))
    found = [" ".join(pair) for pair in strong[:most]]
    while True:
        df = Counter(word for words in documents for word in set(joined(words, set(found))))
        left = [phrase for phrase in found if df[phrase] >= least]
        if left == found:
            return {word for word in known | set(found) if df[word] >= least}
        found = left


def joined(words: list[str], known: set[str]) -> list[str]:
    out, place = [], 0
    while place < len(words):
        pair = " ".join(words[place : place + 2])
        out.append(pair if pair in known else words[place])
        place += 2 if pair in known else 1
    return out


@pytest.mark.parametrize("most", [1, 2, 100])
@pytest.mark.parametrize("stop_words", [None, ("wax", "why")])
@pytest.mark.parametrize("function", [None, str.split])
def test_they_are_those_of_the_definition(monkeypatch, most, stop_words, function) -> None:
    monkeypatch.setattr(phrases, "AT_ONCE", 97)
    given = [text.replace(",", "") for text in texts()]
    tokenizer = Tokenizer(phrases=most, stop_words=stop_words, function=function)
    corpus = Corpus.from_texts(given, tokenizer=tokenizer, rule=ALL)
    parted = [[word if tokenizer.keeps(word) else "—" for word in text.split()] for text in given]
    once = Corpus.from_texts(given, tokenizer=Tokenizer(stop_words=stop_words), rule=ALL)
    expected = plainly(parted, set(once.words), 2, most)
    assert set(corpus.words) == expected and list(corpus.words) == sorted(corpus.words)
    assert any(" " in word for word in expected)
    places = {" ".join(word) for word in pairwise(" ".join(given).split())}
    assert "the the" in places and "the the" not in expected
    for row, words in enumerate(parted):
        counts = Counter(word for word in joined(words, expected) if word in expected)
        bag = corpus.bag[row : row + 1]
        assert {corpus.words[w]: c for w, c in zip(bag.words, bag.counts, strict=True)} == counts


def test_a_word_is_in_one_phrase_at_most() -> None:
    """From left to right: new york | city, and york city only where no new is before it."""
    given = ["new york city", "york city", "new york", "city", "new york city york city"]
    words = Vocabulary(["city", "new", "new york", "york", "york city"])
    corpus = Corpus.from_texts(given, tokenizer=Tokenizer(phrases=1), vocabulary=words)
    assert corpus.counts.toarray().tolist() == [
        [1, 0, 1, 0, 0], [0, 0, 0, 0, 1], [0, 0, 1, 0, 0], [1, 0, 0, 0, 0], [1, 0, 1, 0, 1],
    ]  # fmt: skip
    plain = Corpus.from_texts(given, tokenizer=Tokenizer(), vocabulary=words)
    assert plain.counts.toarray()[:, [2, 4]].sum() == 0  # not asked for


def test_the_strength_of_a_pair() -> None:
    """Words that only stand together: 1. As often as chance has it: 0. Nothing else: 1."""
    c = np.array([10, 25, 1]), np.array([10, 50, 100]), np.array([10, 50, 1])
    assert phrases.npmi(*c, 100).tolist() == pytest.approx([1.0, 0.0, 0.0])
    assert phrases.npmi(*(np.array([7]),) * 3, 7).tolist() == [1.0]


def test_a_large_source_a_kill_and_the_model_have_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In memory, spilled, through a killed job; and then in transform and among the words."""
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(texts(400)) + "\n")
    tokenizer = Tokenizer(phrases=10)
    whole = Corpus.read(file, tokenizer=tokenizer, rule=ALL)
    monkeypatch.setattr(pieces, "PIECE_DOCUMENTS", 50)
    monkeypatch.setattr(counting, "BLOCK", 100)
    monkeypatch.setattr("tenor.sources.batches.BATCH_BYTES", 500)
    monkeypatch.setattr(pipeline, "SPILL_BYTES", 1)
    monkeypatch.setattr(preparing, "HELD_BYTES", 1)
    monkeypatch.setattr(piece_folder, "SHARD_BYTES", 3000)
    assert Corpus.read(file, tokenizer=tokenizer, rule=ALL).fingerprint() == whole.fingerprint()
    target = str(tmp_path / "corpus")
    command = ["prepare", str(file), "-o", target, "--phrases", "10", "--min-df", "2"]
    command += ["--max-df", "1.0"]
    with monkeypatch.context() as patch:

        def stop(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(preparing, "write_manifest", stop)
        assert main(command) == 130
    assert main(command) == 0
    assert "going on" in capsys.readouterr().err
    assert Corpus.open(target).fingerprint() == whole.fingerprint()

    model = str(tmp_path / "model")
    assert main(["fit", target, "-o", model, "--epochs", "2", "--components", "4", "-q"]) == 0
    capsys.readouterr()
    assert main(["words", model, "new york", "--json"]) == 0
    import tenor

    loaded = tenor.load(model)
    again = Corpus.from_texts(
        texts(400), tokenizer=loaded.trained_.tokenizer, vocabulary=loaded.vocabulary_
    )
    assert again.bag.counts.tolist() == whole.bag.counts.tolist()
    np.testing.assert_array_equal(loaded.transform(texts(400)), loaded.transform(whole))


def test_a_phrase_is_two_known_tokens(tmp_path: Path) -> None:
    given = ["new york unheard", "york city new york"]
    words = Vocabulary(["city", "new york", "york"])
    corpus = Corpus.from_texts(given, tokenizer=Tokenizer(phrases=1), vocabulary=words)
    assert (corpus.coverage.n_tokens, corpus.coverage.n_known) == (7, 6)
    corpus.save(tmp_path / "corpus")
    assert Corpus.open(tmp_path / "corpus").coverage == corpus.coverage
    file = tmp_path / "given.txt"
    file.write_text("\n".join(given))
    target = ["-o", str(tmp_path / "prepared"), "--phrases", "1", "--vocabulary"]
    (tmp_path / "words").write_text("\n".join(words))
    assert main(["prepare", str(file), *target, str(tmp_path / "words")]) == 0
    assert Corpus.open(tmp_path / "prepared").coverage == corpus.coverage
