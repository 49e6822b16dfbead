"""Topics by group: how much of each topic the documents of every label hold, and how surely.

A share is the mean weight of a topic over a group's documents: every document weighs one, however
long it is. Each share has a bootstrap interval over documents, and each difference between a group
and all other groups a p-value (:mod:`tenor.topics.group_means`), corrected over all groups and
topics at once (Benjamini & Hochberg). The order of documents changes nothing, not even the last
bit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.text.missing import labels_in
from tenor.topics import group_means
from tenor.topics.group_means import or_none

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class TopicShare:
    """One topic in one group.

    Attributes:
        topic: its number.
        share: mean weight in the group's documents.
        low, high: 95 % bootstrap interval of the share.
        rest: mean weight in the documents of all other groups.
        difference: share − rest.
        p: two-sided p-value of the difference, uncorrected.
        rate: the same as a false discovery rate over all groups and topics.
        real: whether the rate is at most 5 %.

    Numbers that the data cannot give are None: intervals, p and rate of a group of one document,
    everything of a group without words, and everything about the rest where there is none.
    """

    topic: int
    share: float | None
    low: float | None
    high: float | None
    rest: float | None
    difference: float | None
    p: float | None
    rate: float | None
    real: bool


@dataclass(frozen=True)
class TellingTopics:
    """What sets a group apart: real differences only, the largest first.

    Attributes:
        group: its label.
        documents: how many with words it has.
        more, less: topics that the group holds more of, and less of, than all other groups.
    """

    group: str
    documents: int
    more: tuple[TopicShare, ...]
    less: tuple[TopicShare, ...]


@final
@dataclass(frozen=True, eq=False)
class GroupShares:
    """Topic shares of G groups over T topics.

    Attributes:
        groups: G labels, the largest group first.
        ids: the T topics' numbers.
        documents: (G,) documents with words in each: these make the shares.
        means: (G, T) mean weights; NaN for a group without words.
        intervals: (G, T, 2) 95 % percentile bootstrap; NaN below two documents, and too narrow
            below some twenty.
        rest: (G, T) mean weights in all other groups' documents; NaN where there are none.
        p_values: (G, T) two-sided, uncorrected; NaN where a side has fewer than two documents.
        rates: (G, T) the same as false discovery rates over all of them.
        real: (G, T) whether the rate is at most 5 %.
        unlabelled: documents without a label: in no group and in no rest.
        wordless: labelled documents without words: in no share.
        n_bootstrap: resamples behind the intervals.
    """

    groups: tuple[str, ...]
    ids: tuple[int, ...]
    documents: NDArray[np.int64]
    means: Floats
    intervals: Floats
    rest: Floats
    p_values: Floats
    rates: Floats
    real: NDArray[np.bool_]
    unlabelled: int
    wordless: int
    n_bootstrap: int

    def __len__(self) -> int:
        return len(self.groups)

    @property
    def differences(self) -> Floats:
        """(G, T) each group's share less that of all other groups."""
        return self.means - self.rest

    def of(self, group: int) -> list[TopicShare]:
        """The T topics of one group, by its place in ``groups``."""
        lows, highs = np.moveaxis(self.intervals, 2, 0)
        measured = (self.means, lows, highs, self.rest, self.differences, self.p_values, self.rates)
        numbers = np.array([values[group] for values in measured])
        found = []
        for topic, own, real in zip(self.ids, numbers.T, self.real[group], strict=True):
            share, low, high, rest, difference, p, rate = map(or_none, own)
            found.append(TopicShare(topic, share, low, high, rest, difference, p, rate, bool(real)))
        return found

    def telling(self, n: int = 3) -> list[TellingTopics]:
        """For each group the ``n`` topics it really holds most more of, and most less of."""
        n = checks.whole("n", n)
        found = []
        for place, group in enumerate(self.groups):
            apart = [(topic.difference or 0.0, topic) for topic in self.of(place) if topic.real]
            apart.sort(key=lambda pair: -pair[0])
            more = tuple(topic for difference, topic in apart if difference > 0)[:n]
            less = tuple(topic for difference, topic in reversed(apart) if difference < 0)[:n]
            found.append(TellingTopics(group, int(self.documents[place]), more, less))
        return found

    def table(self, names: Sequence[str] | None = None) -> list[dict[str, Any]]:
        """One record for each group and topic, with the topics' names where given.

        Args:
            names: of the topics, in the order of ``ids``.

        Raises:
            InputError: when there is not one name a topic.
        """
        return [
            {"group": group, "documents": documents, **record}
            for group, documents, records in self._records(names)
            for record in records
        ]

    def to_json(self, names: Sequence[str] | None = None) -> dict[str, Any]:
        """The shares as plain JSON values; numbers that there are not are null."""
        return {
            "groups": [
                {"group": group, "documents": documents, "topics": records}
                for group, documents, records in self._records(names)
            ],
            "unlabelled": self.unlabelled,
            "wordless": self.wordless,
            "weighting": "every document weighs one",
            "interval": "95 % bootstrap over documents",
            "n_bootstrap": self.n_bootstrap,
            "false_discovery_rate": group_means.RATE,
        }

    def _records(
        self, names: Sequence[str] | None
    ) -> Iterator[tuple[str, int, list[dict[str, Any]]]]:
        """Each group, its documents, and a record for each of its topics."""
        if names is not None:
            checks.same_length("names", names, len(self.ids))
        named = [{}] * len(self.ids) if names is None else [{"name": name} for name in names]
        for place, group in enumerate(self.groups):
            told = zip(self.of(place), named, strict=True)
            records = [{"topic": share.topic, **name, **vars(share)} for share, name in told]
            yield group, int(self.documents[place]), records


def shares_by_group(
    weights: ArrayLike,
    labels: Sequence[str | None],
    n_bootstrap: int = 1000,
    seed: int = 0,
    ids: Sequence[int] | None = None,
) -> GroupShares:
    """How much of each topic every group holds, and where it differs from all others.

    Rows of ``weights`` (D, T) sum to one, or are all zero for a document without words; ``labels``
    are None or "" for a document without one; ``n_bootstrap`` is at least 40. The same documents
    and seed give the same bits in any order; topics without ``ids`` are 0 to T − 1.

    Memory beyond the weights is that of the largest group's weights and some tens of MB.
    """
    rows, worded = group_means.checked_weights(weights)
    topics = group_means.checked_ids(ids, rows.shape[1])
    n_bootstrap, seed = group_means.checked_bootstraps(n_bootstrap), checks.whole("seed", seed, 0)
    names, member = _groups(labels, len(rows))
    order = group_means.canonical_order(rows)
    order = order[worded[order] & (member[order] >= 0)]
    order = order[np.argsort(member[order], kind="stable")]
    documents = np.bincount(member[order], minlength=len(names)).astype(np.int64)
    parts = np.split(order, np.cumsum(documents)[:-1])
    if not len(order):
        raise InputError("no document has both a label and words: there is nothing to compare")

    sums = np.array([rows[part].sum(axis=0, dtype=np.float64) for part in parts])
    total = sums.sum(axis=0)
    means = _divided(sums, documents)
    centre = total / len(order)
    about, intervals = [], np.full((*means.shape, 2), np.nan)
    for place, part in enumerate(parts):
        own = rows[part]
        about.append(group_means.moments(own, centre))
        if len(part) > 1:
            rng = np.random.default_rng([seed, place])
            drawn = group_means.bootstrap_means(own, n_bootstrap, rng)
            intervals[place] = group_means.interval(drawn)
    pool = sum(about[1:], start=about[0])
    p_values = np.array([group_means.p_values(inside, pool) for inside in about])
    rates = group_means.adjusted(p_values)
    return GroupShares(
        groups=names,
        ids=topics,
        documents=documents,
        means=means,
        intervals=intervals,
        rest=_divided(total - sums, documents.sum() - documents),
        p_values=p_values,
        rates=rates,
        real=rates <= group_means.RATE,  # NaN is not
        unlabelled=int((member < 0).sum()),
        wordless=int(((member >= 0) & ~worded).sum()),
        n_bootstrap=n_bootstrap,
    )


def _groups(
    labels: Sequence[str | None], n_documents: int
) -> tuple[tuple[str, ...], NDArray[np.intp]]:
    """The labels, the largest group first, and (D,) each document's place in them, −1 for none."""
    checks.same_length("labels", labels, n_documents)
    labels = labels_in(labels)
    for row, label in enumerate(labels):
        if label is not None and not isinstance(label, str):
            raise InputError(
                f"labels must be strings, or None where there is none; label {row} is "
                f"{checks.kind_of(label)}"
            )
    sizes = Counter(str(label) for label in labels if label)
    if not sizes:
        raise InputError("no document has a label: there are no groups to compare")
    names = tuple(sorted(sizes, key=lambda name: (-sizes[name], name)))
    place = {name: number for number, name in enumerate(names)}
    member = np.fromiter(
        (place[str(label)] if label else -1 for label in labels), np.intp, n_documents
    )
    return names, member


def _divided(sums: Floats, numbers: NDArray[np.int64]) -> Floats:
    """Sums over numbers of documents, NaN where there are none."""
    of = numbers[:, None]
    return np.asarray(np.divide(sums, of, out=np.full(sums.shape, np.nan), where=of > 0))
