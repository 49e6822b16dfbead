"""Documents cut into passages: no text lost, rows that name their document, unique ids."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tenor import Corpus, VocabularyRule
from tenor.corpus.source import Source
from tenor.errors import InputError, SourceError

ALL = VocabularyRule(min_df=1, max_df=1.0)
BLANKS = (
    "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2003\u200a\u2028\u2029\u202f\u205f\u3000"
)
LETTERS = "abéß€😀一二カไทຂកက"
MARKS = "、。！"


def cut(texts: list[str | None], split: str) -> list[list[str]]:
    """The passages of each text, of which rows and ids are held to be right."""
    words = ["never", *(text or "" for text in texts)]
    corpus = Corpus.from_texts([words[0], *texts], rule=ALL, split=split)
    assert corpus.texts is not None
    found: list[list[str]] = [[] for _ in words]
    for name, document, text in zip(
        corpus.ids, corpus.column("document").to_pylist(), corpus.texts, strict=True
    ):
        found[int(document)].append(text)
        assert name == f"{document}#{len(found[int(document)])}"
    assert corpus.origin.read.n_split == len(words)
    return found[1:]


def by_words(text: str, size: int) -> list[str]:
    """The same rule, a word at a time."""
    heavy = re.compile("[一二カไทຂកက]")
    words = list(re.finditer(rf"[^{BLANKS}{MARKS}]+", text))
    runs: list[list[re.Match[str]]] = []
    last = 0.0
    weights: list[float] = []
    before = 0.0
    for word in words:
        weight = max(1.0, len(heavy.findall(word[0])) / 2)
        number = int(before // size)
        if not runs or number != last:
            runs.append([])
            weights.append(0.0)
        last = number
        runs[-1].append(word)
        weights[-1] += weight
        before += weight
    if len(runs) > 1 and weights[-1] < size / 2:
        rest = runs.pop()
        runs[-1] += rest
    starts = [0, *(run[0].start() for run in runs[1:])]
    ends = [*starts[1:], len(text)]
    return [text[start:end].strip() for start, end in zip(starts, ends, strict=True)]


@pytest.mark.filterwarnings("ignore::tenor.errors.TenorWarning")  # of scripts without blanks
@settings(deadline=None)
@given(st.lists(st.text(BLANKS + LETTERS + MARKS, max_size=40), max_size=4), st.integers(1, 5))
def test_runs_of_words(texts: list[str], size: int) -> None:
    assert cut(list(texts), f"{size}-words") == [by_words(text, size) for text in texts]


@settings(deadline=None)
@given(st.lists(st.text("ab \t\n\r\u2029é", max_size=30), max_size=4))
def test_paragraphs(texts: list[str]) -> None:
    def expected(text: str) -> list[str]:
        parts = re.split(r"\n[ \t\n\r]*\n|\r[ \t\n\r]*\r|\u2029", text)
        return [part.strip() for part in parts if part.strip()] or [""]

    assert cut(list(texts), "paragraphs") == [expected(text) for text in texts]


def test_words_are_whole_and_a_short_rest_joins() -> None:
    assert cut(["a b c d e", "a b c d", "a"], "3-words") == [["a b c", "d e"], ["a b c d"], ["a"]]
    assert cut(["a b c", "a b c d e f"], "2-words") == [["a b", "c"], ["a b", "c d", "e f"]]
    assert cut(["a b c d e"], "4-words") == [["a b c d e"]]
    assert cut([None, "", " \n "], "3-words") == [[""], [""], [""]]
    assert cut(["一二三四，五六。七八"], "2-words") == [["一二三四，", "五六。七八"]]


def test_everything_else_of_a_document_is_repeated(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('key,kind,year,text\na,x,1,"one\n\ntwo"\na#1,y,2,\nb,,3,"three\n\n\n"\n')
    reading = {"id_column": "key", "label_column": "kind", "keep": ("year",)}
    corpus = Corpus.read(path, split="paragraphs", rule=ALL, text_column="text", **reading)
    assert list(corpus.ids) == ["a#1", "a#2", "a#1#1", "b#1"]
    assert list(corpus.labels or ()) == ["x", "x", "y", None]
    assert corpus.column("year").to_pylist() == ["1", "1", "2", "3"]
    assert corpus.column("document").to_pylist() == ["a", "a", "a#1", "b"]
    assert str(corpus.origin).startswith(
        "1 CSV file, a document a row: 3 documents split into 4 passages (1 without a text), "
    )
    corpus.save(tmp_path / "corpus")
    assert Corpus.open(tmp_path / "corpus").origin == corpus.origin
    path.write_text("key,text\na,one\na,two\n")
    with pytest.raises(SourceError, match='the id "a#1" is there twice'):
        Corpus.read(path, split="paragraphs", rule=ALL, id_column="key")


def test_a_place_is_that_of_the_document(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a b c d\ne f g bad\n")

    def words(text: str) -> list[str]:
        return text.split() if "bad" not in text else [1]  # type: ignore[list-item]

    with pytest.raises(InputError) as raised:
        Corpus.read(tmp_path / "a.txt", split="2-words", tokenizer=words)
    assert str(raised.value).startswith(f"{tmp_path / 'a.txt'}, line 2: ")


def test_data_sets_and_streams_are_split_too() -> None:
    whole = Corpus.read("python-docs", subset="test")
    split = Corpus.read("python-docs", subset="test", split="paragraphs")
    assert split.origin.read.n_split == len(whole) < len(split)
    assert list(dict.fromkeys(split.column("document").to_pylist())) == list(whole.ids)


def test_how_it_is_split_is_part_of_what_a_job_goes_on_with(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\na b\n")
    names = (str(tmp_path / "a.csv"),)
    stamps = {Source(names, split=split).stamp() for split in (None, "paragraphs", "9-words")}
    assert len(stamps) == 3
    assert Source.from_json(Source(names, split="9-words").to_json()).split == "9-words"


@pytest.mark.parametrize("split", ["words", "0-words", "x-words", "1.5-words", "", 5, "٣-words"])
def test_what_is_no_split(split: object) -> None:
    with pytest.raises(InputError, match="split must be paragraphs or a number of words"):
        Corpus.from_texts(["a"], split=split)  # type: ignore[arg-type]


def test_what_cannot_be_split(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text,document\na b,1\n")
    with pytest.raises(InputError, match='"document" cannot be kept with split'):
        Corpus.read(tmp_path / "a.csv", keep=("document",), text_column="text", split="paragraphs")
    Corpus.from_texts(["ants bees"], rule=ALL).save(tmp_path / "corpus")
    with pytest.raises(InputError, match="is counted already; leave split out"):
        Corpus.read(tmp_path / "corpus", split="paragraphs")


def test_a_file_that_says_how_many_rows_it_has_does_not_say_how_many_passages(
    tmp_path: Path,
) -> None:
    pq.write_table(pa.table({"text": ["a b c d", "e"]}), tmp_path / "x.parquet")
    whole = Source((str(tmp_path / "x.parquet"),))
    assert whole.n_documents() == 2
    assert replace(whole, split="2-words").n_documents() is None
