"""The readers give the rows, and the messages, of a plain reference that reads row by row."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenor.errors import TenorError
from tenor.sources import batches, csv_rows
from tenor.sources.columns import Columns, Dialect
from tenor.sources.files import stream

FEW = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
PIECES = [
    *(b"a", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"\xef\xbb\xbf", b"\xc3\xa9", b"\xc3", b"\xff"),
    *(b"\x00", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"\xff\xfe"),
]


def rows_of(path: Path, columns: Columns, errors: str) -> Iterator[tuple]:
    for batch in stream(path, columns, errors).batches:
        yield from zip(
            *(batch.columns[n].to_pylist() for n in ("id", "text", "label")), strict=True
        )


def outcome(rows: Iterator[tuple]) -> list[tuple | str]:
    """All rows; where it failed, those before the one at fault, and the message."""
    found: list[tuple | str] = []
    try:
        for row in rows:
            found.append(row)  # noqa: PERF402  # those before a failure count
    except TenorError as error:
        found.append(str(error))
    return found


@pytest.fixture
def assert_same(by_rows):
    def check(path: Path, columns: Columns, errors: str) -> None:
        expected = outcome(by_rows(path, columns, errors))
        assert outcome(rows_of(path, columns, errors)) == expected

    return check


@pytest.fixture(params=[5, 1 << 22])
def small_blocks(request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", request.param)
    monkeypatch.setattr(csv_rows, "_AT_ONCE", 2)


@FEW
@given(st.lists(st.sampled_from(PIECES)).map(b"".join), st.sampled_from(["strict", "replace"]))
def test_lines(small_blocks, assert_same, tmp_path: Path, data: bytes, errors: str) -> None:
    path = tmp_path / "x.txt"
    path.write_bytes(data)
    assert_same(path, Columns(), errors)


CELLS = [*PIECES, b",", b";", b'"', b'""', b'"a,b"', b'"a\nb"', b"1", b"text"]


@FEW
@given(
    st.sampled_from([b"text\n", b"id,text,l\n", b"text;id;l\n", b"\xef\xbb\xbftext,id,l\r\n", b""]),
    st.lists(st.sampled_from([*CELLS, b"\n1,a,b\n", b"\n2;a;b\n"])).map(b"".join),
    st.sampled_from([Columns("text"), Columns("text", "id", "l"), Columns("text", id="l")]),
    st.sampled_from(["strict", "replace"]),
)
def test_csv(
    small_blocks, assert_same, tmp_path: Path, head: bytes, data: bytes, columns, errors: str
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(head + data)
    dialect = Dialect(";" if b"text;" in head else ",")
    assert_same(path, replace(columns, dialect=dialect), errors)


VALUES = st.one_of(
    st.none(), st.integers(-5, 5), st.floats(), st.booleans(), st.text(max_size=5), st.just([1]),
    st.just("\ud800"),
)  # fmt: skip
LINES = st.one_of(
    st.fixed_dictionaries({"text": st.text(max_size=9), "n": st.integers()}).map(json.dumps),
    st.dictionaries(st.sampled_from(["text", "n", "k"]), VALUES).map(json.dumps),
    st.sampled_from(["", "  ", "[]", "{", "3", '{"text": "a", "text": "b", "n": 1}']),
)


@FEW
@given(
    st.lists(LINES, max_size=7).map("\n".join),
    st.sampled_from([Columns("text"), Columns("text", "n", "n"), Columns("text", label="k")]),
    st.sampled_from(["strict", "replace"]),
)
def test_json_lines(
    small_blocks, assert_same, tmp_path: Path, text: str, columns, errors: str
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "a", "n": 1, "k": 2}\n' + text)  # as the first ones settle the keys
    assert_same(path, columns, errors)


@pytest.mark.parametrize(
    "named",
    [
        pa.array([3, 1, 2], pa.int8()),
        pa.array([3, 1, 2], pa.uint64()),
        pa.array([1.5, 2.0, 1e300]),
        pa.array([True, False, True]),
        pa.array([1, 2, 3], pa.timestamp("us")),
        pa.array(["x", "y", "z"]).dictionary_encode(),
        pa.array(["x", "y", "z"], pa.large_string()),
        pa.array(["x", "y", "z"], pa.string_view()),
        pa.array([b"x", b"y", b"z"]),
        pa.array([[1], [2], [3]]),
        pa.array(["x", None, ""]),
        pa.array([None, None, None], pa.null()),
        pa.array([b"ok", b"caf\xe9", b""], pa.binary()).view(pa.string()),
    ],
    ids=lambda array: str(array.type),
)
@pytest.mark.parametrize("columns", [Columns("t", "n"), Columns("t", None, "n"), Columns("n")])
@pytest.mark.parametrize("errors", ["strict", "replace"])
def test_parquet(assert_same, tmp_path: Path, named, columns: Columns, errors: str) -> None:
    path = tmp_path / "x.parquet"
    pq.write_table(pa.table({"t": ["ant", None, "b é"], "n": named}), path)
    assert_same(path, columns, errors)


@pytest.mark.parametrize("suffix", [".txt", ".jsonl", ".csv"])
def test_batches_that_wait_hold_their_columns_only(
    tmp_path: Path, suffix: str, monkeypatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 1 << 16)
    text = "word " * 40
    row = json.dumps({"text": text}) if suffix == ".jsonl" else text
    path = tmp_path / f"x{suffix}"
    path.write_text("text\n" * (suffix == ".csv") + f"{row}\n" * 10_000)
    waiting = list(stream(path).batches)  # what a reader imports is there
    tracemalloc.start()
    waiting = list(stream(path).batches)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, waiting)) >= 10_000
    assert held < path.stat().st_size / 4  # Arrow's memory is not traced
