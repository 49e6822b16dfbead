"""The peers behind one face: fit on counts, infer mixtures, say what a second half is worth.

Each takes documents in the form it is made for, made from the same prepared corpus; making it is
not timed. Settings are each one's own, but for these: K = 50; all cores; batches of 4,096 for
scikit-learn, whose default of 128 would make 7,000 updates of a 50 × V matrix; 100 iterations for
the samplers; and topica's LDA begins with α = 0.1 a topic, as tomotopy's (its own 1 is too much
for a few words), and learns it from then on.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from itertools import pairwise
from typing import Any, ClassVar, final

import numpy as np
import torch
from numpy.typing import NDArray
from tables import cores

from tenor.bow import BagOfWords

Array = NDArray[np.floating[Any]]
K = 50


def normalised(rows: Array) -> Array:
    """Rows that sum to 1."""
    shares: Array = rows / rows.sum(1, keepdims=True)
    return shares


class Peer(ABC):
    """One peer's model of one corpus."""

    iterations: ClassVar[int] = 1  # passes over the documents, unless others are asked for
    model: Any

    def __init__(self, words: list[str], seed: int = 0) -> None:
        self.words, self.seed = words, seed
        self.index = np.array(words, dtype=object)

    @abstractmethod
    def documents(self, bag: BagOfWords) -> Any:
        """``bag`` in this peer's own form."""

    @abstractmethod
    def fit(self, documents: Any, iterations: int) -> None:
        """Train for so many passes."""

    @abstractmethod
    def topics(self) -> Array:
        """(K, V) word probabilities."""

    @abstractmethod
    def infer(self, documents: Any) -> Array:
        """(D, K) mixtures of new documents."""

    def log_likelihood(self, mixtures: Array, second: BagOfWords) -> Array:
        """(D,) Σ_v x_v log Σ_k θ_k β_kv."""
        topics = np.ascontiguousarray(self.topics().T)
        found = np.zeros(len(second))
        for start in range(0, len(second), 1000):
            part = second[start : start + 1000]
            document = np.repeat(np.arange(len(part)), part.distinct)
            mixed = np.einsum("nk,nk->n", mixtures[start + document], topics[part.words])
            terms = part.counts * np.log(np.maximum(mixed, 1e-300))
            found[start : start + len(part)] = np.bincount(document, terms, minlength=len(part))
        return found

    def spread(self, topics: Array, words: list[str]) -> Array:
        """Topics over ``words`` as topics over all words.

        Words that the peer has not seen get what its topics give to their rarest word, which is
        what its prior alone gives.
        """
        place = {word: number for number, word in enumerate(self.words)}
        wide = np.repeat(topics.min(1, keepdims=True).astype(np.float64), len(self.words), axis=1)
        wide[:, [place[word] for word in words]] = topics
        return normalised(wide)

    def tokens(self, bag: BagOfWords) -> list[list[str]]:
        """Every document as a list of its words, each as often as it occurs."""
        bag = bag.compact()
        ends = np.zeros(bag.nnz + 1, dtype=np.int64)
        np.cumsum(bag.counts, out=ends[1:])
        listed = self.index[np.repeat(bag.words, bag.counts)].tolist()
        places = ends[bag.offsets].tolist()
        return [listed[a:b] for a, b in pairwise(places)]


@final
class ScikitLearn(Peer):
    """LatentDirichletAllocation, online variational Bayes."""

    def documents(self, bag: BagOfWords) -> Any:
        from scipy.sparse import csr_array

        bag = bag.compact()
        counts = bag.counts.astype(np.float32)
        return csr_array((counts, bag.words, bag.offsets), shape=bag.shape)

    def fit(self, documents: Any, iterations: int) -> None:
        from sklearn.decomposition import LatentDirichletAllocation

        self.model = LatentDirichletAllocation(
            K, learning_method="online", batch_size=4096, max_iter=iterations,
            total_samples=documents.shape[0], n_jobs=cores(), random_state=self.seed,
        ).fit(documents)  # fmt: skip

    def topics(self) -> Array:
        components: Array = self.model.components_
        return normalised(components)

    def infer(self, documents: Any) -> Array:
        mixtures: Array = self.model.transform(documents)
        return mixtures


@final
class Gensim(Peer):
    """LdaMulticore with a worker a core but one, as its manual advises."""

    def documents(self, bag: BagOfWords) -> Any:
        bag = bag.compact()
        words, counts, places = bag.words.tolist(), bag.counts.tolist(), bag.offsets.tolist()
        pairs = list(zip(words, counts, strict=True))
        return [pairs[a:b] for a, b in pairwise(places)]

    def fit(self, documents: Any, iterations: int) -> None:
        from gensim.models import LdaMulticore

        self.model = LdaMulticore(
            documents, num_topics=K, id2word=dict(enumerate(self.words)), passes=iterations,
            workers=max(1, cores() - 1), eval_every=None, random_state=self.seed,
        )  # fmt: skip

    def topics(self) -> Array:
        topics: Array = self.model.get_topics()
        return topics

    def infer(self, documents: Any) -> Array:
        parts = [
            self.model.inference(documents[start : start + 2000])[0]
            for start in range(0, len(documents), 2000)
        ]
        return normalised(np.concatenate(parts))


@final
class Tomotopy(Peer):
    """LDAModel, collapsed Gibbs sampling."""

    iterations = 100

    def documents(self, bag: BagOfWords) -> Any:
        return self.tokens(bag)

    def fit(self, documents: Any, iterations: int) -> None:
        import tomotopy

        self.model = tomotopy.LDAModel(k=K, seed=self.seed)
        for document in documents:
            self.model.add_doc(document, ignore_empty_words=True)
        self.model.train(iterations, workers=cores())

    def topics(self) -> Array:
        rows = [self.model.get_topic_word_dist(k) for k in range(K)]
        return self.spread(np.array(rows), list(self.model.used_vocabs))

    def infer(self, documents: Any) -> Array:
        vocabulary = set(self.model.used_vocabs)
        seen = [[word for word in document if word in vocabulary] for document in documents]
        known = [n for n, document in enumerate(seen) if document]  # it refuses empty ones
        alpha = np.asarray(self.model.alpha, dtype=np.float64)
        mixtures = np.tile(alpha / alpha.sum(), (len(documents), 1))
        made = [self.model.make_doc(seen[n]) for n in known]
        mixtures[known] = self.model.infer(made, workers=cores())[0]
        return mixtures


class _Topica(Peer):
    def documents(self, bag: BagOfWords) -> Any:
        return self.tokens(bag)

    def topics(self) -> Array:
        return self.spread(np.asarray(self.model.topic_word), list(self.model.vocabulary))

    def infer(self, documents: Any) -> Array:
        return np.asarray(self.model.transform(documents))

    def corpus(self, documents: Any) -> Any:
        import topica

        return topica.Corpus.from_documents([one for one in documents if one])


@final
class TopicaLDA(_Topica):
    """topica's LDA, collapsed Gibbs sampling with sparse sampling."""

    iterations = 100

    def fit(self, documents: Any, iterations: int) -> None:
        import topica

        self.model = topica.LDA(
            K, num_threads=cores(), seed=self.seed, alpha_sum=0.1 * K, burn_in=iterations // 5,
            optimize_interval=max(1, iterations // 10),
        )  # fmt: skip
        self.model.fit(
            self.corpus(documents), iters=iterations, num_samples=1, keep_theta_draws=False,
            progress=False,
        )  # fmt: skip


@final
class TopicaProdLDA(_Topica):
    """topica's ProdLDA, an auto-encoder; its words are a product of experts, not a mixture."""

    def fit(self, documents: Any, iterations: int) -> None:
        import topica

        self.model = topica.ProdLDA(K, seed=self.seed)
        self.model.fit(self.corpus(documents), iters=iterations, progress=False)

    def log_likelihood(self, mixtures: Array, second: BagOfWords) -> Array:
        """As a product, softmax_v(Σ_k θ_k log β_kv), or as a mixture if that is better for it."""
        experts = torch.as_tensor(np.log(np.maximum(self.topics(), 1e-30)), dtype=torch.float32)
        found = np.zeros(len(second))
        for start in range(0, len(second), 256):
            part = second[start : start + 256]
            theta = torch.as_tensor(mixtures[start : start + 256], dtype=torch.float32)
            log_p = torch.log_softmax(theta @ experts, 1).numpy()
            document = np.repeat(np.arange(len(part)), part.distinct)
            terms = part.counts * log_p[document, part.words]
            found[start : start + len(part)] = np.bincount(document, terms, minlength=len(part))
        mixed = super().log_likelihood(mixtures, second)
        return found if found.sum() > mixed.sum() else mixed


PEERS: dict[str, type[Peer]] = {
    "gensim LdaMulticore": Gensim,
    "scikit-learn online LDA": ScikitLearn,
    "tomotopy LDA": Tomotopy,
    "topica LDA": TopicaLDA,
    "topica ProdLDA": TopicaProdLDA,
}
