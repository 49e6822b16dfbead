"""Documents from a source, counted as a trained model counts."""

from __future__ import annotations

from collections.abc import Callable

from tenor.corpus.corpus import Corpus
from tenor.corpus.source import Source
from tenor.errors import InputError
from tenor.model.inputs import matching_corpus
from tenor.model.trained import TrainedModel


def read_documents(
    trained: TrainedModel, source: Source, on_progress: Callable[[int], None] | None = None
) -> Corpus:
    """``source`` over the model's vocabulary, every document in its row.

    Raises:
        InputError: when the source cannot be read, or holds texts and the model was trained on
            ready counts.
    """
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
