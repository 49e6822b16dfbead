"""The reader of .json: arrays, objects that hold one, objects one after the other."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenor.errors import SourceError
from tenor.sources import batches
from tenor.sources.columns import Columns
from tenor.sources.files import stream
from tenor.text import decoding

ROWS = [{"text": f"Text {n} é", "n": n, "more": [{"a": {"b": None}}]} for n in range(7)]
TEXTS = [row["text"] for row in ROWS]


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "x.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def read(path: Path, columns: Columns | None = None) -> tuple[list[str], list[str]]:
    """Texts, and where they were."""
    found = list(stream(path, columns).batches)
    places = [b.place(row).removeprefix(f"{path}, ") for b in found for row in range(len(b))]
    return [text for b in found for text in b.columns["text"].to_pylist()], places


def said(path: Path, columns: Columns | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        read(path, columns)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(str(path))


@pytest.fixture(params=[3, 1 << 22])
def small_blocks(request, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "BLOCK_BYTES", request.param)
    monkeypatch.setattr(batches, "BATCH_BYTES", 40 if request.param == 3 else 1 << 22)


@pytest.mark.parametrize(
    ("text", "first_lines"),
    [
        (json.dumps(ROWS), [1, 1]),
        (json.dumps(ROWS, indent=1, ensure_ascii=False), [2, 13]),
        ("\ufeff \n" + json.dumps(ROWS), [2, 2]),
        ("\n".join(map(json.dumps, ROWS)), [1, 2]),
        ("".join(map(json.dumps, ROWS)), [1, 1]),
        ("\n\n".join(json.dumps(row, indent=2) for row in ROWS) + "\n", [1, 13]),
        (json.dumps({"n": 7, "about": {"x": [1]}, "rows": ROWS, "end": []}), [1, 1]),
        (json.dumps({"rows": ROWS, "end": "x"}, indent=1), [3, 14]),
    ],
)
def test_rows(small_blocks, tmp_path: Path, text: str, first_lines: list[int]) -> None:
    texts, places = read(write(tmp_path, text))
    assert texts == TEXTS
    assert places[:2] == [f"row {row} (line {line})" for row, line in enumerate(first_lines)]


def test_an_object_alone_is_a_row_where_it_has_the_text(small_blocks, tmp_path: Path) -> None:
    article = {"body": "Some words", "authors": [{"name": "A B"}, {"name": "C D"}]}
    path = write(tmp_path, json.dumps(article))
    assert read(path)[0] == ["Some words"]
    assert read(path, Columns("name"))[0] == ["A B", "C D"]
    assert read(write(tmp_path, '{"a": "only one"}'))[0] == ["only one"]
    assert read(write(tmp_path, "[]"))[0] == read(write(tmp_path, " \n"))[0] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[1]", ", row 0 (line 1) is a number, not an object {…}"),
        ('[{"text": "a"},\n["b"]]', ", row 1 (line 2) is an array, not an object {…}"),
        ('[{"text": "a"},\n{"text": 3}]', ', row 1 (line 2): "text" is int, not text'),
        ('[{"text": "a"}', ", line 1 is not JSON: ',' or ']' is missing, column 15"),
        ('[\n{"text": "a"}, ]', ", line 2 is not JSON: Expecting value, column 16"),
        ('[\n {"text": a}]', ", line 2 is not JSON: Expecting value, column 11"),
        ('[{"text": "a}]', ", line 1 is not JSON: Unterminated string starting at, column 11"),
        ('[{"text": "a"}] x', ", line 1 is not JSON: there is more after its end, column 17"),
        ('{"n": 1, "d": [{"text": "a"}] "b"}', ", line 1 is not JSON: Expecting ',' delimiter"),
        ('[{"text": "a", "text": "b"}]', ', row 0 (line 1) has the key "text" twice'),
        ("[" * 10**6, ", line 1 is not JSON: maximum recursion depth exceeded"),
        ('[{"text": ' + "[" * 10**6, ", line 1 is not JSON: maximum recursion depth exceeded"),
        (json.dumps({"a": ROWS[:1], "b": ROWS[:1]}), ' holds two arrays of objects, "a" and "b"'),
        ('{"text": {"0": "a"}, "l": {"0": "b"}}', " holds columns, not rows; write an array"),
        ('[{"text": "a"}]'.encode("utf-16"), " is UTF-16, not UTF-8; convert it first"),
        (b'[{"text": "caf\xe9"}]', " is not UTF-8: byte 0xe9 at offset 14"),
    ],
)
def test_faults_have_one_line(tmp_path: Path, text: str | bytes, expected: str) -> None:
    assert expected in said(write(tmp_path, text))


def test_rows_before_a_fault_come_first(small_blocks, tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(ROWS)[:-1] + ", {]")
    found: list[str] = []
    with pytest.raises(SourceError, match="line 1 is not JSON"):
        for batch in stream(path).batches:
            found += batch.columns["text"].to_pylist()
    assert found == TEXTS


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.fixed_dictionaries({"text": st.text(), "n": st.floats() | st.integers()})),
    st.sampled_from([None, 1]),
    st.integers(1, 9),
)
def test_any_array(small_blocks, tmp_path: Path, rows: list[dict], indent, block: int) -> None:
    data = json.dumps(rows, indent=indent, ensure_ascii=block % 2 == 0)
    path = write(tmp_path, data.encode("utf-8", "replace"))
    found = read(path, Columns("text"))[0]
    assert found == [text.encode("utf-8", "replace").decode() for text in (r["text"] for r in rows)]


@pytest.mark.parametrize("size", range(1, 9))
def test_characters_are_not_cut(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "BLOCK_BYTES", size)
    text = "aé€😀\u200b" * 3
    found = list(decoding.decoded(io.BytesIO(text.encode()), "x"))
    assert "".join(part for part, _ in found) == text
    assert found[-1][1] == len(text.encode())


def test_a_long_array_takes_the_memory_of_some_rows(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(decoding, "BLOCK_BYTES", 1 << 14)
    monkeypatch.setattr(batches, "BATCH_BYTES", 1 << 14)
    rows = [{"text": "word " * 40}] * 20_000
    for whole in (rows, {"about": 1, "rows": rows}):
        path = write(tmp_path, json.dumps(whole))
        tracemalloc.start()
        n_rows = sum(map(len, stream(path).batches))
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert n_rows == 20_000
        assert most < path.stat().st_size / 4


def test_json_lines_say_that_a_file_is_no_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    texts = (json.dumps(ROWS), json.dumps(ROWS, indent=1), "".join(map(json.dumps, ROWS)))
    for text in texts:
        path.write_text(text)
        expected = 'JSON that is not one object a line is read with format="json"'
        assert said(path).endswith(expected)
