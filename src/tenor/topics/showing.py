"""The documents that show a topic best: full of it, long enough to tell, and not twice the same.

With θ_d the topic's weight, m_d the number of distinct words of document d, and x_d its
log(1 + counts) × log(D / df), of length one:

    shows_d = θ_d m_d / (m_d + 5)                           a few words may point anywhere by chance
    next = argmax_d λ shows_d / max shows − (1 − λ) max_{e chosen} x_d·x_e,  λ = .7

which is maximal marginal relevance (Carbonell & Goldstein 1998). A document with the same counts
as one before it, or with x_d·x_e > .7 to a chosen one (a reply that quotes it, a new edition), is
passed over. Candidates are the first hundred by shows_d, each counts once; more where these hold
too few different ones, up to 16,384, so memory is flat however many documents there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import BagOfWords, DocumentCounts
from tenor.errors import InputError
from tenor.explore.neighbours import best, spans
from tenor.topics.flags import row_numbers

Rows = NDArray[np.intp]

DOUBT = 5.0  # distinct words at which half of a weight is believed
RELEVANCE = 0.7  # λ
NEAR = 0.7  # cosine above which two documents say the same
FIRST, MOST = 100, 1 << 14  # candidates


def show_documents(weights: ArrayLike, place: int, n: int, bag: DocumentCounts) -> Rows:
    """(≤ n,) the rows that show a topic best, in the order in which they should be read.

    ``place`` is the topic's column of ``weights`` (D, T), zeros for documents without words.
    """
    rows = checks.matrix("weights", weights)
    checks.same_length("weights", rows, len(bag))
    n = checks.whole("n", n)
    if not 0 <= place < rows.shape[1]:
        raise InputError(f"there is no topic at {place}: they stand at 0 to {rows.shape[1] - 1}")
    distinct = bag.distinct
    shows = rows[:, place].astype(np.float64) * (distinct / (distinct + DOUBT))
    ranked = best(np.where(shows > 0, shows, -np.inf), len(shows))
    frequency = bag.document_frequency
    rarity = np.where(frequency > 0, np.log(len(bag) / np.maximum(frequency, 1)), 0.0)
    size = max(FIRST, 10 * n)
    while True:
        pool = _different(ranked, bag, size)
        chosen = _diverse(shows[pool], _Vectors.of(bag.take(pool), rarity), n)
        if len(chosen) == n or len(pool) < size or size >= MOST:
            return pool[chosen]
        size = min(MOST, 8 * size)


def _different(ranked: Rows, bag: DocumentCounts, size: int) -> Rows:
    """The first rows, at most ``size``, no two of which have the same counts."""
    first: dict[int, int] = {}  # the row of each different document
    for start, stop in spans(len(ranked), FIRST):
        rows = ranked[start:stop]
        for row, number in zip(rows.tolist(), row_numbers(bag.take(rows)).tolist(), strict=True):
            first.setdefault(number, row)
        if len(first) >= size:
            break
    return np.array(list(first.values())[:size], dtype=np.intp)


@final
@dataclass(frozen=True, eq=False)
class _Vectors:
    """(n, V) x of the documents of a compact bag, a value for every entry of it."""

    bag: BagOfWords
    values: NDArray[np.float64]
    rows: Rows

    @classmethod
    def of(cls, bag: BagOfWords, rarity: NDArray[np.float64]) -> _Vectors:
        """A document of words that are everywhere is a row of zeros."""
        bag = bag.compact()
        values = np.log1p(bag.counts.astype(np.float64)) * rarity[bag.words]
        rows = np.repeat(np.arange(len(bag)), bag.distinct)
        lengths = np.sqrt(np.bincount(rows, values**2, minlength=len(bag)))
        values /= np.where(lengths > 0, lengths, 1.0)[rows]
        return cls(bag, values, rows)

    def cosines(self, place: int) -> NDArray[np.float64]:
        """(n,) with the document at ``place``."""
        one, own = np.zeros(self.bag.n_words), self.rows == place
        one[self.bag.words[own]] = self.values[own]
        products = self.values * one[self.bag.words]
        return np.bincount(self.rows, products, minlength=len(self.bag)).astype(np.float64)


def _diverse(shows: NDArray[np.float64], vectors: _Vectors, n: int) -> Rows:
    """(≤ n,) places in the pool, chosen one after another."""
    chosen: list[int] = []
    nearest = np.zeros(len(shows))
    open_ = np.ones(len(shows), dtype=np.bool_)
    relevance = shows / shows.max(initial=1e-300)
    while len(chosen) < n and open_.any():
        worth = RELEVANCE * relevance - (1 - RELEVANCE) * nearest
        place = int(np.argmax(np.where(open_, worth, -np.inf)))
        chosen.append(place)
        open_[place] = False
        np.maximum(nearest, vectors.cosines(place), out=nearest)
        open_ &= nearest <= NEAR
    return np.array(chosen, dtype=np.intp)
