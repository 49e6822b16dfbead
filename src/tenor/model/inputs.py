"""What a model may be given: texts, counts, a corpus or a source, held or a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.checks import amount
from tenor.corpus.corpus import Corpus, settle_tokenizer
from tenor.corpus.counting import is_native
from tenor.corpus.folder import MANIFEST
from tenor.corpus.layout import columns_of
from tenor.corpus.pieces import counted_pieces
from tenor.corpus.source import Source
from tenor.errors import InputError, VocabularyError
from tenor.model.trained import TrainedModel
from tenor.sources.batches import TextBatch, no_labels
from tenor.storage.atomic import sha256_file
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

BLOCK = 1 << 14  # documents
BLOCK_VALUES = 1 << 22  # (document, word) pairs: long documents make smaller blocks
_TEXTS = 256  # rows of a stored corpus handed on together, to be counted again


def is_counts(documents: Any) -> bool:
    """Whether ``documents`` is an array, sparse or dense, rather than texts."""
    if isinstance(documents, Corpus):
        return False
    if hasattr(documents, "tocsr"):
        return True
    if hasattr(documents, "__array__"):
        array = np.asarray(documents)
        return array.ndim != 1 or array.dtype.kind in "biufc"
    first = documents[0] if isinstance(documents, list | tuple) and documents else None
    return isinstance(first, list | tuple | np.ndarray | int | float)


def checked_counts(estimator: Any, counts: Any, reset: bool) -> Any:
    """scikit-learn's own checks, its message in one line; the counts are looked at later."""
    from sklearn.utils.validation import validate_data

    try:
        return validate_data(
            estimator, counts, accept_sparse="csr", ensure_all_finite=False, reset=reset
        )
    except ValueError as error:
        raise InputError(" ".join(str(error).split())) from error


def training_corpus(
    documents: Any, tokenizer: Tokenizer | None, rule: VocabularyRule, vocabulary: Any
) -> Corpus:
    """The corpus a fit runs on; texts are counted, a corpus is taken as it is.

    One that was cut by another tokenizer than the one asked for is an InputError.
    """
    if isinstance(documents, Corpus):
        if vocabulary is not None and Vocabulary.of(vocabulary) != documents.vocabulary:
            raise VocabularyError(
                "the corpus was counted over another vocabulary than the one given; "
                "leave vocabulary out, or count the corpus over it"
            )
        settle_tokenizer(documents, "the corpus", tokenizer)
        return documents
    if is_counts(documents):
        return Corpus.from_counts(documents, vocabulary)
    texts = _texts(documents)
    return Corpus.from_texts(texts, tokenizer=tokenizer, rule=rule, vocabulary=vocabulary)


def matching_corpus(documents: Any, vocabulary: Vocabulary, tokenizer: Tokenizer | None) -> Corpus:
    """``documents`` counted over a trained model's vocabulary.

    Another vocabulary is a VocabularyError, and texts for a model of ready counts an InputError.
    """
    if isinstance(documents, Corpus):
        if documents.vocabulary == vocabulary:
            return documents
        words = amount(len(documents.vocabulary), "word")
        raise VocabularyError(
            f"the corpus was counted over another vocabulary ({words}) "
            f"than the model's ({len(vocabulary):,}); use corpus.encode_like(model.vocabulary_)"
        )
    if is_counts(documents):
        width = np.shape(documents)[1] if np.ndim(documents) == 2 else None
        if width is not None and width != len(vocabulary):
            raise VocabularyError(
                f"the counts have {amount(width, 'column')}, but the model's vocabulary has "
                f"{amount(len(vocabulary), 'word')}; count the documents over model.vocabulary_"
            )
        return Corpus.from_counts(documents, vocabulary)
    texts = _texts(documents)
    if tokenizer is None:
        raise InputError("the model was trained on ready counts; it cannot read texts, pass counts")
    return Corpus.from_texts(texts, tokenizer=tokenizer, vocabulary=vocabulary)


def _texts(documents: Any) -> Any:
    if isinstance(documents, str | bytes):
        raise InputError("expected a list of texts, but got one text; put it in a list: [text]")
    return documents.tolist() if hasattr(documents, "tolist") else documents


def read_documents(
    trained: TrainedModel, source: Source, on_progress: Callable[[int], None] | None = None
) -> Corpus:
    """``source`` over the model's vocabulary, every document in its row.

    A source that cannot be read is an InputError, and texts for a model of ready counts.
    """
    source = source.with_dense(trained.weights.facts.reads)
    if trained.tokenizer is not None:
        return Corpus.of(
            source, trained.tokenizer, vocabulary=trained.vocabulary, on_progress=on_progress
        )
    if not source.is_prepared:
        raise InputError(
            f"the model was trained on ready counts and cannot read the texts of {source.name}; "
            "pass a prepared corpus over its vocabulary"
        )
    return matching_corpus(Corpus.open(source.name), trained.vocabulary, None)


@dataclass(frozen=True, eq=False)
class DocumentStream:
    """Documents over a model's vocabulary, in order, as corpora of a block each.

    ``blocks`` gives those from a row on, which must begin a block. Where one ends depends on the
    documents from its beginning alone, whatever the row asked for.
    """

    blocks: Callable[[int], Iterator[Corpus]]
    total: int | None = None  # documents, where that is known beforehand
    identity: str | None = None  # changes when the documents do; None: they can be read only once
    unique: bool = True  # whether the ids are known to be different
    in_a_thread: bool = True  # whether another thread than the caller's may read them


def stream_documents(trained: TrainedModel, source: Source) -> DocumentStream:
    """The documents of ``source`` as the model reads them; InputError as :func:`read_documents`.

    Prepared corpora are read through the memory map, anything else as a stream. Ready data sets
    are small and held.
    """
    source, tokenizer = source.with_dense(trained.weights.facts.reads), trained.tokenizer
    if source.is_prepared:
        identity = sha256_file(Path(source.name) / MANIFEST)
        corpus = Corpus.of(source)
        if tokenizer is None:
            return _held(matching_corpus(corpus, trained.vocabulary, None), identity)
        if corpus.vocabulary == trained.vocabulary:
            settle_tokenizer(corpus, source.name, tokenizer)
            return _held(corpus, identity)
        tokenizer.refuse_unready()
        corpus[:1].encode_like(trained.vocabulary, tokenizer)  # one without texts is refused now
        return DocumentStream(
            lambda start: _counted(_stored_texts(corpus), start, trained.vocabulary, tokenizer),
            len(corpus),
            identity,
            in_a_thread=is_native(tokenizer),
        )
    if source.is_dataset or tokenizer is None:
        corpus = read_documents(trained, source)
        return _held(corpus, corpus.fingerprint())
    tokenizer.refuse_unready()
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


def _stored_texts(corpus: Corpus) -> Iterator[TextBatch]:
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
