"""A trained model on disk: a folder a person can read and a program can trust.

    vocabulary.parquet   word, word_frequency, document_frequency and, if they are known,
                         early_frequency, late_frequency, placed_frequency
                         (tenor.corpus.placement);
                         a row's place is the word's id
    weights.safetensors  the network
    history.jsonl        a record an epoch
    documents.parquet    id, label, text, vector, words, counts of the training documents, if they
                         are kept; models of before have no words and counts
    topics/, topic-edits.json    what the documents are about: see topic_files.py
    README.md            the model card
    config.json          version, settings, checksums; written last, it marks completion

A fit under way has fit.json and perhaps checkpoint/ instead of config.json: see runs.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from torch import Tensor

from tenor.corpus.placement import Placement
from tenor.errors import Advice, ArtifactError, InputError
from tenor.explore.collection import DocumentCollection
from tenor.explore.store import DocumentStore
from tenor.model.card import model_card
from tenor.model.topic_files import DAMAGE, KeptTopics, read_kept, write_edits, write_topics
from tenor.model.trained import Statistics, TrainedModel, weights_digest
from tenor.networks.models import build_network
from tenor.networks.network import Network
from tenor.storage.atomic import checksums, replace_file, verify, write_json, write_text
from tenor.storage.tensors import read_tensors, write_tensors
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

FORMAT, FIT_FORMAT, VERSION = "tenor-model", "tenor-fit", 1
CONFIG, FIT, CHECKPOINT = "config.json", "fit.json", "checkpoint"
VOCABULARY, WEIGHTS = "vocabulary.parquet", "weights.safetensors"
HISTORY, DOCUMENTS, CARD = "history.jsonl", "documents.parquet", "README.md"

_OBJECTS = ("network", "settings", "documents", "provenance", "files")
_STRINGS = ("kind", "vocabulary_fingerprint")
_COUNTS = ("n_documents", "n_tokens", "n_empty", "typical_length")


@dataclass(frozen=True, eq=False)
class SavedModel:
    """What a model's folder holds: the model, its estimator's parameters, documents, topics."""

    trained: TrainedModel
    settings: dict[str, Any]
    documents: DocumentStore | None
    topics: KeptTopics | None


def write_model(
    folder: Path,
    trained: TrainedModel,
    settings: dict[str, Any],
    documents: DocumentCollection | None,
    topics: KeptTopics | None,
) -> None:
    """Write a model's files into an existing folder, config.json last."""
    files = [VOCABULARY, WEIGHTS, HISTORY, CARD]
    statistics, tokenizer = trained.statistics, trained.tokenizer
    columns = {
        "word": pa.array(trained.vocabulary.words, pa.string()),
        "word_frequency": pa.array(statistics.word_frequency, pa.int64()),
        "document_frequency": pa.array(statistics.document_frequency, pa.int64()),
    }
    if statistics.placement is not None:
        columns |= statistics.placement.columns()
    with replace_file(folder / VOCABULARY) as partial:
        pq.write_table(pa.table(columns), partial)
    write_tensors(folder / WEIGHTS, trained.network.state_dict())
    write_text(folder / HISTORY, "".join(json.dumps(r) + "\n" for r in trained.history))
    if documents is not None:
        DocumentStore.write(folder / DOCUMENTS, documents.batches())
        files.append(DOCUMENTS)
    digest = weights_digest(trained)
    found = None if topics is None else topics.found
    if found is not None:
        write_topics(folder, found, digest)
    if topics is not None:
        write_edits(folder, topics.edits)
    write_text(folder / CARD, model_card(trained, settings, found))
    config = {
        "format": FORMAT,
        "version": VERSION,
        "kind": trained.kind,
        "network": trained.network.config,
        "settings": settings,
        "tokenizer": None if tokenizer is None else tokenizer.to_json(),
        "vocabulary_fingerprint": trained.vocabulary.fingerprint(),
        "documents": {name: getattr(statistics, name) for name in _COUNTS},
        "provenance": trained.provenance,
        "digest": digest,
        "files": checksums(folder, files),
    }
    write_json(folder / CONFIG, config)


def open_model(folder: Path) -> SavedModel:
    """A model's folder, checked by its checksums; ArtifactError for one that cannot be used."""
    config = read_config(folder)
    try:
        _check_config(config)
        verify(folder, config["files"])
        trained = _trained(folder, config)
        kept = folder / DOCUMENTS
        documents = DocumentStore.open(kept) if DOCUMENTS in config["files"] else None
        topics = read_kept(folder, trained, config.get("digest"))
        return SavedModel(trained, config["settings"], documents, topics)
    except ArtifactError:
        raise
    except (*DAMAGE, pa.ArrowException) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ArtifactError(f"{folder} is damaged or was changed by hand: {reason}") from error


def read_config(folder: Path) -> dict[str, Any]:
    """config.json of a finished model; the ArtifactError for another folder says what to do."""
    if not folder.exists():
        raise ArtifactError(
            f"there is no folder {folder}; make a model with: tenor fit SOURCE -o {folder}"
        )
    if not (folder / CONFIG).is_file():
        if (folder / FIT).is_file():
            raise ArtifactError(
                f"{folder} holds a fit that has not finished; "
                f"go on with: tenor fit --resume {folder}"
            )
        raise ArtifactError(f"{folder} is no tenor model: it has no {CONFIG}")
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ArtifactError(f"{folder / CONFIG} cannot be read: {error}") from error
    if not isinstance(config, dict) or config.get("format") != FORMAT:
        raise ArtifactError(f"{folder} is no tenor model: its {CONFIG} is something else's")
    if config.get("version") != VERSION:
        raise ArtifactError(
            f"{folder} has version {config.get('version')}, this tenor reads version {VERSION}; "
            "use the tenor that wrote it"
        )
    return config


def _check_config(config: dict[str, Any]) -> None:
    """Raise InputError for an entry that is missing or of another kind."""
    for names, kind, said in ((_OBJECTS, dict, "an object"), (_STRINGS, str, "a string")):
        for name in names:
            if not isinstance(value := config.get(name), kind):
                raise InputError(f'"{name}" in {CONFIG} must be {said}, not {value!r:.40}')
    for name in (VOCABULARY, WEIGHTS, HISTORY):
        if name not in config["files"]:
            raise InputError(f'"files" in {CONFIG} does not list {name}')
    for name, value in config["documents"].items():
        if not isinstance(value, int) or value < 0:
            raise InputError(f'"{name}" in {CONFIG} must be a whole number, not {value!r:.40}')


def _trained(folder: Path, config: dict[str, Any]) -> TrainedModel:
    table = pq.read_table(folder / VOCABULARY)
    network = build_network(config["kind"], config["network"])
    _load_weights(network, read_tensors(folder / WEIGHTS)[0])
    vocabulary = Vocabulary(table.column("word").to_pylist())
    if vocabulary.fingerprint() != config["vocabulary_fingerprint"]:
        raise InputError(f"{VOCABULARY} holds other words than {CONFIG} says")
    if len(vocabulary) != network.n_words:
        raise InputError(f"the network is for {network.n_words} words, not {len(vocabulary)}")
    tokenizer = config["tokenizer"]
    lines = (folder / HISTORY).read_text(encoding="utf-8").splitlines()
    return TrainedModel(
        kind=config["kind"],
        network=network,
        vocabulary=vocabulary,
        tokenizer=None if tokenizer is None else Tokenizer.from_json(tokenizer),
        statistics=Statistics(
            word_frequency=np.asarray(table.column("word_frequency")),
            document_frequency=np.asarray(table.column("document_frequency")),
            placement=Placement.of_columns(table),
            **config["documents"],
        ),
        history=[json.loads(line) for line in lines],
        provenance=config["provenance"],
    )


def _load_weights(network: Network, tensors: dict[str, Tensor]) -> None:
    """Put ``tensors`` in; an InputError names the first that does not fit, in one line."""
    wanted = network.state_dict()
    for name in sorted(wanted.keys() | tensors.keys()):
        if name not in tensors:
            raise InputError(f'{WEIGHTS} has no tensor "{name}", which the network needs')
        if name not in wanted:
            raise InputError(f'{WEIGHTS} holds a tensor "{name}", which the network has not')
        if tensors[name].shape != wanted[name].shape:
            shapes = tuple(tensors[name].shape), tuple(wanted[name].shape)
            raise InputError(f'"{name}" in {WEIGHTS} has the shape {shapes[0]}, not {shapes[1]}')
    network.load_state_dict(tensors)


@dataclass(frozen=True)
class Begun:
    """fit.json: what a fit in a folder needs to be taken up again."""

    kind: str  # the model's name in files
    settings: dict[str, Any]  # the estimator's parameters
    source: dict[str, Any]  # where the documents are
    fingerprint: str  # of the corpus they made
    checkpoint_every: int  # epochs
    threads: int  # torch's, part of what makes a run repeatable
    continues: dict[str, str] | None = None  # the finished model's folder, its weights' checksum

    def __post_init__(self) -> None:
        kinds: dict[str, Any] = {"kind": str, "settings": dict, "source": dict, "fingerprint": str}
        kinds |= {"checkpoint_every": int, "threads": int}
        for name, kind in kinds.items():
            value = getattr(self, name)
            if not isinstance(value, kind) or (kind is int and value < 1):
                raise ValueError(f'"{name}" cannot be {value!r:.40}')
        if not isinstance(self.source.get("name"), str):
            raise ValueError("it names no source")

    def write(self, path: Path) -> None:
        """Write fit.json."""
        write_json(path, {"format": FIT_FORMAT, "version": VERSION, **vars(self)})


def read_begun(folder: Path) -> Begun:
    """fit.json of an unfinished fit; ArtifactError for none, a finished one, a damaged file."""
    path = folder / FIT
    if (folder / CONFIG).is_file():
        look = Advice("open it with tenor.load", f"see it with: tenor info {folder}")
        raise ArtifactError(f"the fit in {folder} is finished; ", look)
    if not path.is_file():
        raise ArtifactError(f"{folder} holds no unfinished fit: it has no {FIT}")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if (values.pop("format"), values.pop("version")) != (FIT_FORMAT, VERSION):
            raise ArtifactError(f"{path} was written by another version of tenor")
        return Begun(**values)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ArtifactError(f"{path} is damaged: {error}") from error
