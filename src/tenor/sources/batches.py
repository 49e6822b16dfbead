"""Documents as columns: what a reader hands on, some megabytes of text at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from tenor.errors import SourceError
from tenor.sources.columns import RawDocument
from tenor.sources.facts import ReadFacts
from tenor.sources.values import size_of, strings_of

BATCH_BYTES = 1 << 22  # of text, about
_BATCH_DOCUMENTS = 1 << 14

_Rows = TypeVar("_Rows")


@dataclass(frozen=True, eq=False)
class TextBatch:
    """Neighbouring documents of a source, as (D,) Arrow arrays by name.

    "id", "text" and "label" are strings, of which only labels may be null; what else was asked
    for is there under its own name.
    """

    columns: dict[str, Any]
    place: Callable[[int], str] = lambda row: ""  # where a row was read from, for messages
    read: int = 0  # bytes of the source, by the end of the batch

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


@dataclass(frozen=True, eq=False)
class Stream:
    """A source being read, once and in order."""

    batches: Iterator[TextBatch]
    total: int | None = None  # bytes of the source, as TextBatch.read counts; None: not known
    unique: bool = False  # the ids are different by the way they are made
    facts: Callable[[], ReadFacts] = ReadFacts  # so far; whole at the end


def from_rows(documents: Iterable[RawDocument]) -> Iterator[TextBatch]:
    """Documents that come one at a time, gathered."""
    rows: list[RawDocument] = []
    characters = 0
    for document in documents:
        rows.append(document)
        characters += len(document.text)
        if characters >= BATCH_BYTES or len(rows) >= _BATCH_DOCUMENTS:
            yield from by_halves(rows, _gathered)
            rows, characters = [], 0
    yield from by_halves(rows, _gathered)


def halved(rows: Any) -> tuple[Any, ...]:
    """A list, range or record batch in two; nothing when there is one row only."""
    middle = len(rows) // 2
    return (rows[:middle], rows[middle:]) if middle else ()


def by_halves(
    rows: _Rows,
    read: Callable[[_Rows], TextBatch | None],
    halves: Callable[[_Rows], tuple[Any, ...]] = halved,
) -> Iterator[TextBatch]:
    """What ``read`` makes of the rows; where it fails, of their halves and so on.

    Hence an error may name the first row of what was given, and it will be that of the row at
    fault, all rows before it being handed on.
    """
    try:
        batch = read(rows)
    except SourceError:
        some = halves(rows)
        if not some:
            raise
    else:
        if batch is not None:
            yield batch
        return
    for half in some:
        yield from by_halves(half, read, halves)


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


def _gathered(rows: list[RawDocument]) -> TextBatch | None:
    if not rows:
        return None
    ids, texts, labels, places = zip(*rows, strict=True)
    given = {"text": texts, "id": ids, "label": labels}
    columns = {name: strings_of(values, name, places[0]) for name, values in given.items()}
    return TextBatch(columns, places.__getitem__)
