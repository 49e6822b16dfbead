"""A trained model on disk: a folder a person can read and a program can trust.

    vocabulary.parquet   word, word_frequency, document_frequency and, if they are known,
                         early_frequency, late_frequency, placed_frequency
                         (tenor.corpus.placement);
                         a row's place is the word's id
    weights.safetensors  the network
    components.safetensors  how each dimension moves each word, where no tensor of the network says
    history.jsonl        a record an epoch
    documents.parquet    id, label, text, vector, words, counts of the training documents, if they
                         are kept; models of before have no words and counts
    topics/, topic-edits.json    what the documents are about: see topic_files.py
    README.md            the model card
    config.json          version, settings, checksums; written last, it marks completion

A model is opened by what is small. Weights, topics and documents are read, and held against their
checksums, when they are first asked for: none of it needs torch, which only the network does.

A fit under way has fit.json and perhaps checkpoint/ instead of config.json: see runs.py.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tenor.corpus.folder import is_corpus_folder
from tenor.corpus.placement import Placement
from tenor.errors import Advice, ArtifactError, InputError
from tenor.explore.collection import DocumentCollection
from tenor.explore.store import DocumentStore
from tenor.model.card import model_card
from tenor.model.topic_files import DAMAGE, KeptTopics, read_kept, write_edits, write_kept
from tenor.model.trained import Statistics, TrainedModel
from tenor.model.weights import COMPONENTS, NetworkFacts, SavedWeights
from tenor.storage.arrays import ArrayFile, write_arrays
from tenor.storage.atomic import checksums, new_file, verify, write_text
from tenor.storage.sealed import read_sealed, write_sealed
from tenor.text.tokenizer import Tokenizer
from tenor.text.vocabulary import Vocabulary

FORMAT, FIT_FORMAT, VERSION = "tenor-model", "tenor-fit", 1
CONFIG, FIT, CHECKPOINT = "config.json", "fit.json", "checkpoint"
STATE = "state.safetensors"  # the file of a checkpoint
VOCABULARY, WEIGHTS = "vocabulary.parquet", "weights.safetensors"
DIMENSIONS = "components.safetensors"
HISTORY, DOCUMENTS, CARD = "history.jsonl", "documents.parquet", "README.md"

_OBJECTS = ("network", "settings", "documents", "provenance", "files")
_STRINGS = ("kind", "vocabulary_fingerprint")
_LATER = (WEIGHTS, DIMENSIONS, DOCUMENTS)  # verified when they are first read
_COUNTS = ("n_documents", "n_tokens", "n_empty", "typical_length")


@dataclass(frozen=True, eq=False)
class SavedModel:
    """What a model's folder holds: the model, its estimator's parameters, documents, topics."""

    trained: TrainedModel
    weights: SavedWeights  # those of the model
    settings: dict[str, Any]
    documents: DocumentStore | None
    topics: Callable[[], KeptTopics | None]  # reads them; ArtifactError for damage

    def verify(self) -> None:
        """Hold what is not read yet against its checksums; ArtifactError names what differs."""
        self.weights.verify()
        if self.documents is not None:
            self.documents.verify()


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
    with new_file(folder / VOCABULARY) as file:
        pq.write_table(pa.table(columns), file)
    write_arrays(folder / WEIGHTS, trained.weights.arrays())
    facts = trained.weights.facts
    if facts.word_vectors is None:
        write_arrays(folder / DIMENSIONS, {COMPONENTS: trained.components})
        files.append(DIMENSIONS)
    if (folder / FIT).is_file():  # a fit in this folder, which ends here
        files.append(FIT)
    write_text(folder / HISTORY, "".join(json.dumps(r) + "\n" for r in trained.history))
    if documents is not None:
        DocumentStore.write(folder / DOCUMENTS, documents.batches())
        files.append(DOCUMENTS)
    digest = trained.digest()
    found = None if topics is None else topics.found
    if topics is not None and found is not None:
        write_kept(folder, found, digest, topics.edits)
    elif topics is not None:
        write_edits(folder, topics.edits)
    write_text(folder / CARD, model_card(trained, settings, found))
    config = {
        "format": FORMAT,
        "version": VERSION,
        "kind": trained.kind,
        "network": dict(trained.weights.config),
        "facts": facts.to_json(),
        "settings": settings,
        "tokenizer": None if tokenizer is None else tokenizer.to_json(),
        "vocabulary_fingerprint": trained.vocabulary.fingerprint(),
        "documents": {name: getattr(statistics, name) for name in _COUNTS},
        "provenance": trained.provenance,
        "digest": digest,
        "files": checksums(folder, files),
    }
    write_sealed(folder / CONFIG, config)


def open_model(folder: Path, device: str = "cpu") -> SavedModel:
    """A model's folder; ArtifactError for one that cannot be used.

    Its large files are held against their checksums when they are first read. The network, once it
    is asked for, is on ``device``.
    """
    config = read_config(folder)
    try:
        _check_config(config)
        files = config["files"]
        verify(folder, {name: files[name] for name in files if name not in _LATER})
        weights = _weights(folder, config, device)
        trained = _trained(folder, config, weights)
        documents = None
        if DOCUMENTS in files:
            documents = DocumentStore.open(folder / DOCUMENTS, files[DOCUMENTS])
    except ArtifactError:
        raise
    except (*DAMAGE, pa.ArrowException, OSError) as error:
        raise _damaged(folder, error) from error
    topics = functools.partial(_topics, folder, trained, config.get("digest"))
    return SavedModel(trained, weights, config["settings"], documents, topics)


def _topics(folder: Path, trained: TrainedModel, digest: str | None) -> KeptTopics | None:
    """The topics of the model that was opened from a folder, if it is there still."""
    if folder.is_dir() and read_config(folder).get("digest") != digest:
        raise ArtifactError(f"{folder} holds another model than when it was opened; open it again")
    return read_kept(folder, trained, digest)


def _damaged(folder: Path, error: Exception) -> ArtifactError:
    reason = str(error).splitlines()[0] if str(error) else type(error).__name__
    return ArtifactError(f"{folder} is damaged or was changed by hand: {reason}")


def read_config(folder: Path) -> dict[str, Any]:
    """config.json of a finished model; the ArtifactError for another folder says what to do.

    It is held against its own checksum.
    """
    if not folder.exists():
        made = Advice(
            "a model is made there by model.save",
            f"make a model with: tenor fit SOURCE -o {folder}",
        )
        raise ArtifactError(f"there is no folder {folder}; ", made)
    if not folder.is_dir():
        raise ArtifactError(f"{folder} is a file; a model is a folder")
    if is_corpus_folder(folder):
        fitted = Advice(
            "fit a model to it: tenor.NVDM().fit(tenor.Corpus.open(folder))",
            f"make a model of it with: tenor fit {folder} -o MODEL",
        )
        raise ArtifactError(f"{folder} is a prepared corpus and no model; ", fitted)
    if not (folder / CONFIG).is_file():
        if (folder / FIT).is_file():
            raise ArtifactError(
                f"{folder} holds a fit that has not finished; "
                f"go on with: tenor fit --resume {folder}"
            )
        raise ArtifactError(f"{folder} is no tenor model: it has no {CONFIG}")
    config = read_sealed(folder / CONFIG)
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


def _trained(folder: Path, config: dict[str, Any], weights: SavedWeights) -> TrainedModel:
    with pq.ParquetFile(folder / VOCABULARY) as file:  # read_table would load pyarrow.dataset
        table = file.read()
    vocabulary = Vocabulary(table.column("word").to_pylist())
    if vocabulary.fingerprint() != config["vocabulary_fingerprint"]:
        raise InputError(f"{VOCABULARY} holds other words than {CONFIG} says")
    n_words = config["network"].get("n_words", len(vocabulary))
    if len(vocabulary) != n_words:
        raise InputError(f"the network is for {n_words} words, not {len(vocabulary)}")
    tokenizer = config["tokenizer"]
    lines = (folder / HISTORY).read_text(encoding="utf-8").splitlines()
    return TrainedModel(
        kind=config["kind"],
        weights=weights,
        vocabulary=vocabulary,
        tokenizer=None if tokenizer is None else Tokenizer.from_json(tokenizer),
        statistics=Statistics(
            word_frequency=_whole(table, "word_frequency"),
            document_frequency=_whole(table, "document_frequency"),
            placement=Placement.of_columns(table),
            **config["documents"],
        ),
        history=[json.loads(line) for line in lines],
        provenance=config["provenance"],
    )


def _whole(table: Any, name: str) -> NDArray[np.int64]:
    """A column of whole numbers; Arrow's own way to NumPy imports pandas where it is installed."""
    return np.asarray(np.from_dlpack(table.column(name).combine_chunks()), dtype=np.int64)


def _weights(folder: Path, config: dict[str, Any], device: str) -> SavedWeights:
    files = config["files"]
    facts = config.get("facts")
    file = ArrayFile(folder / WEIGHTS, files[WEIGHTS])
    known = _facts_before(config, file) if facts is None else NetworkFacts.from_json(facts)
    components = ArrayFile(folder / DIMENSIONS, files[DIMENSIONS]) if DIMENSIONS in files else None
    return SavedWeights(config["kind"], config["network"], file, components, known, device)


def _facts_before(config: dict[str, Any], file: ArrayFile) -> NetworkFacts | None:
    """Those of a model whose config does not say them; None where the network has to be built."""
    shape = config["network"]
    if config["kind"] != "nvdm" or shape.get("generator_sizes", True):
        return None
    n_components, fixed = shape.get("n_components"), ("encoder.transform.idf",)
    n_parameters = sum(n for name, n in file.sizes.items() if name not in fixed)
    return NetworkFacts(n_components, n_components, n_parameters, {}, "decoder.weight")


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
    read: dict[str, Any] | None = None  # what was found there; earlier tenors did not say

    def __post_init__(self) -> None:
        kinds: dict[str, type] = {"kind": str, "settings": dict, "source": dict, "fingerprint": str}
        kinds |= {"checkpoint_every": int, "threads": int}
        for name, kind in kinds.items():
            value = getattr(self, name)
            if not isinstance(value, kind) or (isinstance(value, int) and value < 1):
                raise ValueError(f'"{name}" cannot be {value!r:.40}')
        if not self.source.get("names", self.source.get("name")):
            raise ValueError("it names no source")

    def write(self, path: Path) -> None:
        """Write fit.json."""
        write_sealed(path, {"format": FIT_FORMAT, "version": VERSION, **vars(self)})


def read_begun(folder: Path) -> Begun:
    """fit.json of an unfinished fit; ArtifactError for none, a finished one, a damaged file."""
    path = folder / FIT
    if (folder / CONFIG).is_file():
        look = Advice("open it with tenor.load", f"see it with: tenor info {folder}")
        raise ArtifactError(f"the fit in {folder} is finished; ", look)
    if not path.is_file():
        raise ArtifactError(f"{folder} holds no unfinished fit: it has no {FIT}")
    try:
        values = read_sealed(path)
        if (values.pop("format"), values.pop("version")) != (FIT_FORMAT, VERSION):
            raise ArtifactError(f"{path} was written by another version of tenor")
        return Begun(**values)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ArtifactError(f"{path} is damaged: {error}") from error
