"""The generated file holds the text it says it does, and ever new tokens."""

from __future__ import annotations

import json

import pyarrow.parquet as pq


def test_parquet_and_json_lines_hold_the_same_kind_of_text(tmp_path, monkeypatch):
    import generated

    monkeypatch.setattr(generated, "BLOCK", 100_000)
    monkeypatch.setattr(generated, "WORDS", 2_000)
    parquet, lines = tmp_path / "made.parquet", tmp_path / "made.jsonl"
    told = {path: generated.write(path, 0.0004) for path in (parquet, lines)}
    texts = {
        parquet: pq.read_table(parquet).column("text").to_pylist(),
        lines: [json.loads(line)["text"] for line in lines.read_text().splitlines()],
    }
    for path, found in texts.items():
        assert sum(map(len, found)) == told[path] >= 400_000
        tokens = [token for text in found for token in text.split()]
        assert 0.03 < sum(len(t) == 8 and not t.isalpha() for t in tokens) / len(tokens) < 0.05
        half = len(tokens) // 2
        assert len(set(tokens[half:]) - set(tokens[:half])) > 0.03 * half  # new ones keep coming
