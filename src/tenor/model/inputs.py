"""What a model may be given: texts, counts, a corpus or a source, held or a block at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.checks import amount, kind_of
from tenor.corpus.containers import (
    is_counts,
    is_table,
    named_words,
    refuse_other_names,
    texts_in,
    without_names,
)
from tenor.corpus.corpus import Corpus, settle_tokenizer
from tenor.corpus.counting import is_native
from tenor.corpus.coverage import Coverage
from tenor.corpus.folder import MANIFEST
from tenor.corpus.given import unnamed
from tenor.corpus.layout import batch_of
from tenor.corpus.origin import Origin
from tenor.corpus.pieces import counted_pieces
from tenor.corpus.pipeline import stored_texts
from tenor.corpus.sequence import phrase_ids
from tenor.corpus.source import Source
from tenor.errors import Advice, InputError, ParameterName, VocabularyError
from tenor.model.trained import TrainedModel
from tenor.sources.batches import Stream, TextBatch
from tenor.storage.atomic import sha256_file
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule

BLOCK = 1 << 14  # documents
BLOCK_VALUES = 1 << 22  # (document, word) pairs: long documents make smaller blocks
_REPEATING = ("could not convert string", "bytes/strings")


def checked_counts(estimator: Any, counts: Any, reset: bool) -> Any:
    """scikit-learn's own checks, its message in one line; the counts are looked at later.

    There may be no documents, but for a fit.
    """
    wanted = "counts must be numbers, documents × words"
    if isinstance(counts, list | tuple):
        lengths = [np.size(row) for row in counts]
        other = next((row for row, size in enumerate(lengths) if size != lengths[0]), None)
        if other is not None:
            raise InputError(f"row {other} of the counts is not as long as row 0; {wanted}")
    elif getattr(getattr(counts, "dtype", None), "kind", None) in (*"SUTM",):
        raise InputError(f"{wanted}, not {kind_of(counts)} of {counts.dtype}")
    from sklearn.utils.validation import validate_data

    try:
        return validate_data(
            estimator,
            pa.table(counts) if isinstance(counts, pa.RecordBatch) else counts,
            accept_sparse="csr",
            ensure_all_finite=False,
            ensure_min_samples=int(reset),
            reset=reset,
        )
    except (TypeError, ValueError) as error:
        said = " ".join(str(error).split())
        if any(told in said for told in _REPEATING):
            raise InputError(f"{wanted}; {kind_of(counts)} holds something else") from None
        raise InputError(said) from error


def words_of_counts(counts: Any, vocabulary: Any) -> Any:
    """The words of a fit's counts: those given, else the names of a table's columns, if any.

    Names that are none, or that contradict the vocabulary, are an InputError.
    """
    if vocabulary is None:
        return named_words(counts)
    words = Vocabulary.of(vocabulary)
    refuse_other_names(counts, words.words, "the words of the vocabulary", "vocabulary")
    return words


def checked_columns(counts: Any, vocabulary: Vocabulary) -> Any:
    """Counts whose columns are a model's words, without the names that were compared.

    Other names, or another order, are an InputError. A model that was fitted to columns without
    names has no words to compare: scikit-learn warns of that.
    """
    if not is_table(counts) or vocabulary.words == tuple(unnamed(len(vocabulary))):
        return counts
    refuse_other_names(counts, vocabulary.words, "the model's words", "model.vocabulary_")
    return without_names(counts)


def training_corpus(
    documents: Any, tokenizer: Tokenizer | None, rule: VocabularyRule, vocabulary: Any
) -> Corpus:
    """The corpus a fit runs on; texts are counted, a corpus is taken as it is.

    One that was cut by another tokenizer than the one asked for is an InputError.
    """
    if isinstance(documents, Corpus):
        if vocabulary is not None and Vocabulary.of(vocabulary) != documents.vocabulary:
            raise VocabularyError(
                "the corpus was counted over another vocabulary than the one given; leave ",
                ParameterName("vocabulary"),
                " out, or count the corpus over it",
            )
        settle_tokenizer(documents, "the corpus", tokenizer)
        return documents
    if is_counts(documents):
        return Corpus.from_counts(documents, vocabulary)
    return Corpus.from_texts(documents, tokenizer=tokenizer, rule=rule, vocabulary=vocabulary)


def matching_corpus(documents: Any, vocabulary: Vocabulary, tokenizer: Tokenizer | None) -> Corpus:
    """``documents``, of which there may be none, counted over a trained model's vocabulary.

    Another vocabulary is a VocabularyError, and texts for a model of ready counts an InputError.
    """
    if isinstance(documents, Corpus):
        if documents.vocabulary == vocabulary:
            return documents
        words = amount(len(documents.vocabulary), "word")
        raise VocabularyError(
            f"the corpus was counted over another vocabulary ({words}) "
            f"than the model's ({len(vocabulary):,}); ",
            Advice(
                "use corpus.encode_like(model.vocabulary_)",
                "prepare it over the model's words",
            ),
        )
    if is_counts(documents):
        width = np.shape(documents)[1] if np.ndim(documents) == 2 else None
        if width is not None and width != len(vocabulary):
            raise VocabularyError(
                f"the counts have {amount(width, 'column')}, but the model's vocabulary has "
                f"{amount(len(vocabulary), 'word')}; count the documents over model.vocabulary_"
            )
        if not np.shape(documents)[0]:
            return _no_documents(vocabulary, tokenizer)
        return Corpus.from_counts(documents, vocabulary)
    texts = texts_in(documents)
    if not len(texts):
        return _no_documents(vocabulary, tokenizer)
    if tokenizer is None:
        raise InputError("the model was trained on ready counts; it cannot read texts, pass counts")
    return Corpus.from_texts(texts, tokenizer=tokenizer, vocabulary=vocabulary)


def _no_documents(vocabulary: Vocabulary, tokenizer: Tokenizer | None) -> Corpus:
    nothing = np.zeros(0, np.int32)
    bag = BagOfWords(np.zeros(1, np.int32), nothing, nothing, len(vocabulary))
    batch = batch_of(bag, {"id": pa.array([], pa.string())})
    return Corpus(pa.Table.from_batches([batch]), vocabulary, tokenizer)


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
    return matching_corpus(Corpus.of(source), trained.vocabulary, None)


@dataclass(frozen=True, eq=False)
class DocumentStream:
    """Documents over a model's vocabulary, in order, as corpora of a block each.

    ``blocks`` gives those from a row on, which must begin a block. Where one ends depends on the
    documents from its beginning alone, whatever the row asked for.
    """

    blocks: Callable[[int], Iterator[Corpus]]
    origin: Callable[[], Origin]  # what was read, whole when the blocks are; of texts uncounted
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
        origin = Origin.of_prepared(source.name, None, corpus.origin.made_from)
        return DocumentStream(
            lambda start: _counted(
                stored_texts(corpus.table), start, trained.vocabulary, tokenizer
            ),
            lambda: origin,
            len(corpus),
            identity,
            in_a_thread=is_native(tokenizer),
        )
    if source.is_dataset or tokenizer is None:
        corpus = read_documents(trained, source)
        return _held(corpus, corpus.fingerprint())
    tokenizer.refuse_unready()
    opened: Stream | None = None

    def blocks(start: int) -> Iterator[Corpus]:
        nonlocal opened
        opened = source.opened()
        return _counted(opened.batches, start, trained.vocabulary, tokenizer)

    return DocumentStream(
        blocks,
        lambda: Origin() if opened is None else Origin(opened.facts()),
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

    return DocumentStream(blocks, lambda: corpus.origin, len(corpus), identity)


def _counted(
    batches: Iterable[TextBatch], start: int, vocabulary: Vocabulary, tokenizer: Tokenizer
) -> Iterator[Corpus]:
    """Texts from row ``start`` on over the vocabulary, in blocks, each with its coverage."""
    held = Corpus(pa.table({}), vocabulary, tokenizer)
    lengths = np.zeros(0, dtype=np.int64)  # in tokens, known words or not
    for piece in counted_pieces(_from(batches, start), tokenizer, keep_text=False):
        batch = piece.encoded(vocabulary, labelled=True)
        tables = [held.table] * (len(held) > 0) + [pa.Table.from_batches([batch])]
        held = Corpus(pa.concat_tables(tables), vocabulary, tokenizer)
        lengths = np.concatenate([lengths, piece.counted.bag.lengths])
        while (size := _full(held)) is not None:
            yield _covered(held[:size], lengths[:size])
            held, lengths = held[size:], lengths[size:]
    if len(held):
        yield _covered(held, lengths)


def _covered(corpus: Corpus, lengths: NDArray[np.int64]) -> Corpus:
    """The corpus of documents whose texts have so many tokens each."""
    phrases = phrase_ids(corpus.vocabulary, corpus.tokenizer)
    corpus.origin = Origin(coverage=Coverage.of(corpus.bag, int(lengths.sum()), phrases))
    return corpus


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
