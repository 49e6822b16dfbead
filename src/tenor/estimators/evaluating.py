"""All that can be measured on held-out documents, from one trained model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tenor.estimators.answers import CLUSTER_SPACE, SIMILARITY_SPACE, in_space
from tenor.evaluation.clustering import ClusterScores, cluster_scores
from tenor.evaluation.coherence import Coherence, diversity, npmi
from tenor.evaluation.completion import completion_perplexity, halves
from tenor.evaluation.perplexity import Figures, Perplexity, estimator_name, summarise
from tenor.evaluation.retrieval import RetrievalScores, retrieval_scores
from tenor.evaluation.unigram import unigram_bound
from tenor.explore.collection import DocumentCollection
from tenor.explore.spaces import SPACES
from tenor.explore.topics import top_word_ids
from tenor.inference.bounds import DocumentBounds, document_bounds, log_likelihood_given
from tenor.inference.encode import encode
from tenor.networks.network import VariationalNetwork
from tenor.text.corpus import Corpus
from tenor.trained import TrainedModel


@dataclass(frozen=True)
class Evaluation:
    """What was measured; the last two are there where documents have labels.

    Attributes:
        perplexity: from the bounds.
        completion: perplexity of each document's second half given the first.
        coherence: NPMI of each pole's ten strongest words over the evaluated documents.
        diversity: share of different words among the poles' 25 strongest.
        retrieval: for each space, precision among the nearest documents: of the model's own
            documents where they have labels, else of the evaluated ones.
        clustering: for each space, k-means on the evaluated documents against their labels.
    """

    perplexity: Perplexity
    completion: Figures
    coherence: Coherence
    diversity: float
    retrieval: dict[str, RetrievalScores]
    clustering: dict[str, ClusterScores]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return {
            "perplexity": self.perplexity.to_json(),
            "completion": self.completion._asdict(),
            "coherence": {"npmi": self.coherence.mean, "per_pole": list(self.coherence.per_topic)},
            "diversity": self.diversity,
            "retrieval": {space: scores.to_json() for space, scores in self.retrieval.items()},
            "clustering": {space: scores.to_json() for space, scores in self.clustering.items()},
            "default_spaces": {"similar_documents": SIMILARITY_SPACE, "clusters": CLUSTER_SPACE},
        }


def perplexity_of(
    trained: TrainedModel, corpus: Corpus, n_samples: int, refine: int, seed: int
) -> Perplexity:
    """Perplexity without refinement, and beside it with ``refine`` steps if asked."""
    refined = None
    if refine:
        bounds = document_bounds(trained.network, corpus.bag, n_samples, seed, refine)
        refined = _summary(trained, corpus, bounds)
    bounds = document_bounds(trained.network, corpus.bag, n_samples, seed)
    return _summary(trained, corpus, bounds, refined)


def _summary(
    trained: TrainedModel, corpus: Corpus, bounds: DocumentBounds, refined: Perplexity | None = None
) -> Perplexity:
    presence = _likelihood(trained.network) == "presence"
    statistics = trained.statistics
    frequency = statistics.document_frequency if presence else statistics.word_frequency
    return summarise(
        estimator_name(bounds.n_samples, bounds.refine),
        bounds.elbo,
        bounds.lengths,
        importance_weighted=bounds.importance_weighted,
        kl=bounds.kl,
        posterior_mean=bounds.mean,
        unigram=unigram_bound(frequency, trained.network.observed(corpus.bag)),
        likelihood="presence" if presence else "counts",
        refined=refined,
    )


def _likelihood(network: VariationalNetwork) -> str:
    return str(network.config().get("likelihood", "counts"))


def completion_of(trained: TrainedModel, corpus: Corpus, seed: int = 0) -> Figures:
    """Perplexity of second halves given the posterior means of first halves."""
    first, second = halves(trained.network.observed(corpus.bag), seed)
    latent = encode(trained.network, first).mean
    return completion_perplexity(
        log_likelihood_given(trained.network, latent, second), second.lengths
    )


def evaluate(
    trained: TrainedModel,
    corpus: Corpus,
    store: DocumentCollection | None,
    n_samples: int,
    refine: int,
    seed: int,
) -> Evaluation:
    """Measure everything that the documents allow."""
    ids = top_word_ids(trained.components, 25)
    poles = [*ids.tolist(), *top_word_ids(-trained.components, 25).tolist()]
    retrieval: dict[str, RetrievalScores] = {}
    clustering: dict[str, ClusterScores] = {}
    if trained.provenance.get("fingerprint") == corpus.fingerprint():
        store = None  # the evaluated documents are the model's own: each excludes itself
    if corpus.labels is not None:
        latent = encode(trained.network, corpus.bag).mean
        for space in SPACES:
            vectors = in_space(trained, latent, space)
            retrieval[space] = _retrieval(trained, store, space, vectors, corpus.labels)
            n_labels = len(set(corpus.labels) - {None})
            clustering[space] = cluster_scores(vectors, corpus.labels, n_labels)
    return Evaluation(
        perplexity=perplexity_of(trained, corpus, n_samples, refine, seed),
        completion=completion_of(trained, corpus, seed),
        coherence=npmi(poles, corpus.bag),
        diversity=diversity(poles),
        retrieval=retrieval,
        clustering=clustering,
    )


def _retrieval(
    trained: TrainedModel,
    store: DocumentCollection | None,
    space: str,
    vectors: Any,
    labels: Sequence[str | None],
) -> RetrievalScores:
    """Against the model's own labelled documents; among themselves when there are none."""
    if store is None or not any(store.labels):
        return retrieval_scores(vectors, labels)
    base = in_space(trained, store.vectors, space)
    return retrieval_scores(vectors, labels, base, store.labels)
