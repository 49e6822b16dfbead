"""Whether a document is like any topic at all.

    likeness_d = max_k [d_d ; d_d]/√2·c_k
    limit      = what nine of ten random directions stay below, with these centres

So a document is told apart from chance, not from other documents: no share of them is set aside
by rule. On nvdm-20news with 50 topics of an NVDM of four fifths of the training split, 14 % of
these documents and 11 % of the others are like no topic, and of documents of random words 34 to
78 %. With few topics in many dimensions more are like none.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tenor import checks
from tenor.explore.neighbours import unit_rows
from tenor.topics.space import directions_from
from tenor.topics.topics import BLOCK, Topics

DIRECTIONS = 1 << 14  # drawn, always the same ones
CHANCE = 0.9  # share of them below the limit


def likeness(
    topics: Topics, vectors: ArrayLike, wordless: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """(D,) how near each document comes to its nearest topic, from −1 to 1; 0 without words.

    Args:
        topics: found before.
        vectors: (D, K) posterior means.
        wordless: (D,) which documents have no word of the vocabulary.

    Raises:
        InputError: when the shapes do not fit.
    """
    latent = checks.matrix("vectors", vectors, len(topics.mean))
    checks.same_length("wordless", wordless, len(latent))
    found = np.zeros(len(latent), dtype=np.float32)
    for start in range(0, len(latent), BLOCK):
        rows = slice(start, start + BLOCK)
        directions = directions_from(topics.mean, latent[rows], wordless[rows])
        found[rows] = topics.cosines(directions).max(axis=1)
    return found


def chance_limit(topics: Topics) -> float:
    """The likeness below which a document is like no topic."""
    drawn = np.random.default_rng(0).standard_normal((DIRECTIONS, len(topics.mean)))
    return float(np.quantile(topics.cosines(unit_rows(drawn)).max(axis=1), CHANCE))
