"""A trained model's documents in the spaces they are compared in: neighbours and clusters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.checks import is_whole, kind_of, shown, whole
from tenor.corpus.corpus import Corpus
from tenor.documents import Documents
from tenor.errors import InputError
from tenor.explore.clusters import Clusters, ClusterWords, cluster, name_clusters
from tenor.explore.collection import DocumentCollection
from tenor.explore.neighbours import best, nearest
from tenor.explore.smoothing import Smoothing
from tenor.explore.spaces import SMOOTHED, document_vectors
from tenor.explore.telling import BETWEEN
from tenor.model.trained import TrainedModel
from tenor.settings import CLUSTER_SPACE, SIMILARITY_SPACE

LAST_SEED = 2**32 - 1  # that scikit-learn takes
NOTHING_KEPT = (
    "the smoothed space needs the model's documents, and it keeps none; pass some to "
    "index_documents, or fit with keep_documents=True"
)
# Smoothings are made once for a model's documents, and let go with them.
_MADE: WeakKeyDictionary[DocumentCollection, Smoothing] = WeakKeyDictionary()


def in_space(
    trained: TrainedModel,
    found: NDArray[np.float32],
    space: str,
    store: DocumentCollection | None = None,
    own: NDArray[np.int64] | None = None,
) -> NDArray[np.float32]:
    """Documents' vectors (D, n_vector) as those whose cosines compare them in ``space``.

    The spaces are those of :mod:`tenor.explore.spaces`. Only the smoothed one reads ``store``, the
    model's documents, and without it is an InputError; ``own`` (D,) says which row of it each
    document itself is, −1 for none; None: none is there.
    """
    if space == SMOOTHED:
        if store is None:
            raise InputError(NOTHING_KEPT)
        return smoothing_over(trained, store).smooth(found, own, wordless(trained, found))
    if space == "logits":
        read = trained.features(found)
        return document_vectors(space, read, trained.decoder_weight, trained.idf)
    return document_vectors(space, found, trained.components.T, trained.idf)


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
        made = Smoothing(store.vectors, stored_wordless(trained, store))
        _MADE[store] = made
    return made


def wordless(trained: TrainedModel, rows: NDArray[np.float32]) -> NDArray[np.bool_]:
    """(D,) which documents have no word of the vocabulary: they all have the same vector.

    None of a model that reads more than words.
    """
    if trained.weights.facts.reads:
        return np.zeros(len(rows), dtype=np.bool_)
    nothing = BagOfWords(
        np.zeros(2, np.int64), np.zeros(0, np.int32), np.zeros(0, np.int32), len(trained.vocabulary)
    )
    vector = trained.vectors(Documents(nothing))[0]
    return np.asarray(np.isclose(rows, vector, rtol=1e-4, atol=1e-5).all(axis=1))


def stored_wordless(trained: TrainedModel, store: DocumentCollection) -> NDArray[np.bool_]:
    """The same of the stored documents; where counts are kept, they say it without the network."""
    if trained.weights.facts.reads or (known := store.wordless) is None:
        return wordless(trained, store.vectors)
    return known


def row_of_vector(store: DocumentCollection, vector: NDArray[np.float32]) -> int:
    """The first document with this vector, −1 where there is none."""
    same = np.isclose(store.vectors, vector, rtol=1e-4, atol=1e-5).all(axis=1)
    return int(np.argmax(same)) if same.any() else -1


@dataclass(frozen=True)
class SimilarDocument:
    """A document found: where it stands, what it says, how near it is (cosine)."""

    row: int
    id: str
    label: str | None
    text: str | None
    score: float

    def to_json(self) -> dict[str, Any]:
        """The document as JSON values."""
        return asdict(self)


@dataclass(frozen=True, eq=False)
class DocumentClusters:
    """Documents in clusters, and the clusters in words."""

    clusters: Clusters
    names: Sequence[ClusterWords]


def similar_documents(
    trained: TrainedModel,
    store: DocumentCollection,
    read: Callable[[list[str]], Corpus],
    n: int,
    *,
    text: str | None,
    row: int | None,
    id: str | None,
    space: str | None,
) -> list[SimilarDocument]:
    """The stored documents nearest to a text, or to one of them, which is left out itself."""
    asked = {"text": text, "row": row, "id": id}
    given = [name for name, value in asked.items() if value is not None]
    if len(given) != 1:
        raise InputError(
            f"pass exactly one of text, row and id, not {' and '.join(given) or 'none'}"
        )
    space = _space(space, SIMILARITY_SPACE)
    if text is not None:
        if not isinstance(text, str):
            raise InputError(f"text must be a str, not {kind_of(text)}")
        corpus = read([text])
        if corpus.empty[0]:
            raise InputError("no word of the text is in the vocabulary; ask with other words")
        asked_for = trained.vectors(corpus.documents)
        # A text that is a stored document's is smoothed as that one is.
        own = np.array([row_of_vector(store, asked_for[0])]) if space == SMOOTHED else None
        query = in_space(trained, asked_for, space, store, own)[0]
        stored = stored_in_space(trained, store, space)
    else:
        row = _row(store, row, id)
        stored = stored_in_space(trained, store, space)
        query = stored[row]
    found = nearest(query, stored, n, exclude=row)
    texts = store.texts([place for place, _ in found])
    return [
        SimilarDocument(place, store.ids[place], store.labels[place], said, score)
        for (place, score), said in zip(found, texts, strict=True)
    ]


def _space(asked: Any, usual: str) -> str:
    if asked is not None and not isinstance(asked, str):
        raise InputError(f"a space is called by a str, not {type(asked).__name__}")
    return asked or usual


def _row(store: DocumentCollection, row: Any, id: str | None) -> int:
    if id is not None:
        if not isinstance(id, str):
            raise InputError(f"an id is a str, not {kind_of(id)}; documents have rows, too: row=…")
        return store.row(id)
    if not is_whole(row):
        raise InputError(f"row must be a whole number, not {shown(row)}")
    if not 0 <= row < len(store):
        raise InputError(f"there is no row {row}; the model keeps rows 0 to {len(store) - 1}")
    return int(row)


def clusters(
    trained: TrainedModel,
    store: DocumentCollection,
    n_clusters: int | None,
    space: str | None,
    seed: int,
) -> DocumentClusters:
    """k-means over the stored documents; named from their texts, else from the decoder."""
    if not 0 <= whole("seed", seed, 0) <= LAST_SEED:
        raise InputError(f"seed must be from 0 to {LAST_SEED}, not {seed}")
    found = cluster(stored_in_space(trained, store, _space(space, CLUSTER_SPACE)), n_clusters, seed)
    texts = [text or "" for text in store.texts(range(len(store)))]
    tokenizer = trained.tokenizer
    if tokenizer is not None and tokenizer.is_ready and any(texts):
        corpus = Corpus.from_texts(
            texts, tokenizer=tokenizer, vocabulary=trained.vocabulary, keep_text=False
        )
        names = name_clusters(found.labels, corpus.bag.joined(), corpus.words)
    else:
        names = _named_by_decoder(trained, store, found)
    return DocumentClusters(found, names)


def _named_by_decoder(
    trained: TrainedModel, store: DocumentCollection, found: Clusters
) -> list[ClusterWords]:
    """Without texts: the words whose logits stand highest at a cluster's mean vector."""
    names = []
    overall = store.vectors.mean(0)
    for number in range(len(found)):
        rows = found.rows(number)
        logits = (store.vectors[rows].mean(0) - overall) @ trained.components
        chosen = best(logits.astype(np.float64), 10)
        words = tuple((trained.vocabulary.words[w], float(logits[w])) for w in chosen)
        name = BETWEEN.join(word for word, _ in words[:3])
        names.append(ClusterWords(number, len(rows), words, name))
    return names
