"""Documents as columns: what a reader hands on, some megabytes of text at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from tenor.errors import SourceError
from tenor.sources.columns import Columns, RawDocument
from tenor.text.decoding import REPLACING, is_storable, refuse_long

BATCH_BYTES = 1 << 22  # of text, about
_BATCH_DOCUMENTS = 1 << 14

_Rows = TypeVar("_Rows")


@dataclass(frozen=True, eq=False)
class TextBatch:
    """Neighbouring documents of a source, as columns.

    Attributes:
        columns: (D,) Arrow arrays by name. "id", "text" and "label" are strings, of which only
            labels may be null; what else was asked for is there under its own name.
        place: says where a row of the batch was read from, for messages.
        read: how many bytes of the source were read by the end of it.
    """

    columns: dict[str, Any]
    place: Callable[[int], str] = lambda row: ""
    read: int = 0

    def __len__(self) -> int:
        return len(self.columns["text"])

    @property
    def text_bytes(self) -> int:
        """How much text it holds, in UTF-8."""
        return size_of(self.columns["text"])

    def slice(self, start: int) -> TextBatch:
        """The rows from ``start`` on."""
        columns = {name: column.slice(start) for name, column in self.columns.items()}
        place = self.place
        return TextBatch(columns, lambda row: place(start + row), self.read)

    @classmethod
    def joined(cls, batches: Sequence[TextBatch]) -> TextBatch:
        """Neighbouring batches as one."""
        if len(batches) == 1:
            return batches[0]
        names = batches[0].columns
        columns = {name: pa.concat_arrays([b.columns[name] for b in batches]) for name in names}
        starts = np.cumsum([0, *map(len, batches)])
        places = [batch.place for batch in batches]

        def place(row: int) -> str:
            number = int(np.searchsorted(starts, row, side="right")) - 1
            return places[number](row - int(starts[number]))

        return cls(columns, place, batches[-1].read)


@dataclass(frozen=True)
class ReadFacts:
    """What was found in a source, for a person to see.

    Attributes:
        formats: the formats of its files.
        files: how many files are read; 0 for standard input.
        names: the columns that its first table has.
        taken: those of them that are read, the text's settled; None where there are no columns.
        guessed: whether nobody named the text's column.
        skipped: files that are not read, each with the reason.
    """

    formats: tuple[str, ...]
    files: int = 0
    names: tuple[str, ...] = ()
    taken: Columns | None = None
    guessed: bool = False
    skipped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, eq=False)
class Stream:
    """A source being read, once and in order.

    Attributes:
        batches: the documents.
        total: the size of the source in bytes, as ``TextBatch.read`` counts; None: not known.
        unique: whether the ids are different by the way they are made.
        facts: what was found so far; columns are known with the first batch.
    """

    batches: Iterator[TextBatch]
    total: int | None = None
    unique: bool = False
    facts: Callable[[], ReadFacts | None] = lambda: None


def from_rows(documents: Iterable[RawDocument]) -> Iterator[TextBatch]:
    """Documents that come one at a time, gathered.

    Raises:
        SourceError: when the stream fails, a text is longer than a document may be, or a string
            is no Unicode that UTF-8 can hold.
    """
    rows: list[RawDocument] = []
    characters = 0
    for document in documents:
        refuse_long(document.text or "", document.where)
        rows.append(document)
        characters += len(document.text or "")
        if characters >= BATCH_BYTES or len(rows) >= _BATCH_DOCUMENTS:
            yield _gathered(rows)
            rows, characters = [], 0
    if rows:
        yield _gathered(rows)


def by_halves(
    rows: _Rows,
    read: Callable[[_Rows], TextBatch | None],
    halves: Callable[[_Rows], tuple[Any, ...]],
) -> Iterator[TextBatch]:
    """What ``read`` makes of the rows; where it fails, of their halves and so on.

    Hence an error may name the first row of what was given, and it will be that of the row at
    fault, all rows before it being handed on.

    Raises:
        SourceError: that of ``read`` for a single row.
    """
    try:
        batch = read(rows)
    except SourceError:
        parts = halves(rows)
        if not parts:
            raise
    else:
        if batch is not None:
            yield batch
        return
    for part in parts:
        yield from by_halves(part, read, halves)


def batch_of(
    texts: Any,
    ids: Any | None,
    labels: Any | None,
    place: Callable[[int], str],
    first: int = 0,
    read: int = 0,
) -> TextBatch:
    """A batch of Arrow string arrays; without ids the rows are numbered from ``first``."""
    if ids is None:
        ids = pa.array(np.arange(first, first + len(texts))).cast(pa.string())
    if labels is None:
        labels = no_labels(len(texts))
    return TextBatch({"id": ids, "label": labels, "text": texts}, place, read)


def no_labels(n_documents: int) -> Any:
    """The labels of documents without any."""
    return pa.nulls(n_documents, pa.string())


def size_of(strings: Any) -> int:
    """The bytes of an Arrow string array's strings."""
    if not len(strings):
        return 0
    offsets = np.frombuffer(strings.buffers()[1], np.int32)[strings.offset :]
    return int(offsets[len(strings)] - offsets[0])


def surrogate_error(where: str, name: str) -> SourceError:
    """That a string cannot be stored."""
    return SourceError(
        f"{where}: the {name} holds half a surrogate pair, which is not valid Unicode; "
        "mend it, or read a file with ",
        REPLACING,
    )


def _gathered(rows: list[RawDocument]) -> TextBatch:
    ids, texts, labels, places = zip(*rows, strict=True)
    try:
        return batch_of(
            pa.array([text or "" for text in texts], pa.string()),
            pa.array(ids, pa.string()),
            pa.array(labels, pa.string()),
            places.__getitem__,
        )
    except UnicodeEncodeError:
        for row in rows:
            for name, value in (("text", row.text), ("id", row.id), ("label", row.label)):
                if not is_storable(value or ""):
                    raise surrogate_error(row.where, name) from None
        raise
