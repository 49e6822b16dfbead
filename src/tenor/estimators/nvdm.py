"""tenor.NVDM: the neural variational document model as an estimator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, final

from tenor.estimators.base import DocumentModel
from tenor.parameters import documented, shared
from tenor.settings import EncoderParameters, GeneratorParameters, LatentParameters


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

    _kind = "nvdm"
    _two_poles = True

    def _shape(self) -> dict[str, Any]:
        from tenor.networks.models import NVDMConfig

        shape = shared(self, NVDMConfig)
        NVDMConfig(n_words=1, **shape)
        return shape
