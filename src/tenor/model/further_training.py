"""What may change when a model is trained further, and what it knows of other documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from tenor.amounts import amount
from tenor.corpus.corpus import Corpus
from tenor.corpus.counting import count
from tenor.errors import InputError, ParameterName
from tenor.settings import OF_A_FIT, PARAMETERS
from tenor.text.tokenizer import Tokenizer

# What a fit is, as against what the model is: only these may differ from the first fit.
CHANGEABLE = {known.name for known in PARAMETERS if known.group in OF_A_FIT}
LOOKED_AT = 2000  # documents in which unknown words are counted


def refuse_other_model(settings: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """Refuse changes of a model's parameters that would make it another model.

    Raises:
        InputError: names the first one that is another and cannot be.
    """
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
    """Refuse to go on with a model whose :func:`lasting` parameters were set to others.

    Raises:
        InputError: names the first one that differs.
    """
    for name, value in made_with.items():
        if settings[name] is not value and _frozen(settings[name]) != _frozen(value):
            raise InputError(
                ParameterName(name),
                f" was set to {_short(settings[name])}, but the model to go on with was made "
                f"with {_short(value)}; set it back, or call fit for a new model",
            )


def unknown_share(corpus: Corpus, tokenizer: Tokenizer | None) -> str | None:
    """A line on how much of the texts the model's vocabulary does not hold.

    Counted in up to :data:`LOOKED_AT` documents, spread evenly. None where it cannot be known:
    without texts or without the tokenizer.
    """
    texts = corpus.strings("text")
    if texts is None or tokenizer is None or tokenizer.missing_function is not None:
        return None
    chosen = np.unique(np.linspace(0, len(corpus) - 1, LOOKED_AT).astype(np.int64))
    sample = pa.array([texts[row] for row in chosen], pa.string())
    tokens = int(count(sample, tokenizer).bag.counts.sum())
    unknown = tokens - int(corpus.bag.take(chosen).counts.sum())
    return (
        f"{unknown / max(tokens, 1):.1%} of the tokens are not in the model's vocabulary and are "
        f"left out ({unknown:,} of {tokens:,} in {amount(len(chosen), 'document')} looked at)"
    )


def _frozen(value: Any) -> Any:
    value = value.tolist() if isinstance(value, np.ndarray) else value
    return tuple(value) if isinstance(value, list) else value


def _short(value: Any) -> str:
    many = isinstance(value, list | tuple | np.ndarray) and len(value) > 20
    return f"{len(value):,} words" if many else repr(value)
