"""tenor.load: a saved model as the estimator it was."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

from tenor import checks
from tenor.errors import ArtifactError, InputError, needed_by
from tenor.estimators.base import DocumentModel
from tenor.model.artifact import open_model
from tenor.model.trained import TrainedModel
from tenor.settings import MODELS
from tenor.text.tokenizer import import_name

ESTIMATORS: dict[str, type[DocumentModel]] = {
    kind: getattr(import_module(f"tenor.estimators.{kind}"), name) for kind, name in MODELS.items()
}


def make_estimator(kind: str, settings: dict[str, Any]) -> DocumentModel:
    """An unfitted estimator from its kind and its parameters as JSON values."""
    if kind not in ESTIMATORS:
        known = ", ".join(ESTIMATORS)
        raise ArtifactError(f"this tenor knows no model called {kind!r}; it has: {known}")
    parameters = inspect.signature(ESTIMATORS[kind]).parameters
    if unknown := sorted(settings.keys() - parameters.keys()):
        named = ", ".join(unknown)
        raise ArtifactError(f"the settings hold {named}, which this tenor's {kind} does not know")
    # JSON has no tuples; an estimator's parameters have no lists.
    frozen: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
    return ESTIMATORS[kind](**frozen)


def load(
    folder: str | Path,
    *,
    tokenizer: Callable[[str], list[str]] | None = None,
    device: str = "auto",
) -> DocumentModel:
    """Open a model that was saved; nothing in the folder is executed.

    Its weights, topics and documents are read when they are first asked for, and refused then where
    they are damaged. What only reads them needs no torch.

    Args:
        folder: what :meth:`save` or ``tenor fit`` wrote.
        tokenizer: the function the model was trained with, if it was one: only its name is kept.
        device: where the model runs.

    Raises:
        ArtifactError: when the folder is missing, damaged, foreign or unfinished.
        InputError: when ``tokenizer`` is not the function the model was trained with.
    """
    if device not in ("auto", "cpu"):
        with needed_by(f"the device {device}"):
            from tenor.training.world import choose_device
        choose_device(device)  # refused now, not at the first question
    saved = open_model(checks.path(folder), device)
    trained, settings = saved.trained, saved.settings
    if tokenizer is not None:
        trained = with_function(trained, tokenizer)
        settings = {**settings, "tokenizer": tokenizer}
    try:
        model = make_estimator(trained.kind, settings)
    except ArtifactError as error:
        raise ArtifactError(f"{folder} is damaged or was changed by hand: {error}") from error
    return model.adopt(trained, saved.documents, saved.topics)


def with_function(trained: TrainedModel, function: Callable[[str], list[str]]) -> TrainedModel:
    """The model with the function that cut its texts; InputError when it is another."""
    if not callable(function):
        raise InputError(f"the tokenizer must be a function, not {type(function).__name__}")
    kept = None if trained.tokenizer is None else trained.tokenizer.missing_function
    if trained.tokenizer is None or kept is None:
        raise InputError("the model was not trained with a tokenizer function; leave it out")
    given = import_name(function)
    (module, _, name), (kept_module, _, kept_name) = given.partition(":"), kept.partition(":")
    # A script's own functions are of the module __main__, and of its name when imported.
    if name != kept_name or (module != kept_module and "__main__" not in (module, kept_module)):
        raise InputError(f"the model was trained with the tokenizer {kept}, not {given}; pass it")
    return replace(trained, tokenizer=trained.tokenizer.with_function(function))
