"""Parquet files that are not what they say, or are more than they look."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.errors import SourceError
from tenor.sources import batches, files, parquet
from tenor.sources.columns import Columns


def test_rows_that_are_missing_are_missed(tmp_path: Path) -> None:
    """The footer says how many rows there are, beside what its row groups say."""
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"text": ["one", "two", "three"]}), path)
    data = path.read_bytes()
    three, five = b"\x16\x06\x19", b"\x16\x0a\x19"  # num_rows, and the list of row groups begins
    assert data.count(three) == 1
    path.write_bytes(data.replace(three, five))
    with pytest.raises(SourceError, match="it says it has 5 rows, and has 3"):
        list(files.stream(path).batches)


def test_a_text_of_many_rows_is_not_written_out_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batches, "BATCH_BYTES", 1_000)
    path = tmp_path / "t.parquet"
    texts = ["x" * 300, None, "y" * 600, "", "z" * 2_000] * 40
    kinds = pa.array(["a", "b", None, "a", "b"] * 40)
    table = {"text": texts, "plain": kinds, "kind": kinds.dictionary_encode()}
    pq.write_table(pa.table(table), path)
    made = list(files.stream(path, Columns(text="text", keep=("plain", "kind"))).batches)
    assert max(batch.text_bytes for batch in made) == 2_000
    column = pa.chunked_array([batch.columns["text"] for batch in made])
    assert [text or None for text in column.to_pylist()] == [text or None for text in texts]
    for name, kind in (("plain", pa.string()), ("kind", pa.dictionary(pa.int32(), pa.string()))):
        kept = pa.chunked_array([batch.columns[name] for batch in made])
        assert kept.type == kind and kept.to_pylist() == kinds.to_pylist()


def test_what_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parquet, "_MOST_UNPACKED", 10_000)
    path = tmp_path / "t.parquet"
    table = pa.table({"text": ["few"], "other": ["a" * 100_000]})
    pq.write_table(table, path, compression="zstd", use_dictionary=False)
    assert sum(map(len, files.stream(path, Columns(text="text")).batches)) == 1
    with pytest.raises(SourceError, match=r'column "other" unpacks to 0\.0 GB'):
        list(files.stream(path, Columns(text="text", keep=("other",))).batches)
