"""What the readers of tables share: the columns that are taken, and rows made documents."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, final

import pyarrow as pa
import pyarrow.compute as pc

from tenor.errors import ParameterName, SourceError
from tenor.sources.batches import TextBatch, batch_of
from tenor.sources.columns import Columns, Sample, refuse_absent
from tenor.sources.values import (
    common_type,
    embedding_of,
    joined_texts,
    kept_of,
    names_of,
    plain_type,
    texts_of,
)

_WAITING = 16  # batches that wait for the first value of a kept column


@final
class Selection:
    """The columns that are taken of all tables of one source, of the same types in each."""

    def __init__(self, asked: Columns, errors: str) -> None:
        self.asked, self.errors = asked, errors
        self.names: tuple[str, ...] = ()  # of the first table's columns, once it was begun
        self.taken: Columns | None = None  # those that are read of it, the text's settled
        self.others: tuple[str, ...] = ()  # columns of it that hold text too, if it was guessed
        self.n_missing = 0  # texts, so far: they are empty documents
        self._first = ""  # the table
        self.types: dict[str, Any] = {}  # of kept columns, as far as they are known
        self.size: int | None = None  # of an embedding, once it is known

    def table(self, names: Sequence[str], sample: Sample, where: str) -> Table:
        """Begin a table that has these columns; the first one settles the text's for all."""
        if self.taken is None:
            self.taken, self.others = self.asked.resolve(names, sample, where)
            self.names, self._first = tuple(names), where
        elif not self.asked.texts:
            use = f"for the text, as {self._first} has"
            refuse_absent([(column, use) for column in self.taken.texts], names, where)
        columns, _ = self.taken.resolve(names, sample, where)
        return Table(self, columns)

    def hold(self, kinds: Mapping[str, Any]) -> None:
        """Take in the Arrow types of a table's columns before one is read: a kept column gets a
        type that holds all its values.
        """
        for name in {*self.asked.keep} & kinds.keys():
            kind = plain_type(kinds[name])
            known = self.types.get(name, kind)
            common = common_type(known, kind)
            if common is None:  # floats may be NaN throughout, else reading them says what is wrong
                common = kind if pa.types.is_floating(known) else known
            if not pa.types.is_null(common):
                self.types[name] = common

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
        parts = [texts_of(values[column], column, errors, where) for column in chosen.texts]
        texts = joined_texts(parts, where)
        if texts.null_count and chosen.missing_text == "refuse":
            raise SourceError(
                f'{where}: the text "{", ".join(chosen.texts)}" is missing; mend it, or read such '
                "rows as empty documents with ",
                ParameterName("missing_text", 'missing_text="empty"', "empty"),
            )
        ids = labels = None
        if chosen.id is not None:
            ids = names_of(values[chosen.id], chosen.id, "id", errors, where)
            if ids.null_count or pc.min(pc.binary_length(ids)).as_py() == 0:
                raise SourceError(f'{where}: the id "{chosen.id}" is empty; every row needs one')
        if chosen.label is not None:
            labels = names_of(values[chosen.label], chosen.label, "label", errors, where)
            labels = pc.if_else(pc.equal(labels, ""), pa.scalar(None, pa.string()), labels)
        filled = texts.fill_null("") if texts.null_count else texts
        batch = batch_of(filled, ids, labels, place, self.row, read)
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
        selection.n_missing += texts.null_count
        return batch
