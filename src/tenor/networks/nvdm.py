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
from tenor.errors import InputError
from tenor.kernels import Bag
from tenor.networks.decoder import LogLinearDecoder
from tenor.networks.encoder import Encoder
from tenor.networks.generator import Generator
from tenor.networks.inputs import INPUT_TRANSFORMS
from tenor.networks.layers import ACTIVATIONS, UNBOUNDED
from tenor.networks.network import Batch, VariationalNetwork
from tenor.networks.noise import Noise
from tenor.networks.normal import NormalPosterior, standard_normal_log_prob

ENCODERS = ("plain", "residual")
GENERATORS = ("beside", "stacked")
LIKELIHOODS = ("counts", "presence")


@dataclass(frozen=True)
class NVDMConfig:
    """The shape of an NVDM; what is saved and built again.

    Raises:
        InputError: when a value is not one the model has.
    """

    n_words: int
    n_components: int = 50
    encoder_sizes: tuple[int, ...] = (500, 500)
    encoder: str = "residual"
    activation: str = "tanh"
    input_transform: str = "log1p"
    dropout: float = 0.1
    generator_sizes: tuple[int, ...] = ()
    generator: str = "beside"
    generator_dropout: float = 0.0
    likelihood: str = "counts"

    def __post_init__(self) -> None:
        object.__setattr__(self, "encoder_sizes", tuple(self.encoder_sizes))
        object.__setattr__(self, "generator_sizes", tuple(self.generator_sizes))
        _at_least_one("n_components", self.n_components)
        for name in ("encoder_sizes", "generator_sizes"):
            for size in getattr(self, name):
                _at_least_one(f"every one of {name}", size)
        _one_of("encoder", self.encoder, ENCODERS)
        _one_of("activation", self.activation, tuple(ACTIVATIONS))
        _one_of("input_transform", self.input_transform, INPUT_TRANSFORMS)
        _one_of("generator", self.generator, GENERATORS)
        _one_of("likelihood", self.likelihood, LIKELIHOODS)
        for name in ("dropout", "generator_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise InputError(f"{name} must be in [0, 1), not {getattr(self, name)}")
        self._check_pairs()

    def _check_pairs(self) -> None:
        unbounded = self.activation in UNBOUNDED or not self.encoder_sizes
        if self.input_transform == "counts" and unbounded:
            what = f"activation={self.activation!r}" if self.encoder_sizes else "no hidden layer"
            raise InputError(
                f"raw counts with {what} can overflow; take input_transform='log1p' or tanh layers"
            )
        if self.encoder == "residual" and len(set(self.encoder_sizes)) > 1:
            raise InputError(
                f"a residual encoder needs equal sizes, not {self.encoder_sizes}; "
                "make them equal or take encoder='plain'"
            )


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
            config.encoder_sizes,
            config.encoder,
            config.activation,
            config.input_transform,
            config.dropout,
            noise,
        )
        self.generator = Generator(
            config.n_components,
            config.generator_sizes,
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


def _at_least_one(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{name} must be a whole number of at least 1, not {value!r}")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
