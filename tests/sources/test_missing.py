"""What is missing in files: no text, no label, in every format."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tenor.corpus.corpus import Corpus
from tenor.errors import InputError, SourceError
from tenor.sources.columns import Columns
from tenor.sources.files import stream
from tenor.text.vocabulary import VocabularyRule

NAN = float("nan")
TEXTS, LABELS = ["ants", None, "bees", ""], ["x", None, "", "y"]


def write(folder: Path, name: str, texts: list, labels: list) -> Path:
    path = folder / name
    rows = [{"text": text, "l": label} for text, label in zip(texts, labels, strict=True)]
    if name.endswith(".parquet"):
        pq.write_table(pa.table({"text": pa.array(texts), "l": pa.array(labels)}), path)
    elif name.endswith(".csv"):
        path.write_text("text,l\n" + "".join(f"{r['text'] or ''},{r['l'] or ''}\n" for r in rows))
    elif name.endswith(".jsonl"):
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    else:
        path.write_text(json.dumps(rows))
    return path


def read(path: Path, columns: Columns) -> tuple[list, list, int]:
    reading = stream(path, columns)
    batches = list(reading.batches)
    facts = reading.facts()
    assert facts is not None
    columns_of = [[v for b in batches for v in b.columns[n].to_pylist()] for n in ("text", "label")]
    return (*columns_of, facts.n_missing)


@pytest.mark.parametrize("name", ["x.csv", "x.jsonl", "x.json", "x.parquet"])
def test_every_format(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, TEXTS, LABELS)
    n_missing = 2 if name == "x.csv" else 1  # which has no other way to say so
    expected = ["ants", "", "bees", ""], ["x", None, None, "y"], n_missing
    assert read(path, Columns("text", label="l")) == expected
    corpus = Corpus.read(path, label_column="l", rule=VocabularyRule(1, 1.0))
    assert (len(corpus), corpus.labels) == (4, ["x", None, None, "y"])
    place = {"x.csv": "line 3", "x.jsonl": "line 2", "x.json": r"row 1 \(line 1\)"}
    where = place.get(name, "row 1")
    with pytest.raises(SourceError, match=rf'{where}: the text "text" is missing'):
        Corpus.read(path, text_column="text", missing_text="refuse")
    with pytest.raises(SourceError, match=rf'{where}: the id "l" is empty'):
        Corpus.read(path, text_column="text", id_column="l")


@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_nan_in_json(tmp_path: Path, name: str) -> None:
    path = write(tmp_path, name, ["a", NAN, "NaN", "null"], [NAN, 1.5, 2, "NA"])
    found = read(path, Columns("text", label="l"))
    assert found == (["a", "", "NaN", "null"], [None, "1.5", "2", "NA"], 1)


def test_words_in_csv_are_words(tmp_path: Path) -> None:
    path = write(tmp_path, "x.csv", ["NA", "null", "nan"], ["NA", "null", "nan"])
    words = ["NA", "null", "nan"]
    assert read(path, Columns("text", label="l")) == (words, words, 0)


@pytest.mark.parametrize(
    "nothing",
    [
        pa.nulls(2),
        pa.nulls(2, pa.string()),
        pa.nulls(2, pa.large_string()),
        pa.nulls(2, pa.string_view()),
        pa.array([None, None], pa.string()).dictionary_encode(),
        pa.array([NAN, None]),
        pa.array([NAN, NAN], pa.float32()),
    ],
    ids=lambda array: str(array.type),
)
def test_shards_without_a_value(tmp_path: Path, nothing: pa.Array) -> None:
    there = pa.table({"text": ["a b", "c d"], "l": ["x", "y"], "k": ["s", "t"]})
    pq.write_table(pa.table({"text": nothing, "l": nothing, "k": nothing}), tmp_path / "b.parquet")
    for name in "ac":
        pq.write_table(there, tmp_path / f"{name}.parquet")
    texts, labels, n_missing = read(tmp_path, Columns("text", label="l", keep=("k",)))
    assert texts == ["a b", "c d", "", "", "a b", "c d"]
    assert labels == ["x", "y", None, None, "x", "y"]
    assert n_missing == 2
    (tmp_path / "a.parquet").unlink()  # the shard without comes first
    assert read(tmp_path, Columns("text", label="l", keep=("k",)))[0] == ["", "", "a b", "c d"]


@pytest.mark.parametrize("kind", [pa.timestamp("us"), pa.date32(), pa.float64(), pa.int64()])
def test_labels_of_other_types(tmp_path: Path, kind: pa.DataType) -> None:
    values = pa.array([0, None, 1], pa.int32() if kind == pa.date32() else pa.int64()).cast(kind)
    pq.write_table(pa.table({"text": ["a", "b", "c"], "l": values}), tmp_path / "x.parquet")
    labels = read(tmp_path / "x.parquet", Columns(label="l"))[1]
    assert labels[1] is None and None not in (labels[0], labels[2])


def test_a_text_column_of_nulls_only_is_found(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "text": pa.nulls(2)})
    pq.write_table(table, tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet", Columns())[::2] == (["", ""], 2)
    table = pa.table({"text": pa.nulls(2), "review": ["some words of it", "and more of them"]})
    pq.write_table(table, tmp_path / "x.parquet")
    assert read(tmp_path / "x.parquet", Columns())[0] == table["review"].to_pylist()


def test_a_batch_of_nulls_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenor.sources.batches.BATCH_BYTES", 20)
    path = write(tmp_path, "x.jsonl", ["a b", None, None, "c d"], [None, None, None, "x"])
    found = read(path, Columns("text", label="l"))
    assert found == (["a b", "", "", "c d"], [None, None, None, "x"], 2)


def test_to_refuse_missing_texts_is_for_tables(tmp_path: Path) -> None:
    """Lines and files hold a text each, if an empty one; an option that does nothing is refused."""
    (tmp_path / "lines.txt").write_text("ant\n\nbee\n")
    rule = VocabularyRule(1, 1.0)
    Corpus.read(tmp_path / "lines.txt", rule=rule).save(tmp_path / "made")
    for name in ("lines.txt", "made"):
        with pytest.raises(InputError, match="; leave missing_text out") as caught:
            Corpus.read(tmp_path / name, missing_text="refuse")
        assert caught.value.parameters == ("missing_text",)
