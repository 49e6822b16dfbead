"""Documents as a model reads them, a block at a time: whatever the source, never all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from tenor.corpus.corpus import Corpus, settle_tokenizer
from tenor.corpus.counting import is_native
from tenor.corpus.files import MANIFEST
from tenor.corpus.layout import columns_of
from tenor.corpus.pieces import counted_pieces
from tenor.corpus.source import Source
from tenor.model.inputs import matching_corpus, read_documents
from tenor.model.trained import TrainedModel
from tenor.sources.batches import TextBatch, no_labels
from tenor.storage.checksum import sha256_file
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

BLOCK = 1 << 14  # documents
BLOCK_VALUES = 1 << 22  # (document, word) pairs: long documents make smaller blocks
_TEXTS = 256  # rows of a stored corpus handed on together, to be counted again


@dataclass(frozen=True, eq=False)
class DocumentStream:
    """Documents over a model's vocabulary, in order, as corpora of a block each.

    Attributes:
        blocks: those from a row on, which must begin a block. Where one ends depends on the
            documents from its beginning alone, whatever the row asked for.
        total: how many documents there are, where that is known beforehand.
        identity: changes when the documents do; None: they can be read only once.
        unique: whether the ids are known to be different.
        in_a_thread: whether they may be read in another thread than the caller's.
    """

    blocks: Callable[[int], Iterator[Corpus]]
    total: int | None = None
    identity: str | None = None
    unique: bool = True
    in_a_thread: bool = True


def stream_documents(trained: TrainedModel, source: Source) -> DocumentStream:
    """The documents of ``source`` as the model reads them.

    Prepared corpora are read through the memory map, anything else as a stream. Ready data sets
    are small and held.

    Raises:
        InputError: when the source cannot be read, or holds texts and the model was trained on
            ready counts.
    """
    source, tokenizer = source.with_dense(trained.network.reads), trained.tokenizer
    if source.is_prepared:
        identity = sha256_file(Path(source.name) / MANIFEST)
        corpus = Corpus.of(source)
        if tokenizer is None:
            return _held(matching_corpus(corpus, trained.vocabulary, None), identity)
        if corpus.vocabulary == trained.vocabulary:
            settle_tokenizer(corpus, source.name, tokenizer)
            return _held(corpus, identity)
        _refuse_missing(tokenizer)
        corpus[:1].encode_like(trained.vocabulary, tokenizer)  # one without texts is refused now
        return DocumentStream(
            lambda start: _counted(_texts(corpus), start, trained.vocabulary, tokenizer),
            len(corpus),
            identity,
            in_a_thread=is_native(tokenizer),
        )
    if source.is_dataset or tokenizer is None:
        corpus = read_documents(trained, source)
        return _held(corpus, corpus.fingerprint())
    _refuse_missing(tokenizer)
    return DocumentStream(
        lambda start: _counted(source.batches(), start, trained.vocabulary, tokenizer),
        None if source.is_input else source.n_documents(),
        None if source.is_input else source.stamp(),
        unique=source.id_column is None,
        # Python would stumble at its end over a thread that waits for standard input.
        in_a_thread=is_native(tokenizer) and not source.is_input,
    )


def _held(corpus: Corpus, identity: str) -> DocumentStream:
    """A corpus over the model's vocabulary."""

    def blocks(start: int) -> Iterator[Corpus]:
        for first in range(start, len(corpus), BLOCK):
            yield corpus[first : first + BLOCK]

    return DocumentStream(blocks, len(corpus), identity)


def _refuse_missing(tokenizer: Tokenizer) -> None:
    """A tokenizer whose function is not here says so, before anything is read."""
    if tokenizer.missing_function is not None:
        tokenizer.split("")


def _texts(corpus: Corpus) -> Iterator[TextBatch]:
    """The texts of a corpus, to be counted again."""
    for batch in corpus.table.to_batches():
        for start in range(0, len(batch), _TEXTS):
            rows = batch.slice(start, _TEXTS)
            labelled = "label" in rows.schema.names
            labels = rows.column("label") if labelled else no_labels(len(rows))
            yield TextBatch(columns_of(rows) | {"label": labels})


def _counted(
    batches: Iterable[TextBatch], start: int, vocabulary: Vocabulary, tokenizer: Tokenizer
) -> Iterator[Corpus]:
    """Texts from row ``start`` on over the vocabulary, in blocks."""
    held = Corpus(pa.table({}), vocabulary, tokenizer)
    for piece in counted_pieces(_from(batches, start), tokenizer, keep_text=False):
        batch = piece.encoded(vocabulary, labelled=True)
        tables = [held.table] * (len(held) > 0) + [pa.Table.from_batches([batch])]
        held = Corpus(pa.concat_tables(tables), vocabulary, tokenizer)
        while (size := _full(held)) is not None:
            yield held[:size]
            held = held[size:]
    if len(held):
        yield held


def _full(corpus: Corpus) -> int | None:
    """How many of the first documents fill a block, if they do."""
    values = np.cumsum(corpus[:BLOCK].bag.distinct)
    size = int(np.searchsorted(values, BLOCK_VALUES)) + 1
    if size <= len(values):
        return size
    return BLOCK if len(values) == BLOCK else None


def _from(batches: Iterable[TextBatch], start: int) -> Iterator[TextBatch]:
    """What comes after the first ``start`` documents, which are read and let go."""
    for batch in batches:
        if start < len(batch):
            yield batch.slice(start) if start else batch
        start = max(0, start - len(batch))
