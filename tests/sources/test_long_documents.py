"""Documents that are too long for Arrow's 32-bit offsets are named, whatever they come from."""

from __future__ import annotations

import csv
import io
import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.corpus.corpus import Corpus
from tenor.corpus.preparing import Listener, prepare
from tenor.corpus.source import Source
from tenor.errors import SourceError
from tenor.sources import batches
from tenor.text import decoding
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import VocabularyRule

ALL = VocabularyRule(1, 1.0)
MOST = 100
FITS = "é " * 31  # 93 bytes, fewer characters; a line of CSV has its quotes besides
LONG = FITS + "y" * 8
TEXTS = ["one two", FITS, "three", LONG, "four"]


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "LONGEST", MOST)
    monkeypatch.setattr(batches, "BATCH_BYTES", 16)
    assert len(LONG) < MOST < len(LONG.encode()) == MOST + 1


def write_lines(path: Path, texts: list[str]) -> None:
    path.write_text("\n".join(texts), encoding="utf-8")


def write_json(path: Path, texts: list[str]) -> None:
    rows = [json.dumps({"text": text}, ensure_ascii=True) for text in texts]
    write_lines(path, [row.replace("\\u00e9", "e") + " " for row in rows])


def write_csv(path: Path, texts: list[str]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL).writerows([["text"], *([t] for t in texts)])


def write_parquet(path: Path, texts: list[str]) -> None:
    pq.write_table(pa.table({"text": pa.array(texts, pa.large_string())}), path)


def write_folder(path: Path, texts: list[str]) -> None:
    path.mkdir()
    for number, text in enumerate(texts):
        write_lines(path / f"{number}.txt", [text])


@pytest.mark.parametrize("slow", [False, True], ids=["columns", "rows"])
@pytest.mark.parametrize(
    ("name", "write", "where"),
    [
        ("t.txt", write_lines, "t.txt, line 4"),
        ("t.csv", write_csv, "t.csv, line 5"),
        ("t.parquet", write_parquet, "t.parquet, row 3"),
        ("folder", write_folder, "3.txt"),
    ],
)
def test_a_long_document_is_named(tmp_path: Path, name: str, write, where: str, slow: bool) -> None:
    source, target = tmp_path / name, tmp_path / "corpus"
    tokenizer = Tokenizer(function=str.split) if slow else Tokenizer()
    write(source, TEXTS)
    with pytest.raises(SourceError, match=r"is longer than .*split it") as caught:
        prepare(Source(str(source)), target, False, True, Listener(), tokenizer, ALL)
    assert str(caught.value).split(" is longer")[0].endswith(where)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    write(source.with_name(f"fits-{name}"), TEXTS[:3])
    found = Corpus.read(source.with_name(f"fits-{name}"), tokenizer=tokenizer, rule=ALL)
    assert found.texts == TEXTS[:3], "together they are longer than one may be"


def test_a_long_line_of_json_is_named(tmp_path: Path) -> None:
    source = tmp_path / "t.jsonl"
    write_json(source, ["one two", "three", "x " * 50])
    with pytest.raises(SourceError, match=r"t.jsonl, line 3 is longer than .*split it"):
        Corpus.read(source, rule=ALL)


def test_standard_input_and_lists_too(monkeypatch: pytest.MonkeyPatch) -> None:
    given = io.TextIOWrapper(io.BytesIO("\n".join(TEXTS).encode()))
    monkeypatch.setattr(sys, "stdin", given)
    with pytest.raises(SourceError, match=r"^standard input, line 4 is longer than"):
        Corpus.read("-", rule=ALL)
    with pytest.raises(SourceError, match=r"^row 3 of the texts is longer than"):
        Corpus.from_texts(TEXTS, rule=ALL)
    assert Corpus.from_texts(TEXTS[:3] * 2, rule=ALL).texts == TEXTS[:3] * 2
