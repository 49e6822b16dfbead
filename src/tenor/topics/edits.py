"""A person's hand on topics: edits in their order, kept as JSON, applied again after a refit.

Topics are never changed in place: the edited ones are what comes out of the found ones and the
edits, each time anew, so that taking back the last edit gives what was there before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tenor import checks
from tenor.errors import InputError
from tenor.text.vocabulary import Vocabulary
from tenor.topics.edit import Drop, Edit, Edited, KeepOut, Merge, Rename, Split
from tenor.topics.edits_json import edits_of, json_of
from tenor.topics.matching import shown_words
from tenor.topics.naming import checked_name
from tenor.topics.topics import Topics

_E = TypeVar("_E", bound=Edit)


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

        Args:
            topics: as they were found.
            vocabulary: their V words.
            highest: the highest number that was ever a topic's, where it is not among these.
            carried: numbers that topics have from the ones that were found before them.
        """
        checks.same_length("vocabulary", vocabulary, len(topics.words))
        highest = max(highest, self.highest, *topics.ids)
        edited = Edited(
            topics,
            vocabulary,
            shown_words(topics, vocabulary),
            highest=highest,
            carried=frozenset(carried),
        )
        for edit in self.edits:
            edited = edit.apply(edited)
        return edited

    def adding(self, edit: Edit) -> Edits:
        """These edits and one more."""
        return Edits((*self.edits, edit))

    def undo(self) -> Edits:
        """These edits without the last one.

        Raises:
            InputError: when there is none.
        """
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
        return json_of(self.edits)

    @classmethod
    def from_json(cls, value: object) -> Edits:
        """Edits out of what :meth:`to_json` gave.

        Raises:
            ArtifactError: when it is anything else; says where.
        """
        return cls(edits_of(value))


def rename(edited: Edited, topic: int, name: str) -> Rename:
    """Give a topic a name, one printable line that no other topic has.

    Raises:
        InputError: for no such topic, or no such name.
    """
    named, name = edited.named(topic), checked_name(name)
    if name in edited.topics.names:
        other = edited.topics.ids[edited.topics.names.index(name)]
        if other != topic:
            raise InputError(
                f"topic {other} has the name {name!r} already; merge the two or choose another"
            )
    return Rename(named, name)


def merge(edited: Edited, topics: Iterable[int]) -> Merge:
    """Make several topics one; the first one's number stays, and the first name among theirs.

    Raises:
        InputError: for fewer than two different topics, or one that is not there.
    """
    given: object = topics
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(f"merging takes a list of topics, such as [3, 7], not {topics!r:.40}")
    topics = tuple(topics)
    if len(set(topics)) < 2 or len(set(topics)) < len(topics):
        listed = ", ".join(map(str, topics))
        raise InputError(f"merging takes at least two topics, each once, not {listed or 'none'}")
    return Merge(tuple(edited.named(topic) for topic in topics))


def split(edited: Edited, topic: int, n: int = 2) -> Split:
    """Make ``n`` topics of one.

    They get the next free numbers, and the old number is nobody's any more: neither part is what
    it was, and a number that means something else from one day to the next misleads.

    Raises:
        InputError: for no such topic, n < 2, or too few words that differ.
    """
    named = edited.named(topic)
    if checks.whole("n", n) < 2:
        raise InputError("a topic is split into at least 2")
    edit = Split(named, tuple(edited.highest + 1 + part for part in range(n)))
    return _possible(edited, edit)


def drop(edited: Edited, topic: int) -> Drop:
    """Do without a topic: the others share its documents and words.

    Raises:
        InputError: for no such topic, or the only one.
    """
    return _possible(edited, Drop(edited.named(topic)))


def keep_out(edited: Edited, words: Sequence[str]) -> KeepOut:
    """Let no topic show these words.

    Raises:
        UnknownWordError: for a word that the vocabulary has not.
        InputError: for no words, or a string where words are expected.
    """
    given: object = words
    if isinstance(given, str) or not isinstance(given, Iterable) or not list(words):
        raise InputError("the words to keep out must be a list of words")
    known = Vocabulary.of(edited.vocabulary)
    for word in words:
        known.id_of(word)
    return KeepOut(tuple(dict.fromkeys(str(word) for word in words)))


def _possible(edited: Edited, edit: _E) -> _E:
    """The edit, once it has been tried."""
    tried = edit.apply(edited)
    if len(tried.lost) > len(edited.lost):
        raise InputError(tried.lost[-1])
    return edit
