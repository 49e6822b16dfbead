"""One edit of topics by a person, and what it does to them.

An edit names a topic by its number and by the ten words it showed when the edit was made. Where
the topic with this number shows these very words, it is meant, and where it has its number from
the topics before, four of them do; else the one among those with new numbers that shows most of
them (matching.py); else there is none any more, which is said, and the edit waits for its return.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, final

from tenor.errors import InputError
from tenor.topics.changes import dropped, joined, kept_out, renamed, split
from tenor.topics.matching import match, shown_words
from tenor.topics.naming import described
from tenor.topics.topics import Topics


@dataclass(frozen=True)
class Named:
    """A topic as a person saw it: its number and the words it showed."""

    id: int
    words: tuple[str, ...]

    def __str__(self) -> str:
        return described(self.id, self.words)

    def to_json(self) -> dict[str, Any]:
        return {"id": self.id, "words": list(self.words)}


@dataclass(frozen=True)
class Part:
    """A topic that was merged into another: its number, its name if a person gave one, words."""

    id: int
    name: str | None
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Edited:
    """Topics after a person's edits.

    Attributes:
        topics: what came out.
        vocabulary: the V words.
        shown: for each topic the ten words that tell what it is.
        parts: for the id of each merged topic what was merged into it, itself first.
        lost: what could not be done, a line each.
        highest: the highest number that is or was a topic's.
        edits: the edits, naming topics by the numbers and words they have now; those that could
            not be done as they were.
        named_for: for the id of each topic with a new name the one that it was to be the name of.
        carried: ids that topics have from the ones before: no other topic's edit means these.
    """

    topics: Topics
    vocabulary: Sequence[str]
    shown: list[list[str]]
    parts: Mapping[int, tuple[Part, ...]] = field(default_factory=dict)
    lost: tuple[str, ...] = ()
    highest: int = -1
    edits: tuple[Edit, ...] = ()
    named_for: Mapping[int, int] = field(default_factory=dict)
    carried: frozenset[int] = frozenset()

    def named(self, topic: int) -> Named:
        """The topic with this id.

        Raises:
            InputError: when there is none.
        """
        return self.at(self.topics.place(topic))

    def at(self, place: int) -> Named:
        """The topic in this place."""
        return Named(self.topics.ids[place], tuple(self.shown[place]))

    def places(self, wanted: Sequence[Named]) -> list[int | None]:
        """Where these topics stand now; no two in one place."""
        found: list[int | None] = [None] * len(wanted)
        for number, topic in enumerate(wanted):
            place = self.topics.ids.index(topic.id) if topic.id in self.topics.ids else None
            if place is not None and (
                tuple(self.shown[place]) == topic.words
                or (topic.id in self.carried and match([topic.words], [self.shown[place]]) == [0])
            ):
                found[number] = place
        ids, taken = self.topics.ids, {*found}
        free = [p for p in range(len(ids)) if p not in taken and ids[p] not in self.carried]
        open_ = [number for number, place in enumerate(found) if place is None]
        likest = match([wanted[number].words for number in open_], [self.shown[p] for p in free])
        for number, likest_place in zip(open_, likest, strict=True):
            if likest_place is not None:
                found[number] = free[likest_place]
        return found

    def done(self, edit: Edit, topics: Topics, **changes: Any) -> Edited:
        """After an edit that could be done."""
        return replace(
            self,
            topics=topics,
            shown=shown_words(topics, self.vocabulary),
            highest=max(self.highest, *topics.ids),
            edits=(*self.edits, edit),
            **changes,
        )

    def undone(self, edit: Edit, why: str) -> Edited:
        """After an edit that could not be done."""
        return replace(self, lost=(*self.lost, why), edits=(*self.edits, edit))


class Edit(ABC):
    """One edit; its ``kind`` names it in JSON."""

    kind: ClassVar[str]

    @abstractmethod
    def apply(self, before: Edited) -> Edited:
        """What comes out where the edit is done."""

    @abstractmethod
    def to_json(self) -> dict[str, Any]:
        """The edit as plain JSON values."""

    @property
    def ids(self) -> tuple[int, ...]:
        """The numbers that the edit names or gives."""
        return ()


@final
@dataclass(frozen=True)
class Rename(Edit):
    """Give a topic a name."""

    kind: ClassVar[str] = "rename"
    topic: Named
    name: str

    def apply(self, before: Edited) -> Edited:
        (place,) = before.places([self.topic])
        if place is None:
            return before.undone(
                self, f"{_gone(self.topic)}: its name {self.name!r} was not applied"
            )
        topics = before.topics
        if self.name in topics.names and topics.names[place] != self.name:
            other = topics.ids[topics.names.index(self.name)]
            return before.undone(
                self,
                f"topic {other} has the name {self.name!r} already: it was not given to "
                f"topic {before.at(place)}",
            )
        here = before.at(place)
        if before.named_for.get(here.id, self.topic.id) != self.topic.id:  # two became one
            return before.undone(
                self,
                f"topic {here} has the name {topics.names[place]!r} already: {self.name!r}, "
                f"the name of topic {self.topic}, was not given to it",
            )
        return replace(
            before,
            topics=renamed(topics, place, self.name),
            edits=(*before.edits, replace(self, topic=here)),
            named_for={**before.named_for, here.id: self.topic.id},
        )

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "topic": self.topic.to_json(), "name": self.name}

    @property
    def ids(self) -> tuple[int, ...]:
        return (self.topic.id,)


@final
@dataclass(frozen=True)
class Merge(Edit):
    """Make several topics one; the first one's number stays."""

    kind: ClassVar[str] = "merge"
    topics: tuple[Named, ...]

    def apply(self, before: Edited) -> Edited:
        places = before.places(self.topics)
        lost = tuple(
            f"{_gone(topic)}: it was not merged"
            for topic, place in zip(self.topics, places, strict=True)
            if place is None
        )
        found = [place for place in places if place is not None]
        before = replace(before, lost=(*before.lost, *lost))
        if len(found) < 2:
            return replace(before, edits=(*before.edits, self))
        seen = [
            topic if place is None else before.at(place)
            for topic, place in zip(self.topics, places, strict=True)
        ]
        topics = joined(before.topics, found)
        ids = [before.topics.ids[place] for place in found]
        merged = tuple(part for place in found for part in _parts(before, place))
        parts = {topic: own for topic, own in before.parts.items() if topic not in ids}
        edit = replace(self, topics=tuple(seen))
        return before.done(edit, topics, parts={**parts, ids[0]: merged})

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "topics": [topic.to_json() for topic in self.topics]}

    @property
    def ids(self) -> tuple[int, ...]:
        return tuple(topic.id for topic in self.topics)


@final
@dataclass(frozen=True)
class Split(Edit):
    """Make several topics of one; ``made`` are their numbers."""

    kind: ClassVar[str] = "split"
    topic: Named
    made: tuple[int, ...]

    def apply(self, before: Edited) -> Edited:
        (place,) = before.places([self.topic])
        if place is None:
            return before.undone(self, f"{_gone(self.topic)}: it was not split")
        made = self.made
        if set(made) & set(before.topics.ids):  # taken meanwhile
            made = tuple(before.highest + 1 + n for n in range(len(made)))
        seen = before.at(place)
        try:
            topics = split(before.topics, place, made)
        except InputError as error:
            return before.undone(self, f"topic {seen} was not split: {error}")
        parts = {topic: own for topic, own in before.parts.items() if topic != seen.id}
        return before.done(Split(seen, made), topics, parts=parts)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "topic": self.topic.to_json(), "made": list(self.made)}

    @property
    def ids(self) -> tuple[int, ...]:
        return (self.topic.id, *self.made)


@final
@dataclass(frozen=True)
class Drop(Edit):
    """Do without a topic."""

    kind: ClassVar[str] = "drop"
    topic: Named

    def apply(self, before: Edited) -> Edited:
        (place,) = before.places([self.topic])
        if place is None:
            return before.undone(self, f"{_gone(self.topic)}: it was not dropped")
        seen = before.at(place)
        if len(before.topics) == 1:
            return before.undone(self, f"topic {seen} is the only one left: it was not dropped")
        parts = {topic: own for topic, own in before.parts.items() if topic != seen.id}
        return before.done(Drop(seen), dropped(before.topics, place), parts=parts)

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "topic": self.topic.to_json()}

    @property
    def ids(self) -> tuple[int, ...]:
        return (self.topic.id,)


@final
@dataclass(frozen=True)
class KeepOut(Edit):
    """Words that no topic shows; one that the vocabulary has not is not shown anyway."""

    kind: ClassVar[str] = "keep_out"
    words: tuple[str, ...]

    def apply(self, before: Edited) -> Edited:
        wanted = set(self.words)
        ids = [place for place, word in enumerate(before.vocabulary) if word in wanted]
        return before.done(self, kept_out(before.topics, ids))

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "words": list(self.words)}


def _gone(topic: Named) -> str:
    return f"topic {topic} is not there any more"


def _parts(before: Edited, place: int) -> tuple[Part, ...]:
    topic = before.topics.ids[place]
    here = Part(topic, before.topics.names[place], tuple(before.shown[place]))
    return before.parts.get(topic, (here,))
