"""Two models that are not NVDM in any part, which the contract holds for all the same.

Mixture:  q = Normal,  p(z) = Laplace's approximation of Dirichlet(α),  h = log softmax(z),
          p(v|h) = Σ_k exp(h_k) β_kv;  a document's vector is softmax(μ)
Shifted:  q = Normal(μ, σ² I), one σ a document,  p(z) = Normal(m, diag s²) with m and s free,
          h = W z,  p(v|h) = softmax(R h + b)_v by a dense product, of the words' presence;
          a document's vector is W μ, longer than z

And a third, Beside, is NVDM but for an encoder that reads five numbers a document, the column
"embedding", beside the words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, final

import numpy as np
import torch
from torch import Tensor, nn

from tenor.estimators.base import DocumentModel
from tenor.kernels import bag_linear, mixture_nll
from tenor.networks.decoder import LogLinearDecoder
from tenor.networks.encoder import BagEncoder
from tenor.networks.generator import Generator
from tenor.networks.layers import Linear, glorot
from tenor.networks.network import Network
from tenor.networks.noise import Noise
from tenor.networks.normal import NormalPosterior, StandardNormal
from tenor.networks.parts import Batch, Decoder, Encoder, Map, Posterior, Prior
from tenor.settings import LatentParameters

TINY = torch.finfo(torch.float32).tiny


def normal_log_prob(z: Tensor, mean: Tensor, log_sigma: Tensor) -> Tensor:
    """(…,) log Normal(z; mean, diag σ²) of z (…, K)."""
    return torch.distributions.Normal(mean, log_sigma.exp()).log_prob(z).sum(-1)


def normal_kl(posterior: Posterior, mean: Tensor, log_sigma: Tensor) -> Tensor:
    """(B,) KL of a diagonal normal posterior from Normal(mean, diag σ²)."""
    q = torch.distributions.Normal(posterior.mean, posterior.log_sigma.exp())
    return torch.distributions.kl_divergence(
        q, torch.distributions.Normal(mean, log_sigma.exp())
    ).sum(-1)


@final
class LaplaceDirichlet(Prior[NormalPosterior]):
    """μ_k = log α_k − mean log α,  σ²_k = (1 − 2/K) / α_k + Σ_i 1/α_i / K²  (MacKay 1998)."""

    mean: Tensor
    log_sigma: Tensor

    def __init__(self, alpha: list[float]) -> None:
        super().__init__()
        a, k = torch.tensor(alpha), len(alpha)
        variance = (1 - 2 / k) / a + (1 / a).sum() / k**2
        self.register_buffer("mean", a.log() - a.log().mean(), persistent=False)
        self.register_buffer("log_sigma", variance.log() / 2, persistent=False)

    def log_prob(self, z: Tensor, batch: Batch) -> Tensor:
        return normal_log_prob(z, self.mean, self.log_sigma)

    def kl(self, posterior: NormalPosterior, batch: Batch) -> Tensor:
        return normal_kl(posterior, self.mean, self.log_sigma)

    def sample(self, n: int, noise: Noise) -> Tensor:
        return self.mean + self.log_sigma.exp() * noise.normal(n, len(self.mean))


@final
class LogSoftmax(Map):
    """h = log softmax(z); the vector is softmax(z)."""

    def __init__(self, n_components: int) -> None:
        super().__init__()
        self.n_components = self.n_vector = self.n_features = n_components

    def forward(self, z: Tensor, noise: Noise | None = None) -> Tensor:
        return torch.log_softmax(z, -1)

    def vector(self, mean: Tensor) -> Tensor:
        return torch.softmax(mean, -1)

    def of_vector(self, vector: Tensor) -> Tensor:
        return vector.clamp_min(TINY).log()


@final
class MixtureDecoder(Decoder):
    """p(v|h) = Σ_k exp(h_k) β_kv, β_k = softmax of column k of the weight (V, K)."""

    def __init__(self, n_words: int, n_topics: int, noise: Noise) -> None:
        super().__init__()
        self.n_words, self.observes = n_words, "counts"
        self.weight = glorot(noise, n_words, n_topics, gain=5.0)

    def learn(self, documents: Any) -> None:
        with torch.no_grad():
            self.weight += torch.tensor(np.log(documents.bag.word_frequency + 1.0))[:, None]

    @property
    def log_topics(self) -> Tensor:
        return torch.log_softmax(self.weight, 0)

    def nll(self, features: Tensor, batch: Batch, noise: Noise | None = None) -> Tensor:
        return mixture_nll(features, self.log_topics, batch.bag)

    def probabilities(self, features: Tensor) -> Tensor:
        return features.exp() @ self.log_topics.exp().t()

    def slope(self, features: Tensor) -> Tensor:
        """(V, K) the responsibilities, since log p_v = logsumexp_k(h_k + log β_kv)."""
        return torch.softmax(features + self.log_topics, 1)


@final
@dataclass(frozen=True, eq=False)
class RoundPosterior(Posterior):
    """Normal(μ, σ² I): σ (B, 1) is one number a document."""

    mean: Tensor
    log_scale: Tensor

    @property
    def log_sigma(self) -> Tensor:  # type: ignore[override]
        return self.log_scale.expand_as(self.mean)

    def noise(self, n_samples: int, noise: Noise) -> Tensor:
        return noise.normal(n_samples, *self.mean.shape)

    def shared_noise(self, n_pairs: int, noise: Noise) -> Tensor:
        epsilon = noise.normal(n_pairs, 1, self.mean.shape[1])
        return torch.cat([epsilon, -epsilon])

    def sample(self, epsilon: Tensor) -> Tensor:
        return self.mean + self.log_scale.exp() * epsilon

    def log_prob(self, z: Tensor) -> Tensor:
        return normal_log_prob(z, self.mean, self.log_sigma)

    @property
    def free(self) -> Tensor:
        return torch.cat([self.mean, self.log_scale], 1)

    def with_free(self, free: Tensor) -> RoundPosterior:
        return RoundPosterior(free[:, :-1], free[:, -1:])

    def hold_(self, free: Tensor) -> None:
        free[:, -1].clamp_(-3, 3)


@final
class RoundEncoder(Encoder[RoundPosterior]):
    """Two tanh layers."""

    def __init__(self, n_words: int, n_components: int, noise: Noise) -> None:
        super().__init__()
        self.embedding = glorot(noise, n_words, 48)
        self.hidden = Linear(48, 48, noise)
        self.head = Linear(48, n_components + 1, noise)

    def word_parameters(self) -> list[nn.Parameter]:
        return [self.embedding]

    def forward(self, batch: Batch, noise: Noise | None = None) -> RoundPosterior:
        bag = batch.seen
        first = bag_linear(bag, torch.log1p(bag.counts), self.embedding, self.sparse_gradient)
        raw = self.head(torch.tanh(self.hidden(torch.tanh(first))))
        return RoundPosterior(raw[:, :-1], 3 * torch.tanh(raw[:, -1:] / 3))


@final
class FreeNormal(Prior[RoundPosterior]):
    """p(z) = Normal(m, diag s²), both learned."""

    def __init__(self, n_components: int) -> None:
        super().__init__()
        self.mean = nn.Parameter(torch.full((n_components,), 0.5))
        self.log_sigma = nn.Parameter(torch.full((n_components,), -0.2))

    def log_prob(self, z: Tensor, batch: Batch) -> Tensor:
        return normal_log_prob(z, self.mean, self.log_sigma)

    def kl(self, posterior: RoundPosterior, batch: Batch) -> Tensor:
        return normal_kl(posterior, self.mean, self.log_sigma)

    def sample(self, n: int, noise: Noise) -> Tensor:
        return self.mean + self.log_sigma.exp() * noise.normal(n, len(self.mean))


@final
class Spread(Map):
    """h = W z, which is the vector too."""

    def __init__(self, n_components: int, n_vector: int, noise: Noise) -> None:
        super().__init__()
        self.n_components, self.n_vector, self.n_features = n_components, n_vector, n_vector
        self.weight = glorot(noise, n_vector, n_components)

    def forward(self, z: Tensor, noise: Noise | None = None) -> Tensor:
        return z @ self.weight.t()

    def vector(self, mean: Tensor) -> Tensor:
        return mean @ self.weight.t()

    def of_vector(self, vector: Tensor) -> Tensor:
        return vector


@final
class DenseDecoder(Decoder):
    """softmax(R h + b), every logit made."""

    def __init__(self, n_words: int, n_features: int, noise: Noise) -> None:
        super().__init__()
        self.n_words, self.observes = n_words, "presence"
        self.linear = Linear(n_features, n_words, noise)

    def nll(self, features: Tensor, batch: Batch, noise: Noise | None = None) -> Tensor:
        bag = batch.bag
        x = features.new_zeros(len(bag), bag.n_words)
        x[bag.documents, bag.words] = bag.counts.to(x.dtype)
        return -(x * torch.log_softmax(self.linear(features), -1)).sum(-1)

    def probabilities(self, features: Tensor) -> Tensor:
        return torch.softmax(self.linear(features), -1)

    def slope(self, features: Tensor) -> Tensor:
        return self.linear.weight.detach()

    def decayed(self) -> list[nn.Parameter]:
        return [self.linear.weight]


@final
class BesideEncoder(Encoder[NormalPosterior]):
    """tanh(W log(1 + x) + E e), then μ and log σ."""

    def __init__(self, n_words: int, n_components: int, width: int, noise: Noise) -> None:
        super().__init__()
        self.reads = {"embedding": width}
        self.embedding = glorot(noise, n_words, 32)
        self.beside = Linear(width, 32, noise)
        self.head = Linear(32, 2 * n_components, noise)

    def word_parameters(self) -> list[nn.Parameter]:
        return [self.embedding]

    def forward(self, batch: Batch, noise: Noise | None = None) -> NormalPosterior:
        bag = batch.seen
        first = bag_linear(bag, torch.log1p(bag.counts), self.embedding, self.sparse_gradient)
        hidden = torch.tanh(first + self.beside(batch.columns["embedding"]))
        mean, raw = self.head(hidden).chunk(2, -1)
        return NormalPosterior(mean, 3 * torch.tanh(raw / 3))


def mixture(config: dict[str, Any], seed: int = 0) -> Network:
    """The mixture of the module's docstring."""
    n_words, k, noise = config["n_words"], config["n_components"], Noise("cpu", seed, "weights")
    encoder = BagEncoder(n_words, k, (64, 64), "residual", "tanh", "log1p", 0.1, noise)
    prior = LaplaceDirichlet([0.5 + 0.05 * i for i in range(k)])
    return Network(encoder, prior, LogSoftmax(k), MixtureDecoder(n_words, k, noise), config)


def shifted(config: dict[str, Any], seed: int = 0) -> Network:
    """The log-linear model of the module's docstring."""
    n_words, k, noise = config["n_words"], config["n_components"], Noise("cpu", seed, "weights")
    wide = Spread(k, k + 3, noise)
    encoder, decoder = RoundEncoder(n_words, k, noise), DenseDecoder(n_words, k + 3, noise)
    return Network(encoder, FreeNormal(k), wide, decoder, config)


def beside(config: dict[str, Any], seed: int = 0) -> Network:
    """NVDM with an encoder that reads a column."""
    n_words, k, noise = config["n_words"], config["n_components"], Noise("cpu", seed, "weights")
    encoder, generator = BesideEncoder(n_words, k, 5, noise), Generator(k, (), "beside", 0.0, noise)
    decoder = LogLinearDecoder(n_words, k, "counts", noise)
    return Network(encoder, StandardNormal(k), generator, decoder, config)


BUILDERS = {"mixture": mixture, "shifted": shifted, "beside": beside}


@dataclass(eq=False, repr=False, kw_only=True)
class Small(DocumentModel, LatentParameters):
    """An estimator without parameters of its own; a subclass names its network."""

    n_components: int = field(default=8, kw_only=False)
    epochs: int | None = 60
    batch_size: int = 100
    learning_rate: float = 1e-2
    weight_decay: float = 0.0
    kl_warmup: int = 20
    device: str = "cpu"

    def _shape(self) -> dict[str, Any]:
        return {"n_components": self.n_components}


@final
class Mixture(Small):
    _kind = "mixture"
    _two_poles = False


@final
class Beside(Small):
    _kind = "beside"
    _two_poles = True


@final
class Shifted(Small):
    _kind = "shifted"
    _two_poles = True
