"""What a folder of tenor's holds, in facts: a model, a fit under way or a prepared corpus."""

from __future__ import annotations

import json
import math
from contextlib import suppress
from importlib.machinery import PathFinder
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tenor import checks
from tenor.checks import amount
from tenor.corpus.facts import corpus_facts
from tenor.corpus.folder import is_corpus_folder
from tenor.corpus.source import Source
from tenor.errors import ArtifactError
from tenor.model.artifact import CHECKPOINT, CONFIG, FIT, STATE, SavedModel, open_model, read_begun
from tenor.storage.arrays import read_metadata

COMPILED_PARTS = ("_rows", "_sums", "_tiles")  # of tenor.kernels
MODEL, UNFINISHED = "model", "unfinished fit"


def describe(folder: str | Path) -> dict[str, Any]:
    """The facts as JSON values, ``what`` the kind of folder; ArtifactError for none of tenor's.

    Of a finished model and a corpus every file is held against its checksum, whatever it takes.
    """
    folder = checks.path(folder)
    if (folder / FIT).is_file() and not (folder / CONFIG).is_file():
        return _unfinished(folder)
    if is_corpus_folder(folder):
        return corpus_facts(folder)
    if folder.is_dir() and not (folder / CONFIG).is_file():
        raise ArtifactError(f"{folder} is neither a tenor model nor a prepared corpus")
    saved = open_model(folder)
    saved.verify()
    trained = saved.trained
    provenance, statistics = trained.provenance, trained.statistics
    best = provenance.get("best_epoch")  # its bound chose the weights
    bound = trained.history[best - 1].get("held_out_bound_per_token") if best else None
    return {
        "what": MODEL,
        "folder": str(folder),
        "kind": trained.kind,
        "n_components": trained.weights.facts.n_components,
        "n_words": len(trained.vocabulary),
        "n_parameters": trained.weights.facts.n_parameters,
        "source": provenance.get("source"),
        "read": provenance.get("read"),
        "n_documents": statistics.n_documents,
        "n_tokens": statistics.n_tokens,
        "n_empty": statistics.n_empty,
        "keeps_documents": saved.documents is not None,
        "counts_bytes": None if saved.documents is None else saved.documents.counts_bytes,
        **_topics(saved),
        **{name: provenance.get(name) for name in ("continues", "improved", "outcome")},
        "epochs_done": provenance.get("epochs_done"),
        "best_epoch": best,
        "held_out_bound_per_token": bound,
        "held_out_perplexity": None if bound is None else math.exp(min(-bound, 700.0)),
        "made_with": {k: provenance.get(k) for k in ("tenor", "torch", "python", "device")},
        "kernels": kernels(),
        "settings": _short(saved.settings),
        "history": trained.history,
    }


def _topics(saved: SavedModel) -> dict[str, Any]:
    """How many topics are kept, each one's words, and the edits that fit none of them.

    The largest comes first; after edits, by the sizes that follow from those before them.
    """
    kept = saved.topics()
    if kept is None or kept.found is None:
        return {"n_topics": None, "topics": [], "lost_edits": []}
    edited = kept.edits.apply(kept.found.topics, saved.trained.vocabulary.words)
    sizes = edited.topics.topic_sizes.tolist()
    largest_first = sorted(range(len(sizes)), key=lambda place: -sizes[place])
    return {
        "n_topics": len(edited.topics),
        "topics": [edited.shown[place] for place in largest_first],
        "lost_edits": list(edited.lost),
    }


def _unfinished(folder: Path) -> dict[str, Any]:
    begun = read_begun(folder)
    history: list[dict[str, Any]] = []
    checkpoint = folder / CHECKPOINT / STATE
    if checkpoint.is_file():
        history = json.loads(read_metadata(checkpoint)["position"])["history"]
    return {
        "what": UNFINISHED,
        "folder": str(folder),
        "kind": begun.kind,
        "source": Source.from_json(begun.source).name,
        "read": begun.read,
        "epochs_done": len(history),
        "epochs": begun.settings.get("epochs"),
        "checkpoint_every": begun.checkpoint_every,
        "kernels": kernels(),
        "settings": _short(begun.settings),
        "history": history,
    }


def kernels() -> str:
    """What works here, whatever made the folder: told without loading it."""
    with suppress(ModuleNotFoundError):  # an importer may refuse to look for it
        if find_spec("torch") is not None:
            return "compiled" if _are_compiled() else "torch"
    return "none"


def _are_compiled() -> bool:
    place = str(Path(__file__).parents[1] / "kernels")
    return all(PathFinder.find_spec(name, [place]) for name in COMPILED_PARTS)


def _short(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings without the word lists, which are in files of their own."""
    return {
        name: amount(len(value), "word") if isinstance(value, list) and len(value) > 20 else value
        for name, value in settings.items()
    }
