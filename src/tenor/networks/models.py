"""The models: each a sentence of its four parts, and how a saved one is built again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, cast

from tenor.errors import ArtifactError
from tenor.networks.decoder import LogLinearDecoder
from tenor.networks.encoder import BagEncoder
from tenor.networks.generator import Generator
from tenor.networks.network import Network
from tenor.networks.noise import Noise
from tenor.networks.normal import StandardNormal
from tenor.networks.parts import Observed
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


def nvdm(config: NVDMConfig, seed: int = 0) -> Network:
    """NVDM, the neural variational document model.

    Miao, Yu & Blunsom (2016), Neural Variational Inference for Text Processing, ICML, section 3.

        p(z)    = Normal(0, I)                                 StandardNormal
        h(z)    = z, or with hidden layers                     Generator
        p(x|z)  = Π_v softmax(R h(z) + b)_v ^ x_v              LogLinearDecoder
        q(z|x)  = Normal(μ(x), diag σ²(x))                     BagEncoder, NormalPosterior
        ELBO    = E_q[Σ_v x_v log p_v] − KL(q(z|x) ‖ p(z))     Network.bound

    Symbols: x counts (Batch.bag), μ and log σ (NormalPosterior.mean, .log_sigma), R and b
    (LogLinearDecoder.weight, .bias). In the paper h(z) = z. A document's vector is μ.
    """
    k, noise = config.n_components, Noise("cpu", seed, "weights")
    encoder = BagEncoder(
        config.n_words,
        k,
        tuple(config.encoder_sizes),
        config.encoder,
        config.activation,
        config.input_transform,
        config.dropout,
        noise,
    )
    generator = Generator(
        k, tuple(config.generator_sizes), config.generator, config.generator_dropout, noise
    )
    observes = cast(Observed, config.likelihood)
    decoder = LogLinearDecoder(config.n_words, generator.n_features, observes, noise)
    return Network(encoder, StandardNormal(k), generator, decoder, asdict(config))


# By the kind that a saved model names: from its config and a seed.
MODELS: dict[str, Callable[[dict[str, Any], int], Network]] = {
    "nvdm": lambda config, seed: nvdm(NVDMConfig(**config), seed),
}


def build_network(kind: str, config: dict[str, Any], seed: int = 0) -> Network:
    """The network of ``kind`` in the shape of ``config``.

    Raises:
        ArtifactError: for a kind this version of tenor does not know.
    """
    if kind not in MODELS:
        raise ArtifactError(f"this tenor knows no model called {kind!r}; a newer one may")
    network = MODELS[kind](config, seed)
    # As it was saved: a field that came later would make another model of the same weights.
    network.config = {name: network.config[name] for name in config}
    return network
