"""Which files some names stand for, what a document is in them, and what is skipped or refused."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.corpus.corpus import Corpus
from tenor.corpus.source import Source
from tenor.errors import InputError, SourceError, TenorError
from tenor.sources.facts import ReadFacts
from tenor.sources.files import stream
from tenor.sources.formats import FORMATS
from tenor.text.vocabulary import VocabularyRule

ALL = VocabularyRule(1, 1.0)
posix = pytest.mark.skipif(os.name != "posix", reason="such files are POSIX's")


def write(root: Path, **files: str) -> Path:
    """Files below a folder; __ stands for a slash, _ before the suffix for the dot."""
    for name, text in files.items():
        head, _, tail = name.replace("__", "/").rpartition("_")
        path = root / (f"{head}.{tail}" if head else tail)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def read(*names: Path | str, **how) -> list[tuple[str, str, str | None]]:
    """Ids, texts and labels."""
    return [
        row
        for batch in stream(names, **how).batches
        for row in zip(
            *(batch.columns[n].to_pylist() for n in ("id", "text", "label")), strict=True
        )
    ]


def ids(*names: Path | str, **how) -> list[str]:
    return [identity for identity, _, _ in read(*names, **how)]


def facts(*names: Path | str, **how) -> ReadFacts:
    reading = stream(names, **how)
    list(reading.batches)
    return reading.facts()


def skipped(folder: Path, **how) -> dict[str, str]:
    found = facts(folder, **how).skipped
    return {str(Path(name).relative_to(folder)): why for name, why in found}


def refused(*names: Path | str, **how) -> str:
    with pytest.raises(TenorError) as caught:
        stream(names, **how)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# What does not fit together


def test_a_stray_text_does_not_hide_the_tables(tmp_path: Path) -> None:
    rows = "text\n" + "ant bee\n" * 120
    write(tmp_path, train_csv=rows, test_csv=rows, columns_txt="text: what was said")
    expected = (
        f"{tmp_path} holds both tables (test.csv, train.csv) and texts (columns.txt); read its CSV "
        'files with format="csv", or its texts with documents="files"'
    )
    assert refused(tmp_path) == expected
    assert len(Corpus.read(tmp_path, rule=ALL, format="csv")) == 240
    assert skipped(tmp_path, format="csv") == {"columns.txt": "not CSV"}
    assert ids(tmp_path, documents="files") == ["columns.txt"]
    assert skipped(tmp_path, documents="lines") == {
        "test.csv": "not a text file",
        "train.csv": "not a text file",
    }
    pattern = refused(tmp_path / "*")  # the same road
    assert pattern == expected.replace(str(tmp_path), str(tmp_path / "*"))
    files = [tmp_path / name for name in ("train.csv", "columns.txt")]
    assert "both tables (train.csv) and texts (columns.txt)" in refused(*files)
    assert len(read(*files, format="csv")) == 120


def test_what_is_about_tables_is_no_text(tmp_path: Path) -> None:
    write(tmp_path, a_csv="text\nant\n", README_md="x", LICENSE_txt="x", b__README="x")
    (tmp_path / "README.first.txt").write_text("x")
    write(tmp_path, metadata_json="{}")
    assert ids(tmp_path) == ids(tmp_path / "**" / "*") == ["a.csv:0"]
    assert set(skipped(tmp_path)) == {
        *("README.md", "LICENSE.txt", "b/README", "README.first.txt", "metadata.json"),
    }
    (tmp_path / "a.csv").unlink()
    with pytest.raises(SourceError, match=r"both tables \(metadata\.json\) and texts"):
        read(tmp_path)
    (tmp_path / "metadata.json").unlink()
    assert len(read(tmp_path)) == 4  # alone they are texts like others
    write(tmp_path, b__more_txt="x", dataset_info_json="{}")
    assert len(read(tmp_path)) == 5 and skipped(tmp_path) == {
        "dataset_info.json": "not a text file"
    }


def test_tables_of_several_formats_are_read_together(tmp_path: Path) -> None:
    write(tmp_path, a_csv="key,text\n1,ant\n", b__b_jsonl='{"text": "bee", "key": 2}\n')
    pq.write_table(pa.table({"text": ["cat"], "other": [1]}), tmp_path / "C.PARQUET")
    assert read(tmp_path) == [
        ("C.PARQUET:0", "cat", None),
        ("a.csv:0", "ant", None),
        ("b/b.jsonl:0", "bee", None),
    ]
    found = facts(tmp_path)
    assert (found.formats, found.unit) == (("Parquet", "CSV", "JSON lines"), "row")
    write(tmp_path, d_csv="nothing,of,it\n1,2,3\n")
    with pytest.raises(SourceError, match=r"d\.csv"):
        read(tmp_path)


def test_folders_that_a_pattern_does_not_enter_are_named(tmp_path: Path) -> None:
    write(tmp_path, a_csv="text\nant\n", sub__b_csv="text\nbee\n", sub__deep__c_csv="text\ncat\n")
    left = "a folder of which nothing matches"
    assert ids(tmp_path / "*") == ["a.csv:0"]
    assert facts(tmp_path / "*").skipped == ((str(tmp_path / "sub"), left),)
    assert ids(tmp_path / "**" / "*") == ids(tmp_path)
    assert facts(tmp_path / "**" / "*").skipped == ()


def test_everything_that_is_skipped_is_named(tmp_path: Path) -> None:
    names = ["a.txt", "x.EPUB", "y.png", "z.zip", "w.tar.gz", "Thumbs.db", ".DS_Store", "b.txt~"]
    for name in names:
        (tmp_path / name).write_text("x")
    write(tmp_path, **{".git__config": "x", "sub__.hidden": "x", "sub__c_md": "x"})
    assert ids(tmp_path) == ["a.txt", "sub/c.md"]
    assert skipped(tmp_path) == {
        **dict.fromkeys(["x.EPUB", "y.png", "Thumbs.db", "b.txt~"], "not a text file"),
        **dict.fromkeys(["z.zip", "w.tar.gz"], "holds other files; unpack it"),
        **dict.fromkeys([".DS_Store", ".git", "sub/.hidden"], "hidden"),
    }
    for name in ("a.txt", "sub/c.md"):
        (tmp_path / name).unlink()
    said = refused(tmp_path)
    assert "holds no text files or tables (.txt .text .md .csv" in said
    assert "it has .db .epub .gz .png .txt~ .zip files" in said


def test_what_looks_readable_and_is_not_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "x.png").touch()
    said = refused(tmp_path)
    assert said.endswith(f"it has .png files; skipped: {tmp_path / 'pipe.csv'} (no regular file)")


def test_an_address_is_no_path() -> None:
    said = refused("https://example.org/x.csv")
    assert said.endswith("is no file; tenor reads no addresses: download it first")


def test_folders_of_tenors_own_are_no_documents(tmp_path: Path) -> None:
    write(tmp_path, data__a_txt="ant bee", data__b_txt="cat")
    corpus = Corpus.read(tmp_path / "data", rule=ALL)
    corpus.save(tmp_path / "data" / "counted")
    assert ids(tmp_path / "data") == ["a.txt", "b.txt"]
    assert skipped(tmp_path / "data") == {"counted": "a prepared corpus"}
    assert len(Corpus.read(tmp_path / "data" / "counted")) == 2
    by_pattern = facts(tmp_path / "data" / "**" / "*")
    assert (by_pattern.files, by_pattern.skipped) == (2, facts(tmp_path / "data").skipped)
    (tmp_path / "data" / "counted" / "manifest.json").unlink()
    with pytest.raises(SourceError, match="a prepared corpus without its manifest"):
        Corpus.read(tmp_path / "data" / "counted")
    write(tmp_path, model__vocabulary_parquet="", model__weights_safetensors="")
    assert refused(tmp_path / "model").endswith("model is a tenor model, no documents")
    write(tmp_path, fit__fit_json='{"format": "tenor-fit"}', fit__a_txt="x", other__fit_json="{}")
    assert "is an unfinished tenor model" in refused(tmp_path / "fit")
    write(tmp_path, other__a_txt="x")
    assert ids(tmp_path / "other", documents="files") == ["a.txt"]


@posix
def test_links_pipes_and_loops_in_a_folder(tmp_path: Path) -> None:
    write(tmp_path, in__a_txt="x", out__b_txt="y")
    folder = tmp_path / "in"
    (folder / "loop").symlink_to(folder)
    (folder / "more").symlink_to(tmp_path / "out")
    (folder / "same.txt").symlink_to(folder / "a.txt")
    os.mkfifo(folder / "pipe.txt")
    (folder / "null").symlink_to("/dev/null")
    assert ids(folder) == ["a.txt", "same.txt"]
    link = "a link to a folder, which is not followed"
    assert skipped(folder) == {
        "loop": link,
        "more": link,
        "pipe.txt": "no regular file",
        "null": "no regular file",
    }
    (folder / "self.txt").symlink_to("self.txt")
    assert "self.txt: Too many levels of symbolic links" in refused(folder)


# A line, a file or a row


def test_one_rule_says_what_a_document_is(tmp_path: Path) -> None:
    write(tmp_path, docs__a_txt="ant\nbee\n", docs__b_txt="cat\ndog\n")
    docs = tmp_path / "docs"
    lines = ["a.txt:0", "a.txt:1", "b.txt:0", "b.txt:1"]
    roads: list[tuple[Path, ...]] = [
        (docs,),
        (docs / "*.txt",),
        (tmp_path / "**" / "?.txt",),
        (docs / "a.txt", docs / "b.txt"),
    ]
    for road in roads:
        assert [i.rpartition("/")[2] for i in ids(*road)] == ["a.txt", "b.txt"], road
        assert facts(*road).unit == "file"
        assert ids(*road, documents="files") == ids(*road)
        assert ids(*road, documents="lines") == lines
        assert facts(*road, documents="lines").unit == "line"
    alone = docs / "a.txt"
    assert (ids(alone), facts(alone).unit) == (["0", "1"], "line")
    assert read(alone, documents="files") == [("a.txt", "ant\nbee\n", None)]
    assert ids(docs / "a*") == ["a.txt"]  # a pattern is a pattern, whatever it matches


def test_a_text_without_lines_of_its_own_is_asked_about(tmp_path: Path) -> None:
    write(tmp_path, notes_md="# one\ntwo\n", posts="one\ntwo\n")
    for name in ("notes.md", "posts"):
        expected = 'may be one document or a document a line: say documents="files" or'
        assert expected in refused(tmp_path / name)
        assert len(read(tmp_path / name, documents="lines")) == 2
        assert len(read(tmp_path / name, documents="files")) == 1
        assert len(read(tmp_path / name, format="txt")) == 2
    assert ids(tmp_path / "notes.md", tmp_path / "posts") == ["notes.md", "posts"]


def test_documents_are_no_matter_of_tables(tmp_path: Path) -> None:
    write(tmp_path, a_csv="text\nant\n", b_csv="text\nbee\n")
    said = refused(tmp_path / "a.csv", documents="lines")
    assert said.endswith('leave documents out, or read it as text with format="txt"')
    assert "in CSV a document is a row" in refused(tmp_path, documents="files", format="csv")
    assert "holds no text files" in refused(tmp_path, documents="files")
    assert ids(tmp_path / "a.csv", format="txt") == ["0", "1"]


# A named format


def test_a_format_says_what_names_do_not(tmp_path: Path) -> None:
    write(tmp_path, a_dat="key;text\n1;ant\n", b_log="text\nbee\n", c="text\ncat\n")
    said = refused(tmp_path / "a.dat")
    assert 'cannot tell what a ".dat" file holds; known are .txt' in said
    assert said.endswith("name what it is with format")
    assert read(tmp_path / "a.dat", format="csv") == [("0", "ant", None)]
    assert ids(tmp_path, format="csv") == ["a.dat:0", "b.log:0", "c:0"]
    assert ids(tmp_path / "*.log", format="txt", documents="lines") == ["b.log:0", "b.log:1"]
    assert ids(tmp_path / "b.log", documents="lines") == ["0", "1"]
    assert ids(tmp_path / "a.dat", tmp_path / "b.log", documents="files") == ["a.dat", "b.log"]
    write(tmp_path, d_CSV="text\ndog\n")
    assert ids(tmp_path, format="csv") == ["d.CSV:0"]
    assert set(skipped(tmp_path, format="csv").values()) == {"not CSV"}
    assert ids(tmp_path / "a.dat", tmp_path / "d.CSV", format="csv") == ["a.dat:0", "d.CSV:0"]
    write(tmp_path, e_txt="text\nemu\n")
    assert ids(tmp_path / "e.txt", format="csv") == ["0"]
    with pytest.raises(InputError, match='format must be "csv"'):
        Corpus.read(tmp_path, format="xlsx")


@posix
def test_beside_standard_input_a_table_keeps_its_format(tmp_path: Path, monkeypatch) -> None:
    rows = write(tmp_path, b_jsonl='{"text": "bee"}\n', c_csv="text\ncat\n", d_dat="text\ndog\n")

    def given(*names: str, **how) -> list[str]:
        stdin = io.TextIOWrapper(io.BytesIO(b"text\nant\n"))
        monkeypatch.setattr("sys.stdin", stdin)
        return [text for _, text, _ in read("-", *(rows / name for name in names), **how)]

    assert given("b.jsonl", format="csv") == ["ant", "bee"]
    assert given("c.csv", "b.jsonl", format="csv") == ["ant", "cat", "bee"]
    assert given("d.dat", "b.jsonl", format="csv") == ["ant", "dog", "bee"]
    said = refused("-", rows / "b.jsonl")
    assert said.endswith("texts (standard input); if the latter is a table too, say so with format")


def test_every_format_that_can_be_named_is_read() -> None:
    from tenor import settings

    assert {f".{name}" for name in settings.FORMATS} <= set(FORMATS)
    assert {FORMATS[f".{name}"] for name in settings.FORMATS} == set(FORMATS.values())


# Several sources


def test_several_sources_keep_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, z_csv="text\nzoo\n", a_csv="text\nant\n", more__b_csv="text\nbee\n")
    write(tmp_path, part_1_jsonl='{"text": "one"}\n', part_2_jsonl='{"text": "two"}\n')
    found = ["z.csv:0", "more/b.csv:0", "part_1.jsonl:0", "part_2.jsonl:0", "a.csv:0"]
    names = [tmp_path / n for n in ("z.csv", "more", "part*.jsonl", "a.csv")]
    assert ids(*names) == found
    monkeypatch.chdir(tmp_path)
    mixed = ["z.csv", tmp_path / "more", "./part*.jsonl", Path("more/../a.csv")]
    assert Corpus.read(mixed, rule=ALL).ids == found
    assert facts(*map(str, mixed)).sources == tuple(map(str, mixed))
    source = Source(tuple(map(str, mixed)))
    assert Source.from_json(source.to_json()).stamp() != ""
    (tmp_path / "a.csv").write_text("text\nanother\n")
    assert Source.from_json(source.to_json()).names[0] == str(tmp_path / "z.csv")


def test_ids_say_what_distinguishes(tmp_path: Path) -> None:
    write(tmp_path, x__a_csv="text\nant\n", y__a_csv="text\nbee\n", x__deep__b_csv="text\ncat\n")
    assert ids(tmp_path / "x/a.csv", tmp_path / "y/a.csv") == ["x/a.csv:0", "y/a.csv:0"]
    assert ids(tmp_path / "x/deep/b.csv", tmp_path / "x/a.csv") == ["deep/b.csv:0", "a.csv:0"]
    write(tmp_path, pos__1_txt="good", neg__1_txt="bad")
    assert read(tmp_path / "pos", tmp_path / "neg") == [
        ("pos/1.txt", "good", "pos"),
        ("neg/1.txt", "bad", "neg"),
    ]


def test_nothing_is_read_twice(tmp_path: Path) -> None:
    write(tmp_path, a_csv="text\nant\n", b_csv="text\nbee\n")
    (tmp_path / "link.csv").symlink_to("a.csv")
    a = tmp_path / "a.csv"
    for again in (a, f"{tmp_path}/../{tmp_path.name}/a.csv", tmp_path / "link.csv", tmp_path):
        assert refused(a, again).endswith("is named twice; name it once")
    assert len(read(tmp_path)) == 3  # a folder may hold a link to its own


def test_data_sets_and_corpora_stand_alone(tmp_path: Path) -> None:
    write(tmp_path, a_csv="text\nant\n")
    Corpus.read(tmp_path / "a.csv", rule=ALL).save(tmp_path / "corpus")
    for other, what in (("python-docs", "data set"), (tmp_path / "corpus", "prepared corpus")):
        with pytest.raises(InputError, match=f"is a {what} and stands alone"):
            Corpus.read([tmp_path / "a.csv", other], rule=ALL)
        with pytest.raises(InputError, match="is no file; leave format out"):
            Corpus.read(other, format="csv")


def test_one_that_is_missing_is_named(tmp_path: Path) -> None:
    write(tmp_path, a_csv="text\nant\n")
    assert "b.csv does not exist; near it" in refused(tmp_path / "a.csv", tmp_path / "b.csv")
    with pytest.raises(InputError, match="the path is empty; name a file or folder"):
        Source(("a", "")).check()
    write(tmp_path, bare_csv="text\n", empty_csv="")
    found = facts(tmp_path / "a.csv", tmp_path / "bare.csv")
    assert found.notes == (f"{tmp_path / 'bare.csv'} holds no documents",)
    with pytest.raises(SourceError, match=r"empty\.csv is empty"):
        read(tmp_path)


# What a fit remembers


def test_what_an_earlier_fit_named_is_read_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, a_txt="ant\nbee\n", b_txt="cat\n")
    before = {"text_column": None, "subset": None, "remove": [], "encoding_errors": "strict"}
    source = Source.from_json({**before, "name": str(tmp_path / "*.txt")})
    assert (source.names, source.documents) == ((str(tmp_path / "*.txt"),), "lines")
    assert len(Corpus.of(source, rule=ALL)) == 3
    for name in (str(tmp_path), str(tmp_path / "*.csv"), "-", "python-docs"):
        assert Source.from_json({**before, "name": name}) == Source(name)


def test_targets_among_the_sources(tmp_path: Path) -> None:
    write(tmp_path, data__a_csv="text\nant\n", b_csv="text\nbee\n")
    data = tmp_path / "data"
    source = Source((str(tmp_path / "b.csv"), str(data / "*.csv"), "-"))
    for target, said in (
        (tmp_path / "b.csv", "holds the documents"),
        (data, "holds the documents"),
        (tmp_path, "holds the documents"),
        (data / "out.csv", "lies among the documents"),
    ):
        with pytest.raises(InputError, match=said):
            source.refuse_as_target(target)
    source.refuse_as_target(data / "model")
    source.refuse_as_target(tmp_path / "model")
    assert Source(str(tmp_path / "b.csv")).n_documents() is None
    for name in ("x", "y"):
        pq.write_table(pa.table({"text": ["a", "b"]}), tmp_path / f"{name}.parquet")
    assert Source(str(tmp_path / "?.parquet")).n_documents() == 4


def test_a_pattern_that_matches_folders_only(tmp_path: Path) -> None:
    write(tmp_path, pos__a_txt="ant", neg__b_txt="bee")
    said = refused(f"{tmp_path}/*")
    assert said == f"no file matches {tmp_path}/* but folders; {tmp_path}/*/* are the files in them"
    assert ids(f"{tmp_path}/*/*") == ["neg/b.txt", "pos/a.txt"]
