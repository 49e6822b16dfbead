"""How many topics a corpus holds: five estimates that differ, their median, and the curve behind.

None of many estimators is right on planted topics and on newsgroups both, so five are asked, each
on its own grounds, and shown. K runs over a grid of steps of half an octave. Documents are split
into two halves A and B by chance, whatever order they come in, topics are found in each:

    held-out NPMI     argmax_K of the mean NPMI, in B, of the ten words of A's topics
    held-out cosine   knee of the curve C(log K) = mean_{d ∈ B} max_k [d_d ; d_d]/√2·c_k: the K
                      farthest above its chord (Satopää et al. 2011)
    stability         the last K at which A's and B's topics, matched one to one, share at least
                      .9 as many of their ten words as at the best K
    eigengap          argmax_K of λ_{K+1} − λ_K, λ_1 ≤ λ_2 ≤ … the eigenvalues of I − D^-½ W D^-½,
                      W the graph of the heavy words and their ten nearest (von Luxburg 2007)
    modes             where words end that move again and again to the weighted mean of the heavy
                      words near them (mean shift: Fukunaga & Hostetler 1975)

The last two ask the words alone, and answer within the grid. A measured answer is no proof: on
planted topics and on subsets of newsgroups the median errs by the octaves that
benchmarks/topic_number.py prints.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.bow import BagOfWords
from tenor.evaluation.coherence import npmi
from tenor.explore.neighbours import best, unit_rows
from tenor.topics.finding import carried, find
from tenor.topics.space import SharedSpace, directions_from, shared_space
from tenor.topics.support import filled_by_content
from tenor.topics.topics import Topics

Floats = NDArray[np.float64]

GRID = (5, 7, 10, 14, 20, 28, 40, 56, 80, 110, 160)
FEWEST = 3  # grid points without which there is no curve to read
SAMPLE = 20_000  # documents looked at: a random sample of more
SHOWN = 10  # words of a topic
STABLE = 0.9  # of the best stability
WORDS, NEAREST = 1000, 10  # the heaviest words, and how many nearest ones a graph joins each to
FELT, MOVES, SAME = 40, 100, 0.95  # words that move one, how often at most, cosine of one place
DECIMALS = 9  # what differs beyond is rounding, and equal


@dataclass(frozen=True)
class Measured:
    """One K of the curve.

    Attributes:
        n: topics asked for.
        npmi: of one half's topics in the other half.
        cosine: of one half's documents with the other's nearest topic.
        stability: share of ten words that the topics of both halves have in common.
    """

    n: int
    npmi: float
    cosine: float
    stability: float


@dataclass(frozen=True)
class NumberOfTopics:
    """How many topics, and why.

    Attributes:
        n: their median in octaves; what the corpus carries where there is no estimate.
        estimates: the number by each estimator, or None where it has no answer.
        curve: what was measured at each K; empty where the corpus is too small for one.
        spread: octaves between the lowest and the highest estimate.
        n_documents: documents that were looked at.
    """

    n: int
    estimates: dict[str, int | None]
    curve: tuple[Measured, ...]
    spread: float
    n_documents: int

    def to_json(self) -> dict[str, Any]:
        """The number as plain JSON values."""
        return asdict(self) | {"curve": [asdict(point) for point in self.curve]}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> NumberOfTopics:
        """Out of what :meth:`to_json` gave."""
        return cls(**value | {"curve": tuple(Measured(**point) for point in value["curve"])})

    def __str__(self) -> str:
        if not self.curve:
            return f"{self.n} topics: what so few documents or words can carry"
        names = max(map(len, self.estimates))
        lines = [
            f"{self.n} topics: the median of five estimates, {self.spread:.1f} octaves apart",
            *(f"  {name:<{names}}  {found or '–'}" for name, found in self.estimates.items()),
            f"from two halves of {self.n_documents} documents",
            "  topics    NPMI  cosine  shared words",
            *(
                f"  {at.n:>6}  {at.npmi:>6.3f}  {at.cosine:>6.3f}  {at.stability:>12.0%}"
                for at in self.curve
            ),
        ]
        return "\n".join(lines)


def estimate_number(
    word_vectors: ArrayLike,
    vectors: ArrayLike,
    bag: BagOfWords,
    *,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> NumberOfTopics:
    """How many topics these documents hold, and what speaks for it.

    The documents are (D, K) posterior means with their counts, ``word_vectors`` the (V, K) rows of
    the decoder; of more than :data:`SAMPLE` documents a random sample is looked at.
    """
    latent = checks.matrix("vectors", vectors)
    checks.same_length("vectors", latent, len(bag))
    ordered = filled_by_content(latent, bag)
    shuffled = np.random.default_rng(seed).permutation(ordered)[:SAMPLE]
    space = shared_space(word_vectors, latent[shuffled], bag.take(shuffled))
    grid = [n for n in GRID if n <= carried(space, max(GRID))]
    if len(grid) < FEWEST:
        return NumberOfTopics(carried(space, max(GRID)), {}, (), 0.0, len(shuffled))
    halves = np.split(shuffled, [len(shuffled) // 2])
    bags = [bag.take(rows) for rows in halves]
    vectors_of = [latent[rows] for rows in halves]
    spaces = [shared_space(word_vectors, *half) for half in zip(vectors_of, bags, strict=True)]
    curve = []
    for done, n in enumerate(grid, start=1):
        found = [find(half, n) for half in spaces]
        words = [topics.word_ids(SHOWN) for topics in found]
        # Each half judges the topics of the other.
        coherence = [held_out_npmi(words[half], bags[1 - half]) for half in (0, 1)]
        cosine = [_held_out_cosine(found[half], vectors_of[1 - half]) for half in (0, 1)]
        curve.append(Measured(n, sum(coherence) / 2, sum(cosine) / 2, shared_words(*words)))
        if progress is not None:
            progress(done, len(grid))
    estimates = _estimates(curve, space)
    n, spread = middle_of([found for found in estimates.values() if found is not None])
    return NumberOfTopics(n, estimates, tuple(curve), spread, len(shuffled))


def held_out_npmi(words: list[list[int]], bag: BagOfWords) -> float:
    """Mean NPMI of topics in other documents; one of fewer than two words counts 0."""
    told = [own for own in words if len(own) > 1]
    return sum(npmi(told, bag, SHOWN).per_topic) / len(words) if told else 0.0


def _held_out_cosine(topics: Topics, vectors: checks.Floats) -> float:
    """mean_d max_k [d_d ; d_d]/√2·c_k of other documents, all of which have words."""
    directions = directions_from(topics.mean, vectors, np.zeros(len(vectors), dtype=np.bool_))
    return float(topics.cosines(directions).max(axis=1).mean())


def shared_words(one: list[list[int]], other: list[list[int]]) -> float:
    """The share of :data:`SHOWN` words in common, topics matched one to one for the most."""
    from scipy.optimize import linear_sum_assignment

    common = np.array([[len(set(a) & set(b)) for b in other] for a in one])
    matched = common[linear_sum_assignment(common, maximize=True)]
    return float(matched.sum() / (SHOWN * max(common.shape)))


def _estimates(curve: list[Measured], space: SharedSpace) -> dict[str, int | None]:
    fewest, most = curve[0].n, curve[-1].n
    order = best(space.weights, WORDS)
    heavy = order[space.weights[order] > 0]
    words, weights = space.words[heavy], space.weights[heavy]
    return {
        "held-out NPMI": max(curve, key=lambda at: round(at.npmi, DECIMALS)).n,
        "held-out cosine": knee([(at.n, at.cosine) for at in curve]),
        "stability": last_stable([(at.n, at.stability) for at in curve]),
        "eigengap": eigengap(words, fewest, most),
        "modes": min(max(modes(words, weights), fewest), most),
    }


def knee(curve: list[tuple[int, float]]) -> int | None:
    """The K farthest above the chord of (log K, value), both from 0 to 1; None if it never rises.

    Satopää et al. (2011).
    """
    number, value = (np.array(column, dtype=np.float64) for column in zip(*curve, strict=True))
    across = np.log(number / number[0]) / np.log(number[-1] / number[0])
    if value[-1] <= value[0]:
        return None
    above = (value - value[0]) / (value[-1] - value[0]) - across
    return int(number[int(np.argmax(np.round(above, DECIMALS)))])


def last_stable(curve: list[tuple[int, float]]) -> int | None:
    """The last K at :data:`STABLE` of the best stability; None where nothing ever comes back."""
    best = max(value for _, value in curve)
    return max(n for n, value in curve if value >= STABLE * best) if best > 0 else None


def eigengap(words: Floats, fewest: int, most: int) -> int | None:
    """The K from ``fewest`` to ``most`` with the largest λ_{K+1} − λ_K; None of too few words."""
    most = min(most, len(words) - 1)
    if most < fewest:
        return None
    gaps = np.diff(np.linalg.eigvalsh(_laplacian(words)))[fewest - 1 : most]
    return fewest + int(np.argmax(np.round(gaps, DECIMALS)))


def _laplacian(words: Floats) -> Floats:
    """(n, n) I − D^-½ W D^-½; W_ij the cosine, from 0, of words of which one is near the other."""
    similar = words @ words.T
    np.fill_diagonal(similar, -2.0)
    near = min(NEAREST, len(words) - 1)
    threshold = np.partition(similar, -near, axis=1)[:, -near, None]
    joined = (similar >= threshold) | (similar >= threshold.T)
    graph = np.maximum(np.where(joined, similar, 0.0), 0.0)
    degree = graph.sum(axis=1)
    scale = np.where(degree > 0, degree, 1.0) ** -0.5
    return np.eye(len(words)) - graph * scale * scale[:, None]


def modes(words: Floats, weights: Floats) -> int:
    """How many places words end at that move to the √w-weighted mean of the heavy words near them.

    Ends whose cosine is above :data:`SAME`, and such as are joined by others, are one place.
    Words are (n, M) rows of length one, weights above 0.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components

    near = min(FELT, len(words))
    ends = words
    for _ in range(MOVES):
        similar = ends @ words.T
        places = np.argpartition(-similar, near - 1, axis=1)[:, :near]
        pull = np.maximum(np.take_along_axis(similar, places, axis=1), 0.0)
        moved = unit_rows(np.einsum("vn,vnk->vk", pull * np.sqrt(weights[places]), words[places]))
        ends, before = moved, ends
        if np.abs(ends - before).max() < 1e-6:
            break
    return int(connected_components(csr_array(ends @ ends.T > SAME))[0])


def middle_of(estimates: list[int]) -> tuple[int, float]:
    """The median in octaves, rounded, and the octaves from the lowest to the highest."""
    octaves = np.log2(np.array(estimates, dtype=np.float64))
    return int(np.rint(2.0 ** np.median(octaves))), float(np.ptp(octaves))
