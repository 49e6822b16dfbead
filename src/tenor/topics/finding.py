"""Topics found in a shared space: dense regions of words and documents.

    û_v      of the 5,000 heaviest words; begins as u_v, and twice û_v ← unit(û_v + Σ_j a_vj û_j)
             over the eleven of the thousand heaviest that are nearest to it, v itself among them
             where it is one of these; a_vj ∝ √w_j max(0, û_v·û_j), adding up to one (mean shift:
             Fukunaga & Hostetler 1975). What is thin between two regions joins one of them
    m        k-medoids of û under w                                       (centres.py)
    c_k      spherical k-means from there, words and documents, ρ = .3 of all weight theirs
                                                                          (centres.py)
    topics   largest first, by the mean of θ over the documents           (topics.py)

Words that a person holds fast to a topic weigh half of a mean topic's words there at least: a
topic that begins with one rare word would else end as one of something else.

Nothing is drawn at random, and no order of words or documents matters but between equals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.neighbours import best, unit_rows
from tenor.topics.centres import lloyd, medoids
from tenor.topics.naming import checked_name
from tenor.topics.space import SharedSpace
from tenor.topics.topics import Topics, in_order, score_offset

Floats = NDArray[np.float64]

HEAVY = 5000  # words that take part: at most; the others weigh next to nothing
CANDIDATES = 300  # of these may be medoids; six a topic where that is more
# Heavy words that move others, how many beside oneself, how often.
LIFTERS, NEIGHBOURS, LIFTS = 1000, 10, 2
HELD = 0.5  # of a mean topic's weight in words: what held words weigh in theirs at least
DOCUMENTS_A_TOPIC, WORDS_A_TOPIC = 20, 8  # fewer carry no topic


@dataclass(frozen=True)
class Hand:
    """What a person asks of topics before they are found.

    Attributes:
        seeds: word ids that a topic begins with, by the topic's name; a word in one topic only.
        hold: whether these words stay with their topic and are shown first, or only start it.
        excluded: ids of words that no topic may show; a seed among them still starts its topic.
    """

    seeds: Mapping[str, Sequence[int]] = field(default_factory=dict)
    hold: bool = True
    excluded: Sequence[int] = ()


def carried(space: SharedSpace, n: int) -> int:
    """How many topics, up to ``n``, so many documents and words can carry: at least 1."""
    checks.whole("n_topics", n)
    documents = int(np.count_nonzero(space.multiplicity)) // DOCUMENTS_A_TOPIC
    words = int(np.count_nonzero(space.weights)) // WORDS_A_TOPIC
    return max(1, min(n, documents, words))


def find(space: SharedSpace, n: int, hand: Hand | None = None) -> Topics:
    """``n`` topics, or fewer where fewer words differ.

    Args:
        space: words and documents.
        n: topics, seeded ones among them.
        hand: what a person asks for.

    Raises:
        InputError: for n < 1, more seeded topics than topics, a word in two of them or not in
            the vocabulary, a name that is none, or seeds that are in no document.
    """
    hand = _checked(hand or Hand(), len(space.weights))
    weights = space.weights.copy()
    weights[list(hand.excluded)] = 0.0
    heavy = best(weights, HEAVY)
    heavy = heavy[weights[heavy] > 0]
    n = min(checks.whole("n_topics", n), len(heavy))
    if not n:
        raise InputError("no word is left to make a topic of: fewer words must be kept out")
    heavy = np.union1d(heavy, _seed_ids(hand)) if hand.seeds else heavy
    heavy = heavy[np.lexsort((heavy, -weights[heavy]))]
    lifted = _lifted(space.words[heavy], weights[heavy])
    seeded = _seed_directions(space, hand)
    if len(seeded) > n:
        raise InputError(f"{len(seeded)} seeded topics do not fit into {n}; ask for more topics")
    centres = _begin(lifted, weights[heavy], n - len(seeded), seeded)
    pinned = _pinned(heavy, hand) if hand.hold else np.full(len(heavy), -1, dtype=np.intp)
    centres = lloyd(
        lifted,
        _held_weights(weights[heavy], pinned, n),
        space.documents,
        space.multiplicity,
        centres,
        pinned=pinned,
    )
    return _as_topics(space, centres, hand)


def _lifted(words: Floats, weights: Floats) -> Floats:
    """(n, 2K) û: the words, heaviest first, moved towards their heavy neighbours."""
    lifters = min(LIFTERS, len(words))
    near = min(NEIGHBOURS + 1, lifters)  # a heavy word is its own nearest
    for _ in range(LIFTS):
        similar = words @ words[:lifters].T
        places = np.argpartition(-similar, near - 1, axis=1)[:, :near]
        pull = np.sqrt(weights[places]) * np.maximum(
            np.take_along_axis(similar, places, axis=1), 0.0
        )
        pull /= np.maximum(pull.sum(axis=1, keepdims=True), 1e-12)
        words = unit_rows(words + np.einsum("vn,vnk->vk", pull, words[places]))
    return words


def _begin(lifted: Floats, weights: Floats, n: int, seeded: Floats) -> Floats:
    """(n + seeds, 2K) the first centres: seeds, then medoids."""
    if n == 0:
        return seeded
    candidates = min(len(lifted), max(CANDIDATES, 6 * n))
    chosen = medoids(lifted, weights, n, candidates, seeded if len(seeded) else None)
    return np.vstack([seeded, lifted[chosen]])


def _seed_ids(hand: Hand) -> NDArray[np.intp]:
    return np.array([word for words in hand.seeds.values() for word in words], dtype=np.intp)


def _seed_directions(space: SharedSpace, hand: Hand) -> Floats:
    """(h, 2K) the direction of each seeded topic's words."""
    found = np.zeros((len(hand.seeds), space.words.shape[1]))
    for place, (name, words) in enumerate(hand.seeds.items()):
        found[place] = space.words[list(words)].sum(axis=0)
        if not found[place].any():
            raise InputError(f"no seed word of the topic {name!r} is in any document")
    return unit_rows(found)


def _pinned(heavy: NDArray[np.intp], hand: Hand) -> NDArray[np.intp]:
    pinned = np.full(len(heavy), -1, dtype=np.intp)
    for place, words in enumerate(hand.seeds.values()):
        pinned[np.isin(heavy, list(words))] = place
    return pinned


def _held_weights(weights: Floats, pinned: NDArray[np.intp], n: int) -> Floats:
    """(n,) the words' weights; those of held words raised where they are less than HELD."""
    raised = weights.copy()
    for place in range(pinned.max(initial=-1) + 1):
        own = np.flatnonzero(pinned == place)
        share = weights[own] if weights[own].any() else np.ones(len(own))
        wanted = HELD * weights.sum() / n
        if weights[own].sum() < wanted:
            raised[own] = wanted * share / share.sum()
    return raised


def _checked(hand: Hand, n_words: int) -> Hand:
    """The hand with names as they are kept.

    Raises:
        InputError: for a word that is not there or in two topics, or a name that is none.
    """
    topic_of: dict[int, str] = {}
    seeds: dict[str, Sequence[int]] = {}
    for given, words in hand.seeds.items():
        name = checked_name(given)
        if name in seeds:
            raise InputError(f"two seeded topics have the name {name!r}")
        seeds[name] = _word_ids(words, n_words, f"the seed words of {name!r}")
        for word in seeds[name]:
            if topic_of.setdefault(word, name) != name:
                raise InputError(
                    f"word {word} is a seed of {topic_of[word]!r} and of {name!r}; "
                    "a word belongs to one topic"
                )
    excluded = _word_ids(hand.excluded, n_words, "the words to keep out")
    return Hand(seeds, hand.hold, excluded)


def _word_ids(words: Sequence[int], n_words: int, what: str) -> list[int]:
    ids = [int(word) for word in words]
    for word in ids:
        if not 0 <= word < n_words:
            raise InputError(f"{what} must be ids from 0 to {n_words - 1}, not {word}")
    return ids


def _as_topics(space: SharedSpace, centres: Floats, hand: Hand) -> Topics:
    """The topics with what they need to answer without the documents; the largest first."""
    names: list[str | None] = [*hand.seeds, *[None] * (len(centres) - len(hand.seeds))]
    allowed = space.frequency > 0
    allowed[list(hand.excluded)] = False
    held = np.full(len(allowed), -1, dtype=np.int64)
    if hand.hold:
        for place, words in enumerate(hand.seeds.values()):
            held[list(words)] = place
    found = Topics(
        words=space.words.astype(np.float32),
        word_weights=space.weights.astype(np.float32),
        frequency=space.frequency,
        allowed=allowed,
        mean=space.mean.astype(np.float32),
        rarity=score_offset(space),
        centres=centres.astype(np.float32),
        owner=np.arange(len(centres)),
        held=held,
        ids=tuple(range(len(centres))),
        names=tuple(names),
        sizes=np.zeros(len(centres)),
    )
    weights = found.weights_of_directions(space.documents)
    return in_order(replace(found, sizes=space.multiplicity @ weights / space.multiplicity.sum()))
