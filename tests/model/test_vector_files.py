"""Vectors in every format: the same rows and numbers, written by pieces, whole or not at all."""

from __future__ import annotations

import csv
import datetime
import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenor
from tenor.cli import main
from tenor.corpus.source import Source
from tenor.errors import InputError
from tenor.model.inputs import stream_documents
from tenor.model.vector_files import WRITERS
from tenor.model.vectors import WrittenVectors, write_vectors

N = 25
TEXTS = ["red green blue", "green blue yellow", "red yellow", "blue blue red", ""] * 5
KEPT = {
    "n": pa.array([1, None, 3, 4, 5] * 5),
    "day": pa.array([datetime.date(2020, 1, 1)] * N),
    "kind": pa.array(["x", None, "y", "x", "x"] * 5).dictionary_encode(),
    "took": pa.array([1, 2, None, 4, 5] * 5, pa.duration("s")),
    "flag": pa.array([True, None, False, True, True] * 5),
}


@pytest.fixture(scope="module")
def model() -> tenor.NVDM:
    made = tenor.NVDM(
        3, encoder_sizes=(4,), epochs=2, min_df=1, max_df=1.0, n_topics=2, device="cpu"
    )
    return made.fit(TEXTS)


@pytest.fixture
def documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """In pieces of four documents."""
    monkeypatch.setattr("tenor.model.inputs.BLOCK", 4)
    own = {
        "id": [f'd,{row} "x"\n' for row in range(N)],
        "label": ["a", None, "b", "b", 'q"'] * 5,
        "text": TEXTS,
    }
    pq.write_table(pa.table(own | KEPT), tmp_path / "in.parquet")
    return tmp_path / "in.parquet"


def write(
    model: tenor.NVDM, documents: Path, name: str, keep: tuple[str, ...] = (), **how: Any
) -> WrittenVectors:
    source = Source(str(documents), id_column="id", label_column="label", keep=keep)
    stream = stream_documents(model.trained_, source)
    return write_vectors(model.trained_, stream, documents.parent / name, **how)


def test_all_formats_hold_the_same(model: tenor.NVDM, documents: Path) -> None:
    expected, topics = model.transform(TEXTS), model.topics_.topics
    for suffix in (".parquet", ".arrow", ".csv"):
        written = write(model, documents, f"v{suffix}", tuple(KEPT), topics=topics)
        assert (written.n_documents, written.n_empty, written.n_components) == (N, 5, 3)
        names = ("id", "label", "empty", "vector", "topics", "like_none", *KEPT)
        assert written.columns == names
    write(model, documents, "v.npy")
    write(model, documents, "w.NPY", topics=topics, with_vectors=False)

    parquet = pq.read_table(documents.parent / "v.parquet")
    with pa.ipc.open_file(str(documents.parent / "v.arrow")) as file:
        assert file.num_record_batches == 7
        arrow = file.read_all()
    assert arrow.schema.metadata[b"topics"] == parquet.schema.metadata[b"topics"]
    assert arrow.to_pylist() == parquet.to_pylist()
    assert arrow["id"].to_pylist() == pq.read_table(documents)["id"].to_pylist()
    vectors = np.array(arrow["vector"].to_pylist(), np.float32)
    np.testing.assert_allclose(vectors, expected, rtol=1e-5, atol=1e-6)

    array = np.load(documents.parent / "v.npy", mmap_mode="r", allow_pickle=False)
    assert array.dtype == np.float32 and array.flags.c_contiguous
    np.testing.assert_array_equal(array, vectors)
    weights = np.load(documents.parent / "w.NPY", allow_pickle=False)
    assert weights.tolist() == parquet["topics"].to_pylist()

    with (documents.parent / "v.csv").open(newline="", encoding="utf-8") as text:
        rows = list(csv.DictReader(text))
    ids = json.loads(parquet.schema.metadata[b"topics"])
    numbers = [f"vector_{place}" for place in range(3)], [f"topic_{topic}" for topic in ids]
    assert list(rows[0]) == ["id", "label", "empty", *numbers[0], *numbers[1], "like_none", *KEPT]
    for names, column in zip(numbers, ("vector", "topics"), strict=True):
        found = np.array([[row[name] for name in names] for row in rows], np.float32)
        assert found.tolist() == parquet[column].to_pylist()
    assert [row["id"] for row in rows] == parquet["id"].to_pylist()
    assert [row["label"] or None for row in rows] == parquet["label"].to_pylist()
    assert [row["empty"] == "true" for row in rows] == parquet["empty"].to_pylist()
    assert [row["n"] for row in rows[:3]] == ["1", "", "3"]
    assert rows[0]["day"] == "2020-01-01" and rows[2]["kind"] == "y" and rows[0]["took"] == "1"


def test_no_labels_no_column(model: tenor.NVDM, tmp_path: Path) -> None:
    (tmp_path / "in.txt").write_text("red green\n\nblue\n")
    stream = stream_documents(model.trained_, Source(str(tmp_path / "in.txt")))
    write_vectors(model.trained_, stream, tmp_path / "v.csv")
    header = (tmp_path / "v.csv").read_text().splitlines()[0]
    assert header.replace('"', "") == "id,empty,vector_0,vector_1,vector_2"


@pytest.mark.parametrize("suffix", WRITERS)
def test_a_stop_half_way_leaves_no_file_and_goes_on(
    model: tenor.NVDM, documents: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    write(model, documents, f"whole{suffix}")
    whole = (documents.parent / f"whole{suffix}").read_bytes()

    def stop(done: int, total: int | None) -> None:
        if done >= 12:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="stopped after 12 documents"):
        write(model, documents, f"v{suffix}", on_progress=stop)
    assert not (documents.parent / f"v{suffix}").exists()
    noted: list[str] = []
    write(model, documents, f"v{suffix}", on_note=noted.append)
    assert noted == ["going on after 12 documents"]
    assert (documents.parent / f"v{suffix}").read_bytes() == whole


def test_what_a_file_cannot_hold_is_refused_before_the_work(
    model: tenor.NVDM, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tenor.model.vectors.VectorPieces", None)  # nothing may begin
    for name in ("v.txt", "v", "v.npz", "v.parquet.gz"):
        with pytest.raises(InputError, match=r"is written as \.parquet, \.arrow, \.csv or \.npy$"):
            write(model, documents, name)
    with pytest.raises(InputError, match="vectors or weights of topics, not both"):
        write(model, documents, "v.npy", topics=model.topics_.topics)


def test_so_it_is_of_columns_that_are_kept(model: tenor.NVDM, documents: Path) -> None:
    with pytest.raises(InputError, match=r"an array has no columns to keep \(n, day\)"):
        write(model, documents, "v.npy", ("n", "day"))
    table = pq.read_table(documents).rename_columns({"n": "vector_1"})
    pq.write_table(table, documents)
    with pytest.raises(InputError, match='a column of the file is called "vector_1" already'):
        write(model, documents, "v.csv", ("vector_1",))
    assert write(model, documents, "v.arrow", ("vector_1",)).columns[-1] == "vector_1"
    assert [path.name for path in documents.parent.iterdir() if path.name[0] == "v"] == ["v.arrow"]


def test_the_command(
    model: tenor.NVDM, documents: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    model.save(tmp_path / "model")
    names = [str(tmp_path / name) for name in ("v.npy", "v.csv", "v.txt")]
    read = [str(tmp_path / "model"), str(documents), "--id-column", "id", "-q"]
    assert main(["transform", *read, "-o", names[0]]) == 0
    assert "25 documents, 5 of them empty, vectors of 3 (columns vector)" in capsys.readouterr().out
    assert np.load(names[0]).shape == (N, 3)
    assert main(["transform", *read, "-o", names[1], "--topic-weights"]) == 0
    capsys.readouterr()
    for arguments, said in (
        (["-o", names[2]], "is written as .parquet"),
        (["-o", names[0], "--topic-weights"], "not both"),
        (["-o", names[0], "--keep", "n"], "no columns to keep (n)"),
    ):
        assert main(["transform", *read, *arguments]) == 1
        assert said in capsys.readouterr().err
    # passages name their document, for which an array has no more room than for ids
    assert main(["transform", *read, "-o", names[0], "--split", "1-words", "--overwrite"]) == 0
    assert np.load(names[0]).shape[0] > N
    assert main(["transform", *read, "-o", names[1], "--split", "1-words", "--overwrite"]) == 0
    with Path(names[1]).open(newline="", encoding="utf-8") as text:
        first = next(csv.DictReader(text))
    assert (first["id"], first["document"]) == ('d,0 "x"\n#1', 'd,0 "x"\n')
