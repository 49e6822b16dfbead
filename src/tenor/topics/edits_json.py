"""Edits as JSON values: read with every doubt, since a person may have written them.

{"version": 1, "edits": [{"kind": "rename", "topic": {"id": 3, "words": […]}, "name": …},
                         {"kind": "merge", "topics": [{"id": …, "words": […]}, …]},
                         {"kind": "split", "topic": {…}, "made": [50, 51]},
                         {"kind": "drop", "topic": {…}},
                         {"kind": "keep_out", "words": […]}]}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tenor.errors import ArtifactError, InputError
from tenor.topics.edit import Drop, Edit, KeepOut, Merge, Named, Rename, Split
from tenor.topics.naming import checked_name

VERSION = 1
_T = TypeVar("_T")


def json_of(edits: Iterable[Edit]) -> dict[str, Any]:
    """Edits as plain JSON values."""
    return {"version": VERSION, "edits": [edit.to_json() for edit in edits]}


def edits_of(value: object) -> tuple[Edit, ...]:
    """Edits out of JSON values.

    Raises:
        ArtifactError: when something is missing, unknown or of another type; says where.
    """
    top = _record(value, "topic edits", {"version", "edits"})
    version = top["version"]
    if isinstance(version, bool) or version != VERSION:
        raise ArtifactError(
            f"topic edits have version {version!r:.20}, this tenor reads version {VERSION}; "
            "use the tenor that wrote them"
        )
    return tuple(_many(top["edits"], "topic edits", "edit", _edit))


def _edit(value: object, where: str) -> Edit:
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in _KINDS:
        kinds = ", ".join(_KINDS)
        raise ArtifactError(f"{where} must be an object whose kind is one of {kinds}")
    return _KINDS[kind]({key: it for key, it in value.items() if key != "kind"}, where)


def _rename(value: object, where: str) -> Rename:
    found = _record(value, where, {"topic", "name"})
    try:
        return Rename(_named(found["topic"], f"{where}, topic"), checked_name(found["name"]))
    except InputError as error:
        raise ArtifactError(f"{where}: {error}") from None


def _merge(value: object, where: str) -> Merge:
    topics = _many(_record(value, where, {"topics"})["topics"], where, "topic", _named)
    if len({topic.id for topic in topics}) < max(2, len(topics)):
        raise ArtifactError(f"{where} must name at least two topics, each once")
    return Merge(tuple(topics))


def _split(value: object, where: str) -> Split:
    found = _record(value, where, {"topic", "made"})
    made = _many(found["made"], where, "number", _id)
    if len(set(made)) < max(2, len(made)):
        raise ArtifactError(f"{where} must make at least two numbers, each once")
    return Split(_named(found["topic"], f"{where}, topic"), tuple(made))


def _drop(value: object, where: str) -> Drop:
    return Drop(_named(_record(value, where, {"topic"})["topic"], f"{where}, topic"))


def _keep_out(value: object, where: str) -> KeepOut:
    words = _many(_record(value, where, {"words"})["words"], where, "word", _word)
    if not words:
        raise ArtifactError(f"{where} names no word")
    return KeepOut(tuple(words))


_KINDS: dict[str, Callable[[object, str], Edit]] = {
    Rename.kind: _rename,
    Merge.kind: _merge,
    Split.kind: _split,
    Drop.kind: _drop,
    KeepOut.kind: _keep_out,
}


def _named(value: object, where: str) -> Named:
    found = _record(value, where, {"id", "words"})
    return Named(_id(found["id"], where), tuple(_many(found["words"], where, "word", _word)))


def _record(value: object, where: str, keys: set[str]) -> dict[str, Any]:
    """An object with these keys and no others."""
    if not isinstance(value, dict):
        raise ArtifactError(f"{where} must be an object, not {type(value).__name__}")
    if value.keys() != keys:
        missing, unknown = sorted(keys - value.keys()), sorted(map(str, value.keys() - keys))
        wrong = f"has no {missing[0]!r}" if missing else f"has an unknown {unknown[0]!r:.40}"
        raise ArtifactError(f"{where} {wrong}")
    return value


def _many(value: object, where: str, what: str, each: Callable[[object, str], _T]) -> list[_T]:
    """A list, each of whose entries is read on its own; counted from 1 in messages."""
    if not isinstance(value, list):
        raise ArtifactError(f"{where} must hold a list of {what}s, not {type(value).__name__}")
    return [each(entry, f"{where}, {what} {number}") for number, entry in enumerate(value, 1)]


def _id(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ArtifactError(f"{where} must have a whole number from 0, not {value!r:.40}")
    return value


def _word(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ArtifactError(f"{where} must be a string that is not empty, not {value!r:.40}")
    return value
