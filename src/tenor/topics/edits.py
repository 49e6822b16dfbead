"""A person's hand on topics: edits in their order, kept as JSON, applied again after a refit.

Topics are never changed in place: the edited ones are what comes out of the found ones and the
edits, each time anew, so that taking back the last edit gives what was there before it. JSON is
read with every doubt, since a person may have written it:

{"version": 1, "edits": [{"kind": "rename", "topic": {"id": 3, "words": […]}, "name": …},
                         {"kind": "merge", "topics": [{"id": …, "words": […]}, …]},
                         {"kind": "split", "topic": {…}, "made": [50, 51]},
                         {"kind": "drop", "topic": {…}},
                         {"kind": "keep_out", "words": […]}]}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeVar

from tenor import checks
from tenor.errors import ArtifactError, InputError
from tenor.topics.edit import Drop, Edit, Edited, KeepOut, Merge, Named, Rename, Split
from tenor.topics.naming import checked_name, shown_words
from tenor.topics.topics import Topics

VERSION = 1
_T = TypeVar("_T")


@dataclass(frozen=True)
class Edits:
    """Edits, the first made first."""

    edits: tuple[Edit, ...] = ()

    def __len__(self) -> int:
        return len(self.edits)

    def __iter__(self) -> Iterator[Edit]:
        return iter(self.edits)

    def apply(
        self,
        topics: Topics,
        vocabulary: Sequence[str],
        highest: int = -1,
        carried: Iterable[int] = (),
    ) -> Edited:
        """The topics after all edits, and a line for each that could not be done.

        ``highest`` is the highest number that was ever a topic's, where it is not among these;
        ``carried`` are numbers that topics have from the ones that were found before them.
        """
        checks.same_length("vocabulary", vocabulary, len(topics.words))
        highest = max(highest, self.highest, *topics.ids)
        shown = shown_words(topics, vocabulary)
        edited = Edited(topics, vocabulary, shown, highest=highest, carried=frozenset(carried))
        for edit in self.edits:
            edited = edit.apply(edited)
        return edited

    def adding(self, edit: Edit) -> Edits:
        """These edits and one more."""
        return Edits((*self.edits, edit))

    def undo(self) -> Edits:
        """These edits without the last one."""
        if not self.edits:
            raise InputError("there is no edit of the topics to undo")
        return Edits(self.edits[:-1])

    @property
    def kept_out(self) -> tuple[str, ...]:
        """The words that no topic may show, for finding topics anew without them."""
        words = (word for edit in self.edits if isinstance(edit, KeepOut) for word in edit.words)
        return tuple(dict.fromkeys(words))

    @property
    def highest(self) -> int:
        """The highest number that an edit names or gives; −1 for none."""
        return max((topic for edit in self.edits for topic in edit.ids), default=-1)

    def to_json(self) -> dict[str, Any]:
        """The edits as plain JSON values."""
        return {"version": VERSION, "edits": [edit.to_json() for edit in self.edits]}

    @classmethod
    def from_json(cls, value: object) -> Edits:
        """Edits out of what :meth:`to_json` gave; refuses anything else, and says where."""
        top = _record(value, "topic edits", {"version", "edits"})
        version = top["version"]
        if isinstance(version, bool) or version != VERSION:
            raise ArtifactError(
                f"topic edits have version {version!r:.20}, this tenor reads version {VERSION}; "
                "use the tenor that wrote them"
            )
        return cls(_many("edit", _edit)(top["edits"], "topic edits"))


def rename(edited: Edited, topic: int, name: str) -> Rename:
    """Give a topic a name, one printable line that no other topic has."""
    named, name = edited.named(topic), checked_name(name)
    names, ids = edited.topics.names, edited.topics.ids
    if name in names and (other := ids[names.index(name)]) != topic:
        raise InputError(
            f"topic {other} has the name {name!r} already; merge the two or choose another"
        )
    return Rename(named, name)


def merge(edited: Edited, topics: Iterable[int]) -> Merge:
    """Make several topics one; the first one's number stays, and the first name among theirs."""
    topics = checks.listed("topics", topics, "list of topics, such as [3, 7]")
    for topic in topics:
        edited.topics.place(topic)
    if len(set(topics)) < 2 or len(set(topics)) < len(topics):
        listed = ", ".join(map(str, topics))
        raise InputError(f"merging takes at least two topics, each once, not {listed or 'none'}")
    return Merge(tuple(edited.named(topic) for topic in topics))


def split(edited: Edited, topic: int, n: int = 2) -> Split:
    """Make ``n`` topics of one.

    They get the next free numbers, and the old number is nobody's any more: neither part is what
    it was, and a number that means something else from one day to the next misleads.
    """
    named = edited.named(topic)
    if checks.whole("n", n) < 2:
        raise InputError("a topic is split into at least 2")
    edit = Split(named, tuple(edited.highest + 1 + part for part in range(n)))
    _try(edited, edit)
    return edit


def drop(edited: Edited, topic: int) -> Drop:
    """Do without a topic: the others share its documents and words."""
    edit = Drop(edited.named(topic))
    _try(edited, edit)
    return edit


def keep_out(edited: Edited, words: Sequence[str], id_of: Callable[[str], int]) -> KeepOut:
    """Let no topic show these words, which ``id_of`` finds in the vocabulary, or says so."""
    words = checks.listed("words", words, "list of words")
    if not words:
        raise InputError("the words to keep out must be a list of words")
    return KeepOut(tuple(dict.fromkeys(edited.vocabulary[id_of(word)] for word in words)))


def _try(edited: Edited, edit: Edit) -> None:
    """Refuse an edit that could not be done."""
    tried = edit.apply(edited)
    if len(tried.lost) > len(edited.lost):
        raise InputError(tried.lost[-1])


def _record(value: object, where: str, keys: set[str]) -> dict[str, Any]:
    """An object with these keys and no others."""
    if not isinstance(value, dict):
        raise ArtifactError(f"{where} must be an object, not {type(value).__name__}")
    if value.keys() != keys:
        missing, unknown = sorted(keys - value.keys()), sorted(map(str, value.keys() - keys))
        wrong = f"has no {missing[0]!r}" if missing else f"has an unknown {unknown[0]!r:.40}"
        raise ArtifactError(f"{where} {wrong}")
    return value


def _many(what: str, each: Callable[[object, str], _T]) -> Callable[[object, str], tuple[_T, ...]]:
    """Reads a list, each of whose entries is read on its own; counted from 1 in messages."""

    def read(value: object, where: str) -> tuple[_T, ...]:
        if not isinstance(value, list):
            raise ArtifactError(f"{where} must hold a list of {what}s, not {type(value).__name__}")
        return tuple(each(entry, f"{where}, {what} {n}") for n, entry in enumerate(value, 1))

    return read


def _id(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ArtifactError(f"{where} must have a whole number from 0, not {value!r:.40}")
    return value


def _word(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise ArtifactError(f"{where} must be a string that is not empty, not {value!r:.40}")
    return value


def _name(value: object, where: str) -> str:
    try:
        return checked_name(value)
    except InputError as error:
        raise ArtifactError(f"{where}: {error}") from None


def _named(value: object, where: str) -> Named:
    found = _record(value, where, {"id", "words"})
    return Named(_id(found["id"], where), _many("word", _word)(found["words"], where))


def _topics(value: object, where: str) -> tuple[Named, ...]:
    topics = _many("topic", _named)(value, where)
    if len({topic.id for topic in topics}) < max(2, len(topics)):
        raise ArtifactError(f"{where} must name at least two topics, each once")
    return topics


def _made(value: object, where: str) -> tuple[int, ...]:
    made = _many("number", _id)(value, where)
    if len(set(made)) < max(2, len(made)):
        raise ArtifactError(f"{where} must make at least two numbers, each once")
    return made


def _words(value: object, where: str) -> tuple[str, ...]:
    words = _many("word", _word)(value, where)
    if not words:
        raise ArtifactError(f"{where} names no word")
    return words


_KINDS = {edit.kind: edit for edit in (Rename, Merge, Split, Drop, KeepOut)}
_READERS: dict[str, Callable[[object, str], Any]] = {
    "topic": lambda value, where: _named(value, f"{where}, topic"),
    "topics": _topics,
    "name": _name,
    "made": _made,
    "words": _words,
}


def _edit(value: object, where: str) -> Edit:
    kind = value.get("kind") if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(kind, str) or kind not in _KINDS:
        kinds = ", ".join(_KINDS)
        raise ArtifactError(f"{where} must be an object whose kind is one of {kinds}")
    made = _KINDS[kind]
    found = _record(value, where, {"kind", *(field.name for field in fields(made))})
    return made(**{name: _READERS[name](found[name], where) for name in found if name != "kind"})
