"""Topics found in a shared space: dense regions of words and documents.

    û_v      of the 5,000 heaviest words; begins as u_v, and twice û_v ← unit(û_v + Σ_j a_vj û_j)
             over the eleven of the thousand heaviest that are nearest to it, v itself among them
             where it is one of these; a_vj ∝ √w_j max(0, û_v·û_j), adding up to one (mean shift:
             Fukunaga & Hostetler 1975). What is thin between two regions joins one of them
    m        k-medoids of û under w: maximise Σ_v w_v max_j û_v·û_{m_j} over k of the heaviest
             words, greedily, as in the facility location problem (Cornuéjols, Fisher & Nemhauser
             1977), then by the best single swap until none gains (Kaufman & Rousseeuw 1987, PAM)
    c_k      weighted spherical k-means from there, over words and documents at once (Dhillon &
             Modha 2001): maximise over centres of length one, with ρ = .3 and Σ w = Σ m = 1,
             (1 − ρ) Σ_v w_v max_k û_v·c_k + ρ Σ_d m_d max_k [d_d ; d_d]/√2·c_k.
             A step gives every point to its nearest centre, and makes a centre the direction of
             its points' weighted sum; one without points stays where it is
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
from tenor.explore.neighbours import best, spans, unit_rows
from tenor.topics.naming import checked_name
from tenor.topics.space import SharedSpace
from tenor.topics.topics import BLOCK, Topics, folded, in_order, score_offset

Floats = NDArray[np.float64]

HEAVY = 5000  # words that take part: at most; the others weigh next to nothing
CANDIDATES = 300  # of these may be medoids; six a topic where that is more
# Heavy words that move others, how many beside oneself, how often.
LIFTERS, NEIGHBOURS, LIFTS = 1000, 10, 2
HELD = 0.5  # of a mean topic's weight in words: what held words weigh in theirs at least
DOCUMENTS_A_TOPIC, WORDS_A_TOPIC = 20, 8  # fewer carry no topic
SWAPS = 200  # of medoids, at most; some tens are usual
GAIN = 1e-9  # of the objective: less is rounding


@dataclass(frozen=True)
class Hand:
    """What a person asks of topics before they are found, with words by their ids."""

    # What a topic begins with, by the topic's name; a word in one topic only.
    seeds: Mapping[str, Sequence[int]] = field(default_factory=dict)
    hold: bool = True  # whether these stay with their topic and are shown first, or only start it
    excluded: Sequence[int] = ()  # from being shown; a seed among them still starts its topic


def carried(space: SharedSpace, n: int) -> int:
    """How many topics, up to ``n``, so many documents and words can carry: at least 1."""
    checks.whole("n_topics", n)
    documents = int(np.count_nonzero(space.multiplicity)) // DOCUMENTS_A_TOPIC
    words = int(np.count_nonzero(space.weights)) // WORDS_A_TOPIC
    return max(1, min(n, documents, words))


def find(space: SharedSpace, n: int, hand: Hand | None = None) -> Topics:
    """``n`` topics, seeded ones among them, or fewer where fewer words differ."""
    hand = _checked(hand or Hand(), len(space.weights))
    weights = space.weights.copy()
    weights[list(hand.excluded)] = 0.0
    heavy = best(weights, HEAVY)
    heavy = heavy[weights[heavy] > 0]
    n = min(checks.whole("n_topics", n), len(heavy))
    if not n:
        raise InputError("no word is left to make a topic of: fewer words must be kept out")
    if hand.seeds:
        heavy = np.union1d(heavy, np.concatenate([*hand.seeds.values()]).astype(np.intp))
    heavy = heavy[np.lexsort((heavy, -weights[heavy]))]
    lifted = _lifted(space.words[heavy], weights[heavy])
    centres = _seed_directions(space, hand)
    if len(centres) > n:
        raise InputError(f"{len(centres)} seeded topics do not fit into {n}; ask for more topics")
    if n > len(centres):
        candidates = min(len(lifted), max(CANDIDATES, 6 * (n - len(centres))))
        chosen = medoids(lifted, weights[heavy], n - len(centres), candidates, centres)
        centres = np.vstack([centres, lifted[chosen]])
    held = _held(space, hand)
    word_weights = _held_weights(weights[heavy], held[heavy], n)
    documents, times = space.documents, space.multiplicity
    centres = lloyd(lifted, word_weights, documents, times, centres, pinned=held[heavy])
    return _as_topics(space, centres, hand, held)


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


def _seed_directions(space: SharedSpace, hand: Hand) -> Floats:
    """(h, 2K) the direction of each seeded topic's words."""
    found = np.zeros((len(hand.seeds), space.words.shape[1]))
    for place, (name, words) in enumerate(hand.seeds.items()):
        found[place] = space.words[list(words)].sum(axis=0)
        if not found[place].any():
            raise InputError(f"no seed word of the topic {name!r} is in any document")
    return unit_rows(found)


def _held(space: SharedSpace, hand: Hand) -> NDArray[np.int64]:
    """(V,) the place of the seeded topic that holds a word fast; −1 for none."""
    held = np.full(len(space.weights), -1, dtype=np.int64)
    if hand.hold:
        for place, words in enumerate(hand.seeds.values()):
            held[list(words)] = place
    return held


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
    """The hand with names as they are kept."""
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


def _as_topics(space: SharedSpace, centres: Floats, hand: Hand, held: NDArray[np.int64]) -> Topics:
    """The topics with what they need to answer without the documents; the largest first."""
    names: list[str | None] = [*hand.seeds, *[None] * (len(centres) - len(hand.seeds))]
    allowed = space.frequency > 0
    allowed[list(hand.excluded)] = False
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


def medoids(
    vectors: Floats, weights: Floats, k: int, n_candidates: int, held: Floats | None = None
) -> NDArray[np.intp]:
    """(k,) the rows chosen among the first ``n_candidates``, the heaviest first.

    ``vectors`` are (n, M) of length one; ``held`` (h, M) directions that stand already.
    """
    similar = vectors @ vectors[:n_candidates].T
    before = np.full(len(vectors), -1.0)
    if held is not None and len(held):
        before = (vectors @ held.T).max(axis=1)
    chosen: list[int] = []
    closest = before
    for _ in range(k):
        gains = weights @ np.maximum(similar - closest[:, None], 0.0)
        gains[chosen] = -1.0
        chosen.append(int(np.argmax(gains)))
        closest = np.maximum(closest, similar[:, chosen[-1]])
    for _ in range(SWAPS):
        swap = _best_swap(similar, weights, before, chosen)
        if swap is None:
            break
        chosen[swap[0]] = swap[1]
    return np.array(chosen, dtype=np.intp)


def _best_swap(
    similar: Floats, weights: Floats, held: Floats, chosen: list[int]
) -> tuple[int, int] | None:
    """Which of the chosen to replace by which candidate; None when nothing gains."""
    own = np.column_stack([similar[:, chosen], held])
    order = np.argsort(-own, axis=1, kind="stable")[:, :2]
    first, second = np.take_along_axis(own, order, axis=1).T
    kept = np.maximum(similar, first[:, None]) * weights[:, None]
    left = np.maximum(similar, second[:, None]) * weights[:, None]
    left -= kept  # what a word loses when its own medoid goes
    lost = [left[order[:, 0] == place].sum(axis=0) for place in range(len(chosen))]
    objective = kept.sum(axis=0) + np.array(lost)
    objective[:, chosen] = -np.inf
    leaving, candidate = divmod(int(np.argmax(objective)), objective.shape[1])
    now = float(weights @ first)
    if objective[leaving, candidate] <= now + GAIN * abs(now):
        return None
    return leaving, candidate


def lloyd(
    words: Floats,
    word_weights: Floats,
    documents: Floats,
    document_weights: Floats,
    centres: Floats,
    *,
    share: float = 0.3,
    steps: int = 30,
    pinned: NDArray[np.intp] | None = None,
) -> Floats:
    """(k, 2K) the centres after at most ``steps`` steps from ``centres``, all rows of length one.

    Words are (n, 2K), documents (D, K), each counted as [d ; d] / √2; ``share`` is ρ; ``pinned``
    (n,) the centre that a word belongs to whatever is nearest, −1 for any.
    """
    k, half = len(centres), documents.shape[1]
    word_part = (1 - share) * word_weights / word_weights.sum()
    document_part = share * document_weights / (document_weights.sum() or 1.0)
    before: list[NDArray[np.intp]] = []
    for _ in range(steps):
        owners = [nearest(words, centres), nearest(documents, folded(centres, half))]
        if pinned is not None:
            owners[0] = np.where(pinned >= 0, pinned, owners[0])
        if before and all(map(np.array_equal, before, owners)):
            break
        before = owners
        sums = _sums(words, word_part, owners[0], k)
        there = _sums(documents, document_part, owners[1], k) * np.sqrt(0.5)
        sums += np.hstack([there, there])
        moved = np.abs(sums).max(axis=1) > 0
        centres = np.where(moved[:, None], unit_rows(sums), centres)
    return centres


def nearest(points: Floats, centres: Floats) -> NDArray[np.intp]:
    """(n,) the nearest centre of every point; the first of equals."""
    owners = np.empty(len(points), dtype=np.intp)
    for start, stop in spans(len(points), BLOCK):
        owners[start:stop] = np.argmax(points[start:stop] @ centres.T, axis=1)
    return owners


def _sums(points: Floats, weights: Floats, owners: NDArray[np.intp], k: int) -> Floats:
    """(k, M) the weighted sum of each centre's points."""
    from scipy.sparse import csr_array

    of = csr_array((weights, (owners, np.arange(len(points)))), shape=(k, len(points)))
    return np.asarray(of @ points)
