"""The four parts of a network, abstract: encoder with its posterior, prior, map, decoder.

A model is final parts put together (see :mod:`tenor.networks.models`). Without ``noise`` every
method here is deterministic.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Generic, Literal, Self, TypeVar

import torch
from torch import Tensor, nn

from tenor.bow import BagOfWords, DocumentCounts
from tenor.documents import Documents
from tenor.kernels import Bag
from tenor.kernels.bag import copied
from tenor.networks.noise import Noise

Observed = Literal["counts", "presence"]
NO_COLUMNS: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, eq=False)
class Batch:
    """What flows into a network: bags, their rows in the corpus, and named dense columns."""

    bag: Bag  # the counts of B documents
    rows: Tensor  # (B,) row of each document among those asked about
    columns: Mapping[str, Tensor] = field(default_factory=dict)  # (B, M) that the network reads
    thinned: Bag | None = None  # what the encoder sees instead, when training denoises
    # (B,) what each weighs in the loss, where that is known: saves decoders time, changes nothing.
    weights: Tensor | None = None

    @classmethod
    def of(
        cls,
        documents: Documents,
        rows: Tensor,
        device: torch.device,
        thinned: BagOfWords | None = None,
        weights: Tensor | None = None,
    ) -> Batch:
        """Documents copied to ``device``, with all their columns."""
        return cls(
            Bag.of(documents.bag.joined(), device),
            rows,
            {
                name: copied(column.joined(), torch.float32, device)
                for name, column in documents.columns.items()
            },
            None if thinned is None else Bag.of(thinned, device),
            weights,
        )

    @property
    def seen(self) -> Bag:
        """What the encoder sees: the documents, or their thinned selves."""
        return self.bag if self.thinned is None else self.thinned

    def __len__(self) -> int:
        return len(self.bag)


class Posterior(ABC):
    """q(z|x) of B documents over K latent dimensions.

    Attributes:
        mean: (B, K) E_q[z].
        log_sigma: (B, K) the logarithm of each dimension's standard deviation.
    """

    mean: Tensor
    log_sigma: Tensor

    @abstractmethod
    def noise(self, n_samples: int, noise: Noise) -> Tensor:
        """ε for ``n_samples`` samples of every document: (S, B, K)."""

    @abstractmethod
    def shared_noise(self, n_pairs: int, noise: Noise) -> Tensor:
        """``n_pairs`` antithetic pairs of ε, the same for all documents: (2 n_pairs, 1, K)."""

    @abstractmethod
    def sample(self, epsilon: Tensor) -> Tensor:
        """z for ε (S, B, K) or (S, 1, K): (S, B, K), differentiable in the posterior."""

    @abstractmethod
    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z|x) of z (S, B, K): (S, B)."""

    @property
    @abstractmethod
    def free(self) -> Tensor:
        """(…, B, n) the numbers that make it, which refinement moves."""

    @abstractmethod
    def with_free(self, free: Tensor) -> Self:
        """The posterior that other numbers make."""

    @abstractmethod
    def hold_(self, free: Tensor) -> None:
        """Bring numbers that a step took out of their range back into it, in place."""


Q = TypeVar("Q", bound=Posterior)


class Encoder(nn.Module, ABC, Generic[Q]):
    """From documents to their posteriors.

    Attributes:
        reads: the columns it needs beside the counts, by name, and how wide each is.
        sparse_gradient: whether the gradients of :meth:`word_parameters` come as sparse rows.
    """

    reads: Mapping[str, int] = NO_COLUMNS
    sparse_gradient = False

    @abstractmethod
    def forward(self, batch: Batch, noise: Noise | None = None) -> Q:
        """q(z|x) of every document; ``noise`` turns dropout on."""

    def learn(self, documents: Documents) -> None:  # most learn nothing
        """Take what the training documents fix before the first step."""

    def word_parameters(self) -> Iterable[nn.Parameter]:
        """Those with a row a word, of which a batch reads the rows of the words seen alone."""
        return ()


class Prior(nn.Module, ABC, Generic[Q]):
    """p(z), which may depend on the document; it knows its KL from the posteriors it is for.

    Attributes:
        reads: as an encoder's.
    """

    reads: Mapping[str, int] = NO_COLUMNS

    @abstractmethod
    def log_prob(self, z: Tensor, batch: Batch) -> Tensor:
        """log p(z) of z (S, B, K): (S, B)."""

    @abstractmethod
    def kl(self, posterior: Q, batch: Batch) -> Tensor:
        """KL(q(z|x) ‖ p(z)) in nats, in closed form: (B,)."""

    @abstractmethod
    def sample(self, n: int, noise: Noise) -> Tensor:
        """z ~ p(z): (n, K)."""


class Map(nn.Module, ABC):
    """h(z): from the latent vector to the features that the decoder reads.

    What a document is to a user is its *vector*: h, or a part of it, at the posterior mean.

    Attributes:
        n_components: K, the size of the latent vector z.
        n_vector: the size of the document's vector.
        n_features: F, the size of h.
    """

    n_components: int
    n_vector: int
    n_features: int

    @abstractmethod
    def forward(self, z: Tensor, noise: Noise | None = None) -> Tensor:
        """h(z): (…, K) to (…, F); ``noise`` turns dropout on."""

    @abstractmethod
    def vector(self, mean: Tensor) -> Tensor:
        """The documents' vectors at their posterior means (…, K): (…, n_vector)."""

    @abstractmethod
    def of_vector(self, vector: Tensor) -> Tensor:
        """h of documents by their vectors (…, n_vector): (…, F)."""

    def slope(self, vector: Tensor) -> Tensor | None:
        """∂h/∂vector at one vector (n_vector,): (F, n_vector); None where h is the vector."""
        if self.of_vector(vector) is vector:
            return None
        slope: Tensor = torch.autograd.functional.jacobian(self.of_vector, vector)  # type: ignore[no-untyped-call]
        return slope


class Decoder(nn.Module, ABC):
    """p(x|h).

    Attributes:
        n_words: V, the size of the vocabulary.
        observes: what x is: the "counts", or their "presence" min(x, 1).
        reads: as an encoder's.
    """

    reads: Mapping[str, int] = NO_COLUMNS
    n_words: int
    observes: Observed

    def observed(self, counts: DocumentCounts) -> DocumentCounts:
        """The x of this model."""
        return counts.presence() if self.observes == "presence" else counts

    def learn(self, documents: Documents) -> None:  # some learn nothing
        """Take what the training documents fix before the first step."""

    @abstractmethod
    def nll(self, features: Tensor, batch: Batch, noise: Noise | None = None) -> Tensor:
        """−log p(x|h) in nats: (S, B) for features (S, B, F).

        ``noise`` is there in training alone, where a decoder may look at the batch as a whole.
        """

    @abstractmethod
    def probabilities(self, features: Tensor) -> Tensor:
        """p(v|h) for a few documents: (B, V) for features (B, F). Callers keep B small."""

    @abstractmethod
    def slope(self, features: Tensor) -> Tensor:
        """∂ log p(v|h) / ∂h at h (F,), but for one vector that all words share: (V, F)."""

    def decayed(self) -> Iterable[nn.Parameter]:
        """The parameters that weight decay applies to."""
        return ()

    def finish(self) -> None:  # some have but one form
        """Bring the weights to their canonical form at the end of a fit."""
