"""Fits in a folder: begun, stopped at any moment, taken up again, finished.

    fit.json     settings, source and its fingerprint; written before the first step
    checkpoint/  the state of the fit, replaced every so many epochs
    topic-edits.json  a person's edits of the topics of a model that is replaced
    corpus/      standard input or a pipe as a prepared corpus, since it cannot be read twice

When the fit is done the model's files join fit.json, config.json last, and the other two go.
A model that is being replaced stands aside under a hidden name until then, and comes back if the
fit fails.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from tenor.corpus.corpus import Corpus
from tenor.corpus.layout import column_digest, kept_columns
from tenor.corpus.origin import Origin
from tenor.corpus.source import Source
from tenor.errors import KEPT, ArtifactError, InputError, TrainingError
from tenor.estimators.base import DocumentModel
from tenor.estimators.loading import load, make_estimator
from tenor.explore.store import DocumentStore
from tenor.model.artifact import (
    CHECKPOINT,
    CONFIG,
    DOCUMENTS,
    FIT,
    WEIGHTS,
    Begun,
    SavedModel,
    open_model,
    read_begun,
    read_config,
    write_model,
)
from tenor.model.changes import refuse_other_model
from tenor.model.discovery import Progress
from tenor.model.fitting import Plan, split_corpus
from tenor.model.inputs import read_documents
from tenor.model.topic_files import read_edits, write_edits
from tenor.model.trained import TrainedModel
from tenor.storage import disk
from tenor.storage.atomic import (
    aside_for,
    bring_back,
    clear_partials,
    forget_aside,
    remove_folder,
    replaced_folder,
)
from tenor.storage.claim import Claim
from tenor.storage.target import refuse_occupied
from tenor.topics.edits import Edits
from tenor.training.checkpoint import Checkpoint
from tenor.training.watch import Watcher

CORPUS = "corpus"
COMMAND = "tenor fit"
# Told what was read, and the model whose words it was counted over where that was one.
Told = Callable[[Origin, TrainedModel | None], None]


class Interrupted(KeyboardInterrupt):
    """Ctrl-C stopped a fit; its folder holds all that is needed to go on.

    It says when, where that was not in an epoch.
    """


def start(
    model: DocumentModel,
    source: Source,
    folder: Path,
    *,
    checkpoint_every: int = 10,
    overwrite: bool = False,
    watcher: Watcher | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_read: Told | None = None,
    on_topics: Progress | None = None,
) -> DocumentModel:
    """Fit ``model`` on ``source`` into ``folder``.

    A person's edits of the topics of a model that is replaced are applied to the new ones. After
    an InputError, for a bad source or parameter, nothing was written; after an Interrupted, for
    Ctrl-C, :func:`resume` goes on.
    """
    with _claimed(folder, source, overwrite):
        plan, edits = model.make_plan(), read_edits(folder)
        if callable(model.tokenizer):
            raise InputError("a fit in a folder cannot keep a tokenizer function; use fit and save")
        corpus = Corpus.of(source, **model.corpus_settings(), on_progress=on_progress)
        if on_read is not None:
            on_read(corpus.origin, None)
        begun = _begin(model, plan, source, corpus, folder, checkpoint_every, edits=edits)
        return _run(model, plan, corpus, begun, folder, watcher, on_topics, edits=edits)


def start_from(
    base: Path,
    changes: dict[str, Any],
    source: Source,
    folder: Path,
    *,
    checkpoint_every: int = 10,
    overwrite: bool = False,
    watcher: Watcher | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_read: Told | None = None,
    on_topics: Progress | None = None,
) -> DocumentModel:
    """Train the finished model in ``base`` further on ``source``, into ``folder``.

    ``base`` is left as it is; :func:`resume`, after an Interrupted, needs it to be there still. The
    documents are counted over its words. Of ``changes``, those that would make it another model
    are an InputError.
    """
    with _claimed(folder, source, overwrite):
        if Path(os.path.realpath(base)).is_relative_to(os.path.realpath(folder)):
            raise InputError(f"{folder} holds the model to continue from; write somewhere else")
        model = load(base, device=changes.get("device", "auto"))
        refuse_other_model(model.settings(), changes)
        plan = model.set_params(**changes).make_plan()
        corpus = read_documents(model.trained_, source, on_progress)
        if on_read is not None:
            on_read(corpus.origin, model.trained_)
        weights = read_config(base)["files"][WEIGHTS]
        continues = {"folder": str(base.absolute()), "weights": weights}
        begun = _begin(model, plan, source, corpus, folder, checkpoint_every, continues)
        return _run(model, plan, corpus, begun, folder, watcher, on_topics, model.trained_)


def resume(
    folder: Path,
    *,
    watcher: Watcher | None = None,
    on_progress: Callable[[int], None] | None = None,
    on_read: Told | None = None,
    on_topics: Progress | None = None,
) -> DocumentModel:
    """Go on with the fit in ``folder`` from its last checkpoint, or from the start without one.

    One that is finished or damaged is an ArtifactError, and one whose source has changed.
    """
    read_begun(folder)  # before a lock is made beside any other folder
    with Claim(COMMAND, folder):
        begun = read_begun(folder)
        torch.set_num_threads(begun.threads)
        source, base = Source.from_json(begun.source), None
        model = make_estimator(begun.kind, begun.settings)
        if begun.continues is not None:
            saved = _base(begun.continues, folder)
            base = saved.trained
            model.adopt(base, topics=saved.topics)
        plan = model.make_plan()
        if (folder / CORPUS).is_dir():
            corpus = Corpus.open(folder / CORPUS)
        elif base is not None:
            corpus = read_documents(base, source, on_progress)
        else:
            corpus = Corpus.of(source, **model.corpus_settings(), on_progress=on_progress)
        if on_read is not None:
            on_read(corpus.origin, base)
        if _fingerprint(corpus) != begun.fingerprint:
            raise ArtifactError(
                f"the source {source.name} has changed since the fit in {folder} began; "
                "bring it back as it was, or start a new fit"
            )
        edits = read_edits(folder)
        return _run(model, plan, corpus, begun, folder, watcher, on_topics, base, edits)


def _base(continues: dict[str, str], folder: Path) -> SavedModel:
    """The model that the fit in ``folder`` continues from, as it was when that began."""
    try:
        saved = open_model(Path(continues["folder"]))
        weights = read_config(Path(continues["folder"]))["files"][WEIGHTS]
    except ArtifactError as error:
        raise ArtifactError(f"{folder} continues from another model: {error}") from error
    if weights != continues["weights"]:
        raise ArtifactError(
            f"the model {continues['folder']} has changed since the fit in {folder} began to "
            "continue from it; bring it back as it was, or start a new fit"
        )
    return saved


def _begin(
    model: DocumentModel,
    plan: Plan,
    source: Source,
    corpus: Corpus,
    folder: Path,
    checkpoint_every: int,
    continues: dict[str, str] | None = None,
    edits: Edits = Edits(),  # noqa: B008  # it never changes
) -> Begun:
    """Make the folder with fit.json, edits of what it replaces, and standard input."""
    split_corpus(plan, corpus)  # refuses what cannot be trained on, before anything is written
    begun = Begun(
        kind=plan.kind,
        settings={**model.settings(), "random_state": plan.settings.seed},
        source=source.to_json(),
        fingerprint=_fingerprint(corpus),
        read=corpus.origin.to_json(),
        checkpoint_every=checkpoint_every,
        threads=torch.get_num_threads(),
        continues=continues,
    )
    unfinished = (folder / FIT).is_file() and not (folder / CONFIG).is_file()
    # What is finished comes back if the fit fails; an unfinished one is not worth keeping.
    place = aside_for if folder.exists() and not unfinished else replaced_folder
    with place(folder) as partial:
        begun.write(partial / FIT)
        write_edits(partial, edits)
        if source.is_input:
            corpus.save(partial / CORPUS)
    return begun


def _run(
    model: DocumentModel,
    plan: Plan,
    corpus: Corpus,
    begun: Begun,
    folder: Path,
    watcher: Watcher | None,
    on_topics: Progress | None,
    base: TrainedModel | None = None,
    edits: Edits = Edits(),  # noqa: B008  # it never changes
) -> DocumentModel:
    """Train, and finish the folder; what goes wrong leaves it as it was, or worth going on with."""
    checkpoint = Checkpoint(folder / CHECKPOINT, begun.checkpoint_every)
    done_before = 0 if base is None else len(base.history)
    try:
        model.fit_planned(plan, corpus, watcher, checkpoint, base, edits)
    except TrainingError as error:
        reason = [said for said in error.args if said != KEPT]
        if bring_back(folder):
            raise TrainingError(*reason, f"; {folder} is as it was") from error
        if len(getattr(model, "history_", [])) > done_before:
            _finish(model, begun, folder)
            raise TrainingError(*reason, f"; {folder} holds the last good weights") from error
        remove_folder(folder)
        raise TrainingError(*reason, "; nothing was written") from error
    if model.trained_.provenance["outcome"] == "interrupted":
        raise Interrupted
    try:
        _finish(model, begun, folder, on_topics)
    except KeyboardInterrupt:
        raise Interrupted("stopped after the training, before its topics were found") from None
    return model


def _finish(
    model: DocumentModel, begun: Begun, folder: Path, progress: Progress | None = None
) -> None:
    """Write the model with its topics, then clear away what only the fit needed."""
    topics = model.kept_topics(progress)
    write_model(folder, model.trained_, begun.settings, model.documents_, topics)
    kept = model.documents_ is not None
    store = DocumentStore.open(folder / DOCUMENTS) if kept else None  # their corpus may go now
    model.adopt(model.trained_, store, lambda: topics)
    for leftover in (folder / CHECKPOINT, folder / CORPUS):
        disk.clear_away(leftover)
    forget_aside(folder)
    clear_partials(folder)


@contextmanager
def _claimed(folder: Path, source: Source, overwrite: bool) -> Iterator[None]:
    """Keep others away from the folder of a fit, which must be free for it, until it is done."""
    with Claim(COMMAND, folder):
        if not folder.exists():  # a fit that was killed while it took the place of a model
            bring_back(folder)
        refuse_occupied(folder, overwrite)
        source.refuse_as_target(folder)
        yield


def _fingerprint(corpus: Corpus) -> str:
    """Of all that a model takes from its documents: ids and counts, labels and texts."""
    digest = hashlib.sha256(corpus.fingerprint().encode())
    columns = corpus.table.column_names
    for column in ("label", "text", *kept_columns(columns)):
        if column in columns:
            digest.update(column.encode() + column_digest(corpus.table.column(column)))
    return digest.hexdigest()
