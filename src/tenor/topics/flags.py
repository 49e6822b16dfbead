"""Why a topic may not be worth reading, in words: what is no theme, or is there twice.

    everyday talk             its words are in many documents that have little else in common
    addresses and signatures  its words stand where texts begin and end, whatever those are about
    one repeated text         its documents are copies of one another
    near-duplicate            another, larger topic says the same

The first two go by how widely a topic's words are spread, and where in their texts they stand:

    m_v = ‖Σ_d t_dv d_d / Σ_d t_dv‖, t = log(1 + x)    agreement: 1 where all documents of word v
                                                       lie in one direction, near 0 where anywhere
    everyday = mean_v (log df_v − 2 log m_v), less its median over the topics
    edges = mean_v (late_v + early_v − .2 m_v)

Poisson-likeness r alone (space.py) tells everyday words where documents are long; in short ones
no word can repeat itself, and every word's r is 0.

Figures behind the limits: ``python benchmarks/topic_flags.py`` and docs/decisions/0009-topics.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import BagOfWords
from tenor.errors import InputError
from tenor.explore.neighbours import best, unit_rows
from tenor.topics.finding import nearest
from tenor.topics.space import SharedSpace, weighed_counts
from tenor.topics.support import same_vocabulary
from tenor.topics.topics import Topics, folded

Floats = NDArray[np.float64]

Shown = Sequence[Sequence[int]]
"""The words of each topic, by id."""

SPREAD = 0.2  # how much agreement takes from being at the edges
TOP = 10
EVERYDAY = 1.8  # above the median topic: six times as much
LATE = 0.22  # of tokens in the last 15 % of their texts, where the first are not known
EDGES = 0.4  # of tokens in the first or last 15 %, less for words that agree
ALIKE, SHARED = 0.9, 7  # cosine of two topics, and words of ten that both would show
COPIES, LARGEST = 3, 0.25  # equal documents, and their share of a topic's documents


@dataclass(frozen=True)
class Flag:
    """One reason to read a topic last.

    Attributes:
        kind: "everyday talk", "addresses and signatures", "one repeated text" or
            "near-duplicate".
        reason: what was measured, as half a sentence.
        about: the id of the topic that a near-duplicate is like; else None.
    """

    kind: str
    reason: str
    about: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def flags(
    topics: Topics,
    space: SharedSpace,
    bag: BagOfWords,
    late_share: ArrayLike | None = None,
    early_share: ArrayLike | None = None,
) -> list[list[Flag]]:
    """The flags of each topic, none for most, by the documents they were found in.

    ``late_share`` (V,) is which share of a word's tokens stands in the last 15 % of their texts,
    NaN where that is not known. Without it no topic is flagged as addresses and signatures, which
    then says nothing about any. ``early_share`` is the same of the first 15 %, where headers
    stand; it is used beside ``late_share`` only, which alone finds less and errs more.
    """
    same_vocabulary(topics, bag)
    checks.same_length("space.documents", space.documents, len(bag))
    shown = topics.word_ids(TOP)
    found: list[list[Flag]] = [[] for _ in shown]
    agree = agreement(shown, space, bag)
    if late_share is not None:
        late = _shares("late_share", late_share, bag.n_words)
        early = None if early_share is None else _shares("early_share", early_share, bag.n_words)
        _signatures(found, shown, late, early, agree)
    _everyday(found, shown, agree, bag)
    _repeated(found, topics, space, bag)
    _duplicates(found, topics)
    return found


def _signatures(
    found: list[list[Flag]], shown: Shown, late: Floats, early: Floats | None, agree: Floats
) -> None:
    if early is None:
        shares, ends, usual = mean_shares(shown, late), "last 15 %", 15
        flagged = shares > LATE
    else:
        shares, ends, usual = mean_shares(shown, late + early), "first or last 15 %", 30
        flagged = edge_scores(shown, late, early, agree) > EDGES
    for place in np.flatnonzero(flagged).tolist():
        reason = (
            f"{100 * shares[place]:.0f} % of its words' tokens stand in the {ends} of their "
            f"texts; anywhere would be {usual} %"
        )
        found[place].append(Flag("addresses and signatures", reason))


def _everyday(found: list[list[Flag]], shown: Shown, agree: Floats, bag: BagOfWords) -> None:
    """Of what is not flagged yet: addresses too stand everywhere, for a reason of their own."""
    frequency, documents = bag.document_frequency, np.count_nonzero(bag.distinct)
    for place in np.flatnonzero(everyday_scores(shown, frequency, agree) > EVERYDAY).tolist():
        if not found[place]:
            share = 100 * float(frequency[list(shown[place])].mean()) / documents
            reason = f"its words are in {share:.1f} % of the documents each, whatever their theme"
            found[place].append(Flag("everyday talk", reason))


def _repeated(found: list[list[Flag]], topics: Topics, space: SharedSpace, bag: BagOfWords) -> None:
    """A document is the topic's whose centre is nearest, as in finding them."""
    filled = np.flatnonzero((space.multiplicity > 0) & space.documents.any(axis=1))
    centres = folded(topics.centres.astype(np.float64), space.documents.shape[1])
    owners = topics.owner[nearest(space.documents[filled], centres)]
    largest, own = repeated_texts(bag.take(filled), owners, len(topics))
    for flagged, copies, documents in zip(found, largest, own, strict=True):
        if copies >= COPIES and copies >= LARGEST * documents:
            reason = f"{copies} of its {documents} documents have the very same words"
            flagged.append(Flag("one repeated text", reason))


def _duplicates(found: list[list[Flag]], topics: Topics) -> None:
    """The smaller of two topics is flagged, as like the most similar of the larger ones."""
    sums = np.zeros((len(topics), topics.centres.shape[1]))
    np.add.at(sums, topics.owner, topics.centres * np.maximum(topics.sizes, 1e-12)[:, None])
    directions = unit_rows(sums)
    cosines = directions @ directions.T
    free = [set(best(row, TOP).tolist()) for row in topics.scores()]  # a word may be in several
    order = best(topics.topic_sizes, len(topics))
    for rank, place in enumerate(order):
        alike = [
            other
            for other in order[:rank]
            if cosines[place, other] >= ALIKE and len(free[place] & free[other]) >= SHARED
        ]
        if alike:
            like = alike[int(np.argmax(cosines[place, alike]))]
            words = len(free[place] & free[like])
            reason = f"topic {topics.ids[like]} has {words} of the {TOP} words nearest to it too"
            found[place].append(Flag("near-duplicate", reason, topics.ids[like]))


def _shares(name: str, values: ArrayLike, n_words: int) -> Floats:
    """(V,) float64 of shares and NaN."""
    shares = np.asarray(values, dtype=np.float64)
    if shares.shape != (n_words,):
        raise InputError(f"{name} must have the shape ({n_words},), not {shares.shape}")
    if ((shares < 0) | (shares > 1)).any():
        raise InputError(f"{name} must hold shares from 0 to 1, or NaN where they are not known")
    return shares


def agreement(shown: Shown, space: SharedSpace, bag: BagOfWords) -> Floats:
    """(V,) m of the words shown; NaN for others, and for words in no document."""
    words = np.array(sorted({word for topic in shown for word in topic}), dtype=np.int64)
    transformed = weighed_counts(bag, space.multiplicity, np.log1p)[:, words]
    totals = transformed.sum(axis=0)
    sums = np.asarray(transformed.T @ space.documents)
    found = np.full(bag.n_words, np.nan)
    occurring = totals > 0
    lengths = np.sqrt(np.einsum("vk,vk->v", sums, sums))[occurring]
    found[words[occurring]] = lengths / totals[occurring]
    return found


def everyday_scores(shown: Shown, document_frequency: NDArray[np.int64], agree: Floats) -> Floats:
    """(T,) how much more than the median topic's a topic's words are everywhere: 0 is usual.

    NaN for a topic without words in the documents. ``agree`` is what :func:`agreement` gives.
    """
    known = (document_frequency > 0) & (agree > 0)
    logs = np.full(len(agree), np.nan)
    logs[known] = np.log(document_frequency[known]) - 2 * np.log(agree[known])
    scores = mean_shares(shown, logs)
    finite = np.isfinite(scores)
    return np.asarray(scores - np.median(scores[finite])) if finite.any() else scores


def edge_scores(shown: Shown, late: Floats, early: Floats, agree: Floats) -> Floats:
    """(T,) how much a topic's words stand at the edges of texts with little else in common."""
    return mean_shares(shown, late + early - SPREAD * agree)


def mean_shares(shown: Shown, shares: Floats) -> Floats:
    """(T,) the mean over each topic's words of which it is known; NaN where of none."""
    found = np.full(len(shown), np.nan)
    for place, words in enumerate(shown):
        own = shares[list(words)]
        known = own[np.isfinite(own)]
        if len(known):
            found[place] = known.mean()
    return found


def repeated_texts(
    bag: BagOfWords, owners: NDArray[np.int64], n_topics: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """(n_topics,) the most documents of each topic that are equal, and (n_topics,) its documents.

    ``owners`` are the topics, from 0, of the (D,) documents, each of which has a word.
    """
    pairs = np.column_stack([owners.astype(np.uint64), row_numbers(bag)])
    unique, counts = np.unique(pairs, axis=0, return_counts=True)
    largest = np.zeros(n_topics, dtype=np.int64)
    np.maximum.at(largest, unique[:, 0].astype(np.intp), counts)
    return largest, np.bincount(owners, minlength=n_topics).astype(np.int64)


def row_numbers(bag: BagOfWords) -> NDArray[np.uint64]:
    """(D,) Σ_v x_dv a_v modulo 2⁶⁴ with a_v drawn at random: equal for equal documents.

    Two different documents get the same number with a probability of 2⁻⁶⁴ times the largest
    power of two that divides all differences of their counts: never, in practice.
    """
    bag = bag.compact()
    drawn = np.random.default_rng(0).integers(0, 2**64, bag.n_words, dtype=np.uint64)
    running = np.zeros(bag.nnz + 1, dtype=np.uint64)
    np.cumsum(drawn[bag.words] * bag.counts.astype(np.uint64), out=running[1:])
    return running[bag.offsets[1:]] - running[bag.offsets[:-1]]
