"""What every variational document model is to the rest of tenor: a posterior and a likelihood."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from tenor.bow import BagOfWords, DocumentCounts
from tenor.kernels import Bag
from tenor.networks.noise import Noise
from tenor.networks.normal import NormalPosterior


@dataclass(frozen=True, eq=False)
class Batch:
    """What flows into a network: bags, their rows in the corpus, and named dense columns.

    Attributes:
        bag: the counts of B documents.
        rows: (B,) row of each document in its corpus.
        columns: further (B, …) arrays by name; NVDM needs none.
        thinned: what the encoder sees in place of the documents, when training denoises.
    """

    bag: Bag
    rows: Tensor
    columns: Mapping[str, Tensor] = field(default_factory=dict)
    thinned: Bag | None = None

    @property
    def seen(self) -> Bag:
        """What the encoder sees: the documents, or their thinned selves."""
        return self.bag if self.thinned is None else self.thinned

    def __len__(self) -> int:
        return len(self.bag)


@dataclass(frozen=True, eq=False)
class Bound:
    """The evidence lower bound of each document, in nats, by its terms.

    Attributes:
        reconstruction: (B,) E_q[log p(x|z)], averaged over the samples drawn.
        kl: (B,) KL(q(z|x) ‖ p(z)).
        kl_weight: what the KL counts for in ``objective``.
    """

    reconstruction: Tensor
    kl: Tensor
    kl_weight: float

    @property
    def elbo(self) -> Tensor:
        """(B,) reconstruction − KL."""
        return self.reconstruction - self.kl

    @property
    def objective(self) -> Tensor:
        """(B,) what training maximises: reconstruction − kl_weight · KL."""
        return self.reconstruction - self.kl_weight * self.kl


class VariationalNetwork(nn.Module, ABC):
    """p(x, z) and q(z|x) of one model. Without ``noise`` every method is deterministic."""

    @property
    @abstractmethod
    def n_words(self) -> int:
        """V, the size of the vocabulary."""

    @property
    @abstractmethod
    def n_components(self) -> int:
        """K, the latent dimensions."""

    @abstractmethod
    def config(self) -> dict[str, Any]:
        """JSON-ready settings from which the same network is built again."""

    @abstractmethod
    def observed(self, bag: DocumentCounts) -> DocumentCounts:
        """The x of this model: the counts themselves, or what its likelihood makes of them."""

    @abstractmethod
    def learn(self, bag: DocumentCounts) -> None:
        """Take what the training documents fix before the first step."""

    @abstractmethod
    def posterior(self, batch: Batch, noise: Noise | None = None) -> NormalPosterior:
        """q(z|x) of every document; ``noise`` turns dropout on."""

    @abstractmethod
    def features(self, z: Tensor, noise: Noise | None = None) -> Tensor:
        """h(z): (…, K) to the (…, F) features the decoder reads."""

    @abstractmethod
    def log_prior(self, z: Tensor) -> Tensor:
        """log p(z) of z (S, B, K): (S, B)."""

    @abstractmethod
    def nll(self, features: Tensor, bag: Bag, weights: Tensor | None = None) -> Tensor:
        """−log p(x|h) in nats: (S, B) for features (S, B, F).

        ``weights`` (B,), the documents' weights in the loss where known, only saves time.
        """

    @abstractmethod
    def word_probabilities(self, features: Tensor) -> Tensor:
        """p(v|h) for a few documents: (B, V). Callers keep B small."""

    @abstractmethod
    def decoder_weight(self) -> Tensor:
        """The (V, F) matrix between features and logits, centred at the end of a fit."""

    @abstractmethod
    def components(self) -> Tensor:
        """(K, V) how each latent dimension moves the logit of each word."""

    @abstractmethod
    def generative_parameters(self) -> Iterable[nn.Parameter]:
        """The parameters of p(x|z)."""

    @abstractmethod
    def inference_parameters(self) -> Iterable[nn.Parameter]:
        """The parameters of q(z|x)."""

    @abstractmethod
    def decayed_parameters(self) -> Iterable[nn.Parameter]:
        """The parameters that weight decay applies to."""

    @abstractmethod
    def word_parameters(self) -> Iterable[nn.Parameter]:
        """Those with a row a word, of which a batch reads the rows of the words seen alone."""

    @abstractmethod
    def ask_sparse_gradients(self, asked: bool) -> None:
        """Whether the gradients of :meth:`word_parameters` come as sparse rows."""

    @abstractmethod
    def finish(self) -> None:
        """Bring the weights to their canonical form at the end of a fit."""

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    def batch(self, bag: BagOfWords, first_row: int = 0) -> Batch:
        """Neighbouring documents of a corpus as a batch on the network's device."""
        rows = torch.arange(first_row, first_row + len(bag))
        return Batch(Bag.of(self.observed(bag).joined(), self.device), rows)

    def bound(
        self,
        batch: Batch,
        noise: Noise,
        kl_weight: float = 1.0,
        n_samples: int = 1,
        weights: Tensor | None = None,
    ) -> Bound:
        """The bound of each document from ``n_samples`` reparameterised samples.

        ``weights`` (B,), the documents' weights in the loss where known, only saves time.
        """
        posterior = self.posterior(batch, noise)
        z = posterior.sample(posterior.noise(n_samples, noise))
        reconstruction = -self.nll(self.features(z, noise), batch.bag, weights).mean(0)
        return Bound(reconstruction, posterior.kl(), kl_weight)
