"""Document vectors as a file that any tool reads, written in bounded memory."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import reduce
from itertools import chain
from pathlib import Path
from typing import Any, final

import numpy as np
import pyarrow as pa
import torch
from numpy.typing import NDArray

from tenor.checks import amount
from tenor.corpus.corpus import Corpus
from tenor.corpus.coverage import Coverage
from tenor.corpus.ids import SeenStrings, numbers_on_disk, refuse_repeated
from tenor.corpus.layout import is_dense, map_batch, write_batch
from tenor.corpus.origin import Origin
from tenor.errors import InputError, SourceError, TenorError
from tenor.inference.encode import vectors
from tenor.inference.refine import Refinement
from tenor.model.fitting import environment
from tenor.model.inputs import DocumentStream
from tenor.model.trained import TrainedModel
from tenor.model.vector_files import TOPIC_IDS, WRITERS, held, refuse_unfit, writer_of
from tenor.storage.atomic import checksums, new_file, sha256_file, unwritable
from tenor.storage.job import Job
from tenor.storage.target import check_file
from tenor.text.strings import Strings
from tenor.topics.topics import Topics, chance_limit, likeness
from tenor.training.read_ahead import read_ahead

Progress = Callable[[int, int | None], None]
_VERSION = 2  # of what a killed call leaves
_PIECE = "part"  # the name of a piece's file and journal entry
_WHOLE = "whole"  # the entry of the file that all pieces became


@dataclass(frozen=True)
class WrittenVectors:
    """What was written: a row a document, in the documents' order."""

    path: str
    n_documents: int
    n_components: int | None  # None where vectors were left out
    n_empty: int
    columns: tuple[str, ...]
    origin: Origin  # what was read
    coverage: Coverage  # of the documents by the model's words
    n_topics: int | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        plain = {name: value for name, value in vars(self).items() if name != "origin"}
        read, known = self.origin.to_json(), self.coverage.to_json()
        return {**plain, "read": read, "coverage": known}


def check_vectors_path(path: Path, overwrite: bool = True) -> None:
    """Refuse, before any work, a path that vectors cannot be written to."""
    check_file(path, overwrite, "a file of vectors", list(WRITERS))


def write_vectors(
    trained: TrainedModel,
    stream: DocumentStream,
    path: Path,
    refine: int = 0,
    topics: Topics | None = None,
    on_progress: Progress | None = None,
    on_note: Callable[[str], None] | None = None,
    with_vectors: bool = True,
    overwrite: bool = False,
) -> WrittenVectors:
    """Write id, label (if there are any), empty and vector of every document, in their order.

    Columns of the source that were asked for follow under their own names, but for dense ones.
    The suffix says the format; :mod:`tenor.model.vector_files` tells what each can hold.

    Memory is that of a few thousand documents, however many there are: each piece is written
    before the next is read, and at the end they become one file. An id that was there before ends
    the call before its piece is worked on. A call that was killed goes on after its last piece when
    it is made again with the same model, documents and settings, and ends with the same bytes of
    vectors as one that was not.

    ``empty`` marks a document without any word of the vocabulary, which is like no topic;
    ``vector`` and ``topics``, the weights, are fixed-size lists of float32. With ``topics`` come
    the weights in their order and ``like_none``, by :func:`tenor.topics.topics.chance_limit`.

    ``on_progress`` is called with the documents done and how many there are, or None; ``on_note``
    with a line when the call goes on, or begins afresh where another was. An id that is there twice
    is a SourceError; the KeyboardInterrupt after Ctrl-C says how far it came.
    """
    check_vectors_path(path)
    if topics is None and not with_vectors:
        raise InputError("without vectors and topics nothing is left to write")
    columns = ["vector"] * with_vectors + ["topics", "like_none"] * (topics is not None)
    refuse_unfit(path, columns)
    refinement = Refinement.of(refine)
    made_by = environment(trained.network.device)
    threads = made_by.pop("threads")
    facts = {
        "pieces": _VERSION,
        "identity": stream.identity,
        "model": trained.digest(),
        "refine": refine,
        "columns": columns,
        "topics": None if topics is None else topics.digest(),
        "made_by": made_by,
    }
    pieces = VectorPieces(path, facts, threads, overwrite)
    tell, progress = on_note or (lambda line: None), on_progress or (lambda done, total: None)
    if pieces.started_afresh:
        tell(f"what an earlier run left of {path.name} is of another model, source or setting")
    if pieces.rows:
        tell(f"going on after {amount(pieces.rows, 'document')}")
    torch.set_num_threads(pieces.threads)
    limit = 0.0 if topics is None else chance_limit(topics)
    try:
        progress(pieces.rows, stream.total)
        with closing(_following(stream, pieces.rows)) as following:
            for corpus in following:
                if not stream.unique:  # before the work on them is done
                    pieces.refuse_repeated_ids(_column(corpus, "id"))
                found = vectors(trained.network, corpus.documents, refinement)
                batch = _batch(corpus, found, with_vectors, topics, limit)
                refuse_unfit(path, batch.schema.names)
                pieces.add(batch, corpus.coverage)
                progress(pieces.rows, stream.total)
        written = _assemble(pieces, path, stream.origin(), topics)
    except KeyboardInterrupt:
        if not pieces.leave():
            raise
        raise KeyboardInterrupt(
            f"stopped after {amount(pieces.rows, 'document')}; the same command goes on from there"
        ) from None
    except TenorError:
        pieces.remove()
        raise
    except OSError as error:
        pieces.remove()
        raise unwritable(path, error) from error
    else:
        pieces.remove()
    finally:
        torch.set_num_threads(threads)
        pieces.close()
    return written


def _following(stream: DocumentStream, start: int) -> Generator[Corpus, None, None]:
    """The blocks from a row on, one of them ahead."""
    if not stream.in_a_thread:
        yield from stream.blocks(start)
        return
    with closing(read_ahead(stream.blocks(start))) as ahead:
        yield from ahead


def _batch(
    corpus: Corpus,
    found: NDArray[np.float32],
    with_vectors: bool,
    topics: Topics | None,
    limit: float,
) -> pa.RecordBatch:
    """All that is written of these documents; ``limit``: the likeness below which is no topic's."""
    columns = {name: _column(corpus, name) for name in ("id", "label")}
    columns["empty"] = pa.array(corpus.empty)
    if with_vectors:
        columns["vector"] = _lists(found)
    if topics is not None:
        columns["topics"] = _lists(topics.weights(found, corpus.empty))
        like_none = likeness(topics, found, corpus.empty) < limit
        columns["like_none"] = pa.array(like_none | corpus.empty)
    for name in corpus.columns:
        if not is_dense((column := corpus.column(name)).type):
            columns[name] = column.combine_chunks()
    return pa.RecordBatch.from_pydict(columns)


def _lists(rows: NDArray[np.float32]) -> pa.FixedSizeListArray:
    return pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), rows.shape[1])


def _column(corpus: Corpus, name: str) -> pa.Array:
    return (corpus.strings(name) or Strings.none(len(corpus))).column.combine_chunks()


def _assemble(
    pieces: VectorPieces, path: Path, origin: Origin, topics: Topics | None
) -> WrittenVectors:
    """All pieces as one file."""
    schema = next(pieces.batches()).schema
    if not any(piece["labelled"] for piece in pieces.done):
        schema = schema.remove(schema.get_field_index("label"))
    about = None if topics is None else {TOPIC_IDS: json.dumps(topics.ids)}
    schema = schema.with_metadata(about)
    batches = (
        piece.select(schema.names).replace_schema_metadata(about) for piece in pieces.batches()
    )
    with new_file(path) as file:
        writer_of(path)(file, schema, pieces.rows, batches)
        file.flush()
        pieces.assembled(Path(file.name))
    coverage = origin.coverage or pieces.coverage
    return WrittenVectors(
        str(path),
        pieces.rows,
        schema.field("vector").type.list_size if "vector" in schema.names else None,
        coverage.n_empty,
        held(path, schema.names),
        replace(origin, coverage=coverage),
        coverage,
        None if topics is None else len(topics),
    )


@final
class VectorPieces:
    """What is done of one file of vectors: the pieces of a job beside it, so a kill loses one.

    A piece is ``part-NNNNN.arrow``: neighbouring documents' rows of the file, and their labels.
    """

    def __init__(
        self, target: Path, facts: dict[str, Any], threads: int, overwrite: bool = False
    ) -> None:
        """Take up the job that ``facts``, JSON values, say, or begin it with so many threads.

        Without an ``identity`` it never goes on. Another process at it is an ArtifactError, and a
        file that is there unless it may be overwritten.
        """
        key = hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
        lasting = None if facts["identity"] is None else key
        try:
            self._job = Job("tenor transform", target)
            self._refuse_finished(target, overwrite)
            was_empty = self._job.is_empty
            goes_on = self._job.take_up(lasting)
            if not goes_on:
                try:
                    self._job.begin(lasting, threads=threads)
                except BaseException:
                    self._job.remove()
                    raise
        except OSError as error:
            raise unwritable(target, error) from error
        self.started_afresh = not (goes_on or was_empty)  # pieces of another job are gone
        self.threads = int((self._job.started or {})["threads"])  # of the first piece, so of all
        self.done = self._job.journal.of(_PIECE)
        self._seen: SeenStrings | None = None

    @property
    def rows(self) -> int:
        """Documents in the pieces so far."""
        return sum(piece["documents"] for piece in self.done)

    @property
    def coverage(self) -> Coverage:
        """How much of the documents in the pieces so far the model's words are."""
        each = (Coverage.from_json(piece["coverage"]) for piece in self.done)
        return reduce(Coverage.plus, each)

    def add(self, batch: pa.RecordBatch, coverage: Coverage) -> None:
        """Write the next piece; it is there whole or not at all."""
        name = f"{_PIECE}-{len(self.done):05d}.arrow"
        with new_file(self._job.folder / name) as file:
            write_batch(file, batch)
        self._job.journal.add(
            _PIECE,
            files=checksums(self._job.folder, [name]),
            documents=len(batch),
            coverage=coverage.to_json(),
            labelled=batch.column("label").null_count < len(batch),
        )

    def assembled(self, whole: Path) -> None:
        """Write down which file all pieces became, before it takes its name."""
        self._job.journal.add(_WHOLE, sha256=sha256_file(whole))

    def _refuse_finished(self, target: Path, overwrite: bool) -> None:
        """Refuse a file that is there, unless this job made it and was killed right after."""
        own = {entry["sha256"] for entry in self._job.journal.of(_WHOLE)}
        try:
            mine = bool(own) and target.is_file() and sha256_file(target) in own
            check_vectors_path(target, overwrite or mine)
        except BaseException:
            self._job.leave()  # for a call that may replace it
            raise

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All pieces in their order, each mapped."""
        for piece in self.done:
            for name in piece["files"]:
                yield map_batch(self._job.folder / name)

    def refuse_repeated_ids(self, coming: pa.Array) -> None:
        """Look for an id of the piece to come among all before it, in files and not in memory."""
        folder = self._job.folder
        try:
            if self._seen is None:
                self._seen = SeenStrings(folder)
                for ids in self._ids():
                    self._seen.add(ids)
            if self._seen.add(coming):
                room = numbers_on_disk(folder, self.rows + len(coming))
                refuse_repeated(lambda: chain(self._ids(), [coming]), room, SourceError)
        except OSError as error:
            raise unwritable(folder, error) from error

    def _ids(self) -> Iterator[pa.Array]:
        return (batch.column("id") for batch in self.batches())

    def leave(self) -> bool:
        """Stop; whether another transform can take it up, else nothing is left."""
        self._seen = None  # its files have no names, but some disks keep the folder for them
        return self._job.leave()

    def close(self) -> None:
        """Let another transform take it up."""
        self._job.close()

    def remove(self) -> None:
        """Throw the pieces away."""
        self._seen = None
        self._job.remove()
