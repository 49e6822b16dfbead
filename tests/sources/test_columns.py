"""Columns beside the text: kept ones, embeddings, and the facts of what was read."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.errors import InputError, SourceError, TenorError
from tenor.sources import batches
from tenor.sources.batches import TextBatch
from tenor.sources.columns import Columns
from tenor.sources.files import stream

DAY = datetime.date(2024, 5, 17)


def table_file(path: Path, **columns) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def json_file(path: Path, *rows: dict) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read(source: Path, columns: Columns) -> TextBatch:
    return TextBatch.joined(list(stream(source, columns).batches))


def message(source: Path | str, columns: Columns) -> str:
    with pytest.raises(TenorError) as caught:
        list(stream(source, columns).batches)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Kept columns


@pytest.mark.parametrize(
    "column",
    [
        pa.array([3, None, 5], pa.int16()),
        pa.array([1.5, None, float("nan")], pa.float32()),
        pa.array([True, None, False]),
        pa.array([DAY, None, DAY]),
        pa.array([1, None, 3], pa.timestamp("ms", "UTC")),
        pa.array(["a", None, "é"]),
        pa.array(["x", None, "x"]).dictionary_encode(),
    ],
    ids=lambda column: str(column.type),
)
def test_parquet_keeps_types(tmp_path: Path, column) -> None:
    file = table_file(tmp_path / "x.parquet", text=["a", "b", "c"], more=column)
    batch = read(file, Columns(keep=("more",)))
    assert list(batch.columns) == ["id", "label", "text", "more"]
    assert batch.columns["more"].type == column.type
    assert batch.columns["more"].equals(column) or "nan" in str(column)


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view()])
def test_all_text_becomes_one_type(tmp_path: Path, kind) -> None:
    file = table_file(tmp_path / "x.parquet", text=["a"], more=pa.array(["é"], kind))
    assert read(file, Columns(keep=("more",))).columns["more"] == pa.array(["é"])


def test_parquet_refuses_what_cannot_be_kept(tmp_path: Path) -> None:
    file = table_file(tmp_path / "x.parquet", text=["a"], more=[[1]], raw=[b"x"])
    for name, kind in (("more", "list<element: int64>"), ("raw", "binary")):
        expected = f'x.parquet, row 0: "{name}" holds {kind}; text, numbers, booleans, dates and'
        assert expected in message(file, Columns(keep=(name,)))
    assert 'has no column "no" to keep; it has: text, more, raw' in message(
        file, Columns(keep=("no",))
    )


def test_csv_keeps_text(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("text,stars,when\na,3,2024\nb,,2025\n")
    batch = read(tmp_path / "x.csv", Columns(keep=("stars", "when")))
    assert batch.columns["stars"] == pa.array(["3", None])
    assert batch.columns["when"] == pa.array(["2024", "2025"])


def test_json_lines_take_the_type_of_the_first_value(tmp_path: Path) -> None:
    rows = [
        {"text": "a", "n": None, "x": 1.5, "s": "é", "b": None},
        {"text": "b", "n": 3, "x": 2, "s": None, "b": True},
    ]
    batch = read(json_file(tmp_path / "x.jsonl", *rows), Columns(keep=("n", "x", "s", "b")))
    assert batch.columns["n"] == pa.array([None, 3], pa.int64())
    assert batch.columns["x"] == pa.array([1.5, 2.0], pa.float64())
    assert batch.columns["s"] == pa.array(["é", None])
    assert batch.columns["b"] == pa.array([None, True])


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("a", 2.5, '"n" is float; other rows hold string'),
        (3, True, '"n" is bool; other rows hold int64'),
        ("a", 3, '"n" is int; other rows hold string'),
        (True, "a", '"n" is str; other rows hold bool'),
        (1, 2**80, '"n" is no number that int64 can hold'),
        (1.5, 2**53 + 1, '"n" is no number that double can hold'),
        (None, [1], '"n" is list; text, numbers and booleans can be kept'),
        ("a", {}, '"n" is dict; other rows hold string'),
        ("a", "\ud800", "the n holds half a surrogate pair"),
    ],
)
def test_json_lines_name_the_odd_line(tmp_path: Path, first, second, expected: str) -> None:
    rows = [{"text": "t", "n": value} for value in (first, first, second, first)]
    said = message(json_file(tmp_path / "x.jsonl", *rows), Columns(keep=("n",)))
    assert "x.jsonl, line 3" in said and expected in said
    assert 'x.jsonl has no column "k" to keep' in message(
        tmp_path / "x.jsonl", Columns(keep=("k",))
    )


def test_numbers_widen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"text": "a", "n": n} for n in (1, None, 2.5, 3)]
    file = json_file(tmp_path / "x.jsonl", *rows)
    assert read(file, Columns(keep=("n",))).columns["n"] == pa.array([1, None, 2.5, 3])
    monkeypatch.setattr(batches, "BATCH_BYTES", 40)
    said = message(file, Columns(keep=("n",)))
    assert said.endswith(
        'line 3: "n" is float; other rows hold int64; write one of the first numbers as 1.0'
    )


def test_nan_among_text_is_missing(tmp_path: Path) -> None:
    rows = [{"text": "a", "n": n} for n in (float("nan"), "x", float("nan"))]
    file = json_file(tmp_path / "x.jsonl", *rows)
    assert read(file, Columns(keep=("n",))).columns["n"] == pa.array([None, "x", None])


def test_a_key_that_some_rows_have_not_is_missing_there(tmp_path: Path) -> None:
    file = json_file(tmp_path / "x.jsonl", {"text": "a", "n": 1, "l": "x"}, {"n": None}, {"l": "y"})
    batch = read(file, Columns("text", label="l", keep=("n",)))
    assert batch.columns["text"].to_pylist() == ["a", "", ""]
    assert batch.columns["label"].to_pylist() == ["x", None, "y"]
    assert batch.columns["n"].to_pylist() == [1, None, None]
    assert 'no column "lab" for the label; it has: text, n, l' in message(
        file, Columns(label="lab")
    )
    near = json_file(tmp_path / "y.jsonl", {"text": "a", "label": 1})
    assert '"labl" for the label (did you mean "label"?)' in message(near, Columns(label="labl"))


def test_a_type_that_is_known_late(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 40)
    rows = [{"text": "t" * 30, "n": 7 if row == 5 else None} for row in range(9)]
    file = json_file(tmp_path / "x.jsonl", *rows)
    found = list(stream(file, Columns(keep=("n",))).batches)
    assert len(found) > 5
    assert {batch.columns["n"].type for batch in found} == {pa.int64()}
    assert TextBatch.joined(found).columns["n"].to_pylist() == [row["n"] for row in rows]
    never = json_file(tmp_path / "y.jsonl", *({"text": "a", "n": None} for _ in range(99)))
    assert read(never, Columns(keep=("n",))).columns["n"] == pa.nulls(99, pa.string())


def test_types_are_the_same_in_all_files(tmp_path: Path) -> None:
    table_file(tmp_path / "a.parquet", text=["a"], n=pa.nulls(1))
    table_file(tmp_path / "b.parquet", text=["b"], n=pa.array([1], pa.int32()))
    assert read(tmp_path, Columns(keep=("n",))).columns["n"] == pa.array([None, 1], pa.int32())
    table_file(tmp_path / "c.parquet", text=["c"], n=[2])
    assert read(tmp_path, Columns(keep=("n",))).columns["n"] == pa.array([None, 1, 2])
    table_file(tmp_path / "d.parquet", text=["d"], n=["x"])
    said = message(tmp_path, Columns(keep=("n",)))
    assert said.endswith('d.parquet, row 0: "n" holds string, other rows hold int64')


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (pa.array([1], pa.int32()), pa.array([2**40]), pa.array([1, 2**40])),
        (pa.array([1]), pa.array([2.5]), pa.array([1.0, 2.5])),
        (pa.array([float("nan")]), pa.array(["a"]), pa.array([None, "a"])),
        (pa.array(["a"]).dictionary_encode(), pa.array(["b"]), pa.array(["a", "b"])),
        (pa.array(["a"], pa.large_string()), pa.array(["b"]), pa.array(["a", "b"])),
        (pa.array([DAY]), pa.array([0], pa.timestamp("us")), pa.array([DAY, DAY])),
        (pa.nulls(1), pa.array([True]), pa.array([None, True])),
    ],
    ids=lambda array: str(array.type),
)
@pytest.mark.parametrize("turned", [False, True])
def test_types_of_files_are_made_one(tmp_path: Path, one, other, expected, turned: bool) -> None:
    pair = (other, one) if turned else (one, other)
    for name, column in zip("ab", pair, strict=True):
        table_file(tmp_path / f"{name}.parquet", text=["a"], n=column)
    found = read(tmp_path, Columns(keep=("n",))).columns["n"]
    if pa.types.is_timestamp(found.type):
        assert found.cast(pa.date32()).to_pylist()[turned] == DAY
    else:
        assert found == (
            pa.array(expected.to_pylist()[::-1], expected.type) if turned else expected
        )


def test_types_that_cannot_be_made_one(tmp_path: Path) -> None:
    for name, column in (("a", [2**53 + 1]), ("b", [0.5])):
        table_file(tmp_path / f"{name}.parquet", text=["a"], n=column)
    said = message(tmp_path, Columns(keep=("n",)))
    assert said.endswith('a.parquet, row 0: "n" holds int64, other rows hold double')


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"keep": ("vector",)}, 'a column called "vector" cannot be kept'),
        ({"keep": ("a", "a")}, 'column "a" is asked for twice'),
        ({"keep": ("a",), "embedding": "a"}, 'column "a" is asked for twice'),
        ({"embedding": "words"}, 'a column called "words" cannot be kept'),
    ],
)
def test_columns_that_cannot_be(columns: dict, expected: str) -> None:
    with pytest.raises(InputError, match=expected):
        Columns(**columns)


def test_lines_have_no_columns(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("a")
    for columns, role in ((Columns(keep=("a",)), "keep"), (Columns(embedding="a"), "embedding")):
        assert f"has no columns; leave {role}" in message(tmp_path / "x.txt", columns)
        assert f"has no columns; leave {role}" in message("-", columns)


# Embeddings


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.float64(), 3),
        pa.list_(pa.float32()),
        pa.large_list(pa.float16()),
        pa.list_(pa.int8()),
    ],
    ids=str,
)
def test_an_embedding(tmp_path: Path, kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenor.sources.parquet._ROWS", (2, 2))
    rows = np.arange(15).reshape(5, 3)
    column = pa.array(rows.astype(kind.value_type.to_pandas_dtype()).tolist(), kind)
    file = table_file(tmp_path / "x.parquet", text=list("abcde"), vec=column, n=range(5))
    found = read(file, Columns(keep=("n",), embedding="vec")).columns
    assert list(found) == ["id", "label", "text", "n", "vec"]
    assert found["vec"].type == pa.list_(pa.float32(), 3)
    np.testing.assert_array_equal(found["vec"].values.to_numpy().reshape(-1, 3), rows)


def test_an_embedding_of_json_lines(tmp_path: Path) -> None:
    file = json_file(
        tmp_path / "x.jsonl", {"text": "a", "v": [1, 2.5]}, {"text": "b", "v": [0, -1]}
    )
    assert read(file, Columns(embedding="v")).columns["v"].to_pylist() == [[1, 2.5], [0, -1]]


@pytest.mark.parametrize(
    ("odd", "expected"),
    [
        (None, "is missing"),
        ([1.0], "has 1 number, before it had 2"),
        ([1.0, 2.0, 3.0], "has 3 numbers, before it had 2"),
        ([], "has 0 numbers, before it had 2"),
        ([1.0, None], "holds a number that is missing, NaN or infinite"),
        ([1.0, float("nan")], "holds a number that is missing, NaN or infinite"),
        ([1.0, 1e300], "holds a number that is missing, NaN or infinite"),
    ],
)
def test_an_odd_embedding_is_named(tmp_path: Path, odd, expected: str) -> None:
    values = [[1.0, 2.0], [3.0, 4.0], odd, [5.0, 6.0]]
    kind = pa.list_(pa.float64())
    table = table_file(tmp_path / "x.parquet", text=list("abcd"), v=pa.array(values, kind))
    objects = json_file(tmp_path / "x.jsonl", *({"text": "a", "v": value} for value in values))
    for file, place in ((table, "row 2"), (objects, "line 3")):
        assert (
            message(file, Columns(embedding="v"))
            == f'{file}, {place}: the embedding "v" {expected}'
        )


@pytest.mark.parametrize("odd", ["a", 3, {"k": 1}, ["a", "b"], [True, False], [[1], [2]]])
def test_json_lines_refuse_what_is_no_embedding(tmp_path: Path, odd) -> None:
    file = json_file(tmp_path / "x.jsonl", {"text": "a", "v": [1, 2]}, {"text": "b", "v": odd})
    said = message(file, Columns(embedding="v"))
    assert said.startswith(f'{file}, line 2: the embedding "v" holds ')


def test_other_columns_are_no_embeddings(tmp_path: Path) -> None:
    file = table_file(tmp_path / "x.parquet", text=["a"], n=[1], none=[[]])
    assert 'row 0: the embedding "n" holds int64, not lists' in message(
        file, Columns(embedding="n")
    )
    assert 'embedding "none" is empty' in message(file, Columns(embedding="none"))
    assert 'has no column "z" for the embedding' in message(file, Columns(embedding="z"))
    (tmp_path / "x.csv").write_text("text,v\na,1\n")
    assert "x.csv: CSV holds no lists of numbers" in message(
        tmp_path / "x.csv", Columns(embedding="v")
    )


def test_embeddings_are_of_one_size_in_all_files(tmp_path: Path) -> None:
    table_file(tmp_path / "a.parquet", text=["a"], v=[[1.0, 2.0]])
    table_file(tmp_path / "b.parquet", text=["b"], v=[[1.0, 2.0, 3.0]])
    assert 'b.parquet, row 0: the embedding "v" has 3 numbers, before it had 2' in message(
        tmp_path, Columns(embedding="v")
    )


# Places and facts


def test_every_row_knows_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('text,b\n"x\ny",1\n\nz,2\n')
    (tmp_path / "b.jsonl").write_text('{"text": "u"}\n\n{"text": "v"}\n')
    table_file(tmp_path / "c.parquet", text=["w"])
    whole = read(tmp_path, Columns())
    assert whole.place is not None
    places = [whole.place(row).removeprefix(f"{tmp_path}/") for row in range(len(whole))]
    assert places == [
        *("a.csv, line 2", "a.csv, line 5", "b.jsonl, line 1", "b.jsonl, line 3"),
        "c.parquet, row 0",
    ]
    assert whole.slice(3).place(0) == f"{tmp_path}/b.jsonl, line 3"


def test_rows_before_a_stray_quote_come_first(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text('text,b\na,1\nb\n"c"x,1\n')
    assert "line 3 has 1 field" in message(tmp_path / "x.csv", Columns())


def test_facts_of_tables(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text("key,body,kind\n1,x,y\n")
    json_file(tmp_path / "c.jsonl", {"key": 2, "body": "x", "kind": "z"})
    (tmp_path / "README.md").write_text("about")
    (tmp_path / "x.png").write_bytes(b"")
    reading = stream(tmp_path, Columns(id="key", keep=("kind",)))
    assert reading.facts() is not None and reading.facts().taken is None
    list(reading.batches)
    facts = reading.facts()
    assert (facts.formats, facts.files, facts.guessed) == (("CSV", "JSON lines"), 3, True)
    assert facts.names == ("key", "body", "kind")
    assert facts.taken == Columns("body", "key", keep=("kind",))
    assert facts.skipped == tuple(
        (str(tmp_path / name), "not a table") for name in ("README.md", "x.png")
    )
    named = stream(tmp_path / "a.csv", Columns(text="kind"))
    next(named.batches)
    assert (named.facts().guessed, named.facts().taken) == (False, Columns(text="kind"))


def test_facts_of_texts(tmp_path: Path) -> None:
    for name in ("a.txt", "b.md", "c.csv"):
        (tmp_path / name).write_text("x")
    facts = stream(tmp_path, documents="files").facts()
    assert facts.what == "2 text files, a document a file"
    assert (facts.files, facts.taken) == (2, None)
    assert facts.skipped == ((str(tmp_path / "c.csv"), "not a text file"),)
    assert stream(tmp_path / "a.txt").facts().what == "1 text file, a document a line"


def test_a_tokenizer_function_is_told_the_place_in_any_format(tmp_path: Path) -> None:
    from tenor.corpus.corpus import Corpus
    from tenor.text.tokenizer import Tokenizer

    def split(text: str) -> list[str]:
        return text.split() if text != "bad" else [1]

    (tmp_path / "x.csv").write_text('text,b\n"good\none",1\nbad,2\n')
    json_file(tmp_path / "x.jsonl", {"text": "good"}, {"text": "bad"})
    table_file(tmp_path / "x.parquet", text=["good", "bad"])
    (tmp_path / "x.txt").write_text("good\nbad\n")
    for name in ("x.csv, line 4", "x.jsonl, line 2", "x.parquet, row 1", "x.txt, line 2"):
        with pytest.raises(InputError) as caught:
            Corpus.read(tmp_path / name.split(",")[0], tokenizer=Tokenizer(function=split))
        assert str(caught.value).startswith(f"{tmp_path / name}: ")
    with pytest.raises(SourceError):
        Corpus.read(tmp_path / "no.csv")
