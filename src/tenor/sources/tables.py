"""What the readers of tables share: the columns that are taken, and rows made documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, final

import pyarrow as pa
import pyarrow.compute as pc

from tenor.errors import SourceError
from tenor.sources.batches import TextBatch, batch_of
from tenor.sources.columns import Columns
from tenor.sources.values import embedding_of, kept_of, names_of, texts_of

_WAITING = 16  # batches that wait for the first value of a kept column


@final
class Selection:
    """The columns that are taken of all tables of one source, of the same types in each."""

    def __init__(self, asked: Columns, errors: str) -> None:
        self.asked, self.errors = asked, errors
        self.names: tuple[str, ...] = ()  # of the first table's columns, once it was begun
        self.taken: Columns | None = None  # those that are read of it, the text's settled
        self.types: dict[str, Any] = {}  # of kept columns, as far as they are known
        self.size: int | None = None  # of an embedding, once it is known

    def table(self, names: Sequence[str], texts: Sequence[str], where: str) -> Table:
        """Begin a table that has these columns, of which ``texts`` hold text."""
        columns = self.asked.resolve(names, texts, where)
        if self.taken is None:
            self.names, self.taken = tuple(names), columns
        return Table(self, columns)

    def typed(self, batches: Iterator[TextBatch]) -> Iterator[TextBatch]:
        """The batches, kept columns of one type throughout: the first ones wait until there is
        a value that has one, or so many have passed without that it is taken for text.
        """
        waiting: list[TextBatch] = []
        for batch in batches:
            waiting.append(batch)
            if len(waiting) == _WAITING or self.types.keys() >= set(self.asked.keep):
                yield from map(self._typed, waiting)
                waiting = []
        yield from map(self._typed, waiting)

    def _typed(self, batch: TextBatch) -> TextBatch:
        columns = dict(batch.columns)
        for name in self.asked.keep:
            known = self.types.setdefault(name, pa.string())
            if columns[name].type != known:
                columns[name] = pa.nulls(len(batch), known)
        return replace(batch, columns=columns)


@final
class Table:
    """One table of a source: its columns are settled, and the rows read so far are counted."""

    def __init__(self, selection: Selection, columns: Columns) -> None:
        self.columns, self._selection = columns, selection
        self.needed = sorted({column for column, _ in columns.uses()})
        self.row = 0  # so many were read

    def batch(self, values: Mapping[str, Any], place: Callable[[int], str], read: int) -> TextBatch:
        """The next rows as documents; ``values``: of each needed column, Arrow's or Python's."""
        chosen, selection, where = self.columns, self._selection, place(0)
        errors = selection.errors
        assert chosen.text is not None
        texts = texts_of(values[chosen.text], chosen.text, errors, where)
        ids = labels = None
        if chosen.id is not None:
            ids = names_of(values[chosen.id], chosen.id, "id", errors, where)
            if ids.null_count or pc.min(pc.binary_length(ids)).as_py() == 0:
                raise SourceError(f'{where}: the id "{chosen.id}" is empty')
        if chosen.label is not None:
            labels = names_of(values[chosen.label], chosen.label, "label", errors, where)
        batch = batch_of(texts, ids, labels, place, self.row, read)
        for name in chosen.keep:
            column = kept_of(values[name], name, selection.types.get(name), errors, where)
            if not pa.types.is_null(column.type):
                selection.types[name] = column.type
            batch.columns[name] = column
        if chosen.embedding is not None:
            dense = embedding_of(values[chosen.embedding], chosen.embedding, selection.size, where)
            selection.size = dense.type.list_size
            batch.columns[chosen.embedding] = dense
        self.row += len(batch)
        return batch
