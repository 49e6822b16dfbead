"""Questions to a trained model: words like a word, documents like a document, clusters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tenor.checks import is_whole
from tenor.corpus.corpus import Corpus
from tenor.errors import InputError
from tenor.explore.clusters import Clusters, ClusterWords, cluster, name_clusters
from tenor.explore.collection import DocumentCollection
from tenor.explore.neighbours import best, nearest
from tenor.explore.spaces import SMOOTHED
from tenor.explore.telling import BETWEEN
from tenor.inference.encode import vectors
from tenor.model.spaces import in_space, row_of_vector, stored_in_space
from tenor.model.trained import TrainedModel
from tenor.settings import CLUSTER_SPACE, SIMILARITY_SPACE


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
    """The stored documents nearest to a text, or to one of them, which is left out itself.

    Raises:
        InputError: unless one is asked about, and there; or when the text has no known word.
    """
    asked = {"text": text, "row": row, "id": id}
    given = [name for name, value in asked.items() if value is not None]
    if len(given) != 1:
        raise InputError(
            f"pass exactly one of text, row and id, not {' and '.join(given) or 'none'}"
        )
    space = space or SIMILARITY_SPACE
    if text is not None:
        if not isinstance(text, str):
            raise InputError(f"text must be a str, not {type(text).__name__}")
        corpus = read([text])
        if corpus.empty[0]:
            raise InputError("no word of the text is in the vocabulary; ask with other words")
        latent = vectors(trained.network, corpus.documents)
        # A text that is a stored document's is smoothed as that one is.
        own = np.array([row_of_vector(store, latent[0])]) if space == SMOOTHED else None
        query = in_space(trained, latent, space, store, own)[0]
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


def _row(store: DocumentCollection, row: Any, id: str | None) -> int:
    if id is not None:
        return store.row(id)
    if not is_whole(row):
        raise InputError(f"row must be a whole number, not {row!r}")
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
    found = cluster(stored_in_space(trained, store, space or CLUSTER_SPACE), n_clusters, seed)
    texts = [text or "" for text in store.texts(range(len(store)))]
    tokenizer = trained.tokenizer
    if tokenizer is not None and not tokenizer.missing_function and any(texts):
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
