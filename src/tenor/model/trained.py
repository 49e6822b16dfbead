"""A trained model: a network, and all it takes to read documents and to say where it is from."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tenor.bow import DocumentCounts
from tenor.corpus.placement import Placement
from tenor.documents import Documents
from tenor.model.weights import Weights
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

if TYPE_CHECKING:
    from tenor.inference.encode import Posteriors
    from tenor.inference.generate import WordCounts
    from tenor.networks.network import Network


@dataclass(frozen=True)
class Statistics:
    """What training documents leave behind besides weights."""

    word_frequency: NDArray[np.int64]  # (V,)
    document_frequency: NDArray[np.int64]  # (V,)
    n_documents: int
    n_tokens: int
    n_empty: int  # documents without a known word
    typical_length: int  # the median number of tokens of a document that has any
    placement: Placement | None = None  # where the words stand in the documents, if it is known

    @classmethod
    def of(cls, bag: DocumentCounts, placement: Placement | None) -> Statistics:
        """Count ``bag``, whose texts told the placement if there were texts."""
        lengths = bag.lengths
        filled = lengths[lengths > 0]
        return cls(
            bag.word_frequency,
            bag.document_frequency,
            len(bag),
            int(lengths.sum()),
            int((lengths == 0).sum()),
            int(np.median(filled)) if len(filled) else 0,
            placement,
        )

    @property
    def early_share(self) -> NDArray[np.float64] | None:
        """(V,) which share of a word's tokens begin their texts, see :attr:`Corpus.early_share`."""
        return None if self.placement is None else self.placement.early_share

    @property
    def late_share(self) -> NDArray[np.float64] | None:
        """(V,) which share of a word's tokens end their texts, see :attr:`Corpus.late_share`."""
        return None if self.placement is None else self.placement.late_share

    def plus(self, other: Statistics) -> Statistics:
        """Both together; the typical length is that of the larger one.

        Where the words stand is known of both together only when it is of each.
        """
        larger = max(self, other, key=lambda one: one.n_documents)
        placement = None
        if self.placement is not None and other.placement is not None:
            placement = self.placement.plus(other.placement)
        return Statistics(
            self.word_frequency + other.word_frequency,
            self.document_frequency + other.document_frequency,
            self.n_documents + other.n_documents,
            self.n_tokens + other.n_tokens,
            self.n_empty + other.n_empty,
            larger.typical_length,
            placement,
        )


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """What a fit leaves: saved, wrapped by an estimator, explored.

    What only reads it loads no torch; whoever asks for the network or for vectors of documents
    does, and that is a MissingLibraryError where it is not installed.
    """

    kind: str  # the model's name in files, "nvdm"
    weights: Weights  # of a frozen network
    vocabulary: Vocabulary  # V words
    tokenizer: Tokenizer | None  # how its texts were cut; None when trained on ready counts
    statistics: Statistics
    history: list[dict[str, Any]] = field(default_factory=list)  # one record an epoch
    # Where it is from: source, what was read, fingerprint, outcome, versions.
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def network(self) -> Network:
        """The network itself."""
        return self.weights.network

    def id_of(self, word: str) -> int:
        """The id of a word that a person wrote; UnknownWordError where there is none."""
        return self.vocabulary.id_of(word, self.tokenizer)

    @property
    def unknown_share(self) -> float | None:
        """Which share of the tokens its words left out of the documents that they were chosen from,
        see :meth:`tenor.corpus.coverage.Coverage.is_poor`; None where nobody counted.
        """
        share = self.provenance.get("unknown_share")
        return share if isinstance(share, float) else None

    @cached_property
    def components(self) -> NDArray[np.float32]:
        """(K, V) how each dimension of the vectors moves the logit of each word."""
        return self.weights.components()

    @cached_property
    def decoder_weight(self) -> NDArray[np.float32]:
        """(V, F) how each feature moves the log probability of each word; R if it is log-linear."""
        return self.weights.slopes()

    @cached_property
    def idf(self) -> NDArray[np.float64]:
        """(V,) log((1 + D) / (1 + df)) + 1, scikit-learn's smooth idf."""
        statistics = self.statistics
        return np.log((1 + statistics.n_documents) / (1 + statistics.document_frequency)) + 1

    @property
    def n_vector(self) -> int:
        """The size of a document's vector."""
        return self.weights.facts.n_vector

    def vectors(self, documents: Documents, refine: int = 0) -> NDArray[np.float32]:
        """(D, n_vector) the documents' vectors, after so many steps of refinement."""
        network = self.network
        from tenor.inference.encode import vectors
        from tenor.inference.refine import Refinement

        return vectors(network, documents, Refinement.of(refine))

    def posteriors(self, documents: Documents, refine: int = 0) -> Posteriors:
        """q(z|x) of the documents, after so many steps of refinement."""
        network = self.network
        from tenor.inference.encode import encode
        from tenor.inference.refine import Refinement

        return encode(network, documents, Refinement.of(refine))

    def features(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """(D, F) what the decoder reads of documents with these vectors (D, n_vector)."""
        if self.weights.is_plain:
            return vectors
        network = self.network
        from tenor.inference.encode import features

        return features(network, vectors)

    def reconstructed(self, documents: Documents, top: int) -> list[list[tuple[str, float]]]:
        """The ``top`` words each document is expected to hold, with expected counts."""
        network = self.network
        from tenor.inference.generate import expected_counts

        return expected_counts(network, documents, self.vocabulary.words, top)

    def sample(self, n: int, length: int, seed: int) -> list[WordCounts]:
        """``n`` documents of ``length`` words drawn from the model."""
        network = self.network
        from tenor.inference.generate import sample_documents

        return sample_documents(network, self.vocabulary.words, n, length, seed)

    def digest(self) -> str:
        """SHA-256 of all that makes a document's vector: weights, vocabulary, tokenizer."""
        digest = hashlib.sha256(self.vocabulary.fingerprint().encode())
        tokenizer = None if self.tokenizer is None else self.tokenizer.to_json()
        config = dict(self.weights.config)
        about = {"kind": self.kind, "network": config, "tokenizer": tokenizer}
        digest.update(json.dumps(about, sort_keys=True).encode())
        for name, value in sorted(self.weights.arrays().items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(value).data)
        return digest.hexdigest()
