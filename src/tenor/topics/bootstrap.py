"""How much of a topic comes back when its documents are drawn anew, the model as it is.

A bootstrap draws D documents with replacement (Efron 1979), rebuilds the space that words and
documents share from as many of each, and finds topics again. The stability of a topic is the mean,
over bootstraps, of the share of its words that the most similar topic shows as well.

It says nothing of what another fit of the model would do; that fits too are drawn in part by
chance is another figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import BagOfWords
from tenor.topics.finding import Hand, find
from tenor.topics.space import shared_space
from tenor.topics.support import same_vocabulary
from tenor.topics.topics import Topics

Floats = NDArray[np.float64]
Progress = Callable[[int, int], None]  # done, of all

THREADS = 2  # bootstraps at a time, each holding a copy of the counts
TELLING = 8  # columns of the vectors that tell documents apart
TOP = 10


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
    that topics may not show.

    The same seed gives the same words whatever the number of threads and the order of the
    documents.

    Args:
        word_vectors: (V, K) as for :func:`tenor.topics.space.shared_space`.
        vectors: (D, K) posterior means.
        bag: the same D documents.
        topics: what was found in them.
        n_bootstraps: how often documents are drawn.
        seed: of the draws.
        progress: called with the number of bootstraps that are done, and of all.

    Raises:
        InputError: when shapes do not fit, or no document has a word.
    """
    from threadpoolctl import threadpool_limits

    checks.whole("n_bootstraps", n_bootstraps)
    same_vocabulary(topics, bag)
    latent = checks.matrix("vectors", vectors)
    checks.same_length("vectors", latent, len(bag))
    hand = Hand(excluded=np.flatnonzero(~topics.allowed & (topics.frequency > 0)).tolist())
    again = partial(_found_again, word_vectors, latent, bag, len(topics), hand)
    found = np.full((n_bootstraps, len(topics), TOP), -1, dtype=np.int32)
    # Threads of a matrix product inside threads of this pool would wait for each other.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(THREADS) as pool:
        draws = multiplicities(latent, bag, n_bootstraps, seed)
        for done, lists in enumerate(pool.map(again, draws)):
            for place, words in enumerate(lists):
                found[done, place, : len(words)] = words
            if progress is not None:
                progress(done + 1, n_bootstraps)
    return found


def stability(topics: Topics, again: NDArray[np.int32]) -> Floats:
    """(T,) the mean best overlap of each topic's ten words with those of bootstraps.

    A topic that a person seeded, merged or split is compared by the words it shows now; one that
    stands by that hand alone comes back little. A topic without words has 0.

    Args:
        topics: perhaps edited.
        again: as :func:`bootstrapped_words` gives.
    """
    shown = _shown(topics)
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
    """The rows of documents with words, in an order that their vectors decide, not their places.

    Args:
        vectors: (D, K) posterior means.
        bag: the same D documents.
    """
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


def _found_again(
    word_vectors: ArrayLike,
    vectors: ArrayLike,
    bag: BagOfWords,
    n_topics: int,
    hand: Hand,
    times: Floats,
) -> list[list[int]]:
    return _shown(find(shared_space(word_vectors, vectors, bag, times), n_topics, hand))


def _shown(topics: Topics) -> list[list[int]]:
    return [[word for word, _ in words] for words in topics.top_words(TOP)]
