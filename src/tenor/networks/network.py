"""A network: the four parts of a model put together, and the bound that they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, final

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tenor.documents import Documents
from tenor.errors import InputError
from tenor.networks.noise import Noise
from tenor.networks.parts import Batch, Decoder, Encoder, Map, Posterior, Prior, Q


@dataclass(frozen=True, eq=False)
class Bound:
    """The evidence lower bound of each document, in nats, by its terms."""

    latent: Tensor  # (S, B, K) the samples z drawn
    log_likelihood: Tensor  # (S, B) log p(x|z) of each
    kl: Tensor  # (B,) KL(q(z|x) ‖ p(z))

    @cached_property
    def reconstruction(self) -> Tensor:
        """(B,) E_q[log p(x|z)], averaged over the samples."""
        return self.log_likelihood.mean(0)

    @property
    def elbo(self) -> Tensor:
        """(B,) reconstruction − KL."""
        return self.reconstruction - self.kl

    def objective(self, kl_weight: float) -> Tensor:
        """(B,) what training maximises: reconstruction − kl_weight · KL."""
        return self.reconstruction - kl_weight * self.kl


@final
class Network(nn.Module):
    """One model: encoder q(z|x), prior p(z), map h(z) and decoder p(x|h).

    ``config`` are JSON-ready settings from which the same network is built again.
    """

    def __init__(
        self,
        encoder: Encoder[Q],
        prior: Prior[Q],
        map: Map,
        decoder: Decoder,
        config: Mapping[str, Any],
    ) -> None:
        super().__init__()
        self.encoder: Encoder[Any] = encoder
        self.generator: Map = map  # the name of its tensors in files
        self.decoder: Decoder = decoder
        self.prior: Prior[Any] = prior
        self.config = dict(config)

    @property
    def n_words(self) -> int:
        """V, the size of the vocabulary."""
        return self.decoder.n_words

    @property
    def n_components(self) -> int:
        """K, the latent dimensions."""
        return self.generator.n_components

    @property
    def n_vector(self) -> int:
        """The size of a document's vector."""
        return self.generator.n_vector

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.parameters()).device

    @property
    def reads(self) -> dict[str, int]:
        """The columns that documents need beside their counts, by name, and how wide each is."""
        return {**self.encoder.reads, **self.prior.reads, **self.decoder.reads}

    @property
    def word_tensor(self) -> str | None:
        """The tensor whose rows are the word vectors; None where h is not the vector itself."""
        origin = self._origin()
        if self.generator.slope(origin) is not None:
            return None
        rows, tensors = self.word_slopes(), self.state_dict()
        same = (n for n, t in tensors.items() if t.shape == rows.shape and t.equal(rows))
        return next(same, None)

    def take_arrays(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Have these weights.

        Raises:
            InputError: names the first that does not fit, in one line.
        """
        wanted = self.state_dict()
        for name in sorted(wanted.keys() | arrays.keys()):
            if name not in arrays:
                raise InputError(f'the weights have no tensor "{name}", which the network needs')
            if name not in wanted:
                raise InputError(f'the weights hold a tensor "{name}", which the network has not')
            if arrays[name].shape != wanted[name].shape:
                shapes = tuple(arrays[name].shape), tuple(wanted[name].shape)
                raise InputError(
                    f'"{name}" of the weights has the shape {shapes[0]}, not {shapes[1]}'
                )
        self.load_state_dict({name: torch.from_numpy(value) for name, value in arrays.items()})

    def learn(self, documents: Documents) -> None:
        """Take what the training documents fix before the first step."""
        self.encoder.learn(documents)
        self.decoder.learn(documents)

    def observed(self, documents: Documents) -> Documents:
        """What the model sees of documents: its x, and the columns it reads.

        Raises:
            InputError: when one of these is missing or of another width.
        """
        columns = {}
        for name, width in self.reads.items():
            if name not in documents.columns:
                said = f"the model reads the column {name!r}, which the documents do not have"
                raise InputError(said)
            columns[name] = column = documents.columns[name]
            if column.width != width:
                raise InputError(
                    f"the column {name!r} has {column.width} numbers a document, "
                    f"and the model reads {width}"
                )
        return Documents(self.decoder.observed(documents.bag), columns)

    def batch(self, documents: Documents, first_row: int = 0) -> Batch:
        """A batch of neighbouring documents whose first one is ``first_row``, as observed."""
        rows = torch.arange(first_row, first_row + len(documents))
        return Batch.of(self.observed(documents), rows, self.device)

    def bound(
        self, posterior: Posterior, batch: Batch, epsilon: Tensor, noise: Noise | None = None
    ) -> Bound:
        """The bound of each document under samples made of ε, (S, B, K) or (S, 1, K).

        ``noise`` is there in training alone and turns dropout on.
        """
        latent = posterior.sample(epsilon)
        log_likelihood = -self.decoder.nll(self.generator(latent, noise), batch, noise)
        return Bound(latent, log_likelihood, self.prior.kl(posterior, batch))

    @torch.no_grad()
    def word_slopes(self) -> Tensor:
        """(V, F) how each feature moves the log probability of each word, at z = 0."""
        return self.decoder.slope(self.generator.of_vector(self._origin()))

    def components(self) -> Tensor:
        """(n_vector, V) how each dimension of the vectors moves that of each word, at z = 0."""
        slope, words = self.generator.slope(self._origin()), self.word_slopes()
        return (words if slope is None else words @ slope.detach()).t()

    def _origin(self) -> Tensor:
        """(n_vector,) the vector of z = 0."""
        zero = next(self.parameters()).new_zeros(self.n_components)
        return self.generator.vector(zero).detach()

    def generative_parameters(self) -> Iterator[nn.Parameter]:
        """The parameters of p(x, z)."""
        for part in (self.generator, self.decoder, self.prior):
            yield from part.parameters()

    def inference_parameters(self) -> Iterator[nn.Parameter]:
        """The parameters of q(z|x)."""
        return self.encoder.parameters()
