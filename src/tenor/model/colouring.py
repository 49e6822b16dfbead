"""What the colours of a map mean: the documents' labels, their topics, or clusters of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tenor.explore.collection import DocumentCollection
from tenor.explore.groups import UNLABELLED
from tenor.explore.telling import BETWEEN
from tenor.model import answers
from tenor.model.model_topics import ModelTopics
from tenor.model.trained import TrainedModel
from tenor.topics.topics import likeness

LABEL, TOPIC, CLUSTER = "label", "topic", "cluster"
BY = (LABEL, TOPIC, CLUSTER)
COARSE = 10  # topics of topics: hues that people tell apart
FEW = 12  # topics at most that have a hue each
LIKE_NONE = "like no topic"


@dataclass(frozen=True, eq=False)
class Colouring:
    """The group of each of n documents, and what is said of it.

    Attributes:
        by: "label", "topic" or "cluster".
        groups: n names; None for a document without a group.
        above: for a group the name of the wider one that it has its colour from.
        unlabelled: what documents without a group are called.
        scores: (n,) a number for each document's card, or None.
        score_name: what the number is.
    """

    by: str
    groups: Sequence[str | None]
    above: Mapping[str, str] | None = None
    unlabelled: str = UNLABELLED
    scores: NDArray[np.float32] | None = None
    score_name: str = ""


def by_label(store: DocumentCollection, rows: NDArray[np.int64]) -> Colouring:
    """Documents by the labels they came with."""
    labels = store.labels
    return Colouring(LABEL, [labels[row] for row in rows])


def by_cluster(
    trained: TrainedModel,
    store: DocumentCollection,
    rows: NDArray[np.int64],
    n_clusters: int | None,
    seed: int,
) -> Colouring:
    """Documents by clusters of all documents, each named by its words."""
    found = answers.clusters(trained, store, n_clusters, None, seed)
    names = [found.names[number].name for number in found.clusters.labels[rows]]
    score_name = "cosine with the cluster's centre"
    return Colouring(CLUSTER, names, scores=found.clusters.scores[rows], score_name=score_name)


def by_topic(topics: ModelTopics, vectors: NDArray[np.float32]) -> Colouring:
    """Documents by their strongest topics; one that is like no topic has none.

    Args:
        topics: of the model that gave the vectors.
        vectors: (n, K) of documents with words.

    Raises:
        InputError: for more topics than have a hue each, where no counts are kept for a tree.
    """
    wordless = np.zeros(len(vectors), dtype=np.bool_)
    weights = topics.topics.weights(vectors, wordless)
    like_none = likeness(topics.topics, vectors, wordless) < topics.limit
    names, strongest = topics.names, np.argmax(weights, axis=1)
    return Colouring(
        TOPIC,
        [None if none else names[place] for place, none in zip(strongest, like_none, strict=True)],
        _above(topics, names) if len(topics) > FEW else None,
        LIKE_NONE,
        weights.max(axis=1),
        "strongest topic's weight",
    )


def _above(topics: ModelTopics, names: Sequence[str]) -> dict[str, str]:
    """For each topic's name that of the coarse topic above, where this holds several."""
    tree, known = topics.tree(COARSE, fine=None), topics.trained.vocabulary.words
    own = dict(zip(map(str, topics.ids), names, strict=True))
    above: dict[str, str] = {}
    for node in tree.level("coarse"):
        if len(node.children) > 1:
            words = [known[word] for word, _ in node.words]
            name = _wide_name(words, {*names, *above.values()}, f"topics {node.id}")
            above |= {own[child]: name for child in node.children}
    return above


def _wide_name(words: list[str], taken: set[str], otherwise: str) -> str:
    """Three words; the third is another where a topic has that name already."""
    found = (BETWEEN.join([*words[:2], third]) for third in words[2:])
    return next((name for name in found if name not in taken), otherwise)
