"""Topics of topics: some above that hold them together, and some below that they fall apart into.

Above: fewer topics, found directly in the same space (finding.py). A topic's parent is the one
that holds most of its mass, half of it words under w and half documents, each at its nearest in
both; a parent shows words of its children only, by its own score. Joining the topics themselves,
by Ward's or average linkage, makes worse parents (docs/decisions/0009-topics.md). Below: parts.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tenor import checks
from tenor.errors import InputError
from tenor.explore.neighbours import best
from tenor.topics.finding import Hand, find
from tenor.topics.naming import IN_A_NAME
from tenor.topics.parts import (
    Words,
    blocks,
    centres_of_all,
    centres_of_parts,
    owned,
    sizes_of_parts,
    words_of_parts,
)
from tenor.topics.space import SharedSpace
from tenor.topics.topics import Topics

Floats = NDArray[np.float64]

COARSE, MAIN, FINE = "coarse", "main", "fine"
SHOWN, SHOWN_FINE = 10, 5  # words
WORDS_A_PART = 2  # fewer say nothing


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
    parent: str | None
    children: tuple[str, ...]

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
            given = f"{node.given_name}: " if node.given_name is not None else ""
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
    words.

    Args:
        topics: T, perhaps edited.
        space: what they were found in.
        coarse: topics above; None for none.
        fine: parts below in all; None for none.

    Raises:
        InputError: when the space has other words than the topics, or a number is below 1.
    """
    if space.words.shape != topics.words.shape:
        raise InputError(
            f"these topics were found over {topics.words.shape[0]} words in"
            f" {topics.words.shape[1]} dimensions, not {space.words.shape[0]} in"
            f" {space.words.shape[1]}; take the tree in the space they were found in"
        )
    owners = owned(topics)
    sizes = topics.topic_sizes
    nodes = [
        Node(
            str(topics.ids[place]),
            MAIN,
            topics.names[place],
            float(sizes[place]),
            tuple(words),
            None,
            (),
        )
        for place, words in enumerate(topics.top_words(SHOWN))
    ]
    above = _above(topics, space, owners, coarse, nodes)
    below = _below(topics, space, owners, fine, nodes)
    return TopicTree(_bound([*above, *_by_size(nodes), *below]))


def split_centres(topics: Topics, place: int, n: int) -> NDArray[np.float32]:
    """(n, 2K) centres of length one that a topic falls apart into: by its words, no documents.

    k-medoids, then spherical k-means, over the words whose best topic it is, under w.

    Args:
        topics: found before, perhaps edited.
        place: where the topic stands, from 0 to T − 1.
        n: parts.

    Raises:
        InputError: for n < 1, no such place, or a topic with too few words that differ.
    """
    n = checks.whole("n", n)
    if not 0 <= place < len(topics):
        raise InputError(f"there is no topic at {place}: they stand at 0 to {len(topics) - 1}")
    words = np.flatnonzero(owned(topics) == place)
    centres = centres_of_parts(topics, words, n, WORDS_A_PART)
    if len(centres) < n:
        raise InputError(
            f"topic {topics.ids[place]} has too few words that differ to make {n} of it"
            f" ({len(centres)} came out); ask for fewer"
        )
    return centres.astype(np.float32)


def _bound(nodes: list[Node]) -> dict[str, Node]:
    """By id, each node with its children."""
    children: dict[str, list[str]] = {node.id: [] for node in nodes}
    for node in nodes:
        if node.parent is not None:
            children[node.parent].append(node.id)
    return {node.id: replace(node, children=tuple(children[node.id])) for node in nodes}


def _by_size(nodes: list[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: -node.size)


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
        row = np.where(of_word == place, scores[place], -np.inf)
        words = tuple((int(word), float(row[word])) for word in best(row, SHOWN))
        made.append(Node(f"c{number}", COARSE, None, float(sizes[place]), words, None, ()))
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
    for rows in blocks(len(space.documents)):
        directions = space.documents[rows]
        pairs = _nearest_topic(coarse, directions) + len(coarse) * _nearest_topic(
            topics, directions
        )
        documents += np.bincount(pairs, space.multiplicity[rows], minlength=len(documents))
    mass = words / max(words.sum(), 1e-300) + documents / documents.sum()
    return np.asarray(mass.reshape(shape))


def _nearest_topic(topics: Topics, directions: Floats) -> NDArray[np.int64]:
    """(D,) the place of the topic with the nearest centre."""
    return np.asarray(topics.owner[np.argmax(topics.cosines(directions), axis=1)])


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
    centres = centres_of_all(topics, words, fine, SHOWN_FINE)
    if sum(max(1, len(own)) for own in centres) <= len(topics):
        return []
    sizes = sizes_of_parts(topics, space, centres)
    made = []
    for place, node in enumerate(nodes):
        shown = [node.words[:SHOWN_FINE]]  # of a topic that stays whole
        if len(centres[place]) > 1:
            shown = words_of_parts(topics, words[place], centres[place], SHOWN_FINE)
        for number, part in enumerate(np.argsort(-sizes[place], kind="stable")):
            size = float(sizes[place][part])
            made.append(Node(f"{node.id}.{number}", FINE, None, size, shown[part], node.id, ()))
    return made
