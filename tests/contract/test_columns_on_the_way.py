"""Named columns all the way: from a file through a fit, a folder, vectors and a finished model."""

from __future__ import annotations

import datetime
import shutil
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import tenor
from tenor import runs
from tenor.cli import main
from tenor.corpus.source import Source
from tenor.errors import ArtifactError, InputError
from tenor.model.inputs import stream_documents
from tenor.model.vectors import write_vectors
from tenor.training.watch import Watcher

N, WIDTH = 150, 5
TINY = {"n_components": 3, "epochs": 4, "batch_size": 30, "min_df": 1, "max_df": 1.0}
FLAGS = ["--components", "3", "--epochs", "2", "--min-df", "1", "--encoder-sizes", "8", "--device"]
FIRST_DAY = datetime.date(2020, 1, 1)


class Stops(Watcher):
    """Presses Ctrl-C in the third epoch."""

    def step(self, moment: Any) -> None:
        if moment.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    def epoch(self, moment: Any) -> None: ...


def table(seed: int = 0) -> pa.Table:
    """Texts with metadata of every kind, and an embedding."""
    rng = np.random.default_rng(seed)
    words = np.array([f"word{'abcdefgh'[i % 8]}{'xyz'[i % 3]}" for i in range(24)])
    numbers = rng.standard_normal((N, WIDTH)).astype(np.float32)
    return pa.table(
        {
            "key": [f"d{row}" for row in range(N)],
            "text": [" ".join(rng.choice(words, 12)) for _ in range(N)],
            "group": [None if row == 7 else f"g{row % 3}" for row in range(N)],
            "year": [None if row == 4 else 1990 + row % 30 for row in range(N)],
            "day": [FIRST_DAY + datetime.timedelta(days=row) for row in range(N)],
            "journal": pa.array([f"j{row % 4}" for row in range(N)]).dictionary_encode(),
            "embedding": pa.FixedSizeListArray.from_arrays(pa.array(numbers.ravel()), WIDTH),
        }
    )


def source(path: Path) -> Source:
    return Source(
        str(path),
        id_column="key",
        label_column="group",
        keep=("year", "day"),
        embedding_column="embedding",
    )


@pytest.fixture(scope="module")
def path(tmp_path_factory: Any) -> Path:
    path: Path = tmp_path_factory.mktemp("columns") / "in.parquet"
    pq.write_table(table(), path, row_group_size=40)
    return path


def test_a_network_reads_a_column_from_a_file_to_a_finished_model(
    path: Path, other_models: Any, tmp_path: Path
) -> None:
    whole = runs.start(other_models.Beside(**TINY), source(path), tmp_path / "whole")
    with pytest.raises(KeyboardInterrupt):
        runs.start(
            other_models.Beside(**TINY),
            source(path),
            tmp_path / "half",
            checkpoint_every=1,
            watcher=Stops(),
        )
    again = runs.resume(tmp_path / "half")
    for name, value in whole.trained_.network.state_dict().items():
        np.testing.assert_array_equal(value, again.trained_.network.state_dict()[name])

    loaded = tenor.load(tmp_path / "half", device="cpu")
    kept = loaded.documents_
    assert kept is not None and kept.columns == ("year", "day", "embedding")
    assert kept.column("year").to_pylist() == table()["year"].to_pylist()
    assert kept.column("day").to_pylist() == table()["day"].to_pylist()

    # New documents: the column that the model reads is asked for without being named.
    written = write_vectors(
        loaded.trained_,
        stream_documents(loaded.trained_, Source(str(path), id_column="key", keep=("year",))),
        tmp_path / "vectors.parquet",
    )
    assert written.n_documents == N
    found = pq.read_table(tmp_path / "vectors.parquet")
    assert found.column_names == ["id", "empty", "vector", "year"]
    assert found["year"].to_pylist() == table()["year"].to_pylist()
    vectors = np.asarray(found["vector"].combine_chunks().flatten()).reshape(N, -1)
    np.testing.assert_allclose(vectors, kept.vectors, rtol=1e-4, atol=1e-5)

    continued = runs.start_from(
        tmp_path / "half", {"epochs": 1}, source(path), tmp_path / "continued"
    )
    assert len(continued.history_) == 5
    read = tenor.Corpus.of(source(path), vocabulary=loaded.vocabulary_)
    assert set(loaded.evaluate(read).retrieval) >= {"latent", "smoothed"}


def test_a_changed_embedding_is_another_source(
    path: Path, other_models: Any, tmp_path: Path
) -> None:
    shutil.copy(path, tmp_path / "in.parquet")
    begun = tmp_path / "begun"
    with pytest.raises(KeyboardInterrupt):
        runs.start(
            other_models.Beside(**TINY),
            source(tmp_path / "in.parquet"),
            begun,
            checkpoint_every=1,
            watcher=Stops(),
        )
    changed = table().set_column(6, "embedding", table(1)["embedding"])
    pq.write_table(changed, tmp_path / "in.parquet", row_group_size=40)
    with pytest.raises(ArtifactError, match="has changed since the fit"):
        runs.resume(begun)


def test_a_source_without_the_column_is_refused(
    path: Path, other_models: Any, tmp_path: Path
) -> None:
    model = runs.start(other_models.Beside(**TINY), source(path), tmp_path / "model")
    pq.write_table(table().drop_columns(["embedding"]), tmp_path / "bare.parquet")
    with pytest.raises(InputError, match='no column "embedding" for the embedding'):
        list(stream_documents(model.trained_, Source(str(tmp_path / "bare.parquet"))).blocks(0))


def test_the_command_keeps_what_is_asked_for(path: Path, tmp_path: Path) -> None:
    model, out = str(tmp_path / "model"), str(tmp_path / "v.parquet")
    named = ["--id-column", "key", "--keep", "year,journal,day"]
    dense = ["--embedding-column", "embedding"]
    fit = ["fit", str(path), "-o", model, *named, *dense, *FLAGS, "cpu", "-q"]
    assert main(fit) == 0
    kept = pq.read_table(Path(model) / "documents.parquet")
    for name in ("year", "day", "journal", "embedding"):
        assert kept[name].to_pylist() == table()[name].to_pylist(), name
    assert main(["transform", model, str(path), "-o", out, *named, "-q"]) == 0
    found = pq.read_table(out)
    assert found.column_names == ["id", "empty", "vector", "year", "journal", "day"]
    assert found["journal"].to_pylist() == table()["journal"].to_pylist()
    for verb in (["topics", model], ["map", model, "-o", str(tmp_path / "m.html")]):
        assert main(verb) == 0

    prepared = str(tmp_path / "corpus")
    assert main(["prepare", str(path), "-o", prepared, *named, *dense, "-q"]) == 0
    assert main(["transform", model, prepared, "-o", out, "-q", "--overwrite"]) == 0
    assert pq.read_table(out)["year"].to_pylist() == table()["year"].to_pylist()
