"""What flags go by: how widely a topic's words are spread, and where in their texts they stand.

    m_v = ‖Σ_d t_dv d_d / Σ_d t_dv‖, t = log(1 + x)    agreement: 1 where all documents of word v
                                                       lie in one direction, near 0 where anywhere
    everyday = mean_v (log df_v − 2 log m_v), less its median over the topics
    edges = mean_v (late_v + early_v − .2 m_v)

Poisson-likeness r alone (space.py) tells everyday words where documents are long; in short ones
no word can repeat itself, and every word's r is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor.bow import BagOfWords
from tenor.topics.space import SharedSpace

Floats = NDArray[np.float64]
Shown = Sequence[Sequence[int]]
"""The words of each topic, by id."""

SPREAD = 0.2  # how much agreement takes from being at the edges


def agreement(shown: Shown, space: SharedSpace, bag: BagOfWords) -> Floats:
    """(V,) m of the words shown; NaN for others, and for words in no document."""
    words = np.array(sorted({word for topic in shown for word in topic}), dtype=np.int64)
    transformed = _transformed(bag, words, space.multiplicity)
    totals = transformed.sum(axis=0)
    sums = np.asarray(transformed.T @ space.documents)
    found = np.full(bag.n_words, np.nan)
    occurring = totals > 0
    lengths = np.sqrt(np.einsum("vk,vk->v", sums, sums))[occurring]
    found[words[occurring]] = lengths / totals[occurring]
    return found


def everyday_scores(shown: Shown, document_frequency: NDArray[np.int64], agree: Floats) -> Floats:
    """(T,) how much more than the median topic's a topic's words are everywhere: 0 is usual.

    NaN for a topic without words in the documents.

    Args:
        shown: the words of T topics.
        document_frequency: (V,) df.
        agree: (V,) what :func:`agreement` gives.
    """
    known = (document_frequency > 0) & (agree > 0)
    logs = np.full(len(agree), np.nan)
    logs[known] = np.log(document_frequency[known]) - 2 * np.log(agree[known])
    scores = _means(logs, shown)
    finite = np.isfinite(scores)
    return np.asarray(scores - np.median(scores[finite])) if finite.any() else scores


def edge_scores(shown: Shown, late: Floats, early: Floats, agree: Floats) -> Floats:
    """(T,) how much a topic's words stand at the edges of texts with little else in common.

    Words of which that is not known are left out; NaN where it is known of none.

    Args:
        shown: the words of T topics.
        late: (V,) the share of each word's tokens in the last 15 % of their texts.
        early: (V,) the same of the first 15 %.
        agree: (V,) what :func:`agreement` gives.
    """
    return _means(late + early - SPREAD * agree, shown)


def mean_shares(shown: Shown, shares: Floats) -> Floats:
    """(T,) the mean over each topic's words of which it is known; NaN where of none."""
    return _means(shares, shown)


def _transformed(bag: BagOfWords, words: NDArray[np.int64], times: Floats) -> Any:
    """(D, len(words)) sparse log(1 + x), a document as often as it counts."""
    from scipy.sparse import csr_array

    bag = bag.compact()
    column = np.full(bag.n_words, -1, dtype=np.int64)
    column[words] = np.arange(len(words))
    columns = column[bag.words]
    held = columns >= 0
    documents = np.repeat(np.arange(len(bag)), bag.distinct)[held]
    values = np.log1p(bag.counts[held].astype(np.float64)) * times[documents]
    return csr_array((values, (documents, columns[held])), shape=(len(bag), len(words)))


def _means(values: Floats, shown: Shown) -> Floats:
    found = np.full(len(shown), np.nan)
    for place, words in enumerate(shown):
        own = values[list(words)]
        known = own[np.isfinite(own)]
        if len(known):
            found[place] = known.mean()
    return found
