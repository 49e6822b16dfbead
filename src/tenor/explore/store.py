"""A model's documents in one Parquet file: id, label, text, vector, words, counts, kept columns.

Rows keep the order in which they were added, and the id is the key. Ids, labels and vectors are
kept in memory once read; texts and counts stay on disk and only what is asked for is read. The file
is held open: replaced or deleted by others, it gives what was there.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import concatenate
from tenor.errors import ArtifactError, InputError
from tenor.explore.collection import CountedDocuments, bag_of, drawn_rows, unknown_id
from tenor.explore.neighbours import nearest
from tenor.explore.stored_rows import (
    COLUMNS,
    COUNTS,
    ROW_GROUP,
    conforming,
    counts_in,
    further_in,
    matrix_of,
    write,
)
from tenor.storage.atomic import new_file

FILTERS = ("id", "label")
_BLOCK = 1 << 20  # bytes


@dataclass(frozen=True, eq=False)
class Document:
    """One document of a store.

    Attributes:
        row: its place, from 0.
        text: None where texts were not kept.
        vector: (K,).
    """

    row: int
    id: str
    label: str | None
    text: str | None
    vector: NDArray[np.float32]


class DocumentStore:
    """Documents in the Parquet file ``path``, which need not exist before the first ``add``.

    Raises:
        ArtifactError: when there is a file that is damaged or holds something else.
    """

    def __init__(self, path: str | Path, checksum: str | None = None) -> None:
        """``checksum`` is the file's, held against it before documents are first read from it."""
        self.path, self._checksum = checks.path(path), checksum
        self._open_anew()

    def __getstate__(self) -> dict[str, Any]:
        """A copy elsewhere opens the file itself, when it is first asked for something."""
        kept = {"path": self.path.absolute(), "_checksum": self._checksum}
        return {**kept, "_is_there": self._is_there}

    @classmethod
    def open(cls, path: str | Path, checksum: str | None = None) -> DocumentStore:
        """A store that is there, with the checksum that is to be its file's.

        Raises:
            ArtifactError: when it is missing, damaged or something else.
        """
        if not checks.path(path).is_file():
            raise ArtifactError(f"{path} is missing: these documents were not kept")
        return cls(path, checksum)

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, name: str) -> bool:
        return name in self._rows

    @cached_property
    def ids(self) -> list[str]:
        """The ids, in the order of the rows."""
        return [str(name) for name in self._column("id").to_pylist()]

    @cached_property
    def labels(self) -> list[str | None]:
        """The labels, in the order of the rows."""
        return list(self._column("label").to_pylist())

    @cached_property
    def vectors(self) -> NDArray[np.float32]:
        """(D, K) the vectors, in the order of the rows."""
        values = self._column("vector").combine_chunks()
        return matrix_of(values, len(values))

    @cached_property
    def _rows(self) -> dict[str, int]:
        return {name: row for row, name in enumerate(self.ids)}

    def add(self, batches: Iterable[pa.RecordBatch]) -> int:
        """Append documents; the file is written beside and renamed, so all come in or none.

        Args:
            batches: record batches with the columns ``id`` (string, new to the store), ``vector``
                (fixed-size list of float32) and, where there are any, ``label`` and ``text``;
                ``words`` and ``counts`` (lists of int32) in all documents of a store or in none;
                any further columns are kept as they are, the same in all documents.

        Returns:
            How many came in.

        Raises:
            InputError: for columns, ids or vectors that do not fit; nothing is written.
            ArtifactError: when the file cannot be written.
        """
        self._open_anew()  # others may have added to it
        known = set(self.ids)
        schema = self._schema() if self._is_there else None
        before = len(known)
        with new_file(self.path) as file:
            write(file, chain(self.batches(), conforming(batches, known, schema)))
        self._checksum = None
        self._open_anew()
        return len(known) - before

    def _open_anew(self) -> None:
        for name in ("ids", "labels", "vectors", "columns", "_rows", "_source", "_verified"):
            self.__dict__.pop(name, None)
        self._is_there = self.path.exists()
        if self._is_there:
            self._schema()

    @classmethod
    def write(cls, path: str | Path, batches: Iterable[pa.RecordBatch]) -> DocumentStore:
        """A new store at ``path``, in the place of whatever is there, batch by batch.

        For documents whose ids are known to be unique, as those of a corpus are: the ids of one
        batch are not kept to look for them among the next ones, as :meth:`add` must.

        Raises:
            InputError: for no batches, or columns or vectors that do not fit.
            ArtifactError: when the file cannot be written.
        """
        with new_file(checks.path(path)) as file:
            write(file, conforming(batches, None, None))
        return cls(path)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of what was kept of the documents beside id, label, text and counts."""
        return further_in(self._schema()) if self._is_there else ()

    def column(self, name: str) -> pa.ChunkedArray:
        """A kept column: D values in the order of the rows.

        Raises:
            InputError: for one that was not kept; lists those that were.
        """
        if name not in self.columns:
            there = ", ".join(self.columns) or "none"
            raise InputError(f"no column {name!r} was kept of the documents; there are: {there}")
        return self._column(name)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The documents as Arrow batches: id, label, text, vector, counts, kept columns."""
        if self._is_there:
            self.verify()
            with self._opened() as file:
                yield from file.iter_batches(batch_size=ROW_GROUP)

    @property
    def counts_bytes(self) -> int | None:
        """What the counts take on the disk; None where they were not kept."""
        with self._opened() as file:
            if not counts_in(file.schema_arrow):
                return None
            meta = file.metadata
            groups = (meta.row_group(group) for group in range(meta.num_row_groups))
            columns = (group.column(c) for group in groups for c in range(meta.num_columns))
            of_counts = (c for c in columns if c.path_in_schema.split(".")[0] in COUNTS)
            return sum(int(column.total_compressed_size) for column in of_counts)

    @property
    def wordless(self) -> NDArray[np.bool_] | None:
        """(D,) which documents have no word; None without counts."""
        if not self._is_there or not counts_in(self._schema()):
            return None
        lengths = [lists.value_lengths().fill_null(0) for lists in self._column("words").chunks]
        return np.concatenate([np.from_dlpack(some) == 0 for some in lengths])

    def counted(self, n_words: int, limit: int) -> CountedDocuments | None:
        """All documents with their counts, or ``limit`` drawn at random; None without counts.

        Raises:
            ArtifactError: when the counts are of another vocabulary than ``n_words`` words.
        """
        if self.counts_bytes is None:
            return None
        self.verify()
        bags, vectors, start = [], [], 0
        with self._opened() as file:
            n_documents = file.metadata.num_rows
            rows = drawn_rows(n_documents, limit)
            for batch in file.iter_batches(batch_size=ROW_GROUP, columns=["vector", *COUNTS]):
                first, last = np.searchsorted(rows, (start, start + len(batch)))
                here = rows[first:last] - start
                bags.append(bag_of(batch, n_words).take(here))
                vectors.append(matrix_of(batch.column("vector"), len(batch))[here])
                start += len(batch)
        bag = concatenate(bags)
        if bag.nnz and not 0 <= bag.words.min() <= bag.words.max() < n_words:
            raise ArtifactError(f"{self.path} holds counts of another vocabulary")
        return CountedDocuments(rows, bag, np.concatenate(vectors), n_documents)

    def get(self, ids: Sequence[str]) -> list[Document]:
        """The documents with these ids, in the order asked for.

        Raises:
            InputError: for an id that is not there, with near ones; or a string for the list.
        """
        if isinstance(ids, str):
            raise InputError("get takes a list of ids; put the one in a list: [id]")
        return self._documents([self.row(name) for name in ids])

    def row(self, name: str) -> int:
        """The row of an id.

        Raises:
            InputError: when it is not there; names near ones.
        """
        if name not in self._rows:
            raise unknown_id(name, self.ids)
        return self._rows[name]

    def nearest(
        self,
        vector: ArrayLike,
        n: int = 10,
        where: Mapping[str, str | None] | None = None,
        exclude: Sequence[str] = (),
    ) -> list[tuple[Document, float]]:
        """The ``n`` documents whose vectors have the highest cosine with ``vector`` (K,).

        Args:
            where: only documents with this ``label`` (or ``id``): ``{"label": "sci.med"}``.
            exclude: ids to leave out, for instance the document's own.

        Raises:
            InputError: for a vector that does not fit, another column or an unknown id.
        """
        kept = np.ones(len(self), dtype=np.bool_)
        for column, value in (where or {}).items():
            if column not in FILTERS:
                raise InputError(f"documents are filtered by {' or '.join(FILTERS)}, not {column}")
            values = self.ids if column == "id" else self.labels
            kept &= np.fromiter((entry == value for entry in values), np.bool_, len(values))
        kept[[self.row(name) for name in exclude]] = False
        rows = np.flatnonzero(kept)
        if not len(rows):
            return []
        found = nearest(vector, self.vectors[rows], n)
        documents = self._documents([int(rows[place]) for place, _ in found])
        return [(document, cosine) for document, (_, cosine) in zip(documents, found, strict=True)]

    def _documents(self, rows: list[int]) -> list[Document]:
        return [
            Document(row, self.ids[row], self.labels[row], text, self.vectors[row])
            for row, text in zip(rows, self.texts(rows), strict=True)
        ]

    def texts(self, rows: Sequence[int]) -> list[str | None]:
        """The texts of these rows, from the row groups that hold them."""
        self.verify()
        found: dict[int, str | None] = {}
        with self._opened() as file:
            start = 0
            for group in range(file.num_row_groups):
                stop = start + file.metadata.row_group(group).num_rows
                here = [row for row in rows if start <= row < stop]
                if here:
                    texts = file.read_row_group(group, columns=["text"]).column("text")
                    found.update({row: texts[row - start].as_py() for row in here})
                start = stop
        return [found[row] for row in rows]

    def _column(self, name: str) -> pa.ChunkedArray:
        if not self._is_there:
            kind = pa.list_(pa.float32(), 0) if name == "vector" else pa.string()
            return pa.chunked_array([], type=kind)
        self.verify()
        with self._opened() as file:
            return file.read(columns=[name]).column(name)

    def verify(self) -> None:
        """Hold the file against its checksum, once.

        Raises:
            ArtifactError: when it differs.
        """
        if self._is_there and not self._verified:
            raise ArtifactError(f"{self.path} is not what was written; the folder is damaged")

    @cached_property
    def _verified(self) -> bool:
        if self._checksum is None:
            return True
        digest, start = hashlib.sha256(), 0
        while block := self._source.read_at(_BLOCK, start):
            digest.update(block)
            start += len(block)
        return digest.hexdigest() == self._checksum

    @cached_property
    def _source(self) -> pa.NativeFile:
        try:
            return pa.input_stream(str(self.path), compression=None)
        except OSError as error:
            reason = os.strerror(error.errno or 0)
            raise ArtifactError(f"{self.path} cannot be read: {reason}") from error

    def _schema(self) -> pa.Schema:
        """The file's columns, and a look at whether this is a store at all."""
        with self._opened() as file:
            schema: pa.Schema = file.schema_arrow
        missing = [name for name in COLUMNS if name not in schema.names]
        if missing or not pa.types.is_fixed_size_list(schema.field("vector").type):
            raise ArtifactError(
                f"{self.path} holds no tenor documents: it needs the columns {', '.join(COLUMNS)}"
            )
        return schema

    @contextmanager
    def _opened(self) -> Iterator[pq.ParquetFile]:
        """The file; whatever Arrow says about a broken one, in one line."""
        try:
            with pq.ParquetFile(self._source, page_checksum_verification=True) as file:
                yield file
        except (pa.ArrowException, OSError) as error:
            reason = " ".join(str(error).split())[:120]
            raise ArtifactError(f"{self.path} is no readable Parquet file: {reason}") from error
