"""What tells two sets of documents apart: the words of each, and the topics that differ.

Words are scored as in :mod:`tenor.explore.telling`, topics tested as in
:mod:`tenor.topics.group_means`: the same numbers that name clusters and compare labels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import DocumentCounts
from tenor.errors import InputError
from tenor.explore.neighbours import spans
from tenor.explore.telling import telling_words
from tenor.topics import group_means
from tenor.topics.group_means import BLOCK, or_none

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class TellingWord:
    """A word that speaks for one set.

    Attributes:
        word: the word.
        z: log-odds against the other set, in standard deviations.
        inside, outside: share of the documents of this set, and of the other, that hold it.
    """

    word: str
    z: float
    inside: float
    outside: float


@dataclass(frozen=True)
class TopicContrast:
    """One topic in two sets of documents.

    Attributes:
        topic: its number.
        one, other: mean weight in each set's documents that have words.
        difference: one − other.
        low, high: 95 % bootstrap interval of the difference; None where a set has one document.
        p: two-sided p-value, uncorrected; None likewise.
        rate: the same as a false discovery rate over all topics.
        real: whether the rate is at most 5 %.
    """

    topic: int
    one: float
    other: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    rate: float | None
    real: bool


@final
@dataclass(frozen=True)
class Contrast:
    """Two sets of documents, told apart.

    Attributes:
        documents: how many each set has.
        wordless: how many of them have no words: they count in no topic's share.
        one_words, other_words: what speaks for each set, the most telling word first.
        topics: real differences first, then by size; empty where no weights were given.
    """

    documents: tuple[int, int]
    wordless: tuple[int, int]
    one_words: tuple[TellingWord, ...]
    other_words: tuple[TellingWord, ...]
    topics: tuple[TopicContrast, ...]

    def to_json(self, names: Mapping[int, str] | None = None) -> dict[str, Any]:
        """The contrast as plain JSON values.

        Args:
            names: of the topics by number; each stands beside its topic.

        Raises:
            InputError: when a topic has no name.
        """
        if names is None:
            return asdict(self)
        named = []
        for entry in self.topics:
            if (topic := entry.topic) not in names:
                raise InputError(f"names must have one for each topic; topic {topic} has none")
            named.append({"topic": topic, "name": names[topic], **vars(entry)})
        return asdict(self) | {"topics": named}


def compare(
    one: ArrayLike,
    other: ArrayLike | None,
    bag: DocumentCounts,
    words: Sequence[str],
    weights: ArrayLike | None = None,
    *,
    n: int = 10,
    n_bootstrap: int = 1000,
    seed: int = 0,
    ids: Sequence[int] | None = None,
) -> Contrast:
    """Tell two sets of documents, row numbers of ``bag``, apart by words and topics.

    Without ``other`` the second set is all documents that are not in the first, and without
    ``weights`` (D, T), rows that sum to one or are all zero, words alone are compared. Each set
    has ``n`` words, fewer where fewer speak for it, and at least 40 resamples; the order of
    documents changes nothing. Topics without ``ids`` are 0 to T − 1.
    """
    n, n_bootstrap = checks.whole("n", n), group_means.checked_bootstraps(n_bootstrap)
    checks.same_length("words", words, bag.n_words)
    first = _rows("the first set", one, len(bag))
    second = (
        np.setdiff1d(np.arange(len(bag)), first)
        if other is None
        else _rows("the second set", other, len(bag))
    )
    if not len(second):
        raise InputError("the first set holds every document: nothing is left to compare it with")
    both = np.intersect1d(first, second)
    if len(both):
        raise InputError(
            f"the two sets must not overlap; row {both[0]} is in both (as are {len(both) - 1} more)"
        )
    holding = [_document_frequency(bag, rows) for rows in (first, second)]
    shares = holding[0] / len(first), holding[1] / len(second)
    one_words, other_words = (
        tuple(
            TellingWord(words[word], z, float(shares[side][word]), float(shares[1 - side][word]))
            for word, z in telling_words(holding[side], holding[1 - side], n)
        )
        for side in (0, 1)
    )
    topics: tuple[TopicContrast, ...] = ()
    if weights is not None:
        rows, worded = group_means.checked_weights(weights)
        checks.same_length("weights", rows, len(bag))
        numbers = group_means.checked_ids(ids, rows.shape[1])
        topics = _topics((first, second), rows, worded, numbers, n_bootstrap, seed)
    empty = bag.distinct == 0
    return Contrast(
        documents=(len(first), len(second)),
        wordless=(int(empty[first].sum()), int(empty[second].sum())),
        one_words=one_words,
        other_words=other_words,
        topics=topics,
    )


def _topics(
    sets: tuple[Rows, Rows],
    rows: checks.Floats,
    worded: NDArray[np.bool_],
    topics: tuple[int, ...],
    n_bootstrap: int,
    seed: int,
) -> tuple[TopicContrast, ...]:
    sides = []
    for name, members in zip(("first", "second"), sets, strict=True):
        members = members[worded[members]]
        if not len(members):
            raise InputError(f"no document of the {name} set has words: its topics are unknown")
        own = rows[members]
        sides.append(own[group_means.canonical_order(own)])
    means = [side.mean(axis=0, dtype=np.float64) for side in sides]
    n = [len(side) for side in sides]
    centre = (means[0] * n[0] + means[1] * n[1]) / sum(n)
    about = [group_means.moments(side, centre) for side in sides]
    p_values = group_means.p_values(about[0], about[0] + about[1])
    rates = group_means.adjusted(p_values)
    ends = np.full((len(centre), 2), np.nan)
    if min(n) > 1:
        drawn = [
            group_means.bootstrap_means(side, n_bootstrap, np.random.default_rng([seed, place]))
            for place, side in enumerate(sides)
        ]
        ends = group_means.interval(drawn[0] - drawn[1])
    numbers = np.array([*means, means[0] - means[1], *ends.T, p_values, rates]).T.tolist()
    found = []
    for topic, (one, other, apart, *rest) in zip(topics, numbers, strict=True):
        low, high, p, rate = map(or_none, rest)
        real = rate is not None and rate <= group_means.RATE
        found.append(TopicContrast(topic, one, other, apart, low, high, p, rate, real))
    return tuple(sorted(found, key=lambda topic: (not topic.real, -abs(topic.difference))))


def _document_frequency(bag: DocumentCounts, rows: Rows) -> Floats:
    """(V,) in how many of these documents each word occurs."""
    found = np.zeros(bag.n_words)
    for start, stop in spans(len(rows), BLOCK):
        found += bag.take(rows[start:stop]).document_frequency
    return found


def _rows(name: str, rows: ArrayLike, n_documents: int) -> Rows:
    """Row numbers in ascending order."""
    given = np.asarray(rows)
    if not given.size:
        raise InputError(f"{name} is empty: give it at least one document")
    if given.ndim != 1 or given.dtype.kind not in "iu":
        raise InputError(f"{name} must be a list of row numbers")
    found = np.unique(given.astype(np.int64))
    if found[0] < 0 or found[-1] >= n_documents:
        wrong = found[0] if found[0] < 0 else found[-1]
        raise InputError(f"{name} asks for row {wrong}: there are rows 0 to {n_documents - 1}")
    if len(found) < len(given):
        raise InputError(f"{name} holds a row twice: {len(given) - len(found)} rows are repeats")
    return found
