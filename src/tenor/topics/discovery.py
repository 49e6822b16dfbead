"""Topics as they were found, with what they say of themselves: what is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.topics.flags import Flag
from tenor.topics.number import NumberOfTopics
from tenor.topics.topics import Topics


@dataclass(frozen=True)
class Figures:
    """What is measured of a topic by the words it shows.

    Attributes:
        npmi: of its ten words over the documents; None for fewer than two words.
        document_frequency: mean number of documents that hold one of them; None for no words.
        token_share: which share of all tokens they are; None where nothing was measured.
        stability: share of them that comes back under bootstraps of the documents, the model as
            it is; None where it was not measured.
        flags: why the topic may be none.
    """

    npmi: float | None
    document_frequency: float | None
    token_share: float | None
    stability: float | None
    flags: tuple[Flag, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values."""
        return asdict(self) | {"flags": [flag.to_json() for flag in self.flags]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Figures:
        """Out of what :meth:`to_json` gave."""
        return cls(**{**value, "flags": tuple(Flag(**flag) for flag in value["flags"])})


UNMEASURED = Figures(None, None, None, None)


@dataclass(frozen=True)
class Wishes:
    """What a person asked of topics besides their number, in words: to find them so again.

    Attributes:
        seed_words: words that a topic begins with, by the topic's name.
        hold: whether these stay with their topic.
        keep_out: words that no topic may show.
    """

    seed_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hold: bool = True
    keep_out: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON values; topics in their order."""
        seeds = [[name, list(words)] for name, words in self.seed_words.items()]
        return {"seed_words": seeds, "hold": self.hold, "keep_out": list(self.keep_out)}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Wishes:
        """Out of what :meth:`to_json` gave."""
        seeds = {name: tuple(words) for name, words in value["seed_words"]}
        return cls(seeds, bool(value["hold"]), tuple(value["keep_out"]))


@dataclass(frozen=True, eq=False)
class Discovery:
    """Topics before a person's hand.

    Attributes:
        topics: the largest first.
        asked: how many were asked for: a number or "auto".
        number: the estimates behind "auto"; None for a number.
        n_documents: documents of the model then.
        looked_at: those of them that topics were found in.
        figures: of each topic; None until measured.
        again: (B, T', 10) int32 word ids of the topics found in B bootstraps, −1 where a topic
            shows fewer; None until measured.
        wishes: what else was asked for.
        usual: how many the model asks for by itself, as its parameter said then; None: unknown.
        before: the highest number that was a topic's before these were found; −1 for none.
    """

    topics: Topics
    asked: int | str
    number: NumberOfTopics | None
    n_documents: int
    looked_at: int
    figures: tuple[Figures, ...] | None = None
    again: NDArray[np.int32] | None = None
    wishes: Wishes = Wishes()  # it never changes
    usual: int | str | None = None
    before: int = -1

    @property
    def carried(self) -> tuple[int, ...]:
        """Numbers that these topics have from the ones before."""
        return tuple(topic for topic in self.topics.ids if topic <= self.before)
