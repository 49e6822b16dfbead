"""A trained model's documents in the spaces they can be compared in."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.documents import Documents
from tenor.errors import InputError
from tenor.explore.collection import DocumentCollection
from tenor.explore.smoothing import Smoothing
from tenor.explore.spaces import SMOOTHED, document_vectors
from tenor.inference.encode import features
from tenor.inference.encode import vectors as encoded
from tenor.model.trained import TrainedModel

NOTHING_KEPT = (
    "the smoothed space needs the model's documents, and it keeps none; pass some to "
    "index_documents, or fit with keep_documents=True"
)
# Smoothings are made once for a model's documents, and let go with them.
_MADE: WeakKeyDictionary[DocumentCollection, Smoothing] = WeakKeyDictionary()


def in_space(
    trained: TrainedModel,
    latent: NDArray[np.float32],
    space: str,
    store: DocumentCollection | None = None,
    own: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Latent vectors (D, K) as vectors whose cosines compare documents in ``space``.

    The spaces are those of :mod:`tenor.explore.spaces`.
    Only the smoothed space reads ``store``, the model's documents; ``own`` (D,) says which row of
    it each document itself is, −1 for none; None: none is there.

    Raises:
        InputError: for an unknown space, or the smoothed one without ``store``.
    """
    if space == SMOOTHED:
        if store is None:
            raise InputError(NOTHING_KEPT)
        return smoothing_over(trained, store).smooth(latent, own, wordless(trained, latent))
    if space == "logits":
        read = features(trained.network, latent)
        return document_vectors(space, read, trained.decoder_weight, trained.idf)
    return document_vectors(space, latent, trained.components.T, trained.idf)


def stored_in_space(
    trained: TrainedModel,
    store: DocumentCollection,
    space: str,
    rows: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """The stored documents in ``space``: all (D, K), or those of ``rows``."""
    if space == SMOOTHED:
        return smoothing_over(trained, store).stored(rows)
    return in_space(trained, store.vectors if rows is None else store.vectors[rows], space)


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
    vector = encoded(trained.network, Documents(nothing))
    return np.asarray(np.isclose(vectors, vector, rtol=1e-4, atol=1e-5).all(axis=1))


def row_of_vector(store: DocumentCollection, vector: NDArray[np.float32]) -> int:
    """The first document with this vector, −1 where there is none."""
    same = np.isclose(store.vectors, vector, rtol=1e-4, atol=1e-5).all(axis=1)
    return int(np.argmax(same)) if same.any() else -1
