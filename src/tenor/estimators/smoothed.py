"""The smoothing over a model's documents: made once for them, let go with them."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.documents import Documents
from tenor.explore.collection import DocumentCollection
from tenor.explore.smoothing import Smoothing
from tenor.inference import encode
from tenor.trained import TrainedModel

_MADE: WeakKeyDictionary[DocumentCollection, Smoothing] = WeakKeyDictionary()


def smoothing_over(trained: TrainedModel, store: DocumentCollection) -> Smoothing:
    """That of ``store``, whose vectors ``trained`` gave; made anew when these are others."""
    made = _MADE.get(store)
    if made is None or made.vectors is not store.vectors:
        made = Smoothing(store.vectors, wordless(trained, store.vectors))
        _MADE[store] = made
    return made


def wordless(trained: TrainedModel, vectors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(D,) which documents have no word of the vocabulary: they all have the same vector.

    None of a model that reads more than words.
    """
    if trained.network.reads:
        return np.zeros(len(vectors), dtype=np.bool_)
    nothing = BagOfWords(
        np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), len(trained.vocabulary)
    )
    vector = encode.vectors(trained.network, Documents(nothing))
    return np.asarray(np.isclose(vectors, vector, rtol=1e-4, atol=1e-5).all(axis=1))


def row_of_vector(store: DocumentCollection, vector: NDArray[np.float32]) -> int:
    """The first document with this vector, −1 where there is none."""
    same = np.isclose(store.vectors, vector, rtol=1e-4, atol=1e-5).all(axis=1)
    return int(np.argmax(same)) if same.any() else -1
