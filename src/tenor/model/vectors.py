"""Document vectors as a Parquet file that any tool reads, written in bounded memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray

from tenor.amounts import amount
from tenor.corpus.corpus import Corpus
from tenor.corpus.layout import is_dense
from tenor.errors import InputError, TenorError
from tenor.inference.encode import vectors
from tenor.inference.refine import Refinement
from tenor.model.fitting import environment
from tenor.model.streams import DocumentStream
from tenor.model.trained import TrainedModel, weights_digest
from tenor.model.vector_parts import VectorParts
from tenor.storage.atomic import replace_file
from tenor.topics.topics import Topics, chance_limit, likeness
from tenor.training.read_ahead import read_ahead

SUFFIX = ".parquet"
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True)
class WrittenVectors:
    """What was written: a row a document, in the documents' order."""

    path: str
    n_documents: int
    n_components: int | None  # None where vectors were left out
    n_empty: int
    columns: tuple[str, ...]
    n_topics: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class _Columns:
    """What is written of a document besides its id, label and whether it is empty.

    Attributes:
        vectors: whether its vector.
        topics: its weights of these, and whether it is like none of them.
        limit: the likeness below which it is like none.
    """

    vectors: bool
    topics: Topics | None
    limit: float

    @classmethod
    def of(cls, with_vectors: bool, topics: Topics | None) -> _Columns:
        return cls(with_vectors, topics, 0.0 if topics is None else chance_limit(topics))

    @property
    def names(self) -> tuple[str, ...]:
        some = ("topics", "like_none") if self.topics is not None else ()
        return (*(["vector"] * self.vectors), *some)

    def made(self, found: NDArray[np.float32], empty: NDArray[np.bool_]) -> dict[str, pa.Array]:
        columns = {"vector": _lists(found)} if self.vectors else {}
        if self.topics is not None:
            columns["topics"] = _lists(self.topics.weights(found, empty))
            like_none = likeness(self.topics, found, empty) < self.limit
            columns["like_none"] = pa.array(like_none | empty)
        return columns


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
    trained: TrainedModel,
    stream: DocumentStream,
    path: Path,
    refine: int = 0,
    topics: Topics | None = None,
    on_progress: Progress | None = None,
    on_note: Callable[[str], None] | None = None,
    with_vectors: bool = True,
) -> WrittenVectors:
    """Write id, label (if there are any), empty and vector of every document, in their order.

    Columns of the source that were asked for follow under their own names, but for dense ones.

    Memory is that of a few thousand documents, however many there are: each part is written
    before the next is read, and at the end they become one file. An id that was there before ends
    the call before its part is worked on. A call that was killed goes on after its last part when
    it is made again with the same model, documents and settings, and ends with the same bytes of
    vectors as one that was not.

    Args:
        trained: makes the vectors.
        stream: the documents; without an identity nothing is taken up again.
        path: ends in .parquet; a file there is replaced.
        refine: see :meth:`tenor.NVDM.transform`.
        topics: write each document's weight of each of these as well, in their order, and
            whether it is like none of them (:func:`tenor.topics.topics.chance_limit`).
        on_progress: called with the documents done and how many there are, or None.
        on_note: called with a line when the call goes on, or begins afresh where another was.
        with_vectors: False leaves the vectors out, beside topics.

    ``empty`` marks a document without any word of the vocabulary, which is like no topic;
    ``vector`` and ``topics``, the weights, are fixed-size lists of float32.

    Raises:
        InputError: for a bad path or refine, or neither vectors nor topics.
        SourceError: when the documents cannot be read, or an id is there twice.
        ArtifactError: when the file cannot be written, or another process is writing it.
        KeyboardInterrupt: after Ctrl-C; says how far it came.
    """
    check_vectors_path(path)
    if topics is None and not with_vectors:
        raise InputError("without vectors and topics nothing is left to write")
    refinement = Refinement(refine) if refine != 0 else None
    columns = _Columns.of(with_vectors, topics)
    threads = torch.get_num_threads()
    parts = VectorParts(path, _facts(trained, stream, refine, columns), threads)
    tell = on_note or (lambda line: None)
    if parts.started_afresh:
        tell(f"what an earlier run left of {path.name} is of another model, source or setting")
    if parts.rows:
        tell(f"going on after {amount(parts.rows, 'document')}")
    torch.set_num_threads(parts.threads)
    try:
        progress = on_progress or (lambda done, total: None)
        _add_parts(trained, stream, parts, refinement, columns, progress)
        written = _assemble(parts, path, columns)
    except KeyboardInterrupt:
        if not parts.leave():
            raise
        raise KeyboardInterrupt(
            f"stopped after {amount(parts.rows, 'document')}; the same command goes on from there"
        ) from None
    except TenorError:
        parts.remove()
        raise
    else:
        parts.remove()
    finally:
        torch.set_num_threads(threads)
        parts.close()
    return written


def _facts(
    trained: TrainedModel, stream: DocumentStream, refine: int, columns: _Columns
) -> dict[str, Any]:
    """What the vectors depend on, as JSON values."""
    made_by = environment(trained.network.device)
    return {
        "identity": stream.identity,
        "model": weights_digest(trained),
        "refine": refine,
        "columns": list(columns.names),
        "topics": None if columns.topics is None else columns.topics.digest(),
        "made_by": {name: value for name, value in made_by.items() if name != "threads"},
    }


def _add_parts(
    trained: TrainedModel,
    stream: DocumentStream,
    parts: VectorParts,
    refinement: Refinement | None,
    columns: _Columns,
    progress: Progress,
) -> None:
    progress(parts.rows, stream.total)
    with closing(_following(stream, parts.rows)) as following:
        for corpus in following:
            if not stream.unique:  # before the work on them is done
                parts.refuse_repeated_ids(_column(corpus, "id"))
            found = vectors(trained.network, corpus.documents, refinement)
            parts.add(_part(corpus, found, columns))
            progress(parts.rows, stream.total)


def _following(stream: DocumentStream, start: int) -> Generator[Corpus, None, None]:
    """The parts from a row on, one of them ahead."""
    if not stream.in_a_thread:
        yield from stream.parts(start)
        return
    with closing(read_ahead(stream.parts(start))) as ahead:
        yield from ahead


def _part(corpus: Corpus, found: NDArray[np.float32], columns: _Columns) -> pa.RecordBatch:
    names = {name: _column(corpus, name) for name in ("id", "label")}
    made = columns.made(found, corpus.empty)
    kept = {
        name: column.combine_chunks()
        for name in corpus.columns
        if not is_dense((column := corpus.column(name)).type)
    }
    return pa.RecordBatch.from_pydict({**names, "empty": pa.array(corpus.empty), **made, **kept})


def _lists(rows: NDArray[np.float32]) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])


def _column(corpus: Corpus, name: str) -> pa.Array:
    strings = corpus.strings(name)
    if strings is None:
        return pa.nulls(len(corpus), pa.string())
    return strings.column.combine_chunks()


def _assemble(parts: VectorParts, path: Path, columns: _Columns) -> WrittenVectors:
    """All parts as one Parquet file, a row group each."""
    topics, names = columns.topics, ("id", "empty", *columns.names)
    left_out = () if parts.labelled else ("label",)
    about = None if topics is None else {"topics": json.dumps(topics.ids)}
    size: int | None = 0 if columns.vectors else None
    with replace_file(path) as partial:
        writer: pq.ParquetWriter | None = None
        try:
            for part in parts.batches():
                names = tuple(name for name in part.schema.names if name not in left_out)
                batch = part.select(list(names)).replace_schema_metadata(about)
                size = batch.schema.field("vector").type.list_size if columns.vectors else None
                writer = writer or _writer(partial, batch.schema)
                writer.write_batch(batch, row_group_size=len(batch))
        finally:
            if writer is not None:
                writer.close()
    n_topics = None if topics is None else len(topics)
    return WrittenVectors(str(path), parts.rows, size, parts.n_empty, names, n_topics)


def _writer(path: Path, schema: pa.Schema) -> pq.ParquetWriter:
    # Floats hardly shrink: left as they are, a file is written three times as fast.
    compression = dict.fromkeys(schema.names, "zstd")
    for name in ("vector", "topics"):
        if compression.pop(name, None):
            compression[f"{name}.list.element"] = "none"
    labels = [name for name in schema.names if name == "label"]
    return pq.ParquetWriter(path, schema, compression=compression, use_dictionary=labels)
