"""A stream of documents to counted pieces, on all cores.

Threads do the counting: NumPy and Arrow let go of Python's lock while they work, nothing is
copied from process to process, and a script needs no ``if __name__ == "__main__"``. A tokenizer
function is only ever called from the caller's own thread.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from tenor.corpus import layout
from tenor.corpus.counting import CountedTexts, count, encode, is_native
from tenor.errors import InputError, SourceError
from tenor.sources.batches import TextBatch
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

PIECE_BYTES = 1 << 23  # of text: what one thread counts at a time
PIECE_DOCUMENTS = 1 << 17

_Made = TypeVar("_Made")


@dataclass(frozen=True, eq=False)
class Piece:
    """Neighbouring documents, counted."""

    counted: CountedTexts
    columns: dict[str, Any]  # of Arrow: "id", "label", "text" where it is kept, and metadata
    text_bytes: int = 0  # that were counted

    @property
    def labelled(self) -> bool:
        """Whether a document has a label."""
        labels = self.columns["label"]
        return bool(labels.null_count < len(labels))

    def encoded(self, vocabulary: Vocabulary, labelled: bool) -> Any:
        """As a record batch of a corpus over the vocabulary; labels only where there are any."""
        kept = {name: array for name, array in self.columns.items() if labelled or name != "label"}
        return layout.batch_of(encode(self.counted, vocabulary), kept)


def counted_pieces(
    batches: Iterable[TextBatch],
    tokenizer: Tokenizer,
    keep_text: bool,
    skip: int = 0,
    on_piece: Callable[[TextBatch], None] | None = None,
) -> Iterator[Piece]:
    """The stream in pieces, in order; where one ends depends on the documents alone.

    The first ``skip`` of them are read and not counted; ``on_piece`` is told of these too.
    """

    def job(number: int, batch: TextBatch) -> tuple[Piece | None, TextBatch]:
        return None if number < skip else _counted(batch, tokenizer, keep_text), batch

    jobs = (partial(job, number, batch) for number, batch in enumerate(_dealt(batches)))
    most = None if is_native(tokenizer) else 1  # a caller's function knows its own thread only
    for piece, batch in in_order(jobs, most):
        if on_piece is not None:
            on_piece(batch)
        if piece is not None:
            yield piece


def in_order(jobs: Iterable[Callable[[], _Made]], most: int | None = None) -> Iterator[_Made]:
    """The results of ``jobs`` in their order, on all cores or ``most`` of them.

    Jobs are drawn one by one, so that no more wait than there are threads.
    """
    workers = min(cores(), most or cores())
    if workers == 1:
        for job in jobs:
            yield job()
        return
    waiting: deque[Future[_Made]] = deque()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="tenor-count")
    try:
        for job in jobs:
            waiting.append(pool.submit(job))
            if len(waiting) > workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _dealt(batches: Iterable[TextBatch]) -> Iterator[TextBatch]:
    """Batches put together until a piece is full."""
    gathered: list[TextBatch] = []
    size = documents = 0
    for batch in batches:
        gathered.append(batch)
        size, documents = size + batch.text_bytes, documents + len(batch)
        if size >= PIECE_BYTES or documents >= PIECE_DOCUMENTS:
            yield TextBatch.joined(gathered)
            gathered, size, documents = [], 0, 0
    if documents:
        yield TextBatch.joined(gathered)


def _counted(batch: TextBatch, tokenizer: Tokenizer, keep_text: bool) -> Piece:
    texts, left_out = batch.columns["text"], () if keep_text else ("text",)
    names = dict.fromkeys(("id", "label", "text", *batch.columns))  # as they lie in a corpus
    columns = {name: batch.columns[name] for name in names if name not in left_out}
    if is_native(tokenizer):
        return Piece(count(texts, tokenizer), columns, batch.text_bytes)
    row = 0

    def one_by_one() -> Iterator[str]:
        nonlocal row
        for row, text in enumerate(texts.to_pylist()):  # noqa: B007  # said below
            yield text

    try:
        return Piece(count(one_by_one(), tokenizer), columns, batch.text_bytes)
    except SourceError:
        raise
    except InputError as error:  # the tokenizer's function: add where
        place = batch.place(row)
        raise InputError(f"{place}: {error}" if place else str(error)) from error
