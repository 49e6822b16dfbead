"""From a stream of documents to the Arrow table of a corpus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from tenor.errors import InputError, SourceError
from tenor.text import layout
from tenor.text.counting import CountedShard, count, encode, merge
from tenor.text.decoding import is_storable
from tenor.text.documents import RawDocument
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

Progress = Callable[[int], None]

_SHARD_DOCUMENTS = 1 << 18
_SHARD_CHARACTERS = 1 << 26  # raw text held at a time
_PROGRESS_EVERY = 1000


def build(
    documents: Iterable[RawDocument],
    tokenizer: Tokenizer,
    rule: VocabularyRule,
    vocabulary: Vocabulary | None = None,
    keep_text: bool = True,
    nothing: str = "there are no documents",
    on_progress: Progress | None = None,
) -> tuple[Any, Vocabulary]:
    """Count ``documents``, read once and in order, and lay them out as a table.

    Args:
        documents: the stream; each becomes a row, also when it has no text.
        tokenizer: how texts become tokens.
        rule: what the vocabulary is made by, when none is given.
        vocabulary: the words to count, instead of the rule's.
        keep_text: whether the texts are kept as a column.
        nothing: the message when there are no documents.
        on_progress: called now and then with the number of documents so far, and at the end.

    Raises:
        SourceError: when the stream fails, is empty or repeats an id.
        InputError: when the tokenizer's function fails.
        VocabularyError: when no word is left.
    """
    if tokenizer.missing_function is not None:
        tokenizer.split("")  # says so, before anything is read
    rows = _Rows(keep_text, on_progress)
    shards = list(_counted(documents, rows, tokenizer))
    if not shards:
        raise SourceError(nothing)
    refuse_repeated_ids(pa.chunked_array(rows.columns["id"]), SourceError)
    if vocabulary is None:
        vocabulary = rule.vocabulary(merge(shards))
    return _table(shards, vocabulary, rows), vocabulary


def encode_again(table: Any, tokenizer: Tokenizer, vocabulary: Vocabulary) -> Any:
    """A table with the texts of ``table`` counted over another vocabulary."""
    batches = []
    for batch in table.to_batches():
        texts = (value.as_py() for value in batch.column("text"))
        bag = encode(count(texts, tokenizer), vocabulary)
        columns = {name: batch.column(name) for name in batch.schema.names}
        batches.append(layout.batch_of(bag, columns))
    return pa.Table.from_batches(batches)


def refuse_repeated_ids(ids: Any, error: type[Exception]) -> None:
    """Raise ``error``, naming two rows, when an id is there twice."""
    if pc.count_distinct(ids).as_py() == len(ids):
        return
    row_of: dict[str, int] = {}
    for row, identity in enumerate(ids.to_pylist()):
        first = row_of.setdefault(identity, row)
        if first != row:
            raise error(
                f'the id "{identity}" is there twice, in rows {first} and {row} (from 0); '
                "ids must be unique"
            )


class _Rows:
    """What documents bring besides their words, taken down as they stream past."""

    def __init__(self, keep_text: bool, on_progress: Progress | None) -> None:
        self.columns: dict[str, list[Any]] = {"id": [], "label": []}  # Arrow arrays, one a shard
        if keep_text:
            self.columns["text"] = []
        self.where = ""
        self._open: dict[str, list[str | None]] = {}
        self._seen = 0
        self._on_progress = on_progress

    def one_shard(self, documents: Iterable[RawDocument]) -> Iterator[str]:
        """The texts of as many documents as make a shard; call :meth:`close_shard` after it."""
        ids: list[str | None] = []
        labels: list[str | None] = []
        texts: list[str | None] = []
        self._open = {"id": ids, "label": labels, "text": texts}
        keep_text, characters = "text" in self.columns, 0
        for identity, text, label, where in documents:
            self.where, text = where, text or ""
            _refuse_surrogates(where, identity, text, label or "")
            ids.append(identity)
            labels.append(label)
            if keep_text:
                texts.append(text)
            yield text
            characters += len(text)
            self._seen += 1
            if self._on_progress is not None and self._seen % _PROGRESS_EVERY == 0:
                self._on_progress(self._seen)
            if characters >= _SHARD_CHARACTERS or len(ids) >= _SHARD_DOCUMENTS:
                return

    def close_shard(self) -> None:
        """Move the shard's strings into Arrow's memory, which is a fraction of Python's."""
        for name, arrays in self.columns.items():
            arrays.append(pa.array(self._open[name], pa.string()))
        self._open = {}

    def finish(self) -> None:
        """Report the last number of documents."""
        if self._on_progress is not None and self._seen % _PROGRESS_EVERY:
            self._on_progress(self._seen)


def _refuse_surrogates(where: str, identity: str, text: str, label: str) -> None:
    if is_storable(text) and is_storable(identity) and is_storable(label):
        return
    name = "text" if not is_storable(text) else "id" if not is_storable(identity) else "label"
    raise SourceError(
        f"{where}: the {name} holds half a surrogate pair, which is not valid Unicode; "
        'mend it, or read a file with encoding_errors="replace"'
    )


def _counted(
    documents: Iterable[RawDocument], rows: _Rows, tokenizer: Tokenizer
) -> Iterator[CountedShard]:
    stream = iter(documents)
    for first in stream:
        try:
            yield count(rows.one_shard(chain([first], stream)), tokenizer)
        except SourceError:
            raise
        except InputError as error:  # the tokenizer's function: add where
            raise InputError(f"{rows.where}: {error}") from error
        rows.close_shard()
    rows.finish()


def _table(shards: list[CountedShard], vocabulary: Vocabulary, rows: _Rows) -> Any:
    if all(labels.null_count == len(labels) for labels in rows.columns["label"]):
        del rows.columns["label"]
    batches = []
    shards.reverse()
    for number in range(len(shards)):
        bag = encode(shards.pop(), vocabulary)  # each shard is let go once it is encoded
        columns = {name: arrays[number] for name, arrays in rows.columns.items()}
        batches.append(layout.batch_of(bag, columns))
    return layout.joined(batches)
