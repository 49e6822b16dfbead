"""Patterns and folders of tables: one corpus of many files, every document with its own id."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.corpus.corpus import Corpus
from tenor.corpus.source import Source
from tenor.errors import SourceError
from tenor.sources.columns import Columns
from tenor.sources.files import stream
from tenor.text.vocabulary import VocabularyRule

ALL = VocabularyRule(1, 1.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "set"
    (root / "b").mkdir(parents=True)
    (root / "b" / "1.csv").write_text("key,text\nk1,ant bee\nk2,cat\n")
    pq.write_table(pa.table({"key": ["k3"], "text": ["bee bee"]}), root / "a.parquet")
    (root / "c.jsonl").write_text(json.dumps({"key": "k4", "text": "dog"}) + "\n")
    (root / "README.md").write_text("not a document")
    (root / ".hidden.csv").write_text("text\nno\n")
    return root


def read(source, columns: Columns | None = None, **how) -> list[tuple[str, str]]:
    """Ids and texts, with progress that ends at the end."""
    reading = stream(source, columns, **how)
    batches = list(reading.batches)
    assert [b.read for b in batches] == sorted(b.read for b in batches)
    assert reading.total in (None, batches[-1].read)
    return [
        row
        for b in batches
        for row in zip(b.columns["id"].to_pylist(), b.columns["text"].to_pylist(), strict=True)
    ]


def test_a_folder_of_tables(folder: Path) -> None:
    texts = ["bee bee", "ant bee", "cat", "dog"]
    ids = ["a.parquet:0", "b/1.csv:0", "b/1.csv:1", "c.jsonl:0"]
    assert read(folder) == list(zip(ids, texts, strict=True))
    named = read(folder, Columns(id="key"))
    assert named == list(zip(["k3", "k1", "k2", "k4"], texts, strict=True))
    corpus = Corpus.read(folder, rule=ALL)
    assert (corpus.ids, corpus.texts) == (ids, texts)


def test_texts_beside_tables_are_not_chosen_between(folder: Path) -> None:
    (folder / "columns.txt").write_text("hello")
    with pytest.raises(SourceError) as caught:
        stream(folder)
    assert str(caught.value) == (
        f"{folder} holds both tables (a.parquet, 1.csv, …) and texts (columns.txt); read its "
        'Parquet files with format="parquet", or its texts with documents="files"'
    )
    assert read_ids(folder, documents="files") == ["README.md", "columns.txt"]
    assert read_ids(folder, format="csv") == ["1.csv:0", "1.csv:1"]
    assert stream(folder, format="csv").facts().skipped == (
        *((str(folder / name), "hidden") for name in (".hidden.csv",)),
        (str(folder / "README.md"), "not CSV"),
        (str(folder / "a.parquet"), "not CSV"),
        (str(folder / "c.jsonl"), "not CSV"),
        (str(folder / "columns.txt"), "not CSV"),
    )


def read_ids(source, **how) -> list[str]:
    return [identity for identity, _ in read(source, **how)]


def test_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in (2, 10, 1):
        (tmp_path / f"part-{number:02}.txt").write_text(f"text {number}\nmore\n")
    expected = [
        ("part-01.txt:0", "text 1"),
        ("part-01.txt:1", "more"),
        ("part-02.txt:0", "text 2"),
        ("part-02.txt:1", "more"),
        ("part-10.txt:0", "text 10"),
        ("part-10.txt:1", "more"),
    ]
    files = [(f"part-{n:02}.txt", f"text {n}\nmore\n") for n in (1, 2, 10)]
    for source in (tmp_path, tmp_path / "part-*.txt", [tmp_path / name for name, _ in files]):
        assert read(source, documents="lines") == expected
        assert read(source) == read(source, documents="files") == files
    assert read(tmp_path / "**" / "part-0[12].txt") == files[:2]
    monkeypatch.chdir(tmp_path)
    assert read(Path("part-*.txt"), documents="lines") == expected
    assert read(Path("part-1?.txt")) == files[2:]
    with pytest.raises(SourceError, match=r"no file matches .*x-\*\.csv"):
        stream(tmp_path / "x-*.csv")
    (tmp_path / "odd[1].txt").write_text("the path itself goes first\n")
    assert read_ids(Path("odd[1].txt")) == ["0"]


def test_ids_are_unique_across_files(folder: Path) -> None:
    (folder / "d.csv").write_text("key,text\nk3,again\n")
    with pytest.raises(SourceError, match='the id "k3" is there twice, in rows 0 and 4'):
        Corpus.read(folder, id_column="key", rule=ALL)


def test_a_bad_file_among_many_is_named(folder: Path) -> None:
    (folder / "d.csv").write_text("key,text\nk9\n")
    with pytest.raises(SourceError, match=r"d\.csv, line 2 has 1 field, the header 2"):
        Corpus.read(folder, rule=ALL)
    (folder / "d.csv").write_text("key,words,more\n1,2,3\n")
    with pytest.raises(
        SourceError,
        match=r'd\.csv has no column "text" for the text, as .*a\.parquet has; it has: key, words',
    ):
        Corpus.read(folder, rule=ALL)


def test_files_that_cannot_be_read_are_refused_before_the_first_one_is(folder: Path) -> None:
    (folder / "z.epub").write_bytes(b"")
    with pytest.raises(SourceError, match=r"z\.epub: cannot tell what"):
        stream([folder / "a.parquet", folder / "z.epub"])
    by_pattern = stream(folder / "**" / "*")
    assert (str(folder / "z.epub"), "not a table") in by_pattern.facts().skipped
    assert by_pattern.facts().files == stream(folder).facts().files == 3


def test_a_link_to_nowhere_is_named(tmp_path: Path) -> None:
    for name, text in (("a.csv", "text\nant bee\n"), ("a.txt", "ant bee")):
        root = tmp_path / name[2:]
        root.mkdir()
        (root / name).write_text(text)
        (root / f"b{name[1:]}").symlink_to("nowhere")
        for look in (Corpus.read, lambda place: Source(str(place)).stamp()):
            with pytest.raises(SourceError, match=r"cannot read .*b\.\w+: No such file"):
                look(root)
