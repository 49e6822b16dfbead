"""What may change of a model that is trained further, and what only a new fit can change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tenor.errors import InputError, ParameterName
from tenor.settings import OF_A_FIT, PARAMETERS

# What a fit is, as against what the model is: only these may differ from the first fit.
CHANGEABLE = {known.name for known in PARAMETERS if known.group in OF_A_FIT}


def refuse_other_model(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Refuse the first change of a model's parameters that would make it another model."""
    for name, value in changes.items():
        if name not in settings:
            raise InputError(f"there is no parameter {name!r}")
        if name not in CHANGEABLE and _frozen(value) != _frozen(settings[name]):
            raise InputError(
                ParameterName(name),
                f"={_short(value)}: the model to go on with has {_short(settings[name])}, "
                "which only a new fit can change; leave it out",
            )


def lasting(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Those of a model's parameters that only a new fit can change."""
    return {name: value for name, value in settings.items() if name not in CHANGEABLE}


def refuse_set_since(made_with: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """Refuse to go on with a model whose :func:`lasting` parameters were set to others."""
    for name, value in made_with.items():
        if settings[name] is not value and _frozen(settings[name]) != _frozen(value):
            raise InputError(
                ParameterName(name),
                f" was set to {_short(settings[name])}, but the model to go on with was made "
                f"with {_short(value)}; set it back, or call fit for a new model",
            )


def _frozen(value: Any) -> Any:
    value = value.tolist() if isinstance(value, np.ndarray) else value
    return tuple(value) if isinstance(value, list) else value


def _short(value: Any) -> str:
    many = isinstance(value, list | tuple | np.ndarray) and len(value) > 20
    return f"{len(value):,} words" if many else repr(value)
