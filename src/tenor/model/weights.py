"""A network's weights for whoever reads them: facts and arrays at once, the network when asked for.

The door to torch: here and in :class:`tenor.model.trained.TrainedModel` a saved model becomes a
network, and only for a question that needs one.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any, Self, final

import numpy as np
from numpy.typing import NDArray

from tenor.errors import ArtifactError, InputError, needed_by
from tenor.storage.arrays import ArrayFile, Arrays

if TYPE_CHECKING:
    from tenor.networks.network import Network

COMPONENTS = "components"  # the array of the file that holds them where no tensor does


@dataclass(frozen=True)
class NetworkFacts:
    """What is known of a network without building it.

    Raises:
        InputError: for a value of another kind.
    """

    n_components: int  # K, the latent dimensions
    n_vector: int  # the size of a document's vector
    n_parameters: int
    reads: dict[str, int]  # the columns that documents need beside their counts, and their widths
    # The tensor whose rows are the word vectors; None where h is not the vector itself.
    word_vectors: str | None

    def __post_init__(self) -> None:
        for name in ("n_components", "n_vector", "n_parameters"):
            if not isinstance(value := getattr(self, name), int):
                raise InputError(f'"{name}" must be a whole number, not {value!r:.40}')

    @classmethod
    def of(cls, network: Network) -> Self:
        """Those of a network that is there."""
        return cls(
            network.n_components,
            network.n_vector,
            sum(parameter.numel() for parameter in network.parameters()),
            network.reads,
            network.word_tensor,
        )

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """Facts as :meth:`to_json` gave them."""
        if not isinstance(value, dict) or value.keys() != {f.name for f in fields(cls)}:
            raise InputError("the facts of the network are not those that tenor writes")
        return cls(**value)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self)


class Weights(ABC):
    """The weights of one network.

    Attributes:
        config: JSON-ready settings from which the network is built.
    """

    config: Mapping[str, Any]

    @property
    @abstractmethod
    def facts(self) -> NetworkFacts:
        """What is known of the network."""

    @property
    @abstractmethod
    def network(self) -> Network:
        """The network; MissingLibraryError where torch is not installed."""

    @abstractmethod
    def arrays(self) -> Arrays:
        """All tensors by their names."""

    @abstractmethod
    def components(self) -> NDArray[np.float32]:
        """(n_vector, V) how each dimension of the vectors moves the logit of each word."""

    @abstractmethod
    def slopes(self) -> NDArray[np.float32]:
        """(V, F) how each feature moves the log probability of each word."""

    @property
    def is_plain(self) -> bool:
        """Whether the features that the decoder reads are the document's vector itself."""
        return self.facts.word_vectors is not None


@final
class HeldWeights(Weights):
    """Those of a network that is there."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.config = network.config

    @cached_property
    def facts(self) -> NetworkFacts:
        return NetworkFacts.of(self._network)

    @property
    def network(self) -> Network:
        return self._network

    def arrays(self) -> Arrays:
        state = self._network.state_dict()
        return {name: value.detach().cpu().numpy() for name, value in state.items()}

    def components(self) -> NDArray[np.float32]:
        return np.ascontiguousarray(self._network.components().detach().cpu().numpy())

    def slopes(self) -> NDArray[np.float32]:
        return np.asarray(self._network.word_slopes().cpu().numpy())


@final
class SavedWeights(Weights):
    """Those of a model's folder: read when they are asked for, and checked before."""

    def __init__(
        self,
        kind: str,
        config: Mapping[str, Any],
        file: ArrayFile,
        components: ArrayFile | None,
        facts: NetworkFacts | None,
        device: str,
    ) -> None:
        """The files of a model's folder.

        ``components`` holds them where no tensor does, ``facts`` is None of a model of before that
        has to be built to know them; ``device`` is where the network will run.
        """
        self.config, self._kind, self._file = config, kind, file
        self._components, self._facts, self._device = components, facts, device

    def __reduce__(self) -> Any:
        return HeldWeights, (self.network,)  # a pickle has no folder

    @property
    def facts(self) -> NetworkFacts:
        return self._facts or self._held.facts

    @property
    def network(self) -> Network:
        return self._held.network

    @cached_property
    def _held(self) -> HeldWeights:
        with needed_by("the model's network"):
            from tenor.networks.models import build_network
            from tenor.training.world import choose_device
        device = choose_device(self._device)
        try:
            network = build_network(self._kind, dict(self.config))
            network.take_arrays(self._file.arrays())
        except ArtifactError:
            raise
        except (LookupError, TypeError, ValueError, RuntimeError, ArithmeticError) as error:
            reason = " ".join(str(error).split()) or type(error).__name__
            folder = self._file.path.parent
            raise ArtifactError(f"{folder} is damaged or was changed by hand: {reason}") from error
        return HeldWeights(network.to(device).requires_grad_(False))

    def verify(self) -> None:
        """Look through the files, once; ArtifactError names one that is not what was written."""
        for file in (self._file, self._components):
            if file is not None:
                file.verify()

    def arrays(self) -> Arrays:
        return self._file.arrays()

    def components(self) -> NDArray[np.float32]:
        if self.facts.word_vectors is not None:
            return np.ascontiguousarray(self._file[self.facts.word_vectors].T)
        if self._components is not None:
            return self._components[COMPONENTS]
        return self._held.components()

    def slopes(self) -> NDArray[np.float32]:
        if self.facts.word_vectors is not None:
            return self._file[self.facts.word_vectors]
        return self._held.slopes()
