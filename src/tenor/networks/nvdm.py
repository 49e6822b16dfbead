"""The shape of an NVDM: its parameters, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass

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
