"""A model's topics on disk, beside the model they were read out of.

    topics/topics.json         how they were found, what they say of themselves, checksums: of
                               the arrays, and of all else that it says
    topics/topics.safetensors  the arrays of tenor.topics.topics.Topics
    topic-edits.json           a person's edits, applied whenever the topics are opened

The folder topics/ is written beside and renamed: the old topics or the new ones, never half. It
names the weights it was read out of, so that topics of another model are noticed. Edits that come
with new topics are in there until they have taken the place of the old ones, and count so long.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from tenor import checks
from tenor.errors import ArtifactError, InputError, TenorError
from tenor.model.trained import TrainedModel
from tenor.storage import disk
from tenor.storage.arrays import Arrays, read_arrays, write_arrays
from tenor.storage.atomic import checksums, replaced_folder, unwritable, verify, write_json
from tenor.storage.claim import Claim
from tenor.storage.sealed import read_sealed, write_sealed
from tenor.topics.discovery import Discovery, Figures, Wishes
from tenor.topics.edits import Edits
from tenor.topics.number import NumberOfTopics
from tenor.topics.space import decoder_side
from tenor.topics.topics import Topics

FOLDER, EDITS = "topics", "topic-edits.json"
ABOUT, ARRAYS = "topics.json", "topics.safetensors"
FORMAT, VERSION = "tenor-topics", 1
_PLAIN = ("asked", "usual", "before", "n_documents", "looked_at")  # values of a Discovery
READ, AGAIN, SEAL = "where_read", "again", "sha256"
# What reading a file can raise that is not what was written.
_FAULTS = (LookupError, TypeError, ValueError, AttributeError, RuntimeError, ArithmeticError)
_BY_HAND = "is damaged or was changed by hand"
DAMAGE = (*_FAULTS, TenorError)


@dataclass(frozen=True, eq=False)
class KeptTopics:
    """Topics and a person's edits of them, as a model's folder keeps them.

    Without topics the edits wait for some.
    """

    found: Discovery | None
    edits: Edits


def read_kept(folder: Path, trained: TrainedModel, digest: str | None = None) -> KeptTopics | None:
    """The topics and edits in a model's folder; None where it keeps none.

    One that is gone by now is an ArtifactError, for its topics would be found anew.
    """
    if not folder.is_dir():
        raise ArtifactError(f"the model was opened from {folder}, which is there no more")
    found, edits = read_topics(folder, trained, digest), read_edits(folder)
    return KeptTopics(found, edits) if found is not None or edits else None


def editing(folder: Path) -> Claim:
    """The right to change the topics of the model in a folder; ArtifactError when it is taken."""
    return Claim("tenor topics", folder / FOLDER)


def write_kept(folder: Path, found: Discovery, digest: str, edits: Edits) -> None:
    """Write topics and edits into the folder of the model with this digest, both or neither."""
    with replaced_folder(folder / FOLDER) as partial:
        _write_topics(partial, found, digest)
        write_sealed(partial / EDITS, edits.to_json())
    write_edits(folder, edits)


def read_topics(folder: Path, trained: TrainedModel, digest: str | None = None) -> Discovery | None:
    """The topics of a model's folder; None where it has none.

    ``digest`` is that of the model's weights, where it is known. Topics that are damaged, of other
    weights or of a newer version are an ArtifactError.
    """
    place = folder / FOLDER
    if not place.exists():
        return None
    try:
        try:
            about = json.loads((place / ABOUT).read_text(encoding="utf-8"))
        except (ValueError, RecursionError) as error:
            raise InputError(f"{ABOUT} is no JSON: {error}") from error
        if (about["format"], about["version"]) != (FORMAT, VERSION):
            raise InputError(f"it has version {about['version']!r:.20}, this tenor reads {VERSION}")
        if about.pop(SEAL) != _seal(about):
            raise InputError(f"{ABOUT} is not what was written")
        verify(place, about["files"])
        if about["weights"] != (digest or trained.digest()):
            raise InputError("it holds the topics of other weights than the model's")
        return _discovery(about, read_arrays(place / ARRAYS), trained)
    except (*DAMAGE, OSError) as error:
        raise ArtifactError(
            f"{place} is damaged or was changed by hand: {_reason(error)}; remove it, and topics "
            "are found anew"
        ) from error


def write_edits(folder: Path, edits: Edits) -> None:
    """Write a person's edits into a model's folder; none leaves no file."""
    try:
        if len(edits):
            write_sealed(folder / EDITS, edits.to_json())
        else:
            disk.remove(folder / EDITS)
            disk.sync(folder)
        beside = folder / FOLDER / EDITS
        if beside.is_file():
            disk.remove(beside)
            disk.sync(beside.parent)
    except OSError as error:
        raise unwritable(folder / EDITS, error) from error


def read_edits(folder: Path) -> Edits:
    """A person's edits of a model's topics, none without a file; ArtifactError for damage."""
    path = folder / FOLDER / EDITS
    if not path.is_file():
        path = folder / EDITS
    if not path.is_file():
        return Edits()
    try:
        return Edits.from_json(read_sealed(path))
    except (*DAMAGE, OSError) as error:
        reason = _reason(error).removeprefix(f"{path} ").removeprefix(f"{_BY_HAND}: ")
        raise ArtifactError(
            f"{path} {_BY_HAND}: {reason}; mend it, or remove it to do without the edits (who "
            'writes it by hand takes "seal" and "sha256" out)'
        ) from error


def _write_topics(partial: Path, found: Discovery, digest: str) -> None:
    topics = found.topics
    write_arrays(partial / ARRAYS, _arrays(found))
    number, figures = found.number, found.figures
    about = {
        "format": FORMAT,
        "version": VERSION,
        "weights": digest,
        "asked": found.asked,
        "usual": found.usual,
        "wishes": found.wishes.to_json(),
        "before": found.before,
        "number": None if number is None else number.to_json(),
        "n_documents": found.n_documents,
        "looked_at": found.looked_at,
        "ids": list(topics.ids),
        "names": list(topics.names),
        "figures": None if figures is None else [own.to_json() for own in figures],
        "files": checksums(partial, [ARRAYS]),
    }
    write_json(partial / ABOUT, about | {SEAL: _seal(about)})


def _seal(about: dict[str, Any]) -> str:
    """SHA-256 of what topics.json says, however it is laid out."""
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _reason(error: BaseException) -> str:
    """One line."""
    return " ".join(str(error).split()) or type(error).__name__


def _arrays(found: Discovery) -> Arrays:
    """Arrays by name; of the words only the side that the weights do not hold."""
    topics = found.topics
    apart = ("words", "ids", "names")
    arrays = {f.name: getattr(topics, f.name) for f in fields(Topics) if f.name not in apart}
    arrays[READ] = topics.words[:, topics.words.shape[1] // 2 :]
    if found.again is not None:
        arrays[AGAIN] = found.again
    return arrays


def _discovery(about: dict[str, Any], arrays: Arrays, trained: TrainedModel) -> Discovery:
    read, again = arrays.pop(READ), arrays.pop(AGAIN, None)
    words = np.hstack([decoder_side(trained.components.T, arrays["frequency"] > 0), read])
    topics = Topics(words=words, ids=tuple(about["ids"]), names=tuple(about["names"]), **arrays)
    _check(topics)
    _check_plain(about)
    figures, number = about["figures"], about["number"]
    if figures is not None:
        figures = tuple(Figures.from_json(own) for own in figures)
        if len(figures) != len(topics):
            raise InputError(f"{len(figures)} topics have figures, {len(topics)} are there")
    return Discovery(
        topics=topics,
        number=None if number is None else NumberOfTopics.from_json(number),
        figures=figures,
        again=again,
        wishes=Wishes.from_json(about["wishes"]),
        **{name: about[name] for name in _PLAIN},
    )


def _check_plain(about: dict[str, Any]) -> None:
    """Raise InputError for a number or a name that is none."""
    counts = {"before": -1, "n_documents": 0, "looked_at": 0}
    for name, least in counts.items():
        checks.whole(name, about[name], least)
    for topic in about["ids"]:
        checks.whole("ids", topic, 0, "every one of ")
    for name in ("asked", "usual"):
        value = about[name]
        if value != "auto" and not (value is None and name == "usual"):
            checks.whole(name, value)
    if not all(name is None or isinstance(name, str) for name in about["names"]):
        raise InputError("a topic has a name that is no text")


def _check(topics: Topics) -> None:
    """Raise InputError for arrays that do not fit together."""
    n_words, both = topics.words.shape
    n_centres, n_topics = len(topics.centres), len(topics.ids)
    of_words = ("word_weights", "frequency", "allowed", "rarity", "held")
    shapes: dict[str, tuple[int, ...]] = {
        **dict.fromkeys(of_words, (n_words,)),
        "mean": (both // 2,),
        "centres": (n_centres, both),
        "owner": (n_centres,),
        "sizes": (n_centres,),
    }
    for name, shape in shapes.items():
        if getattr(topics, name).shape != shape:
            raise InputError(f"{name} has the shape {getattr(topics, name).shape}, not {shape}")
    owners = np.unique(topics.owner)
    if not n_topics or owners.tolist() != list(range(n_topics)):
        raise InputError("the centres do not belong to the topics")
    if len(topics.names) != n_topics or len(set(topics.ids)) != n_topics:
        raise InputError("the topics' numbers or names do not fit them")
    if not -1 <= topics.held.min() <= topics.held.max() < n_topics:
        raise InputError("words are held by topics that are not there")
