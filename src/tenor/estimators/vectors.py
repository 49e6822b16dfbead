"""Document vectors as a Parquet file that any tool reads."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tenor.errors import InputError
from tenor.estimators.base import DocumentModel
from tenor.storage.atomic import replace_file
from tenor.text.corpus import Corpus

SUFFIX = ".parquet"


@dataclass(frozen=True)
class WrittenVectors:
    """What was written: a row a document, in the documents' order."""

    path: str
    n_documents: int
    n_components: int
    n_empty: int
    columns: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


def check_vectors_path(path: Path) -> None:
    """Refuse, before any work, a path that vectors cannot be written to.

    Raises:
        InputError: for another ending than .parquet, or a folder that is not there.
    """
    if path.suffix.lower() != SUFFIX:
        raise InputError(f"{path}: vectors are written as {SUFFIX}")
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file in it")
    if not path.parent.is_dir():
        raise InputError(f"there is no folder {path.parent} to write {path.name} into")


def write_vectors(
    model: DocumentModel, corpus: Corpus, path: Path, refine: int = 0
) -> WrittenVectors:
    """Write id, label (if there are any), empty and vector of every document; whole or not at all.

    Args:
        model: makes the vectors.
        corpus: D documents over its vocabulary.
        path: ends in .parquet; a file there is replaced.
        refine: see :meth:`tenor.NVDM.transform`.

    ``empty`` marks a document without any word of the vocabulary, ``vector`` is a fixed-size
    list of float32.

    Raises:
        InputError: for a bad path or a corpus of another vocabulary.
        ArtifactError: when the file cannot be written.
    """
    check_vectors_path(path)
    vectors = model.transform(corpus, refine=refine)
    columns: dict[str, Any] = {"id": pa.array(corpus.ids, pa.string())}
    if corpus.labels is not None:
        columns["label"] = pa.array(corpus.labels, pa.string())
    columns["empty"] = pa.array(corpus.empty)
    columns["vector"] = pa.FixedSizeListArray.from_arrays(
        pa.array(vectors.ravel()), vectors.shape[1]
    )
    with replace_file(path) as partial:
        pq.write_table(pa.table(columns), partial, compression="zstd")
    return WrittenVectors(
        str(path), len(vectors), vectors.shape[1], int(corpus.empty.sum()), tuple(columns)
    )
