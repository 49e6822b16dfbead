"""tenor.NVDM: the neural variational document model as an estimator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, final

from tenor.estimators.base import DocumentModel
from tenor.model.fitting import Plan
from tenor.networks.models import nvdm
from tenor.networks.network import Network
from tenor.networks.nvdm import NVDMConfig
from tenor.parameters import documented, shared
from tenor.settings import EncoderParameters, GeneratorParameters, LatentParameters
from tenor.training.settings import TrainingSettings
from tenor.training.world import choose_device


@final
@documented
@dataclass(eq=False, repr=False, kw_only=True)
class NVDM(DocumentModel, GeneratorParameters, EncoderParameters, LatentParameters):
    """Neural variational document model (Miao, Yu & Blunsom 2016).

        z ~ Normal(0, I),   x ~ Multinomial(N, softmax(R h(z) + b)),   q(z|x) = Normal(μ(x), σ²(x))

    See docs/models/nvdm.md for the equations and when to use it.

    Args:
        {parameters}

    Attributes:
        topics_: what the documents are about; see :class:`ModelTopics`.
        vocabulary_: the V words.
        components_: (K, V) how each latent dimension moves the logit of each word.
        word_vectors_: (V, K).
        history_: one record an epoch.
    """

    @property
    def _two_poles(self) -> bool:
        return True

    def _plan(self, seed: int) -> Plan:
        shape = shared(self, NVDMConfig)
        NVDMConfig(n_words=1, **shape)  # refuse bad parameters before any document is read
        settings = TrainingSettings(**shared(self, TrainingSettings), seed=seed)
        return Plan(
            kind="nvdm",
            build=partial(build_nvdm, shape, seed),
            settings=settings,
            device=choose_device(self.device),
        )


def build_nvdm(shape: dict[str, Any], seed: int, n_words: int) -> Network:
    """An NVDM over ``n_words`` words; a function of the module, so that it can be pickled."""
    return nvdm(NVDMConfig(n_words=n_words, **shape), seed)
