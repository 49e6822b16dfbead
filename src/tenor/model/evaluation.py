"""All that can be measured on held-out documents, from one trained model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from tenor.checks import whole
from tenor.corpus.corpus import Corpus
from tenor.corpus.coverage import Coverage
from tenor.errors import InputError
from tenor.evaluation.by_label import (
    ClusterScores,
    RetrievalScores,
    cluster_scores,
    retrieval_scores,
)
from tenor.evaluation.coherence import Coherence, diversity, npmi
from tenor.evaluation.completion import halves
from tenor.evaluation.perplexity import (
    Figures,
    Perplexity,
    estimator_name,
    perplexity,
    summarise,
    unigram_bound,
)
from tenor.explore.collection import DocumentCollection
from tenor.explore.dimensions import top_word_ids
from tenor.explore.spaces import SMOOTHED, SPACES
from tenor.inference.bounds import DocumentBounds, document_bounds, log_likelihood_given
from tenor.inference.encode import ENCODED, vectors, vectors_at
from tenor.model.spaces import NOTHING_KEPT, in_space, stored_in_space
from tenor.model.trained import TrainedModel
from tenor.settings import CLUSTER_SPACE, SIMILARITY_SPACE
from tenor.text.missing import labels_in

NO_LABELS = "the documents have no labels"
Measure = TypeVar("Measure")


@dataclass(frozen=True)
class Evaluation:
    """What was measured; retrieval and clustering where documents have labels.

    What the documents do not allow is None, or an empty dictionary, and named in ``left_out``.

    Attributes:
        perplexity: from the bounds.
        completion: perplexity of each document's second half given the first.
        coherence: NPMI of each topic's ten words over the reference documents, by default the
            evaluated ones; of a model without topics, of each pole's ten strongest words.
        diversity: share of different words among the same words.
        of_topics: whether these two are of topics.
        retrieval: for each space, precision among the nearest documents: of the model's own
            documents where they have labels, else of the evaluated ones. A document that is
            among them does not find itself. Without documents of its own, a model has no
            smoothed space.
        clustering: for each space, k-means on the evaluated documents against their labels.
        left_out: what could not be measured, and why.
        coverage: how much of the documents the model's words are.
    """

    perplexity: Perplexity
    completion: Figures | None
    coherence: Coherence | None
    diversity: float
    of_topics: bool
    retrieval: dict[str, RetrievalScores]
    clustering: dict[str, ClusterScores]
    left_out: dict[str, str]
    coverage: Coverage

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        found = self.coherence
        return {
            "perplexity": self.perplexity.to_json(),
            "completion": None if self.completion is None else self.completion._asdict(),
            "coherence": None
            if found is None
            else {"npmi": found.mean, "each": list(found.per_topic)},
            "coherence_of": "topics" if self.of_topics else "poles of the latent dimensions",
            "diversity": self.diversity,
            "retrieval": {space: scores.to_json() for space, scores in self.retrieval.items()},
            "clustering": {space: scores.to_json() for space, scores in self.clustering.items()},
            "default_spaces": {"similar_documents": SIMILARITY_SPACE, "clusters": CLUSTER_SPACE},
            "left_out": self.left_out,
            "coverage": self.coverage.to_json(),
        }


def perplexity_of(
    trained: TrainedModel, corpus: Corpus, n_samples: int, refine: int, seed: int
) -> Perplexity:
    """Perplexity without refinement, and beside it with ``refine`` steps if asked."""
    return _perplexity(trained, corpus, *_bounds(trained, corpus, n_samples, refine, seed))


def _bounds(
    trained: TrainedModel, corpus: Corpus, n_samples: int, refine: int, seed: int
) -> list[DocumentBounds]:
    """The bounds, and after them the refined ones if asked."""
    steps = [0] if refine == 0 else [0, refine]
    return [
        document_bounds(trained.network, corpus.documents, n_samples, seed, each) for each in steps
    ]


def _perplexity(
    trained: TrainedModel,
    corpus: Corpus,
    plain: DocumentBounds,
    refined: DocumentBounds | None = None,
) -> Perplexity:
    decoder = trained.network.decoder
    presence, statistics = decoder.observes == "presence", trained.statistics
    frequency = statistics.document_frequency if presence else statistics.word_frequency
    parts = decoder.observed(corpus.bag).parts()
    unigram = np.concatenate([np.zeros(0), *(unigram_bound(frequency, part) for part in parts)])

    def summary(bounds: DocumentBounds, refined: Perplexity | None = None) -> Perplexity:
        return summarise(
            estimator_name(bounds.n_samples, bounds.refine),
            bounds.elbo,
            bounds.lengths,
            importance_weighted=bounds.importance_weighted,
            kl=bounds.kl,
            posterior_mean=bounds.mean,
            unigram=unigram,
            likelihood="presence" if presence else "counts",
            refined=refined,
        )

    return summary(plain, None if refined is None else summary(refined))


def completion_of(trained: TrainedModel, corpus: Corpus, seed: int = 0) -> Figures:
    """Perplexity of second halves given the posterior means of first halves."""
    network, row = trained.network, 0
    found, lengths = [np.zeros(0)], [np.zeros(0, dtype=np.int64)]
    for block in network.observed(corpus.documents).blocks(ENCODED):
        bag = block.bag.joined()
        first, second = halves(bag, seed, np.arange(row, row + len(bag)))
        known = vectors(network, block.counted_as(first))
        found.append(log_likelihood_given(network, known, block.counted_as(second)))
        lengths.append(second.lengths)
        row += len(block)
    return perplexity(np.concatenate(found), np.concatenate(lengths))


def evaluate(
    trained: TrainedModel,
    corpus: Corpus,
    store: DocumentCollection | None,
    n_samples: int,
    refine: int,
    seed: int,
    reference: Corpus,
    topics: Sequence[Sequence[int]] | None,
) -> Evaluation:
    """Measure everything that the documents allow; coherence is counted over ``reference``.

    ``topics`` are the ids of the words that each shows; None for a model without.
    """
    whole("seed", seed, 0)  # before the measures, where it would pass for a fault of documents
    bounds = _bounds(trained, corpus, n_samples, refine, seed)
    lists = _poles(trained) if topics is None else [list(words) for words in topics]
    several = [words for words in lists if len(words) > 1]
    found = vectors_at(trained.network, bounds[0].mean)  # the corpus is encoded once, for all
    by_label, left_out = _ByLabel(trained, corpus, store, found), {}
    if store is None and corpus.labels is not None:
        left_out["smoothed space"] = NOTHING_KEPT

    def measured(name: str, measure: Callable[[], Measure]) -> Measure | None:
        try:
            return measure()
        except InputError as error:
            left_out[name] = str(error)
            return None

    return Evaluation(
        perplexity=_perplexity(trained, corpus, *bounds),
        completion=measured("completion", lambda: completion_of(trained, corpus, seed)),
        coherence=measured("coherence", lambda: npmi(several, reference.bag)),
        diversity=diversity([words for words in lists if words], top=10),
        of_topics=topics is not None,
        retrieval=measured("retrieval", by_label.retrieval) or {},
        clustering=measured("clustering", by_label.clustering) or {},
        left_out=left_out,
        coverage=corpus.coverage,
    )


def _poles(trained: TrainedModel) -> list[list[int]]:
    """The strongest words of both ends of every latent dimension."""
    ids = top_word_ids(trained.components, 10)
    return [*ids.tolist(), *top_word_ids(-trained.components, 10).tolist()]


@final
class _ByLabel:
    """Measures by label, of documents by their vectors."""

    def __init__(
        self,
        trained: TrainedModel,
        corpus: Corpus,
        store: DocumentCollection | None,
        vectors: NDArray[np.float32],
    ) -> None:
        self._trained, self._corpus, self._store, self._vectors = trained, corpus, store, vectors

    def retrieval(self) -> dict[str, RetrievalScores]:
        """Against the model's own labelled documents; among themselves when there are none."""
        labels, (spaces, own) = self._labels, self._in_spaces
        store, found = self._store, {}
        for space, queries in spaces.items():
            if store is None or not any(store.labels):
                found[space] = retrieval_scores(queries, labels)
            else:
                base = stored_in_space(self._trained, store, space)
                found[space] = retrieval_scores(queries, labels, base, store.labels, own)
        return found

    def clustering(self) -> dict[str, ClusterScores]:
        """k-means in each space, into as many clusters as there are labels."""
        labels, (spaces, _) = self._labels, self._in_spaces
        n_labels = max(1, len(set(labels) - {None}))
        return {space: cluster_scores(rows, labels, n_labels) for space, rows in spaces.items()}

    @property
    def _labels(self) -> Sequence[str | None]:
        labels = self._corpus.labels
        if labels is None:
            raise InputError(NO_LABELS)
        return labels_in(labels)

    @cached_property
    def _in_spaces(self) -> tuple[dict[str, NDArray[np.float32]], NDArray[np.int64] | None]:
        """(D, K) in each space that the documents can be compared in, and where they are stored.

        (D,) the row of each document that is stored itself, by id and vector; −1 of any other.
        """
        trained, store, own, found = self._trained, self._store, None, self._vectors
        if store is not None:
            row_of = {name: row for row, name in enumerate(store.ids)}
            rows = np.array([row_of.get(name, -1) for name in self._corpus.ids], dtype=np.int64)
            same = np.isclose(store.vectors[rows], found, rtol=1e-4, atol=1e-5).all(axis=1)
            own = np.where(same, rows, -1)
        spaces = [space for space in SPACES if space != SMOOTHED or store is not None]
        return {space: in_space(trained, found, space, store, own) for space in spaces}, own
