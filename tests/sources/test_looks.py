"""Lines that look like a table are said to, and read as lines all the same."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tenor.sources.files import stream
from tenor.sources.looks import looks_like

CSV = ["id,text,kind", "1,ant bee,a", '2,"cat, dog",b', "3,,c", "4,x y z,d"]
PROSE = [
    "It was the best of times, it was the worst of times,",
    "it was the age of wisdom, it was the age of foolishness,",
    "it was the epoch of belief, it was the epoch of incredulity,",
    "it was the season of Light, it was the season of Darkness,",
    "it was the spring of hope, it was the winter of despair,",
]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (CSV, "csv"),
        ([line.replace(",", ";") for line in CSV[:2]] + ["2;b;c"] * 3, "csv"),
        ([f",{CSV[0]}", *(f"{n},{line}" for n, line in enumerate(CSV[1:]))], "csv"),  # pandas
        ([*CSV, '5,"a text that goes on', "in a line that is looked at,"], "csv"),
        ([*CSV[:2], '5,"a text" that is none,', *CSV], None),
        (["id\ttext"] + ["7\tsome, text"] * 4, "tsv"),
        (["id,text"] + ['7,"quoted, text"'] * 4, "csv"),
        (["Star Rating,Review Text,Date of it"] + ["5,good,2024"] * 4, "csv"),
        (['{"text": "a"}', "", '{"text": "b", "n": 1}'], "jsonl"),
        (['{"text": "a"}'], "jsonl"),
        (["[", "  {", '    "text": "a"'], "json"),
        (['[{"text": "a"}]'], "json"),
        (["[1] a footnote", "[2] another"], None),
        (CSV[:4], None),  # too few to be sure
        ([*CSV, "one, two"], None),
        (PROSE, None),
        (["one, two"] * 5, None),
        (["hello, world", *["yes, indeed"] * 4], None),
        (["1,2,3"] * 5, None),
        (["text", *["one column"] * 9], None),
        (['{"a": 1}', "{not json}"], None),
        (["{}" * 3, "[1]"], None),
        (["", " "], None),
        ([], None),
        (['id,"text', *['"'] * 4], None),
    ],
)
def test_what_lines_look_like(lines: list[str], expected: str | None) -> None:
    assert looks_like(lines) == expected


def test_it_is_said_of_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.txt").write_text("\n".join(CSV))
    reading = stream(tmp_path / "x.txt")
    assert sum(map(len, reading.batches)) == 5
    assert reading.facts().notes == (
        f"the lines of {tmp_path / 'x.txt'} look like CSV, and are read as text; "
        '--format csv (format="csv") reads rows',
    )
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "a"}\n' * 3)))
    reading = stream("-")
    assert sum(map(len, reading.batches)) == 3
    assert "standard input look like JSON lines" in reading.facts().notes[0]
    (tmp_path / "x.csv").write_text("\n".join(CSV))
    reading = stream(tmp_path / "x.csv")
    assert sum(map(len, reading.batches)) == 4 and reading.facts().notes == ()
