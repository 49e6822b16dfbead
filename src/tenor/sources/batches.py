"""Documents as columns: what a reader hands on, some megabytes of text at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.errors import SourceError
from tenor.sources.columns import RawDocument
from tenor.text.decoding import is_storable, refuse_long

BATCH_BYTES = 1 << 22  # of text, about
_BATCH_DOCUMENTS = 1 << 14


@dataclass(frozen=True, eq=False)
class TextBatch:
    """Neighbouring documents of a source, as columns.

    Attributes:
        columns: (D,) Arrow arrays by name. "id", "text" and "label" are strings, of which only
            labels may be null; what else was asked for is there under its own name.
        place: where a row of the batch was read from, for messages; None: nobody will ask.
        read: how many bytes of the source were read by the end of it.
    """

    columns: dict[str, Any]
    place: Callable[[int], str] | None = None
    read: int = 0

    def __len__(self) -> int:
        return len(self.columns["text"])

    @property
    def text_bytes(self) -> int:
        """How much text it holds, in UTF-8."""
        if not len(self):
            return 0
        texts = self.columns["text"]
        offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :]
        return int(offsets[len(self)] - offsets[0])

    def slice(self, start: int) -> TextBatch:
        """The rows from ``start`` on."""
        columns = {name: column.slice(start) for name, column in self.columns.items()}
        place = self.place
        return TextBatch(columns, place and (lambda row: place(start + row)), self.read)

    @classmethod
    def joined(cls, batches: Sequence[TextBatch]) -> TextBatch:
        """Neighbouring batches as one."""
        if len(batches) == 1:
            return batches[0]
        names = batches[0].columns
        columns = {name: pa.concat_arrays([b.columns[name] for b in batches]) for name in names}
        ends = np.cumsum([len(batch) for batch in batches])
        places = [batch.place for batch in batches]

        def place(row: int) -> str:
            number = int(np.searchsorted(ends, row, side="right"))
            told = places[number]
            return told(row - int(ends[number - 1]) * (number > 0)) if told else ""

        return cls(columns, None if None in places else place, batches[-1].read)


@dataclass(frozen=True, eq=False)
class Stream:
    """A source being read, once and in order.

    Attributes:
        batches: the documents.
        total: the size of the source in bytes, as ``TextBatch.read`` counts; None: not known.
        unique: whether the ids are different by the way they are made.
    """

    batches: Iterator[TextBatch]
    total: int | None = None
    unique: bool = False


def from_rows(
    documents: Iterable[RawDocument], read: Callable[[], int] = lambda: 0
) -> Iterator[TextBatch]:
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
            yield _gathered(rows, read())
            rows, characters = [], 0
    if rows:
        yield _gathered(rows, read())


def no_labels(n_documents: int) -> Any:
    """The labels of documents without any."""
    return pa.nulls(n_documents, pa.string())


def _gathered(rows: list[RawDocument], read: int) -> TextBatch:
    ids, texts, labels, places = zip(*rows, strict=True)
    try:
        columns = {
            "id": pa.array(ids, pa.string()),
            "text": pa.array([text or "" for text in texts], pa.string()),
            "label": pa.array(labels, pa.string()),
        }
        return TextBatch(columns, places.__getitem__, read)
    except UnicodeEncodeError:
        for row in rows:
            _refuse_surrogates(row)
        raise


def _refuse_surrogates(row: RawDocument) -> None:
    for name, value in (("text", row.text), ("id", row.id), ("label", row.label)):
        if not is_storable(value or ""):
            raise SourceError(
                f"{row.where}: the {name} holds half a surrogate pair, which is not valid Unicode; "
                'mend it, or read a file with encoding_errors="replace"'
            )
