"""One edit of topics by a person, and what it does to them.

An edit names a topic by its number and by the ten words it showed when the edit was made. Where
the topic with this number shows these very words, it is meant, and where it has its number from
the topics before, four of them do; else the one among those with new numbers that shows most of
them (naming.py); else there is none any more, which is said, and the edit waits for its return.

Ids are kept: a joined topic has its first part's, a dropped one's is nobody's any more, and so is
that of a split one, since neither part is what it was: its parts get numbers of their own. With
θ_dc of the centres, a joined topic has the sum of its parts' weights; where a topic is dropped,
the others' weights grow in proportion, since they are a softmax over the centres that are left.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar, TypeVar, final

import numpy as np
from numpy.typing import NDArray

from tenor.errors import InputError
from tenor.topics.finding import nearest
from tenor.topics.naming import described, match, shown_words
from tenor.topics.topics import Topics
from tenor.topics.tree import owned, split_centres

_T = TypeVar("_T")


@dataclass(frozen=True)
class Named:
    """A topic as a person saw it: its number and the words it showed."""

    id: int
    words: tuple[str, ...]

    def __str__(self) -> str:
        return described(self.id, self.words)


@dataclass(frozen=True)
class Part(Named):
    """A topic that was merged into another, and its name if a person gave one."""

    name: str | None


@dataclass(frozen=True, eq=False)
class Edited:
    """Topics after a person's edits."""

    topics: Topics
    vocabulary: Sequence[str]
    shown: list[list[str]]  # for each topic the ten words that tell what it is
    # For the id of each merged topic what was merged into it, itself first.
    parts: Mapping[int, tuple[Part, ...]] = field(default_factory=dict)
    lost: tuple[str, ...] = ()  # what could not be done, a line each
    highest: int = -1  # the highest number that is or was a topic's
    # Each names topics by the numbers and words of now, or as it did if it could not be done.
    edits: tuple[Edit, ...] = ()
    # For the id of each topic with a new name the one that it was to be the name of.
    named_for: Mapping[int, int] = field(default_factory=dict)
    # Ids that topics have from the ones before: no other topic's edit means these.
    carried: frozenset[int] = frozenset()

    def named(self, topic: int) -> Named:
        """The topic with this id."""
        return self.at(self.topics.place(topic))

    def at(self, place: int) -> Named:
        """The topic in this place."""
        return Named(self.topics.ids[place], tuple(self.shown[place]))

    def places(self, wanted: Sequence[Named]) -> list[int | None]:
        """Where these topics stand now; no two in one place."""
        found: list[int | None] = [None] * len(wanted)
        ids = self.topics.ids
        for number, topic in enumerate(wanted):
            if topic.id in ids:
                place = ids.index(topic.id)
                same = self.at(place) == topic
                if same or (
                    topic.id in self.carried and match([topic.words], [self.shown[place]])[0] == 0
                ):
                    found[number] = place
        free = [p for p in range(len(ids)) if p not in found and ids[p] not in self.carried]
        open_ = [number for number, place in enumerate(found) if place is None]
        likest = match([wanted[number].words for number in open_], [self.shown[p] for p in free])
        for number, nth in zip(open_, likest, strict=True):
            found[number] = None if nth is None else free[nth]
        return found

    def done(
        self, edit: Edit, topics: Topics, merged: Mapping[int, tuple[Part, ...]] | None = None
    ) -> Edited:
        """After an edit that could be done, and merged what it says."""
        parts = {**self.parts, **(merged or {})}
        return replace(
            self,
            topics=topics,
            shown=shown_words(topics, self.vocabulary),
            parts={topic: own for topic, own in parts.items() if topic in topics.ids},
            highest=max(self.highest, *topics.ids),
            edits=(*self.edits, edit),
        )

    def undone(self, edit: Edit, why: str) -> Edited:
        """After an edit that could not be done."""
        return replace(self, lost=(*self.lost, why), edits=(*self.edits, edit))


@dataclass(frozen=True)
class Edit(ABC):
    """One edit; its ``kind`` names it in JSON."""

    kind: ClassVar[str]

    @abstractmethod
    def apply(self, before: Edited) -> Edited:
        """What comes out where the edit is done."""

    @property
    def ids(self) -> tuple[int, ...]:
        """The numbers that the edit names or gives."""
        return ()

    def to_json(self) -> dict[str, Any]:
        """The edit as plain JSON values."""
        return {"kind": self.kind, **asdict(self, dict_factory=_plain)}


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
        topics, here, names = before.topics, before.at(place), list(before.topics.names)
        if self.name in names and names[place] != self.name:
            return before.undone(
                self,
                f"topic {topics.ids[names.index(self.name)]} has the name {self.name!r} already: "
                f"it was not given to topic {here}",
            )
        if before.named_for.get(here.id, self.topic.id) != self.topic.id:  # two became one
            return before.undone(
                self,
                f"topic {here} has the name {names[place]!r} already: {self.name!r}, "
                f"the name of topic {self.topic}, was not given to it",
            )
        names[place] = self.name
        return replace(
            before,
            topics=replace(topics, names=tuple(names)),
            edits=(*before.edits, replace(self, topic=here)),
            named_for={**before.named_for, here.id: self.topic.id},
        )

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
        found: list[int] = []
        seen, lost = list(self.topics), list(before.lost)
        merged: list[Part] = []
        for number, place in enumerate(places):
            if place is None:
                lost.append(f"{_gone(seen[number])}: it was not merged")
                continue
            here = seen[number] = before.at(place)
            own = Part(here.id, here.words, before.topics.names[place])
            merged += before.parts.get(here.id, (own,))
            found.append(place)
        before = replace(before, lost=tuple(lost))
        if len(found) < 2:
            return replace(before, edits=(*before.edits, self))
        stays = before.topics.ids[found[0]]
        edit = Merge(tuple(seen))
        return before.done(edit, joined(before.topics, found), {stays: tuple(merged)})

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
            topics = split_up(before.topics, place, made)
        except InputError as error:
            return before.undone(self, f"topic {seen} was not split: {error}")
        return before.done(Split(seen, made), topics)

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
        return before.done(Drop(seen), dropped(before.topics, place))

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
        out = set(self.words)
        allowed = before.topics.allowed & [word not in out for word in before.vocabulary]
        return before.done(self, replace(before.topics, allowed=allowed))


def _gone(topic: Named) -> str:
    return f"topic {topic} is not there any more"


def _plain(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in fields}


def joined(topics: Topics, places: Sequence[int]) -> Topics:
    """The topics with several of them made one, in the place of the first of ``places``.

    It has the first one's id and the first name among theirs.
    """
    first, others = places[0], set(places[1:])
    left = [place for place in range(len(topics)) if place not in others]
    now = np.empty(len(topics), dtype=np.int64)
    now[left] = np.arange(len(left))
    now[list(others)] = now[first]
    given = [topics.names[place] for place in places if topics.names[place] is not None]
    names = _with(topics.names, first, given[:1] or [None])
    return replace(
        topics,
        owner=now[topics.owner],
        held=np.where(topics.held >= 0, now[topics.held], -1),
        ids=tuple(topics.ids[place] for place in left),
        names=tuple(names[place] for place in left),
    )


def split_up(topics: Topics, place: int, ids: Sequence[int]) -> Topics:
    """The topics with one of them split into as many as there are new ``ids``, in its place.

    The heaviest part in words comes first; sizes are shared out by that weight until they are
    measured. A word that was held by hand goes to the nearest part.
    """
    n = len(ids)
    centres = split_centres(topics, place, n)
    words = np.flatnonzero(owned(topics) == place)
    mass = np.bincount(_part(topics, words, centres), topics.word_weights[words], minlength=n)
    order = np.argsort(-mass, kind="stable")
    centres, mass = centres[order], mass[order] / mass.sum()
    at = int(np.argmax(topics.owner == place))
    kept = topics.owner != place
    now = np.arange(len(topics)) + (n - 1) * (np.arange(len(topics)) > place)
    before, after = kept & (np.arange(len(kept)) < at), kept & (np.arange(len(kept)) > at)
    held = np.where(topics.held >= 0, now[topics.held], -1)
    own = np.flatnonzero(topics.held == place)
    held[own] = place + _part(topics, own, centres)
    sizes = topics.topic_sizes[place] * mass
    return replace(
        topics,
        centres=np.vstack([topics.centres[before], centres, topics.centres[after]]),
        owner=np.concatenate(
            [now[topics.owner[before]], place + np.arange(n), now[topics.owner[after]]]
        ),
        sizes=np.concatenate([topics.sizes[before], sizes, topics.sizes[after]]),
        held=held,
        ids=_with(topics.ids, place, ids),
        names=_with(topics.names, place, [None] * n),
    )


def dropped(topics: Topics, place: int) -> Topics:
    """The topics without one of them, not the only one; its words are the others'."""
    kept = topics.owner != place
    now = np.arange(len(topics)) - (np.arange(len(topics)) > place)
    sizes = topics.sizes[kept]
    return replace(
        topics,
        centres=topics.centres[kept],
        owner=now[topics.owner[kept]],
        sizes=sizes / (sizes.sum() or 1.0),
        held=np.where((topics.held >= 0) & (topics.held != place), now[topics.held], -1),
        ids=_with(topics.ids, place, []),
        names=_with(topics.names, place, []),
    )


def _part(
    topics: Topics, words: NDArray[np.intp], centres: NDArray[np.float32]
) -> NDArray[np.intp]:
    """(n,) which part's centre is nearest to each word."""
    return nearest(topics.words[words].astype(np.float64), centres.astype(np.float64))


def _with(values: tuple[_T, ...], place: int, instead: Sequence[_T]) -> tuple[_T, ...]:
    return (*values[:place], *instead, *values[place + 1 :])
