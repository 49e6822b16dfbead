"""Topics as a person and a program use them: their words, what a document has of them, p(w|k).

With c_k the centres of finding.py and the notation of space.py:

    score(k, v) = c_k·u_v + α (log f_v − mean log f),  α = min(.3, .03 + 1.7 / typical length)
    a word is its best topic's alone; the highest scores are shown
    θ_d = softmax_k(κ [d_d ; d_d]/√2·c_k),  κ = 6        what document d has of each topic
    β_kv ∝ f_v exp(s c_k·u_v),  s = 4.2                  for tools that want p(w|k)
    size_k = mean_d θ_dk
    likeness_d = max_k [d_d ; d_d]/√2·c_k                whether a document is like any topic at all
    limit      = what nine of ten random directions stay below, with these centres

α: where documents are short, words that are rare say little together. κ and s are those of the
first trial, where s was by maximum likelihood of the mixture Σ_k θ_k β_k and κ a little below it;
they were not fitted anew here. As a likelihood the model's own p(x) is far better, and is reported.

By its likeness a document is told apart from chance, not from other documents: no share of them is
set aside by rule. On nvdm-20news with 50 topics of an NVDM of four fifths of the training split,
14 % of these documents and 11 % of the others are like no topic, and of documents of random words
34 to 78 %. With few topics in many dimensions more are like none.

A topic may have several centres: one that was merged from others keeps theirs. Its θ is the sum
over them, its score the best of them, its β their mean by size.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.neighbours import best, spans, unit_rows
from tenor.topics.space import SharedSpace, directions_from

Floats = NDArray[np.float64]

KAPPA, SHARPNESS = 6.0, 4.2
DIRECTIONS = 1 << 14  # drawn, always the same ones
CHANCE = 0.9  # share of them below the limit
BLOCK = 1 << 14  # documents at a time


@dataclass(frozen=True, eq=False)
class Topics:
    """T topics over V words; the ids stay what they are whatever happens to the others.

    Attributes:
        words: (V, 2K) float32 u_v.
        word_weights: (V,) float32 w_v.
        frequency: (V,) f_v in the documents they were found in.
        allowed: (V,) whether a topic may show the word.
        mean: (K,) float32 mean ẑ.
        rarity: (V,) α (log f_v − mean log f).
        centres: (C, 2K) float32, C ≥ T.
        owner: (C,) the place, from 0 to T − 1, of the topic that a centre belongs to.
        held: (V,) the place of the topic that a word was given to by hand; −1 for none. It is no
            other topic's, and shown before the words that are not held.
        ids: T numbers.
        names: T names that a person gave, or None.
        sizes: (C,) the mean θ of each centre.
    """

    words: NDArray[np.float32]
    word_weights: NDArray[np.float32]
    frequency: Floats
    allowed: NDArray[np.bool_]
    mean: NDArray[np.float32]
    rarity: Floats
    centres: NDArray[np.float32]
    owner: NDArray[np.int64]
    held: NDArray[np.int64]
    ids: tuple[int, ...]
    names: tuple[str | None, ...]
    sizes: Floats

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def topic_sizes(self) -> Floats:
        """(T,) the mean θ of each topic; they add up to one."""
        return np.bincount(self.owner, self.sizes, minlength=len(self)).astype(np.float64)

    def differs_in_names_only(self, other: Topics) -> bool:
        """Whether the other ones are these very topics, perhaps under other names."""
        apart = ("names", "ids")
        same = all(
            getattr(self, f.name) is getattr(other, f.name)
            for f in fields(self)
            if f.name not in apart
        )
        return same and self.ids == other.ids

    def digest(self) -> str:
        """SHA-256 of all that makes a document's weights."""
        digest = hashlib.sha256(repr((self.ids, KAPPA)).encode())
        for values in (self.mean, self.centres, self.owner):
            digest.update(np.ascontiguousarray(values).data)
        return digest.hexdigest()

    def place(self, topic: int) -> int:
        """Where the topic with this id stands; refuses one that is not there."""
        if not checks.is_whole(topic) or topic not in self.ids:
            raise InputError(f"there is no topic {topic}; the topics are {_listed(self.ids)}")
        return self.ids.index(topic)

    def scores(self) -> Floats:
        """(T, V) score(k, v); −∞ for words that no topic may show, or another one holds."""
        similar = self.words.astype(np.float64) @ self.centres.astype(np.float64).T
        found = np.full((len(self), len(self.words)), -np.inf)
        for centre, place in enumerate(self.owner):
            np.maximum(found[place], similar[:, centre], out=found[place])
        found = np.where(self.allowed, found + self.rarity, -np.inf)
        held = np.flatnonzero(self.held >= 0)
        own = found[self.held[held], held]
        found[:, held] = -np.inf
        found[self.held[held], held] = own
        return found

    def top_words(self, n: int = 10) -> list[list[tuple[int, float]]]:
        """For each topic the ``n`` words it shows as (id, score), the best first; fewer if few."""
        scores = self.scores()
        owners = np.argmax(scores, axis=0)
        shown = []
        for place, row in enumerate(scores):
            own = np.where((owners == place) & np.isfinite(row), row, -np.inf)
            first = best(np.where(self.held == place, own, -np.inf), n)
            then = best(np.where(self.held == place, -np.inf, own), n)
            words = np.concatenate([first, then])[:n]
            shown.append([(int(word), float(row[word])) for word in words])
        return shown

    def word_ids(self, n: int) -> list[list[int]]:
        """For each topic the ids of the ``n`` words it shows, the best first."""
        return [[word for word, _ in shown] for shown in self.top_words(n)]

    def weights(self, vectors: ArrayLike, wordless: NDArray[np.bool_]) -> NDArray[np.float32]:
        """(D, T) θ of documents by their posterior means (D, K); rows add up to one.

        Those of ``wordless`` documents, (D,), are zero.
        """
        latent = checks.matrix("vectors", vectors, len(self.mean))
        found = np.zeros((len(latent), len(self)), dtype=np.float32)
        for start, stop in spans(len(latent), BLOCK):
            directions = directions_from(self.mean, latent[start:stop], wordless[start:stop])
            found[start:stop] = self._summed(self.weights_of_directions(directions))
        found[wordless] = 0.0
        return found

    def weights_of_directions(self, directions: Floats) -> Floats:
        """(D, C) θ of each centre; a direction of zeros, which is nowhere, has as much of each."""
        logits = KAPPA * self.cosines(directions)
        logits -= logits.max(axis=1, keepdims=True)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=1, keepdims=True)
        return logits

    def cosines(self, directions: Floats) -> Floats:
        """(D, C) [d ; d]/√2·c of document directions and centres."""
        centres = folded(self.centres.astype(np.float64), directions.shape[1])
        return np.asarray(directions @ centres.T)

    def word_distributions(self) -> NDArray[np.float32]:
        """(T, V) float32 β; rows add up to one."""
        similar = self.centres.astype(np.float64) @ self.words.astype(np.float64).T
        density = np.exp(SHARPNESS * similar) * self.frequency
        density /= density.sum(axis=1, keepdims=True)
        found = np.zeros((len(self), density.shape[1]))
        for centre, place in enumerate(self.owner):
            found[place] += max(self.sizes[centre], 1e-12) * density[centre]
        return np.asarray(found / found.sum(axis=1, keepdims=True), dtype=np.float32)

    def _summed(self, weights: Floats) -> Floats:
        """(D, T) the sums over each topic's centres of (D, C)."""
        if len(self) == len(self.centres):
            return weights[:, np.argsort(self.owner)]
        found = np.zeros((len(weights), len(self)))
        for centre, place in enumerate(self.owner):
            found[:, place] += weights[:, centre]
        return found


def folded(centres: Floats, half: int) -> Floats:
    """(k, K) what a document's own direction d is multiplied with: (c_R + c_M) / √2."""
    both: Floats = (centres[:, :half] + centres[:, half:]) * np.sqrt(0.5)
    return both


def score_offset(space: SharedSpace) -> Floats:
    """(V,) α (log f_v − mean log f) over the words that occur; 0 for the others."""
    alpha = min(0.3, 0.03 + 1.7 / max(space.typical_length, 1.0))
    occurring = space.frequency > 0
    logs = np.log(np.where(occurring, space.frequency, 1.0))
    return np.where(occurring, alpha * (logs - logs[occurring].mean()), 0.0)


def in_order(topics: Topics) -> Topics:
    """The topics numbered anew, the largest first."""
    order = np.argsort(-topics.topic_sizes, kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    held = np.where(topics.held >= 0, place[topics.held], -1)
    by_place = np.argsort(place[topics.owner], kind="stable")
    return replace(
        topics,
        centres=topics.centres[by_place],
        owner=place[topics.owner][by_place],
        sizes=topics.sizes[by_place],
        held=held,
        ids=tuple(range(len(order))),
        names=tuple(topics.names[old] for old in order),
    )


def _listed(ids: tuple[int, ...]) -> str:
    return f"{ids[0]} to {ids[-1]}" if ids == tuple(range(len(ids))) else ", ".join(map(str, ids))


def likeness(
    topics: Topics, vectors: ArrayLike, wordless: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """(D,) how near each document comes to its nearest topic, from −1 to 1; 0 without words.

    Arguments as for :meth:`Topics.weights`.
    """
    latent = checks.matrix("vectors", vectors, len(topics.mean))
    checks.same_length("wordless", wordless, len(latent))
    found = np.zeros(len(latent), dtype=np.float32)
    for start, stop in spans(len(latent), BLOCK):
        directions = directions_from(topics.mean, latent[start:stop], wordless[start:stop])
        found[start:stop] = topics.cosines(directions).max(axis=1)
    return found


def chance_limit(topics: Topics) -> float:
    """The likeness below which a document is like no topic."""
    drawn = np.random.default_rng(0).standard_normal((DIRECTIONS, len(topics.mean)))
    return float(np.quantile(topics.cosines(unit_rows(drawn)).max(axis=1), CHANCE))


def measured(topics: Topics, documents: NDArray[np.float64]) -> Topics:
    """The topics with their sizes, the mean θ, taken anew.

    ``documents`` are (D, K) d_d; a row of zeros, of one without words, does not count.
    """
    times = np.asarray(documents.any(axis=1), dtype=np.float64)
    if not times.any():
        raise InputError("no document has a word of the vocabulary; topics have no size")
    sums = np.zeros(len(topics.centres))
    for start, stop in spans(len(documents), BLOCK):
        sums += topics.weights_of_directions(documents[start:stop]).T @ times[start:stop]
    return replace(topics, sizes=sums / times.sum())
