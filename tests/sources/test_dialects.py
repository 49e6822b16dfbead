"""CSV as it comes: delimiters, quotes, headers, line ends."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, SourceError
from tenor.sources.columns import Columns, Dialect
from tenor.sources.files import stream
from tenor.text.vocabulary import VocabularyRule

UNQUOTED, QUOTED = Columns(dialect=Dialect(quote="none")), Columns(dialect=Dialect(quote='"'))
NO_HEADER = Columns(dialect=Dialect(header=False))


def write(folder: Path, text: str, name: str = "x.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def read(path: Path, columns: Columns | None = None) -> list[str]:
    batches = stream(path, columns).batches
    return [text for batch in batches for text in batch.columns["text"].to_pylist()]


def said(path: Path, columns: Columns | None = None) -> str:
    with pytest.raises((SourceError, InputError)) as caught:
        read(path, columns)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("x.csv", 'id,text\n1,"a, b; c"\n'),
        ("x.csv", "id;text\n1;a, b; c\n".replace("b; c", '"b; c"').replace("a, ", "")),
        ("x.csv", "id|text\n1|a, b; c\n"),
        ("x.csv", "id\ttext\n1\ta, b; c\n"),
        ("x.csv", '"id, or name; both";text\n1;"a, b; c"\n'),
        ("x.tsv", "text\na, b; c\n"),
        ("x.csv", "sep=|\nid|text\n1|a, b; c\n"),
        ("x.csv", '"sep=;"\r\nid;text\r\n1;"a, b; c"\r\n'),
    ],
)
def test_the_delimiter_is_seen(tmp_path: Path, name: str, text: str) -> None:
    assert read(write(tmp_path, text, name), Columns("text"))[0].endswith("b; c")


def test_the_delimiter_that_fits_the_rows(tmp_path: Path) -> None:
    rows = "".join(f"{n};some text, as it is, {n}\n" for n in range(9))
    path = write(tmp_path, f"id;text, as it is\n{rows}")
    assert read(path, Columns("text, as it is"))[3] == "some text, as it is, 3"
    columns = Columns("2", dialect=Dialect(delimiter="~", header=False))
    assert read(write(tmp_path, "1~a,b\n2~c,d\n"), columns) == ["a,b", "c,d"]


def test_stray_quotes(tmp_path: Path) -> None:
    path = write(tmp_path, 'id\ttext\n1\t"Hello" she said\n2\tb\n', "x.tsv")
    assert said(path).startswith(", line 2: '\\t' expected after '\"'")
    assert said(path).endswith('; if quotes do not enclose fields, read it with quote="none"')
    assert read(path, UNQUOTED) == ['"Hello" she said', "b"]


def test_rows_are_not_swallowed_without_a_word(tmp_path: Path) -> None:
    path = write(tmp_path, 'id\ttext\n0\tx\n1\t"Hello she said\n2\tb"\n3\tc\n', "x.tsv")
    assert said(path).startswith(": a quoted field goes from line 3 on to line 4, and each")
    assert read(path, UNQUOTED) == ["x", '"Hello she said', 'b"', "c"]
    assert read(path, QUOTED) == ["x", "Hello she said\n2\tb", "c"]
    fine = write(tmp_path, 'id\ttext\n1\t"two\nlines"\n', "y.tsv")
    assert read(fine) == ["two\nlines"]


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    path = write(tmp_path, "id,text\n" + '1,"two\nlines"\n' * 600 + '2,"open\n' + "3,c\n" * 900)
    assert said(path).startswith(", line 1202: a quoted field is never closed; if quotes")
    wide = write(tmp_path, 'id,text\n1,"a\n2,b\n3,c",d\n', "y.csv")
    assert said(wide).startswith(", line 2 has 3 fields, the header 2; it goes on to line 4: if")


def test_another_quote(tmp_path: Path) -> None:
    path = write(tmp_path, "id,text\n1,'a, b'\n")
    assert read(path, Columns("text", dialect=Dialect(quote="'"))) == ["a, b"]


def test_no_header(tmp_path: Path) -> None:
    plain = NO_HEADER.dialect
    path = write(tmp_path, '5,"Works as it should, and\nlooks fine"\n3,Broke after a week of use\n')
    whole = stream(path, NO_HEADER)
    (batch,) = whole.batches
    assert batch.columns["text"].to_pylist()[1] == "Broke after a week of use"
    assert [batch.place(row) for row in (0, 1)] == [f"{path}, line 1", f"{path}, line 3"]
    facts = whole.facts()
    assert facts is not None and facts.taken is not None
    assert (facts.names, facts.taken.text) == (("1", "2"), "2")
    corpus = Corpus.read(path, header=False, label_column="1", rule=VocabularyRule(1, 1.0))
    assert corpus.labels == ["5", "3"]
    assert ", line 2 has 1 field" in said(write(tmp_path, "a,b\nc\n"), Columns("2", dialect=plain))


def test_a_first_line_that_is_a_row(tmp_path: Path) -> None:
    texts = ["Works as it should and looks fine in my kitchen", "Broke after a week"]
    expected = ": the first line, which names the columns, reads like a row; if it is one"
    path = write(tmp_path, "\n".join(texts))
    assert said(path).startswith(expected)
    assert read(path, NO_HEADER) == texts


def test_a_repeated_name_matters_where_it_is_needed(tmp_path: Path) -> None:
    path = write(tmp_path, ",text,n,,n\n0,a b,1,2,3\n")
    assert read(path) == ["a b"]
    assert '"n" for the label: the columns 3 and 5' in said(path, Columns(label="n"))
    table = pa.Table.from_arrays(
        [pa.array(["a b"]), pa.array([1]), pa.array([2])], names=["text", "n", "n"]
    )
    pq.write_table(table, tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet") == ["a b"]
    texts = pa.Table.from_arrays([*[pa.array(["a b"])] * 2, pa.array([1])], names=["text"] * 3)
    pq.write_table(texts, tmp_path / "texts.parquet")
    found = said(tmp_path / "texts.parquet")
    assert 'more than one column "text" for the text: the columns 1 and 2 and 3' in found
    found = said(tmp_path / "x.parquet", Columns(keep=("n",)))
    assert 'more than one column "n" to keep: the columns 2 and 3' in found


def test_names_over_several_lines(tmp_path: Path) -> None:
    path = write(tmp_path, '"Review\n text",n\na b,1\n')
    assert read(path, Columns("Review text")) == ["a b"]
    lines = write(tmp_path, '{"a\\nb": 1}\n', "x.jsonl")
    assert said(lines, Columns("c")) == ' has no column "c" for the text; it has: a\\nb'
    long = write(tmp_path, "x" * 99 + ",b\n1,2\n")
    assert said(long).endswith("it has: " + "x" * 40 + "…, b")


def test_line_ends_of_old_macs(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,text\r1,a b\r2,"c\rd"\r')
    assert read(path) == ["a b", "c\nd"]


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("delimiter", "ab", "delimiter must be one character or one of tab, auto; it is"),
        ("delimiter", "\n", "delimiter must be one character"),
        ("delimiter", 3, "delimiter must be one character"),
        ("quote", "", "quote must be one character"),
    ],
)
def test_options_are_checked(tmp_path: Path, option: str, value, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        Corpus.read(write(tmp_path, "text\na\n"), **{option: value})


@pytest.mark.parametrize("option", [{"delimiter": "tab"}, {"quote": "none"}, {"header": False}])
def test_options_are_for_csv(tmp_path: Path, option: dict) -> None:
    path = write(tmp_path, '{"text": "a"}\n', "x.jsonl")
    (name,) = option
    with pytest.raises(InputError, match=f"is no CSV; leave {name} out"):
        Corpus.read(path, **option)
    with pytest.raises(InputError, match=f"has no columns; leave {name} out"):
        Corpus.read(write(tmp_path, "a", "x.txt"), **option)
