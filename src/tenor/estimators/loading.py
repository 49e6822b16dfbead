"""tenor.load: a saved model as the estimator it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tenor.artifact import open_model
from tenor.errors import ArtifactError
from tenor.estimators.base import DocumentModel
from tenor.estimators.nvdm import NVDM
from tenor.training.world import choose_device

ESTIMATORS: dict[str, type[DocumentModel]] = {"nvdm": NVDM}


def make_estimator(kind: str, settings: dict[str, Any]) -> DocumentModel:
    """An unfitted estimator from its kind and its parameters as JSON values.

    Raises:
        ArtifactError: for a kind this version of tenor does not know.
    """
    if kind not in ESTIMATORS:
        known = ", ".join(ESTIMATORS)
        raise ArtifactError(f"this tenor knows no model called {kind!r}; it has: {known}")
    # JSON has no tuples; an estimator's parameters have no lists.
    frozen = {k: tuple(v) if isinstance(v, list) else v for k, v in settings.items()}
    return ESTIMATORS[kind](**frozen)


def load(
    folder: str | Path,
    *,
    tokenizer: Callable[[str], list[str]] | None = None,
    device: str = "auto",
) -> DocumentModel:
    """Open a model that was saved; nothing in the folder is executed.

    Args:
        folder: what :meth:`save` or ``tenor fit`` wrote.
        tokenizer: the function the model was trained with, if it was one: it is not kept.
        device: where the model runs.

    Raises:
        ArtifactError: when the folder is missing, damaged, foreign or unfinished.
    """
    saved = open_model(Path(folder))
    settings: dict[str, Any] = dict(saved.settings)
    if tokenizer is not None:
        settings["tokenizer"] = tokenizer
    model = make_estimator(saved.trained.kind, settings)
    saved.trained.network.to(choose_device(device)).requires_grad_(False)
    return model.adopt(saved.trained, saved.documents)
