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
    """What a person asked of topics besides their number, in words: to find them so again."""

    # What a topic begins with, by the topic's name.
    seed_words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hold: bool = True  # whether these stay with their topic
    keep_out: tuple[str, ...] = ()  # words that no topic may show

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
    """Topics before a person's hand."""

    topics: Topics  # the largest first
    asked: int | str  # how many: a number or "auto"
    number: NumberOfTopics | None  # the estimates behind "auto"
    n_documents: int  # of the model then
    looked_at: int  # those of them that topics were found in
    figures: tuple[Figures, ...] | None = None  # of each topic; None until measured
    # (B, T', 10) word ids of the topics found in B bootstraps, −1 where a topic shows fewer.
    again: NDArray[np.int32] | None = None
    wishes: Wishes = Wishes()  # it never changes
    usual: int | str | None = None  # how many the model's parameter asked for; None: unknown
    before: int = -1  # the highest number that was a topic's before these were found

    @property
    def carried(self) -> tuple[int, ...]:
        """Numbers that these topics have from the ones before."""
        return tuple(topic for topic in self.topics.ids if topic <= self.before)
