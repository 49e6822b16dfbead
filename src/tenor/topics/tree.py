"""Topics of topics: some above that hold them together, and some below that they fall apart into.

Above: fewer topics, found directly in the same space (finding.py). A topic's parent is the one
that holds most of its mass, half of it words under w and half documents, each at its nearest in
both; a parent shows words of its children only, by its own score. Joining the topics themselves,
by Ward's or average linkage, makes worse parents (docs/decisions/0009-topics.md).

Below: k-medoids, then spherical k-means, over the words a topic owns, under w; a part without
enough words is given up, and its words go to the others. Among several topics parts are shared out
by the weight of their words (Sainte-Laguë's divisors). With θ_dm of a topic m and its parts'
centres c_j, part j has θ_dm softmax_j(κ [d_d ; d_d]/√2·c_j) of document d, so that sizes add up to
the topic's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.neighbours import best, spans, unit_rows
from tenor.legible import legible
from tenor.topics.finding import CANDIDATES, Hand, find, lloyd, medoids, nearest
from tenor.topics.naming import IN_A_NAME
from tenor.topics.space import SharedSpace
from tenor.topics.topics import BLOCK, KAPPA, Topics, folded

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Words = tuple[tuple[int, float], ...]

COARSE, MAIN, FINE = "coarse", "main", "fine"
SHOWN, SHOWN_FINE = 10, 5  # words
WORDS_A_PART = 2  # fewer say nothing
ROUNDS = 4  # of asking for more parts, since some topics fall into fewer than asked for


@dataclass(frozen=True)
class Node:
    """A topic at one level.

    Attributes:
        id: "c0", "c1", … coarse; a topic's own id, "7"; "7.0", "7.1", … its parts.
        level: "coarse", "main" or "fine".
        given_name: by a person, or None.
        size: the mean θ; those of the children add up to it.
        words: (word id, score), the best first.
        parent: id, or None at the top.
        children: ids, the largest first.
    """

    id: str
    level: str
    given_name: str | None
    size: float
    words: Words
    parent: str | None = None
    children: tuple[str, ...] = ()

    def name(self, vocabulary: Sequence[str]) -> str:
        """The name a person gave, or the first three words."""
        if self.given_name is not None:
            return self.given_name
        return " ".join(vocabulary[word] for word, _ in self.words[:IN_A_NAME]) or self.id


@dataclass(frozen=True)
class TopicTree:
    """Topics at up to three levels; :meth:`level` of one that makes no sense is empty.

    Attributes:
        nodes: by id; level after level from the top, the largest first among siblings.
    """

    nodes: dict[str, Node]

    def level(self, name: str) -> list[Node]:
        """The nodes of "coarse", "main" or "fine"."""
        return [node for node in self.nodes.values() if node.level == name]

    @property
    def levels(self) -> list[str]:
        """The levels there are, from the top."""
        return list(dict.fromkeys(node.level for node in self.nodes.values()))

    @property
    def roots(self) -> list[Node]:
        """The nodes without a parent."""
        return [node for node in self.nodes.values() if node.parent is None]

    def walk(self) -> Iterator[tuple[int, Node]]:
        """(depth, node) with each node before its children."""
        waiting = [(0, node) for node in reversed(self.roots)]
        while waiting:
            depth, node = waiting.pop()
            yield depth, node
            waiting += [(depth + 1, self.nodes[child]) for child in reversed(node.children)]

    def text(self, vocabulary: Sequence[str]) -> str:
        """A line a topic, those within it below it."""
        lines = []
        for depth, node in self.walk():
            words = " ".join(vocabulary[word] for word, _ in node.words)
            given = f"{legible(node.given_name)}: " if node.given_name is not None else ""
            lines.append(f"{'    ' * depth}{node.id:<5} {node.size:6.1%}  {given}{words}")
        return "\n".join(lines)

    def to_json(self, vocabulary: Sequence[str]) -> dict[str, Any]:
        """The tree as plain JSON values: the ids of each level, and the nodes from the top."""
        return {
            "levels": {level: [node.id for node in self.level(level)] for level in self.levels},
            "topics": [
                {
                    "id": node.id,
                    "level": node.level,
                    "name": node.name(vocabulary),
                    "size": node.size,
                    "words": [
                        {"word": vocabulary[word], "weight": score} for word, score in node.words
                    ],
                    "parent": node.parent,
                    "children": list(node.children),
                }
                for node in self.nodes.values()
            ],
        }


def tree(
    topics: Topics, space: SharedSpace, coarse: int | None = 10, fine: int | None = 200
) -> TopicTree:
    """The topics with some above and some below them.

    A level falls away where it makes no sense: parents that are not fewer than the topics, or only
    one; parts that are not more than the topics. Parts may be fewer than asked for: each has five
    words. None for ``coarse`` or ``fine`` leaves the level out.
    """
    if space.words.shape != topics.words.shape:
        raise InputError(
            f"these topics were found over {topics.words.shape[0]} words in"
            f" {topics.words.shape[1]} dimensions, not {space.words.shape[0]} in"
            f" {space.words.shape[1]}; take the tree in the space they were found in"
        )
    owners = owned(topics)
    told = zip(topics.ids, topics.names, topics.topic_sizes, topics.top_words(SHOWN), strict=True)
    nodes = [
        Node(str(topic), MAIN, name, float(size), tuple(words)) for topic, name, size, words in told
    ]
    above = _above(topics, space, owners, coarse, nodes)
    below = _below(topics, space, owners, fine, nodes)
    nodes = [*above, *sorted(nodes, key=lambda node: -node.size), *below]
    children: dict[str | None, list[str]] = {}
    for node in nodes:
        children.setdefault(node.parent, []).append(node.id)
    own = {node.id: tuple(children.get(node.id, ())) for node in nodes}
    return TopicTree({node.id: replace(node, children=own[node.id]) for node in nodes})


def owned(topics: Topics) -> NDArray[np.int64]:
    """(V,) the place of the topic each word belongs to; −1 for words that none may show."""
    return np.where(topics.allowed, np.argmax(topics.scores(), axis=0), -1)


def split_centres(topics: Topics, place: int, n: int) -> NDArray[np.float32]:
    """(n, 2K) centres of length one that a topic falls apart into: by its words, no documents."""
    n = checks.whole("n", n)
    if not 0 <= place < len(topics):
        raise InputError(f"there is no topic at {place}: they stand at 0 to {len(topics) - 1}")
    words = np.flatnonzero(owned(topics) == place)
    centres = _centres_of_parts(topics, words, n, WORDS_A_PART)
    if len(centres) < n:
        raise InputError(
            f"topic {topics.ids[place]} has too few words that differ to make {n} of it"
            f" ({len(centres)} came out); ask for fewer"
        )
    return centres.astype(np.float32)


def _above(
    topics: Topics,
    space: SharedSpace,
    owners: NDArray[np.int64],
    coarse: int | None,
    nodes: list[Node],
) -> list[Node]:
    """The parents, the largest first; ``nodes`` learn theirs."""
    if coarse is None or checks.whole("coarse", coarse) >= len(topics):
        return []
    found = find(space, coarse, Hand(excluded=np.flatnonzero(~topics.allowed).tolist()))
    parents = np.argmax(_shared_mass(topics, found, space, owners), axis=1)
    used = np.unique(parents)
    if not 2 <= len(used) < len(topics):
        return []
    sizes = np.bincount(parents, topics.topic_sizes, minlength=len(found))
    used = used[np.argsort(-sizes[used], kind="stable")]
    scores = found.scores()
    of_word = np.where(owners >= 0, parents[owners], -1)
    made = []
    for number, place in enumerate(used):
        words = _best_words(np.where(of_word == place, scores[place], -np.inf), SHOWN)
        made.append(Node(f"c{number}", COARSE, None, float(sizes[place]), words))
        for child in np.flatnonzero(parents == place):
            nodes[child] = replace(nodes[child], parent=f"c{number}")
    return made


def _shared_mass(
    topics: Topics, coarse: Topics, space: SharedSpace, owners: NDArray[np.int64]
) -> Floats:
    """(T, n) the mass that a topic has in common with each coarse one."""
    shape = len(topics), len(coarse)
    above = owned(coarse)
    kept = (owners >= 0) & (above >= 0)
    both = above[kept] + len(coarse) * owners[kept]
    words = np.bincount(both, space.weights[kept], minlength=shape[0] * shape[1])
    documents = np.zeros(shape[0] * shape[1])
    for start, stop in spans(len(space.documents), BLOCK):
        own, up = (
            level.owner[np.argmax(level.cosines(space.documents[start:stop]), axis=1)]
            for level in (topics, coarse)
        )
        times = space.multiplicity[start:stop]
        documents += np.bincount(up + len(coarse) * own, times, minlength=len(documents))
    mass = words / max(words.sum(), 1e-300) + documents / documents.sum()
    return np.asarray(mass.reshape(shape))


def _below(
    topics: Topics,
    space: SharedSpace,
    owners: NDArray[np.int64],
    fine: int | None,
    nodes: list[Node],
) -> list[Node]:
    """The parts of all topics, topic by topic, the largest first."""
    if fine is None or checks.whole("fine", fine) <= len(topics):
        return []
    words = [np.flatnonzero(owners == place) for place in range(len(topics))]
    centres = _centres_of_all(topics, words, fine)
    if sum(max(1, len(own)) for own in centres) <= len(topics):
        return []
    sizes = _sizes_of_parts(topics, space, centres)
    made = []
    for place, node in enumerate(nodes):
        shown = [node.words[:SHOWN_FINE]]  # of a topic that stays whole
        if len(centres[place]) > 1:
            shown = _words_of_parts(topics, words[place], centres[place])
        for number, part in enumerate(np.argsort(-sizes[place], kind="stable")):
            size = float(sizes[place][part])
            made.append(Node(f"{node.id}.{number}", FINE, None, size, shown[part], node.id))
    return made


def _centres_of_parts(topics: Topics, words: Places, n: int, least: int) -> Floats:
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


def _centres_of_all(topics: Topics, words: list[Places], n: int) -> list[Floats]:
    """The centres of each topic's parts, about ``n`` in all; none or one where it stays whole."""
    mass = np.array([topics.word_weights[own].sum() for own in words], dtype=np.float64)
    most = np.array([max(1, len(own) // SHOWN_FINE) for own in words])
    wanted, centres, asked = n, [np.zeros((0, 0))] * len(words), np.zeros(len(words), dtype=int)
    for _ in range(ROUNDS):
        before, asked = asked, shared_out(mass, wanted, most)
        for place in np.flatnonzero(asked != before):
            own = words[place]
            centres[place] = _centres_of_parts(topics, own, int(asked[place]), SHOWN_FINE)
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


def _best_words(scores: Floats, n: int) -> Words:
    """The ``n`` words with the highest scores as (id, score), −∞ never."""
    return tuple((int(word), float(scores[word])) for word in best(scores, n))


def _words_of_parts(topics: Topics, words: Places, centres: Floats) -> list[Words]:
    """For each part the words it shows as (id, score), the best first."""
    scores = topics.words[words].astype(np.float64) @ centres.T
    owners = np.argmax(scores, axis=1)
    scores += topics.rarity[words, None]
    shown = []
    for part in range(len(centres)):
        row = np.full(len(topics.words), -np.inf)
        row[words[owners == part]] = scores[owners == part, part]
        shown.append(_best_words(row, SHOWN_FINE))
    return shown


def _sizes_of_parts(topics: Topics, space: SharedSpace, centres: list[Floats]) -> list[Floats]:
    """For each topic the sizes of its parts, at least one, which add up to its own."""
    half = space.documents.shape[1]
    found = [np.full(max(1, len(own)), 1e-300) for own in centres]
    for start, stop in spans(len(space.documents), BLOCK):
        directions, times = space.documents[start:stop], space.multiplicity[start:stop, None]
        weights = topics.weights_of_directions(directions) * times
        for place, own in enumerate(centres):
            if len(own) > 1:
                logits = KAPPA * directions @ folded(own, half).T
                shares = np.exp(logits - logits.max(axis=1, keepdims=True))
                shares /= shares.sum(axis=1, keepdims=True)
                found[place] += weights[:, topics.owner == place].sum(axis=1) @ shares
    sizes = topics.topic_sizes
    return [size * own / own.sum() for size, own in zip(sizes, found, strict=True)]
