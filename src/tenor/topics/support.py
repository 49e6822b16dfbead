"""What speaks for a topic: documents that hold its words, and that it comes back when these change.

Coherence, how common the words are, and how much they cover are read out of the documents. A
bootstrap draws D documents with replacement (Efron 1979), rebuilds the space that words and
documents share from as many of each, and finds topics again, the model as it is. The stability of
a topic is the mean, over bootstraps, of the share of its words that the most similar topic shows
as well. It says nothing of what another fit of the model would do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from math import isnan, nan

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import BagOfWords, DocumentCounts
from tenor.errors import InputError
from tenor.evaluation.coherence import npmi
from tenor.topics.finding import Hand, find
from tenor.topics.space import shared_space
from tenor.topics.topics import Topics

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]  # done, of all

THREADS = 2  # bootstraps at a time, each holding a copy of the counts
TELLING = 8  # columns of the vectors that tell documents apart
TOP = 10


@dataclass(frozen=True, eq=False)
class Support:
    """(T,) each, in the order of the topics; NaN for a topic that shows too few words."""

    npmi: Floats  # in [−1, 1]; rare words can raise it, so read it beside the next two
    document_frequency: Floats  # the mean number of documents that hold one of its words
    token_share: Floats  # which share of all tokens its words are
    size: Floats  # the mean θ; they add up to one

    def to_json(self) -> list[dict[str, float | None]]:
        """One record a topic; None for NaN."""
        names = [field.name for field in fields(self)]
        rows = zip(*(getattr(self, name).tolist() for name in names), strict=True)
        return [
            {name: None if isnan(value) else value for name, value in zip(names, row, strict=True)}
            for row in rows
        ]


def support(topics: Topics, bag: DocumentCounts, top: int = TOP) -> Support:
    """What ``bag``, documents of the fit or others, says of each topic's ``top`` words."""
    checks.whole("top", top, 2)
    same_vocabulary(topics, bag)
    shown = topics.word_ids(top)
    frequency, found = bag.word_frequency, bag.document_frequency
    tokens = int(frequency.sum())
    if tokens == 0:
        raise InputError("no document has a word of the vocabulary; nothing supports the topics")
    coherence = np.full(len(shown), nan)
    told = [place for place, words in enumerate(shown) if len(words) > 1]
    if told:
        coherence[told] = npmi([shown[place] for place in told], bag, top).per_topic
    return Support(
        npmi=coherence,
        document_frequency=np.array([found[own].mean() if own else nan for own in shown]),
        token_share=np.array([int(frequency[own].sum()) / tokens for own in shown]),
        size=topics.topic_sizes,
    )


def same_vocabulary(topics: Topics, bag: DocumentCounts) -> None:
    """Check that both count the same words."""
    if bag.n_words != len(topics.frequency):
        raise InputError(
            f"the documents are counted over {bag.n_words} words, the topics over "
            f"{len(topics.frequency)}; count them over the model's vocabulary"
        )


def bootstrapped_words(
    word_vectors: ArrayLike,
    vectors: ArrayLike,
    bag: BagOfWords,
    topics: Topics,
    n_bootstraps: int = 6,
    seed: int = 0,
    progress: Progress | None = None,
) -> NDArray[np.int32]:
    """(B, T', 10) int32: the word ids of the topics found in each bootstrap, −1 for none.

    As many topics are looked for as there are, without the hand of a person but for the words
    that topics may not show. The same seed gives the same words whatever the number of threads
    and the order of the documents. Arguments are as for
    :func:`tenor.topics.space.shared_space`; ``topics`` were found in these documents.
    """
    from threadpoolctl import threadpool_limits

    checks.whole("n_bootstraps", n_bootstraps)
    same_vocabulary(topics, bag)
    latent = checks.matrix("vectors", vectors)
    checks.same_length("vectors", latent, len(bag))
    hand = Hand(excluded=np.flatnonzero(~topics.allowed & (topics.frequency > 0)).tolist())

    def found_again(times: Floats) -> list[list[int]]:
        space = shared_space(word_vectors, latent, bag, times)
        return find(space, len(topics), hand).word_ids(TOP)

    found = np.full((n_bootstraps, len(topics), TOP), -1, dtype=np.int32)
    # Threads of a matrix product inside threads of this pool would wait for each other.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(THREADS) as pool:
        draws = multiplicities(latent, bag, n_bootstraps, seed)
        for done, lists in enumerate(pool.map(found_again, draws)):
            for place, words in enumerate(lists):
                found[done, place, : len(words)] = words
            if progress is not None:
                progress(done + 1, n_bootstraps)
    return found


def stability(topics: Topics, again: NDArray[np.int32]) -> Floats:
    """(T,) the mean best overlap of each topic's ten words with those of bootstraps.

    A topic that a person seeded, merged or split is compared by the words it shows now; one that
    stands by that hand alone comes back little. A topic without words has 0.
    """
    shown = topics.word_ids(TOP)
    lists = [[[w for w in words if w >= 0] for words in one.tolist()] for one in again]
    return np.asarray(np.mean([best_overlap(shown, found) for found in lists], axis=0))


def multiplicities(
    vectors: NDArray[np.floating], bag: BagOfWords, n_bootstraps: int, seed: int
) -> Iterator[Floats]:
    """How often each document counts, (D,) for each bootstrap; they add up to those with words.

    Documents without words are never drawn. Draws go by what documents are, not by where they
    stand.
    """
    ordered = filled_by_content(vectors, bag)
    for bootstrap in range(n_bootstraps):
        rng = np.random.default_rng([seed, bootstrap])
        drawn = rng.integers(0, max(len(ordered), 1), size=len(ordered))
        times = np.zeros(len(bag))
        times[ordered] = np.bincount(drawn, minlength=len(ordered))
        yield times


def filled_by_content(vectors: NDArray[np.floating], bag: BagOfWords) -> NDArray[np.int64]:
    """The rows of documents with words, in an order that their vectors decide, not their places."""
    filled = np.flatnonzero(bag.distinct > 0)
    return filled[np.lexsort(vectors[filled, :TELLING].T)]


def best_overlap(shown: list[list[int]], found: list[list[int]]) -> Floats:
    """(T,) the share of each list's words in the list of ``found`` that holds most of them."""
    shares = np.zeros(len(shown))
    for place, words in enumerate(shown):
        if words and found:
            own = set(words)
            shares[place] = max(len(own.intersection(other)) for other in found) / len(own)
    return shares
