"""What was read and how much of it is known: counted exactly, kept in folders, said in a line."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tenor import Corpus, Tokenizer, VocabularyRule
from tenor.corpus import given, piece_folder, pieces, pipeline
from tenor.corpus.coverage import Coverage
from tenor.corpus.origin import Origin
from tenor.errors import ArtifactError, VocabularyError
from tenor.sources.columns import Columns
from tenor.sources.facts import ReadFacts

ALL = VocabularyRule(min_df=1, max_df=1.0)


def reviews(folder: Path, n: int = 240) -> Path:
    """Two tables of a folder, and a file that is none."""
    folder.mkdir()
    for part, name in enumerate(("train.csv", "test.csv")):
        rows = [f"good film w{row % 7},{1990 + row}" for row in range(part, n, 2)]
        (folder / name).write_text("\n".join(["text,year", *rows]) + "\n")
    (folder / "picture.png").write_bytes(b"")
    return folder


def test_texts_from_python() -> None:
    corpus = Corpus.from_texts(["red apple red", "green pear", ""], vocabulary=["apple", "red"])
    assert corpus.coverage == Coverage(n_documents=3, n_empty=2, n_known=3, n_tokens=5)
    assert corpus.coverage.unknown_share == 0.4
    assert str(corpus.origin) == (
        "texts passed from Python: 3 documents (2 without a known word), 5 tokens, "
        "3 of them in the vocabulary"
    )


def test_missing_texts_are_counted() -> None:
    texts = ["red apple", None, float("nan"), "", "pear"] * 3000
    origin = Corpus.from_texts(texts, vocabulary=["apple", "red"]).origin
    assert origin.read.n_missing == 6000
    assert str(origin) == (
        "texts passed from Python: 15,000 documents (6,000 without a text, 6,000 more without a "
        "known word), 9,000 tokens, 6,000 of them in the vocabulary"
    )


def test_what_nobody_counted_is_unknown() -> None:
    counts = Corpus.from_counts(np.array([[2, 0], [0, 0]]))
    assert counts.coverage == Coverage(2, 1, 2, None)
    assert counts.coverage.unknown_share is None and counts.coverage.line() is None
    assert str(counts.origin).startswith("counts passed from Python: 2 documents (1 without")
    some = Corpus.from_texts(["red apple", "pear pear"], vocabulary=["pear"])[1:]
    assert some.coverage == Coverage(1, 0, 2, None)
    assert some.origin.coverage is None, "rows of a corpus are not what was read"


def test_no_token_at_all_is_no_share() -> None:
    assert Corpus.from_texts([""], vocabulary=["x1"]).coverage.unknown_share is None


@pytest.mark.parametrize("spill", [1 << 28, 0], ids=["memory", "disk"])
def test_counted_exactly(monkeypatch: pytest.MonkeyPatch, spill: int) -> None:
    monkeypatch.setattr(pipeline, "SPILL_BYTES", spill)
    monkeypatch.setattr(piece_folder, "SHARD_BYTES", 1)
    monkeypatch.setattr(given, "_AT_ONCE", 100)
    monkeypatch.setattr(pieces, "PIECE_DOCUMENTS", 100)
    rng = np.random.default_rng(1)
    words = [f"w{n:03d}" for n in range(300)]
    texts = [" ".join(rng.choice(words, rng.integers(0, 30))) for _ in range(500)]
    rule = VocabularyRule(min_df=20, max_df=0.9)
    corpus = Corpus.from_texts(texts, rule=rule)
    known = set(corpus.words)
    assert 0 < len(known) < 300
    tokens = [text.split() for text in texts]
    expected = Coverage(
        len(texts),
        sum(not known.intersection(each) for each in tokens),
        sum(word in known for each in tokens for word in each),
        sum(map(len, tokens)),
    )
    assert corpus.coverage == expected
    assert len(corpus.table.to_batches()) == (1 if spill else 5)
    other = corpus.encode_like(words[:10])
    of_ten = sum(Counter(word for each in tokens for word in each)[w] for w in words[:10])
    assert (other.coverage.n_known, other.coverage.n_tokens) == (of_ten, expected.n_tokens)


def test_stop_words_are_no_tokens() -> None:
    tokenizer = Tokenizer(stop_words="english")
    corpus = Corpus.from_texts(["the cat and the dog"], tokenizer=tokenizer, vocabulary=["cat"])
    assert corpus.coverage == Coverage(1, 0, 1, 2)


def test_a_folder_of_tables(tmp_path: Path) -> None:
    folder = reviews(tmp_path / "in")
    read = {"text_column": "text", "keep": ("year",), "rule": ALL}
    corpus = Corpus.read(folder, **read)
    line = str(corpus.origin)
    assert line == (
        "2 CSV files, a document a row: 240 documents, 720 tokens; "
        f'text from "text", kept: year; skipped: {folder / "picture.png"} (not a table)'
    )
    corpus.save(tmp_path / "corpus")
    opened = Corpus.open(tmp_path / "corpus")
    assert opened.origin == corpus.origin
    again = Corpus.read(tmp_path / "corpus")
    assert str(again.origin) == (
        f"the prepared corpus {tmp_path / 'corpus'}, made from 2 CSV files, a document a row: "
        "240 documents, 720 tokens"
    )
    assert again.origin.made_from == corpus.origin
    over = Corpus.read(tmp_path / "corpus", vocabulary=["film", "other"], keep_text=False)
    assert over.coverage == Coverage(240, 0, 240, 720)


def test_no_word_left_says_what_was_read(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("one two")
    (tmp_path / "in" / "b.png").write_bytes(b"")
    with pytest.raises(VocabularyError) as raised:
        Corpus.read(tmp_path / "in")
    assert "(read 1 text file, a document a file; skipped: " in str(raised.value)


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("a.csv", "id,text\n1,\n2,\n", '; text from "text" (guessed); 2 of them without a text)'),
        ("a.txt", '[{"text": "one two"}]', "look like JSON, and are read as text; --format json"),
    ],
)
def test_no_word_left_says_why(tmp_path: Path, name: str, text: str, why: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(VocabularyError) as raised:
        Corpus.read(tmp_path / name)
    assert why in str(raised.value)


def test_replaced_bytes_are_said(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.csv").write_bytes("text\ncafé au lait\ntea\nnaïve\n".encode("latin-1"))
    said = "bytes that are no UTF-8 were replaced: 2 documents with U+FFFD"
    corpus = Corpus.read(folder, rule=ALL, encoding_errors="replace")
    assert [note[: len(said)] for note in corpus.origin.notes] == [said]
    (folder / "a.csv").unlink()
    (folder / "a.txt").write_bytes(b"caf\xe9")
    (folder / "b.txt").write_bytes(b"tea")
    corpus = Corpus.read(folder, rule=ALL, encoding_errors="replace")
    assert "replaced: 1 document with U+FFFD" in corpus.origin.notes[0]
    (folder / "a.txt").write_bytes(b"coffee")
    assert Corpus.read(folder, rule=ALL, encoding_errors="replace").origin.notes == ()


def test_several_formats_are_listed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\none two\n")
    (tmp_path / "b.jsonl").write_text('{"text": "two"}\n')
    (tmp_path / "c.json").write_text('[{"text": "three"}]')
    origin = Corpus.read(tmp_path, rule=ALL).origin
    assert str(origin).startswith("3 CSV, JSON lines and JSON files, a document a row: 3 documents")


def test_a_corpus_of_before_opens(tmp_path: Path) -> None:
    Corpus.read(reviews(tmp_path / "in"), text_column="text", rule=ALL).save(tmp_path / "corpus")
    path = tmp_path / "corpus" / "manifest.json"
    manifest = json.loads(path.read_text())
    assert manifest.pop("read")["coverage"]["n_tokens"] == 720
    del manifest["seal"], manifest["sha256"]
    path.write_text(json.dumps(manifest))
    origin = Corpus.open(tmp_path / "corpus").origin
    assert (str(origin), origin.coverage) == (f"documents of {tmp_path / 'in'}", None)
    for damage in (3, [], {"formats": []}, {**origin.to_json(), "coverage": 3}):
        path.write_text(json.dumps(manifest | {"read": damage}))
        with pytest.raises(ArtifactError, match="manifest"):
            Corpus.open(tmp_path / "corpus")


def test_of_very_many_skipped_files_a_hundred_are_named() -> None:
    skipped = tuple((f"{n:03d}.png", "not a table") for n in range(250))
    taken = Columns("body", "key", "kind", keep=("year",))
    read = ReadFacts(
        *(("CSV", "Parquet"), "row", ("a", "b"), 7, ("body", "key", "kind", "year"), taken, True),
        others=("title",),
        n_missing=2,
        skipped=skipped,
        notes=("it looks odd",),
    )
    origin = Origin(read, Coverage(9, 3, 5, 8), Origin())
    said = origin.to_json()
    assert (len(said["skipped"]), said["n_skipped"]) == (100, 250)
    assert json.loads(json.dumps(said)) == said
    again = Origin.from_json(said)
    assert again.to_json() == said and again.read.n_skipped == 250
    assert str(again) == str(origin) == said["summary"]
    assert str(origin) == (
        "7 CSV and Parquet files, a document a row, made from documents: 9 documents "
        "(2 without a text, 1 more without a known word), 8 tokens, 5 of them in the vocabulary; "
        'text from "body" (guessed; others with text: title), id from "key", label from "kind", '
        "kept: year; skipped: "
        "000.png (not a table), 001.png (not a table), 002.png (not a table) and 247 more files"
    )
    assert origin.warnings[1:] == ("it looks odd",)


@pytest.mark.parametrize(
    ("known", "usual", "poor"),
    [(49, None, True), (50, None, False), (30, 0.4, False), (29, 0.4, True), (60, 0.0, False)],
)
def test_poor_is_less_than_half_of_the_usual(known: int, usual: float, poor: bool) -> None:
    coverage = Coverage(10, 3, known, 100)
    assert coverage.is_poor(usual) == poor
    line = coverage.line(usual) or ""
    assert line.startswith(f"{100 - known}.0 % of the tokens are not in the model's vocabulary")
    assert ("fit a model on such documents" in line) == poor
    assert "3 of 10 documents have no known word" in line
    assert ("% in its training documents" in line) == (usual is not None)


def test_formats_are_listed_in_words() -> None:
    read = ReadFacts(("CSV", "JSON lines", "Parquet"), "row", ("a", "b"), 5)
    assert read.what == "5 CSV, JSON lines and Parquet files, a document a row"
    assert ReadFacts(sources=("-",)).what == "standard input"  # all that an earlier tenor knew


def test_what_was_read_together_is_told_by_its_kinds() -> None:
    row = ReadFacts(("CSV",), "row", ("a.csv",), 1)
    passed, prepared = ReadFacts(("texts passed from Python",)), ReadFacts(("prepared corpus",))
    assert passed.plus(row).what == "1 CSV file and texts passed from Python"
    assert row.plus(prepared).what == "1 CSV file and a prepared corpus"
    named = replace(prepared, sources=("made",))
    assert named.plus(named).what == "the prepared corpus made, made"
    assert passed.plus(named).what == "texts passed from Python and a prepared corpus"
    assert ReadFacts().plus(row).what == "1 CSV file and earlier documents"
    assert ReadFacts(sources=("old.csv",)).plus(row).what == "1 CSV file and earlier documents"
    assert ReadFacts(sources=("-",)).plus(row).what == "standard input and 1 CSV file"
