"""The parts a topic falls apart into, by the words it owns.

k-medoids, then spherical k-means, over those words under w; a part without enough words is given
up, and its words go to the others. Among several topics parts are shared out by the weight of
their words (Sainte-Laguë's divisors). With θ_dm of a topic m and its parts' centres c_j, part j
has θ_dm softmax_j(κ [d_d ; d_d]/√2·c_j) of document d, so that sizes add up to the topic's.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tenor.explore.neighbours import best, unit_rows
from tenor.topics.finding import CANDIDATES, lloyd, medoids, nearest
from tenor.topics.space import SharedSpace
from tenor.topics.topics import KAPPA, Topics, folded

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Words = tuple[tuple[int, float], ...]

ROUNDS = 4  # of asking for more parts, since some topics fall into fewer than asked for
BLOCK = 1 << 14  # documents at a time


def owned(topics: Topics) -> NDArray[np.int64]:
    """(V,) the place of the topic each word belongs to; −1 for words that none may show."""
    owners = np.argmax(topics.scores(), axis=0).astype(np.int64)
    return np.where(topics.allowed, owners, -1)


def centres_of_parts(topics: Topics, words: Places, n: int, least: int) -> Floats:
    """(m, 2K) directions of m ≤ n parts of these words; each has ``least`` words of its own.

    A part that is alone may have fewer; there is none where no word weighs anything.
    """
    weights = topics.word_weights[words].astype(np.float64)
    order = np.lexsort((words, -weights))
    order = order[weights[order] > 0]
    weights, vectors = weights[order], unit_rows(topics.words[words[order]])
    if not len(vectors):
        return vectors
    n = min(n, max(1, len(vectors) // least))
    centres = vectors[medoids(vectors, weights, n, min(len(vectors), max(CANDIDATES, 6 * n)))]
    no_documents = np.zeros((0, vectors.shape[1] // 2))
    while True:
        centres = lloyd(vectors, weights, no_documents, np.zeros(0), centres)
        held = np.bincount(nearest(vectors, centres), minlength=len(centres))
        if len(centres) == 1 or held.min() >= least:
            return centres
        centres = np.delete(centres, int(np.argmin(held)), axis=0)


def centres_of_all(topics: Topics, words: list[Places], n: int, least: int) -> list[Floats]:
    """The centres of each topic's parts, about ``n`` in all; none or one where it stays whole."""
    mass = np.array([topics.word_weights[own].sum() for own in words], dtype=np.float64)
    most = np.array([max(1, len(own) // least) for own in words])
    wanted, centres, asked = n, [np.zeros((0, 0))] * len(words), np.zeros(len(words), dtype=int)
    for _ in range(ROUNDS):
        before, asked = asked, shared_out(mass, wanted, most)
        for place in np.flatnonzero(asked != before):
            centres[place] = centres_of_parts(topics, words[place], int(asked[place]), least)
        missing = n - sum(max(1, len(own)) for own in centres)
        if missing <= 0 or np.array_equal(asked, before):
            break
        wanted += missing
    return centres


def shared_out(mass: Floats, n: int, most: NDArray[np.int_]) -> NDArray[np.int_]:
    """(T,) from 1 to ``most`` in proportion to ``mass``; in all ``n``, or as many as they can."""
    given = np.ones(len(mass), dtype=np.int_)
    for _ in range(n - len(mass)):
        claims = np.where(given < most, mass / (2 * given + 1), 0.0)
        if not claims.any():
            break
        given[int(np.argmax(claims))] += 1
    return given


def words_of_parts(topics: Topics, words: Places, centres: Floats, n: int) -> list[Words]:
    """For each part the ``n`` words it shows as (id, score), the best first."""
    scores = topics.words[words].astype(np.float64) @ centres.T
    owners = np.argmax(scores, axis=1)
    scores += topics.rarity[words, None]
    shown = []
    for part in range(len(centres)):
        own = np.where(owners == part, scores[:, part], -np.inf)
        shown.append(tuple((int(words[at]), float(own[at])) for at in best(own, n)))
    return shown


def sizes_of_parts(topics: Topics, space: SharedSpace, centres: list[Floats]) -> list[Floats]:
    """For each topic the sizes of its parts, at least one, which add up to its own."""
    half = space.documents.shape[1]
    found = [np.full(max(1, len(own)), 1e-300) for own in centres]
    for rows in blocks(len(space.documents)):
        directions = space.documents[rows]
        weights = topics.weights_of_directions(directions) * space.multiplicity[rows, None]
        for place, own in enumerate(centres):
            if len(own) > 1:
                logits = KAPPA * directions @ folded(own, half).T
                shares = np.exp(logits - logits.max(axis=1, keepdims=True))
                shares /= shares.sum(axis=1, keepdims=True)
                found[place] += weights[:, topics.owner == place].sum(axis=1) @ shares
    sizes = topics.topic_sizes
    return [size * own / own.sum() for size, own in zip(sizes, found, strict=True)]


def blocks(n: int) -> Iterator[slice]:
    """Runs of neighbouring rows, all ``n`` of them."""
    for start in range(0, n, BLOCK):
        yield slice(start, start + BLOCK)
