"""Fits in a folder: begun, stopped at any moment, taken up again, finished.

    fit.json     settings, source and its fingerprint; written before the first step
    checkpoint/  the state of the fit, replaced every so many epochs
    corpus/      standard input as a prepared corpus, since it cannot be read twice

When the fit is done the model's files join fit.json, config.json last, and the other two go.
A model that is being replaced stands aside under a hidden name until then, and comes back if the
fit fails.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tenor.artifact import CONFIG, DOCUMENTS, FIT, write_model
from tenor.errors import ArtifactError, InputError, TrainingError
from tenor.estimators.base import DocumentModel
from tenor.estimators.fitting import Plan, split_corpus
from tenor.estimators.loading import make_estimator
from tenor.explore.documents import DocumentStore
from tenor.storage.atomic import PARTIAL, new_folder, refuse_occupied, write_json
from tenor.text.corpus import Corpus
from tenor.text.layout import strings_digest
from tenor.text.source import STANDARD_INPUT, Source
from tenor.training.checkpoint import Checkpoint
from tenor.training.watch import Watcher

FORMAT, VERSION = "tenor-fit", 1
CHECKPOINT, CORPUS = "checkpoint", "corpus"


class Interrupted(KeyboardInterrupt):
    """Ctrl-C stopped a fit; its folder holds all that is needed to go on."""


@dataclass(frozen=True)
class Begun:
    """What fit.json says.

    Attributes:
        kind: the model's name in files.
        settings: the estimator's parameters.
        source: where the documents are.
        fingerprint: of the corpus they made.
        checkpoint_every: epochs between checkpoints.
        threads: torch's thread count, part of what makes a run repeatable.
    """

    kind: str
    settings: dict[str, Any]
    source: dict[str, Any]
    fingerprint: str
    checkpoint_every: int
    threads: int


def start(
    model: DocumentModel,
    source: Source,
    folder: Path,
    *,
    checkpoint_every: int = 10,
    overwrite: bool = False,
    watcher: Watcher | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> DocumentModel:
    """Fit ``model`` on ``source`` into ``folder``.

    Raises:
        ArtifactError: when the folder is taken or cannot be written.
        InputError: for a bad source or parameter; nothing is written then.
        TrainingError: when the loss is no longer finite.
        Interrupted: after Ctrl-C; :func:`resume` goes on.
    """
    refuse_occupied(folder, overwrite)
    source.refuse_as_target(folder)
    plan = model.make_plan()
    if callable(model.tokenizer):
        raise InputError("a fit in a folder cannot keep a tokenizer function; use fit and save")
    corpus = source.read(**model.corpus_settings(), on_progress=on_progress)
    split_corpus(plan, corpus)  # what cannot be trained on is refused before anything is written
    begun = Begun(
        kind=plan.kind,
        settings={**model.settings(), "random_state": plan.settings.seed},
        source=source.to_json(),
        fingerprint=_fingerprint(corpus),
        checkpoint_every=checkpoint_every,
        threads=torch.get_num_threads(),
    )
    _set_aside(folder)
    try:
        with new_folder(folder) as partial:
            write_json(partial / FIT, {"format": FORMAT, "version": VERSION, **vars(begun)})
            if source.name == STANDARD_INPUT:
                corpus.save(partial / CORPUS)
    except BaseException:
        _bring_back(folder)
        raise
    return _run(model, plan, corpus, begun, folder, watcher)


def resume(
    folder: Path,
    *,
    watcher: Watcher | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> DocumentModel:
    """Go on with the fit in ``folder`` from its last checkpoint, or from the start without one.

    Raises:
        ArtifactError: when there is none, it is finished, damaged, or its source has changed.
    """
    begun = read_begun(folder)
    torch.set_num_threads(begun.threads)
    model = make_estimator(begun.kind, begun.settings)
    plan = model.make_plan()
    if (folder / CORPUS).is_dir():
        corpus = Corpus.open(folder / CORPUS)
    else:
        source = Source.from_json(begun.source)
        corpus = source.read(**model.corpus_settings(), on_progress=on_progress)
    if _fingerprint(corpus) != begun.fingerprint:
        raise ArtifactError(
            f"the source {begun.source['name']} has changed since the fit in {folder} began; "
            "bring it back as it was, or start a new fit"
        )
    return _run(model, plan, corpus, begun, folder, watcher)


def read_begun(folder: Path) -> Begun:
    """fit.json of an unfinished fit.

    Raises:
        ArtifactError: when there is none, the fit is finished, or the file is damaged.
    """
    path = folder / FIT
    if (folder / CONFIG).is_file():
        raise ArtifactError(f"the fit in {folder} is finished; open it with tenor.load")
    if not path.is_file():
        raise ArtifactError(f"{folder} holds no unfinished fit: it has no {FIT}")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if (values.pop("format"), values.pop("version")) != (FORMAT, VERSION):
            raise ArtifactError(f"{path} was written by another version of tenor")
        return Begun(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path} is damaged: {error}") from error


def _run(
    model: DocumentModel,
    plan: Plan,
    corpus: Corpus,
    begun: Begun,
    folder: Path,
    watcher: Watcher | None,
) -> DocumentModel:
    checkpoint = Checkpoint(folder / CHECKPOINT, begun.checkpoint_every)
    try:
        model.fit_planned(plan, corpus, watcher, checkpoint)
    except TrainingError as error:
        raise _failed(model, begun, folder, error) from error
    if model.trained_.provenance["outcome"] == "interrupted":
        raise Interrupted
    _finish(model, begun, folder)
    return model


def _finish(model: DocumentModel, begun: Begun, folder: Path) -> None:
    """Write the model, then clear away what only the fit needed."""
    write_model(folder, model.trained_, begun.settings, model.documents_)
    if model.documents_ is not None:
        model.documents_ = DocumentStore.open(folder / DOCUMENTS)  # their corpus may go now
    for leftover in (folder / CHECKPOINT, folder / CORPUS, _aside(folder)):
        shutil.rmtree(leftover, ignore_errors=True)
    for partial in folder.glob(f"{PARTIAL}*"):  # of a run that was killed while writing
        partial.unlink(missing_ok=True)


def _failed(
    model: DocumentModel, begun: Begun, folder: Path, error: TrainingError
) -> TrainingError:
    """Bring back the model that was to be replaced, or keep the last good weights if any."""
    reason = str(error).replace("the last good weights are kept; ", "")
    if _aside(folder).exists():
        _bring_back(folder)
        return TrainingError(f"{reason}; {folder} is as it was")
    if getattr(model, "history_", None):
        _finish(model, begun, folder)
        return TrainingError(f"{reason}; {folder} holds the last good weights")
    shutil.rmtree(folder)
    return TrainingError(f"{reason}; nothing was written")


def _aside(folder: Path) -> Path:
    return folder.with_name(f".tenor-replaced-{folder.name}")


def _set_aside(folder: Path) -> None:
    """Move what a fit replaces out of its way; an unfinished fit is not worth keeping."""
    if not folder.exists():
        return
    if (folder / FIT).is_file() and not (folder / CONFIG).is_file():
        shutil.rmtree(folder)
        return
    shutil.rmtree(_aside(folder), ignore_errors=True)
    folder.replace(_aside(folder))


def _bring_back(folder: Path) -> None:
    if _aside(folder).exists():
        shutil.rmtree(folder, ignore_errors=True)
        _aside(folder).replace(folder)


def _fingerprint(corpus: Corpus) -> str:
    """Of all that a model takes from its documents: ids and counts, labels and texts."""
    digest = hashlib.sha256(corpus.fingerprint().encode())
    for column in ("label", "text"):
        if column in corpus.table.column_names:
            digest.update(column.encode() + strings_digest(corpus.table.column(column)))
    return digest.hexdigest()
