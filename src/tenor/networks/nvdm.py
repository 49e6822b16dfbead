"""The shape of an NVDM: its parameters, and which of them go together."""

from __future__ import annotations

from dataclasses import dataclass

from tenor.errors import InputError
from tenor.networks.inputs import INPUT_TRANSFORMS
from tenor.networks.layers import ACTIVATIONS, UNBOUNDED

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


def _at_least_one(name: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{name} must be a whole number of at least 1, not {value!r}")


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise InputError(f"{name} must be one of {', '.join(allowed)}, not {value!r}")
