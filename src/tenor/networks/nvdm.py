"""NVDM, the neural variational document model.

Miao, Yu & Blunsom (2016), Neural Variational Inference for Text Processing, ICML, section 3.

    p(z)    = Normal(0, I)                                 standard normal prior
    p(x|z)  = Π_v softmax(R h(z) + b)_v ^ x_v              generator, decoder
    q(z|x)  = Normal(μ(x), diag σ²(x))                     encoder
    ELBO    = E_q[Σ_v x_v log p_v] − KL(q(z|x) ‖ p(z))     VariationalNetwork.bound

Symbols: x counts (Bag), μ and log σ (NormalPosterior.mean, .log_sigma), h (features),
R and b (LogLinearDecoder.weight, .bias). In the paper h(z) = z.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, final

from torch import Tensor, nn

from tenor.bow import DocumentCounts
from tenor.kernels import Bag
from tenor.networks.decoder import LogLinearDecoder
from tenor.networks.encoder import Encoder
from tenor.networks.generator import Generator
from tenor.networks.network import Batch, VariationalNetwork
from tenor.networks.noise import Noise
from tenor.networks.normal import NormalPosterior, standard_normal_log_prob
from tenor.parameters import check
from tenor.settings import EncoderParameters, GeneratorParameters, LatentParameters


@dataclass(kw_only=True)
class NVDMConfig(GeneratorParameters, EncoderParameters, LatentParameters):
    """The shape of an NVDM; what is saved and built again. Never changed.

    Attributes:
        n_words: V.

    Raises:
        InputError: when a value is not one the model has.
    """

    n_words: int

    def __post_init__(self) -> None:
        check(self)
        self.refuse_unfit_encoder()


@final
class NVDMNetwork(VariationalNetwork):
    """p(x, z) and q(z|x) of the module's docstring."""

    def __init__(self, config: NVDMConfig, seed: int = 0) -> None:
        super().__init__()
        self._config = config
        noise = Noise("cpu", seed, "weights")
        self.encoder = Encoder(
            config.n_words,
            config.n_components,
            tuple(config.encoder_sizes),
            config.encoder,
            config.activation,
            config.input_transform,
            config.dropout,
            noise,
        )
        self.generator = Generator(
            config.n_components,
            tuple(config.generator_sizes),
            config.generator,
            config.generator_dropout,
            noise,
        )
        self.decoder = LogLinearDecoder(config.n_words, self.generator.n_features, noise)

    @property
    def n_words(self) -> int:
        return self._config.n_words

    @property
    def n_components(self) -> int:
        return self._config.n_components

    def config(self) -> dict[str, Any]:
        return asdict(self._config)

    def observed(self, bag: DocumentCounts) -> DocumentCounts:
        return bag.presence() if self._config.likelihood == "presence" else bag

    def learn(self, bag: DocumentCounts) -> None:
        """Take the inputs' idf and the start of b, the log word frequencies."""
        self.encoder.transform.learn(bag)
        self.decoder.learn(bag)

    def posterior(self, batch: Batch, noise: Noise | None = None) -> NormalPosterior:
        posterior: NormalPosterior = self.encoder(batch.seen, noise)
        return posterior

    def features(self, z: Tensor, noise: Noise | None = None) -> Tensor:
        features: Tensor = self.generator(z, noise)
        return features

    def log_prior(self, z: Tensor) -> Tensor:
        return standard_normal_log_prob(z)

    def nll(self, features: Tensor, bag: Bag, weights: Tensor | None = None) -> Tensor:
        return self.decoder.nll(features, bag, weights)

    def word_probabilities(self, features: Tensor) -> Tensor:
        return self.decoder.probabilities(features)

    def decoder_weight(self) -> Tensor:
        return self.decoder.weight

    def components(self) -> Tensor:
        """(K, V): the slope of the logits at z = 0; Rᵀ itself when the generator is linear."""
        weight = self.decoder.weight.detach()
        if self.generator.layers:
            weight = weight @ self.generator.slope_at_origin()
        return weight.t()

    def generative_parameters(self) -> Iterator[nn.Parameter]:
        yield from self.generator.parameters()
        yield from self.decoder.parameters()

    def inference_parameters(self) -> Iterator[nn.Parameter]:
        yield from self.encoder.parameters()

    def decayed_parameters(self) -> Iterator[nn.Parameter]:
        yield self.decoder.weight

    def word_parameters(self) -> Iterator[nn.Parameter]:
        yield self.encoder.embedding

    def ask_sparse_gradients(self, asked: bool) -> None:
        self.encoder.sparse_gradient = asked

    def finish(self) -> None:
        self.decoder.centre()
