"""Small files that are large inside, and large ones: streamed flat, or refused in one line."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SCALE = int(os.environ.get("TORTURE", "0"))
MANY = 4 if SCALE else 1
GIGABYTE = 1 << 30


def read(path: Path) -> dict[str, Any]:
    script = str(Path(__file__).with_name("peak.py"))
    done = subprocess.run(
        [sys.executable, script, str(path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    said = found["said"]
    assert said is None or ("\n" not in said and len(said) < 1_000)
    return found


def test_a_value_that_comes_again_and_again(tmp_path: Path) -> None:
    """A dictionary of one text of a megabyte, and thousands of rows that name it."""
    path, rows = tmp_path / "t.parquet", 400 * MANY
    text = pa.DictionaryArray.from_arrays(pa.array([0] * rows, pa.int32()), ["ab " * 350_000])
    pq.write_table(pa.table({"text": text}), path)
    assert path.stat().st_size < 2_000_000
    found = read(path)
    assert found["rows"] == rows and found["bytes"] == rows * 1_050_000
    assert found["took"] < GIGABYTE // 4


@pytest.mark.skipif(not SCALE, reason="long: make torture")
def test_a_page_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    texts = pa.array(["a" * 400_000_000] * (1 + MANY), pa.large_string())
    with pq.ParquetWriter(path, pa.schema({"text": pa.large_string()}), compression="zstd") as out:
        out.write_table(pa.table({"text": texts}))
    del texts
    assert path.stat().st_size < 1_000_000
    found = read(path)
    assert "unpacks to" in found["said"] and str(path) in found["said"]
    assert found["took"] < GIGABYTE // 4


@pytest.mark.parametrize("suffix", [".txt", ".csv", ".jsonl"] if SCALE else [".csv"])
def test_a_line_of_two_gigabytes(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"t{suffix}"
    path.write_bytes(b"text\nfirst\n" if suffix == ".csv" else b'{"text": "first"}\n')
    os.truncate(path, 2 * GIGABYTE)
    found = read(path)
    assert "longer than" in found["said"] and "line" in found["said"]
    assert found["took"] < GIGABYTE


def test_a_quote_that_is_never_closed(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.write(b'text\nfirst\n"second\n')
        for _ in range(120 if SCALE else 30):
            file.write(b"a line of a text\n" * 65_536)
    found = read(path)
    assert "never closed" in found["said"] and "line 3:" in found["said"]
    assert found["took"] < GIGABYTE


@pytest.mark.parametrize("opening", ["[", '{"text": '])
def test_json_in_json_in_json(tmp_path: Path, opening: str) -> None:
    path = tmp_path / "t.jsonl"
    path.write_text('{"text": "first"}\n{"text": ' + opening * 1_000_000 + "\n")
    found = read(path)
    assert "line 2 is not JSON" in found["said"] and found["took"] < GIGABYTE


@pytest.mark.parametrize("suffix", [".csv", ".jsonl", ".parquet"])
def test_as_many_columns_as_there_are_documents(tmp_path: Path, suffix: str) -> None:
    path, names = tmp_path / f"t{suffix}", [f"column {n}" for n in range(4_000)]
    if suffix == ".csv":
        path.write_text(",".join(names) + "\n" + "x," * 3_999 + "x\n")
    elif suffix == ".jsonl":
        path.write_text(json.dumps(dict.fromkeys(names, "x")) + "\n")
    else:
        pq.write_table(pa.table({name: ["x"] for name in names}), path)
    found = read(path)
    assert "cannot tell which column" in found["said"] and "more" in found["said"]


def test_an_archive_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "t.txt.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _ in range(64):
            file.write((b"a line of a text\n" * 65_536)[: 1 << 20])
    assert read(path)["took"] < GIGABYTE // 4
