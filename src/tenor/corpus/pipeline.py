"""How documents are counted, few or many, into memory or into a folder: there is one way.

The stream is counted in pieces, each over words of its own. A few are kept in memory; beyond that
all of them lie in a folder: a temporary one for a corpus that is used at once, or that of a job
which outlives a kill. Then ids are checked, the vocabulary is chosen and the pieces are written
over it, as the record batches of a corpus.

Nothing is estimated and nothing pruned early: every word's frequencies are summed over all pieces,
a stretch of the alphabet at a time, before the limits are applied.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import partial, reduce
from pathlib import Path
from typing import Any

import pyarrow as pa

from tenor.corpus import layout
from tenor.corpus.choosing import Counting, placement_over, words_of
from tenor.corpus.counting import count, encode
from tenor.corpus.coverage import Coverage
from tenor.corpus.folder import Contents
from tenor.corpus.ids import refuse_repeated_ids
from tenor.corpus.layout import map_batch
from tenor.corpus.origin import Origin
from tenor.corpus.piece_folder import PieceFolder
from tenor.corpus.pieces import Piece, counted_pieces, in_order
from tenor.corpus.placement import Placement
from tenor.corpus.sequence import phrase_ids
from tenor.errors import ArtifactError, InputError, SourceError
from tenor.sources.batches import Stream, TextBatch, no_labels
from tenor.storage.atomic import unwritable
from tenor.storage.job import Journal
from tenor.text.scripts import warn_of_unspaced
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

Progress = Callable[[int], None]

SPILL_BYTES = 1 << 28  # of text: beyond it, a corpus that is used at once goes to the disk
STORED = 256  # rows of a stored corpus handed on together, to be counted again


def counted(
    stream: Stream,
    how: Counting,
    source: str | None = None,
    nothing: str = "there are no documents",
    on_progress: Progress | None = None,
) -> Contents:
    """Count a stream, read once and in order: each document becomes a row, also without a text.

    ``nothing`` is the message when there are no documents. An id that is there twice is a
    SourceError, a full disk for temporary files an ArtifactError.
    """
    how.tokenizer.refuse_unready()  # before anything is read
    seen = 0

    def tell(batch: TextBatch) -> None:
        nonlocal seen
        seen += len(batch)
        if on_progress is not None:
            on_progress(seen)

    with ExitStack() as opened:

        def begin() -> PieceFolder:
            folder = opened.enter_context(_temporary_folder())
            return PieceFolder(folder, Journal(folder))

        kept = collect(stream, how, SPILL_BYTES, begin, tell)
        if isinstance(kept, PieceFolder):
            words, placement = kept.vocabulary(how)
            shards = [map_batch(kept.corpus / shard["file"]) for shard in kept.shards(words)]
            table = pa.Table.from_batches(shards)  # the files vanish with the last view of them
            origin = Origin(kept.read, _coverage(table, words, how.tokenizer, kept.n_tokens))
            return Contents(table, words, how.tokenizer, source, placement, origin)
    if not kept:
        raise SourceError(nothing)
    return in_memory(kept, stream, how, source)


def collect(
    stream: Stream,
    how: Counting,
    most: int,
    begin: Callable[[], PieceFolder],
    on_piece: Callable[[TextBatch], None],
    folder: PieceFolder | None = None,
) -> list[Piece] | PieceFolder:
    """Count a stream to its end: up to ``most`` bytes of text into memory, else into a folder.

    ``begin`` makes that folder when it is needed. Of a ``folder`` where pieces are already, the
    stream gives their documents too.
    """
    held: list[Piece] = []
    size = 0
    looked_at = how.vocabulary is not None  # then it is settled what a word is

    def tell(batch: TextBatch) -> None:
        nonlocal looked_at
        if not looked_at:
            warn_of_unspaced(batch.columns["text"], how.tokenizer)
        looked_at = True
        on_piece(batch)

    done = 0 if folder is None else len(folder.pieces)
    for piece in counted_pieces(stream.batches, how.tokenizer, how.keep_text, done, tell):
        if folder is not None:
            folder.add(piece)
            continue
        held.append(piece)
        size += piece.text_bytes
        if size > most:
            folder = begin()
            for early in _drained(held):
                folder.add(early)
    if folder is None:
        return held
    folder.finish(stream)
    return folder


def in_memory(pieces: list[Piece], stream: Stream, how: Counting, source: str | None) -> Contents:
    """The corpus of the pieces that a stream had, which are used up."""
    if not stream.unique:
        ids = pa.chunked_array([piece.columns["id"] for piece in pieces])
        refuse_repeated_ids(ids, SourceError)
    vocabulary = words_of(
        how,
        [piece.counted.statistics for piece in pieces],
        lambda: (piece.counted for piece in pieces),
        stream.facts(),
    )
    placement = placement_over(
        vocabulary, ((piece.counted.words, piece.counted.placement) for piece in pieces)
    )
    labelled = any(piece.labelled for piece in pieces)
    n_tokens = sum(piece.counted.n_tokens for piece in pieces)
    jobs = (partial(piece.encoded, vocabulary, labelled) for piece in _drained(pieces))
    table = layout.joined(list(in_order(jobs)))
    origin = Origin(stream.facts(), _coverage(table, vocabulary, how.tokenizer, n_tokens))
    return Contents(table, vocabulary, how.tokenizer, source, placement, origin)


def stored_texts(table: Any) -> Iterator[TextBatch]:
    """The texts of a corpus, to be counted again."""
    for batch in table.to_batches():
        for start in range(0, len(batch), STORED):
            rows = batch.slice(start, STORED)
            labelled = "label" in rows.schema.names
            labels = rows.column("label") if labelled else no_labels(len(rows))
            yield TextBatch(layout.columns_of(rows) | {"label": labels})


def over_other_words(
    corpus: Contents, vocabulary: Vocabulary, tokenizer: Tokenizer | None
) -> Contents:
    """See :meth:`tenor.corpus.corpus.Corpus.encode_like`."""
    tokenizer = tokenizer or corpus.tokenizer
    if vocabulary == corpus.vocabulary and tokenizer == corpus.tokenizer:
        return corpus
    if "text" not in corpus.table.column_names:
        raise InputError("this corpus kept no texts, so it cannot be counted over other words")
    if tokenizer is None:
        raise InputError("this corpus was made from counts; pass the tokenizer for its texts")
    batches, placed, n_tokens = [], [Placement.of_nothing(len(vocabulary))], 0
    for batch in corpus.table.to_batches():
        again = count(batch.column("text"), tokenizer)
        batches.append(layout.batch_of(encode(again, vocabulary), layout.columns_of(batch)))
        placed.append(again.placement.over(vocabulary, again.words))
        n_tokens += again.n_tokens
    table = pa.Table.from_batches(batches)
    coverage = _coverage(table, vocabulary, tokenizer, n_tokens)
    origin = replace(corpus.origin, coverage=coverage)
    placement = reduce(Placement.plus, placed)
    return Contents(table, vocabulary, tokenizer, corpus.source, placement, origin)


def _coverage(table: Any, vocabulary: Vocabulary, tokenizer: Tokenizer, n_tokens: int) -> Coverage:
    bag = layout.bag_of(table, len(vocabulary))
    return Coverage.of(bag, n_tokens, phrase_ids(vocabulary, tokenizer))


def _drained(pieces: list[Piece]) -> Iterator[Piece]:
    """The pieces in order, each let go of once it is used."""
    pieces.reverse()
    while pieces:
        yield pieces.pop()


@contextmanager
def _temporary_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="tenor-", ignore_cleanup_errors=True) as name:
        try:
            yield Path(name)
        except OSError as error:
            raise ArtifactError(
                f"{unwritable(Path(name), error)}; the variable TMPDIR names another place"
            ) from error
