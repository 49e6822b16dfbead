"""A model's documents in one Parquet file: id, label, text, vector, words, counts, kept columns.

The interface (add, get, nearest) is what a larger store must offer too. Rows keep the order in
which they were added, and the id is the key. Ids, labels and vectors are kept in memory once
read; texts and counts stay on disk and only what is asked for is read. Stores of before, and those
that were filled without counts, have none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import ArrayLike, NDArray

from tenor.bow import concatenate
from tenor.errors import ArtifactError, InputError
from tenor.explore.collection import CountedDocuments, bag_of, drawn_rows, unknown_id
from tenor.explore.document_batches import (
    COLUMNS,
    COUNTS,
    all_conformed,
    counts_in,
    further_columns,
    matrix_of,
)
from tenor.explore.neighbours import nearest
from tenor.storage.atomic import replace_file

FILTERS = ("id", "label")
ROW_GROUP = 4096


@dataclass(frozen=True, eq=False)
class Document:
    """One document of a store.

    Attributes:
        row: its place, from 0.
        id: its key.
        label: its label, or None.
        text: its text, or None where texts were not kept.
        vector: (K,) float32.
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

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.exists():
            self._schema()

    @classmethod
    def open(cls, path: str | Path) -> DocumentStore:
        """A store that is there.

        Raises:
            ArtifactError: when it is missing, damaged or something else.
        """
        if not Path(path).is_file():
            raise ArtifactError(f"{path} is missing: these documents were not kept")
        return cls(path)

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
                with counts, ``words`` and ``counts`` (lists of int32) where the documents that
                are there have them, and without where these have none; any further columns are
                kept as they are, the same in all documents.

        Returns:
            How many came in.

        Raises:
            InputError: for columns, ids or vectors that do not fit; nothing is written.
            ArtifactError: when the file cannot be written.
        """
        known = set(self.ids)
        schema = self._schema() if self.path.exists() else None
        before = len(known)
        with self._reading(), replace_file(self.path) as partial:
            if not _write(partial, chain(self._stored(), all_conformed(batches, schema, known))):
                raise InputError("there are no documents to add: not one record batch came")
        for name in ("ids", "labels", "vectors", "columns", "_rows"):
            self.__dict__.pop(name, None)
        return len(known) - before

    @classmethod
    def write(cls, path: str | Path, batches: Iterable[pa.RecordBatch]) -> DocumentStore:
        """A new store at ``path``, in the place of whatever is there, batch by batch.

        For documents whose ids are known to be unique, as those of a corpus are: no id is kept
        in memory to look for it among the next ones, as :meth:`add` must.

        Raises:
            InputError: for no batches, or columns or vectors that do not fit.
            ArtifactError: when the file cannot be written.
        """
        with replace_file(path) as partial:
            if not _write(partial, all_conformed(batches)):
                raise InputError("there are no documents to keep: not one record batch came")
        return cls(path)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of what was kept of the documents beside id, label, text and counts."""
        return further_columns(self._schema()) if self.path.exists() else ()

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
        with self._reading():
            yield from self._stored()

    @property
    def counts_bytes(self) -> int | None:
        """What the counts take on the disk; None where they were not kept."""
        with self._reading(), self._file() as file:
            if not counts_in(file.schema_arrow):
                return None
            meta, size = file.metadata, 0
            for group in range(meta.num_row_groups):
                columns = (meta.row_group(group).column(c) for c in range(meta.num_columns))
                size += sum(
                    column.total_compressed_size
                    for column in columns
                    if column.path_in_schema.split(".")[0] in COUNTS
                )
        return size

    def counted(self, n_words: int, limit: int) -> CountedDocuments | None:
        """All documents with their counts, or ``limit`` drawn at random; None without counts.

        Raises:
            ArtifactError: when the counts are of another vocabulary than ``n_words`` words.
        """
        if self.counts_bytes is None:
            return None
        bags, vectors, start = [], [], 0
        with self._reading(), self._file() as file:
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
            raise InputError(f"get takes a list of ids: [{ids!r}]")
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
        """The ``n`` documents whose vectors have the highest cosine with ``vector``.

        Args:
            vector: (K,).
            n: how many; fewer come back when there are fewer.
            where: only documents with this ``label`` (or ``id``): ``{"label": "sci.med"}``.
            exclude: ids to leave out, for instance the document's own.

        Raises:
            InputError: for a vector that does not fit, another column or an unknown id.
        """
        kept = self._kept(where or {})
        kept[[self.row(name) for name in exclude]] = False
        rows = np.flatnonzero(kept)
        if not len(rows):
            return []
        found = nearest(vector, self.vectors[rows], n)
        documents = self._documents([int(rows[place]) for place, _ in found])
        return [(document, cosine) for document, (_, cosine) in zip(documents, found, strict=True)]

    def _kept(self, where: Mapping[str, str | None]) -> NDArray[np.bool_]:
        kept = np.ones(len(self), dtype=np.bool_)
        for column, value in where.items():
            if column not in FILTERS:
                raise InputError(f"documents are filtered by {' or '.join(FILTERS)}, not {column}")
            values = self.ids if column == "id" else self.labels
            kept &= np.fromiter((entry == value for entry in values), np.bool_, len(values))
        return kept

    def _documents(self, rows: list[int]) -> list[Document]:
        return [
            Document(row, self.ids[row], self.labels[row], text, self.vectors[row])
            for row, text in zip(rows, self.texts(rows), strict=True)
        ]

    def texts(self, rows: Sequence[int]) -> list[str | None]:
        """The texts of these rows, from the row groups that hold them."""
        found: dict[int, str | None] = {}
        with self._reading(), self._file() as file:
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
        if not self.path.exists():
            types = {"vector": pa.list_(pa.float32(), 0)}
            return pa.chunked_array([], type=types.get(name, pa.string()))
        with self._reading(), self._file() as file:
            return file.read(columns=[name]).column(name)

    def _stored(self) -> Iterator[pa.RecordBatch]:
        if self.path.exists():
            with self._file() as file:
                yield from file.iter_batches(batch_size=ROW_GROUP)

    def _schema(self) -> pa.Schema:
        """The file's columns, and a look at whether this is a store at all."""
        with self._reading(), self._file() as file:
            schema: pa.Schema = file.schema_arrow
        missing = [name for name in COLUMNS if name not in schema.names]
        if missing or not pa.types.is_fixed_size_list(schema.field("vector").type):
            raise ArtifactError(
                f"{self.path} holds no tenor documents: it needs the columns {', '.join(COLUMNS)}"
            )
        return schema

    def _file(self) -> pq.ParquetFile:
        return pq.ParquetFile(self.path, page_checksum_verification=True)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Whatever Arrow says about a broken file, in one line."""
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            reason = " ".join(str(error).split())[:120]
            raise ArtifactError(f"{self.path} is no readable Parquet file: {reason}") from error


def _write(path: Path, batches: Iterable[pa.RecordBatch]) -> bool:
    """Write the batches, each as it comes; whether there were any."""
    writer: pq.ParquetWriter | None = None
    try:
        for batch in batches:
            writer = writer or pq.ParquetWriter(
                path,
                batch.schema,
                compression="zstd",
                use_dictionary=["label"],
                write_page_checksum=True,
            )
            writer.write_batch(batch, row_group_size=ROW_GROUP)
    finally:
        if writer is not None:
            writer.close()
    return writer is not None
