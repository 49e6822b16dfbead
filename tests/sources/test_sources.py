"""Reading files, folders, tables and standard input; and what bad ones get."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, SourceError, TenorError
from tenor.sources.columns import Columns
from tenor.sources.files import stream
from tenor.text.vocabulary import VocabularyRule

ALL = VocabularyRule(1, 1.0)


def read(source: Path | str, columns: Columns | None = None, errors: str = "strict") -> list[tuple]:
    return [
        row
        for batch in stream(source, columns, errors).batches
        for row in zip(
            *(batch.columns[n].to_pylist() for n in ("id", "text", "label")), strict=True
        )
    ]


def one_line(source: Path | str, columns: Columns | None = None, errors: str = "strict") -> str:
    """The message that reading ends with, seen to be one line."""
    with pytest.raises(TenorError) as caught:
        read(source, columns, errors)
    message = str(caught.value)
    assert "\n" not in message
    return message


# Folders


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "posts"
    for name, text in {
        "b/2.txt": "two",
        "b/10.txt": "ten",
        "a/49960": "usenet",
        "a/37261.1": "suffix of digits",
        "a/deep/x.md": "deep",
        "top.TEXT": "\ufefftop",
        "b/empty.txt": "",
        ".hidden/x.txt": "no",
        "a/.secret": "no",
        "a/picture.png": "no",
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    return root


def test_folder(folder: Path) -> None:
    assert read(folder) == [
        ("a/37261.1", "suffix of digits", "a"),
        ("a/49960", "usenet", "a"),
        ("a/deep/x.md", "deep", "a/deep"),
        ("b/10.txt", "ten", "b"),
        ("b/2.txt", "two", "b"),
        ("b/empty.txt", "", "b"),
        ("top.TEXT", "top", None),
    ]
    corpus = Corpus.read(folder, rule=ALL)
    assert corpus.labels == ["a", "a", "a/deep", "b", "b", "b", None]
    assert corpus.empty.tolist() == [False] * 5 + [True, False]


def test_folder_with_a_bad_byte(folder: Path) -> None:
    (folder / "b/3.txt").write_bytes(b"caf\xe9 au lait")
    assert "posts/b/3.txt is not UTF-8: byte 0xe9 at offset 3" in one_line(folder)
    assert ("b/3.txt", "caf\ufffd au lait", "b") in read(folder, errors="replace")


def test_utf16_is_recognised(folder: Path) -> None:
    (folder / "b/3.txt").write_text("hello", encoding="utf-16")
    assert one_line(folder).endswith("b/3.txt is UTF-16, not UTF-8; convert it first")


def test_folder_without_texts(tmp_path: Path) -> None:
    assert "holds no text files" in one_line(tmp_path)
    (tmp_path / "data.feather").write_bytes(b"")
    assert "it has .feather files" in one_line(tmp_path)


def test_folder_has_no_columns(folder: Path) -> None:
    assert "leave text_column out" in one_line(folder, Columns(text="x"))


@pytest.mark.skipif(os.name != "posix", reason="file names are bytes on POSIX only")
def test_file_name_that_is_no_unicode(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("hello there")
    assert Corpus.read(tmp_path, rule=ALL).ids == ["caf\\xe9.txt"]


# Lines


def test_lines_keep_their_rows(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes("\ufeff  first one \r\n\r\nthird\u2028same\n\nlast".encode())
    assert read(file) == [
        ("0", "  first one ", None),
        ("1", "", None),
        ("2", "third\u2028same", None),
        ("3", "", None),
        ("4", "last", None),
    ]


def test_lines_with_a_bad_byte(tmp_path: Path) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes(b"one\ntwo\xff\n")
    assert "lines.txt, line 2, is not UTF-8: byte 0xff at offset 7" in one_line(file)
    assert read(file, errors="replace")[1][1] == "two\ufffd"


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    def type_in(data: bytes) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))

    type_in("hello there\nzwölf\n".encode())
    corpus = Corpus.read("-", rule=ALL)
    assert (corpus.ids, corpus.texts) == (["0", "1"], ["hello there", "zwölf"])
    type_in(b"")
    with pytest.raises(SourceError, match="standard input holds no documents"):
        Corpus.read("-")
    type_in(b"ok\n\xff\n")
    with pytest.raises(SourceError, match=r"standard input, line 2, is not UTF-8: .* offset 3"):
        Corpus.read("-")


# CSV


def csv_file(tmp_path: Path, text: str | bytes) -> Path:
    file = tmp_path / "table.csv"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_csv(tmp_path: Path) -> None:
    file = csv_file(
        tmp_path, '\ufeffid,Text,kind\r\n7,"two\nlines, ""quoted""",a\r\n\r\n8,,\r\n9,plain,b\r\n'
    )
    assert read(file) == [
        ("0", 'two\nlines, "quoted"', None),
        ("1", "", None),
        ("2", "plain", None),
    ]
    assert read(file, Columns("kind", "id", "kind")) == [
        ("7", "a", "a"),
        ("8", "", None),
        ("9", "b", "b"),
    ]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_csv_with_another_delimiter(tmp_path: Path, mark: str) -> None:
    file = csv_file(tmp_path, f"id{mark}text\n1{mark}a, b\n")
    assert read(file) == [("0", "a, b", None)]


def test_csv_takes_texts_of_any_length(tmp_path: Path) -> None:
    file = csv_file(tmp_path, f"text\n{'x' * 300_000}\n")
    assert len(read(file)[0][1]) == 300_000


@pytest.mark.parametrize(
    ("text", "columns", "message"),
    [
        ("a,b\n1,2\n", Columns(text="c"), 'has no column "c" for the text; it has: a, b'),
        ("a,text\n1,2\n", Columns(id="c"), 'has no column "c" for the id; it has: a, text'),
        ("a,text\n1,2\n", Columns(label="c"), 'has no column "c" for the label'),
        ("a,b\n1,2\n", None, "name it with text_column; it has: a, b"),
        ("text,b\n1,2\n\n3\n", None, "table.csv, line 4 has 1 field, the header 2"),
        ("text,b\n1,2,3\n", None, "table.csv, line 2 has 3 fields, the header 2"),
        ("text,b\n1,2,3\n", None, "mend the line, or name what separates fields with delimiter"),
        ('text,b\n"a\nb",1\n"c,2\n', None, "table.csv, line 4: a quoted field is never closed"),
        ('text,b\n"a"x,1\n', None, "table.csv, line 2: ',' expected after '\"'"),
        ("text,a,text\n1,2,3\n", None, 'column "text" for the text: the columns 1 and 3'),
        ("id,text\n,x\n", Columns(id="id"), 'table.csv, line 2: the id "id" is empty'),
        ("", None, "its first line must name the columns"),
        (b"text,b\nab\xfe,1\n", None, "table.csv, line 2, is not UTF-8: byte 0xfe at offset 9"),
    ],
)
def test_bad_csv(tmp_path: Path, text: str | bytes, columns: Columns | None, message: str) -> None:
    assert message in one_line(csv_file(tmp_path, text), columns)


def test_a_blank_line_under_one_column_is_an_empty_document(tmp_path: Path) -> None:
    file = csv_file(tmp_path, "text\nfirst\n\nthird\n")
    assert read(file) == [("0", "first", None), ("1", "", None), ("2", "third", None)]


def test_csv_line_numbers_count_lines_and_not_rows(tmp_path: Path) -> None:
    file = csv_file(tmp_path, 'text,b\n"1\n2\n3",x\nonly\n')
    assert "line 5 has 1 field" in one_line(file)


# JSON lines


def jsonl_file(tmp_path: Path, *lines: str) -> Path:
    file = tmp_path / "table.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_jsonl(tmp_path: Path) -> None:
    file = jsonl_file(
        tmp_path, '{"n": 1, "body": "hé", "y": 2.5}', "", '{"n": 2, "body": null, "y": null}'
    )
    assert read(file) == [("0", "hé", None), ("1", "", None)]
    assert read(file, Columns(id="n", label="y")) == [("1", "hé", "2.5"), ("2", "", None)]


@pytest.mark.parametrize(
    ("line", "columns", "message"),
    [
        ('{"text": "a"', None, "line 2 is not JSON"),
        ("[" * 100_000, None, "line 2 is not JSON"),
        ('["a"]', None, "line 2 is an array, not an object"),
        ('{"text": "a", "n": 2, "text": "b"}', None, 'line 2 has the key "text" twice'),
        ('{"text": 3}', None, 'line 2: "text" is int, not text'),
        ('{"text": "a"}', Columns(id="n"), 'line 2 has no key "n" for the id; it has: text'),
        ('{"text": "a", "n": {}}', Columns(id="n"), 'line 2: "n" is dict'),
        ('{"text": "a", "n": null}', Columns(id="n"), 'line 2: the id "n" is empty'),
    ],
)
def test_bad_jsonl(tmp_path: Path, line: str, columns: Columns | None, message: str) -> None:
    assert message in one_line(jsonl_file(tmp_path, '{"text": "fine", "n": 1}', line), columns)


def test_a_parquet_file_that_is_called_another(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"PAR1\xff\xffPAR1")
    assert "is a Parquet file; read it with format=" in one_line(tmp_path / "x.csv")


def test_the_first_object_names_the_text_whatever_it_holds(tmp_path: Path) -> None:
    file = jsonl_file(tmp_path, '{"text": null, "title": "a"}', '{"text": "b", "title": "c"}')
    assert read(file) == [("0", "", None), ("1", "b", None)]
    file = jsonl_file(tmp_path, '{"text": 3}')
    assert 'line 1: "text" is int, not text' in one_line(file, None)


def test_half_a_surrogate_pair(tmp_path: Path) -> None:
    file = jsonl_file(tmp_path, json.dumps({"text": "ok ok"}), '{"text": "bad \\ud800 word"}')
    with pytest.raises(SourceError, match="line 2: the text holds half a surrogate pair"):
        Corpus.read(file, rule=ALL)
    corpus = Corpus.read(file, rule=ALL, encoding_errors="replace")
    assert corpus.texts == ["ok ok", "bad \ufffd word"]


# Parquet


def parquet_file(tmp_path: Path, **columns) -> Path:
    file = tmp_path / "table.parquet"
    pq.write_table(pa.table(columns), file)
    return file


def test_parquet(tmp_path: Path) -> None:
    file = parquet_file(tmp_path, n=[5, 6], words=["a b", None], k=pa.array([1.5, None]))
    assert read(file) == [("0", "a b", None), ("1", "", None)]
    assert read(file, Columns("words", "n", "k")) == [("5", "a b", "1.5"), ("6", "", None)]
    kinds = pa.array(["x", "y"]).dictionary_encode()
    file = parquet_file(tmp_path, text=pa.array(["t", "u"], pa.large_string()), kind=kinds)
    assert read(file, Columns(label="kind")) == [("0", "t", "x"), ("1", "u", "y")]


def test_bad_parquet(tmp_path: Path) -> None:
    file = parquet_file(tmp_path, n=[5], a=["a"], b=["b"])
    assert "it has: n, a, b" in one_line(file)
    assert 'column "n" holds int64, not text' in one_line(file, Columns("n"))
    assert 'no column "c" for the id' in one_line(file, Columns("a", "c"))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert "cannot be read as Parquet" in one_line(file)
    file.write_bytes(b"")
    assert "cannot be read as Parquet" in one_line(file)


def test_parquet_with_bytes_that_are_no_utf8(tmp_path: Path) -> None:
    text = pa.array([b"fine", b"caf\xe9"], pa.binary()).view(pa.string())
    file = parquet_file(tmp_path, text=text)
    assert 'table.parquet, row 1: "text" is not UTF-8' in one_line(file)
    assert read(file, errors="replace")[1][1] == "caf\ufffd"


# What is common to all


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_every_table_takes_the_usual_column(tmp_path: Path, suffix: str) -> None:
    rows = [{"title": "t", "body": "b", "abstract": "a"}]
    file = tmp_path / f"x{suffix}"
    if suffix == ".csv":
        file.write_text("title,body,abstract\nt,b,a\n")
    elif suffix == ".jsonl":
        file.write_text(json.dumps(rows[0]))
    else:
        pq.write_table(pa.Table.from_pylist(rows), file)
    assert read(file) == [("0", "b", None)]


def test_missing_file_offers_near_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reviews.csv").write_text("text\na\n")
    message = one_line(tmp_path / "review.csv")
    assert message.endswith(f"review.csv does not exist; near it: {tmp_path / 'reviews.csv'}")
    assert "nor does the folder" in one_line(tmp_path / "no" / "x.csv")
    monkeypatch.chdir(tmp_path)
    assert "near it: 20newsgroups" in one_line("20newsgroup")


def test_unknown_kinds_of_file(tmp_path: Path) -> None:
    (tmp_path / "a.epub").write_bytes(b"%PDF")
    message = one_line(tmp_path / "a.epub")
    assert 'cannot tell what a ".epub" file holds; known are .txt' in message


@pytest.mark.parametrize("name", ["x.txt", "x.csv", "x.jsonl", "x.parquet"])
def test_sources_without_documents(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    if name == "x.parquet":
        pq.write_table(pa.table({"text": pa.array([], pa.string())}), file)
    else:
        file.write_text("text\n" if name == "x.csv" else "")
    with pytest.raises(SourceError, match=f"{name} holds no documents"):
        Corpus.read(file)


def test_repeated_ids_name_both_rows(tmp_path: Path) -> None:
    file = csv_file(tmp_path, "id,text\na,x y\nb,x y\na,x y\n")
    with pytest.raises(SourceError, match='the id "a" is there twice, in rows 0 and 2'):
        Corpus.read(file, id_column="id", rule=ALL)


def test_encoding_errors_is_checked(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='encoding_errors must be "strict" or "replace"'):
        Corpus.read(csv_file(tmp_path, "text\na\n"), encoding_errors="ignore")


@pytest.mark.parametrize("source", [None, 3, "", [], ["a", 3], ["a", ""], {"a": 1}.values(), b"a"])
def test_a_source_is_a_path(source) -> None:
    with pytest.raises(InputError, match="a source is a path"):
        Corpus.read(source)


def test_a_set_of_sources_has_no_order() -> None:
    with pytest.raises(InputError, match="a set of sources has no order"):
        Corpus.read({"a", "b"})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "; the list is empty"),
        ([Path("a.csv"), 3], ", not 3 in the list"),
        (["a.csv", ""], ", not '' in the list"),
        ([["a.csv"]], ", not a list of 1 item in the list"),
        (None, ", not None"),
        (b"a.csv", ", not bytes"),
    ],
)
def test_what_is_no_source_is_said(given, said: str) -> None:
    with pytest.raises(InputError) as caught:
        Corpus.read(given)
    assert str(caught.value).startswith("a source is a path, a data set's name, -, or a list")
    assert said in str(caught.value)


def test_a_text_column_that_is_no_name() -> None:
    with pytest.raises(InputError, match="text_column must be a name or a list of names, not 3"):
        Corpus.read("a.csv", text_column=3)


def test_progress_and_streaming(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "lines.txt"
    file.write_text("some words\n" * 2500)
    monkeypatch.setattr("tenor.sources.batches.BATCH_BYTES", 11_000)
    monkeypatch.setattr("tenor.corpus.pieces.PIECE_BYTES", 10_000)
    seen: list[int] = []
    Corpus.read(file, rule=ALL, on_progress=seen.append, keep_text=False)
    assert seen == [1000, 2000, 2500]


def test_a_path_goes_before_a_data_set_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "python-docs").mkdir()
    (tmp_path / "python-docs" / "a.txt").write_text("my own text")
    monkeypatch.chdir(tmp_path)
    assert Corpus.read("python-docs", rule=ALL).ids == ["a.txt"]


@pytest.mark.parametrize("source", ["x" * 5000, "a\0b", "/dev/null/x.txt"])
def test_paths_that_cannot_be(source: str) -> None:
    with pytest.raises(InputError, match="cannot") as caught:
        Corpus.read(source)
    assert len(str(caught.value)) < 300
