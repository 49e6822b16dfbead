"""What a model may be given: texts, counts, a corpus or a source, all made a corpus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from tenor.amounts import amount
from tenor.corpus.corpus import Corpus, settle_tokenizer
from tenor.corpus.source import Source
from tenor.errors import InputError, VocabularyError
from tenor.model.trained import TrainedModel
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary, VocabularyRule


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

    Raises:
        InputError: when ``documents`` is none of texts, counts or a corpus, or a corpus that was
            cut by another tokenizer than the one asked for.
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

    Raises:
        VocabularyError: for a corpus or counts of another vocabulary.
        InputError: for texts where the model was trained on ready counts.
    """
    if isinstance(documents, Corpus):
        if documents.vocabulary == vocabulary:
            return documents
        raise VocabularyError(
            "the corpus was counted over another vocabulary "
            f"({amount(len(documents.vocabulary), 'word')}) "
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

    Raises:
        InputError: when the source cannot be read, or holds texts and the model was trained on
            ready counts.
    """
    source = source.with_dense(trained.network.reads)
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
